package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.port.PortPool;
import dev.berth.testkit.LedgerInvariants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server is killed with SIGKILL while many threads claim and release, and comes back. */
@Tag("slow")
class ServerKilledTest {
    private static final int THREADS = 8;
    private static final int MOST_HELD = 8;

    private static final PortPool POOL =
            PortPool.named("pool").onHost(SqliteStores.NODE).range(5_000, 5_199).build();

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void whatAKilledServerHadAcknowledgedIsThereWhenItReturns(String engine) throws Exception {
        kill(engine, 1);
    }

    @Tag("deep")
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "postgresql-old", "mariadb"})
    void whatAServerThatIsKilledAgainAndAgainHadAcknowledgedIsThere(String engine) throws Exception {
        kill(engine, 15);
    }

    private static void kill(String engine, int rounds) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Server server = Servers.of(engine);
        Database database = server.freshDatabase();
        var settings = JdbcSettings.defaults()
                .user(database.user())
                .password(database.password())
                .patience(Duration.ofSeconds(2));
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (JdbcLedgerStore store = JdbcLedgerStore.open(database.url(), settings)) {
            List<Worker> workers = IntStream.range(0, THREADS)
                    .mapToObj(i -> new Worker(store, i, new Random(seed + i)))
                    .toList();
            List<Future<?>> running = new ArrayList<>();
            workers.forEach(worker -> running.add(threads.submit(worker)));
            for (int round = 0; round < rounds; round++) {
                everyOne(workers, running, worker -> worker.served, 10 + random.nextInt(20), "are served");
                server.kill();
                everyOne(workers, running, worker -> worker.failed, 1, "notice");
                server.restart();
            }
            everyOne(workers, running, worker -> worker.served, 10, "are served by the same store");
            workers.forEach(worker -> worker.stopped = true);
            for (Future<?> one : running) {
                one.get(1, TimeUnit.MINUTES);
            }
            workers.forEach(Worker::check);
            LedgerInvariants.check(store);
            System.out.printf(
                    "%s was killed %d times (seed %d): %d calls served, %d not done, of %d it is unknown%n",
                    engine,
                    rounds,
                    seed,
                    workers.stream().mapToInt(worker -> worker.served).sum(),
                    workers.stream().mapToInt(worker -> worker.failed).sum(),
                    workers.stream().mapToInt(worker -> worker.unknown).sum());
        } finally {
            threads.shutdownNow();
            if (!server.isRunning()) {
                server.restart();
            }
        }
    }

    private interface Count {
        int of(Worker worker);
    }

    private static void everyOne(List<Worker> workers, List<Future<?>> running, Count count, int more, String what)
            throws Exception {
        List<Integer> before = workers.stream().map(count::of).toList();
        Await.until(what, () -> {
            for (Future<?> one : running) {
                if (one.isDone()) {
                    // It tells why.
                    one.get();
                }
            }
            return IntStream.range(0, THREADS).allMatch(i -> count.of(workers.get(i)) >= before.get(i) + more);
        });
    }

    /** Claims and releases, and remembers what it was told. No two have an owner in common. */
    private static final class Worker implements Callable<Void> {
        private final JdbcLedgerStore store;
        private final ResourceLedger ledger;
        private final int number;
        private final Random random;
        private final List<Claim> held = new ArrayList<>();
        private final List<Owner> unheld = new ArrayList<>();
        private volatile int served;
        private volatile int failed;
        private volatile int unknown;
        private volatile boolean stopped;

        Worker(JdbcLedgerStore store, int number, Random random) {
            this.store = store;
            ledger = ResourceLedger.on(store);
            this.number = number;
            this.random = random;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // Nobody else writes.
        public Void call() {
            for (int i = 0; !stopped; i++) {
                boolean claiming = held.size() < MOST_HELD && (held.isEmpty() || random.nextInt(3) > 0);
                Owner owner = Owner.of("worker-" + number, "app-" + i);
                Optional<Claim> given =
                        claiming ? Optional.empty() : Optional.of(held.remove(random.nextInt(held.size())));
                try {
                    if (claiming) {
                        held.add(ledger.claim(ClaimRequest.by(owner)
                                .in(SqliteStores.NODE)
                                .fixed("name", ResourceKind.COMPOSE_PROJECT, "app-" + number + "-" + i)
                                .choose("port", POOL)));
                    } else {
                        assertThat(ledger.release(given.orElseThrow().token())).isTrue();
                        unheld.add(given.orElseThrow().owner());
                    }
                    served++;
                } catch (StoreUnavailableException failure) {
                    assertThat(failure.isRetryable()).as("%s", failure).isTrue();
                    if (failure.outcome() == Outcome.UNKNOWN) {
                        unknown++;
                    } else if (claiming) {
                        unheld.add(owner);
                    } else {
                        given.ifPresent(held::add);
                    }
                    failed++;
                }
            }
            return null;
        }

        void check() {
            for (Claim claim : held) {
                assertThat(store.find(claim.id()).map(Snapshot::claim)).contains(claim);
            }
            for (Owner owner : unheld) {
                assertThat(store.find(owner)).isEmpty();
            }
        }
    }
}
