package dev.berth.jdbc;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Violation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/** Many threads that take ports from one small pool until none is left. */
final class Allocation {
    static final int FIRST_PORT = 5_000;

    private Allocation() {}

    /** Gives a line for each port that was taken: its number and its owner's name. */
    static List<String> run(LedgerStore store, String tenant, int threads, int slots) throws Exception {
        List<String> taken = Collections.synchronizedList(new ArrayList<>());
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                String name = "thread-" + i;
                running.add(pool.submit(() -> takeAll(store, tenant, name, slots, taken)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
        return taken;
    }

    private static void takeAll(LedgerStore store, String tenant, String name, int slots, List<String> taken) {
        Candidates candidates = SqliteStores.ports(FIRST_PORT, slots);
        for (int i = 0; ; i++) {
            Owner owner = Owner.of(tenant, name + "-" + i);
            boolean granted = false;
            while (!granted) {
                List<Integer> free = store.free(owner, candidates, Set.of(), 4);
                if (free.isEmpty()) {
                    return;
                }
                int port = FIRST_PORT + free.get(ThreadLocalRandom.current().nextInt(free.size()));
                CommitResult result = SqliteStores.commit(
                        store, SqliteStores.reservation(UUID.randomUUID(), owner, SqliteStores.port(port)));
                granted = result instanceof CommitResult.Done;
                if (granted) {
                    taken.add(port + " " + tenant + ":" + owner.name());
                } else if (!((CommitResult.Refused) result)
                        .violations().stream().allMatch(Violation.Occupied.class::isInstance)) {
                    throw new AssertionError(result);
                }
            }
        }
    }
}
