package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalInt;
import javax.sql.DataSource;

/**
 * FreeRADIUS' pool of addresses: a row for each is there from the beginning, and the one is taken that its user had before, or
 * else the one that has been free for longest; rows that others have locked are skipped, so that a pool may be called full that
 * is not ({@code raddb/mods-config/sql/ippool}, {@code allocate_find} with {@code skip_locked}, then {@code allocate_update}).
 * A release moves the end of the lease into the past. SQLite locks the whole file instead.
 */
final class FreeRadiusPool implements PortAlgorithm {
    private static final long LEASE = Duration.ofHours(1).toMillis();

    private final Engine engine;
    private final int slots;

    FreeRadiusPool(Engine engine, int slots) {
        this.engine = engine;
        this.slots = slots;
    }

    @Override
    public void make(DataSource pool, int filled) throws SQLException {
        Rows.run(
                pool,
                "create table " + table()
                        + " (slot int primary key, username varchar(200) not null, expiry_time bigint not null)",
                "create index system_pool_expiry on " + table() + " (expiry_time)");
        long now = System.currentTimeMillis();
        Rows.insertAll(pool, "insert into " + table() + " (slot, username, expiry_time) values (?, ?, ?)", slots, i ->
                new Object[] {i, i < filled ? "running-" + i : "", i < filled ? now + LEASE : 0L});
    }

    @Override
    public String table() {
        return "system_pool";
    }

    @Override
    public OptionalInt take(Connection connection, String owner) throws SQLException {
        connection.setAutoCommit(false);
        try {
            long now = System.currentTimeMillis();
            OptionalInt slot = free(connection, owner, now);
            if (slot.isPresent()) {
                Rows.update(
                        connection,
                        "update " + table() + " set username = ?, expiry_time = ? where slot = ?",
                        owner,
                        now + LEASE,
                        slot.getAsInt());
            }
            connection.commit();
            return slot;
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private OptionalInt free(Connection connection, String owner, long now) throws SQLException {
        String sql = "select slot from " + table()
                + " where expiry_time < ? order by (username <> ?), expiry_time limit 1"
                + (engine == Engine.SQLITE ? "" : " for update skip locked");
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, now);
            statement.setString(2, owner);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? OptionalInt.of(row.getInt(1)) : OptionalInt.empty();
            }
        }
    }

    @Override
    public boolean giveBack(Connection connection, int slot) throws SQLException {
        return Rows.update(
                        connection,
                        "update " + table() + " set expiry_time = ? where slot = ?",
                        System.currentTimeMillis() - 1_000,
                        slot)
                == 1;
    }

    @Override
    public long stored(DataSource pool) throws SQLException {
        return Rows.count(
                pool, "select count(*) from " + table() + " where expiry_time >= " + System.currentTimeMillis());
    }
}
