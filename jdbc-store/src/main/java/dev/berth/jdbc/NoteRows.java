package dev.berth.jdbc;

import dev.berth.sync.ChangeFeed;
import dev.berth.sync.Digest;
import dev.berth.sync.Note;
import dev.berth.sync.RowChange;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The sync engine's notes and captured changes in Berth's own tables, within one transaction. */
final class NoteRows {
    /** How the kind of a change is noted. */
    static final int INSERTED = 0;

    static final int GONE = 1;
    static final int UPDATED = 2;
    static final int RENAMED = 3;

    private static final int SLICE = 2_048;

    private final Connection connection;
    private final ColumnNames names;

    /** Binds what a statement asks for. */
    @FunctionalInterface
    private interface Binding {
        void bind(PreparedStatement statement) throws SQLException;
    }

    NoteRows(Connection connection, ColumnNames names) {
        this.connection = connection;
        this.names = names;
    }

    /** A book is known by a number: 64 bits of its name's digest. */
    private static long number(String book) {
        return Digest.of(book.getBytes(StandardCharsets.UTF_8)).high();
    }

    private Object place(String place) {
        return names.dialect() == Dialect.MARIADB ? place.getBytes(StandardCharsets.UTF_8) : place;
    }

    private String placeText(ResultSet rows, int index) throws SQLException {
        if (names.dialect() == Dialect.MARIADB) {
            byte[] bytes = rows.getBytes(index);
            return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
        }
        String text = rows.getString(index);
        return text == null ? "" : text;
    }

    List<Note> byIds(String book, Collection<Digest> ids) throws SQLException {
        List<Note> found = new ArrayList<>();
        for (List<Digest> some : slices(ids)) {
            found.addAll(notes("id IN (" + marks(some.size()) + ")", statement -> {
                statement.setLong(1, number(book));
                for (int i = 0; i < some.size(); i++) {
                    statement.setBytes(i + 2, some.get(i).bytes());
                }
            }));
        }
        return found;
    }

    List<Note> byPlaces(String book, Collection<String> places) throws SQLException {
        List<Note> found = new ArrayList<>();
        for (List<String> some : slices(places)) {
            found.addAll(notes("place IN (" + marks(some.size()) + ")", statement -> {
                statement.setLong(1, number(book));
                for (int i = 0; i < some.size(); i++) {
                    statement.setObject(i + 2, place(some.get(i)));
                }
            }));
        }
        return found;
    }

    List<Note> after(String book, Optional<Digest> after, int limit) throws SQLException {
        return notes("id > ? ORDER BY id LIMIT " + limit, statement -> {
            statement.setLong(1, number(book));
            statement.setBytes(2, after.map(Digest::bytes).orElseGet(() -> new byte[0]));
        });
    }

