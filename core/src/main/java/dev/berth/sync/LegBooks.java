package dev.berth.sync;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/** What the books of the local store say of one table in one direction, and what they are to say of a row. */
final class LegBooks {
    private final TablePlan plan;
    private final Direction direction;
    private final Books books;
    private final Stamps stamps;
    private final Supplier<Instant> now;

    /** Nothing is set aside, as far as is known. Rows that are read ahead are looked up by it, too. */
    private volatile boolean hasNoAside;

    /** Whether a row that came to nothing is tried once more in the same run. */
    enum PutOff {
        YES,
        NO
    }

    LegBooks(TablePlan plan, Direction direction, Books books, Stamps stamps, Supplier<Instant> now) {
        this.plan = plan;
        this.direction = direction;
        this.books = books;
        this.stamps = stamps;
        this.now = now;
    }

    String agreed() {
        return books.agreed(plan.name());
    }

    String aside() {
        return books.aside(direction, plan.name());
    }

    String whole() {
        return books.whole();
    }

    /** The note that all rows of the table were compared since changes that travel one way are captured. */
    Digest wholeId(Direction way, Capture capture) {
        return Books.wholeId(way, capture, plan.name());
    }

    /** That none is set aside has been seen; it is so until one is. */
    void seenNoAside() {
        hasNoAside = true;
    }

    boolean hasNoAside() {
        return hasNoAside;
    }

    private void putAside(AsideNote note, Effects effects) {
        hasNoAside = false;
        effects.put(aside(), note.note());
    }

    String lost() {
        return books.lost(plan.name());
    }

    /** Where what is deleted now is kept. */
    String deleted() {
        return books.deleted(plan.name(), KeptRows.week(now.get()));
    }

    /** What the books say afterwards. */
    void note(Item item, Effects effects, PutOff putOff) {
        Outcome outcome = item.ended();
        stamps.keepHere(item, effects);
        if (outcome == Outcome.FAILED) {
            if (item.isResting) {
                item.aside
                        .filter(note -> !note.place().equals(placeHere(item)))
                        .ifPresent(note -> putAside(note.at(placeHere(item)), effects));
            } else if (putOff == PutOff.NO || !item.changes.isEmpty()) {
                putAside(asideNote(item, putOff), effects);
            }
            if (item.agreed.isPresent()) {
                // Its place was another row's that is no more, and has what this one wants: so that goes first.
                item.left.stream()
                        .filter(old -> old.id().equals(item.heldBy))
                        .forEach(old -> effects.put(agreed(), old.nowhere().note()));
            }
            effects.forget(item.changes);
            return;
        }
        if (outcome == Outcome.BLOCKED) {
            return;
        }
        item.aside.ifPresent(note -> effects.remove(aside(), note.id()));
        if (direction == Direction.PULL && item.isMoved) {
            // Its key is new; should this run not come to where that shows, the next one compares.
            effects.remove(whole(), wholeId(Direction.PULL, Capture.TRIGGERS));
        }
        boolean isOnlyHere = item.toWrite == null && (item.asRenamed || item.there == null);
        if (direction == Direction.PUSH && outcome == Outcome.CONFLICTED && isOnlyHere) {
            // It goes here, too; but nobody may have noted there that it is not there.
            effects.remove(whole(), wholeId(Direction.PULL, Capture.TRIGGERS));
        }
        if (!item.isPartial) {
            effects.forget(item.changes);
        }
        for (Item.Lost lost : item.lost) {
            effects.put(lost(), lostNote(lost));
        }
        item.left.forEach(old -> effects.put(agreed(), old.nowhere().note()));
        if (item.asRenamed) {
            item.renamed.ifPresent(old -> effects.remove(agreed(), old.id()));
        } else {
            item.renamed.ifPresent(old -> effects.put(agreed(), old.nowhere().note()));
        }
        if (!item.staysAgreed || direction == Direction.PUSH) {
            effects.put(agreed(), agreed(item).note());
        }
    }

    private Agreed agreed(Item item) {
        if (item.staysAgreed && item.agreed.isPresent()) {
            Agreed before = item.agreed.get();
            return new Agreed(item.id, place(item), before.content(), before.here(), item.key);
        }
        Digest content = item.isPartial && item.toWrite != null ? RowCodec.digest(item.toWrite.values()) : item.content;
        // What a trigger there has made of it comes back as a change; what one here made of it does not go out.
        Digest stored = item.stored;
        boolean isAsGiven = item.toWrite != null && Arrays.equals(item.toWrite.values(), item.row.values());
        return direction == Direction.PULL && stored != null && isAsGiven
                ? new Agreed(item.id, place(item), content, stored, item.key)
                : new Agreed(item.id, place(item), content, item.key);
    }

    private Optional<String> place(Item item) {
        return direction == Direction.PUSH ? item.row.locator() : Optional.ofNullable(item.placeThere);
    }

    private Optional<String> placeHere(Item item) {
        return direction == Direction.PUSH ? item.row.locator() : Optional.empty();
    }

    private AsideNote asideNote(Item item, PutOff putOff) {
        SetAside.Reason reason = item.reason;
        if (reason == null) {
            throw new IllegalStateException("a row failed without a reason");
        }
        // What is tried once more in this run counts then.
        long tries = putOff == PutOff.YES ? 0 : 1;
        long before = item.aside
                .filter(note -> note.content().equals(item.content))
                .map(AsideNote::attempts)
                .orElse(0L);
        return new AsideNote(
                item.id,
                placeHere(item),
                reason,
                item.message,
                Math.min(before + tries, AsideNote.MOST_ATTEMPTS),
                item.aside.map(AsideNote::since).orElse(now.get()),
                now.get(),
                item.content,
                NamedRow.of(plan, item.row));
    }

    Note lostNote(Item.Lost lost) {
        return lostNote(plan, lost.side(), lost.row(), now.get());
    }

    static Note lostNote(TablePlan plan, LostRow.Side side, SyncRow lost, Instant now) {
        byte[] row = NamedRow.of(plan, lost).encode();
        Digest id = RowCodec.digest(plan.name(), side.name(), row);
        return Note.of(id, RowCodec.encode(side.name(), now, row));
    }
}
