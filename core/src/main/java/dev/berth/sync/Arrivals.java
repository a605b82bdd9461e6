package dev.berth.sync;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The batches that have reached the remote store and are not in the books of the local one yet. Those of many batches are
 * written at once, in the order of their ids, which is a fraction of the work; and where the local store can work for two,
 * beside the next batches, in parts between which these can write down what is under way.
 *
 * <p>The first part says which batch is the last of all, and the last one that none of them is under way any more. So who
 * finds the one without the other knows that all of them are to be written, since the remote store has them.
 */
final class Arrivals {
    /** So many notes are written at once. */
    private static final int MOST_NOTES = 60_000;

    /** Unless they are large. */
    private static final long MOST_BYTES = 8L << 20;

    /** Of the notes of what is under way one half is of batches that are being written. */
    private static final int MOST_BATCHES = Books.MOST_UNDER_WAY / 2;

    private final Books books;
    private final Local local;
    private final @Nullable Beside beside;
    /** So many notes are written in one transaction, while batches wait to write down what is under way. */
    private final int part;

    private Settling settling = Settling.EACH;
    private Group arrived = new Group();
    /** Those that are being written; and those before, as what is being read may not show them yet. */
    private Group written = new Group();

    private Group before = new Group();
    private @Nullable CompletableFuture<Boolean> writing;
    private @Nullable Effects announced;
    private @Nullable CompletableFuture<Void> announcing;

    /** When the books are written. */
    private enum Settling {
        /** After each batch. */
        EACH,
        /** After some batches. Until then what the books say is read with what they are to say. */
        SOME
    }

    /** A transaction of the local store in the run's name. */
    @FunctionalInterface
    interface Local {
        void write(Consumer<SyncSession> work);
    }

    /** Batches in their order, and what they leave in the books. */
    private static final class Group {
        private final List<Mark> marks = new ArrayList<>();
        private final Effects effects = new Effects();
    }

    Arrivals(Books books, Local local, int part, @Nullable Beside beside) {
        this.part = part;
        this.books = books;
        this.local = local;
        this.beside = beside;
    }

    /** Begins to write down what will be under way if all goes well. */
    void announceEarly(Mark mark, Effects effects) {
        if (beside != null) {
            announced = effects;
            announcing = later(announcement(mark, effects), beside);
        }
    }

    /** Sees to it that what is under way is written down; the remote store has it with its mark, or not. */
    void announce(Mark mark, Effects effects) {
        if (announcing != null && announced == effects) {
            var unused = Beside.await(announcing);
        } else {
            inTurn(announcement(mark, effects));
        }
        announcing = null;
        announced = null;
    }

    private Consumer<SyncSession> announcement(Mark mark, Effects effects) {
        return session -> session.put(
                books.state(),
                List.of(Note.of(slot(mark), RowCodec.encode(mark.nonce(), effects.encode(), mark.number()))));
    }

    private void inTurn(Consumer<SyncSession> work) {
        if (beside == null) {
            local.write(work);
        } else {
            var unused = Beside.await(later(work, beside));
        }
    }

    /** One after the other: what is announced anew takes the place of what was announced before. */
    private CompletableFuture<Void> later(Consumer<SyncSession> work, Beside by) {
        return CompletableFuture.runAsync(() -> local.write(work), by.writer());
    }

    private static Digest slot(Mark mark) {
        return Books.UNDER_WAY.get((int) (mark.number() % Books.MOST_UNDER_WAY));
    }

    /** A batch has arrived. */
    void add(Mark mark, Effects effects) {
        arrived.marks.add(mark);
        arrived.effects.then(effects);
        if (writing != null && writing.isCompletedExceptionally()) {
            finish();
        }
        if (settling == Settling.EACH) {
            settle();
            written = new Group();
        } else if (arrived.marks.size() == MOST_BATCHES
                || arrived.effects.size() >= MOST_NOTES
                || arrived.effects.bytes() >= MOST_BYTES) {
            settle();
        }
    }

    /** What a book is to say of what has arrived; empty if it says it already. */
    Optional<Effects.Change> change(String book, Digest id) {
        for (Group group : List.of(arrived, written, before)) {
            Optional<Effects.Change> change = group.effects.change(book, id);
            if (change.isPresent()) {
                return change;
            }
        }
        return Optional.empty();
    }

    /** Takes what is to be noted after what of the same has not been written yet; says whether it has. */
    boolean take(Effects effects) {
        boolean meets = List.of(arrived, written, before).stream().anyMatch(group -> group.effects.meet(effects));
        if (meets) {
            arrived.effects.then(effects);
        }
        return meets;
    }

    /** Does work whose batches touch no row twice, and writes the books for many of them at once. */
    void settlingSome(Runnable work) {
        settling = Settling.SOME;
        try {
            work.run();
        } catch (RuntimeException ended) {
            try {
                settle();
                finish();
            } catch (RuntimeException failed) {
                // The next run makes the books good.
                if (failed != ended) {
                    ended.addSuppressed(failed);
                }
            }
            throw ended;
        } finally {
            settling = Settling.EACH;
        }
        settle();
        finish();
        written = new Group();
        before = new Group();
    }

    /** Begins to write; those before are written then. */
    private void settle() {
        finish();
        if (arrived.marks.isEmpty() && arrived.effects.isEmpty()) {
            return;
        }
        before = written;
        written = arrived;
        arrived = new Group();
        if (beside == null || settling == Settling.EACH) {
            List<Consumer<SyncSession>> all = parts(written, Integer.MAX_VALUE);
            inTurn(session -> all.forEach(part -> part.accept(session)));
        } else {
            writing = new CompletableFuture<>();
            write(parts(written, part).iterator(), writing, beside);
        }
    }

    /** Each part takes its turn anew. */
    private void write(Iterator<Consumer<SyncSession>> parts, CompletableFuture<Boolean> done, Beside by) {
        by.writer().execute(() -> {
            try {
                local.write(parts.next());
                if (parts.hasNext()) {
                    write(parts, done, by);
                } else {
                    done.complete(true);
                }
            } catch (RuntimeException | Error failed) {
                done.completeExceptionally(failed);
            }
        });
    }

    /** Once it has failed, it fails whenever it is asked: nothing of later batches may be written. */
    private void finish() {
        if (writing != null) {
            var unused = Beside.await(writing);
        }
    }

    private List<Consumer<SyncSession>> parts(Group group, int most) {
        Optional<Mark> last = group.marks.stream().reduce((one, next) -> next);
        List<Digest> slots = group.marks.stream().map(Arrivals::slot).toList();
        List<Consumer<SyncSession>> parts = new ArrayList<>(group.effects.parts(most));
        Consumer<SyncSession> first = parts.get(0);
        parts.set(0, session -> {
            last.ifPresent(mark -> mark.put(session, books.state()));
            first.accept(session);
        });
        Consumer<SyncSession> end = parts.get(parts.size() - 1);
        parts.set(parts.size() - 1, session -> {
            end.accept(session);
            session.remove(books.state(), slots);
        });
        return parts;
    }
}
