package dev.berth.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits a batch and what the books say about it, though they are in two databases. The remote transaction ends with a
 * checkpoint, a nonce, and before it commits the local store notes what is under way under that nonce. Wherever this
 * stops, the remote's checkpoint tells afterwards whether the batch is there, and the books are made good. The checkpoint
 * is compared first, so that of two processes that sync the same pair one fails, and neither overwrites what the other
 * has noted.
 */
final class Carrier {
    private static final Logger LOG = LoggerFactory.getLogger(Carrier.class);
    private static final int MOST_LOST_ANSWERS = 3;

    /** So many notes are written at once: in the order of their ids, that is a fraction of the work. */
    private static final int MOST_NOTES = 60_000;

    private final SyncStore local;
    private final SyncStore remote;
    private final Books books;
    private Optional<String> checkpoint = Optional.empty();
    private Optional<String> era = Optional.empty();
    private final String turn = UUID.randomUUID().toString();
    /** The batches that have arrived and are not in the books yet. */
    private final List<String> arrived = new ArrayList<>();

    /** What they leave in the books. */
    private Effects left = new Effects();

    private Settling settling = Settling.EACH;

    /** When the books are written. */
    private enum Settling {
        /** After each batch. */
        EACH,
        /** After some batches. Until then what the books say is read with what they are to say. */
        SOME
    }

    Carrier(SyncStore local, SyncStore remote, Books books) {
        this.local = local;
        this.remote = remote;
        this.books = books;
    }

    static <T> T run(SyncStore store, SyncStore.Work<T> work) {
        try {
            return store.transact(work);
        } catch (RowFaultException unexpected) {
            throw new IllegalStateException("a store refused what is no row", unexpected);
        }
    }

    /**
     * Makes good what was stopped. First it is noted which run goes on from here: then no other can say that a batch of
     * its is under way, and when none holds the checkpoint any more, it stays as it is read.
     */
    void recover(List<TablePlan> plans) {
        run(local, session -> {
            session.put(books.state(), List.of(Note.of(Books.RUN, RowCodec.encode(turn))));
            return true;
        });
        checkpoint = run(remote, session -> {
            session.lock(books.checkpoint());
            return read(session, books.checkpoint(), Books.CHECKPOINT);
        });
        boolean known = run(local, session -> {
            era = read(session, books.state(), Books.ERA);
            checkTurn(session);
            recover(session);
            return read(session, books.state(), Books.CHECKPOINT).equals(checkpoint);
        });
        if (!known) {
            forget(plans);
        }
    }

    /** Of the batches that were under way those up to the one that the remote has last have reached it, and no other. */
    private void recover(SyncSession session) {
        Map<Digest, Note> notes = session.notes(books.state(), Books.UNDER_WAY).stream()
                .collect(Collectors.toMap(Note::id, Function.identity()));
        var effects = new Effects();
        for (Digest id : Books.UNDER_WAY) {
            Note underWay = notes.get(id);
            if (underWay == null) {
                // Those before the last may be in the books already.
                continue;
            }
            var said = RowCodec.decode(underWay.text());
            effects.then(Effects.decode((byte[]) Objects.requireNonNull(said[1])));
            if (checkpoint.filter(nonce -> nonce.equals(said[0])).isPresent()) {
                LOG.info("the last batch had reached {} before it was interrupted", remote.describe());
                acknowledge(session, effects, checkpoint.get());
                break;
            }
        }
        if (!notes.isEmpty()) {
            session.remove(books.state(), notes.keySet());
        }
    }

    /** One of the databases is not the one of the last run: restored from a copy, or emptied. */
    private void forget(List<TablePlan> plans) {
        LOG.warn(
                "{} and {} do not agree on their last batch; one of them may be a restored copy: all rows are compared"
                        + " anew, and what differs is a conflict",
                local.describe(),
                remote.describe());
        run(local, session -> {
            plans.forEach(plan -> session.clear(books.agreed(plan.name())));
            session.clear(books.whole());
            checkpoint.ifPresentOrElse(
                    nonce -> session.put(books.state(), List.of(Note.of(Books.CHECKPOINT, RowCodec.encode(nonce)))),
                    () -> session.remove(books.state(), List.of(Books.CHECKPOINT)));
            return true;
        });
    }

    private static Optional<String> read(SyncSession session, String book, Digest id) {
        return session.notes(book, List.of(id)).stream()
                .findFirst()
                .map(note -> String.valueOf(RowCodec.decode(note.text())[0]));
    }

    private void acknowledge(SyncSession session, Effects effects, String nonce) {
        effects.apply(session);
        session.put(books.state(), List.of(Note.of(Books.CHECKPOINT, RowCodec.encode(nonce))));
    }

