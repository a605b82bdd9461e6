package dev.berth.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One database of a {@link SyncWorld}: domains, their hosts with a unique slug and a link to another host, the services of
 * those, known by host and port, and links between domains and hosts, which have no id. What {@code secret} holds never
 * travels, and notes of {@code outsider} are in no sync.
 */
final class WorldNode implements AutoCloseable {
    /** The rows of each table without surrogate ids. */
    static final Map<String, String> CONTENTS = contents();

    private static final Map<String, String> RAW = Map.of(
            "domains", "SELECT id, name, note, updated_at FROM domains",
            "hosts", "SELECT id, hostname, domain_id, slug, up_id, port, note, updated_at FROM hosts",
            "services", "SELECT id, host_id, port, note, updated_at FROM services",
            "links", "SELECT concat_ws('-', domain_id, host_id), domain_id, host_id, note, updated_at FROM links");

    final int number;
    final Engine engine;
    final Database database;
    final long skewSeconds;
    private final Connection users;

    WorldNode(int number, Engine engine, long skewSeconds, Path directory) throws SQLException {
        this.number = number;
        this.engine = engine;
        this.skewSeconds = skewSeconds;
        this.database = engine.fresh(directory);
        make();
        users = Lifeline.connect(database, 0);
        users.setAutoCommit(false);
    }

    private static Map<String, String> contents() {
        Map<String, String> contents = new LinkedHashMap<>();
        contents.put("domains", "SELECT name, note, updated_at FROM domains");
        contents.put(
                "hosts",
                "SELECT h.hostname, d.name, h.slug, u.hostname, CASE WHEN h.up_id IS NOT NULL AND u.id IS NULL THEN 'dangling'"
                        + " END, h.port, h.note, h.updated_at FROM hosts h LEFT JOIN domains d ON d.id = h.domain_id LEFT JOIN"
                        + " hosts u ON u.id = h.up_id");
        contents.put(
                "services",
                "SELECT h.hostname, s.port, s.note, s.updated_at FROM services s LEFT JOIN hosts h ON h.id = s.host_id");
        contents.put(
                "links",
                "SELECT d.name, h.hostname, l.note, l.updated_at FROM links l LEFT JOIN domains d ON d.id = l.domain_id LEFT"
                        + " JOIN hosts h ON h.id = l.host_id");
        return contents;
    }

    private void make() throws SQLException {
        String id = switch (engine) {
            case SQLITE -> "INTEGER PRIMARY KEY";
            case POSTGRESQL -> "bigserial PRIMARY KEY";
            default -> "BIGINT AUTO_INCREMENT PRIMARY KEY";
        };
        String time = switch (engine) {
            case SQLITE -> "TEXT";
            case POSTGRESQL -> "timestamptz";
            default -> "DATETIME(6)";
        };
        String own = ", secret VARCHAR(40) DEFAULT 'of " + number + "', updated_at " + time;
        Engine.run(
                database,
                "CREATE TABLE domains (id " + id + ", name VARCHAR(60) NOT NULL UNIQUE, note VARCHAR(60)" + own + ")",
                "CREATE TABLE hosts (id " + id + ", hostname VARCHAR(60) NOT NULL UNIQUE, domain_id BIGINT NOT NULL,"
                        + " slug VARCHAR(40) UNIQUE, up_id BIGINT, port INTEGER, note VARCHAR(60)" + own
                        + ", FOREIGN KEY (domain_id) REFERENCES domains (id), FOREIGN KEY (up_id) REFERENCES hosts (id))",
                "CREATE TABLE services (id " + id + ", host_id BIGINT NOT NULL, port INTEGER NOT NULL, note VARCHAR(60)"
                        + own + ", UNIQUE (host_id, port), FOREIGN KEY (host_id) REFERENCES hosts (id))",
                "CREATE TABLE links (domain_id BIGINT NOT NULL, host_id BIGINT NOT NULL, note VARCHAR(60)" + own
                        + ", PRIMARY KEY (domain_id, host_id), FOREIGN KEY (domain_id) REFERENCES domains (id), FOREIGN KEY"
                        + " (host_id) REFERENCES hosts (id))",
                // Its rows would go with the hosts.
                "CREATE TABLE outsider (id " + id + ", host_id BIGINT NOT NULL, note VARCHAR(60), FOREIGN KEY (host_id)"
                        + " REFERENCES hosts (id) ON DELETE CASCADE)");
    }

