package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.Token;
import dev.berth.testkit.LedgerInvariants;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails in a database is repeated or told, and never taken for an answer about a resource. */
class ErrorsTest {
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final Owner ANNA = Owner.of("lab", "anna");
    private static final Owner BERT = Owner.of("lab", "bert");

    @TempDir
    Path directory;

    private Database database(String engine) throws SQLException {
        return engine.equals("sqlite")
                ? new Database(SqliteStores.url(directory.resolve("errors.db")), "", "")
                : Servers.of(engine).freshDatabase();
    }

    private static JdbcSettings settings(Database database) {
        return SqliteStores.patience(PATIENCE).user(database.user()).password(database.password());
    }

    private static JdbcLedgerStore open(Database database) {
        return JdbcLedgerStore.open(database.url(), settings(database));
    }

    private static HikariDataSource pool(Database database) {
        var config = new HikariConfig();
        config.setJdbcUrl(database.url());
        config.setUsername(database.user());
        config.setPassword(database.password());
        config.setMaximumPoolSize(2);
        config.setConnectionTimeout(PATIENCE.toMillis());
        return new HikariDataSource(config);
    }

    private static Commit.Create create(Owner owner) {
        return SqliteStores.reservation(
                UUID.randomUUID(), owner, ResourceKind.COMPOSE_PROJECT.in(SqliteStores.NODE, owner.name()));
    }

    private static CommitResult claim(JdbcLedgerStore store, Owner owner) {
        return SqliteStores.commit(store, create(owner));
    }

    private static Commit release(JdbcLedgerStore store, Owner owner) {
        Token token = store.find(owner).map(Snapshot::claim).orElseThrow().token();
        return Commit.of(new Commit.Release(token, Commit.Guard.NONE, EndReason.RELEASED, Map.of()));
    }

    private static void isNotDone(ThrowingCallable call, boolean retryable) {
        long start = System.nanoTime();
        var failure = catchThrowableOfType(StoreUnavailableException.class, call);
        assertThat(failure).isNotNull();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        assertThat(failure.outcome()).as("%s", failure).isEqualTo(Outcome.NOT_DONE);
        assertThat(failure.isRetryable()).as("%s", failure).isEqualTo(retryable);
        assertThat(failure).hasCauseInstanceOf(SQLException.class);
    }

