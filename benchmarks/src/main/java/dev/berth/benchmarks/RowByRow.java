package dev.berth.benchmarks;

import dev.berth.runtime.Sighting;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;

/**
 * The reaper that applications write: reads all rows, asks the engine for each container, and deletes what it does not
 * know, row by row. It frees at the first look, asks nobody whether the answer is to be trusted, and has no lease.
 */
final class RowByRow {
    private final DataSource source;
    private final ListedEngine engine;

    RowByRow(DataSource source, ListedEngine engine) {
        this.source = source;
        this.engine = engine;
    }

    /** Sweeps once; says how many it has freed. */
    int sweep() throws SQLException {
        Map<Integer, String> containers = new LinkedHashMap<>();
        try (Connection connection = source.getConnection()) {
            try (PreparedStatement statement =
                            connection.prepareStatement("select id, container_id from app_container");
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    containers.put(rows.getInt(1), rows.getString(2));
                }
            }
            int freed = 0;
            for (Map.Entry<Integer, String> row : containers.entrySet()) {
                if (engine.look(row.getValue()) instanceof Sighting.Absent) {
                    Rows.update(connection, "delete from app_port where container = ?", row.getKey());
                    freed += Rows.update(connection, "delete from app_container where id = ?", row.getKey());
                }
            }
            return freed;
        }
    }
}
