package dev.berth.testkit;

import dev.berth.sync.ChangeFeed;
import dev.berth.sync.Digest;
import dev.berth.sync.Note;
import dev.berth.sync.RowChange;
import dev.berth.sync.RowFaultException;
import dev.berth.sync.RowShape;
import dev.berth.sync.StoreColumn;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncRow;
import dev.berth.sync.SyncSession;
import dev.berth.sync.SyncStore;
import dev.berth.sync.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the groups of laws of a sync's store share: a database for each law, and short words for rows and transactions. */
abstract class SyncLaws {
    static final UUID READER = UUID.fromString("00000000-0000-4000-8000-00000000000a");
    static final UUID OTHER_READER = UUID.fromString("00000000-0000-4000-8000-00000000000b");
    static final ChangeFeed FEED = new ChangeFeed("parent", Optional.of(READER));

    static final List<String> TABLES = List.of("parent", "child", "tag", "mark", "region", "town", "vals");

    /** The types that have a column in {@code vals}. */
    static final List<ValueType> TYPES = Stream.of(ValueType.values())
            .filter(type -> type != ValueType.ANY && type != ValueType.OTHER)
            .toList();

    private static final RowShape.Member NAME = text("name");

    private final SyncStoreContract contract;
    private final List<SyncFixture> others = new ArrayList<>();
    private final List<SyncStore> stores = new ArrayList<>();

    @Nullable
    private SyncFixture opened;

    SyncStore store;

    /** Work that gives nothing. */
    @FunctionalInterface
    interface Deed {
        void run(SyncSession session) throws RowFaultException;
    }

    /** Work that counts. */
    @FunctionalInterface
    interface Counting {
        long run(SyncSession session) throws RowFaultException;
    }

    SyncLaws(SyncStoreContract contract) {
        this.contract = contract;
    }

    @BeforeEach
    final void openDatabase() throws Exception {
        opened = contract.open();
        store = opened.store();
        readTables(store);
    }

    @AfterEach
    final void closeDatabase() {
        stores.forEach(SyncStore::close);
        others.forEach(SyncFixture::close);
        if (opened != null) {
            opened.close();
        }
    }

    private SyncFixture fixture() {
        if (opened == null) {
            throw new IllegalStateException("no law runs");
        }
        return opened;
    }

    /** As an engine does before it asks for rows. */
    private static void readTables(SyncStore of) {
        TABLES.forEach(of::table);
    }

    /** Another store on the same database. */
    SyncStore another() throws Exception {
        SyncStore other = fixture().another();
        stores.add(other);
        readTables(other);
        return other;
    }

    /** A store on another database. */
    SyncStore elsewhere() throws Exception {
        SyncFixture other = contract.open();
        others.add(other);
        return other.store();
    }

    // ------------------------------------------------------------------ transactions

    /** Work that no row is at fault in. */
    <T> T in(SyncStore.Work<T> work) {
        return in(store, work);
    }

    static <T> T in(SyncStore store, SyncStore.Work<T> work) {
        try {
            return store.transact(work);
        } catch (RowFaultException fault) {
            throw new AssertionError("a row is said to be at fault", fault);
        }
    }

    /** Work that finds a list. */
    <T> List<T> list(SyncStore.Work<List<T>> work) {
        return in(store, work);
    }

    static <T> List<T> list(SyncStore store, SyncStore.Work<List<T>> work) {
        return in(store, work);
    }

    /** Work that finds a set. */
    <T> Set<T> set(SyncStore.Work<Set<T>> work) {
        return in(store, work);
    }

    /** Work that counts. */
    long count(Counting work) {
        return count(store, work);
    }

    static long count(SyncStore store, Counting work) {
        return in(store, work::run);
    }

    void does(Deed deed) {
        var unused = in(session -> {
            deed.run(session);
            return true;
        });
    }

    void application(SyncFixture.Deed deed) throws Exception {
        fixture().application(SyncFixture.End.COMMIT, deed);
    }

    void applicationRollsBack(SyncFixture.Deed deed) throws Exception {
        fixture().application(SyncFixture.End.ROLLBACK, deed);
    }

    // ------------------------------------------------------------------ shapes

    static RowShape.Plain text(String column) {
        return new RowShape.Plain(column, ValueType.TEXT);
    }

    RowShape shape(String table, List<RowShape.Member> members, List<Integer> key) {
        StoreTable known = store.table(table);
        List<RowShape.Plain> locator = known.primaryKey().stream()
                .map(column -> known.column(column).orElseThrow())
                .map(column -> new RowShape.Plain(column.name(), column.type()))
                .toList();
        return new RowShape(known.name(), locator, members, key, Optional.empty());
    }

