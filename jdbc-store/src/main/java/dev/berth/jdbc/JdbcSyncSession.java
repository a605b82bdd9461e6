package dev.berth.jdbc;

import dev.berth.sync.ChangeFeed;
import dev.berth.sync.Digest;
import dev.berth.sync.Lookup;
import dev.berth.sync.Note;
import dev.berth.sync.RowChange;
import dev.berth.sync.RowFaultException;
import dev.berth.sync.RowShape;
import dev.berth.sync.RowSum;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncRow;
import dev.berth.sync.SyncSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;

/** A transaction on one connection. Errors that are a row's become {@link RowFaultException}, others {@link SqlTrouble}. */
final class JdbcSyncSession implements SyncSession {
    private final Connection connection;
    private final Dialect dialect;
    private final NoteRows notes;
    private final RowReads reads;
    private final RowWrites writes;
    private final ParentRows parents;
    private final RowMarks marks;
    private final SumSql sums;
    private final CaptureTriggers captures;
    private int savepoints;
    private boolean changed;

    /** A statement, or some. */
    @FunctionalInterface
    private interface Call<T> {
        T run() throws SQLException;
    }

    @FunctionalInterface
    private interface Action {
        void run() throws SQLException;
    }

    JdbcSyncSession(Connection connection, ColumnNames names, BiFunction<String, String, String> staged) {
        this.connection = connection;
        this.dialect = names.dialect();
        notes = new NoteRows(connection, names);
        parents = new ParentRows(connection, names, staged);
        reads = new RowReads(connection, names, parents, staged);
        sums = new SumSql(connection, names, staged);
        captures = new CaptureTriggers(connection, names);
        marks = new RowMarks(connection, names, staged);
        writes = new RowWrites(connection, names, parents, staged);
    }

    /** Whether something may have been written. */
    boolean hasChanged() {
        return changed;
    }

    private static <T> T call(Call<T> call) {
        try {
            return call.run();
        } catch (SQLException e) {
            throw new SqlTrouble(e);
        }
    }

    private void change(Action action) {
        changed = true;
        call(() -> {
            action.run();
            return true;
        });
    }

    private <T> T faulty(Call<T> call) throws RowFaultException {
        try {
            return call.run();
        } catch (SQLException e) {
            Optional<RowFaultException> fault = RowFaults.of(dialect, e);
            if (fault.isPresent()) {
                throw fault.get();
            }
            throw new SqlTrouble(e);
        }
    }

    private void write(Action action) throws RowFaultException {
        var unused = written(() -> {
            action.run();
            return 0;
        });
    }

    /** What a write comes to is a row's, unless it is known to be the database's: triggers fail with any code. */
    private int written(Call<Integer> call) throws RowFaultException {
        changed = true;
        try {
            return call.run();
        } catch (SQLException e) {
            Optional<RowFaultException> fault = RowFaults.ofWrite(dialect, e);
            if (fault.isPresent()) {
                throw fault.get();
            }
            throw new SqlTrouble(e);
        }
    }

    @Override
    public List<SyncRow> page(RowShape shape, Optional<String> after, int limit) {
        return call(() -> reads.page(shape, after, limit));
    }

    @Override
    public List<SyncRow> located(RowShape shape, Collection<String> locators) {
        return call(() -> reads.located(shape, List.copyOf(locators)));
    }

    @Override
    public List<Lookup> find(RowShape shape, List<SyncRow> rows, Locking locking) throws RowFaultException {
        return faulty(() -> reads.find(shape, rows, locking));
    }

    @Override
    public List<Optional<SyncRow>> holders(RowShape shape, StoreTable.Unique unique, List<SyncRow> rows)
            throws RowFaultException {
        return faulty(() -> reads.holders(shape, unique, rows));
    }

    @Override
    public int insert(RowShape shape, List<SyncRow> rows) throws RowFaultException {
        int written = written(() -> writes.insert(shape, rows));
        parents.forgetMissing();
        return written;
    }

    @Override
    public int update(RowShape shape, List<SyncRow> rows) throws RowFaultException {
        int written = written(() -> writes.update(shape, rows));
        parents.forgetMissing();
        return written;
    }

