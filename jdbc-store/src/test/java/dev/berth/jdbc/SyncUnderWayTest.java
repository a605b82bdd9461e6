package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import dev.berth.sync.Unsent;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What a push has sent and not written into its books yet: it is little, and of it nothing is lost. */
class SyncUnderWayTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;
    private static final SyncTable DOMAINS = SyncTable.named("domains").key("name");

    private static final int ROWS = 400;
    private static final int ROW_BYTES = 64 << 10;
    private static final int MOST_BYTES = 16 << 20;

    @TempDir
    private Path directory;

    /** As if the process had ended there: what is under way stays as it is. */
    private static final class Cut extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static Consumer<SyncReport.Table> cutAt(int batch) {
        var batches = new AtomicInteger();
        return progress -> {
            if (batches.incrementAndGet() == batch) {
                throw new Cut();
            }
        };
    }

    private static String domains(int count, String note) {
        return "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + count
                + ") INSERT INTO domains (name, note) SELECT 'd' || i, '" + note + "' FROM n";
    }

    /** Rows that lost are in the books whole, and so they are in what is under way. */
    @Test
    void whatIsUnderWayIsBoundedByItsBytesAndNotByItsRowsAlone() throws Exception {
        try (var tables = SyncTables.of(Engine.SQLITE, directory, "v BLOB", "v BLOB")) {
            String rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + ROWS
                    + ") INSERT INTO t (k, v) SELECT 'k' || i, randomblob(" + ROW_BYTES + ") FROM n";
            tables.runHere(rows);
            tables.runThere(rows);
            SyncTable table = SyncTable.named("t").key("k");
            SyncEngine cut = tables.engine(table)
                    .onConflict(ConflictPolicy.LOCAL)
                    .batch(20)
                    .listening(cutAt(19))
                    .build();
            assertThatThrownBy(cut::push).isInstanceOf(Cut.class);

            String kept =
                    "SELECT coalesce(sum(length(said)), 0) FROM berth_sync_note WHERE length(said) > " + 2 * ROW_BYTES;
            assertThat(Long.parseLong(tables.here(kept).get(0))).isPositive().isLessThan(MOST_BYTES);
            SyncEngine sync =
                    tables.engine(table).onConflict(ConflictPolicy.LOCAL).build();
            assertThat(sync.sync().isClean()).isTrue();
            assertThat(sync.lostRows("t")).hasSize(ROWS);
            assertThat(tables.here(kept)).containsExactly("0");
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatLostIsKeptWhenTheTablesAreEmptiedBeforeTheNextRun(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domains(50, "here"));
            for (int i = 1; i <= 50; i++) {
                pair.there("INSERT INTO domains (name, note) VALUES ('d" + i + "', 'there')");
            }
            SyncEngine cut = SyncEngine.between(pair.local, pair.remote)
                    .table(DOMAINS)
                    .onConflict(ConflictPolicy.LOCAL)
                    .batch(5)
                    .listening(cutAt(5))
                    .build();
            assertThatThrownBy(cut::push).isInstanceOf(Cut.class);
            assertThat(pair.askThere("SELECT count(*) FROM domains WHERE note = 'here'"))
                    .isEqualTo("25");

            SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                    .table(DOMAINS)
                    .onConflict(ConflictPolicy.LOCAL)
                    .build();
            sync.clearLocal(Unsent.GIVE_UP);

            assertThat(sync.lostRows("domains"))
                    .hasSize(25)
                    .allSatisfy(lost -> assertThat(lost.row()).containsEntry("note", "there"));
            assertThat(told(sync.sync(), "domains", Direction.PULL)).isEqualTo("INSERTED 50");
            assertThat(sync.lostRows("domains")).hasSize(25);
        }
    }

    /** A virtual machine's snapshot was taken within a push, and is gone back to when others have gone on. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aFileOfAMomentWithinAPushKnowsWhatHadArrivedThen(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domains(100, "1"));
            Path copy = directory.resolve("snapshot.db");
            var batches = new AtomicInteger();
            SyncReport whole = SyncEngine.between(pair.local, pair.remote)
                    .table(DOMAINS)
                    .batch(5)
                    .listening(progress -> {
                        if (batches.incrementAndGet() == 12) {
                            snapshot(pair, copy);
                        }
                    })
                    .build()
                    .sync();
            assertThat(whole.isClean()).isTrue();
            pair.there(
                    "DELETE FROM domains WHERE name IN ('d1', 'd2')",
                    "UPDATE domains SET note = '2' WHERE name = 'd3'");
            try (var local = SyncPair.open(new Database("jdbc:sqlite:" + copy, "", ""))) {
                SyncEngine sync = SyncEngine.between(local, pair.remote)
                        .table(DOMAINS)
                        .onConflict(ConflictPolicy.LOCAL)
                        .build();
                SyncReport report = sync.sync();

                assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("SKIPPED 100");
                assertThat(told(report, "domains", Direction.PULL)).isEqualTo("UPDATED 1, SKIPPED 97, DELETED 2");
                assertThat(sync.lostRows("domains")).isEmpty();
                assertThat(sync.verify()).isEmpty();
            }
        }
    }

    private static void snapshot(SyncPair pair, Path copy) {
        try {
            pair.here("VACUUM INTO '" + copy + "'");
        } catch (SQLException failed) {
            throw new AssertionError(failed);
        }
    }
}
