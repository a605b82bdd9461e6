package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.ChangeFeed;
import dev.berth.sync.RowChange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the application changes is told to each reader, until it forgets it. */
abstract class SyncCaptureLaws extends SyncLaws {
    private static final ChangeFeed OTHER = new ChangeFeed("parent", Optional.of(OTHER_READER));

    SyncCaptureLaws(SyncStoreContract contract) {
        super(contract);
    }

    private void start() {
        store.startCapture(List.of(parents()), READER);
    }

    private void forget(List<RowChange> changes) {
        does(session -> session.forget(changes.stream().map(RowChange::number).toList()));
    }

    @Test
    @DisplayName("A capture says which tables it is new for: for each reader once.")
    void captureSaysWhatIsFresh() {
        assertThat(store.startCapture(List.of(parents(), tags()), READER)).containsExactlyInAnyOrder("parent", "tag");
        assertThat(store.startCapture(List.of(parents(), children()), READER)).containsExactly("child");
        assertThat(store.startCapture(List.of(parents()), OTHER_READER)).containsExactly("parent");
    }

    @Test
    @DisplayName("An insert is told with its place and the time, as an insert or an update.")
    void insertIsTold() throws Exception {
        start();
        Instant before = store.now().minusMillis(1);
        application(writes -> insertParent(writes, 1_000, "a"));
        Instant after = store.now().plusMillis(1);

        List<RowChange> changes = changes(FEED);
        assertThat(changes).hasSize(1);
        assertThat(kinds(FEED, placeOf(parents(), "a"))).containsExactly(RowChange.Kind.UPDATED);
        assertThat(changes.get(0).at()).isBetween(before, after);
    }

    @Test
    @DisplayName("An update is told, one of a column that is not of the shape as well.")
    void updateIsTold() throws Exception {
        application(writes -> insertParent(writes, 1_000, "a"));
        start();
        application(writes -> writes.update("parent", columns("name", "a"), columns("note", "x")));
        application(writes -> writes.update("parent", columns("name", "a"), columns("code", "1")));

        assertThat(kinds(FEED, placeOf(parents(), "a")))
                .containsExactly(RowChange.Kind.UPDATED, RowChange.Kind.UPDATED);
    }

    @Test
    @DisplayName("A delete is told at the place where the row was.")
    void deleteIsTold() throws Exception {
        application(writes -> insertParent(writes, 1_000, "a"));
        String place = placeOf(parents(), "a");
        start();
        application(writes -> writes.delete("parent", columns("name", "a")));

        assertThat(changes(FEED)).hasSize(1);
        assertThat(kinds(FEED, place)).containsExactly(RowChange.Kind.GONE);
    }

    @Test
    @DisplayName("An update of the natural key is told as a rename, in whichever letter it is.")
    void renameIsTold() throws Exception {
        application(writes -> insertParent(writes, 1_000, "a"));
        start();
        application(writes -> writes.update("parent", columns("name", "a"), columns("name", "b")));
        application(writes -> writes.update("parent", columns("name", "b"), columns("name", "B")));

        assertThat(kinds(FEED, placeOf(parents(), "B")))
                .containsExactly(RowChange.Kind.RENAMED, RowChange.Kind.RENAMED);
    }

    @Test
    @DisplayName("A row that gets another locator is gone from its place, and told at the new one.")
    void movedRowIsToldAtBothPlaces() throws Exception {
        application(writes -> {
            insertParent(writes, 1_000, "a");
            writes.insert("tag", columns("parent_id", 1_000L, "label", "old", "weight", 1L));
        });
        String old = places(all(tags())).get(0);
        store.startCapture(List.of(tags()), READER);
        application(writes -> writes.update("tag", columns("label", "old"), columns("label", "new")));
        String moved = places(all(tags())).get(0);
        ChangeFeed feed = new ChangeFeed("tag", Optional.of(READER));

        assertThat(moved).isNotEqualTo(old);
        assertThat(kinds(feed, old)).containsExactly(RowChange.Kind.GONE);
        assertThat(kinds(feed, moved)).containsExactly(RowChange.Kind.RENAMED);
    }

    @Test
    @DisplayName("What is rolled back is not told.")
    void rolledBackIsNotTold() throws Exception {
        start();
        applicationRollsBack(writes -> insertParent(writes, 1_000, "a"));

        assertThat(changes(FEED)).isEmpty();
        assertThat(read(parents())).isEmpty();
    }

    @Test
    @DisplayName("What was written before the capture began is not told.")
    void earlierChangesAreNotTold() throws Exception {
        application(writes -> insertParent(writes, 1_000, "a"));
        start();
        start();

        assertThat(changes(FEED)).isEmpty();
    }

    @Test
    @DisplayName("What a session writes is told as well, before it is committed, to the session itself.")
    void sessionsOwnWritesAreTold() {
        start();
        does(session -> {
            session.insert(parents(), List.of(row("a", null, null)));
            assertThat(session.changes(FEED, Optional.empty(), 10)).hasSize(1);
        });

        assertThat(kinds(FEED, placeOf(parents(), "a"))).containsExactly(RowChange.Kind.UPDATED);
    }

