package dev.berth.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import dev.berth.benchmarks.ListedEngine.Detail;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.runtime.Deadlines;
import dev.berth.testkit.ForwardingLedgerStore;
import dev.berth.testkit.StoreCall;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** A process of its own, with a small heap, that sweeps a ledger or an application's rows and says what that took. */
public final class ReaperRun {
    private static final int MOST_GHOSTS = 1_000;

    private final String url;
    private final int count;
    private final RoundTrips trips = new RoundTrips();
    private final HeapPeak heap = new HeapPeak();
    private final AtomicLong storeCalls = new AtomicLong();

    private ReaperRun(String url, int count) {
        this.url = url;
        this.count = count;
    }

    /** Counts the calls of a store. */
    private final class Calls extends ForwardingLedgerStore {
        Calls(LedgerStore store) {
            super(store);
        }

        @Override
        protected <T> T around(StoreCall call, Supplier<T> work) {
            storeCalls.incrementAndGet();
            return super.around(call, work);
        }
    }

    /**
     * Prints a line for each sweep: what it is, milliseconds, milliseconds of processors, round trips to the database
     * (or calls of its store), calls of the engine, megabytes.
     *
     * @param args the database's URL, how many claims there are, {@code FULL}, {@code LEAN} or {@code ROWS}
     * @throws Exception if anything fails
     */
    public static void main(String[] args) throws Exception {
        DatabaseReport.QUIET.forEach(System::setProperty);
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
        var run = new ReaperRun(args[0], Integer.parseInt(args[1]));
        try (HikariDataSource pool = Engine.pool(run.url, 2)) {
            DataSource source = run.trips.counting(pool);
            if (args[2].equals("ROWS")) {
                run.rows(source);
            } else {
                run.ledger(source, Detail.valueOf(args[2]));
            }
        }
    }

    static int ghosts(int count) {
        return Math.min(MOST_GHOSTS, count / 100);
    }

    private void rows(DataSource source) throws Exception {
        var engine = new ListedEngine(count, Detail.FULL);
        var reaper = new RowByRow(source, engine);
        measure("nothing is missing", engine, () -> reaper.sweep() == 0);
        engine.lose(ghosts(count));
        measure("frees what is missing", engine, () -> reaper.sweep() == ghosts(count));
    }

    private void ledger(DataSource source, Detail detail) throws Exception {
        var engine = new ListedEngine(count, detail);
        LedgerStore store = BerthStores.open(url, source).orElseThrow();
        // A store of files has connections of its own, which nobody else sees: of it, calls are counted.
        var ledger = ResourceLedger.on(Engine.of(url) == Engine.SQLITE ? new Calls(store) : store);
        try (GhostReaper reaper = GhostReaper.builder(ledger, engine)
                .policy(ReaperPolicy.builder().cap(MOST_GHOSTS).build())
                .deadlines(Deadlines.all(Duration.ofMinutes(10)))
                .build()) {
            measure("the first, cold", engine, () -> isWhole(reaper.run()));
            measure("nothing is missing", engine, () -> isWhole(reaper.run()));
            engine.lose(ghosts(count));
            measure("marks what is missing", engine, () -> isWhole(reaper.run()));
            age(ledger);
            measure("frees what is missing", engine, () -> reaper.run().ghostsRemoved() == ghosts(count));
        }
    }

    private boolean isWhole(ReapReport report) {
        if (report.judged() != count || !report.errors().isEmpty()) {
            throw new IllegalStateException(report.toString());
        }
        return true;
    }

    /** As if it had been missing for half an hour, in three sweeps. */
    private static void age(ResourceLedger ledger) throws SQLException {
        Instant since = ledger.now().minus(Duration.ofMinutes(30));
        Instant last = ledger.now().minus(Duration.ofMinutes(1));
        List<LedgerRecord> marks = ledger.records()
                .starting("reaper/" + ListedEngine.SCOPE + "/missing/")
                .toList();
        for (LedgerRecord mark : marks) {
            String token = mark.value().split("\n", 4)[3];
            ledger.records().put(mark.name(), mark.version(), since + "\n" + last + "\n3\n" + token);
        }
    }

    private void measure(String what, ListedEngine engine, Callable<Boolean> sweep) throws Exception {
        trips.reset();
        storeCalls.set(0);
        heap.reset();
        engine.calls();
        long used = cpuMillis();
        long begin = System.nanoTime();
        if (!sweep.call()) {
            throw new IllegalStateException(what + " was not what was done");
        }
        long millis = (System.nanoTime() - begin) / 1_000_000;
        System.out.printf(
                Locale.ROOT,
                "%s\t%d\t%d\t%d\t%d\t%s%n",
                what,
                millis,
                cpuMillis() - used,
                trips.sum() + storeCalls.get(),
                engine.calls(),
                heap.told());
    }

    private static long cpuMillis() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1_000_000;
    }
}
