package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Lookup;
import dev.berth.sync.RowShape;
import dev.berth.sync.StoreColumn;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncRow;
import dev.berth.sync.SyncSession;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rows that are marked as deleted, by a column that does not travel. */
abstract class SyncTombstoneLaws extends SyncLaws {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678901Z");

    SyncTombstoneLaws(SyncStoreContract contract) {
        super(contract);
    }

    /** Their names, marked by a column. */
    private RowShape marks(String tombstone) {
        RowShape plain = marks(List.of(text("name")));
        return new RowShape(
                plain.table(), plain.locator(), plain.members(), plain.key(), Optional.of(column(tombstone)));
    }

    private RowShape marks(List<RowShape.Member> members) {
        return shape("mark", members, List.of(0));
    }

    private RowShape.Plain column(String name) {
        StoreColumn column = store.table("mark").column(name).orElseThrow();
        return new RowShape.Plain(column.name(), column.type());
    }

    private void insertMarks() throws Exception {
        application(writes -> {
            insertParent(writes, 1_000, "p");
            writes.insert("mark", columns("id", 1_001L, "name", "alive"));
            writes.insert("mark", columns("id", 1_002L, "name", "dead", "gone", 1L, "parent_id", 1_000L));
        });
    }

    private static List<String> deleted(List<SyncRow> rows) {
        return rows.stream().filter(SyncRow::isDeleted).map(SyncLaws::told).toList();
    }

    @Test
    @DisplayName("Marked rows are read and found like others, in pages, at their places and by their keys, and say so.")
    void markedRowsSaySo() throws Exception {
        insertMarks();
        RowShape marks = marks("gone");
        List<SyncRow> all = all(marks);
        List<String> places = places(all);

        assertThat(told(all)).containsExactly("alive", "dead");
        assertThat(deleted(all)).containsExactly("dead");
        assertThat(deleted(list(session -> session.located(marks, places)))).containsExactly("dead");
        List<Lookup> found =
                list(session -> session.find(marks, List.of(row("alive"), row("dead")), SyncSession.Locking.NONE));
        assertThat(found.stream().map(one -> one.found().orElseThrow().isDeleted()))
                .containsExactly(false, true);
    }

    @Test
    @DisplayName("Without a tombstone in the shape no row is said to be deleted.")
    void markIsOfTheShape() throws Exception {
        insertMarks();

        assertThat(deleted(all(marks(List.of(text("name")))))).isEmpty();
    }

    @Test
    @DisplayName("To bury rows marks them, whole as they are, and no others.")
    void buriedRowsAreMarked() throws Exception {
        insertMarks();
        RowShape marks = marks("gone");
        application(writes -> writes.insert("mark", columns("id", 1_003L, "name", "third", "parent_id", 1_000L)));
        List<String> place = List.of(placeOf(marks, "third"));
        does(session -> session.bury(marks, place, AT));

        assertThat(deleted(all(marks))).containsExactly("dead", "third");
        assertThat(read(marks(List.of(text("name"), link("parent_id", "parent"), column("gone")))))
                .containsExactly("alive,null,0", "dead,p,1", "third,p,1");
    }

    @Test
    @DisplayName("A tombstone that keeps a time gets the time of the burial, and NULL when the row is revived.")
    void buriedRowsKeepTheTime() throws Exception {
        insertMarks();
        RowShape marks = marks("gone_at");
        List<String> place = List.of(placeOf(marks, "alive"));
        does(session -> session.bury(marks, place, AT));

        assertThat(deleted(all(marks))).containsExactly("alive");
        assertThat(read(marks(List.of(text("name"), column("gone_at")))).get(0)).startsWith("alive,2026-01-02");
        does(session -> session.revive(marks, place));
        assertThat(deleted(all(marks))).isEmpty();
        assertThat(read(marks(List.of(text("name"), column("gone_at")))).get(0)).isEqualTo("alive,null");
    }

    @Test
    @DisplayName("To revive rows gives their tombstones the default of the column, and no others.")
    void revivedRowsAreAsOthers() throws Exception {
        insertMarks();
        RowShape marks = marks("gone");
        application(writes -> writes.insert("mark", columns("id", 1_003L, "name", "third", "gone", 1L)));
        List<String> place = List.of(placeOf(marks, "dead"));
        does(session -> session.revive(marks, place));

        assertThat(deleted(all(marks))).containsExactly("third");
        assertThat(read(marks(List.of(text("name"), column("gone"))))).containsExactly("alive,0", "dead,0", "third,1");
    }

    @Test
    @DisplayName("Who writes a row leaves its mark as it is, and a new row has none.")
    void writesLeaveTheMark() throws Exception {
        insertMarks();
        RowShape marks = marks("gone");
        List<SyncRow> before = all(marks);
        does(session -> {
            session.update(marks, List.of(at(before.get(0), "one"), at(before.get(1), "two")));
            session.insert(marks, List.of(row("three")));
        });

        assertThat(read(marks)).containsExactlyInAnyOrder("one", "two", "three");
        assertThat(deleted(all(marks))).containsExactly("two");
    }

    @Test
    @DisplayName("Marked rows that refer to another do not count where their referrer says by what they are marked.")
    void markedReferrersDoNotCount() throws Exception {
        insertMarks();
        List<String> parent = List.of(placeOf(parents(), "p"));
        StoreTable.Referrer whole = store.table("parent").referrers().stream()
                .filter(one -> one.table().equals("mark"))
                .findFirst()
                .orElseThrow();
        var alive = new StoreTable.Referrer(
                whole.schema(), whole.table(), whole.columns(), whole.referenced(), Optional.of(column("gone")));

        assertThat(set(session -> session.referred(parents(), List.of(whole), parent)))
                .isEqualTo(Set.copyOf(parent));
        assertThat(set(session -> session.referred(parents(), List.of(alive), parent)))
                .isEmpty();
        application(writes -> writes.update("mark", columns("name", "alive"), columns("parent_id", 1_000L)));
        RowShape linked = marks(List.of(text("name"), link("parent_id", "parent")));
        var living = new RowShape(
                linked.table(), linked.locator(), linked.members(), linked.key(), Optional.of(column("gone")));
        assertThat(told(list(session -> session.referring(living, 1, List.of(row(null, "p")), 5))
                        .get(0)))
                .containsExactly("alive,p");
        assertThat(set(session -> session.referred(parents(), List.of(alive), parent)))
                .isEqualTo(Set.copyOf(parent));
    }
}
