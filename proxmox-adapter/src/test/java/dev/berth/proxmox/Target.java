package dev.berth.proxmox;

import dev.berth.testkit.proxmox.FakeProxmox;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Where integration tests run: a fake cluster, or the real one that the environment names. */
interface Target extends AutoCloseable {
    ProxmoxRuntime runtime();

    /** Another client, which the target closes. */
    ProxmoxRuntime another();

    /** A container that runs until it is stopped. */
    GuestSpec spec();

    /** A container that the cluster takes for made and then fails to make. */
    GuestSpec rejected();

    /** The first of some ids in a row that no guest has. */
    int ids(int count);

    /** Makes and starts a container past the library. */
    String stranger(int number, String name);

    /** Makes and starts a machine past the library. */
    String machine(int number, String name);

    /** Somebody who is no client of the library. */
    Hands person();

    @Override
    void close();

    /** All kinds. */
    enum Kind {
        FAKE,
        /** A fake cluster that is named as a real one would be: so the way to that is walked, too. */
        STAND_IN,
        SERVER;

        Target open() {
            return switch (this) {
                case FAKE -> new Fake();
                case STAND_IN -> new StandIn();
                case SERVER -> new Server();
            };
        }
    }

    /** A fake cluster. */
    final class Fake implements Target {
        final FakeProxmox lab = Labs.three();
        private final List<ProxmoxRuntime> clients = new ArrayList<>();
        private final AtomicInteger next = new AtomicInteger(1_000);
        private final ProxmoxRuntime runtime = another();

        @Override
        public ProxmoxRuntime runtime() {
            return runtime;
        }

        @Override
        public ProxmoxRuntime another() {
            ProxmoxRuntime client = Labs.to(lab).build();
            clients.add(client);
            return client;
        }

        @Override
        public GuestSpec spec() {
            return Labs.container(lab);
        }

        @Override
        public GuestSpec rejected() {
            return GuestSpec.container("pve1", "local:vztmpl/there-is-none.tar.zst")
                    .with("unprivileged", "1");
        }

        @Override
        public int ids(int count) {
            return next.getAndAdd(count);
        }

        @Override
        public String stranger(int number, String name) {
            lab.addContainer(number, "pve2").named(name).running();
            return GuestRef.of(GuestType.LXC, number).id();
        }

        @Override
        public String machine(int number, String name) {
            lab.addMachine(number, "pve2").named(name).running();
            return GuestRef.of(GuestType.QEMU, number).id();
        }

        @Override
        public Hands person() {
            return new Hands() {
                @Override
                public void tag(int number, String tags) {
                    lab.guest(number).tagged(tags);
                }

                @Override
                public String tags(int number) {
                    return lab.guest(number).config().getOrDefault("tags", "");
                }

                @Override
                public void name(int number, String name) {
                    lab.guest(number).named(name);
                }

                @Override
                public void protect(int number) {
                    lab.guest(number).protectedFromRemoval();
                }

                @Override
                public void unprotect(int number) {
                    lab.guest(number).without("protection");
                }

                @Override
                public void stop(int number) {
                    lab.guest(number).stopped();
                }

                @Override
                public void destroy(int number) {
                    lab.guest(number).vanishes();
                }
            };
        }

        @Override
        public void close() {
            clients.forEach(ProxmoxRuntime::close);
            lab.close();
        }
    }
}
