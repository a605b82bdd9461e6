package dev.berth.jdbc;

import dev.berth.sync.RowFaultException;
import dev.berth.sync.RowShape;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncStore;
import java.time.Instant;
import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** A store whose process dies at one of its transactions, and does nothing more. */
final class MortalSyncStore implements SyncStore {
    private final SyncStore store;
    private final Moment moment;
    private final AtomicInteger left;
    private volatile boolean dead;

    /** When it dies. */
    enum Moment {
        /** The transaction has not begun. */
        BEFORE,
        /** Its work is done, and not committed. */
        WITHIN,
        /** It is committed, and nobody has heard of it. */
        AFTER
    }

    /** It is dead. */
    private static final class Death extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    MortalSyncStore(SyncStore store, Moment moment, int transaction) {
        this.store = store;
        this.moment = moment;
        this.left = new AtomicInteger(transaction);
    }

    /** Runs something; says whether the store died of it. */
    boolean dies(Runnable deed) {
        try {
            deed.run();
        } catch (Death expected) {
            return true;
        }
        return dead;
    }

    /** How a transaction is run by the store that dies. */
    @FunctionalInterface
    private interface Running {
        <T> T run(Work<T> work) throws RowFaultException;
    }

    @Override
    public <T> T transact(Work<T> work) throws RowFaultException {
        return mortal(store::transact, work);
    }

    @Override
    public <T> T read(Work<T> work) throws RowFaultException {
        return mortal(store::read, work);
    }

    @Override
    public int sessions() {
        return store.sessions();
    }

    private <T> T mortal(Running running, Work<T> work) throws RowFaultException {
        boolean last = left.decrementAndGet() == 0;
        if (dead || (last && moment == Moment.BEFORE)) {
            die();
        }
        T result = running.run(session -> {
            T found = work.run(session);
            if (last && moment == Moment.WITHIN) {
                die();
            }
            return found;
        });
        if (last && moment == Moment.AFTER) {
            die();
        }
        return result;
    }

    private void die() {
        dead = true;
        throw new Death();
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
        return store.now();
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
    public Collection<String> startCapture(Collection<RowShape> shapes, UUID reader) {
        return store.startCapture(shapes, reader);
    }

    @Override
    public void endCapture(String table) {
        store.endCapture(table);
    }

    @Override
    public void close() {
        // Its owner closes it.
    }
}
