package dev.berth.sync;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

    /** A batch that was under way, by its mark. What it was to leave in the books may be large, and is read when it is due. */
    private record UnderWay(Digest slot, String nonce, long number) {
        static UnderWay of(Note note) {
            var said = RowCodec.decode(note.text());
            return new UnderWay(note.id(), String.valueOf(said[0]), (Long) Objects.requireNonNull(said[2]));
        }

        boolean is(Optional<Mark> mark) {
            return mark.filter(one -> one.nonce().equals(nonce)).isPresent();
        }
    }

    /**
     * What the local store says of the last run.
     *
     * @param underWay the batches that were under way, in their order
     */
    private record Here(Optional<Mark> last, Optional<String> run, List<UnderWay> underWay) {}

    /**
     * What the remote store says of it.
     *
     * @param last its last batch
     * @param isLater whether the local store's last batch is older
     * @param had those that were under way that it has had
     */
    private record There(Optional<Mark> last, boolean isLater, List<UnderWay> had) {}

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
                            .isPresent(),
                    here.underWay.stream()
                            .filter(batch -> Mark.isKept(session, books.checkpoint(), batch.number, batch.nonce))
                            .toList());
        });
        return Carrier.run(local, session -> {
            session.lock(books.state());
            return here(session).equals(here) ? Optional.of(begin(session, here, there, run)) : Optional.empty();
        });
    }

    private Here here(SyncSession session) {
        return new Here(Mark.last(session, books.state()), runOf(session, books), underWay(session, books));
    }

    private static List<UnderWay> underWay(SyncSession session, Books books) {
        return Books.UNDER_WAY.stream()
                .flatMap(slot -> session.notes(books.state(), List.of(slot)).stream())
                .map(UnderWay::of)
                .sorted(Comparator.comparing(UnderWay::number))
                .toList();
    }

    /** What a batch was to leave in the books. */
    private static Effects effects(SyncSession session, Books books, UnderWay batch) {
        Note note = session.notes(books.state(), List.of(batch.slot)).get(0);
        return Effects.decode((byte[]) Objects.requireNonNull(RowCodec.decode(note.text())[1]));
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
        boolean arrived = recover(session, here, there);
        take(session, books, run);
        books.remember(session, remote.describe());
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

    /** Keeps rows that lost or were deleted by batches that were under way: had one not arrived, that is a copy too many. */
    static void keepLost(SyncSession session, Books books) {
        underWay(session, books).forEach(batch -> effects(session, books, batch).note(session, Books::isOfKeptRows));
    }

    /**
     * Writes what those batches leave that have reached the remote store: all that it remembers, also where it has had
     * later ones since, as this store is of an earlier moment then. Says whether its last one is among them. Where the last
     * batch in the books is after that, the remote store is another than it was.
     */
    private boolean recover(SyncSession session, Here here, There there) {
        boolean arrived = false;
        boolean isBehind = false;
        for (UnderWay batch : here.underWay) {
            isBehind |= arrived && batch.is(here.last);
            arrived |= batch.is(there.last);
        }
        if (!there.had.isEmpty()) {
            LOG.info("{} batches had reached {} before they were interrupted", there.had.size(), remote.describe());
            // In their order: what was written of some already, they write once more.
            there.had.forEach(batch -> effects(session, books, batch).apply(session));
        }
        session.remove(books.state(), here.underWay.stream().map(UnderWay::slot).toList());
        return arrived && !isBehind;
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
