package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Owner;
import dev.berth.testkit.Race;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.support.TransactionTemplate;

/** A call inside a caller's transaction is none of that transaction's business, and leaves it alone. */
class CallersTransactionTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void claimInsideATransactionIsSeenAtOnceAndStaysWhenTheCallerRollsBack(Engine engine) throws Exception {
        try (Application application = Application.on(engine.fresh(directory))) {
            application.transactions().executeWithoutResult(status -> {
                application.jdbc().queryForList("SELECT id FROM mine");
                assertThat(application.claim("app", 1)).isInstanceOf(CommitResult.Done.class);
                assertThat(application.claimSeenByOthers("app")).isPresent();
                assertThat(application.store().find(Owner.of("lab", "app"))).isPresent();
                status.setRollbackOnly();
            });
            assertThat(application.claimSeenByOthers("app")).isPresent();
        }
    }

    /** SQLite has one writer, which is the caller here: see {@link SmallPoolTest}. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE")
    void callersRowsAreNeitherCommittedNorRolledBack(Engine engine) throws Exception {
        try (Application application = Application.on(engine.fresh(directory))) {
            application.transactions().executeWithoutResult(status -> {
                application.insert(1);
                assertThat(application.claim("app", 1)).isInstanceOf(CommitResult.Done.class);
                assertThat(rows(application)).isZero();
                assertThat(application.claim("other", 1)).isInstanceOf(CommitResult.Refused.class);
                application.insert(2);
                assertThat(rows(application)).isZero();
            });
            assertThat(application.rowsSeenByOthers()).isEqualTo(2);

            application.transactions().executeWithoutResult(status -> {
                application.insert(3);
                assertThat(application.claim("other", 2)).isInstanceOf(CommitResult.Done.class);
                status.setRollbackOnly();
            });
            assertThat(application.rowsSeenByOthers()).isEqualTo(2);
            assertThat(application.claimSeenByOthers("other")).isPresent();
        }
    }

    private static int rows(Application application) {
        try {
            return application.rowsSeenByOthers();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The connection of the transaction may be the only one that can be had, but its time has not come yet. */
    @ParameterizedTest
    @EnumSource
    void callerWritesAfterTheClaim(Engine engine) throws Exception {
        try (Application application = Application.on(engine.fresh(directory))) {
            application.transactions().executeWithoutResult(status -> {
                assertThat(application.claim("app", 1)).isInstanceOf(CommitResult.Done.class);
                application.insert(1);
            });
            assertThat(application.rowsSeenByOthers()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void claimInsideAReadOnlyTransactionIsWritten(Engine engine) throws Exception {
        try (Application application = Application.on(engine.fresh(directory))) {
            var readOnly = new TransactionTemplate(application.transactions().getTransactionManager());
            readOnly.setReadOnly(true);
            readOnly.executeWithoutResult(status -> {
                application.jdbc().queryForList("SELECT id FROM mine");
                assertThat(application.claim("app", 1)).isInstanceOf(CommitResult.Done.class);
            });
            assertThat(application.claimSeenByOthers("app")).isPresent();
        }
    }

    @Test
    void abortedTransactionOfPostgresqlStaysAbortedAndTheClaimIsMade() throws Exception {
        try (Application application = Application.on(Engine.POSTGRESQL.fresh(directory))) {
            application.transactions().executeWithoutResult(status -> {
                application.insert(1);
                assertThatThrownBy(() -> application.jdbc().queryForList("SELECT nonsense"))
                        .isInstanceOf(DataAccessException.class);
                assertThat(application.claim("app", 1)).isInstanceOf(CommitResult.Done.class);
                assertThatThrownBy(() -> application.insert(2))
                        .cause()
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                error -> assertThat(error.getSQLState()).isEqualTo("25P02"));
                status.setRollbackOnly();
            });
            assertThat(application.rowsSeenByOthers()).isZero();
            assertThat(application.claimSeenByOthers("app")).isPresent();
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectionsOfAPoolWithAutocommitOffComeBackAsTheyWere(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        Consumer<HikariConfig> off = config -> {
            config.setAutoCommit(false);
            config.setMaximumPoolSize(2);
        };
        try (Application application = Application.on(database, off)) {
            assertThat(application.claim("app", 1)).isInstanceOf(CommitResult.Done.class);
            application.transactions().executeWithoutResult(status -> {
                assertThat(application.claim("other", 1)).isInstanceOf(CommitResult.Refused.class);
                assertThat(application.claim("other", 2)).isInstanceOf(CommitResult.Done.class);
                application.insert(1);
            });
            assertThat(application.store().find(Owner.of("lab", "other"))).isPresent();
            assertThat(application.rowsSeenByOthers()).isEqualTo(1);

            assertThat(openTransactions(engine, database)).isEqualTo("0");
            try (Connection one = application.pool().getConnection();
                    Connection two = application.pool().getConnection()) {
                assertThat(one.getAutoCommit()).isFalse();
                assertThat(two.getAutoCommit()).isFalse();
            }
        }
    }

    /** As another connection counts them; a reader of SQLite keeps the log from being written back. */
    private static String openTransactions(Engine engine, Database database) throws SQLException {
        return Engine.ask(
                database,
                switch (engine) {
                    case POSTGRESQL ->
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'";
                    case MARIADB ->
                        "SELECT count(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p"
                                + " ON p.id = t.trx_mysql_thread_id WHERE p.db = database() AND p.id <> connection_id()";
                    case H2 ->
                        "SELECT count(*) FROM information_schema.sessions WHERE contains_uncommitted"
                                + " AND session_id <> session_id()";
                    case SQLITE -> "PRAGMA wal_checkpoint(TRUNCATE)";
                });
    }

    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, TRANSACTION_SERIALIZABLE",
        "POSTGRESQL, TRANSACTION_REPEATABLE_READ",
        "MARIADB, TRANSACTION_SERIALIZABLE",
        "MARIADB, TRANSACTION_REPEATABLE_READ",
        "H2, TRANSACTION_SERIALIZABLE",
        "H2, TRANSACTION_REPEATABLE_READ"
    })
    void raceHasOneWinnerAndNoErrorAtAnyIsolationOfThePool(Engine engine, String isolation) throws Exception {
        try (Application application =
                Application.on(engine.fresh(directory), config -> config.setTransactionIsolation(isolation))) {
            Race.of(6)
                    .rounds(15)
                    .run(
                            (round, racer, random) -> application.claim("racer-" + round + "-" + racer, 100 + round),
                            (round, results) -> assertThat(results)
                                    .filteredOn(CommitResult.Done.class::isInstance)
                                    .hasSize(1));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE")
    void raceInsideTransactionsHasOneWinner(Engine engine) throws Exception {
        try (Application application = Application.on(engine.fresh(directory))) {
            Race.of(6)
                    .rounds(10)
                    .run(
                            (round, racer, random) -> application.transactions().execute(status -> {
                                application.insert(10 * round + racer);
                                return application.claim("racer-" + round + "-" + racer, 100 + round);
                            }),
                            (round, results) -> assertThat(results)
                                    .filteredOn(CommitResult.Done.class::isInstance)
                                    .hasSize(1));
            assertThat(application.rowsSeenByOthers()).isEqualTo(60);
        }
    }
}
