package dev.berth.jdbc;

import dev.berth.sync.ChangeFeed;
import dev.berth.sync.Digest;
import dev.berth.sync.RowShape;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The triggers that note each change of a table in the transaction that makes it. */
final class CaptureTriggers {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureTriggers.class);
    private static final String NOT_ALLOWED = "42501";
    /** PostgreSQL. */
    private static final String DUPLICATE_OBJECT = "42710";
    /** MariaDB and MySQL. */
    private static final int TRIGGER_EXISTS = 1_359;

    private static final int MOST_WAIT_SECONDS = 2;
    private static final int FEED_DIGITS = 16;
    private static final int DEFINITION_DIGITS = 8;

    private final Connection connection;
    private final ColumnNames names;

    CaptureTriggers(Connection connection, ColumnNames names) {
        this.connection = connection;
        this.names = names;
    }

    private String prefix() {
        return names.tables().prefix() + "sync_";
    }

    /** Every feed's triggers have names of their own. */
    private String name(ChangeFeed feed) {
        return prefix() + digits(feed.name().toLowerCase(Locale.ROOT), FEED_DIGITS);
    }

    private static String digits(String text, int count) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8)).toString().substring(0, count);
    }

    /** PostgreSQL tells of rows that are removed without being deleted one by one. */
    private List<String> suffixes() {
        return names.dialect() == Dialect.POSTGRESQL ? List.of("_i", "_u", "_d", "_t") : List.of("_i", "_u", "_d");
    }

    /** A name says what the triggers do: where the table's key is another one by now, they are made anew. */
    private static String defined(String name, List<String> statements) {
        return name + "_" + digits(String.join(";", statements), DEFINITION_DIGITS);
    }

    /** Makes them where they are not; says whether it did. */
    boolean install(RowShape shape, UUID reader) throws SQLException {
        var feed = new ChangeFeed(shape.table(), Optional.of(reader));
        String own = name(feed);
        ColumnNames there = names.in(connection);
        String name = defined(own, statements(there, shape, feed, own));
        Set<String> found = found(shape.table());
        Set<String> stale = found.stream()
                .filter(one -> one.startsWith(own) && !one.equals(name))
                .collect(Collectors.toSet());
        if (stale.isEmpty()
                && found.contains(name)
                && count(shape.table(), name) == suffixes().size()) {
            return false;
        }
        // MariaDB would wait a day for somebody's transaction that has used the table.
        boolean waits = names.dialect() == Dialect.MARIADB;
        if (waits) {
            run("SET @berth_wait = @@session.lock_wait_timeout, @@session.lock_wait_timeout = " + MOST_WAIT_SECONDS);
        }
        try {
            stale.add(name);
            for (String one : stale) {
                remove(shape.table(), one);
            }
            for (String statement : statements(there, shape, feed, name)) {
                make(statement);
            }
            if (names.dialect() == Dialect.POSTGRESQL) {
                alwaysFire(shape.table(), name);
            }
        } finally {
            if (waits) {
                run("SET @@session.lock_wait_timeout = @berth_wait");
            }
        }
        return true;
    }

    /** Where another process has made it meanwhile, it is the same: its name tells its definition. */
    private void make(String statement) throws SQLException {
        try {
            run(statement);
        } catch (SQLException refused) {
            boolean isThere =
                    DUPLICATE_OBJECT.equals(refused.getSQLState()) || refused.getErrorCode() == TRIGGER_EXISTS;
            if (!isThere) {
                throw refused;
            }
        }
    }

    /** Those that replication and restoring tools fire, too; only the table's owner may say so. */
    private void alwaysFire(String table, String name) throws SQLException {
        for (String suffix : suffixes()) {
            try {
                run("ALTER TABLE " + names.table(table) + " ENABLE ALWAYS TRIGGER " + names.quoted(name + suffix));
            } catch (SQLException refused) {
                if (!NOT_ALLOWED.equals(refused.getSQLState())) {
                    throw refused;
                }
                LOG.debug("triggers of {} do not fire for replicated changes", table, refused);
                return;
            }
        }
    }

    /** Whether a feed's triggers are there. */
    boolean isMade(ChangeFeed feed) throws SQLException {
        String own = name(feed);
        for (String name : found(feed.table())) {
            if (name.startsWith(own) && count(feed.table(), name) == suffixes().size()) {
                return true;
            }
        }
        return false;
    }

    /** Removes those of all readers, and what they have noted. */
    void removeAll(String table) throws SQLException {
        for (String name : found(table)) {
            remove(table, name);
        }
        new NoteRows(connection, names).forgetAll(table);
    }

    /** The names of the triggers of a table, without what tells those of one name apart. */
    private Set<String> found(String table) throws SQLException {
        String sql = switch (names.dialect()) {
            case SQLITE -> "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE";
            case POSTGRESQL -> "SELECT tgname FROM pg_trigger WHERE tgrelid = ?::regclass AND NOT tgisinternal";
            case MARIADB ->
                "SELECT trigger_name FROM information_schema.triggers WHERE event_object_table = ? AND"
                        + " trigger_schema = coalesce(?, database())";
            case H2 -> throw new IllegalStateException("H2");
        };
        Set<String> found = new TreeSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, names.dialect() == Dialect.POSTGRESQL ? names.table(table) : table);
            if (names.dialect() == Dialect.MARIADB) {
                statement.setString(2, names.tables().schema().orElse(null));
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = rows.getString(1);
                    if (isOurs(names, name)) {
                        found.add(name.substring(0, name.length() - 2));
                    }
                }
            }
        }
        return found;
    }

    /** Whether a trigger is one of Berth's, by its name. */
    static boolean isOurs(ColumnNames names, String trigger) {
        return trigger.matches(Pattern.quote(names.tables().prefix() + "sync_") + "[0-9a-f]{16}(_[0-9a-f]{8})?_[iudt]");
    }

    private void remove(String table, String name) throws SQLException {
        for (String suffix : suffixes()) {
            run("DROP TRIGGER IF EXISTS " + names.quoted(name + suffix)
                    + (names.dialect() == Dialect.POSTGRESQL ? " ON " + names.table(table) : ""));
        }
        if (names.dialect() == Dialect.POSTGRESQL) {
            run("DROP FUNCTION IF EXISTS " + names.table(name) + "()");
        }
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** A partitioned table's partitions have copies of its triggers, which do not count. */
    private int count(String table, String name) throws SQLException {
        String sql = switch (names.dialect()) {
            case SQLITE -> "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name IN (?, ?, ?)";
            case POSTGRESQL ->
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = ?::regclass AND tgenabled IN ('O', 'A') AND tgname IN"
                        + " (?, ?, ?, ?)";
            case MARIADB ->
                "SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = coalesce(?, database()) AND"
                        + " trigger_name IN (?, ?, ?)";
            case H2 -> throw new IllegalStateException("H2");
        };
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int index = 1;
            if (names.dialect() == Dialect.POSTGRESQL) {
                statement.setString(index++, names.table(table));
            } else if (names.dialect() == Dialect.MARIADB) {
                statement.setString(index++, names.tables().schema().orElse(null));
            }
            for (String suffix : suffixes()) {
                statement.setString(index++, name + suffix);
            }
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    /**
     * On PostgreSQL every name says its schema, and the function runs as its owner: who writes in the table may have
     * another search path, and need not be allowed to write in Berth's tables.
     */
    private List<String> statements(ColumnNames there, RowShape shape, ChangeFeed feed, String name) {
        String table = names.table(shape.table());
        String added = place(shape, "NEW");
        String gone = place(shape, "OLD");
        String moved = differ(gone, added);
        String insert = note(there, feed, added, Integer.toString(NoteRows.INSERTED), "");
        String renamed =
                "CASE WHEN " + isRenamed(shape) + " THEN " + NoteRows.RENAMED + " ELSE " + NoteRows.UPDATED + " END";
        String noted = Integer.toString(NoteRows.GONE);
        String update = note(there, feed, added, renamed, "") + "; " + note(there, feed, gone, noted, moved);
        String delete = note(there, feed, gone, noted, "");
        if (names.dialect() == Dialect.POSTGRESQL) {
            String function = there.table(name);
            List<String> all = new ArrayList<>();
            all.add("CREATE FUNCTION " + function
                    + "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path ="
                    + " pg_catalog, pg_temp AS $berth$ BEGIN IF TG_OP = 'TRUNCATE' THEN "
                    + note(there, feed, "''", noted, "") + "; ELSIF TG_OP = 'INSERT' THEN " + insert
                    + "; ELSIF TG_OP = 'UPDATE' THEN " + update + "; ELSE "
                    + delete + "; END IF; RETURN NULL; END $berth$");
            all.add(trigger(name + "_i", "INSERT", table) + " FOR EACH ROW EXECUTE PROCEDURE " + function + "()");
            all.add(trigger(name + "_u", "UPDATE", table) + " FOR EACH ROW EXECUTE PROCEDURE " + function + "()");
            all.add(trigger(name + "_d", "DELETE", table) + " FOR EACH ROW EXECUTE PROCEDURE " + function + "()");
            all.add(trigger(name + "_t", "TRUNCATE", table) + " FOR EACH STATEMENT EXECUTE PROCEDURE " + function
                    + "()");
            return all;
        }
        return List.of(
                trigger(name + "_i", "INSERT", table) + " FOR EACH ROW BEGIN " + insert + "; END",
                trigger(name + "_u", "UPDATE", table) + " FOR EACH ROW BEGIN " + update + "; END",
                trigger(name + "_d", "DELETE", table) + " FOR EACH ROW BEGIN " + delete + "; END");
    }

    private String trigger(String name, String event, String table) {
        String create = names.dialect() == Dialect.SQLITE ? "CREATE TRIGGER IF NOT EXISTS " : "CREATE TRIGGER ";
        return create + names.quoted(name) + " AFTER " + event + " ON " + table;
    }

    private String note(ColumnNames there, ChangeFeed feed, String place, String kind, String condition) {
        // In a trigger of SQLite a table has no schema's name.
        return "INSERT INTO " + there.own("change") + " (origin, place, gone, at) SELECT "
                + ColumnNames.literal(feed.name()) + ", " + place + ", " + kind + ", "
                + StoreTime.millis(names.dialect())
                + (condition.isEmpty()
                        ? ""
                        : (names.dialect() == Dialect.MARIADB ? " FROM DUAL" : "") + " WHERE " + condition);
    }

    /** To the byte, whatever the columns' collation takes for equal. */
    private String isRenamed(RowShape shape) {
        return shape.key().stream()
                .flatMap(member -> shape.members().get(member).columns().stream())
                .distinct()
                .map(names::quoted)
                .map(column -> differ(text("OLD." + column), text("NEW." + column)))
                .collect(Collectors.joining(" OR "));
    }

    /** To the byte. */
    private String differ(String one, String other) {
        return switch (names.dialect()) {
            case MARIADB -> "NOT (CAST(" + one + " AS BINARY) <=> CAST(" + other + " AS BINARY))";
            case POSTGRESQL -> "(" + one + ") COLLATE \"C\" IS DISTINCT FROM (" + other + ") COLLATE \"C\"";
            default -> "(" + one + ") COLLATE BINARY IS NOT (" + other + ")";
        };
    }

    private String place(RowShape shape, String row) {
        List<String> texts = shape.locator().stream()
                .map(column -> text(row + "." + names.quoted(column.column())))
                .toList();
        if (texts.size() == 1) {
            return texts.get(0);
        }
        return switch (names.dialect()) {
            case MARIADB ->
                texts.stream()
                        .map(text -> "char_length(" + text + "), ':', " + text)
                        .collect(Collectors.joining(", ", "concat(", ")"));
            default ->
                texts.stream()
                        .map(text -> "length(" + text + ") || ':' || " + text)
                        .collect(Collectors.joining(" || "));
        };
    }

    private String text(String column) {
        return switch (names.dialect()) {
            case MARIADB -> "CAST(" + column + " AS CHAR CHARACTER SET utf8mb4)";
            default -> "CAST(" + column + " AS text)";
        };
    }
}
