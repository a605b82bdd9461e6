package dev.berth.sync;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
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

    private final SyncStore local;
    private final SyncStore remote;
    private final Books books;
    private Optional<String> checkpoint = Optional.empty();
    private Optional<String> era = Optional.empty();

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

    /** Makes good what was stopped. */
    void recover(List<TablePlan> plans) {
        checkpoint = run(remote, session -> read(session, books.checkpoint(), Books.CHECKPOINT));
        boolean known = run(local, session -> {
            era = read(session, books.state(), Books.ERA);
            Optional<Note> underWay = session.notes(books.state(), List.of(Books.UNDER_WAY)).stream()
                    .findFirst();
            if (underWay.isPresent()) {
                var said = RowCodec.decode(underWay.get().text());
                if (checkpoint.isPresent() && checkpoint.get().equals(said[0]) && said[1] instanceof byte[] effects) {
                    LOG.info("the last batch had reached {} before it was interrupted", remote.describe());
                    acknowledge(session, Effects.decode(effects), checkpoint.get());
                }
                session.remove(books.state(), List.of(Books.UNDER_WAY));
            }
            return read(session, books.state(), Books.CHECKPOINT).equals(checkpoint);
        });
        if (!known) {
            forget(plans);
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
        session.remove(books.state(), List.of(Books.UNDER_WAY));
    }

    /** Carries a batch one way. The work writes rows in the session that it is given, and may be run again. */
    void carry(Direction direction, Function<SyncSession, Effects> work) {
        if (direction == Direction.PUSH) {
            push(work, 1);
        } else {
            List<Long> forgotten = run(local, session -> {
                checkEra(session);
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

    /** What was read before the local tables were emptied must not be noted of them afterwards. */
    private void checkEra(SyncSession session) {
        if (!read(session, books.state(), Books.ERA).equals(era)) {
            throw busy("another process has emptied the tables of " + local.describe()
                    + " while they were synced: sync again");
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
                    checkEra(here);
                    here.put(books.state(), List.of(Note.of(Books.UNDER_WAY, underWay)));
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
        run(local, session -> {
            checkEra(session);
            acknowledge(session, effects, nonce);
            return true;
        });
    }

    private void fence(SyncSession session) {
        session.lock(books.checkpoint());
        if (!read(session, books.checkpoint(), Books.CHECKPOINT).equals(checkpoint)) {
            throw busy("another process is syncing " + local.describe() + " and " + remote.describe()
                    + ": let one of them do it");
        }
    }
}
