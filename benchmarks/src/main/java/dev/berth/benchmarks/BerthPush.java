package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.berth.jdbc.JdbcSyncStore;
import dev.berth.sync.Capture;
import dev.berth.sync.FirstMeeting;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncTable;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import javax.sql.DataSource;

/** Berth, with all of its bookkeeping, between databases that have not met before. */
final class BerthPush implements SyncWay {
    private Map<Outcome, Long> outcomes = Map.of();

    static <T> T with(String local, DataSource remote, Function<SyncEngine, T> work) {
        return with(local, remote, Capture.COMPARISON, work);
    }

    /** With triggers in the local database that note what changes. */
    static <T> T captured(String local, DataSource remote, Function<SyncEngine, T> work) {
        return with(local, remote, Capture.TRIGGERS, work);
    }

    private static <T> T with(String local, DataSource remote, Capture capture, Function<SyncEngine, T> work) {
        try (SyncStore here = JdbcSyncStore.open(local);
                SyncStore there = JdbcSyncStore.on(remote).createSchema()) {
            return work.apply(SyncEngine.between(here, there)
                    .table(SyncTable.named("site").key("name").version("updated_at"))
                    .table(SyncTable.named("device").key("serial").version("updated_at"))
                    .onFirstMeeting(FirstMeeting.BY_VERSION)
                    .capture(capture)
                    .build());
        }
    }

    /** Pushes where nothing has changed, and gives how many rows were looked at. */
    static long skipped(SyncEngine engine) {
        Map<Outcome, Long> sums = sums(engine.push());
        if (!Set.of(Outcome.SKIPPED).containsAll(sums.keySet())) {
            throw new IllegalStateException("there was nothing to carry: " + sums);
        }
        return sums.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public long carry(String local, HikariDataSource remote) {
        outcomes = with(local, remote, engine -> sums(engine.push()));
        return outcomes.values().stream().mapToLong(Long::longValue).sum();
    }

    static Map<Outcome, Long> sums(SyncReport report) {
        if (report.status() != SyncReport.Status.SUCCESS) {
            throw new IllegalStateException(report.toString());
        }
        Map<Outcome, Long> sums = new TreeMap<>();
        for (SyncReport.Table table : report.tables()) {
            for (Outcome outcome : Outcome.values()) {
                long count = table.count(outcome);
                if (count > 0) {
                    sums.merge(outcome, count, Long::sum);
                }
            }
        }
        return sums;
    }

    /** What became of the rows. */
    Map<Outcome, Long> outcomes() {
        return outcomes;
    }
}
