package dev.berth.benchmarks;

import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** A store that counts what a ledger asks of it. */
final class CountedStore {
    private final LedgerStore store;
    private final LongAdder commits = new LongAdder();
    private final LongAdder units = new LongAdder();
    private final LongAdder refused = new LongAdder();

    CountedStore(LedgerStore store) {
        this.store = store;
    }

    /** Calls go to the store; closing it closes the store. */
    LedgerStore counting() {
        return (LedgerStore) Proxy.newProxyInstance(
                LedgerStore.class.getClassLoader(), new Class<?>[] {LedgerStore.class}, (self, method, arguments) -> {
                    try {
                        Object result = method.invoke(store, arguments);
                        if (method.getName().equals("commit") && result instanceof List<?> results) {
                            commits.increment();
                            units.add(results.size());
                            results.forEach(one -> {
                                if (one instanceof CommitResult.Refused) {
                                    refused.increment();
                                }
                            });
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    void reset() {
        commits.reset();
        units.reset();
        refused.reset();
    }

    long commits() {
        return commits.sum();
    }

    long units() {
        return units.sum();
    }

    long refused() {
        return refused.sum();
    }
}
