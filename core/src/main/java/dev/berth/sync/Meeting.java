package dev.berth.sync;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The begin of a run: what was stopped is made good, and both stores are compared by their last {@linkplain Mark marks}.
 * One that was restored from a copy, and a copy that is a store of its own, are found by that.
 */
final class Meeting {
    private static final Logger LOG = LoggerFactory.getLogger(Meeting.class);

    private static final int MOST_TRIES = 3;

    private final SyncStore local;
    private final SyncStore remote;
    private final List<TablePlan> plans;
    private final Books books;

    /**
     * As whom, and after which batch, a run begins.
     *
     * @param books the books
     * @param last the last batch; empty if there was none
     */
    record Met(Books books, Optional<Mark> last) {}

    /** What the local store says of the last run. */
    private record Here(Optional<Mark> last, Optional<String> run, List<Note> underWay) {
        boolean isAs(Here other) {
            return run.equals(other.run)
                    && last.equals(other.last)
                    && Set.copyOf(underWay).equals(Set.copyOf(other.underWay));
        }
    }

    /** What the remote store says of it: its last batch, and whether the local store's last batch is older. */
    private record There(Optional<Mark> last, boolean isLater) {}

    Meeting(SyncStore local, SyncStore remote, List<TablePlan> plans) {
        this.local = local;
        this.remote = remote;
        this.plans = plans;
        this.books = Books.of(local, remote);
    }

    /** Begins a run; whatever run was begun before can write no more. */
    Met begin(String run) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Optional<Met> met = tryToBegin(run);
            if (met.isPresent()) {
                return met.get();
            }
        }
        throw Carrier.busy(local, remote);
    }

    /** Empty if another process has written something meanwhile. */
    private Optional<Met> tryToBegin(String run) {
        Here here = Carrier.run(local, this::here);
        There there = Carrier.run(remote, session -> {
            if (!here.underWay.isEmpty()) {
                // A commit may be on its way still, of a process that is no more: it is over when its lock is free.
                session.lock(books.checkpoint());
            }
            Optional<Mark> last = Mark.last(session, books.checkpoint());
            return new There(
                    last,
                    last.filter(mark -> mark.comesAfter(here.last, session, books.checkpoint()))
                            .isPresent());
        });
        return Carrier.run(local, session -> {
            session.lock(books.state());
            return here(session).isAs(here) ? Optional.of(begin(session, here, there, run)) : Optional.empty();
        });
    }

    private Here here(SyncSession session) {
        return new Here(
                Mark.last(session, books.state()),
                runOf(session, books),
                session.notes(books.state(), Books.UNDER_WAY));
    }

    /** The run that may write the books. */
    static Optional<String> runOf(SyncSession session, Books books) {
        return session.notes(books.state(), List.of(Books.RUN)).stream()
                .findFirst()
                .map(note -> String.valueOf(RowCodec.decode(note.text())[0]));
    }

    /** Takes the books. Who has written in them before has committed by then, or will find this run in them. */
    static void take(SyncSession session, Books books, String run) {
        session.lock(books.state());
        session.put(books.state(), List.of(Note.of(Books.RUN, RowCodec.encode(run))));
    }

    private Met begin(SyncSession session, Here here, There there, String run) {
        boolean arrived = recover(session, here, there.last);
        take(session, books, run);
        books.remember(session);
        Optional<Mark> known = arrived ? there.last : here.last;
        if (there.last.isPresent() ? there.last.get().is(known) : known.isEmpty()) {
            return met(session, books, there.last);
        }
        session.clear(books.whole());
        if (!there.isLater) {
            forget(session);
            return met(session, books, there.last);
        }
        if (there.last.map(Mark::run).equals(here.run)) {
            // That run was ended when the remote store had its mark and this one had nothing of the batch.
            return met(session, books, there.last);
        }
        LOG.warn(
                "{} has had a later batch of this client of {} than is noted here: this is a copy, or an older state;"
                        + " it goes on as a client of its own, from what it had",
                remote.describe(),
                local.describe());
        session.remove(books.state(), List.of(Books.CHECKPOINT));
        return new Met(books.asAnother(session), Optional.empty());
    }

    private static Met met(SyncSession session, Books books, Optional<Mark> last) {
        last.ifPresentOrElse(
                mark -> mark.put(session, books.state()),
                () -> session.remove(books.state(), List.of(Books.CHECKPOINT)));
        return new Met(books, last);
    }

    /** A batch that was under way, and what it was to leave in the books. */
    private record UnderWay(String nonce, long number, Encoded effects) {
        static UnderWay of(Note note) {
            var said = RowCodec.decode(note.text());
            return new UnderWay(String.valueOf(said[0]), (Long) Objects.requireNonNull(said[2]), Encoded.of((byte[])
                    Objects.requireNonNull(said[1])));
        }

        boolean is(Optional<Mark> mark) {
            return mark.filter(one -> one.nonce().equals(nonce)).isPresent();
        }
    }

    /**
     * Of the batches that were under way those up to the one that the remote has last have reached it, and no other; says
     * whether one has. Where the last batch in the books is one of them, those up to it may be in the books already, or a
     * part of them: a remote store that has less than these is another than it was.
     */
    private boolean recover(SyncSession session, Here here, Optional<Mark> there) {
        List<UnderWay> batches = here.underWay.stream()
                .map(UnderWay::of)
                .sorted(Comparator.comparing(UnderWay::number))
                .toList();
        var effects = new Effects();
        boolean arrived = false;
        boolean isBehind = false;
        for (UnderWay batch : batches) {
            if (arrived) {
                isBehind |= batch.is(here.last);
            } else {
                effects.then(Effects.decode(batch.effects.bytes()));
                arrived = batch.is(there);
            }
        }
        arrived &= !isBehind;
        if (arrived) {
            LOG.info("the last batch had reached {} before it was interrupted", remote.describe());
            effects.apply(session);
        }
        session.remove(books.state(), here.underWay.stream().map(Note::id).toList());
        return arrived;
    }

    private void forget(SyncSession session) {
        LOG.warn(
                "{} has not had what is noted in {} of the last batch: it may be a restored copy; all rows are compared"
                        + " anew, and what differs is a conflict",
                remote.describe(),
                local.describe());
        plans.forEach(plan -> session.clear(books.agreed(plan.name())));
    }
}
