package dev.berth.benchmarks;

import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the road of a provisioning costs beside the engine's own work: on an engine in memory, which costs next to nothing,
 * with a ledger in memory. One operation makes a desktop with a name and a port, and removes it.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class ProvisioningBenchmark {
    private static final Owner OWNER = Owner.of("anna", "vscode");
    private static final FakeSpec SPEC = FakeSpec.of("desktop:1").withoutCheck();

    /** A ledger, an engine, and who asks. An engine remembers all that was ever removed, so each iteration has its own. */
    @State(Scope.Thread)
    public static class Host {
        private static final dev.berth.ledger.Scope NODE = dev.berth.ledger.Scope.of("node-1");

        final ProvisionRequest wish = wish();
        private FakeEngine engine = FakeEngine.of(Clock.systemUTC());
        private FakeRuntime runtime = FakeRuntime.on(engine, NODE);
        private Provisioner<FakeSpec> inCaller = provisioner(ResourceLedger.inMemory(), runtime, true);
        private Provisioner<FakeSpec> onThreads = provisioner(ResourceLedger.inMemory(), runtime, false);
        private Provisioner<FakeSpec> held = inCaller;

        static ProvisionRequest wish() {
            var ports =
                    PortPool.named("http").onHost("node-1").range(7_000, 8_000).build();
            return ProvisionRequest.of(ClaimRequest.by(OWNER)
                            .in(NODE)
                            .name("container", ResourceKind.CONTAINER_NAME, "kasm", "anna", "vscode")
                            .choose("http", ports))
                    .named("container")
                    .publish("http", 6_901);
        }

        private static Provisioner<FakeSpec> provisioner(ResourceLedger ledger, FakeRuntime runtime, boolean direct) {
            var builder = Provisioner.of(ledger, runtime);
            return (direct ? builder.callingOn(Runnable::run) : builder).build();
        }

        /** Makes everything anew. */
        @Setup(Level.Iteration)
        public void begin() {
            close();
            engine = FakeEngine.of(Clock.systemUTC());
            runtime = FakeRuntime.on(engine, NODE);
            inCaller = provisioner(ResourceLedger.inMemory(), runtime, true);
            onThreads = provisioner(ResourceLedger.inMemory(), runtime, false);
            var other = FakeRuntime.on(FakeEngine.of(Clock.systemUTC()), NODE);
            held = provisioner(ResourceLedger.inMemory(), other, true);
            held.provision(wish, granted -> SPEC);
        }

        /** Ends the threads. */
        @TearDown(Level.Iteration)
        public void close() {
            inCaller.close();
            onThreads.close();
            held.close();
        }
    }

    /**
     * The engine's own work: create, start, look, remove.
     *
     * @param host the engine
     * @return what was seen
     * @throws Exception if the engine fails
     */
    @Benchmark
    public Sighting engineAlone(Host host) throws Exception {
        var mark = new Mark(new UUID(1, 1), new UUID(2, 2), "nonce", OWNER);
        String id = host.runtime.create(new Deployment<>(
                SPEC, Optional.of("kasm-anna-vscode"), List.of(Publication.tcp(7_000, 6_901)), mark, Map.of()));
        host.runtime.start(id);
        Sighting seen = host.runtime.look(id);
        host.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING);
        host.engine.resetCalls();
        return seen;
    }

    /**
     * The whole road, the runtime's calls in the calling thread.
     *
     * @param host the ledger and the engine
     * @return the desktop
     */
    @Benchmark
    public Provisioned inCaller(Host host) {
        Provisioned desktop = host.inCaller.provision(host.wish, granted -> SPEC);
        host.inCaller.remove(OWNER);
        host.engine.resetCalls();
        return desktop;
    }

    /**
     * The whole road, as it is by default: each call of the runtime on a thread with a deadline.
     *
     * @param host the ledger and the engine
     * @return the desktop
     */
    @Benchmark
    public Provisioned onThreads(Host host) {
        Provisioned desktop = host.onThreads.provision(host.wish, granted -> SPEC);
        host.onThreads.remove(OWNER);
        host.engine.resetCalls();
        return desktop;
    }

    /**
     * What runs already is asked for again.
     *
     * @param host the ledger and the engine
     * @return the desktop
     */
    @Benchmark
    public Provisioned askedAgain(Host host) {
        return host.held.provision(host.wish, granted -> SPEC);
    }
}
