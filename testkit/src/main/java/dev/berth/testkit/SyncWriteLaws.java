package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.berth.sync.RowFaultException;
import dev.berth.sync.SyncRow;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is told is written, whole, and nothing else is. */
abstract class SyncWriteLaws extends SyncLaws {
    SyncWriteLaws(SyncStoreContract contract) {
        super(contract);
    }

    @BeforeEach
    void insertThree() throws Exception {
        application(writes -> {
            for (long i = 1; i <= 3; i++) {
                writes.insert(
                        "parent",
                        columns("id", 1_000 + i, "name", "p" + i, "code", "c" + i, "note", "n", "extra", "e" + i));
            }
        });
    }

    private String parent(int number) {
        return placeOf(parents(), "p" + number);
    }

    private static SyncRow written(String place, @Nullable Object... values) {
        return SyncRow.at(place, values);
    }

    @Test
    @DisplayName("An insert writes the columns of the shape, and its count is how many rows it wrote.")
    void insertCountsItsRows() throws Exception {
        application(writes -> writes.delete("parent", columns("extra", "e1")));

        assertThat(count(session -> session.insert(parents(), List.of(row("a", "1", "x"), row("b", null, "")))))
                .isEqualTo(2);
        assertThat(read(parents())).contains("a,1,x", "b,null,");
        assertThat(read(extras())).contains("a,null", "b,null");
    }

    @Test
    @DisplayName("An update writes the columns of the shape to its rows, and others stay as they are.")
    void updateLeavesOtherColumns() {
        String one = parent(1);
        String three = parent(3);
        assertThat(count(session -> session.update(
                        parents(), List.of(written(one, "p1", "c9", null), written(three, "q3", "c3", "x")))))
                .isEqualTo(2);

        assertThat(read(parents())).containsExactly("p1,c9,null", "p2,c2,n", "q3,c3,x");
        assertThat(read(extras())).containsExactly("p1,e1", "p2,e2", "q3,e3");
    }

    @Test
    @DisplayName("A row that is gone is not counted by an update, nor by a delete, and comes into being by none.")
    void goneRowIsNotCounted() throws Exception {
        String gone = parent(1);
        String there = parent(2);
        application(writes -> writes.delete("parent", columns("name", "p1")));

        assertThat(count(session -> session.update(
                        parents(), List.of(written(gone, "p1", null, null), written(there, "p2", null, null)))))
                .isEqualTo(1);
        assertThat(count(session -> session.delete(parents(), List.of(gone, there))))
                .isEqualTo(1);
        assertThat(read(parents())).containsExactly("p3,c3,n");
    }

    @Test
    @DisplayName("A link is written as the id that its parent has here; one whose parent is not there is NULL.")
    void linksAreRewritten() throws Exception {
        does(session -> session.insert(children(), List.of(row("first", "p2", null))));
        does(session ->
                session.insert(children(), List.of(row("second", "p3", "first"), row("third", "nobody", "nobody"))));

        assertThat(read(children())).containsExactlyInAnyOrder("first,p2,null", "second,p3,first", "third,null,null");
        application(writes -> writes.update("child", columns("parent_id", 1_002L), columns("name", "of p2")));
        String second = placeOf(children(), "second");
        does(session -> session.update(children(), List.of(written(second, "second", "p1", "of p2"))));
        assertThat(read(children())).containsExactlyInAnyOrder("of p2,p2,null", "second,p1,of p2", "third,null,null");
    }

    @Test
    @DisplayName("A key of a link and a column is written and found again.")
    void linkTablesAreWritten() {
        does(session -> session.insert(tags(), List.of(row("p1", "x", 1L), row("p2", "x", 2L))));
        String place = places(all(tags())).get(0);
        does(session -> session.update(tags(), List.of(written(place, "p1", "x", 9L))));

        assertThat(read(tags())).containsExactly("p1,x,9", "p2,x,2");
        assertThat(count(session -> session.delete(tags(), List.of(place)))).isEqualTo(1);
        assertThat(read(tags())).containsExactly("p2,x,2");
    }

    private RowFaultException fault(Deed deed) {
        RowFaultException[] found = new RowFaultException[1];
        does(session -> found[0] =
                catchThrowableOfType(RowFaultException.class, () -> session.attempt(() -> deed.run(session))));
        assertThat(found[0]).as("a row is at fault").isNotNull();
        return found[0];
    }

