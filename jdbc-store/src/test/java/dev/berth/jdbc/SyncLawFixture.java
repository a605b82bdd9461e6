package dev.berth.jdbc;

import dev.berth.sync.SyncStore;
import dev.berth.testkit.SyncFixture;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A fresh database of an engine with the tables of the suite. */
final class SyncLawFixture implements SyncFixture {
    private final Database database;
    private final UnaryOperator<SyncStore> wrapping;
    private final SyncStore store;

    private SyncLawFixture(Database database, UnaryOperator<SyncStore> wrapping) {
        this.database = database;
        this.wrapping = wrapping;
        store = another();
    }

    static SyncLawFixture of(Engine engine, Path directory) throws SQLException {
        return of(engine, directory, store -> store);
    }

    static SyncLawFixture of(Engine engine, Path directory, UnaryOperator<SyncStore> wrapping) throws SQLException {
        Database database = engine.fresh(directory);
        if (engine == Engine.MARIADB) {
            Engine.run(database, "ALTER DATABASE CHARACTER SET utf8mb4");
        }
        makeTables(engine, database);
        return new SyncLawFixture(database, wrapping);
    }

    private static void makeTables(Engine engine, Database database) throws SQLException {
        String id = SyncTables.id(engine);
        String number = engine == Engine.SQLITE ? "INTEGER" : "BIGINT";
        String name = "name VARCHAR(60) NOT NULL UNIQUE";
        Engine.run(
                database,
                "CREATE TABLE parent (" + id + ", " + name
                        + ", code VARCHAR(40) UNIQUE, note VARCHAR(200), extra VARCHAR(200))",
                "CREATE TABLE child (" + id + ", " + name + ", parent_id " + number + ", up_id " + number
                        + ", FOREIGN KEY (parent_id) REFERENCES parent (id), FOREIGN KEY (up_id) REFERENCES child (id))",
                "CREATE TABLE tag (parent_id " + number + " NOT NULL, label VARCHAR(40) NOT NULL, weight " + number
                        + ", PRIMARY KEY (parent_id, label), FOREIGN KEY (parent_id) REFERENCES parent (id))",
                "CREATE TABLE mark (" + id + ", " + name + ", gone " + number + " DEFAULT 0 NOT NULL, gone_at "
                        + time(engine) + ", parent_id " + number + ", FOREIGN KEY (parent_id) REFERENCES parent (id))",
                "CREATE TABLE region (" + id + ", " + name
                        + ", country VARCHAR(10) NOT NULL, code VARCHAR(10) NOT NULL, UNIQUE (country, code))",
                "CREATE TABLE town (" + id + ", " + name
                        + ", country VARCHAR(10), code VARCHAR(10), FOREIGN KEY (country, code) REFERENCES region"
                        + " (country, code))",
                "CREATE TABLE vals (" + id + ", " + name + ", " + values(engine) + ")");
    }

    private static String time(Engine engine) {
        return switch (engine) {
            case SQLITE -> "TEXT";
            case POSTGRESQL -> "timestamptz";
            default -> "DATETIME(6)";
        };
    }

    private static String values(Engine engine) {
        return switch (engine) {
            case SQLITE ->
                "v_integer INTEGER, v_decimal TEXT, v_double REAL, v_boolean BOOLEAN, v_text TEXT, v_bytes BLOB,"
                        + " v_timestamp TEXT, v_date TEXT, v_time TEXT, v_uuid TEXT";
            case POSTGRESQL ->
                "v_integer bigint, v_decimal numeric(30, 10), v_double double precision, v_boolean boolean, v_text text,"
                        + " v_bytes bytea, v_timestamp timestamptz, v_date date, v_time time, v_uuid uuid";
            default ->
                "v_integer BIGINT, v_decimal DECIMAL(30, 10), v_double DOUBLE, v_boolean BOOLEAN, v_text LONGTEXT,"
                        + " v_bytes LONGBLOB, v_timestamp DATETIME(6), v_date DATE, v_time TIME(6), v_uuid UUID";
        };
    }

    @Override
    public SyncStore store() {
        return store;
    }

    @Override
    public SyncStore another() {
        return wrapping.apply(SyncPair.open(database));
    }

    @Override
    public void application(End end, Deed deed) throws Exception {
        try (Connection connection = Engine.connect(database)) {
            connection.setAutoCommit(false);
            deed.run(new Sql(connection));
            if (end == End.COMMIT) {
                connection.commit();
            } else {
                connection.rollback();
            }
        }
    }

    @Override
    public void close() {
        store.close();
    }

    /** Statements on a connection. */
    private record Sql(Connection connection) implements Writes {
        @Override
        public void insert(String table, Map<String, Object> columns) throws SQLException {
            run(
                    "INSERT INTO " + table + " (" + String.join(", ", columns.keySet()) + ") VALUES ("
                            + columns.keySet().stream().map(column -> "?").collect(Collectors.joining(", ")) + ")",
                    new ArrayList<>(columns.values()));
        }

        @Override
        public void update(String table, Map<String, Object> where, Map<String, Object> columns) throws SQLException {
            List<Object> values = new ArrayList<>(columns.values());
            values.addAll(where.values());
            run("UPDATE " + table + " SET " + terms(columns, ", ") + " WHERE " + terms(where, " AND "), values);
        }

        @Override
        public void delete(String table, Map<String, Object> where) throws SQLException {
            run("DELETE FROM " + table + " WHERE " + terms(where, " AND "), new ArrayList<>(where.values()));
        }

        private static String terms(Map<String, Object> columns, String between) {
            return columns.keySet().stream().map(column -> column + " = ?").collect(Collectors.joining(between));
        }

        private void run(String sql, List<Object> values) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < values.size(); i++) {
                    statement.setObject(i + 1, values.get(i));
                }
                statement.executeUpdate();
            }
        }
    }
}
