package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.BitSet;
import javax.sql.DataSource;

/** A row for each slot in use, and a unique key: what some systems have in common. */
final class PortRows {
    static final String TABLE = "system_port";
    private static final String INSERT = "insert into " + TABLE + " (slot, owner) values (?, ?)";

    private PortRows() {}

    static void make(DataSource pool, int filled) throws SQLException {
        Rows.run(pool, "create table " + TABLE + " (slot int primary key, owner varchar(200) not null)");
        Rows.insertAll(pool, INSERT, filled, i -> new Object[] {i, "running-" + i});
    }

    static BitSet used(Connection connection) throws SQLException {
        return Rows.numbers(connection, "select slot from " + TABLE);
    }

    static void insert(Connection connection, int slot, String owner) throws SQLException {
        Rows.update(connection, INSERT, slot, owner);
    }

    static boolean delete(Connection connection, int slot) throws SQLException {
        return Rows.update(connection, "delete from " + TABLE + " where slot = ?", slot) == 1;
    }

    static long stored(DataSource pool) throws SQLException {
        return Rows.count(pool, "select count(*) from " + TABLE);
    }
}
