package dev.berth.torture;

import dev.berth.jdbc.Await;
import dev.berth.jdbc.Database;
import dev.berth.jdbc.FaultProxy;
import dev.berth.jdbc.PostgresServer;
import dev.berth.jdbc.Servers;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/**
 * A PostgreSQL with a synchronous standby, reached by one address that follows the primary. When the primary dies, the
 * standby takes its place, and gets a standby of its own.
 */
final class PostgresPair implements Arena {
    private PostgresServer primary;
    private PostgresServer standby;
    private final String name;
    private final FaultProxy way;
    private int standbys;

    private PostgresPair(PostgresServer primary, Database database, FaultProxy way) {
        this.primary = primary;
        this.name = database.name();
        this.way = way;
    }

    /** Where no PostgreSQL can run, the test is skipped or fails as others are that need one. */
    static PostgresPair open() throws Exception {
        Servers.postgres();
        PostgresServer primary = PostgresServer.newest("postgres-pair");
        Database database = primary.freshDatabase();
        var pair = new PostgresPair(primary, database, FaultProxy.to(database));
        pair.follow();
        return pair;
    }

    /** Gives the primary a standby that is as far as itself, and without which it commits nothing any more. */
    private void follow() throws Exception {
        standbys++;
        primary.kill();
        standby = primary.standby("postgres-standby" + standbys);
        primary.restart();
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
        primary.execute("SELECT pg_reload_conf()");
        Await.until("the standby is synchronous", () -> is("sync_state = 'sync'"));
        // Whoever had not read the new setting yet has committed without it.
        Await.until("the standby is as far", () -> is("flush_lsn >= pg_current_wal_lsn()"));
    }

    private boolean is(String condition) throws SQLException {
        try (Connection connection = primary.admin().connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT count(*) FROM pg_stat_replication WHERE " + condition)) {
            rows.next();
            return rows.getInt(1) > 0;
        }
    }

    private void failOver() throws Exception {
        primary.kill();
        standby.promote();
        way.lead(standby.admin().named(name));
        PostgresServer dead = primary;
        primary = standby;
        dead.close();
        follow();
    }

    @Override
    public Database database() {
        return way.database();
    }

    @Override
    public Map<String, Blow> blows() {
        return Map.of("failover", this::failOver);
    }

    @Override
    public void close() throws IOException {
        way.close();
        standby.close();
        primary.close();
    }
}
