package dev.berth.proxmox;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Publication;
import dev.berth.testkit.ContainerRuntimeContract;
import dev.berth.testkit.RuntimeFixture;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The laws of a runtime on containers of a real server, where the environment names one. */
class ContainersOnServerTest extends ContainerRuntimeContract<GuestSpec> {
    @Override
    protected RuntimeFixture<GuestSpec> open() {
        return new ServerFixture(new Server());
    }

    private static final class ServerFixture implements RuntimeFixture<GuestSpec> {
        private final Server server;

        ServerFixture(Server server) {
            this.server = server;
        }

        @Override
        public ContainerRuntime<GuestSpec> runtime() {
            return server.runtime();
        }

        @Override
        public ContainerRuntime<GuestSpec> another() {
            return server.another();
        }

        @Override
        public String name(String suggestion) {
            return Integer.toString(server.ids(1));
        }

        @Override
        public GuestSpec running() {
            return server.spec();
        }

        @Override
        public GuestSpec exiting() {
            Assumptions.abort("skipped: which template ends by itself is not known");
            return running();
        }

        @Override
        public GuestSpec rejected() {
            return server.rejected();
        }

        @Override
        public String stranger(String name, List<Publication> publications) {
            return server.stranger(Integer.parseInt(name), "stranger-" + name);
        }

        @Override
        public boolean publishesPorts() {
            return false;
        }

        @Override
        public Duration patience() {
            return Duration.ofMinutes(2);
        }

        @Override
        public int rounds() {
            return 2;
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
