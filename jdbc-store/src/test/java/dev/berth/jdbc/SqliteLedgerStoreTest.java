package dev.berth.jdbc;

import dev.berth.ledger.LedgerStore;
import dev.berth.testkit.LedgerStoreContract;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.StoreFixture;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;

/** The contract of a ledger's store, kept by a file of SQLite. */
class SqliteLedgerStoreTest extends LedgerStoreContract {
    @TempDir
    Path directory;

    @Override
    protected StoreFixture open() {
        var clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
        String url = SqliteStores.url(directory.resolve(UUID.randomUUID() + ".db"));
        JdbcLedgerStore store = JdbcLedgerStore.open(url, SqliteStores.clock(clock));
        return new StoreFixture() {
            @Override
            public LedgerStore store() {
                return store;
            }

            @Override
            public Optional<ManualClock> clock() {
                return Optional.of(clock);
            }

            @Override
            public Optional<LedgerStore> another() {
                return Optional.of(JdbcLedgerStore.open(url, SqliteStores.clock(clock)));
            }

            @Override
            public Optional<Medium> medium() {
                return Optional.of(new TableOutOfReach(url));
            }
        };
    }

    /** Every transaction reads the ledger's own row first, so that none gets far without it. */
    private record TableOutOfReach(String url) implements StoreFixture.Medium {
        @Override
        public void fail() {
            run("ALTER TABLE berth_meta RENAME TO berth_meta_away");
        }

        @Override
        public void mend() {
            run("ALTER TABLE berth_meta_away RENAME TO berth_meta");
        }

        private void run(String sql) {
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }
}
