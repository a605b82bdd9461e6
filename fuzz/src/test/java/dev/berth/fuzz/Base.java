package dev.berth.fuzz;

import dev.berth.jdbc.Database;
import dev.berth.jdbc.Servers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.sqlite.SQLiteDataSource;

/** The engines, each with a new, empty database for every test. */
enum Base {
    SQLITE,
    POSTGRESQL,
    MARIADB;

    DataSource fresh(Path directory) throws SQLException {
        return switch (this) {
            case SQLITE -> sqlite(directory);
            case POSTGRESQL -> dataSource(Servers.postgres().freshDatabase());
            case MARIADB -> dataSource(Servers.mariadb().freshDatabase());
        };
    }

    private static DataSource dataSource(Database database) {
        return database.dataSource();
    }

    static DataSource sqlite(Path directory) {
        var file = new SQLiteDataSource();
        file.setUrl("jdbc:sqlite:" + directory.resolve(UUID.randomUUID() + ".db"));
        return file;
    }

    String quoted(String identifier) {
        return this == MARIADB
                ? "`" + identifier.replace("`", "``") + "`"
                : "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    String id() {
        return quoted("id")
                + switch (this) {
                    case SQLITE -> " INTEGER PRIMARY KEY";
                    case POSTGRESQL -> " bigserial PRIMARY KEY";
                    case MARIADB -> " BIGINT AUTO_INCREMENT PRIMARY KEY";
                };
    }

    /** What a table needs to say to keep any text. */
    String anyText() {
        return this == MARIADB ? " CHARACTER SET utf8mb4" : "";
    }

    static void run(DataSource base, String sql, Object... values) throws SQLException {
        try (Connection connection = base.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.execute();
        }
    }

    /** The first column. */
    static List<String> read(DataSource base, String sql) throws SQLException {
        List<String> all = new ArrayList<>();
        try (Connection connection = base.getConnection();
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                all.add(rows.getString(1));
            }
        }
        return all;
    }
}
