package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.berth.InvalidInputException;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.StoreUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A database that cannot keep a ledger is refused with the reason, and without telling its password. */
class RefusedDatabasesTest {
    private static final String SECRET = "s3cr3t" + Long.toHexString(System.nanoTime());

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {"jdbc:oracle:thin:scott/SECRET@db:1521/x", "jdbc:sqlserver://db;password=SECRET", "SECRET", ""})
    void otherUrlIsRefusedWithWhatIsSupported(String url) {
        assertThatThrownBy(() -> JdbcLedgerStore.open(url.replace("SECRET", SECRET)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(Dialect.SUPPORTED)
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void databaseInMemoryThatEachConnectionHasForItselfIsRefused() {
        assertThatThrownBy(() -> JdbcLedgerStore.open("jdbc:h2:mem:;PASSWORD=" + SECRET))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("jdbc:h2:mem:berth")
                .hasMessageNotContaining(SECRET);
    }

    @ParameterizedTest
    @CsvSource({"Oracle, 23", "Apache Derby, 10", "DB2/LINUXX8664, 11"})
    void otherDataSourceIsRefusedWithWhatIsSupported(String product, int major) {
        DataSource other = saying(Map.of("getDatabaseProductName", product, "getDatabaseMajorVersion", major));
        assertThatThrownBy(() -> JdbcLedgerStore.on(other))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(product)
                .hasMessageContaining(Dialect.SUPPORTED);
    }

    @ParameterizedTest
    @CsvSource({"PostgreSQL, 9, 5", "MariaDB, 10, 5", "MySQL, 5, 7", "H2, 2, 1", "SQLite, 3, 36"})
    void tooOldVersionIsRefusedWithWhatIsSupported(String product, int major, int minor) {
        DataSource old = saying(Map.of(
                "getDatabaseProductName", product, "getDatabaseMajorVersion", major, "getDatabaseMinorVersion", minor));
        var failure = refusal(() -> JdbcLedgerStore.on(old));
        assertThat(failure).hasMessageContaining("too old").hasMessageContaining(Dialect.SUPPORTED);
        assertThat(failure.isRetryable()).isFalse();
    }

    /** An H2 that says of itself to be another: no such database can be had here. */
    private static DataSource saying(Map<String, Object> words) {
        var real = new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID());
        return around(
                DataSource.class,
                real,
                Map.of(
                        "getConnection",
                        connection -> around(
                                Connection.class,
                                connection,
                                Map.of("getMetaData", about -> around(DatabaseMetaData.class, about, said(words))))));
    }

    private static Map<String, UnaryOperator<Object>> said(Map<String, Object> words) {
        Map<String, UnaryOperator<Object>> said = new HashMap<>();
        words.forEach((method, word) -> said.put(method, truth -> word));
        return said;
    }

    /** The same object, some of whose answers are changed. */
    private static <T> T around(Class<T> type, Object inner, Map<String, UnaryOperator<Object>> changes) {
        return type.cast(Proxy.newProxyInstance(
                RefusedDatabasesTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> {
                    try {
                        Object answer = method.invoke(inner, values);
                        return changes.getOrDefault(method.getName(), same -> same)
                                .apply(answer);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Test
    void encodingThatCannotKeepEveryNameIsRefused() throws Exception {
        Server server = Servers.postgres();
        String name = "latin_" + System.nanoTime();
        server.execute("CREATE DATABASE " + name + " ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
        try {
            var failure = refusal(() -> Engine.open(server.admin().named(name)));
            assertThat(failure).hasMessageContaining("LATIN1").hasMessageContaining("UTF8");
            assertThat(failure.isRetryable()).isFalse();
        } finally {
            server.execute("DROP DATABASE " + name);
        }
    }

    @Test
    void roleThatMayNotMakeTablesIsToldAndMayUseThoseThatAreThere() throws Exception {
        Database database = Engine.POSTGRESQL.fresh(directory);
        String role = "role_" + System.nanoTime();
        Engine.run(
                database,
                "CREATE ROLE " + role + " LOGIN PASSWORD '" + SECRET + "'",
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
                "GRANT USAGE ON SCHEMA public TO " + role);
        Database limited = new Database(database.url(), role, SECRET);
        assertDenied(() -> Engine.open(limited));

        Engine.open(database).close();
        assertDenied(() -> Engine.open(limited).now());
        Engine.run(
                database,
                "DELETE FROM berth_meta",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role,
                "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO " + role);
        try (JdbcLedgerStore store = Engine.open(limited);
                JdbcLedgerStore owners = Engine.open(database)) {
            assertThat(Application.claim(store, "app", 1)).isInstanceOf(CommitResult.Done.class);
            assertThat(store.identity()).isEqualTo(owners.identity());
            assertThat(store.identity().isHome()).isTrue();
        } finally {
            Engine.run(database, "DROP OWNED BY " + role, "DROP ROLE " + role);
        }
    }

    @Test
    void userOfMariadbThatMayNotMakeTablesIsTold() throws Exception {
        Database database = Engine.MARIADB.fresh(directory);
        String user = "u" + System.nanoTime();
        Engine.run(
                database,
                "CREATE USER '" + user + "'@'%' IDENTIFIED BY '" + SECRET + "'",
                "GRANT SELECT ON " + database.name() + ".* TO '" + user + "'@'%'");
        try {
            assertDenied(() -> Engine.open(new Database(database.url(), user, SECRET)));
        } finally {
            Engine.run(database, "DROP USER '" + user + "'@'%'");
        }
    }

    private static void assertDenied(ThrowingCallable call) {
        var failure = refusal(call);
        assertThat(failure).hasMessageContaining("the user may not").hasMessageContaining("nothing was changed");
        assertThat(failure.isRetryable()).isFalse();
        assertSecret(failure);
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void wrongPasswordIsRefusedAndNotTold(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        Database inUrl = database.with("user", "nobody").with("password", SECRET);
        JdbcSettings patient = JdbcSettings.defaults().patience(Duration.ofSeconds(2));
        assertDenied(() -> JdbcLedgerStore.open(inUrl.url(), patient));
        assertDenied(() ->
                JdbcLedgerStore.open(database.url(), patient.user("nobody").password(SECRET)));
        assertDenied(() -> SchemaTest.on(new Database(database.url(), "nobody", SECRET), patient));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://user:SECRET@127.0.0.1:1/x",
                "jdbc:postgresql://127.0.0.1:1/x?user=a&password=SECRET",
                "jdbc:postgresql://127.0.0.1:port/x?user=a&password=SECRET",
                "jdbc:mariadb://127.0.0.1:1/x?user=a&password=SECRET",
                "jdbc:mariadb://127.0.0.1:port/x?user=a&password=SECRET",
                "jdbc:mariadb:/x?user=a&password=SECRET",
                "jdbc:mysql://127.0.0.1:1/x?user=a&password=SECRET",
                "jdbc:h2:mem:x;USER=a;PASSWORD=SECRET;NO_SUCH=1",
                "jdbc:h2:tcp://127.0.0.1:1/x;USER=a;PASSWORD=SECRET",
                "jdbc:sqlite:x.db?password=SECRET"
            })
    void urlThatLeadsNowhereIsRefusedAndItsPasswordNotTold(String url) {
        JdbcSettings hasty = JdbcSettings.defaults().patience(Duration.ofMillis(300));
        Throwable failure = catchThrowable(() -> JdbcLedgerStore.open(url.replace("SECRET", SECRET), hasty));
        assertThat(failure).isInstanceOfAny(StoreUnavailableException.class, InvalidInputException.class);
        assertSecret(failure);
    }

    /** MySQL's driver is not here; PostgreSQL's is, but does not take such a port. */
    @ParameterizedTest
    @CsvSource({
        "jdbc:mysql://127.0.0.1:1/x, com.mysql:mysql-connector-j",
        "jdbc:postgresql://127.0.0.1:port/x, org.postgresql:postgresql"
    })
    void urlThatNoDriverTakesIsRefusedWithTheDriverAndTheUrlsForm(String url, String driver) {
        var failure = refusal(() -> JdbcLedgerStore.open(url));
        assertThat(failure).hasMessageContaining(driver).hasMessageContaining("see to the URL");
        assertThat(failure.isRetryable()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:h2:relative", "jdbc:h2:mem:x;NO_SUCH=1", "jdbc:h2:mem:x;NO_VALUE"})
    void urlThatH2CannotReadIsNoLostConnection(String url) {
        var failure = refusal(() -> JdbcLedgerStore.open(url));
        assertThat(failure).hasMessageContaining("its URL cannot be used");
        assertThat(failure.isRetryable()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    @Tag("slow")
    void passwordIsInNoLogAndNoText(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        String user = "u" + System.nanoTime();
        boolean postgres = engine == Engine.POSTGRESQL;
        Engine.run(
                database,
                postgres
                        ? "CREATE ROLE " + user + " SUPERUSER LOGIN PASSWORD '" + SECRET + "'"
                        : "CREATE USER '" + user + "'@'%' IDENTIFIED BY '" + SECRET + "'");
        Engine.run(database, postgres ? "SELECT 1" : "GRANT ALL ON *.* TO '" + user + "'@'%'");
        JdbcSettings settings = JdbcSettings.defaults().user(user).password(SECRET);
        assertThat(settings.toString()).doesNotContain(SECRET);
        PrintStream usual = System.err;
        var said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            String inUrl = database.with("user", user).with("password", SECRET).url();
            for (JdbcLedgerStore store :
                    new JdbcLedgerStore[] {JdbcLedgerStore.open(database.url(), settings), JdbcLedgerStore.open(inUrl)
                    }) {
                assertThat(Application.claim(store, "app", 1)).isNotNull();
                store.close();
                assertThat(refusal(store::now)).hasMessageContaining("closed").hasMessageNotContaining(SECRET);
            }
        } finally {
            System.setErr(usual);
            if (!postgres) {
                Engine.run(database, "DROP USER '" + user + "'@'%'");
            }
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).doesNotContain(SECRET);
    }

    private static void assertSecret(Throwable failure) {
        var all = new StringWriter();
        failure.printStackTrace(new PrintWriter(all));
        assertThat(all.toString()).doesNotContain(SECRET);
    }

    private static StoreUnavailableException refusal(ThrowingCallable call) {
        var failure = catchThrowableOfType(StoreUnavailableException.class, call);
        assertThat(failure).isNotNull();
        return failure;
    }
}
