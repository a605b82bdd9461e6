package dev.berth.jdbc;

import dev.berth.sync.RowFaultException;
import dev.berth.sync.RowShape;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.UUID;

/** A store whose host's clock is wrong. */
final class SkewedSyncStore implements SyncStore {
    private final SyncStore store;
    private final Duration wrong;

    SkewedSyncStore(SyncStore store, Duration wrong) {
        this.store = store;
        this.wrong = wrong;
    }

    @Override
    public UUID identity() {
        return store.identity();
    }

    @Override
    public String describe() {
        return store.describe();
    }

    @Override
    public Instant now() {
        return store.now().plus(wrong);
    }

    @Override
    public Collection<String> tables() {
        return store.tables();
    }

    @Override
    public StoreTable table(String name) {
        return store.table(name);
    }

    @Override
    public <T> T transact(Work<T> work) throws RowFaultException {
        return store.transact(work);
    }

    @Override
    public <T> T read(Work<T> work) throws RowFaultException {
        return store.read(work);
    }

    @Override
    public int sessions() {
        return store.sessions();
    }

    @Override
    public Collection<String> startCapture(Collection<RowShape> shapes, UUID reader) {
        return store.startCapture(shapes, reader);
    }

    @Override
    public void endCapture(String table) {
        store.endCapture(table);
    }

    @Override
    public void close() {
        store.close();
    }
}
