package dev.berth.testkit;

import dev.berth.ledger.LedgerStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * One fresh, empty ledger store with what the contract suite needs around it: its time, further handles on the same
 * data, and its medium's failures. A store of one handle that is given a {@link ManualClock} overrides {@link #store}
 * and {@link #clock}; the other methods have answers that fit it.
 *
 * <p>The suite opens a fixture before each law, on one thread, and closes it after; the store it uses from many.
 */
public interface StoreFixture extends AutoCloseable {
    /** A medium that a law may break: a database that is stopped, a file that is made read-only. */
    interface Medium {
        /** Makes every call fail from now on. */
        void fail();

        /** Lets calls succeed again, with all the data as it was. */
        void mend();
    }

    /**
     * Makes the fixture of a store that lives in one handle and reads a clock.
     *
     * @param store the store, empty
     * @param clock the clock that the store reads
     * @return the fixture, which closes the store
     */
    static StoreFixture of(LedgerStore store, ManualClock clock) {
        return new StoreFixture() {
            @Override
            public LedgerStore store() {
                return store;
            }

            @Override
            public Optional<ManualClock> clock() {
                return Optional.of(clock);
            }
        };
    }

    /**
     * Gives the store.
     *
     * @return the same one at every call, empty when the fixture was opened
     */
    LedgerStore store();

    /**
     * Gives the clock that the store reads.
     *
     * @return the clock, empty if the store's time is not in the test's hands
     */
    default Optional<ManualClock> clock() {
        return Optional.empty();
    }

    /**
     * Lets time pass. Without a clock to move it waits; a fixture that can shift its store's time does that instead.
     *
     * @param span after the call {@link LedgerStore#now} is at least this much later than before
     */
    default void pass(Duration span) {
        if (clock().isPresent()) {
            clock().get().advance(span);
            return;
        }
        Instant then = store().now().plus(span);
        while (store().now().isBefore(then) && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
        }
    }

    /**
     * Says how long the leases are that laws let run out. A store on a clock of its own needs time to commit within one.
     *
     * @return one second unless overridden
     */
    default Duration tick() {
        return Duration.ofSeconds(1);
    }

    /**
     * Opens another handle on the same data, as another process would have it. Laws on several handles are skipped, with
     * that reason, for stores without.
     *
     * @return a new handle, which the caller closes; empty if the data lives in one handle
     */
    default Optional<LedgerStore> another() {
        return Optional.empty();
    }

    /**
     * Gives the medium, for laws about its failures, which are skipped, with that reason, for stores without.
     *
     * @return the medium, empty if it cannot be broken
     */
    default Optional<Medium> medium() {
        return Optional.empty();
    }

    /**
     * Says how many rounds the suite's races run.
     *
     * @return 100 unless overridden
     */
    default int rounds() {
        return 100;
    }

    /** Closes the store and whatever else the fixture opened. */
    @Override
    default void close() {
        store().close();
    }
}
