package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Owner;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.testkit.Race;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A call that waits for what its own caller holds ends in time, says so, and breaks nothing. */
class SmallPoolTest {
    private static final Duration WAIT = Duration.ofMillis(500);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void claimInATransactionOnTheOnlyConnectionEndsWithThePoolsTimeout(Engine engine) throws Exception {
        try (Application application = Application.on(engine.fresh(directory), SmallPoolTest::ofOne)) {
            assertThat(application.claim("first", 1)).isInstanceOf(CommitResult.Done.class);
            application.transactions().executeWithoutResult(status -> {
                long start = System.nanoTime();
                var failure =
                        catchThrowableOfType(StoreUnavailableException.class, () -> application.claim("second", 2));
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                assertThat(failure).isNotNull().hasMessageContaining("the pool is too small");
                assertThat(failure.isRetryable()).isTrue();
                assertThat(failure.outcome()).isEqualTo(Outcome.NOT_DONE);
                assertThat(took).isBetween(WAIT.minusMillis(50), WAIT.plusSeconds(5));
                application.insert(1);
            });
            assertThat(application.rowsSeenByOthers()).isEqualTo(1);
            assertThat(application.store().find(Owner.of("lab", "second"))).isEmpty();
            assertThat(application.claim("second", 2)).isInstanceOf(CommitResult.Done.class);
        }
    }

    private static void ofOne(HikariConfig config) {
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(WAIT.toMillis());
    }

    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, true",
        "POSTGRESQL, false",
        "MARIADB, true",
        "MARIADB, false",
        "H2, true",
        "H2, false",
        "SQLITE, true",
        "SQLITE, false"
    })
    void oneConnectionServesManyThreads(Engine engine, boolean autocommit) throws Exception {
        Consumer<HikariConfig> one = config -> {
            config.setMaximumPoolSize(1);
            config.setAutoCommit(autocommit);
        };
        try (Application application = Application.on(engine.fresh(directory), one)) {
            Race.of(16)
                    .rounds(4)
                    .run(
                            (round, racer, random) -> application.claim("racer-" + round + "-" + racer, 100 + round),
                            (round, results) -> assertThat(results)
                                    .filteredOn(CommitResult.Done.class::isInstance)
                                    .hasSize(1));
        }
    }

    /** However many there are, none may be given the connection of its own transaction. */
    @Test
    void manyCallersAtOnceKeepTheirTransactions() throws Exception {
        int callers = 70;
        Consumer<HikariConfig> full = config -> {
            config.setMaximumPoolSize(callers);
            config.setConnectionTimeout(4_000);
        };
        try (Application application = Application.on(Engine.MARIADB.fresh(directory), full)) {
            // All are there before anybody waits for one: on a busy machine making so many takes longer than the
            // time-out.
            List<Connection> all = new ArrayList<>();
            while (all.size() < callers) {
                all.add(application.pool().getConnection());
            }
            for (Connection one : all) {
                one.close();
            }
            var begun = new CountDownLatch(callers);
            Race.of(callers)
                    .rounds(1)
                    .<Boolean>run(
                            (round, racer, random) -> application.transactions().execute(status -> {
                                application.insert(racer);
                                status.setRollbackOnly();
                                begun.countDown();
                                awaitAll(begun);
                                return null
                                        == catchThrowableOfType(
                                                StoreUnavailableException.class,
                                                () -> application.claim("racer-" + racer, racer + 1));
                            }),
                            (round, results) -> assertThat(results).contains(false));
            assertThat(application.rowsSeenByOthers()).isZero();
        }
    }

    private static void awaitAll(CountDownLatch begun) {
        try {
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void callersOwnWriteLockOfSqliteIsGivenUpOnAfterThePatience() throws Exception {
        Database database = Engine.SQLITE.fresh(directory);
        JdbcSettings patient = SqliteStores.patience(WAIT);
        Consumer<HikariConfig> hasty = config -> config.addDataSourceProperty("busy_timeout", "100");
        try (Application application = Application.on(database, hasty, patient)) {
            application.transactions().executeWithoutResult(status -> {
                application.insert(1);
                long start = System.nanoTime();
                var failure = catchThrowableOfType(StoreUnavailableException.class, () -> application.claim("app", 1));
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                assertThat(failure).isNotNull().hasMessageContaining("who holds a transaction open");
                assertThat(failure.isRetryable()).isTrue();
                assertThat(failure.outcome()).isEqualTo(Outcome.NOT_DONE);
                assertThat(took).isBetween(WAIT, WAIT.plusSeconds(5));
                // What only reads is not in the way of the writer.
                assertThat(application.store().find(Owner.of("lab", "app"))).isEmpty();
                application.insert(2);
            });
            assertThat(application.rowsSeenByOthers()).isEqualTo(2);
            assertThat(application.claim("app", 1)).isInstanceOf(CommitResult.Done.class);
        }
    }
}
