package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Lookup;
import dev.berth.sync.RowShape;
import dev.berth.sync.SyncRow;
import dev.berth.sync.SyncSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rows by their places, by their keys, and by what they hold. */
abstract class SyncReadLaws extends SyncLaws {
    SyncReadLaws(SyncStoreContract contract) {
        super(contract);
    }

    private List<SyncRow> page(RowShape shape, Optional<String> after, int limit) {
        return in(session -> session.page(shape, after, limit));
    }

    /** All pages, one after the other. */
    private List<SyncRow> paged(RowShape shape, int limit) {
        List<SyncRow> all = new ArrayList<>();
        List<SyncRow> page = page(shape, Optional.empty(), limit);
        while (!page.isEmpty()) {
            assertThat(page).hasSizeLessThanOrEqualTo(limit);
            all.addAll(page);
            assertThat(all).as("pages come to an end").hasSizeLessThan(100);
            page = page(shape, Optional.of(place(all.get(all.size() - 1))), limit);
        }
        return all;
    }

    /** The names from p8 to p12 have another order as texts than their ids as numbers. */
    private void insertParents() throws Exception {
        application(writes -> {
            for (long i = 8; i <= 12; i++) {
                insertParent(writes, i, "p" + i);
            }
        });
    }

    @Test
    @DisplayName("Pages have every row once, in the order of their places, whatever their size.")
    void pagesHaveEveryRowOnce() throws Exception {
        insertParents();

        for (int limit : List.of(1, 2, 5, 7)) {
            assertThat(paged(parents(), limit).stream().map(row -> row.value(0)))
                    .containsExactly("p8", "p9", "p10", "p11", "p12");
        }
        assertThat(paged(parents(), 2)).extracting(SyncLaws::place).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("Rows of a key of two columns are paged by both of them.")
    void pagesOfTwoColumnsHaveEveryRowOnce() throws Exception {
        insertParents();
        application(writes -> {
            for (long parent : List.of(9L, 10L)) {
                for (String label : List.of("a", "b", "c:d", "c")) {
                    writes.insert("tag", columns("parent_id", parent, "label", label, "weight", 1L));
                }
            }
        });

        for (int limit : List.of(1, 3)) {
            assertThat(told(paged(tags(), limit)))
                    .containsExactly(
                            "p9,a,1", "p9,b,1", "p9,c,1", "p9,c:d,1", "p10,a,1", "p10,b,1", "p10,c,1", "p10,c:d,1");
        }
    }

    @Test
    @DisplayName("What is deleted or inserted behind a page's begin changes nothing of what comes.")
    void pagesGoOnWhateverIsBehind() throws Exception {
        insertParents();
        String second = place(page(parents(), Optional.empty(), 2).get(1));
        application(writes -> {
            writes.delete("parent", columns("name", "p8"));
            writes.delete("parent", columns("name", "p9"));
            insertParent(writes, 3, "late");
        });

        assertThat(page(parents(), Optional.of(second), 10).stream().map(row -> row.value(0)))
                .containsExactly("p10", "p11", "p12");
    }

    @Test
    @DisplayName("Rows come with their values, a link as its parent's key, and without what is not of the shape.")
    void rowsHaveTheValuesOfTheirShape() throws Exception {
        insertParents();
        application(writes -> {
            writes.insert("child", columns("id", 1L, "name", "c1", "parent_id", 9L, "up_id", null));
            writes.insert("child", columns("id", 2L, "name", "c2", "parent_id", null, "up_id", 1L));
        });

        assertThat(read(children())).containsExactly("c1,p9,null", "c2,null,c1");
        assertThat(all(parents()).get(0).width()).isEqualTo(3);
        assertThat(all(parents()).get(0).fault()).isEmpty();
    }

    @Test
    @DisplayName("Rows are found at their places, once each, and what is gone is left out.")
    void locatedLeavesOutWhatIsGone() throws Exception {
        insertParents();
        List<String> places = places(all(parents()));
        application(writes -> writes.delete("parent", columns("name", "p10")));

        assertThat(told(list(session -> session.located(parents(), places))))
                .containsExactlyInAnyOrder("p8,null,null", "p9,null,null", "p11,null,null", "p12,null,null");
        assertThat(list(session -> session.located(parents(), List.of(places.get(2)))))
                .isEmpty();
        assertThat(list(session -> session.located(parents(), List.of()))).isEmpty();
    }

    @Test
    @DisplayName("A place that a page tells leads to its row, with a key of two columns, too.")
    void placesOfPagesLeadToTheirRows() throws Exception {
        insertParents();
        application(writes -> {
            writes.insert("tag", columns("parent_id", 9L, "label", "2:x", "weight", 1L));
            writes.insert("tag", columns("parent_id", 9L, "label", "ü 'q\"", "weight", 2L));
        });

        for (SyncRow row : all(tags())) {
            assertThat(told(list(session -> session.located(tags(), List.of(place(row))))))
                    .containsExactly(told(row));
        }
    }

    private List<Lookup> find(RowShape shape, SyncRow... rows) {
        return in(session -> session.find(shape, List.of(rows), SyncSession.Locking.NONE));
    }

    private static List<String> found(List<Lookup> lookups) {
        return lookups.stream()
                .map(one -> one.found().map(SyncLaws::told).orElse("-"))
                .toList();
    }

    @Test
    @DisplayName("Rows are found by their keys, whatever else they say, each answer in the place of its question.")
    void rowsAreFoundByTheirKeys() throws Exception {
        insertParents();
        List<Lookup> lookups = find(
                parents(),
                row("p12", "x", "y"),
                row("nobody", null, null),
                row("p8", null, null),
                row("p10", null, null));

        assertThat(found(lookups)).containsExactly("p12,null,null", "-", "p8,null,null", "p10,null,null");
        assertThat(lookups).extracting(Lookup::sameAs).containsExactly(0, 1, 2, 3);
        assertThat(lookups.get(0).found().flatMap(SyncRow::locator)).contains(placeOf(parents(), "p12"));
        assertThat(find(parents())).isEmpty();
    }

    @Test
    @DisplayName("A key that names a parent is found by the parent's own key.")
    void keysAreFoundByTheirParents() throws Exception {
        insertParents();
        application(writes -> {
            writes.insert("tag", columns("parent_id", 9L, "label", "a", "weight", 1L));
            writes.insert("tag", columns("parent_id", 10L, "label", "a", "weight", 2L));
        });

        assertThat(found(
                        find(tags(), row("p10", "a", 7L), row("p9", "a", 7L), row("p11", "a", 7L), row("no", "a", 7L))))
                .containsExactly("p10,a,2", "p9,a,1", "-", "-");
    }

    @Test
    @DisplayName("A parent that is named and not there is told by its member; one that is not named is none.")
    void orphansAreTold() throws Exception {
        insertParents();
        application(writes -> writes.insert("child", columns("id", 1L, "name", "c1")));
        List<Lookup> lookups = find(
                children(),
                row("c1", "p9", null),
                row("c2", "nobody", null),
                row("c3", null, "c1"),
                row("c1", "nobody", "nobody"));

        assertThat(lookups)
                .extracting(Lookup::orphanOf)
                .containsExactly(List.of(), List.of(1), List.of(), List.of(1, 2));
        assertThat(found(lookups)).containsExactly("c1,null,null", "-", "-", "c1,null,null");
        assertThat(find(tags(), row("nobody", "a", 1L)).get(0).orphanOf()).containsExactly(0);
    }

    @Test
    @DisplayName("A parent that was inserted in the same transaction is there.")
    void parentOfTheSameTransactionIsThere() {
        does(session -> {
            List<SyncRow> child = List.of(row("c", "new", null));
            assertThat(session.find(children(), child, SyncSession.Locking.ROWS)
                            .get(0)
                            .orphanOf())
                    .containsExactly(1);
            session.insert(parents(), List.of(row("new", null, null)));
            assertThat(session.find(children(), child, SyncSession.Locking.ROWS)
                            .get(0)
                            .orphanOf())
                    .isEmpty();
        });
    }

    @Test
    @DisplayName("Rows asked about with one key are told to be the same: by the first of them.")
    void sameKeysAreTold() throws Exception {
        insertParents();
        List<Lookup> lookups = find(
                parents(), row("new", "1", null), row("p9", null, null), row("new", "2", null), row("p9", "x", null));

        assertThat(lookups).extracting(Lookup::sameAs).containsExactly(0, 1, 0, 1);
        assertThat(found(lookups)).containsExactly("-", "p9,null,null", "-", "p9,null,null");
    }

    @Test
    @DisplayName("Keys are the same where the store's own unique key says so, and nowhere else.")
    void sameKeysAreTheStoresOwn() throws Exception {
        application(writes -> insertParent(writes, 8, "Anna"));
        for (String other : List.of("anna", "Anna ", "Änna", "Anná", "ANNA")) {
            List<Lookup> lookups = find(parents(), row("Anna", null, null), row(other, null, null));
            boolean refused;
            try {
                refused = store.transact(session -> session.insert(parents(), List.of(row(other, null, null)))) < 0;
                application(writes -> writes.delete("parent", columns("name", other)));
            } catch (dev.berth.sync.RowFaultException taken) {
                refused = true;
            }

            assertThat(lookups.get(1).found().isPresent()).as(other).isEqualTo(refused);
            assertThat(lookups.get(1).sameAs() == 0).as(other).isEqualTo(refused);
        }
    }

    @Test
    @DisplayName("Who has the values of a unique key is told for each row, and NULL is had by nobody.")
    void holdersAreTold() throws Exception {
        application(writes -> {
            writes.insert("parent", columns("id", 8L, "name", "p8", "code", "one"));
            writes.insert("parent", columns("id", 9L, "name", "p9", "code", null));
        });
        List<Optional<SyncRow>> holders = in(session -> session.holders(
                parents(),
                unique("parent", "code"),
                List.of(row("x", "two", null), row("y", "one", null), row("z", null, null))));

        assertThat(holders.stream().map(one -> one.map(SyncLaws::told).orElse("-")))
                .containsExactly("-", "p8,one,null", "-");
    }

    @Test
    @DisplayName("Rows that refer to others by a link are told for each of those, no more than are asked for.")
    void referringRowsAreTold() throws Exception {
        insertParents();
        application(writes -> {
            writes.insert("child", columns("id", 1_001L, "name", "c1", "parent_id", 9L));
            writes.insert("child", columns("id", 1_002L, "name", "c2", "parent_id", 9L));
            writes.insert("child", columns("id", 1_003L, "name", "c3", "parent_id", 10L, "up_id", 1_001L));
        });
        List<SyncRow> asked =
                List.of(row(null, "p8", null), row(null, "p9", null), row(null, "p10", null), row(null, "no", null));

        assertThat(list(session -> session.referring(children(), 1, asked, 5)).stream()
                        .map(SyncLaws::told))
                .satisfiesExactly(
                        none -> assertThat(none).isEmpty(),
                        two -> assertThat(two).containsExactlyInAnyOrder("c1,p9,null", "c2,p9,null"),
                        one -> assertThat(one).containsExactly("c3,p10,c1"),
                        nobody -> assertThat(nobody).isEmpty());
        assertThat(list(session -> session.referring(children(), 1, asked, 1)).stream()
                        .map(List::size))
                .containsExactly(0, 1, 1, 0);
    }

    @Test
    @DisplayName("A reference of two columns is read, found and written as its parent's key; half a one is a fault.")
    void compositeReferenceIsFollowed() throws Exception {
        application(writes -> {
            writes.insert("region", columns("id", 1_001L, "country", "de", "code", "by", "name", "bavaria"));
            writes.insert("region", columns("id", 1_002L, "country", "us", "code", "by", "name", "bayou"));
            writes.insert("town", columns("id", 1_001L, "name", "munich", "country", "de", "code", "by"));
            writes.insert("town", columns("id", 1_002L, "name", "half", "country", "de", "code", null));
            writes.insert("town", columns("id", 1_003L, "name", "free"));
        });
        does(session -> session.insert(towns(), List.of(row("houma", "bayou"))));

        assertThat(read(towns())).containsExactlyInAnyOrder("munich,bavaria", "half,null", "free,null", "houma,bayou");
        assertThat(told(all(towns()).stream()
                        .filter(row -> row.fault().isPresent())
                        .toList()))
                .containsExactly("half,null");
        assertThat(read(shape("town", List.of(text("name"), text("country"), text("code")), List.of(0))))
                .contains("houma,us,by");
        assertThat(find(towns(), row("munich", "nowhere")).get(0).orphanOf()).containsExactly(1);
    }
}
