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

/** The triggers that note each change of a table in the transaction that makes it. */
final class CaptureTriggers {
    private static final int MOST_WAIT_SECONDS = 2;
    private static final List<String> SUFFIXES = List.of("_i", "_u", "_d");

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
        return prefix()
                + Digest.of(feed.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8))
                        .toString()
                        .substring(0, 16);
    }

    /** Makes them where they are not; says whether it did. */
    boolean install(RowShape shape, UUID reader) throws SQLException {
        var feed = new ChangeFeed(shape.table(), Optional.of(reader));
        String name = name(feed);
        if (count(name) == SUFFIXES.size()) {
            return false;
        }
        // MariaDB would wait a day for somebody's transaction that has used the table.
        boolean waits = names.dialect() == Dialect.MARIADB;
        if (waits) {
            run("SET @berth_wait = @@session.lock_wait_timeout, @@session.lock_wait_timeout = " + MOST_WAIT_SECONDS);
        }
        try {
            remove(shape.table(), name);
            for (String statement : statements(shape, feed, name)) {
                run(statement);
            }
        } finally {
            if (waits) {
                run("SET @@session.lock_wait_timeout = @berth_wait");
            }
        }
        return true;
    }

    /** Removes those of all readers, and what they have noted. */
    void removeAll(String table) throws SQLException {
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
                    if (name.matches(Pattern.quote(prefix()) + "[0-9a-f]{16}_[iud]")) {
                        found.add(name.substring(0, name.length() - 2));
                    }
                }
            }
        }
        for (String name : found) {
            remove(table, name);
        }
        new NoteRows(connection, names).forgetAll(table);
    }

    private void remove(String table, String name) throws SQLException {
        for (String suffix : SUFFIXES) {
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

    private int count(String name) throws SQLException {
        String sql = switch (names.dialect()) {
            case SQLITE -> "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name IN (?, ?, ?)";
            case POSTGRESQL ->
                "SELECT count(*) FROM pg_trigger g JOIN pg_class r ON r.oid = g.tgrelid JOIN pg_namespace s ON s.oid ="
                        + " r.relnamespace WHERE s.nspname = coalesce(?, current_schema()) AND g.tgenabled <> 'D' AND"
                        + " tgname IN (?, ?, ?)";
            case MARIADB ->
                "SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = coalesce(?, database()) AND"
                        + " trigger_name IN (?, ?, ?)";
            case H2 -> throw new IllegalStateException("H2");
        };
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int index = 1;
            if (names.dialect() != Dialect.SQLITE) {
                statement.setString(index++, names.tables().schema().orElse(null));
            }
            for (String suffix : SUFFIXES) {
                statement.setString(index++, name + suffix);
            }
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    private List<String> statements(RowShape shape, ChangeFeed feed, String name) {
        String table = names.table(shape.table());
        String added = place(shape, "NEW");
        String gone = place(shape, "OLD");
        String moved =
                names.dialect() == Dialect.MARIADB ? "NOT (" + added + " <=> " + gone + ")" : added + " <> " + gone;
        String insert = note(feed, added, Integer.toString(NoteRows.INSERTED), "");
        String renamed =
                "CASE WHEN " + isRenamed(shape) + " THEN " + NoteRows.RENAMED + " ELSE " + NoteRows.UPDATED + " END";
        String noted = Integer.toString(NoteRows.GONE);
        String update = note(feed, added, renamed, "") + "; " + note(feed, gone, noted, moved);
        String delete = note(feed, gone, noted, "");
        if (names.dialect() == Dialect.POSTGRESQL) {
            String function = names.table(name);
            List<String> all = new ArrayList<>();
            all.add("CREATE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql AS $berth$ BEGIN"
                    + " IF TG_OP = 'INSERT' THEN " + insert + "; ELSIF TG_OP = 'UPDATE' THEN " + update + "; ELSE "
                    + delete + "; END IF; RETURN NULL; END $berth$");
            all.add(trigger(name + "_i", "INSERT", table) + " FOR EACH ROW EXECUTE PROCEDURE " + function + "()");
            all.add(trigger(name + "_u", "UPDATE", table) + " FOR EACH ROW EXECUTE PROCEDURE " + function + "()");
            all.add(trigger(name + "_d", "DELETE", table) + " FOR EACH ROW EXECUTE PROCEDURE " + function + "()");
            return all;
        }
        return List.of(
                trigger(name + "_i", "INSERT", table) + " FOR EACH ROW BEGIN " + insert + "; END",
                trigger(name + "_u", "UPDATE", table) + " FOR EACH ROW BEGIN " + update + "; END",
                trigger(name + "_d", "DELETE", table) + " FOR EACH ROW BEGIN " + delete + "; END");
    }

    private String trigger(String name, String event, String table) {
        return "CREATE TRIGGER " + names.quoted(name) + " AFTER " + event + " ON " + table;
    }

    private String note(ChangeFeed feed, String place, String kind, String condition) {
        // In a trigger of SQLite a table has no schema's name.
        return "INSERT INTO " + names.own("change") + " (origin, place, gone, at) SELECT "
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
                .map(column -> switch (names.dialect()) {
                    case MARIADB ->
                        "NOT (CAST(" + text("OLD." + column) + " AS BINARY) <=> CAST(" + text("NEW." + column)
                                + " AS BINARY))";
                    case POSTGRESQL ->
                        text("OLD." + column) + " COLLATE \"C\" IS DISTINCT FROM " + text("NEW." + column)
                                + " COLLATE \"C\"";
                    default -> text("OLD." + column) + " COLLATE BINARY IS NOT " + text("NEW." + column);
                })
                .collect(Collectors.joining(" OR "));
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
