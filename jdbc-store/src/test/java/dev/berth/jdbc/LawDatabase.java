package dev.berth.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.berth.testkit.StoreFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One database of a server, and the pool to it, for all laws of a class: each has a schema of its own there. */
final class LawDatabase {
    private static final Map<Server, LawDatabase> KNOWN = new ConcurrentHashMap<>();
    private static final AtomicInteger LAWS = new AtomicInteger();

    private final boolean postgres;
    private final HikariDataSource pool;

    private LawDatabase(Database database) {
        postgres = database.isPostgres();
        var config = new HikariConfig();
        config.setJdbcUrl(database.url());
        config.setUsername(database.user());
        config.setPassword(database.password());
        config.setMaximumPoolSize(24);
        config.setMinimumIdle(2);
        config.setLeakDetectionThreshold(60_000);
        pool = new HikariDataSource(config);
    }

    static LawDatabase of(Server server) throws SQLException {
        LawDatabase known = KNOWN.get(server);
        if (known == null) {
            known = new LawDatabase(server.freshDatabase());
            KNOWN.put(server, known);
            Runtime.getRuntime().addShutdownHook(new Thread(known.pool::close));
        }
        return known;
    }

    HikariDataSource pool() {
        return pool;
    }

    StoreFixture fixture() throws SQLException {
        String law = "law_" + LAWS.incrementAndGet();
        run("CREATE SCHEMA " + law);
        return new LawFixture(
                pool, () -> JdbcLedgerStore.on(pool, JdbcSettings.defaults().schema(law)), breaking(law), mending(law));
    }

    private List<String> breaking(String law) {
        return postgres
                ? List.of("ALTER SCHEMA " + law + " RENAME TO away_" + law)
                : List.of("CREATE SCHEMA away_" + law, move(law, "away_" + law));
    }

    private List<String> mending(String law) {
        return postgres
                ? List.of("ALTER SCHEMA away_" + law + " RENAME TO " + law)
                : List.of(move("away_" + law, law), "DROP SCHEMA away_" + law);
    }

    private static String move(String from, String to) {
        return "RENAME TABLE "
                + Stream.of(
                                "meta",
                                "claim",
                                "resource",
                                "label",
                                "record",
                                "history",
                                "tombstone",
                                "tombstone_holding",
                                "tombstone_label")
                        .map(table -> from + ".berth_" + table + " TO " + to + ".berth_" + table)
                        .collect(Collectors.joining(", "));
    }

    private void run(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
