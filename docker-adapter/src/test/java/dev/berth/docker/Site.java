package dev.berth.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.DockerException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Grant;
import dev.berth.runtime.Instance;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Assumptions;

/** A ledger and an engine that is real: what a host that provisions has. Ends with everything it has made. */
final class Site implements AutoCloseable {
    final Engine engine;
    final UUID id;
    final String prefix;
    final ResourceLedger ledger;
    final DockerRuntime runtime;
    private final List<Runnable> closing = new ArrayList<>();
    private final List<String> strangers = new ArrayList<>();

    /** With a ledger in memory. */
    Site(Engine engine) {
        this(engine, new MemoryLedgerStore(Clock.systemUTC(), UUID.randomUUID()));
    }

    /** With the ledger that a store has, which stays the caller's to close. */
    Site(Engine engine, LedgerStore store) {
        this.engine = engine.orSkip();
        this.id = store.identity().ledger();
        this.prefix = "berth-test-" + id.toString().substring(0, 8);
        this.ledger = ResourceLedger.on(store);
        this.runtime = DockerFixture.open(engine.uri());
    }

    Owner owner(String name) {
        return Owner.of("lab", prefix + "-" + name);
    }

    /** A client of its own on the same engine. */
    DockerRuntime another() {
        DockerRuntime client = DockerFixture.open(engine.uri());
        closing.add(client::close);
        return client;
    }

    Provisioner<CreateContainerCmd> closing(Provisioner<CreateContainerCmd> provisioner) {
        closing.add(provisioner::close);
        return provisioner;
    }

    Provisioner.Builder<CreateContainerCmd> builder() {
        return builder(runtime);
    }

    Provisioner.Builder<CreateContainerCmd> builder(ContainerRuntime<CreateContainerCmd> client) {
        return Provisioner.of(ledger, client);
    }

    Provisioner<CreateContainerCmd> provisioner() {
        return closing(builder().build());
    }

    /** Ports that nobody listens on now, in a row, below the kernel's ephemeral ones. */
    PortPool pool(int size) throws IOException {
        for (int first = 20_000 + (int) (id.getLeastSignificantBits() & 0xfff); ; first += size) {
            if (isFree(first, size)) {
                return PortPool.named("http")
                        .onHost(runtime.scope())
                        .range(first, first + size - 1)
                        .build();
            }
        }
    }

    /** Whether nobody listens on any of so many ports in a row. */
    static boolean isFree(int first, int size) {
        for (int port = first; port < first + size; port++) {
            try (var socket = new ServerSocket(port, 1, InetAddress.getByName("::"))) {
                socket.getLocalPort();
            } catch (IOException taken) {
                return false;
            }
        }
        return true;
    }

    ProvisionRequest request(Owner owner, PortPool pool) {
        return wish(owner, pool);
    }

    /** A container that is called as its owner, with a port of a pool. */
    static ProvisionRequest wish(Owner owner, PortPool pool) {
        return ProvisionRequest.of(ClaimRequest.by(owner)
                        .in(DockerFixture.NODE)
                        .name("container", ResourceKind.CONTAINER_NAME, owner.name())
                        .choose("http", pool))
                .named("container")
                .publish("http", 80);
    }

    Function<Grant, CreateContainerCmd> spec() {
        return granted -> DockerFixture.sleeper(runtime.docker());
    }

    String stranger(String name, Publication... ports) {
        String stranger = DockerFixture.stranger(runtime.docker(), name, List.of(ports));
        strangers.add(stranger);
        return stranger;
    }

    /** Has one that was made by a test itself removed. */
    String stranger(CreateContainerCmd command) {
        return removing(command.exec().getId());
    }

    /** Has one that somebody else has made removed. */
    String removing(String stranger) {
        strangers.add(stranger);
        return stranger;
    }

    /** Pauses a container. The test is skipped where the engine cannot: Podman without root, on control groups of version 1. */
    void pause(String container) {
        try {
            runtime.docker().pauseContainerCmd(container).exec();
        } catch (DockerException unable) {
            if (String.valueOf(unable.getMessage()).contains("can not pause containers on rootless")) {
                Assumptions.abort("skipped: " + engine.word() + " pauses nothing here: " + unable.getMessage());
            }
            throw unable;
        }
    }

    /** What carries this ledger's mark. */
    List<Instance> ours() {
        return runtime.inventory().instances().stream()
                .filter(one ->
                        one.mark().filter(mark -> mark.ledger().equals(id)).isPresent())
                .toList();
    }

    Instance seen(String instance) {
        return runtime.look(instance).seen().orElseThrow();
    }

    @Override
    public void close() {
        try (runtime) {
            closing.forEach(Runnable::run);
            ours().forEach(one -> remove(one.id()));
            strangers.forEach(this::remove);
        }
    }

    private void remove(String container) {
        try {
            runtime.docker().removeContainerCmd(container).withForce(true).exec();
        } catch (DockerException gone) {
            // Somebody was faster.
        }
    }
}
