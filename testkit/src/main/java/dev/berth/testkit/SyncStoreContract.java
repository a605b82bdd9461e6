package dev.berth.testkit;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;

/**
 * The contract of {@link dev.berth.sync.SyncStore} and {@link dev.berth.sync.SyncSession} as a suite: a store is one if its
 * subclass of this class passes. What there is to say is how a fresh database is made, and how an application writes to
 * it:
 *
 * <pre>{@code
 * abstract class StoreOfMineTest extends SyncStoreContract {
 *     abstract SyncFixture fresh(); // a database with the tables that SyncFixture names, all empty
 *
 *     @Override
 *     protected SyncFixture open() {
 *         return fresh();
 *     }
 * }
 * }</pre>
 *
 * <p>The nested classes are the laws by their names; {@code docs/sync-laws.md} lists them all.
 */
public abstract class SyncStoreContract {
    /** For subclasses. */
    protected SyncStoreContract() {}

    /**
     * Makes a fresh database. Called once for each law, or twice; the suite closes the fixture.
     *
     * @return the database and what belongs to it
     * @throws Exception if it cannot be made; the law then fails
     */
    protected abstract SyncFixture open() throws Exception;

    @Nested
    @DisplayName("Schema: Which database, and what it declares")
    class Schema extends SyncSchemaLaws {
        Schema() {
            super(SyncStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Transactions: All or nothing")
    class Transactions extends SyncTransactionLaws {
        Transactions() {
            super(SyncStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Reads: By place and by key")
    class Reads extends SyncReadLaws {
        Reads() {
            super(SyncStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Writes: What is told, and nothing else")
    class Writes extends SyncWriteLaws {
        Writes() {
            super(SyncStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Tombstones: Rows that are marked as deleted")
    class Tombstones extends SyncTombstoneLaws {
        Tombstones() {
            super(SyncStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Notes: Books that the store does not read")
    class Notes extends SyncNoteLaws {
        Notes() {
            super(SyncStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Capture: What the application changes is told")
    class Capture extends SyncCaptureLaws {
        Capture() {
            super(SyncStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Values: What is written is what is read")
    class Values extends SyncValueLaws {
        Values() {
            super(SyncStoreContract.this);
        }
    }
}