    /** Something that a user does in one transaction. */
    @FunctionalInterface
    interface Deed {
        /** Says whether it is to be kept. */
        boolean run(Connection connection) throws SQLException;
    }

    /** Does something; says whether it was kept. What stands in the way, a constraint or a lock, undoes it. */
    boolean act(Deed deed) throws SQLException {
        try {
            if (deed.run(users)) {
                users.commit();
                return true;
            }
            users.rollback();
        } catch (SQLException refused) {
            users.rollback();
        }
        return false;
    }

    /** A time as this engine's users would write it. */
    String time(Instant time, int form) {
        LocalDateTime utc = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
        String blank = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").format(utc);
        return switch (engine) {
            case SQLITE ->
                switch (form) {
                    case 0 -> "'" + utc.format(DateTimeFormatter.ISO_LOCAL_DATE_TIME) + "Z'";
                    case 1 -> "'" + blank + ".250'";
                    case 2 -> "NULL";
                    default -> "'" + blank + "'";
                };
            case POSTGRESQL -> form == 2 ? "NULL" : "'" + blank + (form == 1 ? ".25+00'" : "+00'");
            default -> form == 2 ? "NULL" : "'" + blank + (form == 1 ? ".25'" : "'");
        };
    }

    /** All rows by table, without surrogate ids. */
    Map<String, List<String>> rows() throws SQLException {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (var one : CONTENTS.entrySet()) {
            List<String> rows = new ArrayList<>();
            for (List<String> row : read(one.getValue())) {
                rows.add(row.toString());
            }
            rows.sort(null);
            all.put(one.getKey(), rows);
        }
        return all;
    }

    /** All rows of a table as they are, by their surrogate ids. */
    Map<String, String> raw(String table) throws SQLException {
        String sql = RAW.get(table);
        if (engine == Engine.SQLITE) {
            sql = sql.replace("concat_ws('-', domain_id, host_id)", "domain_id || '-' || host_id");
        }
        Map<String, String> raw = new TreeMap<>();
        for (List<String> row : read(sql)) {
            raw.put(row.get(0), row.toString());
        }
        return raw;
    }

    /** The rows of a question. */
    List<List<String>> read(String sql) throws SQLException {
        try (PreparedStatement statement = users.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            int width = rows.getMetaData().getColumnCount();
            List<List<String>> all = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= width; i++) {
                    row.add(
                            rows.getMetaData().getColumnLabel(i).equals("updated_at")
                                    ? timeOf(rows, i)
                                    : rows.getString(i));
                }
                all.add(row);
            }
            return all;
        } finally {
            users.rollback();
        }
    }

    private String timeOf(ResultSet rows, int column) throws SQLException {
        if (rows.getString(column) == null) {
            return null;
        }
        return switch (engine) {
            case SQLITE -> {
                String text = rows.getString(column).replace(' ', 'T');
                yield Instant.parse(text.endsWith("Z") ? text : text + "Z").toString();
            }
            case POSTGRESQL ->
                rows.getObject(column, OffsetDateTime.class).toInstant().toString();
            default ->
                rows.getObject(column, LocalDateTime.class)
                        .toInstant(ZoneOffset.UTC)
                        .toString();
        };
    }

    void run(String sql) throws SQLException {
        try (Statement statement = users.createStatement()) {
            statement.execute(sql);
        }
        users.commit();
    }

    @Override
    public String toString() {
        return engine + "-" + number;
    }

    @Override
    public void close() throws SQLException {
        users.close();
    }
}
