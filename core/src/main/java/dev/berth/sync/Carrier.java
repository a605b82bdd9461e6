package dev.berth.sync;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits a batch and what the books say about it, though they are in two databases. The remote transaction ends with a
 * {@linkplain Mark mark}, and before it commits the local store notes what is under way under that mark. Wherever this
 * stops, the remote's mark tells afterwards whether the batch is there, and the books are made good. A batch that comes
 * from the remote store leaves a mark there, too, after it was read and before it is written here.
 *
 * <p>The mark is compared first, and so is the run that the local store has noted: of two processes that sync the same pair
 * one fails, and neither overwrites what the other has noted.
 */
final class Carrier {
    private static final Logger LOG = LoggerFactory.getLogger(Carrier.class);
    private static final int MOST_LOST_ANSWERS = 3;

    private final SyncStore local;
    private final SyncStore remote;
    private final Books books;
    private final String run;
    private Optional<Mark> checkpoint;
    private final Arrivals arrivals;
    /** The remote store takes no marks, and has never had one. */
    private boolean isUnmarked;

    private Carrier(
            SyncStore local, SyncStore remote, Meeting.Met met, String run, int batch, @Nullable Beside beside) {
        this.local = local;
        this.remote = remote;
        this.books = met.books();
        this.checkpoint = met.last();
        this.run = run;
        this.arrivals = new Arrivals(books, this::write, batch, beside);
    }

    /** Makes good what was stopped, and begins a run. */
    static Carrier begin(SyncStore local, SyncStore remote, List<TablePlan> plans, int batch, @Nullable Beside beside) {
        String run = UUID.randomUUID().toString();
        return new Carrier(local, remote, new Meeting(local, remote, plans).begin(run), run, batch, beside);
    }

    Books books() {
        return books;
    }

    /** Reads, and keeps nobody from writing as far as the store can. */
    static <T> T read(SyncStore store, SyncStore.Work<T> work) {
        try {
            return store.read(work);
        } catch (RowFaultException unexpected) {
            throw new IllegalStateException("a store refused what is no row", unexpected);
        }
    }

    static <T> T run(SyncStore store, SyncStore.Work<T> work) {
        try {
            return store.transact(work);
        } catch (RowFaultException unexpected) {
            throw new IllegalStateException("a store refused what is no row", unexpected);
        }
    }

    /** Does work whose batches touch no row twice, and writes the books for many of them at once. */
    void settlingSome(Runnable work) {
        arrivals.settlingSome(work);
    }

    /** What a book is to say of what has arrived; empty if it says it already. */
    Optional<Effects.Change> unsettled(String book, Digest id) {
        return arrivals.change(book, id);
    }

    private void write(Consumer<SyncSession> work) {
        run(local, session -> {
            checkRun(session);
            work.accept(session);
            return true;
        });
    }

    /** Carries a batch one way. The work writes rows in the session that it is given, and may be run again. */
    void carry(Direction direction, Work work) {
        if (direction == Direction.PUSH) {
            push(work, 1);
        } else {
            note(direction, session -> work.run(session, early -> {}));
        }
    }

    /** The work of a batch, which gives what it leaves in the books. */
    @FunctionalInterface
    interface Work {
        /**
         * Does it.
         *
         * @param session the transaction
         * @param early may be told what the work is about to leave, before rows are written: so it is written down
         *     meanwhile. It counts only if the same is given in the end
         */
        Effects run(SyncSession session, Consumer<Effects> early);
    }

    /** Notes in the local store what became of rows of which none is written. */
    void note(Direction direction, Effects effects) {
        if (direction == Direction.PULL || !arrivals.take(effects)) {
            note(direction, session -> effects);
        }
    }