    @Test
    @DisplayName(
            "A row that violates a unique key is a fault with the store's code and words, and its batch is undone.")
    void takenValueIsAFault() {
        RowFaultException fault = fault(session ->
                session.insert(parents(), List.of(row("a", null, null), row("b", "c2", null), row("c", null, null))));

        assertThat(fault.code()).isNotBlank();
        assertThat(fault.getMessage()).isNotBlank();
        assertThat(read(parents())).containsExactly("p1,c1,n", "p2,c2,n", "p3,c3,n");
    }

    @Test
    @DisplayName("An update that violates a constraint is a fault, and its batch is undone.")
    void badUpdateIsAFault() {
        List<SyncRow> rows = List.of(written(parent(1), "p1", "c1", "x"), written(parent(3), null, "c3", "x"));
        var unused = fault(session -> session.update(parents(), rows));

        assertThat(read(parents())).containsExactly("p1,c1,n", "p2,c2,n", "p3,c3,n");
    }

    @Test
    @DisplayName(
            "Where the database minds its references, a row that is referred to is a fault, and its batch is undone.")
    void referredRowIsAFaultToDelete() {
        does(session -> session.insert(children(), List.of(row("c", "p2", null))));
        List<String> both = List.of(parent(1), parent(2));
        Throwable refused = catchThrowable(() -> does(session -> session.delete(parents(), both)));

        if (refused == null) {
            // A connection to SQLite that does not mind them.
            assertThat(read(parents())).hasSize(1);
        } else {
            assertThat(refused).hasCauseInstanceOf(RowFaultException.class);
            assertThat(read(parents())).hasSize(3);
        }
    }

    @Test
    @DisplayName("Unique values are swapped: parked rows have a value that nobody has, until they get their own.")
    void parkedValuesAreSwapped() {
        String one = parent(1);
        String two = parent(2);
        for (String column : List.of("code", "name")) {
            does(session -> {
                session.park(parents(), unique("parent", column), List.of(one, two));
                assertThat(session.located(parents(), List.of(one, two)))
                        .extracting(row -> row.value(column.equals("name") ? 0 : 1))
                        .doesNotContain(column.charAt(0) + "1", "p1", "p2", "c1", "c2");
                session.update(
                        parents(),
                        column.equals("name")
                                ? List.of(written(one, "p2", "c2", "n"), written(two, "p1", "c1", "n"))
                                : List.of(written(one, "p1", "c2", "n"), written(two, "p2", "c1", "n")));
            });
        }

        assertThat(read(parents())).containsExactly("p2,c2,n", "p1,c1,n", "p3,c3,n");
        assertThat(read(extras())).containsExactly("p2,e1", "p1,e2", "p3,e3");
    }

    @Test
    @DisplayName("It is told which rows others refer to, in any table, and a row that refers to itself is not one.")
    void referredRowsAreTold() throws Exception {
        application(writes -> {
            writes.insert("child", columns("id", 1L, "name", "alone", "parent_id", 1_001L, "up_id", 1L));
            writes.insert("child", columns("id", 2L, "name", "up"));
            writes.insert("child", columns("id", 3L, "name", "down", "up_id", 2L));
            writes.insert("tag", columns("parent_id", 1_002L, "label", "x"));
        });
        List<String> childPlaces = places(all(children()));
        List<String> parentPlaces = places(all(parents()));

        assertThat(set(session ->
                        session.referred(parents(), store.table("parent").referrers(), parentPlaces)))
                .containsExactlyInAnyOrder(parentPlaces.get(0), parentPlaces.get(1));
        assertThat(set(session ->
                        session.referred(children(), store.table("child").referrers(), childPlaces)))
                .containsExactly(placeOf(children(), "up"));
        assertThat(set(session -> session.referred(parents(), List.of(), parentPlaces)))
                .isEmpty();
    }

    @Test
    @DisplayName("What a database refuses for a value's size is a fault of the row, never cut.")
    void tooLongTextIsAFaultOrKept() {
        String tooLong = "x".repeat(500);
        try {
            store.transact(session -> session.insert(parents(), List.of(row(tooLong, null, null))));
            assertThat(read(parents())).contains(tooLong + ",null,null");
        } catch (RowFaultException refused) {
            assertThat(read(parents())).hasSize(3);
        }
    }

    @Test
    @DisplayName("To write no rows is to write none.")
    void nothingIsWrittenForNothing() {
        does(session -> {
            assertThat(session.insert(parents(), List.of())).isZero();
            assertThat(session.update(parents(), List.of())).isZero();
            assertThat(session.delete(parents(), List.of())).isZero();
            session.park(parents(), unique("parent", "code"), List.of());
        });
        assertThatThrownBy(() -> parent(4)).isInstanceOf(AssertionError.class);
    }
}
