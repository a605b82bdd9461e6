package dev.berth.proxmox;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Publication;
import dev.berth.testkit.RuntimeFixture;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A real server, or what stands in for one, for the laws of a runtime. */
final class ServerFixture implements RuntimeFixture<GuestSpec> {
    private final GuestType type;
    private final Server server;

    ServerFixture(GuestType type, Server server) {
        this.type = type;
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
        return server.spec(type);
    }

    @Override
    public GuestSpec exiting() {
        Assumptions.abort("skipped: which template ends by itself is not known");
        return running();
    }

    @Override
    public GuestSpec rejected() {
        return server.rejected(type);
    }

    @Override
    public String stranger(String name, List<Publication> publications) {
        return server.stranger(type, Integer.parseInt(name), "stranger-" + name);
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
