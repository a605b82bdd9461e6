package dev.berth.jdbc;

import dev.berth.sync.RowFaultException;
import dev.berth.sync.RowShape;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncSession;
import dev.berth.sync.SyncStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A store whose calls are counted, and that can be kept from summing up: then its rows have to be read. */
final class BlindSyncStore implements SyncStore {
    private final SyncStore store;
    private final boolean blind;
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();

    private BlindSyncStore(SyncStore store, boolean blind) {
        this.store = store;
        this.blind = blind;
    }

    static BlindSyncStore blind(SyncStore store) {
        return new BlindSyncStore(store, true);
    }

    static BlindSyncStore counting(SyncStore store) {
        return new BlindSyncStore(store, false);
    }

    int calls(String method) {
        return calls.getOrDefault(method, 0);
    }

    @Override
    public <T> T transact(Work<T> work) throws RowFaultException {
        return store.transact(session -> work.run(watched(session)));
    }

    private SyncSession watched(SyncSession session) {
        return (SyncSession) Proxy.newProxyInstance(
                SyncSession.class.getClassLoader(), new Class<?>[] {SyncSession.class}, (proxy, method, given) -> {
                    calls.merge(method.getName(), 1, Integer::sum);
                    if (blind
                            && (method.getName().equals("sums")
                                    || method.getName().equals("rowsOf"))) {
                        return Optional.empty();
                    }
                    try {
                        return method.invoke(session, given);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
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
    public <T> T read(Work<T> work) throws RowFaultException {
        return store.read(session -> work.run(watched(session)));
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