    private List<Note> notes(String condition, Binding binding) throws SQLException {
        String sql = "SELECT id, place, said FROM " + names.own("note") + " WHERE book = ? AND " + condition;
        List<Note> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            binding.bind(statement);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    Digest id = Digest.from(rows.getBytes(1));
                    byte[] said = rows.getBytes(3);
                    boolean placed = rows.getObject(2) != null;
                    found.add(placed ? Note.at(id, placeText(rows, 2), said) : Note.of(id, said));
                }
            }
        }
        return found;
    }

    long count(String book) throws SQLException {
        return count("note", "book = ?", statement -> statement.setLong(1, number(book)));
    }

    private long count(String table, String condition, Binding binding) throws SQLException {
        String sql = "SELECT count(*) FROM " + names.own(table) + " WHERE " + condition;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            binding.bind(statement);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    void put(String book, Collection<Note> notes) throws SQLException {
        if (notes.isEmpty()) {
            return;
        }
        String into = "INSERT INTO " + names.own("note") + " (book, id, place, said) VALUES (?, ?, ?, ?)";
        String sql = names.dialect() == Dialect.MARIADB
                ? into + " ON DUPLICATE KEY UPDATE place = VALUES(place), said = VALUES(said)"
                : into + " ON CONFLICT (book, id) DO UPDATE SET place = excluded.place, said = excluded.said";
        // In the order of their ids: so no two transactions wait for each other.
        List<Note> sorted = new ArrayList<>(notes);
        sorted.sort((one, other) -> one.id().compareTo(other.id()));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Note note : sorted) {
                statement.setLong(1, number(book));
                statement.setBytes(2, note.id().bytes());
                statement.setObject(3, note.place().map(this::place).orElse(null));
                statement.setBytes(4, note.text());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    void remove(String book, Collection<Digest> ids) throws SQLException {
        for (List<Digest> some : slices(ids)) {
            update(
                    "DELETE FROM " + names.own("note") + " WHERE book = ? AND id IN (" + marks(some.size()) + ")",
                    statement -> {
                        statement.setLong(1, number(book));
                        for (int i = 0; i < some.size(); i++) {
                            statement.setBytes(i + 2, some.get(i).bytes());
                        }
                    });
        }
    }

    void clear(String book) throws SQLException {
        update("DELETE FROM " + names.own("note") + " WHERE book = ?", statement -> statement.setLong(1, number(book)));
    }

    /** SQLite has one writer anyway. */
    void lock(String book) throws SQLException {
        String into = "INSERT INTO " + names.own("lock") + " (book) VALUES (?) ";
        switch (names.dialect()) {
            case POSTGRESQL ->
                update(
                        into + "ON CONFLICT (book) DO UPDATE SET book = excluded.book",
                        statement -> statement.setLong(1, number(book)));
            case MARIADB ->
                update(
                        into + "ON DUPLICATE KEY UPDATE book = VALUES(book)",
                        statement -> statement.setLong(1, number(book)));
            case SQLITE, H2 -> {}
        }
    }

    List<RowChange> changes(ChangeFeed feed, Optional<String> after, int limit) throws SQLException {
        String further = after.isPresent() ? "place > ?" : "place >= ?";
        List<RowChange> page = changes(further + " ORDER BY place, number LIMIT " + (limit + 1), statement -> {
            statement.setObject(1, place(feed.name()));
            statement.setObject(2, place(after.orElse("")));
        });
        if (page.size() <= limit) {
            return page;
        }
        // The last row's are perhaps not all here: they come with the next page, or all at once if they fill this one.
        String last = page.get(limit).locator();
        return page.get(0).locator().equals(last)
                ? changesAt(feed, List.of(last))
                : page.stream().filter(change -> !change.locator().equals(last)).toList();
    }

    List<RowChange> changesAt(ChangeFeed feed, Collection<String> places) throws SQLException {
        List<RowChange> found = new ArrayList<>();
        for (List<String> some : slices(places)) {
            found.addAll(changes("place IN (" + marks(some.size()) + ")", statement -> {
                statement.setObject(1, place(feed.name()));
                for (int i = 0; i < some.size(); i++) {
                    statement.setObject(i + 2, place(some.get(i)));
                }
            }));
        }
        return found;
    }

    private List<RowChange> changes(String condition, Binding binding) throws SQLException {
        String sql =
                "SELECT number, place, gone, at FROM " + names.own("change") + " WHERE origin = ? AND " + condition;
        List<RowChange> changes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            binding.bind(statement);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    changes.add(new RowChange(
                            rows.getLong(1),
                            placeText(rows, 2),
                            kind(rows.getInt(3)),
                            Instant.ofEpochMilli(rows.getLong(4))));
                }
            }
        }
        return changes;
    }

    private static RowChange.Kind kind(int noted) {
        return switch (noted) {
            case INSERTED -> RowChange.Kind.INSERTED;
            case GONE -> RowChange.Kind.GONE;
            case RENAMED -> RowChange.Kind.RENAMED;
            default -> RowChange.Kind.UPDATED;
        };
    }

    long countChanges(ChangeFeed feed) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT count(*) FROM " + names.own("change") + " WHERE origin = ?")) {
            statement.setObject(1, place(feed.name()));
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    /** Those of all readers: '@' follows the name, and 'A' follows '@'. */
    void forgetAll(String table) throws SQLException {
        String sql = " WHERE origin >= ? AND origin < ?";
        update("DELETE FROM " + names.own("change") + sql, statement -> {
            statement.setObject(1, place(table + "@"));
            statement.setObject(2, place(table + "A"));
        });
    }

    void add(String origin, String place, RowChange.Kind kind) throws SQLException {
        update(
                "INSERT INTO " + names.own("change") + " (origin, place, gone, at) VALUES (?, ?, ?, "
                        + StoreTime.millis(names.dialect()) + ")",
                statement -> {
                    statement.setObject(1, place(origin));
                    statement.setObject(2, place(place));
                    statement.setInt(3, kind == RowChange.Kind.GONE ? GONE : UPDATED);
                });
    }

    void forget(Collection<Long> numbers) throws SQLException {
        for (List<Long> some : slices(numbers)) {
            update(
                    "DELETE FROM " + names.own("change") + " WHERE number IN (" + marks(some.size()) + ")",
                    statement -> {
                        for (int i = 0; i < some.size(); i++) {
                            statement.setLong(i + 1, some.get(i));
                        }
                    });
        }
    }

    private void update(String sql, Binding binding) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            binding.bind(statement);
            statement.executeUpdate();
        }
    }

    private static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    /** Short lists of a few lengths, so that the statements are few. */
    private static <T> List<List<T>> slices(Collection<T> values) {
        List<T> all = List.copyOf(values);
        List<List<T>> slices = new ArrayList<>();
        for (int from = 0; from < all.size(); from += SLICE) {
            slices.add(Dialect.padded(all.subList(from, Math.min(from + SLICE, all.size()))));
        }
        return slices;
    }
}
