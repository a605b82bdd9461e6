package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The servers that other tests run on. */
class ServersTest {
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "postgresql-old", "mariadb"})
    void freshDatabasesAreEmptyAndApart(String engine) throws SQLException {
        Server server = Servers.of(engine);
        Database one = server.freshDatabase();
        Database two = server.freshDatabase();

        execute(one, "CREATE TABLE t (id INT PRIMARY KEY)");
        execute(two, "CREATE TABLE t (id INT PRIMARY KEY)");
        execute(one, "INSERT INTO t VALUES (1)");

        assertThat(ask(one, "SELECT COUNT(*) FROM t")).isEqualTo("1");
        assertThat(ask(two, "SELECT COUNT(*) FROM t")).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "postgresql-old", "mariadb"})
    @Tag("slow")
    void committedRowsSurviveAKill(String engine) throws SQLException {
        Server server = Servers.of(engine);
        Database database = server.freshDatabase();
        execute(database, "CREATE TABLE t (id INT PRIMARY KEY)");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (1)");
            connection.commit();
            statement.execute("INSERT INTO t VALUES (2)");

            server.kill();

            assertThat(server.isRunning()).isFalse();
            assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
            assertThatThrownBy(database::connect).isInstanceOf(SQLException.class);
        }

        server.restart();

        assertThat(server.isRunning()).isTrue();
        assertThat(ask(database, "SELECT MAX(id) FROM t")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "postgresql-old"})
    void postgresWaitsForItsDisk(String engine) throws SQLException {
        Database database = Servers.of(engine).admin();
        assertThat(ask(database, "SHOW fsync")).isEqualTo("on");
        assertThat(ask(database, "SHOW synchronous_commit")).isEqualTo("on");
    }

    @Test
    void mariadbWaitsForItsDisk() throws SQLException {
        assertThat(ask(Servers.mariadb().admin(), "SELECT @@innodb_flush_log_at_trx_commit"))
                .isEqualTo("1");
    }

    @Test
    void anUnknownEngineIsAnError() {
        assertThat(Servers.required("")).isEmpty();
        assertThat(Servers.required("postgresql, dockerd")).containsExactlyInAnyOrder("postgresql", "dockerd");
        assertThatThrownBy(() -> Servers.required("postgres")).hasMessageContaining("\"postgres\"");
    }

    @Test
    void theEnvironmentNamesServers() {
        assertThat(Servers.named("postgresql", Map.of())).isEmpty();
        Database named = Servers.named(
                        "postgresql",
                        Map.of(
                                "BERTH_TEST_POSTGRESQL_URL", "jdbc:postgresql://db.example/admin?ssl=true",
                                "BERTH_TEST_POSTGRESQL_USER", "u",
                                "BERTH_TEST_POSTGRESQL_PASSWORD", "p"))
                .orElseThrow();
        assertThat(named.named("x")).isEqualTo(new Database("jdbc:postgresql://db.example/x?ssl=true", "u", "p"));
        assertThat(named.port()).isEqualTo(5432);
        assertThat(named.name()).isEqualTo("admin");
        assertThat(named.at("localhost", 7).with("a", "b").url())
                .isEqualTo("jdbc:postgresql://localhost:7/admin?ssl=true&a=b");
    }

    private static void execute(Database database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String ask(Database database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
