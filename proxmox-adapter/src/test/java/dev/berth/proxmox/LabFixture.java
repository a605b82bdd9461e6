package dev.berth.proxmox;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Publication;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeFixture;
import dev.berth.testkit.proxmox.FakeNode;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A fake cluster of its own for each law of a runtime, so that they may be looked at beside one another. */
final class LabFixture implements RuntimeFixture<GuestSpec> {
    /** Says that a guest ends as soon as it is started. */
    private static final String EXITS = "exits";

    private final GuestType type;
    private final FakeProxmox lab = Labs.three();
    private final List<ContainerRuntime<GuestSpec>> clients = new ArrayList<>();
    private final ContainerRuntime<GuestSpec> runtime;
    private final AtomicInteger numbers = new AtomicInteger(1_000);

    LabFixture(GuestType type) {
        this.type = type;
        runtime = another();
    }

    @Override
    public ContainerRuntime<GuestSpec> runtime() {
        return runtime;
    }

    @Override
    public ContainerRuntime<GuestSpec> another() {
        var client = new Exiting(Labs.to(lab).build());
        clients.add(client);
        return client;
    }

    /** Ends what is to end by itself, as the guest's own first process would. */
    private final class Exiting extends ForwardingRuntime<GuestSpec> {
        Exiting(ContainerRuntime<GuestSpec> next) {
            super(next);
        }

        @Override
        public void start(String instance) throws Exception {
            super.start(instance);
            GuestRef.parse(instance)
                    .map(ref -> lab.guest(ref.number()))
                    .filter(guest -> guest.config().getOrDefault("tags", "").contains(EXITS))
                    .ifPresent(guest -> guest.stopped());
        }
    }

    @Override
    public String name(String suggestion) {
        return Integer.toString(numbers.incrementAndGet());
    }

    @Override
    public GuestSpec running() {
        return type == GuestType.LXC
                ? Labs.container(lab)
                : GuestSpec.machine("pve1").with("memory", "64");
    }

    @Override
    public GuestSpec exiting() {
        return running().tag(EXITS);
    }

    @Override
    public GuestSpec rejected() {
        return type == GuestType.LXC
                ? GuestSpec.container("pve1", "local:vztmpl/none.tar.zst").with("unprivileged", "1")
                : running().with("nosuch", "1");
    }

    @Override
    public String stranger(String name, List<Publication> publications) {
        int number = Integer.parseInt(name);
        if (type == GuestType.LXC) {
            lab.addContainer(number, "pve2").running();
        } else {
            lab.addMachine(number, "pve2").running();
        }
        return GuestRef.of(type, number).id();
    }

    /** By a mark that lists tell of, too. */
    @Override
    public Optional<AutoCloseable> guard(String id) {
        int number = GuestRef.parse(id).orElseThrow().number();
        lab.guest(number).template();
        return Optional.of(() -> lab.guest(number).without("template"));
    }

    @Override
    public Optional<Road> road() {
        return Optional.of(new Road() {
            private int reached;

            @Override
            public void cut() {
                lab.nodes().forEach(FakeNode::proxyGoesDown);
            }

            @Override
            public void block() {
                lab.every("*", "*").comesAfter(Duration.ofHours(1));
                reached = lab.requests().size();
            }

            @Override
            public boolean isWaiting() {
                int now = lab.requests().size();
                boolean more = now > reached;
                reached = now;
                return more;
            }

            @Override
            public void mend() {
                lab.answersAsUsual();
                lab.nodes().forEach(FakeNode::proxyRecovers);
            }
        });
    }

    @Override
    public boolean publishesPorts() {
        return false;
    }

    @Override
    public void close() {
        clients.forEach(ContainerRuntime::close);
        lab.close();
    }
}