    /**
     * Notes in the local store what became of rows that travel one way, and forgets the changes that they come from. What
     * comes from the remote store was read by now: its mark says until when.
     */
    private void note(Direction direction, Function<SyncSession, Effects> work) {
        if (direction == Direction.PULL) {
            mark();
        }
        List<Long> forgotten = run(local, session -> {
            checkRun(session);
            Effects effects = work.apply(session);
            effects.note(session);
            if (direction == Direction.PULL) {
                checkpoint.ifPresent(mark -> mark.put(session, books.state()));
            }
            return effects.forgotten();
        });
        forget(direction == Direction.PUSH ? local : remote, forgotten);
    }

    private void mark() {
        if (isUnmarked) {
            return;
        }
        Mark mark = next();
        try {
            run(remote, session -> {
                fence(session);
                mark.keep(session, books.checkpoint());
                return true;
            });
        } catch (SyncUnavailableException failed) {
            if (failed.outcome() == SyncUnavailableException.Outcome.UNKNOWN) {
                if (!mark.is(there())) {
                    throw failed;
                }
            } else if (failed.reason() == SyncUnavailableException.Reason.BROKEN && checkpoint.isEmpty()) {
                LOG.warn(
                        "{} takes no notes ({}): it is read all the same, but should it be restored from a copy, that"
                                + " is not noticed",
                        remote.describe(),
                        failed.getMessage());
                isUnmarked = true;
                return;
            } else {
                throw failed;
            }
        }
        checkpoint = Optional.of(mark);
    }

    private Mark next() {
        return new Mark(
                UUID.randomUUID().toString(), checkpoint.map(Mark::number).orElse(0L) + 1, run);
    }

    /** The last mark there, when no commit of a batch is on its way any more. */
    private Optional<Mark> there() {
        return run(remote, session -> {
            session.lock(books.checkpoint());
            return Mark.last(session, books.checkpoint());
        });
    }

    /** Where it is not reached, these changes come again, and are found to be nothing new. */
    private static void forget(SyncStore store, List<Long> changes) {
        if (!changes.isEmpty()) {
            run(store, session -> {
                session.forget(changes);
                return true;
            });
        }
    }

    /** What was read before another run began, or the local tables were emptied, must not be noted of them afterwards. */
    private void checkRun(SyncSession session) {
        session.lock(books.state());
        if (!Meeting.runOf(session, books).equals(Optional.of(run))) {
            throw busy(local, remote);
        }
    }

    static SyncUnavailableException busy(SyncStore local, SyncStore remote) {
        return new SyncUnavailableException(
                "another process has begun to sync " + local.describe() + " and " + remote.describe()
                        + ", or has emptied the tables: leave it to that one, or sync again",
                SyncUnavailableException.Reason.BUSY,
                SyncUnavailableException.Outcome.NOT_DONE,
                null);
    }

    private void push(Work work, int tries) {
        Mark mark = next();
        var kept = new Object() {
            @Nullable
            Effects effects;
        };
        try {
            run(remote, session -> {
                fence(session);
                Effects effects = work.run(session, early -> arrivals.announceEarly(mark, early));
                kept.effects = effects;
                mark.keep(session, books.checkpoint());
                arrivals.announce(mark, effects);
                return true;
            });
        } catch (SyncUnavailableException failed) {
            if (failed.outcome() != SyncUnavailableException.Outcome.UNKNOWN || tries == MOST_LOST_ANSWERS) {
                throw failed;
            }
            LOG.debug("the answer to a commit was lost; the checkpoint tells", failed);
            if (!mark.is(there())) {
                push(work, tries + 1);
                return;
            }
        }
        Effects effects = kept.effects;
        if (effects == null) {
            throw new IllegalStateException("a transaction ended without its work");
        }
        checkpoint = Optional.of(mark);
        arrivals.add(mark, effects);
    }

    private void fence(SyncSession session) {
        session.lock(books.checkpoint());
        Optional<Mark> there = Mark.last(session, books.checkpoint());
        if (!there.map(Mark::nonce).equals(checkpoint.map(Mark::nonce))) {
            throw busy(local, remote);
        }
    }
}
