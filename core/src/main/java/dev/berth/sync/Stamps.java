package dev.berth.sync;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Tells how new the rows of a table are that has no version column, and keeps that in the books of both stores: for each
 * row the stamp of the content that it had. A row with another content was changed since; when, captured changes tell, else
 * it counts from when it is noticed.
 */
final class Stamps {
    private final SyncRun run;
    private final TablePlan plan;
    private final Direction direction;
    private final String book;

    Stamps(SyncRun run, TablePlan plan, Direction direction) {
        this.run = run;
        this.plan = plan;
        this.direction = direction;
        this.book = run.books().stamps(plan.name());
    }

    /** Whether the newest is told by stamps. */
    boolean areKept() {
        return plan.version().isEmpty() && run.rules().conflicts() == ConflictPolicy.NEWEST;
    }

    private LostRow.Side source() {
        return direction == Direction.PUSH ? LostRow.Side.LOCAL : LostRow.Side.REMOTE;
    }

    private LostRow.Side target() {
        return direction == Direction.PUSH ? LostRow.Side.REMOTE : LostRow.Side.LOCAL;
    }

    private SyncStore store(LostRow.Side side) {
        return side == LostRow.Side.LOCAL ? run.local() : run.remote();
    }

    private UUID node(LostRow.Side side) {
        return side == LostRow.Side.LOCAL ? run.books().local() : run.books().remote();
    }

    /** Stamps rows that are to be carried. */
    void stamp(List<Item> items) {
        if (!areKept() || items.isEmpty()) {
            return;
        }
        // Not within a transaction, later: where there is one connection only, it would wait for itself.
        RunClock unused = run.time();
        Map<Digest, RowStamp> known = Carrier.run(store(source()), session -> known(session, items));
        for (Item item : items) {
            Optional<RowStamp> before = Optional.ofNullable(known.get(item.id));
            item.stamp = before.filter(one -> one.content().equals(item.content))
                    .orElseGet(() -> fresh(source(), item.changed, before, item.content));
        }
    }

    private Map<Digest, RowStamp> known(SyncSession session, List<Item> items) {
        return session.notes(book, items.stream().map(item -> item.id).toList()).stream()
                .collect(Collectors.toMap(Note::id, RowStamp::of));
    }

    private RowStamp fresh(LostRow.Side side, Optional<Instant> changed, Optional<RowStamp> base, Digest content) {
        Instant now = run.time().now();
        return RowStamp.of(changed.map(at -> run.time().time(at, side)).orElse(now), now, base, node(side), content);
    }

    /** Stamps what is there in the place of rows that both sides have changed. */
    void stampThere(SyncSession session, List<Item> items) {
        if (!areKept()) {
            return;
        }
        List<Item> rivals = items.stream()
                .filter(item -> item.contentThere != null && !item.contentThere.equals(item.content))
                .toList();
        if (rivals.isEmpty()) {
            return;
        }
        Map<Digest, RowStamp> known = known(session, rivals);
        Map<String, Instant> changes = changes(session, rivals);
        for (Item item : rivals) {
            Digest content = item.contentThere;
            if (content != null) {
                Optional<RowStamp> before = Optional.ofNullable(known.get(item.id));
                Optional<Instant> changed = item.placeOver().map(changes::get);
                item.stampThere = before.filter(one -> one.content().equals(content))
                        .orElseGet(() -> fresh(target(), changed, before, content));
            }
        }
    }

    /** When captured changes were made at places of the target. */
    private Map<String, Instant> changes(SyncSession session, List<Item> rivals) {
        Direction back = direction == Direction.PUSH ? Direction.PULL : Direction.PUSH;
        if (run.rules().capture(back) == Capture.COMPARISON) {
            return Map.of();
        }
        ChangeFeed feed = run.books()
                .feed(back, plan.target(direction).shape().table(), run.rules().capture(back));
        List<String> places =
                rivals.stream().flatMap(item -> item.placeOver().stream()).toList();
        return session.changesAt(feed, places).stream()
                .collect(Collectors.toMap(
                        RowChange::locator, RowChange::at, (one, other) -> one.isAfter(other) ? one : other));
    }

    /** Whether the row that is carried is newer than the one that is there. */
    int compare(Item item) {
        RowStamp here = item.stamp;
        RowStamp there = item.stampThere;
        if (here == null || there == null) {
            throw new IllegalStateException("a row was not stamped");
        }
        return here.compare(there, run.time().now());
    }

    /** Keeps the stamps of what the target has now. */
    void keepThere(SyncSession session, List<Item> items) {
        if (!areKept()) {
            return;
        }
        List<Note> notes = new ArrayList<>();
        for (Item item : items) {
            SyncRow written = item.toWrite;
            RowStamp stamp = item.stamp;
            RowStamp there = item.stampThere;
            if (written != null && stamp != null) {
                notes.add(new RowStamp(stamp.time(), stamp.node(), RowCodec.digest(written.values())).note(item.id));
            } else if (item.outcome == Outcome.CONFLICTED && there != null) {
                notes.add(there.note(item.id));
            } else if (direction == Direction.PULL
                    && item.outcome == Outcome.SKIPPED
                    && !item.staysAgreed
                    && stamp != null) {
                notes.add(stamp.note(item.id));
            }
        }
        session.put(book, distinct(notes));
    }

    private static Collection<Note> distinct(List<Note> notes) {
        return notes.stream()
                .sorted(Comparator.comparing(Note::id))
                .collect(Collectors.toMap(Note::id, Function.identity(), (one, other) -> other))
                .values();
    }

    /** Keeps the stamp of what the local store has, where it is the source. */
    void keepHere(Item item, Effects effects) {
        RowStamp stamp = item.stamp;
        if (areKept() && direction == Direction.PUSH && stamp != null) {
            effects.put(book, stamp.note(item.id));
        }
    }

    /** Forgets rows that are no more. */
    void forgetThere(SyncSession session, List<Digest> ids) {
        if (areKept() && !ids.isEmpty()) {
            session.remove(book, ids);
        }
    }

    void forgetHere(Digest id, Effects effects) {
        if (areKept()) {
            effects.remove(book, id);
        }
    }
}