    /** Name, code and note: not what is extra. */
    RowShape parents() {
        return shape("parent", List.of(NAME, text("code"), text("note")), List.of(0));
    }

    /** Name and what is extra. */
    RowShape extras() {
        return shape("parent", List.of(NAME, text("extra")), List.of(0));
    }

    /** Name, the parent's name, the name of the child that it refers to. */
    RowShape children() {
        return shape("child", List.of(NAME, link("parent_id", "parent"), link("up_id", "child")), List.of(0));
    }

    /** The parent's name, the label and the weight. */
    RowShape tags() {
        return shape(
                "tag",
                List.of(link("parent_id", "parent"), text("label"), new RowShape.Plain("weight", ValueType.INTEGER)),
                List.of(0, 1));
    }

    /** Name, and the name of the region, to which two columns refer. */
    RowShape towns() {
        List<String> columns = List.of("country", "code");
        return shape("town", List.of(NAME, new RowShape.Link(columns, columns, "region", List.of(NAME))), List.of(0));
    }

    RowShape values() {
        List<RowShape.Member> members = new ArrayList<>(List.of(NAME));
        TYPES.forEach(type -> members.add(new RowShape.Plain(column(type), type)));
        return shape("vals", members, List.of(0));
    }

    static String column(ValueType type) {
        return "v_" + type.name().toLowerCase(java.util.Locale.ROOT);
    }

    static RowShape.Link link(String column, String parent) {
        return new RowShape.Link(List.of(column), List.of("id"), parent, List.of(NAME));
    }

    /** The unique key of a column. */
    StoreTable.Unique unique(String table, String... columns) {
        return store.table(table).uniques().stream()
                .filter(one -> one.columns().equals(List.of(columns)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(table + " has no unique key of " + List.of(columns)));
    }

    static List<String> names(StoreTable table) {
        return table.columns().stream().map(StoreColumn::name).toList();
    }

    // ------------------------------------------------------------------ rows

    static SyncRow row(@Nullable Object... values) {
        return SyncRow.of(values);
    }

    /** Columns and their values in turns. */
    static Map<String, @Nullable Object> columns(@Nullable Object... pairs) {
        Map<String, @Nullable Object> columns = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            columns.put(String.valueOf(pairs[i]), pairs[i + 1]);
        }
        return columns;
    }

    static void insertParent(SyncFixture.Writes application, long id, String name) throws Exception {
        application.insert("parent", columns("id", id, "name", name));
    }

    /** Values with commas between. */
    static String told(SyncRow row) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < row.width(); i++) {
            values.add(String.valueOf(row.value(i)));
        }
        return String.join(",", values);
    }

    static List<String> told(List<SyncRow> rows) {
        return rows.stream().map(SyncLaws::told).toList();
    }

    static String place(SyncRow row) {
        return row.locator().orElseThrow(() -> new AssertionError("a row that was read has no locator: " + told(row)));
    }

    static List<String> places(List<SyncRow> rows) {
        return rows.stream().map(SyncLaws::place).toList();
    }

    static SyncRow at(SyncRow found, @Nullable Object... values) {
        return SyncRow.at(place(found), values);
    }

    /** All rows, as they are committed. */
    List<SyncRow> all(RowShape shape) {
        return in(session -> session.page(shape, Optional.empty(), 1_000));
    }

    List<String> read(RowShape shape) {
        return told(all(shape));
    }

    /** Where the row of a name is. */
    String placeOf(RowShape shape, String name) {
        return all(shape).stream()
                .filter(row -> name.equals(row.value(0)))
                .map(SyncLaws::place)
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no row " + name));
    }

    // ------------------------------------------------------------------ notes and changes

    static Digest id(long number) {
        return new Digest(number, -number);
    }

    static Note note(long number, String text) {
        return Note.of(id(number), bytes(text));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    List<RowChange> changes(ChangeFeed feed) {
        return in(session -> session.changes(feed, Optional.empty(), 1_000));
    }

    /** What is told of a place: kinds, in the order of their numbers, where an insert may be told as an update. */
    List<RowChange.Kind> kinds(ChangeFeed feed, String place) {
        return changes(feed).stream()
                .filter(change -> change.locator().equals(place))
                .sorted((one, other) -> Long.compare(one.number(), other.number()))
                .map(change -> change.kind() == RowChange.Kind.INSERTED ? RowChange.Kind.UPDATED : change.kind())
                .toList();
    }
}
