package dev.berth.testkit;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;

/**
 * The contract of {@link dev.berth.ledger.LedgerStore} as a suite: a store is one if its subclass of this class passes.
 * The only thing to say is how a fresh store is made:
 *
 * <pre>{@code
 * class StoreOfMineTest extends LedgerStoreContract {
 *     @Override
 *     protected StoreFixture open() {
 *         ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
 *         return StoreFixture.of(new MemoryLedgerStore(clock, UUID.randomUUID()), clock); // or a store of yours
 *     }
 * }
 * }</pre>
 *
 * <p>The nested classes are the laws by their names, as the Javadoc of {@code LedgerStore} cites them in brackets; a
 * number in a law's sentence is that of the field's case it comes from. {@code docs/laws.md} lists them all.
 */
public abstract class LedgerStoreContract {
    /** For subclasses. */
    protected LedgerStoreContract() {}

    /**
     * Makes a fresh, empty store. Called once for each law; the suite closes the fixture.
     *
     * @return the store and what belongs to it
     * @throws Exception if it cannot be made; the law then fails
     */
    protected abstract StoreFixture open() throws Exception;

    @Nested
    @DisplayName("L1: The unique key is the only arbiter")
    class UniqueKey extends UniqueKeyLaws {
        UniqueKey() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("L2: Stored before the answer")
    class Durable extends DurableLaws {
        Durable() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("L5: Every change names the token it saw")
    class Tokens extends TokenLaws {
        Tokens() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("L6: All or nothing, and a refusal says it all")
    class AllOrNothing extends AllOrNothingLaws {
        AllOrNothing() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("L7: One owner, one claim")
    class SameClaim extends SameClaimLaws {
        SameClaim() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Changes: What a claim becomes by a write")
    class Changes extends ChangeLaws {
        Changes() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Attempts: One at a time")
    class Attempts extends AttemptLaws {
        Attempts() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Blocks: Rows without a claim")
    class Blocks extends BlockLaws {
        Blocks() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Clock: Time is the store's, and leases end by it")
    class Clock extends ClockLaws {
        Clock() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Batch: Several units in one call")
    class Batch extends BatchLaws {
        Batch() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Concurrency: Many threads, many handles")
    class Concurrency extends ConcurrencyLaws {
        Concurrency() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Keys: Texts are compared and kept byte for byte")
    class Keys extends KeyLaws {
        Keys() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Reads: Exact, whole and immutable")
    class Reads extends ReadLaws {
        Reads() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Reads by page: In order, complete and stable")
    class Pages extends PageLaws {
        Pages() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Hint: Which candidates seem free")
    class Hint extends HintLaws {
        Hint() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Records: Named, compared and set")
    class Records extends RecordLaws {
        Records() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("History: What was, and what is forgotten")
    class History extends HistoryLaws {
        History() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Identity: Which ledger, and where")
    class Identity extends IdentityLaws {
        Identity() {
            super(LedgerStoreContract.this);
        }
    }

    @Nested
    @DisplayName("Faults (and L3: Unknown is a third answer)")
    class Faults extends FaultLaws {
        Faults() {
            super(LedgerStoreContract.this);
        }
    }
}
