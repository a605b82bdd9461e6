package dev.berth.benchmarks;

import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.runtime.Mine;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingLedgerStore;
import dev.berth.testkit.StoreCall;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures what the road of a provisioning costs beside the engine's own work, counts its round trips, and writes both into
 * the page of benchmarks.
 */
public final class ProvisioningReport {
    private static final double MICROS = 1e6;
    private static final String ENGINE_ALONE = "the engine in memory alone";
    private static final String IN_CALLER = "with the ledger, in the calling thread";

    private ProvisioningReport() {}

    /**
     * Runs the report.
     *
     * @param args the page to write, and {@code quick} if it is not to be measured for long
     * @throws IOException if the page cannot be written
     * @throws RunnerException if a benchmark fails
     */
    public static void main(String[] args) throws IOException, RunnerException {
        boolean isQuick = args.length == 2 && args[1].equals("quick");
        if (args.length != 1 && !isQuick) {
            throw new IllegalArgumentException("wanted: the page to write, and perhaps quick");
        }
        List<String> lines = new ArrayList<>();
        lines.add(Machine.describe());
        lines.add("");
        Map<String, Measured> times = times(isQuick);
        lines.addAll(table(times));
        lines.add("");
        lines.addAll(roundTrips());
        lines.add("");
        lines.add("```text");
        lines.add(Target.ratio("provisioning-engine-alone-to-all", rate(times, IN_CALLER) / rate(times, ENGINE_ALONE)));
        lines.add("```");
        lines.forEach(System.out::println);
        new Section(Path.of(args[0]), "provisioning").write(lines);
    }

    private static Map<String, Measured> times(boolean isQuick) throws RunnerException {
        Map<String, Measured> times = new LinkedHashMap<>();
        for (String[] row : new String[][] {
            {"engineAlone", ENGINE_ALONE},
            {"inCaller", IN_CALLER},
            {"onThreads", "with the ledger, calls on threads with deadlines"},
            {"askedAgain", "asking again for what runs (no removal)"}
        }) {
            times.put(row[1], Measured.of(List.of(run(row[0], isQuick))));
        }
        return times;
    }

    private static double rate(Map<String, Measured> times, String what) {
        return Objects.requireNonNull(times.get(what), what).rate();
    }

    private static List<String> table(Map<String, Measured> times) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("one provisioning and removal", "microseconds each", "spread", "bytes each"));
        times.forEach((what, measured) -> cells.add(List.of(
                what,
                String.format(Locale.ROOT, "%.1f", MICROS / measured.rate()),
                measured.spread(),
                measured.bytesInWords())));
        return Table.of(cells);
    }

    private static org.openjdk.jmh.results.RunResult run(String name, boolean isQuick) throws RunnerException {
        return new Runner(new OptionsBuilder()
                        .include("^" + ProvisioningBenchmark.class.getName().replace(".", "\\.") + "\\." + name + "$")
                        .threads(1)
                        .forks(1)
                        .jvmArgs("-Xms1g", "-Xmx1g")
                        .warmupIterations(isQuick ? 2 : 5)
                        .warmupTime(TimeValue.milliseconds(isQuick ? 400 : 1_000))
                        .measurementIterations(isQuick ? 3 : 7)
                        .measurementTime(TimeValue.milliseconds(isQuick ? 400 : 1_000))
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .runSingle();
    }

    /** A store that counts its calls. */
    private static final class Counted extends ForwardingLedgerStore {
        private int reads;
        private int commits;

        Counted(LedgerStore store) {
            super(store);
        }

        @Override
        protected <T> T around(StoreCall call, Supplier<T> work) {
            if (call == StoreCall.COMMIT) {
                commits++;
            } else {
                reads++;
            }
            return super.around(call, work);
        }

        String told() {
            String told = reads + " reads, " + commits + " commits";
            reads = 0;
            commits = 0;
            return told;
        }
    }

    private static List<String> roundTrips() {
        var store = new Counted(new MemoryLedgerStore(Clock.systemUTC(), new UUID(1, 1)));
        FakeEngine engine = FakeEngine.of(Clock.systemUTC());
        FakeRuntime runtime = FakeRuntime.on(engine, Scope.of("node-1"));
        var wish = ProvisioningBenchmark.Host.wish();
        Owner owner = wish.owner();
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("round trips of", "store", "runtime"));
        try (var desktops = Provisioner.of(ResourceLedger.on(store), runtime).build();
                var replacing = Provisioner.of(ResourceLedger.on(store), runtime)
                        .whenMineLives(Mine.REPLACE)
                        .build()) {
            FakeSpec spec = FakeSpec.of("desktop:1").withoutCheck();
            desktops.provision(wish, granted -> spec);
            replacing.provision(wish, granted -> spec);
            desktops.remove(owner);
            // What is learnt once, such as who the runtime is, is learnt.
            store.told();
            engine.resetCalls();
            Runnable[] deeds = {
                () -> desktops.provision(wish, granted -> spec),
                () -> desktops.provision(wish, granted -> spec),
                () -> replacing.provision(wish, granted -> spec),
                () -> desktops.stop(owner),
                () -> desktops.provision(wish, granted -> spec),
                () -> desktops.remove(owner)
            };
            String[] names = {"the first provisioning", "asking again", "replacing", "stop", "starting again", "remove"
            };
            for (int i = 0; i < deeds.length; i++) {
                deeds[i].run();
                cells.add(List.of(
                        names[i], store.told(), Integer.toString(engine.calls().size())));
                engine.resetCalls();
            }
        }
        return Table.of(cells);
    }
}
