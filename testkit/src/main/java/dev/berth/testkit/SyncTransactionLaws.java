package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.Note;
import dev.berth.sync.RowChange;
import dev.berth.sync.RowFaultException;
import dev.berth.sync.RowShape;
import dev.berth.sync.SyncRow;
import dev.berth.sync.SyncSession;
import dev.berth.sync.SyncStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** All or nothing, and nobody in between. */
abstract class SyncTransactionLaws extends SyncLaws {
    private static final int RACERS = 3;
    private static final int ROUNDS = 10;

    SyncTransactionLaws(SyncStoreContract contract) {
        super(contract);
    }

    /** Something that is no fault of a row. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void stopped(Deed deed) {
        assertThatThrownBy(() -> does(session -> {
                    deed.run(session);
                    throw new Stopped();
                }))
                .isInstanceOf(Stopped.class);
    }

    @Test
    @DisplayName("A transaction gives what its work finds, and what it wrote is there for every other store at once.")
    void committedIsSeenByAll() throws Exception {
        SyncStore other = another();
        assertThat(count(session -> session.insert(parents(), List.of(row("a", "1", null)))))
                .isEqualTo(1);
        does(session -> session.put("book", List.of(note(1, "x"))));

        assertThat(told(list(other, session -> session.page(parents(), Optional.empty(), 10))))
                .containsExactly("a,1,null");
        assertThat(count(other, session -> session.countNotes("book"))).isEqualTo(1);
    }

    @Test
    @DisplayName("Work that throws leaves nothing of its rows.")
    void exceptionUndoesRows() throws Exception {
        application(writes -> insertParent(writes, 1_000, "old"));
        String old = placeOf(parents(), "old");

        stopped(session -> {
            session.insert(parents(), List.of(row("new", null, null)));
            session.update(parents(), List.of(SyncRow.at(old, new Object[] {"older", "1", "x"})));
        });
        stopped(session -> session.delete(parents(), List.of(old)));
        assertThat(read(parents())).containsExactly("old,null,null");
    }

    @Test
    @DisplayName("Work that throws leaves nothing of its notes: what it put is not there, what it removed is.")
    void exceptionUndoesNotes() {
        does(session -> session.put("book", List.of(note(1, "kept"), note(2, "removed"))));

        stopped(session -> {
            session.put("book", List.of(note(1, "replaced"), note(3, "new")));
            session.remove("book", List.of(id(2)));
        });
        stopped(session -> session.clear("book"));
        assertThat(list(session -> session.notesAfter("book", Optional.empty(), 10)))
                .containsExactly(note(1, "kept"), note(2, "removed"));
    }

    @Test
    @DisplayName("Work that throws leaves the changes that it forgot, and none that it noted.")
    void exceptionUndoesForgetting() throws Exception {
        store.startCapture(List.of(parents()), READER);
        application(writes -> insertParent(writes, 1_000, "a"));
        List<RowChange> before = changes(FEED);

        stopped(session -> {
            session.forget(before.stream().map(RowChange::number).toList());
            session.noteChanges(FEED, List.of("7"));
        });
        assertThat(before).hasSize(1);
        assertThat(changes(FEED)).isEqualTo(before);
    }

    @Test
    @DisplayName("A fault of a row that leaves the work undoes the whole transaction and is given to the caller.")
    void faultUndoesTheTransaction() throws Exception {
        application(writes -> insertParent(writes, 1_000, "taken"));

        assertThatThrownBy(() -> store.transact(session -> {
                    session.put("book", List.of(note(1, "x")));
                    session.insert(parents(), List.of(row("free", null, null)));
                    return session.insert(parents(), List.of(row("taken", null, null)));
                }))
                .isInstanceOf(RowFaultException.class);
        assertThat(read(parents())).containsExactly("taken,null,null");
        assertThat(count(session -> session.countNotes("book"))).isZero();
    }

    @Test
    @DisplayName("What is not committed is seen by nobody else.")
    void uncommittedIsUnseen() throws Exception {
        SyncStore other = another();
        RowShape shape = parents();
        List<CompletableFuture<List<SyncRow>>> reading = new ArrayList<>();

        stopped(session -> {
            session.insert(shape, List.of(row("a", null, null)));
            var reader = CompletableFuture.supplyAsync(
                    () -> in(other, elsewhere -> elsewhere.page(shape, Optional.empty(), 10)));
            reading.add(reader);
            // A store of one writer may keep the reader waiting until this has ended.
            waitBriefly(reader);
        });
        assertThat(reading.get(0).get(30, TimeUnit.SECONDS)).isEmpty();
    }

    private static void waitBriefly(CompletableFuture<?> reader) {
        try {
            var unused = reader.get(200, TimeUnit.MILLISECONDS);
        } catch (TimeoutException waits) {
            // It sees what there is when this has ended.
        } catch (Exception e) {
            throw new AssertionError("a reader fails beside a writer", e);
        }
    }

    @Test
    @DisplayName("A part that fails is undone alone, its fault is given back, and the transaction goes on.")
    void attemptIsUndoneAlone() throws Exception {
        application(writes -> insertParent(writes, 1_000, "taken"));

        does(session -> {
            session.insert(parents(), List.of(row("before", null, null)));
            assertThatThrownBy(() -> session.attempt(() -> {
                        session.put("book", List.of(note(1, "undone")));
                        session.insert(parents(), List.of(row("within", null, null)));
                        session.insert(parents(), List.of(row("taken", null, null)));
                    }))
                    .isInstanceOf(RowFaultException.class);
            assertThat(session.countNotes("book")).isZero();
            session.insert(parents(), List.of(row("after", null, null)));
        });
        assertThat(read(parents())).containsExactlyInAnyOrder("taken,null,null", "before,null,null", "after,null,null");
    }

    @Test
    @DisplayName("A part that does not fail stays, and parts may be within parts.")
    void attemptsMayBeNested() {
        does(session -> session.attempt(() -> {
            session.insert(parents(), List.of(row("outer", null, null)));
            assertThatThrownBy(() -> session.attempt(() ->
                            session.insert(parents(), List.of(row("inner", null, null), row("outer", null, null)))))
                    .isInstanceOf(RowFaultException.class);
            session.attempt(() -> session.insert(parents(), List.of(row("third", null, null))));
        }));

        assertThat(read(parents())).containsExactlyInAnyOrder("outer,null,null", "third,null,null");
    }

    @Test
    @DisplayName("Who locks a book has it alone until the transaction ends: no addition to a note is lost.")
    void lockExcludes() throws Exception {
        List<SyncStore> stores = List.of(store, another(), another());
        Race.of(RACERS)
                .rounds(ROUNDS)
                .<Boolean>run(
                        (round, racer, random) -> in(stores.get(racer), SyncTransactionLaws::added),
                        (round, results) -> {});

        assertThat(list(session -> session.notes("counter", List.of(id(1)))))
                .containsExactly(note(1, Integer.toString(RACERS * ROUNDS)));
    }

    private static boolean added(SyncSession session) {
        session.lock("counter");
        int before = session.notes("counter", List.of(id(1))).stream()
                .map(Note::text)
                .map(text -> Integer.parseInt(new String(text, java.nio.charset.StandardCharsets.UTF_8)))
                .findFirst()
                .orElse(0);
        session.put("counter", List.of(note(1, Integer.toString(before + 1))));
        return true;
    }

    @Test
    @DisplayName("A row that was found with a lock stays as it was found until the transaction ends.")
    void foundRowsAreLocked() throws Exception {
        application(writes -> insertParent(writes, 1_000, "a"));
        List<CompletableFuture<Boolean>> writing = new ArrayList<>();

        does(session -> {
            SyncRow found = session.find(parents(), List.of(row("a", null, null)), SyncSession.Locking.ROWS)
                    .get(0)
                    .found()
                    .orElseThrow();
            SyncStore other = other();
            var writer = CompletableFuture.supplyAsync(() ->
                    in(other, there -> there.update(parents(), List.of(at(found, "a", null, "late"))) == 1));
            writing.add(writer);
            waitBriefly(writer);
            assertThat(told(session.located(parents(), List.of(place(found))))).containsExactly("a,null,null");
            assertThat(writer).isNotDone();
        });
        assertThat(writing.get(0).get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(read(parents())).containsExactly("a,null,late");
    }

    private SyncStore other() {
        try {
            return another();
        } catch (Exception e) {
            throw new AssertionError("no other store can be opened", e);
        }
    }
}
