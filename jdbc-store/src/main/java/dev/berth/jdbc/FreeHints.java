package dev.berth.jdbc;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.Commit;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Violation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which numbers seem taken, kept in memory so that an allocation need not read its pool: what was read last, and what
 * this store has done or met since. It saves round trips and decides nothing; what others do is learnt when they stand in
 * the way, and by reading anew now and then. Safe for use by many threads.
 */
final class FreeHints {
    /** So many layouts are kept in mind, the least lately used forgotten. */
    private static final int LAYOUTS = 64;

    /** A layout is read anew after so many times as long as its reading took: so reading costs a fiftieth at most. */
    private static final int REST = 50;

    private static final long LEAST_REST = TimeUnit.MILLISECONDS.toNanos(20);

    private final Map<Candidates.Layout, Pool> pools = new LinkedHashMap<>(16, 0.75f, true);

    /** Reads all of a layout's numbers. */
    @FunctionalInterface
    interface Reading {
        NumberMap read();
    }

    /** One layout. Its lock guards what follows. */
    private static final class Pool {
        private final Candidates.Layout layout;
        private @Nullable NumberMap seen;
        private long restUntil;
        private boolean reading;
        /** What happened since the reading began that is under way; it may have seen it or not. */
        private final List<Runnable> meanwhile = new ArrayList<>();

        Pool(Candidates.Layout layout) {
            this.layout = layout;
        }

        synchronized void happened(Resource resource, boolean taken) {
            int number = resource.number().orElse(-1);
            Runnable change = () -> {
                if (seen != null) {
                    seen.set(number, taken);
                }
            };
            change.run();
            if (reading) {
                meanwhile.add(change);
            }
        }
    }

    /**
     * Finds positions that seem free from memory alone, reading first where nothing is known or it is time to.
     *
     * @return positions in the order of the candidates; empty if none seems free, which only a reading can confirm
     */
    List<Integer> find(Candidates.Numbered candidates, Set<Resource> except, int limit, Reading reading) {
        Pool pool = pool(candidates.layout());
        boolean read;
        synchronized (pool) {
            read = !pool.reading && (pool.seen == null || System.nanoTime() - pool.restUntil >= 0);
            pool.reading |= read;
        }
        if (read) {
            refresh(pool, reading);
        }
        Set<Integer> skipped = numbers(candidates.layout(), except);
        synchronized (pool) {
            return pool.seen == null ? List.of() : pool.seen.free(candidates.start(), skipped, limit);
        }
    }

    private Pool pool(Candidates.Layout layout) {
        synchronized (pools) {
            Pool pool = pools.computeIfAbsent(layout, Pool::new);
            if (pools.size() > LAYOUTS) {
                pools.remove(pools.keySet().iterator().next());
            }
            return pool;
        }
    }

    private static void refresh(Pool pool, Reading reading) {
        long begun = System.nanoTime();
        NumberMap read = null;
        try {
            read = reading.read();
        } finally {
            synchronized (pool) {
                if (read != null) {
                    pool.seen = read;
                    pool.meanwhile.forEach(Runnable::run);
                    long took = System.nanoTime() - begun;
                    pool.restUntil = System.nanoTime() + Math.max(LEAST_REST, REST * took);
                }
                pool.reading = false;
                pool.meanwhile.clear();
            }
        }
    }

    /** The numbers of a layout's kind and scope among some resources. */
    static Set<Integer> numbers(Candidates.Layout layout, Collection<Resource> resources) {
        Set<Integer> numbers = new HashSet<>();
        for (Resource resource : resources) {
            if (resource.kind().equals(layout.kind().name()) && resource.scope().equals(layout.scope())) {
                resource.number().ifPresent(numbers::add);
            }
        }
        return numbers;
    }

    /** What a transaction did and met; told once it is committed. Used by one thread. */
    final class News {
        private final List<Resource> gone = new ArrayList<>();
        private final List<Resource> taken = new ArrayList<>();

        void gone(Collection<Resource> resources) {
            add(gone, resources);
        }

        /** Takes note of what a unit that was done takes and blocks. */
        void done(Commit unit) {
            for (Commit.ClaimWrite write : unit.claims()) {
                for (Commit.Take take : write.taken()) {
                    add(taken, List.of(take.resource()));
                }
                if (write instanceof Commit.Release release) {
                    add(taken, release.blocks().keySet());
                } else if (write instanceof Commit.Change change) {
                    change.gives().stream()
                            .filter(give -> give.block().isPresent())
                            .forEach(give -> add(taken, List.of(give.resource())));
                }
            }
            for (Commit.BlockWrite write : unit.blocks()) {
                if (write instanceof Commit.PutBlock) {
                    add(taken, List.of(write.resource()));
                }
            }
        }

        /** Takes note of what stood in a unit's way. */
        void refused(List<Violation> violations) {
            for (Violation violation : violations) {
                if (violation instanceof Violation.Occupied occupied) {
                    Occupant occupant = occupied.occupant();
                    add(taken, List.of(occupant.resource()));
                }
            }
        }

        private static void add(List<Resource> noted, Collection<Resource> resources) {
            for (Resource resource : resources) {
                if (resource.number().isPresent()) {
                    noted.add(resource);
                }
            }
        }

        /** Tells what was noted: what went first, as a unit takes after it gave. */
        void tell() {
            if (gone.isEmpty() && taken.isEmpty()) {
                return;
            }
            List<Pool> known;
            synchronized (pools) {
                known = List.copyOf(pools.values());
            }
            for (Pool pool : known) {
                tell(pool, gone, false);
                tell(pool, taken, true);
            }
        }

        private static void tell(Pool pool, List<Resource> resources, boolean taken) {
            Scope scope = pool.layout.scope();
            String kind = pool.layout.kind().name();
            for (Resource resource : resources) {
                if (resource.kind().equals(kind) && resource.scope().equals(scope)) {
                    pool.happened(resource, taken);
                }
            }
        }
    }

    News news() {
        return new News();
    }
}
