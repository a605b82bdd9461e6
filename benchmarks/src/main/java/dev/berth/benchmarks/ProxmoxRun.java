package dev.berth.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.proxmox.Credentials;
import dev.berth.proxmox.GuestSpec;
import dev.berth.proxmox.ProxmoxRuntime;
import dev.berth.proxmox.Trust;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.testkit.ManualClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A process of its own, with a small heap, that lists a large cluster, compares it with its ledger, and sweeps it. */
public final class ProxmoxRun {
    private static final Scope CLUSTER = Scope.of("lab");
    private static final int FIRST = 1_000;
    private static final int GHOSTS = 25;
    private static final int MAKERS = 8;
    private static final Duration PACE = Duration.ofMinutes(5);

    private final int guests;
    private final int ours;
    private final int rounds;
    private final HeapPeak heap = new HeapPeak();
    /** Time passes where it is said that it does: grace is not waited for. */
    private final ManualClock clock = ManualClock.at(Instant.now());

    private final ResourceLedger ledger = ResourceLedger.inMemory(clock);

    private ProxmoxRun(int guests, int ours, int rounds) {
        this.guests = guests;
        this.ours = ours;
        this.rounds = rounds;
    }

    /**
     * Prints a line for each thing that it does: what it is, milliseconds, milliseconds of its own processors, and megabytes,
     * with tabs between. Of what is done several times it is the median.
     *
     * @param args how many guests there are, how many of them are the ledger's, and how many rounds
     * @throws Exception if anything fails
     */
    public static void main(String[] args) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
        new ProxmoxRun(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2])).run();
    }

    private void run() throws Exception {
        Process cluster = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ProxmoxCluster.class.getName(),
                        Integer.toString(guests - ours))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var told = new BufferedReader(new InputStreamReader(cluster.getInputStream(), StandardCharsets.UTF_8));
                Writer say = new OutputStreamWriter(cluster.getOutputStream(), StandardCharsets.UTF_8)) {
            String[] way = told.readLine().split("\t", -1);
            try (ProxmoxRuntime runtime = open(way)) {
                measure(runtime, way[4], told, say);
            }
        } finally {
            cluster.destroy();
        }
    }

    private static ProxmoxRuntime open(String[] way) {
        return ProxmoxRuntime.at(
                        CLUSTER,
                        Stream.of(way[0].split(",", -1)).map(URI::create).toArray(URI[]::new))
                .credentials(Credentials.token(way[1], way[2].toCharArray()))
                .trust(Trust.fingerprints(way[3].split(",", -1)))
                .canary(ProxmoxCluster.CANARY)
                .answersWithin(Duration.ofMinutes(5))
                .build();
    }

    private void measure(ProxmoxRuntime runtime, String template, BufferedReader told, Writer say) throws Exception {
        once("makes " + number(ours) + " of the guests", () -> make(runtime, template));
        for (int i = 0; i < 3; i++) {
            check(runtime.inventory());
        }
        median("lists", () -> check(runtime.inventory()));
        Inventory listing = runtime.inventory();
        median("compares with the ledger", () -> compare(listing));
        try (GhostReaper reaper = GhostReaper.builder(ledger, runtime)
                .policy(ReaperPolicy.builder().build())
                .deadlines(Deadlines.all(Duration.ofMinutes(10)))
                .build()) {
            clock.advance(Duration.ofHours(1));
            once("sweeps, the first", () -> whole(reaper.run()));
            median("sweeps, nothing is missing", () -> whole(reaper.run()));
            lose(told, say);
            once("sweeps, marks " + GHOSTS + " that are missing", () -> whole(reaper.run()));
            for (int i = 0; i < 2; i++) {
                clock.advance(PACE);
                whole(reaper.run());
            }
            clock.advance(PACE);
            once("sweeps, frees " + GHOSTS, () -> {
                ReapReport report = reaper.run();
                if (report.ghostsRemoved() != GHOSTS) {
                    throw new IllegalStateException(report.toString());
                }
            });
        }
    }

    private static String number(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static void lose(BufferedReader told, Writer say) throws IOException {
        say.write("lose " + FIRST + " " + GHOSTS + "\n");
        say.flush();
        if (!"done".equals(told.readLine())) {
            throw new IllegalStateException("the cluster has ended");
        }
    }

    // ------------------------------------------------------------------ what is measured

    private interface Step {
        void run() throws Exception;
    }

    private void make(ProxmoxRuntime runtime, String template) throws Exception {
        ExecutorService makers = Executors.newFixedThreadPool(MAKERS);
        try {
            List<Callable<Claim>> wishes = new ArrayList<>();
            for (int i = 0; i < ours; i++) {
                int number = i;
                wishes.add(() -> make(runtime, template, number));
            }
            for (Future<Claim> made : makers.invokeAll(wishes)) {
                made.get();
            }
        } finally {
            makers.shutdown();
        }
    }

    /** As a provisioner does, but for what it looks at before and after. */
    private Claim make(ProxmoxRuntime runtime, String template, int i) throws Exception {
        String number = Integer.toString(FIRST + i);
        String host = "app-" + i + ".example.test";
        var granted = (AttemptOutcome.Granted) ledger.attempt(
                ClaimRequest.by(Owner.of("homelab", "app-" + i))
                        .fixed("guest", ResourceKind.GUEST_ID, number)
                        .fixed("host", ResourceKind.DNS_NAME, host)
                        .in(CLUSTER),
                CLUSTER,
                Duration.ofMinutes(10));
        var mark = new Mark(
                ledger.identity().ledger(),
                granted.claim().id(),
                granted.attempt().nonce(),
                granted.claim().owner());
        String id = runtime.create(new Deployment<>(
                GuestSpec.container("pve" + (1 + i % 3), template)
                        .hostName(host)
                        .with("rootfs", "local:0")
                        .with("unprivileged", "1"),
                Optional.of(number),
                List.of(),
                mark,
                Map.of("dev.berth.held", "guest,-,guest-id,lab," + number + ";host,-,dns-name,lab," + host)));
        return ledger.activate(granted.attempt(), id);
    }

    private void check(Inventory listing) {
        if (listing.instances().size() != guests || !listing.coverage().isComplete()) {
            throw new IllegalStateException(listing.instances().size() + " guests, " + listing.coverage());
        }
    }

    /** What the ledger holds and the listing lacks, and the other way round. */
    private void compare(Inventory listing) {
        Map<String, Instance> byId =
                listing.instances().stream().collect(Collectors.toMap(Instance::id, instance -> instance));
        try (Stream<Claim> claims = ledger.claims(ClaimQuery.all().home(CLUSTER))) {
            long missing = claims.filter(claim -> claim.instance()
                            .map(byId::remove)
                            .filter(instance -> instance.isOf(claim))
                            .isEmpty())
                    .count();
            if (missing != 0 || byId.size() != guests - ours) {
                throw new IllegalStateException(missing + " missing, " + byId.size() + " of nobody");
            }
        }
    }

    private void whole(ReapReport report) {
        if (report.judged() != ours || !report.errors().isEmpty()) {
            throw new IllegalStateException(report.toString());
        }
    }

    // ------------------------------------------------------------------ measuring

    private void once(String what, Step step) throws Exception {
        repeat(what, 1, step);
    }

    private void median(String what, Step step) throws Exception {
        repeat(what, rounds, step);
    }

    private void repeat(String what, int times, Step step) throws Exception {
        List<Double> millis = new ArrayList<>();
        List<Double> processors = new ArrayList<>();
        heap.reset();
        for (int i = 0; i < times; i++) {
            double used = cpuMillis();
            long begun = System.nanoTime();
            step.run();
            millis.add((System.nanoTime() - begun) / 1e6);
            processors.add(cpuMillis() - used);
        }
        System.out.printf(Locale.ROOT, "%s\t%,.0f\t%,.0f\t%s%n", what, median(millis), median(processors), heap.told());
    }

    private static double median(List<Double> figures) {
        return Quartiles.of(figures.stream().mapToDouble(Double::doubleValue)).median();
    }

    private static double cpuMillis() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1e6;
    }
}
