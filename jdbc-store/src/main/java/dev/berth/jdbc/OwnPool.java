package dev.berth.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes pools of connections that a store owns. */
final class OwnPool {
    private static final Map<String, String> DRIVERS = Map.of(
            "jdbc:sqlite:", "org.xerial:sqlite-jdbc",
            "jdbc:postgresql:", "org.postgresql:postgresql",
            "jdbc:mariadb:", "org.mariadb.jdbc:mariadb-java-client",
            "jdbc:mysql:", "com.mysql:mysql-connector-j",
            "jdbc:h2:", "com.h2database:h2");

    /** SQLite itself waits this long; then the whole transaction is repeated, as long as there is patience. */
    private static final Duration SQLITE_BUSY = Duration.ofSeconds(5);

    private static final Duration LOCK = Duration.ofSeconds(1);

    private OwnPool() {}

    /** Makes the pool, and its first connection. */
    static HikariDataSource of(Dialect dialect, String url, JdbcSettings settings) {
        return of(dialect, url, settings, Map.of());
    }

    /** Makes the pool, with properties of the driver beside those that each has. */
    static HikariDataSource of(Dialect dialect, String url, JdbcSettings settings, Map<String, String> properties) {
        checkDriver(url);
        var config = new HikariConfig();
        config.setPoolName("berth-" + dialect.resource());
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(settings.poolSize());
        config.setMinimumIdle(1);
        config.setConnectionTimeout(settings.patience().toMillis());
        properties.forEach(config::addDataSourceProperty);
        settings.user().ifPresent(config::setUsername);
        settings.password().ifPresent(config::setPassword);
        config.setConnectionInitSql(settings.greeting().orElseGet(() -> greeting(dialect, settings.patience())));
        switch (dialect) {
            case SQLITE -> {
                config.setMaxLifetime(0);
                config.addDataSourceProperty("synchronous", "FULL");
                config.addDataSourceProperty(
                        "busy_timeout",
                        Long.toString(least(settings.patience(), SQLITE_BUSY).toMillis()));
            }
            case POSTGRESQL -> {
                config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
                config.addDataSourceProperty("reWriteBatchedInserts", "true");
                config.addDataSourceProperty("tcpKeepAlive", "true");
            }
            case MARIADB -> {
                config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
                config.addDataSourceProperty("tcpKeepAlive", "true");
            }
            case H2 -> {
                // With its last connection a database in memory is gone.
                config.setMaxLifetime(0);
                config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
            }
        }
        try {
            return new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw Failure.of(dialect, cause).unavailable(dialect.title(), cause, Outcome.NOT_DONE);
            }
            throw e;
        }
    }

    /**
     * What a connection is told first: how long to wait for a lock. Not for long: the work begins again as long as there
     * is patience, with a time of its own that is read anew.
     */
    private static @Nullable String greeting(Dialect dialect, Duration patience) {
        return switch (dialect) {
            case POSTGRESQL -> "SET lock_timeout = " + least(patience, LOCK).toMillis();
            case MARIADB -> "SET SESSION innodb_lock_wait_timeout = " + LOCK.toSeconds();
            case SQLITE, H2 -> null;
        };
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** A driver that is there does not take a URL that it cannot read, and that looks the same from here. */
    private static void checkDriver(String url) {
        try {
            DriverManager.getDriver(url);
        } catch (SQLException e) {
            String scheme = url.substring(0, url.indexOf(':', "jdbc:".length()) + 1);
            throw new StoreUnavailableException(
                    "no driver on the class path takes this " + scheme + "... URL: add " + DRIVERS.get(scheme)
                            + ", or where it is there, see to the URL's host, port and parameters",
                    Outcome.NOT_DONE,
                    Retry.NEVER,
                    e);
        }
    }
}
