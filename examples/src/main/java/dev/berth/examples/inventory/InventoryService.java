package dev.berth.examples.inventory;

import dev.berth.jdbc.JdbcSyncStore;
import dev.berth.sync.BackgroundSync;
import dev.berth.sync.Capture;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.DeletePolicy;
import dev.berth.sync.Divergence;
import dev.berth.sync.LostRow;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncStatus;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncTable;
import dev.berth.sync.SyncUnavailableException;
import dev.berth.sync.Unsent;
import java.io.Closeable;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A cache and the share, wired. The share need not be there: what is written meanwhile waits in the cache. */
final class InventoryService implements Closeable {
    private final Cache cache;
    private final SyncStore local;
    private final SyncStore share;
    private final SyncEngine engine;
    /** A run of the schedule is on the schedule's own thread. */
    private final ThreadLocal<String> caller = ThreadLocal.withInitial(() -> "schedule");

    /**
     * Opens the cache, and the share when it is first needed.
     *
     * @param cacheUrl a file of SQLite
     * @param shareUrl SQLite, PostgreSQL, MariaDB or MySQL
     * @param out is told of each sync, whoever asked for it
     */
    InventoryService(String cacheUrl, String shareUrl, Clock clock, Consumer<String> out) throws SQLException {
        this.cache = new Cache(cacheUrl, clock);
        this.local = JdbcSyncStore.open(cacheUrl);
        this.share = SyncStore.opening(() -> opened(shareUrl));
        this.engine = SyncEngine.between(local, share)
                .tables(Tables.SYNCED)
                .capture(Capture.TRIGGERS)
                .onConflict(ConflictPolicy.NEWEST)
                .onDelete(DeletePolicy.UPDATE_WINS)
                .reporting(report -> out.accept(told(report, caller.get())))
                .build();
    }

    private static SyncStore opened(String url) {
        SyncStore store = JdbcSyncStore.open(url);
        try {
            Tables.create(url);
            return store;
        } catch (SQLException refused) {
            store.close();
            throw new SyncUnavailableException(
                    "the share's tables cannot be made: " + refused.getMessage(),
                    SyncUnavailableException.Reason.BROKEN,
                    SyncUnavailableException.Outcome.NOT_DONE,
                    refused);
        }
    }

    Cache cache() {
        return cache;
    }

    /** Syncs now; a run that is under way is waited for. */
    SyncReport sync(String who) {
        caller.set(who);
        try {
            return engine.sync();
        } finally {
            caller.remove();
        }
    }

    /** Syncs now, and takes nothing for granted: every row is compared. */
    SyncReport force(String who) {
        engine.recompare();
        return sync(who);
    }

    /** Syncs at once and then every so often, until it is closed. */
    BackgroundSync everySo(Duration interval) {
        return engine.inBackground(interval).start();
    }

    private static long conflicts(SyncReport report) {
        return report.count(Outcome.CONFLICTED);
    }

    /** What went over. */
    private static long records(SyncReport report) {
        return report.count(Outcome.INSERTED) + report.count(Outcome.UPDATED) + report.count(Outcome.DELETED);
    }

    private static String told(SyncReport report, String caller) {
        String by = " (caller: " + caller + ")";
        String run = "Sync #" + report.number();
        if (report.status() != SyncReport.Status.SUCCESS) {
            return run + " " + report.status().name().toLowerCase(Locale.ROOT) + ": "
                    + report.cause().orElse("no reason is known") + by;
        }
        long aside = report.count(Outcome.FAILED) + report.count(Outcome.BLOCKED) + report.count(Outcome.WITHHELD);
        return run + " completed: " + records(report) + " records, " + conflicts(report) + " conflicts resolved" + by
                + (aside == 0 ? "" : "; " + aside + " rows wait");
    }

    /** How it stands, for other programs to read. Asks the cache only, so it is told offline, too. */
    Map<String, @Nullable Object> status() {
        SyncStatus status = engine.status();
        Map<String, @Nullable Object> told = new LinkedHashMap<>();
        told.put("state", status.state().name().toLowerCase(Locale.ROOT));
        // Unknown before the first run.
        OptionalLong pending = status.pendingWrites();
        told.put("pending_writes", pending.isPresent() ? pending.getAsLong() : null);
        told.put("syncs", status.last().map(SyncReport::number).orElse(0L));
        status.last().ifPresent(last -> {
            told.put("last_sync", last.started().toString());
            told.put("last_result", last.status().name().toLowerCase(Locale.ROOT));
            told.put("records", records(last));
            told.put("conflicts_resolved", conflicts(last));
            told.put("cause", last.cause().orElse(null));
        });
        return told;
    }

    /** Rows that are not the same in the cache and the share. */
    List<Divergence> verify() {
        return engine.verify();
    }

    /** Rows that lost a conflict. */
    List<LostRow> lost() {
        return Tables.SYNCED.stream()
                .map(SyncTable::name)
                .flatMap(table -> engine.lostRows(table).stream())
                .toList();
    }

    /** Empties the cache; the next sync fills it again. */
    long clear(Unsent unsent) {
        return engine.clearLocal(unsent);
    }

    @Override
    public void close() {
        cache.close();
        local.close();
        share.close();
    }
}