    @Override
    public void park(RowShape shape, StoreTable.Unique unique, Collection<String> locators) throws RowFaultException {
        List<Parking> ways = faulty(() -> writes.parking(shape, unique));
        for (int i = 0; i < ways.size(); i++) {
            Parking way = ways.get(i);
            try {
                attempt(() -> write(() -> way.park(List.copyOf(locators))));
                return;
            } catch (RowFaultException forbidden) {
                if (i == ways.size() - 1) {
                    throw forbidden;
                }
            }
        }
    }

    @Override
    public List<List<SyncRow>> referring(RowShape shape, int link, List<SyncRow> rows, int most) {
        return call(() -> reads.referring(shape, link, rows, most));
    }

    @Override
    public Set<String> referred(RowShape shape, List<StoreTable.Referrer> referrers, Collection<String> locators) {
        return call(() -> reads.referred(shape, referrers, List.copyOf(locators)));
    }

    @Override
    public int delete(RowShape shape, Collection<String> locators) throws RowFaultException {
        return written(() -> writes.delete(shape, List.copyOf(locators)));
    }

    @Override
    public void bury(RowShape shape, Collection<String> locators, Instant at) throws RowFaultException {
        write(() -> marks.bury(shape, List.copyOf(locators), at));
    }

    @Override
    public void revive(RowShape shape, Collection<String> locators) throws RowFaultException {
        write(() -> marks.revive(shape, List.copyOf(locators)));
    }

    @Override
    public Optional<List<RowSum>> sums(RowShape shape, List<Integer> digits, int bits) {
        return call(() -> sums.sums(shape, digits, bits));
    }

    @Override
    public Optional<List<SyncRow>> rowsOf(RowShape shape, List<Integer> digits, Collection<Integer> buckets) {
        return call(() -> sums.rowsOf(shape, digits, buckets));
    }

    @Override
    public void attempt(Part part) throws RowFaultException {
        String name = "berth_" + savepoints++;
        call(() -> run("SAVEPOINT " + name));
        try {
            part.run();
        } catch (RowFaultException fault) {
            call(() -> run("ROLLBACK TO SAVEPOINT " + name));
            call(() -> run("RELEASE SAVEPOINT " + name));
            throw fault;
        }
        call(() -> run("RELEASE SAVEPOINT " + name));
    }

    private boolean run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
        }
    }

    @Override
    public void lock(String book) {
        change(() -> notes.lock(book));
    }

    @Override
    public List<Note> notes(String book, Collection<Digest> ids) {
        return call(() -> notes.byIds(book, ids));
    }

    @Override
    public List<Note> notesAt(String book, Collection<String> places) {
        return call(() -> notes.byPlaces(book, places));
    }

    @Override
    public List<Note> notesAfter(String book, Optional<Digest> after, int limit) {
        return call(() -> notes.after(book, after, limit));
    }

    @Override
    public long countNotes(String book) {
        return call(() -> notes.count(book));
    }

    @Override
    public void put(String book, Collection<Note> some) {
        change(() -> notes.put(book, some));
    }

    @Override
    public void remove(String book, Collection<Digest> ids) {
        change(() -> notes.remove(book, ids));
    }

    @Override
    public void clear(String book) {
        change(() -> notes.clear(book));
    }

    @Override
    public List<RowChange> changes(ChangeFeed feed, Optional<String> after, int limit) {
        return call(() -> notes.changes(feed, after, limit));
    }

    @Override
    public List<RowChange> changesAt(ChangeFeed feed, Collection<String> places) {
        return call(() -> notes.changesAt(feed, places));
    }

    @Override
    public void note(ChangeFeed feed, String place, RowChange.Kind kind) {
        change(() -> notes.add(feed.name(), place, kind));
    }

    @Override
    public void noteChanges(ChangeFeed feed, Collection<String> places) {
        change(() -> {
            for (String place : places) {
                notes.add(feed.name(), place, RowChange.Kind.UPDATED);
            }
        });
    }

    @Override
    public OptionalLong countChanges(ChangeFeed feed) {
        return call(() -> feed.reader().isPresent() && !captures.isMade(feed)
                ? OptionalLong.empty()
                : OptionalLong.of(notes.countChanges(feed)));
    }

    @Override
    public void forget(Collection<Long> numbers) {
        change(() -> notes.forget(numbers));
    }
}