    /** Does work whose batches touch no row twice, and writes the books for many of them at once. */
    void settlingSome(Runnable work) {
        settling = Settling.SOME;
        try {
            work.run();
        } catch (RuntimeException ended) {
            try {
                settle();
            } catch (RuntimeException failed) {
                // The next run makes the books good.
                ended.addSuppressed(failed);
            }
            throw ended;
        } finally {
            settling = Settling.EACH;
        }
        settle();
    }

    /** What a book is to say of what has arrived; empty if it says it already. */
    Optional<Note> unsettled(String book, Digest id) {
        return left.noted(book, id);
    }

    private void settle() {
        if (arrived.isEmpty()) {
            return;
        }
        List<Digest> underWay = Books.UNDER_WAY.subList(0, arrived.size());
        String last = arrived.get(arrived.size() - 1);
        Effects effects = left;
        int batches = arrived.size();
        arrived.clear();
        left = new Effects();
        run(local, session -> {
            checkTurn(session);
            if (session.notes(books.state(), underWay).size() != batches) {
                // It has made good the books, and perhaps gone on from there.
                throw busy("another process is syncing " + local.describe() + " and " + remote.describe()
                        + ": let one of them do it");
            }
            acknowledge(session, effects, last);
            session.remove(books.state(), underWay);
            return true;
        });
    }

    /** Carries a batch one way. The work writes rows in the session that it is given, and may be run again. */
    void carry(Direction direction, Function<SyncSession, Effects> work) {
        if (direction == Direction.PUSH) {
            push(work, 1);
        } else {
            List<Long> forgotten = run(local, session -> {
                checkTurn(session);
                Effects effects = work.apply(session);
                effects.note(session);
                return effects.forgotten();
            });
            forget(remote, forgotten);
        }
    }

    /** Where it is not reached, these changes come again, and are found to be nothing new. */
    static void forget(SyncStore store, List<Long> changes) {
        if (!changes.isEmpty()) {
            run(store, session -> {
                session.forget(changes);
                return true;
            });
        }
    }

    /**
     * What was read before the local tables were emptied must not be noted of them afterwards; nor what was read before
     * another run wrote rows and books.
     */
    void checkTurn(SyncSession session) {
        if (!read(session, books.state(), Books.ERA).equals(era)) {
            throw busy("another process has emptied the tables of " + local.describe()
                    + " while they were synced: sync again");
        }
        if (!read(session, books.state(), Books.RUN).equals(Optional.of(turn))) {
            throw busy("another process is syncing " + local.describe() + " and " + remote.describe()
                    + ": let one of them do it");
        }
    }

    private static SyncUnavailableException busy(String why) {
        return new SyncUnavailableException(
                why, SyncUnavailableException.Reason.BUSY, SyncUnavailableException.Outcome.NOT_DONE, null);
    }

    private void push(Function<SyncSession, Effects> work, int tries) {
        String nonce = UUID.randomUUID().toString();
        var kept = new Object() {
            @Nullable
            Effects effects;
        };
        try {
            run(remote, session -> {
                fence(session);
                Effects effects = work.apply(session);
                kept.effects = effects;
                session.put(books.checkpoint(), List.of(Note.of(Books.CHECKPOINT, RowCodec.encode(nonce))));
                byte[] underWay = RowCodec.encode(nonce, effects.encode());
                run(local, here -> {
                    checkTurn(here);
                    here.put(books.state(), List.of(Note.of(Books.UNDER_WAY.get(arrived.size()), underWay)));
                    return true;
                });
                return true;
            });
        } catch (SyncUnavailableException failed) {
            if (failed.outcome() != SyncUnavailableException.Outcome.UNKNOWN || tries == MOST_LOST_ANSWERS) {
                throw failed;
            }
            LOG.debug("the answer to a commit was lost; the checkpoint tells", failed);
            Optional<String> there = run(remote, session -> read(session, books.checkpoint(), Books.CHECKPOINT));
            if (there.filter(nonce::equals).isEmpty()) {
                push(work, tries + 1);
                return;
            }
        }
        Effects effects = kept.effects;
        if (effects == null) {
            throw new IllegalStateException("a transaction ended without its work");
        }
        checkpoint = Optional.of(nonce);
        arrived.add(nonce);
        left.then(effects);
        if (settling == Settling.EACH || arrived.size() == Books.MOST_UNDER_WAY || left.size() >= MOST_NOTES) {
            settle();
        }
    }

    private void fence(SyncSession session) {
        session.lock(books.checkpoint());
        if (!read(session, books.checkpoint(), Books.CHECKPOINT).equals(checkpoint)) {
            throw busy("another process is syncing " + local.describe() + " and " + remote.describe()
                    + ": let one of them do it");
        }
    }
}
