package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StaleTokenException;
import dev.berth.port.PortPool;
import dev.berth.testkit.LedgerInvariants;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Callers of several stores do all that a ledger offers, about owners of their own and about some that they share. */
class LoadTest {
    private static final int SHARED_OWNERS = 6;
    private static final PortPool POOL =
            PortPool.named("pool").onHost(SqliteStores.NODE).range(5_000, 5_047).build();

    @TempDir
    Path directory;

    private static Stream<Arguments> loads() {
        return Stream.of("sqlite", "postgresql", "mariadb")
                .flatMap(engine -> Stream.of(1, 16, 32).map(callers -> Arguments.of(engine, callers)));
    }

    @ParameterizedTest
    @MethodSource("loads")
    void noErrorReachesACallerAndNothingIsHeldTwice(String engine, int callers) throws Exception {
        load(engine, callers, Duration.ofMillis(800));
    }

    @Tag("deep")
    @ParameterizedTest
    @MethodSource("loads")
    void noErrorReachesACallerForMinutes(String engine, int callers) throws Exception {
        load(engine, callers, Duration.ofMinutes(2));
    }

    private void load(String engine, int callers, Duration time) throws Exception {
        long seed = System.nanoTime();
        List<HikariDataSource> pools = new ArrayList<>();
        List<JdbcLedgerStore> stores = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        var holders = new ConcurrentHashMap<Resource, Owner>();
        var calls = new AtomicLong();
        var granted = new AtomicLong();
        try {
            Database database = engine.equals("sqlite")
                    ? new Database(SqliteStores.url(directory.resolve("load.db")), "", "")
                    : Servers.of(engine).freshDatabase();
            for (int i = 0; i < Math.min(4, callers); i++) {
                pools.add(pool(database));
                stores.add(JdbcLedgerStore.on(pools.get(i)).createSchema());
            }
            long end = System.nanoTime() + time.toNanos();
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                ResourceLedger ledger = ResourceLedger.on(stores.get(i % stores.size()));
                running.add(threads.submit(
                        new Caller(ledger, "caller-" + i, new Random(seed + i), end, holders, calls, granted)));
            }
            for (Future<?> one : running) {
                one.get(time.toSeconds() + 60, TimeUnit.SECONDS);
            }
            for (HikariDataSource pool : pools) {
                assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                        .as("connections that were not given back")
                        .isZero();
            }
            LedgerInvariants.check(stores.get(0));
            System.out.printf(
                    "%s, %d callers of %d stores for %d ms (seed %d): %d calls, %d claims granted%n",
                    engine, callers, stores.size(), time.toMillis(), seed, calls.get(), granted.get());
            assertThat(granted).hasPositiveValue();
        } finally {
            threads.shutdownNow();
            stores.forEach(JdbcLedgerStore::close);
            pools.forEach(HikariDataSource::close);
        }
    }

    private static HikariDataSource pool(Database database) {
        var config = new HikariConfig();
        config.setJdbcUrl(database.url());
        config.setUsername(database.user());
        config.setPassword(database.password());
        config.setMaximumPoolSize(10);
        config.setMinimumIdle(1);
        config.setLeakDetectionThreshold(20_000);
        return new HikariDataSource(config);
    }

    /** One caller. */
    private record Caller(
            ResourceLedger ledger,
            String name,
            Random random,
            long end,
            ConcurrentHashMap<Resource, Owner> holders,
            AtomicLong calls,
            AtomicLong granted)
            implements Callable<Void> {
        @Override
        public Void call() {
            for (int i = 0; System.nanoTime() < end; i++) {
                if (random.nextInt(4) == 0) {
                    shared();
                } else {
                    own(Owner.of(name, "app-" + i));
                }
            }
            return null;
        }

        private static ClaimRequest request(Owner owner) {
            return ClaimRequest.by(owner)
                    .in(SqliteStores.NODE)
                    .fixed("name", ResourceKind.COMPOSE_PROJECT, owner.tenant() + "-" + owner.name())
                    .choose("pool", POOL)
                    .lease(Duration.ofHours(1));
        }

        /** Nobody else acts for this owner, so every call has one right answer. */
        private void own(Owner owner) {
            ClaimRequest request = request(owner);
            calls.incrementAndGet();
            if (!(ledger.tryClaim(request) instanceof ClaimOutcome.Granted first)) {
                return;
            }
            granted.incrementAndGet();
            Claim claim = first.claim();
            assertThat(ledger.find(owner)).as("what was told is what is kept").contains(claim);
            Resource port = claim.part("pool").values().iterator().next();
            assertThat(holders.put(port, owner))
                    .as("%s is granted to %s and held by", port, owner)
                    .isNull();
            for (int i = random.nextInt(4); i > 0; i--) {
                claim = again(claim, request);
                assertThat(claim.part("pool")).containsValue(port);
            }
            holders.remove(port);
            calls.incrementAndGet();
            assertThat(ledger.release(claim.token())).isTrue();
        }

        private Claim again(Claim claim, ClaimRequest request) {
            calls.incrementAndGet();
            switch (random.nextInt(4)) {
                case 0 -> {
                    var same = (ClaimOutcome.Granted) ledger.tryClaim(request);
                    assertThat(same.acquired()).isEmpty();
                    assertThat(same.claim().token()).isEqualTo(claim.token());
                    return same.claim();
                }
                case 1 -> {
                    return ledger.renew(claim.token(), Duration.ofHours(2));
                }
                case 2 -> {
                    return ledger.relabel(claim.token(), Map.of("n", "" + random.nextInt(10)), Set.of("old"));
                }
                default -> {
                    AttemptOutcome outcome = ledger.attempt(request, SqliteStores.NODE, Duration.ofMinutes(10));
                    if (outcome instanceof AttemptOutcome.Held held) {
                        return held.claim();
                    }
                    calls.incrementAndGet();
                    return ledger.activate(((AttemptOutcome.Granted) outcome).attempt(), "instance-of-" + claim.id());
                }
            }
        }

        /** Others act for this owner at the same time, so it may have moved on. */
        private void shared() {
            Owner owner = Owner.of("shared", "app-" + random.nextInt(SHARED_OWNERS));
            calls.incrementAndGet();
            try {
                switch (random.nextInt(4)) {
                    case 0, 1 -> ledger.tryClaim(request(owner));
                    case 2 -> {
                        Optional<Claim> found = ledger.find(owner);
                        if (found.isPresent()) {
                            ledger.release(found.get().token());
                        }
                    }
                    default -> {
                        AttemptOutcome outcome =
                                ledger.attempt(request(owner), SqliteStores.NODE, Duration.ofMinutes(10));
                        if (outcome instanceof AttemptOutcome.Granted mine) {
                            ledger.activate(
                                    mine.attempt(),
                                    "instance-of-" + mine.attempt().nonce());
                        }
                    }
                }
            } catch (StaleTokenException movedOn) {
                assertThat(movedOn).isNotNull();
            }
        }
    }
}
