package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way to a server that other tests break. */
class FaultProxyTest {
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aCutEndsAllConnectionsAndAdmitsNewOnes(String engine) throws Exception {
        Database database = database(engine);
        try (FaultProxy proxy = FaultProxy.to(database);
                Connection one = proxy.database().connect();
                Connection two = proxy.database().connect()) {
            assertThat(count(one)).isZero();

            proxy.cut();

            assertThatThrownBy(() -> count(one)).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> count(two)).isInstanceOf(SQLException.class);
            assertThat(proxy.cuts()).isEqualTo(2);
            assertThat(count(proxy.database())).isZero();

            proxy.refuse();
            assertThatThrownBy(() -> count(proxy.database())).isInstanceOf(SQLException.class);
            proxy.admit();
            assertThat(count(proxy.database())).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void whatLosesItsAnswerHasHappened(String engine) throws Exception {
        Database database = database(engine);
        try (FaultProxy proxy = FaultProxy.to(database)) {
            try (Connection connection = proxy.database().connect()) {
                proxy.cutAnswer("INSERT");
                assertThatThrownBy(() -> insert(connection, 1)).isInstanceOf(SQLException.class);
            }
            assertThat(count(database)).isEqualTo(1);
            try (Connection connection = proxy.database().connect()) {
                connection.setAutoCommit(false);
                insert(connection, 2);
                proxy.cutAnswer("COMMIT");
                assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
            }
            assertThat(count(database)).isEqualTo(2);
            assertThat(proxy.isArmed()).isFalse();
            assertThat(proxy.cuts()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aLostRequestHasNotHappened(String engine) throws Exception {
        Database database = database(engine);
        try (FaultProxy proxy = FaultProxy.to(database);
                Connection connection = proxy.database().connect()) {
            connection.setAutoCommit(false);
            // So often that a driver might think of a shorter way to say it.
            for (int id = 1; id <= 10; id++) {
                insert(connection, id);
                connection.commit();
            }
            insert(connection, 11);
            proxy.cutRequest("COMMIT");
            assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
            assertThat(count(database)).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void requestsAreCounted(String engine) throws Exception {
        Database database = database(engine);
        try (FaultProxy proxy = FaultProxy.to(database)) {
            try (Connection connection = proxy.database().connect()) {
                long before = proxy.requests();
                insert(connection, 1);
                insert(connection, 2);
                assertThat(proxy.requests() - before).isEqualTo(2);
                proxy.cutRequest(2);
                insert(connection, 3);
                assertThatThrownBy(() -> insert(connection, 4)).isInstanceOf(SQLException.class);
            }
            assertThat(count(database)).isEqualTo(3);
            try (Connection connection = proxy.database().connect()) {
                proxy.cutAnswer(2);
                insert(connection, 5);
                assertThatThrownBy(() -> insert(connection, 6)).isInstanceOf(SQLException.class);
            }
            assertThat(count(database)).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void whatIsHeldIsNotLost(String engine) throws Exception {
        Database database = database(engine);
        try (FaultProxy proxy = FaultProxy.to(database);
                Connection connection = proxy.database().connect()) {
            proxy.hold();
            CompletableFuture<Void> insert = CompletableFuture.runAsync(() -> insertUnchecked(connection, 1));
            assertThatThrownBy(() -> insert.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(count(database)).isZero();

            proxy.resume();
            insert.get(30, TimeUnit.SECONDS);
            assertThat(count(database)).isEqualTo(1);

            proxy.hold();
            CompletableFuture<Void> lost = CompletableFuture.runAsync(() -> insertUnchecked(connection, 2));
            assertThatThrownBy(() -> lost.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            proxy.cut();
            assertThatThrownBy(() -> lost.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
            assertThat(count(database)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void whatStallsArrivesWhenItsClientHasGivenUp(String engine) throws Exception {
        Database database = database(engine);
        try (FaultProxy proxy = FaultProxy.to(database);
                Connection patient = proxy.database().connect()) {
            // Not abort(): MariaDB's driver would have the server kill the connection.
            Connection impatient = proxy.database()
                    .with("socketTimeout", database.isPostgres() ? "1" : "500")
                    .connect();
            proxy.stallRequest(1);
            CompletableFuture<Void> insert = CompletableFuture.runAsync(() -> insertUnchecked(impatient, 1));
            Await.until("the request stalls", () -> !proxy.isArmed());
            insert(patient, 2);
            assertThatThrownBy(() -> insert.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
            assertThat(count(database)).isEqualTo(1);

            proxy.resume();
            Await.until("the late request arrives", () -> count(database) == 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void aDelayIsPaidBothWays(String engine) throws Exception {
        Database database = database(engine);
        try (FaultProxy proxy = FaultProxy.to(database);
                Connection connection = proxy.database().connect()) {
            proxy.delay(Duration.ofMillis(50));
            long start = System.nanoTime();
            insert(connection, 1);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(100));
        }
    }

    private static Database database(String engine) throws SQLException {
        Database database = Servers.of(engine).freshDatabase();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id INT PRIMARY KEY)");
        }
        return database;
    }

    private static void insert(Connection connection, int id) throws SQLException {
        try (var statement = connection.prepareStatement("INSERT INTO t VALUES (?)")) {
            statement.setInt(1, id);
            statement.executeUpdate();
        }
    }

    private static void insertUnchecked(Connection connection, int id) {
        try {
            insert(connection, id);
        } catch (SQLException lost) {
            throw new IllegalStateException(lost);
        }
    }

    private static int count(Database database) throws SQLException {
        try (Connection connection = database.connect()) {
            return count(connection);
        }
    }

    private static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM t")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
