package dev.berth.testkit.ledger;

import dev.berth.ledger.LedgerStore;
import dev.berth.testkit.ForwardingLedgerStore;
import dev.berth.testkit.StoreCall;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets somebody else act at one exact point between the calls of the ledger under test: a race that is no luck. */
final class InterposedStore extends ForwardingLedgerStore {
    private @Nullable StoreCall awaited;
    private int skipped;
    private @Nullable Runnable other;

    InterposedStore(LedgerStore next) {
        super(next);
    }

    /** Runs once, right before the given call. */
    void before(StoreCall call, Runnable act) {
        before(call, 0, act);
    }

    /** Runs once, right before the given call, after so many of the same have passed. */
    void before(StoreCall call, int skip, Runnable act) {
        awaited = call;
        skipped = skip;
        other = act;
    }

    boolean happened() {
        return other == null;
    }

    @Override
    protected <T> T around(StoreCall call, Supplier<T> work) {
        Runnable act = other;
        if (call == awaited && act != null && skipped-- == 0) {
            other = null;
            act.run();
        }
        return work.get();
    }
}