    private static void run(Database database, String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    // ------------------------------------------------------------------ errors of every code

    /** Lets the first writes of claims fail with a code. */
    private static void fail(Database database, String code, int times) throws SQLException {
        run(database, "CREATE SEQUENCE fails");
        if (database.isPostgres()) {
            run(
                    database,
                    "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('fails') <= "
                            + times
                            + " THEN RAISE EXCEPTION 'forced' USING ERRCODE = '" + code
                            + "'; END IF; RETURN NULL; END $$",
                    "CREATE TRIGGER fail AFTER INSERT ON berth_claim FOR EACH ROW EXECUTE PROCEDURE fail()");
        } else {
            run(
                    database,
                    "CREATE TRIGGER fail AFTER INSERT ON berth_claim FOR EACH ROW BEGIN IF NEXTVAL(fails) <= " + times
                            + " THEN SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = " + code
                            + ", MESSAGE_TEXT = 'forced'; END IF; END");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "postgresql, 40001",
        "postgresql, 40P01",
        "postgresql, 55P03",
        "postgresql, 57014",
        "mariadb, 1213",
        "mariadb, 1205",
        "mariadb, 1020"
    })
    void whatPassesIsRepeatedWhole(String engine, String code) throws Exception {
        Database database = database(engine);
        try (JdbcLedgerStore store = open(database)) {
            fail(database, code, 2);
            List<CommitResult> results = store.commit(List.of(Commit.of(create(ANNA)), Commit.of(create(BERT))));
            assertThat(results).hasSize(2).allMatch(CommitResult.Done.class::isInstance);
            assertThat(store.find(ANNA)).isPresent();
            LedgerInvariants.check(store);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "postgresql, 40001, true", "postgresql, 55P03, true", "postgresql, 53100, true", "postgresql, 53300, true",
        "postgresql, 25006, false", "postgresql, 42501, false", "postgresql, XX001, false", "postgresql, P0001, false",
        "mariadb, 1213, true", "mariadb, 1205, true", "mariadb, 1114, true", "mariadb, 1040, true",
        "mariadb, 1290, false", "mariadb, 1142, false", "mariadb, 1644, false"
    })
    void whatDoesNotPassIsTold(String engine, String code, boolean retryable) throws Exception {
        Database database = database(engine);
        try (JdbcLedgerStore store = open(database)) {
            fail(database, code, 1_000_000);
            isNotDone(() -> claim(store, ANNA), retryable);
            assertThat(store.find(ANNA)).isEmpty();
            assertThat(store.occupants(List.of(ResourceKind.COMPOSE_PROJECT.in(SqliteStores.NODE, "anna"))))
                    .isEmpty();

            run(database, "DROP TRIGGER fail" + (database.isPostgres() ? " ON berth_claim" : ""));
            assertThat(claim(store, ANNA)).isInstanceOf(CommitResult.Done.class);
        }
    }

    // ------------------------------------------------------------------ locks

    @ParameterizedTest
    @CsvSource({
        "postgresql, SET lock_timeout = '100ms'",
        "postgresql, SET statement_timeout = '100ms'",
        "mariadb, SET SESSION innodb_lock_wait_timeout = 1"
    })
    void aLockThatIsHeldTooLongIsTold(String engine, String greeting) throws Exception {
        Database database = database(engine);
        open(database).close();
        try (JdbcLedgerStore store =
                        JdbcLedgerStore.open(database.url(), settings(database).greeting(greeting));
                Connection other = database.connect()) {
            claim(store, ANNA);
            Commit release = release(store, ANNA);
            other.setAutoCommit(false);
            lock(other, ANNA);
            isNotDone(() -> store.commit(List.of(release)), true);
            assertThat(store.find(ANNA)).isPresent();
            assertThat(claim(store, BERT)).isInstanceOf(CommitResult.Done.class);

            other.rollback();
            assertThat(store.commit(List.of(release)).get(0)).isInstanceOf(CommitResult.Done.class);
        }
    }

    private static void lock(Connection connection, Owner owner) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT id FROM berth_claim WHERE tenant = '" + owner.tenant() + "' AND name = '"
                    + owner.name() + "' FOR UPDATE");
        }
    }

    /** Two releases in one batch, and another transaction that locks the same two claims the other way round. */
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aDeadlockWithOthersIsRepeatedWhole(String engine) throws Exception {
        Database database = database(engine);
        try (JdbcLedgerStore store =
                JdbcLedgerStore.open(database.url(), settings(database).patience(Duration.ofSeconds(20)))) {
            run(database, "CREATE TABLE weight (n INT)");
            for (List<Owner> order : List.of(List.of(ANNA, BERT), List.of(BERT, ANNA))) {
                claim(store, ANNA);
                claim(store, BERT);
                List<Commit> releases = List.of(release(store, ANNA), release(store, BERT));
                try (Connection other = database.connect()) {
                    prepareToWin(database, other);
                    lock(other, order.get(0));
                    var released = CompletableFuture.supplyAsync(() -> store.commit(releases));
                    Await.until("the store waits", () -> isWaiting(database));
                    try {
                        lock(other, order.get(1));
                    } catch (SQLException victim) {
                        assertThat(victim.getSQLState()).startsWith("40");
                    }
                    other.rollback();
                    assertThat(released.get(30, TimeUnit.SECONDS))
                            .hasSize(2)
                            .allMatch(CommitResult.Done.class::isInstance);
                }
                assertThat(store.find(ANNA)).isEmpty();
                assertThat(store.find(BERT)).isEmpty();
                LedgerInvariants.check(store);
            }
        }
    }

    /** The victim is to be the store: PostgreSQL's is who looks first, MariaDB's who has written less. */
    private static void prepareToWin(Database database, Connection other) throws SQLException {
        other.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        other.setAutoCommit(false);
        try (Statement statement = other.createStatement()) {
            if (database.isPostgres()) {
                statement.execute("SET LOCAL deadlock_timeout = '60s'");
            }
            for (int i = 0; i < 100; i++) {
                statement.addBatch("INSERT INTO weight VALUES (" + i + ")");
            }
            statement.executeBatch();
        }
    }

    private static boolean isWaiting(Database database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet waiting = statement.executeQuery(
                        database.isPostgres()
                                ? "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                        + " AND wait_event_type = 'Lock'"
                                : "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")) {
            waiting.next();
            return waiting.getInt(1) > 0;
        }
    }

    // ------------------------------------------------------------------ rights, tables, connections

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aUserWhoMayOnlyReadReads(String engine) throws Exception {
        Database database = database(engine);
        String user = "reader_" + database.name().substring(0, 12);
        try (JdbcLedgerStore store = open(database)) {
            claim(store, ANNA);
            if (database.isPostgres()) {
                run(
                        database,
                        "CREATE ROLE " + user + " LOGIN PASSWORD 's3cr3t'",
                        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + user);
            } else {
                run(
                        database,
                        "CREATE USER " + user + "@'%' IDENTIFIED BY 's3cr3t'",
                        "GRANT SELECT ON " + database.name() + ".* TO " + user + "@'%'");
            }
            try (JdbcLedgerStore reader = open(new Database(database.url(), user, "s3cr3t"))) {
                assertThat(reader.find(ANNA).map(Snapshot::claim))
                        .isEqualTo(store.find(ANNA).map(Snapshot::claim));
                isNotDone(() -> claim(reader, BERT), false);
            }
            assertThat(store.find(BERT)).isEmpty();
        }
    }

    @Test
    void aReadOnlyMariadbIsReadButNotWritten() throws Exception {
        Database database = database("mariadb");
        open(database).close();
        String user = "plain_" + database.name().substring(0, 12);
        run(
                database,
                "CREATE USER " + user + "@'%' IDENTIFIED BY 'plain'",
                "GRANT ALL ON " + database.name() + ".* TO " + user + "@'%'");
        try (JdbcLedgerStore store = open(new Database(database.url(), user, "plain"))) {
            claim(store, ANNA);
            run(database, "SET GLOBAL read_only = 1");
            try {
                assertThat(store.find(ANNA)).isPresent();
                isNotDone(() -> claim(store, BERT), false);
            } finally {
                run(database, "SET GLOBAL read_only = 0");
            }
            assertThat(store.find(BERT)).isEmpty();
            assertThat(claim(store, BERT)).isInstanceOf(CommitResult.Done.class);
        }
    }

    @Test
    void aReadOnlyFileIsReadButNotWritten() throws Exception {
        Database database = database("sqlite");
        try (JdbcLedgerStore store = open(database)) {
            claim(store, ANNA);
            var readOnly =
                    new Database(database.url().replace("jdbc:sqlite:", "jdbc:sqlite:file:") + "?mode=ro", "", "");
            try (HikariDataSource pool = pool(readOnly);
                    JdbcLedgerStore reader = JdbcLedgerStore.on(pool, settings(readOnly))) {
                assertThat(reader.find(ANNA).map(Snapshot::claim))
                        .isEqualTo(store.find(ANNA).map(Snapshot::claim));
                isNotDone(() -> claim(reader, BERT), false);
            }
            assertThat(claim(store, BERT)).isInstanceOf(CommitResult.Done.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aTableThatWasDroppedIsTold(String engine) throws Exception {
        Database database = database(engine);
        try (JdbcLedgerStore store = open(database)) {
            claim(store, ANNA);
            run(database, "DROP TABLE berth_resource");
            isNotDone(() -> claim(store, BERT), false);
            isNotDone(() -> store.find(ANNA), false);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql", "mariadb"})
    void aPoolWithoutAFreeConnectionIsWaitedForWithABound(String engine) throws Exception {
        Database database = database(engine);
        try (HikariDataSource pool = pool(database);
                JdbcLedgerStore store = JdbcLedgerStore.on(pool, settings(database))) {
            store.createSchema();
            try (Connection one = pool.getConnection();
                    Connection two = pool.getConnection()) {
                assertThat(one).isNotSameAs(two);
                isNotDone(() -> claim(store, ANNA), true);
                isNotDone(() -> store.find(ANNA), true);
            }
            assertThat(claim(store, ANNA)).isInstanceOf(CommitResult.Done.class);
        }
    }

    /** It is a default for transactions that do not say what they are, and so either for all commits or for none. */
    @Test
    void aReadOnlyDefaultOfPostgresMeansTheSameForAllCommits() throws Exception {
        Database database = database("postgresql");
        open(database).close();
        run(database, "ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
        try (JdbcLedgerStore store = open(database)) {
            boolean plain = isWritten(store, Commit.of(create(ANNA)));
            var put = new Commit.PutRecord("mark", 0, "value", Optional.empty());
            boolean other = isWritten(store, new Commit(List.of(create(BERT)), List.of(), List.of(put), List.of()));
            assertThat(plain).isEqualTo(other);
        }
    }

    private static boolean isWritten(JdbcLedgerStore store, Commit unit) {
        try {
            return store.commit(List.of(unit)).get(0) instanceof CommitResult.Done;
        } catch (StoreUnavailableException failure) {
            assertThat(failure.isRetryable()).isFalse();
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_DONE);
            return false;
        }
    }

    /** No time-out is set: not the server's, nor the driver's. */
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aLockIsWaitedForAsLongAsThereIsPatience(String engine) throws Exception {
        Database database = database(engine);
        try (JdbcLedgerStore store = open(database);
                Connection other = database.connect()) {
            claim(store, ANNA);
            Commit release = release(store, ANNA);
            other.setAutoCommit(false);
            lock(other, ANNA);
            var released = CompletableFuture.supplyAsync(() -> store.commit(List.of(release)));
            try {
                assertThat(released)
                        .failsWithin(PATIENCE.plusSeconds(10))
                        .withThrowableThat()
                        .havingCause()
                        .isInstanceOfSatisfying(StoreUnavailableException.class, failure -> {
                            assertThat(failure.isRetryable()).isTrue();
                            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_DONE);
                        });
            } finally {
                other.rollback();
                released.handle((results, failure) -> results).get(60, TimeUnit.SECONDS);
            }
        }
    }
}
