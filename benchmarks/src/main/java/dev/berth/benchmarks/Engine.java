package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;

/** The databases that are measured, and what an application has to know of them. */
enum Engine {
    /** Durable commits: {@code fsync} and {@code synchronous_commit} are on. */
    POSTGRES("jdbc:postgresql:"),
    /** Durable commits: {@code innodb_flush_log_at_trx_commit=1}. */
    MARIADB("jdbc:mariadb:"),
    /** A file with a write-ahead log and {@code synchronous=FULL}. */
    SQLITE("jdbc:sqlite:"),
    /** No database at all: what is held is gone with the process. */
    MEMORY("memory:");

    private static final int SQLITE_CONSTRAINT = 19;

    private final String scheme;

    Engine(String scheme) {
        this.scheme = scheme;
    }

    static Engine of(String url) {
        String counted = CountingDriver.behind(url);
        for (Engine engine : values()) {
            if (counted.startsWith(engine.scheme)) {
                return engine;
            }
        }
        throw new IllegalArgumentException("unknown database: " + url);
    }

    Server start() throws IOException, SQLException {
        return switch (this) {
            case POSTGRES -> PostgresServer.start();
            case MARIADB -> MariaServer.start();
            case SQLITE -> SqliteDirectory.make();
            case MEMORY -> new MemoryPlace();
        };
    }

    /** As an application would open it: a pool of a fixed size, everything else as the driver has it. */
    static HikariDataSource pool(String url, int connections) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(connections);
        config.setMaxLifetime(0);
        config.setConnectionTimeout(60_000);
        if (of(url) == SQLITE) {
            config.addDataSourceProperty("journal_mode", "WAL");
            config.addDataSourceProperty("synchronous", "FULL");
            config.addDataSourceProperty("busy_timeout", "30000");
            config.addDataSourceProperty("transaction_mode", "IMMEDIATE");
        }
        return new HikariDataSource(config);
    }

    /** Whether somebody else was quicker: the key is there already, or the database chose a victim. */
    boolean isLostRace(SQLException error) {
        String state = String.valueOf(error.getSQLState());
        return switch (this) {
            case POSTGRES -> Set.of("23505", "40P01", "40001").contains(state);
            case MARIADB -> Set.of(1062, 1213, 1205, 1020).contains(error.getErrorCode());
            case SQLITE -> (error.getErrorCode() & 0xff) == SQLITE_CONSTRAINT;
            case MEMORY -> false;
        };
    }

    /** The first word of the names of this engine's cells. */
    String prefix() {
        return switch (this) {
            case POSTGRES -> "pg";
            case MARIADB -> "maria";
            case SQLITE, MEMORY -> name().toLowerCase(Locale.ROOT);
        };
    }
}
