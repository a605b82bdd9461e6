package dev.berth.sync;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store that is opened when it is first needed. */
final class LateSyncStore implements SyncStore {
    private final Supplier<? extends SyncStore> opening;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable SyncStore opened;
    private boolean closed;

    LateSyncStore(Supplier<? extends SyncStore> opening) {
        this.opening = opening;
    }

    private SyncStore store() {
        lock.lock();
        try {
            SyncStore store = opened;
            if (closed) {
                throw new SyncUnavailableException(
                        "the store is closed: make another",
                        SyncUnavailableException.Reason.BROKEN,
                        SyncUnavailableException.Outcome.NOT_DONE,
                        null);
            }
            if (store == null) {
                store = opening.get();
                opened = store;
            }
            return store;
        } finally {
            lock.unlock();
        }
    }

    /** Where it is; empty before it was opened. */
    Optional<String> where() {
        return Optional.ofNullable(opened).map(SyncStore::describe);
    }

    @Override
    public UUID identity() {
        return store().identity();
    }

    @Override
    public String describe() {
        return store().describe();
    }

    @Override
    public Instant now() {
        return store().now();
    }

    @Override
    public Collection<String> tables() {
        return store().tables();
    }

    @Override
    public StoreTable table(String name) {
        return store().table(name);
    }

    @Override
    public <T> T transact(Work<T> work) throws RowFaultException {
        return store().transact(work);
    }

    @Override
    public <T> T read(Work<T> work) throws RowFaultException {
        return store().read(work);
    }

    @Override
    public int sessions() {
        return store().sessions();
    }

    @Override
    public Collection<String> startCapture(Collection<RowShape> shapes, UUID reader) {
        return store().startCapture(shapes, reader);
    }

    @Override
    public void endCapture(String table) {
        store().endCapture(table);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            SyncStore store = opened;
            opened = null;
            if (store != null) {
                store.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
