package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.OptionalInt;
import javax.sql.DataSource;

/**
 * NetBox's available addresses: a lock of the database for all that is handed out, then the lowest that is free
 * ({@code netbox/ipam/api/views.py}, {@code advisory_lock}). NetBox has PostgreSQL alone; MariaDB's {@code GET_LOCK} is the same
 * thing. SQLite has none.
 */
final class NetBoxLock implements PortAlgorithm {
    private static final int SECONDS = 60;

    private final Engine engine;
    private final int slots;

    NetBoxLock(Engine engine, int slots) {
        this.engine = engine;
        this.slots = slots;
    }

    @Override
    public void make(DataSource pool, int filled) throws SQLException {
        PortRows.make(pool, filled);
    }

    @Override
    public String table() {
        return PortRows.TABLE;
    }

    @Override
    public OptionalInt take(Connection connection, String owner) throws SQLException {
        run(
                connection,
                engine == Engine.POSTGRES
                        ? "select pg_advisory_lock(100100)"
                        : "select get_lock('available', " + SECONDS + ")");
        try {
            int slot = PortRows.used(connection).nextClearBit(0);
            if (slot >= slots) {
                return OptionalInt.empty();
            }
            PortRows.insert(connection, slot, owner);
            return OptionalInt.of(slot);
        } finally {
            run(
                    connection,
                    engine == Engine.POSTGRES
                            ? "select pg_advisory_unlock(100100)"
                            : "select release_lock('available')");
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    @Override
    public boolean giveBack(Connection connection, int slot) throws SQLException {
        return PortRows.delete(connection, slot);
    }

    @Override
    public long stored(DataSource pool) throws SQLException {
        return PortRows.stored(pool);
    }
}
