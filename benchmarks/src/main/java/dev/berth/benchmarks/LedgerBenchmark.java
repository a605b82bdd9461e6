package dev.berth.benchmarks;

import dev.berth.benchmarks.NaiveScan.Deployment;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ImportReport;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * A ledger in memory that is as full as is said: a fresh owner claims something and releases it, so that the ledger
 * stays as full. Beside it the {@link NaiveScan} with the same things in use.
 *
 * <p>{@code port} is one port of the 65,535 there are. {@code whole} is a compose project's name, a proxy path and a pair
 * of ports in lockstep. Everything that is in use has an owner of its own.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class LedgerBenchmark {
    private static final String TENANT = "lab";

    /** How full it is, and where the holes are. */
    @State(Scope.Benchmark)
    public static class Fullness {
        /** How many of a hundred are in use. */
        @Param({"0", "50", "99"})
        public int percent;

        /** Where the free ones are. */
        @Param({"AT_THE_END", "SCATTERED"})
        public Holes holes = Holes.AT_THE_END;

        List<Integer> ports() {
            return holes.taken(Ports.LAST - Ports.FIRST + 1, percent).stream()
                    .map(place -> Ports.FIRST + place)
                    .boxed()
                    .toList();
        }

        List<Integer> slots() {
            List<Integer> slots = Ports.slotsThatFit();
            return holes.taken(slots.size(), percent).stream()
                    .mapToObj(slots::get)
                    .toList();
        }
    }

    /** One who asks: the names of its owners are its own and never come twice. */
    @State(Scope.Thread)
    public static class Caller {
        private String prefix = "app-0-";
        private long asked;

        /**
         * Gives each thread a number.
         *
         * @param thread which thread this is
         */
        @Setup
        public void number(ThreadParams thread) {
            prefix = "app-" + thread.getThreadIndex() + "-";
        }

        String next() {
            return prefix + asked++;
        }
    }

    /** A ledger with ports in use. */
    @State(Scope.Benchmark)
    public static class LedgerOfPorts {
        final ResourceLedger ledger = ResourceLedger.inMemory();
        final PortPool pool =
                PortPool.named("port").range(Ports.FIRST, Ports.LAST).build();

        /**
         * Fills the ledger.
         *
         * @param fullness how full
         */
        @Setup
        public void fill(Fullness fullness) {
            List<ClaimRequest> running = new ArrayList<>();
            for (int port : fullness.ports()) {
                running.add(ClaimRequest.by(Owner.of(TENANT, "running-" + port))
                        .fixed("port", ResourceKind.TCP_PORT.in(pool.host(), port)));
            }
            importAll(ledger, running);
        }

        /** Closes the ledger. */
        @TearDown
        public void close() {
            ledger.close();
        }
    }

    /** A ledger with whole applications in use. */
    @State(Scope.Benchmark)
    public static class LedgerOfWholes {
        final ResourceLedger ledger = ResourceLedger.inMemory();
        final PortPool pool = PortPool.named("ports")
                .role("backend", Ports.BACKEND)
                .role("frontend", Ports.FRONTEND)
                .step(Ports.STEP)
                .slots(Ports.SLOTS)
                .build();

        /**
         * Fills the ledger.
         *
         * @param fullness how full
         */
        @Setup
        public void fill(Fullness fullness) {
            List<ClaimRequest> running = new ArrayList<>();
            for (int slot : fullness.slots()) {
                Map<String, Resource> pair = new LinkedHashMap<>();
                pair.put("backend", ResourceKind.TCP_PORT.in(pool.host(), Ports.backend(slot)));
                pair.put("frontend", ResourceKind.TCP_PORT.in(pool.host(), Ports.frontend(slot)));
                running.add(namedRequest("running-" + slot).fixed("ports", pair));
            }
            importAll(ledger, running);
        }

        /** Closes the ledger. */
        @TearDown
        public void close() {
            ledger.close();
        }
    }

    /** A naive scan with ports in use. */
    @State(Scope.Benchmark)
    public static class ScanOfPorts {
        final NaiveScan scan = new NaiveScan();

        /**
         * Fills the maps.
         *
         * @param fullness how full
         */
        @Setup
        public void fill(Fullness fullness) {
            fullness.ports().forEach(port -> scan.hold("running-" + port, port));
        }
    }

    /** A naive scan with whole applications in use. */
    @State(Scope.Benchmark)
    public static class ScanOfWholes {
        final NaiveScan scan = new NaiveScan();

        /**
         * Fills the maps.
         *
         * @param fullness how full
         */
        @Setup
        public void fill(Fullness fullness) {
            for (int slot : fullness.slots()) {
                String app = "running-" + slot;
                scan.hold(
                        app,
                        new Deployment(
                                TENANT + "-" + app,
                                "/" + TENANT + "/" + app,
                                Ports.backend(slot),
                                Ports.frontend(slot)));
            }
        }
    }

    private static void importAll(ResourceLedger ledger, List<ClaimRequest> running) {
        ImportReport report = ledger.importAll(running);
        if (report.created().size() != running.size()) {
            throw new IllegalStateException("not filled as it should be: " + report.refused());
        }
    }

    private static ClaimRequest namedRequest(String app) {
        return ClaimRequest.by(Owner.of(TENANT, app))
                .name("project", ResourceKind.COMPOSE_PROJECT, TENANT, app)
                .fixed("path", ResourceKind.PROXY_PATH, "/" + TENANT + "/" + app);
    }

    /**
     * Claims one port of a ledger and releases it.
     *
     * @param state the ledger
     * @param caller who asks
     * @return the port
     */
    @Benchmark
    public int port(LedgerOfPorts state, Caller caller) {
        Claim claim = state.ledger.claim(
                ClaimRequest.by(Owner.of(TENANT, caller.next())).choose("port", state.pool));
        int port = claim.port("port");
        state.ledger.release(claim);
        return port;
    }

    /**
     * Claims one port by scanning and releases it.
     *
     * @param state the maps
     * @param caller who asks
     * @return the port
     */
    @Benchmark
    public int portByScan(ScanOfPorts state, Caller caller) {
        int port = state.scan.claimPort(caller.next());
        state.scan.releasePort(port);
        return port;
    }

    /**
     * Claims a name, a path and a pair of ports of a ledger and releases them.
     *
     * @param state the ledger
     * @param caller who asks
     * @return the backend's port
     */
    @Benchmark
    public int whole(LedgerOfWholes state, Caller caller) {
        Claim claim = state.ledger.claim(namedRequest(caller.next()).choose("ports", state.pool));
        int port = claim.port("backend");
        state.ledger.release(claim);
        return port;
    }

    /**
     * Claims a name, a path and a pair of ports by scanning and releases them.
     *
     * @param state the maps
     * @param caller who asks
     * @return the backend's port
     */
    @Benchmark
    public int wholeByScan(ScanOfWholes state, Caller caller) {
        String app = caller.next();
        Deployment deployment = state.scan.claimWhole(app, TENANT, app);
        state.scan.releaseWhole(deployment);
        return deployment.backend();
    }
}
