package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.testkit.LedgerInvariants;
import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The way to the server breaks at every request of every call, once before the server sees the request and once after it
 * has answered. The call then returns what is in the store, or says that it is not there, or that it does not know.
 */
@Tag("slow")
class CutsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int MOST_REQUESTS = 200;
    private static final Tally ALL = new Tally();

    /** What became of calls whose connection broke. */
    private static final class Tally {
        private int returned;
        private int notDone;
        private int unknown;

        private void add(Tally more) {
            returned += more.returned;
            notDone += more.notDone;
            unknown += more.unknown;
        }

        @Override
        public String toString() {
            return (returned + notDone + unknown) + " breaks: " + returned + " calls returned, " + notDone
                    + " were not done, of " + unknown + " it is unknown";
        }
    }

    /** How the way breaks. */
    private enum Break {
        CUT_REQUEST,
        CUT_ANSWER,
        STALL;

        private void arm(FaultProxy proxy, int n) {
            switch (this) {
                case CUT_REQUEST -> proxy.cutRequest(n);
                case CUT_ANSWER -> proxy.cutAnswer(n);
                case STALL -> proxy.stallRequest(n);
            }
        }
    }

    /** A database, a way to it that breaks, and one that does not. */
    private static final class World implements AutoCloseable {
        private final Database database;
        private final FaultProxy proxy;
        private final HikariDataSource pool;
        private final JdbcLedgerStore direct;
        private final JdbcLedgerStore broken;
        private final Tally tally = new Tally();
        private final List<Deed.Trial> undone = new ArrayList<>();

        World(String engine) throws Exception {
            database = Servers.of(engine).freshDatabase();
            direct = JdbcLedgerStore.open(
                    database.url(),
                    JdbcSettings.defaults().user(database.user()).password(database.password()));
            proxy = FaultProxy.to(database);
            // Whoever waits for longer than this has lost the other side.
            String timeout = database.isPostgres() ? "1" : "400";
            Database way = proxy.database().with("socketTimeout", timeout);
            var config = new HikariConfig();
            config.setJdbcUrl(way.url());
            config.setUsername(way.user());
            config.setPassword(way.password());
            config.setMaximumPoolSize(2);
            config.setConnectionTimeout(PATIENCE.toMillis());
            pool = new HikariDataSource(config);
            broken = JdbcLedgerStore.on(pool, SqliteStores.patience(PATIENCE));
        }

        /** Makes one call while the way breaks at its n-th request; says whether it made so many. */
        boolean breaks(Deed deed, Break how, int n) throws Exception {
            String name = (how + "-" + n).toLowerCase(Locale.ROOT).replace('_', '-');
            Deed.Trial trial = deed.trial(direct, broken, name);
            settle();
            how.arm(proxy, n);
            boolean done = run(deed, trial);
            boolean reached = !proxy.isArmed();
            proxy.disarm();
            if (how == Break.STALL) {
                proxy.resume();
            }
            if (reached && !done) {
                undone.add(trial);
            }
            Deed.Trial next = deed.trial(direct, broken, name + "-next");
            next.run();
            assertThat(next.isDone()).as("the store works again at once").isTrue();
            return reached;
        }

        /** Says whether it may have happened. */
        private boolean run(Deed deed, Deed.Trial trial) {
            try {
                trial.run();
                assertThat(trial.isDone()).as("what was returned is so").isTrue();
                tally.returned++;
                return true;
            } catch (StoreUnavailableException failure) {
                assertThat(failure.isRetryable()).as("%s", failure).isTrue();
                boolean done = trial.isDone();
                if (failure.outcome() == Outcome.UNKNOWN) {
                    assertThat(deed.isRead()).as("%s", failure).isFalse();
                    tally.unknown++;
                    return true;
                }
                assertThat(done && !deed.isRead())
                        .as("done, but said: %s", failure)
                        .isFalse();
                tally.notDone++;
                return deed.isRead();
            }
        }

        /**
         * Waits until the pool has made up for its losses, and uses all its connections, so that it does not ask whether
         * they live: its requests would be counted as the call's.
         */
        void settle() throws Exception {
            Await.until(
                    "the pool is whole again",
                    () -> pool.getHikariPoolMXBean().getIdleConnections() == 2
                            && pool.getHikariPoolMXBean().getTotalConnections() == 2);
            try (Connection one = pool.getConnection();
                    Connection two = pool.getConnection()) {
                assertThat(one).isNotSameAs(two);
            }
        }

        /** Proves that nothing happens late of what was not done. */
        void staysUndone() throws Exception {
            if (!undone.isEmpty()) {
                long end = System.nanoTime() + Duration.ofMillis(300).toNanos();
                while (System.nanoTime() < end) {
                    assertThat(undone).noneMatch(Deed.Trial::isDone);
                }
            }
            LedgerInvariants.check(direct);
        }

        @Override
        public void close() throws IOException {
            broken.close();
            pool.close();
            proxy.close();
            direct.close();
        }
    }

    private static Stream<Arguments> everywhere() {
        return Stream.of("postgresql", "mariadb")
                .flatMap(engine -> Stream.of(Deed.values()).map(deed -> Arguments.of(engine, deed)));
    }

    @AfterAll
    static void tell() {
        System.out.println("cuts in all: " + ALL);
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void aCutLeavesTheWholeOrNothingAndAWorkingStore(String engine, Deed deed) throws Exception {
        try (var world = new World(engine)) {
            for (Break how : List.of(Break.CUT_REQUEST, Break.CUT_ANSWER)) {
                everyRequest(world, deed, how);
            }
            finish(world, engine, deed);
        }
    }

    private static int everyRequest(World world, Deed deed, Break how) throws Exception {
        int n = 1;
        try {
            while (world.breaks(deed, how, n)) {
                n++;
                assertThat(n).isLessThan(MOST_REQUESTS);
            }
            return n;
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError(deed + ", " + how + " " + n + ": " + failure.getMessage(), failure);
        }
    }

    private static void finish(World world, String engine, Deed deed) throws Exception {
        world.staysUndone();
        ALL.add(world.tally);
        System.out.println(engine + ", " + deed + ": " + world.tally);
    }

    /** The client gives up; the server gets the request only when the client has told its caller how it ended. */
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aRequestThatArrivesLateIsNeverToldAsUndone(String engine) throws Exception {
        for (Deed deed : Set.of(Deed.CLAIM, Deed.RELEASE)) {
            try (var world = new World(engine)) {
                // The first call of a store looks at the schema.
                deed.trial(world.direct, world.broken, "first").run();
                Deed.Trial counted = deed.trial(world.direct, world.broken, "counted");
                world.settle();
                long before = world.proxy.requests();
                counted.run();
                int requests = (int) (world.proxy.requests() - before);
                // The last ones: where a transaction ends, that is before and at its commit.
                for (int n = Math.max(1, requests - 2); n <= requests; n++) {
                    world.breaks(deed, Break.STALL, n);
                }
                finish(world, engine, deed);
            }
        }
    }

    /** The repetition makes the claim, its owner releases it, and only then the first request arrives. */
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aRequestThatArrivesLateBringsNothingBackThatWasReleased(String engine) throws Exception {
        try (var world = new World(engine)) {
            Deed.CLAIM.trial(world.direct, world.broken, "first").run();
            boolean reached = true;
            for (int n = 1; reached; n++) {
                Owner owner = Owner.of("deed", "late-" + n);
                world.settle();
                world.proxy.stallRequest(n);
                Optional<Claim> released = Optional.empty();
                try {
                    Claim claim = ResourceLedger.on(world.broken).claim(Deed.request(owner.name()));
                    assertThat(ResourceLedger.on(world.direct).release(claim.token()))
                            .isTrue();
                    released = Optional.of(claim);
                } catch (StoreUnavailableException failure) {
                    assertThat(failure.isRetryable()).isTrue();
                }
                reached = !world.proxy.isArmed();
                world.proxy.disarm();
                world.proxy.resume();
                long end = System.nanoTime() + Duration.ofMillis(300).toNanos();
                while (reached && released.isPresent() && System.nanoTime() < end) {
                    assertThat(world.direct.find(owner)).as("request %d", n).isEmpty();
                }
            }
            LedgerInvariants.check(world.direct);
        }
    }

    @Tag("deep")
    @ParameterizedTest
    @MethodSource("everywhere")
    void noRequestThatArrivesLateIsToldAsUndone(String engine, Deed deed) throws Exception {
        try (var world = new World(engine)) {
            everyRequest(world, deed, Break.STALL);
            finish(world, engine, deed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aSilentServerIsWaitedForWithABound(String engine) throws Exception {
        try (var world = new World(engine)) {
            Deed.Trial trial = Deed.CLAIM.trial(world.direct, world.broken, "silent");
            world.proxy.hold();
            long start = System.nanoTime();
            var failure = catchThrowableOfType(StoreUnavailableException.class, trial::run);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
            assertThat(failure.isRetryable()).isTrue();
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_DONE);

            world.proxy.resume();
            Deed.CLAIM.trial(world.direct, world.broken, "heard").run();
            world.undone.add(trial);
            world.staysUndone();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aServerThatLetsNobodyInIsAnErrorUntilItDoes(String engine) throws Exception {
        try (var world = new World(engine)) {
            for (Deed deed : List.of(Deed.CLAIM, Deed.FIND)) {
                Deed.Trial trial = deed.trial(
                        world.direct, world.broken, "refused-" + deed.name().toLowerCase(Locale.ROOT));
                world.proxy.refuse();
                Await.until("the pool is empty", () -> world.proxy.connections() == 0);
                var failure = catchThrowableOfType(StoreUnavailableException.class, trial::run);
                assertThat(failure.isRetryable()).isTrue();
                assertThat(failure.outcome()).isEqualTo(Outcome.NOT_DONE);
                assertThat(trial.isDone() && !deed.isRead()).isFalse();

                world.proxy.admit();
                trial.run();
                assertThat(trial.isDone()).isTrue();
            }
            LedgerInvariants.check(world.direct);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void tablesWhoseMakingWasCutAreMadeByTheNext(String engine) throws Exception {
        tables(engine, 7);
    }

    @Tag("deep")
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void tablesWhoseMakingWasCutAnywhereAreMadeByTheNext(String engine) throws Exception {
        tables(engine, 1);
    }

    private static void tables(String engine, int step) throws Exception {
        try (var world = new World(engine)) {
            for (Break how : List.of(Break.CUT_REQUEST, Break.CUT_ANSWER)) {
                boolean reached = true;
                for (int n = 1; reached; n += step) {
                    String schema = how.name().toLowerCase(Locale.ROOT) + "_"
                            + world.database.name().substring(0, 12) + "_" + n;
                    run(world.database, "CREATE SCHEMA " + schema);
                    try {
                        reached = tables(
                                world, how, n, SqliteStores.patience(PATIENCE).schema(schema));
                    } finally {
                        run(world.database, "DROP SCHEMA " + schema + (world.database.isPostgres() ? " CASCADE" : ""));
                    }
                }
            }
            finish(world, engine, Deed.FIND);
        }
    }

    private static boolean tables(World world, Break how, int n, JdbcSettings settings) throws Exception {
        try (JdbcLedgerStore store = JdbcLedgerStore.on(world.pool, settings);
                JdbcLedgerStore other = JdbcLedgerStore.on(world.database.dataSource(), settings)) {
            world.settle();
            how.arm(world.proxy, n);
            try {
                store.createSchema();
                world.tally.returned++;
            } catch (StoreUnavailableException failure) {
                assertThat(failure.isRetryable()).as("%s", failure).isTrue();
                world.tally.notDone++;
                store.createSchema();
            }
            boolean reached = !world.proxy.isArmed();
            world.proxy.disarm();
            assertThat(other.identity()).isEqualTo(store.identity());
            Deed.CLAIM.trial(other, store, "first").run();
            LedgerInvariants.check(other);
            return reached;
        }
    }

    private static void run(Database database, String sql) throws Exception {
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
