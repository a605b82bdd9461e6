package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import javax.sql.DataSource;

/** The few calls of JDBC that contenders share. */
final class Rows {
    private Rows() {}

    static void run(DataSource source, String... statements) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static long count(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Executes one statement with its parameters. */
    static int update(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            return statement.executeUpdate();
        }
    }

    /** Reads a column of numbers. */
    static BitSet numbers(Connection connection, String sql, Object... parameters) throws SQLException {
        var numbers = new BitSet();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    numbers.set(rows.getInt(1));
                }
            }
        }
        return numbers;
    }

    private static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }

    /** What {@code insert into t values (?, …)} is filled with, again and again, in one transaction. */
    interface Filling {
        Object[] row(int index);
    }

    static void insertAll(DataSource source, String sql, int count, Filling filling) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < count; i++) {
                    bind(statement, filling.row(i));
                    statement.addBatch();
                }
                if (count > 0) {
                    statement.executeBatch();
                }
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    /**
     * Tells the planner how many rows there are, as a server that runs for some time knows by itself. SQLite never does,
     * and few applications tell it.
     */
    static void analyze(String url, DataSource source, String... tables) throws SQLException {
        for (String table : tables) {
            switch (Engine.of(url)) {
                case POSTGRES -> run(source, "analyze " + table);
                case MARIADB -> run(source, "analyze table " + table);
                case SQLITE, MEMORY -> {}
            }
        }
    }
}
