package dev.berth.testkit;

import dev.berth.ledger.MemoryLedgerStore;
import java.time.Instant;
import java.util.UUID;

/** The store in memory keeps every law. */
class MemoryLedgerStoreTest extends LedgerStoreContract {
    @Override
    protected StoreFixture open() {
        ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00.123456789Z"));
        return StoreFixture.of(new MemoryLedgerStore(clock, UUID.randomUUID()), clock);
    }
}
