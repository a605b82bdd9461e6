package dev.berth.port;

import dev.berth.ledger.Owner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the callers for one owner and pool go one after the other, and nobody else wait. Nothing depends on it for
 * safety, the claim's token decides; but a probe that listens for a moment would be taken for an outsider by a second
 * one on the same port, and would be in the way of the instance that the first caller already starts.
 */
final class Turns {
    private final ConcurrentMap<Key, Turn> turns = new ConcurrentHashMap<>();

    <T> T take(Owner owner, PortPool pool, Supplier<T> work) {
        var key = new Key(owner, pool.name());
        Turn turn = join(key);
        turn.lock.lock();
        try {
            return work.get();
        } finally {
            turn.lock.unlock();
            turns.computeIfPresent(key, (same, left) -> left.leave());
        }
    }

    private Turn join(Key key) {
        return turns.compute(key, (same, found) -> (found == null ? new Turn() : found).enter());
    }

    private record Key(Owner owner, String pool) {}

    /** Its callers are counted under the map's lock of its key, so that none joins a turn that was dropped. */
    private static final class Turn {
        private final ReentrantLock lock = new ReentrantLock();
        private int callers;

        Turn enter() {
            callers++;
            return this;
        }

        @Nullable
        Turn leave() {
            callers--;
            return callers == 0 ? null : this;
        }
    }
}
