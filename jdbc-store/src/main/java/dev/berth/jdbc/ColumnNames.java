package dev.berth.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * How a dialect writes names and types, and how the tables of a sync are found.
 *
 * @param dialect the dialect
 * @param tables the names of Berth's tables
 */
record ColumnNames(Dialect dialect, Tables tables) {
    String quoted(String name) {
        return dialect == Dialect.MARIADB
                ? "`" + name.replace("`", "``") + "`"
                : "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private String qualified(String name) {
        Optional<String> schema = tables.schema();
        return schema.map(where -> quoted(where) + ".").orElse("") + quoted(name);
    }

    /** With the schema of the connection where none is said. */
    ColumnNames in(Connection connection) throws SQLException {
        return dialect == Dialect.POSTGRESQL && tables.schema().isEmpty()
                ? new ColumnNames(dialect, new Tables(tables.prefix(), Optional.ofNullable(connection.getSchema())))
                : this;
    }

    /** A table of a schema of its own. */
    String table(Optional<String> schema, String name) {
        return schema.map(where -> quoted(where) + "." + quoted(name)).orElseGet(() -> table(name));
    }

    /** A table of the application. */
    String table(String name) {
        return qualified(name);
    }

    /** A table of Berth's. */
    String own(String name) {
        return qualified(tables.prefix() + "sync_" + name);
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
