package dev.berth.jdbc;

import dev.berth.ledger.LedgerStore;
import dev.berth.testkit.LedgerStoreContract;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.StoreFixture;
import java.nio.file.Path;
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
        String url = "jdbc:sqlite:" + directory.resolve(UUID.randomUUID() + ".db");
        JdbcLedgerStore store = JdbcLedgerStore.open(url, clock);
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
                return Optional.of(JdbcLedgerStore.open(url, clock));
            }
        };
    }
}