    @Test
    @DisplayName("Each reader gets each change, and what one forgets the other still has.")
    void readersAreApart() throws Exception {
        start();
        application(writes -> insertParent(writes, 1_000, "only for the first"));
        store.startCapture(List.of(parents()), OTHER_READER);
        application(writes -> insertParent(writes, 1_001, "for both"));

        assertThat(changes(FEED)).hasSize(2);
        assertThat(counted(FEED)).hasValue(2);
        assertThat(changes(OTHER)).hasSize(1);
        assertThat(counted(OTHER)).hasValue(1);
        forget(changes(FEED));
        assertThat(changes(FEED)).isEmpty();
        assertThat(changes(OTHER)).hasSize(1);
    }

    @Test
    @DisplayName("Only the changes that are named are forgotten, not a later one of the same row.")
    void laterChangeIsNotForgotten() throws Exception {
        start();
        application(writes -> insertParent(writes, 1_000, "a"));
        List<RowChange> first = changes(FEED);
        application(writes -> writes.update("parent", columns("name", "a"), columns("note", "x")));
        forget(first);

        assertThat(changes(FEED)).hasSize(1).doesNotContainAnyElementsOf(first);
        forget(first);
        assertThat(changes(FEED)).hasSize(1);
    }

    @Test
    @DisplayName("Changes are paged by places, those of a row together, and each comes once.")
    void changesOfARowComeTogether() throws Exception {
        start();
        application(writes -> {
            for (long i = 1; i <= 4; i++) {
                insertParent(writes, 1_000 + i, "p" + i);
            }
        });
        for (int i = 0; i < 3; i++) {
            String note = "n" + i;
            application(writes -> writes.update("parent", columns("name", "p2"), columns("note", note)));
        }
        for (int limit : List.of(1, 2, 3, 10)) {
            List<RowChange> all = new ArrayList<>();
            List<RowChange> page = in(session -> session.changes(FEED, Optional.empty(), limit));
            while (!page.isEmpty()) {
                assertThat(page.size() <= limit
                                || page.stream()
                                                .map(RowChange::locator)
                                                .distinct()
                                                .count()
                                        == 1)
                        .as("more than %s only if they are one row's: %s", limit, page)
                        .isTrue();
                all.addAll(page);
                Optional<String> last = Optional.of(page.get(page.size() - 1).locator());
                page = in(session -> session.changes(FEED, last, limit));
            }
            assertThat(all).hasSize(7).extracting(RowChange::number).doesNotHaveDuplicates();
        }
    }

    @Test
    @DisplayName("The changes of some rows are read by their places.")
    void changesAreReadByTheirPlaces() throws Exception {
        start();
        application(writes -> {
            insertParent(writes, 1_001, "a");
            insertParent(writes, 1_002, "b");
            writes.update("parent", columns("name", "a"), columns("note", "x"));
        });
        String place = placeOf(parents(), "a");

        assertThat(list(session -> session.changesAt(FEED, List.of(place, "4711"))))
                .hasSize(2)
                .extracting(RowChange::locator)
                .containsOnly(place);
    }

    @Test
    @DisplayName("What is noted by a call is told like what was captured, with its kind, to that feed alone.")
    void notedChangesAreTold() {
        ChangeFeed calls = new ChangeFeed("parent", Optional.empty());
        does(session -> {
            session.noteChanges(calls, List.of("7", "8"));
            session.note(calls, "9", RowChange.Kind.GONE);
            session.note(FEED, "10", RowChange.Kind.UPDATED);
        });

        assertThat(changes(calls)).extracting(RowChange::locator).containsExactlyInAnyOrder("7", "8", "9");
        assertThat(kinds(calls, "8")).containsExactly(RowChange.Kind.UPDATED);
        assertThat(kinds(calls, "9")).containsExactly(RowChange.Kind.GONE);
        assertThat(changes(FEED)).extracting(RowChange::locator).containsExactly("10");
        assertThat(counted(calls)).hasValue(3);
        assertThat(counted(new ChangeFeed("child", Optional.empty()))).hasValue(0);
    }

    private OptionalLong counted(ChangeFeed feed) {
        return in(session -> session.countChanges(feed));
    }

    @Test
    @DisplayName("A capture that has ended tells nothing more, to any reader, counts nothing, and may begin anew.")
    void endedCaptureTellsNothing() throws Exception {
        start();
        store.startCapture(List.of(parents()), OTHER_READER);
        store.startCapture(List.of(children()), READER);
        application(writes -> insertParent(writes, 1_000, "a"));
        store.endCapture("parent");
        store.endCapture("parent");
        application(writes -> {
            insertParent(writes, 1_001, "b");
            writes.insert("child", columns("id", 1L, "name", "c"));
        });

        assertThat(changes(FEED)).isEmpty();
        assertThat(changes(OTHER)).isEmpty();
        assertThat(counted(FEED)).isEmpty();
        assertThat(counted(OTHER)).isEmpty();
        assertThat(changes(new ChangeFeed("child", Optional.of(READER)))).hasSize(1);
        assertThat(store.startCapture(List.of(parents()), READER)).containsExactly("parent");
    }
}
