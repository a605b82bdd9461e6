package dev.berth.sync;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row on its way in one batch, and what becomes of it. Its transaction may run more than once. */
final class Item {
    final SyncRow row;
    final Encoded key;
    final Digest id;
    final Digest content;
    final Optional<Agreed> agreed;
    /** What was agreed under the key that the row had before it was renamed. */
    final Optional<Agreed> renamed;
    /** What else was agreed of its place: rows that are there no more. */
    final List<Agreed> left;

    final Optional<AsideNote> aside;
    /** The captured changes that it comes from. */
    final List<Long> changes = new ArrayList<>();
    /** Its natural key is another than the row in its place had: so those that refer to it have another parent. */
    boolean isMoved;

    /** When the last of them was made, by the clock of its store. */
    Optional<Instant> changed = Optional.empty();

    /** How new the row is, and how new the one there, where no column tells. */
    @Nullable
    RowStamp stamp;

    @Nullable
    RowStamp stampThere;

    @Nullable
    Lookup lookup;

    @Nullable
    SyncRow there;

    /** The row of its key that is marked as deleted there. */
    @Nullable
    SyncRow grave;

    @Nullable
    Digest contentThere;

    boolean asRenamed;

    @Nullable
    SyncRow toWrite;

    @Nullable
    Outcome outcome;

    SetAside.@Nullable Reason reason;
    String message = "";
    /** Which row of the other side has a unique value that it wants, and keeps it. */
    @Nullable
    Digest heldBy;

    boolean staysAgreed;
    boolean isPartial;
    /** It is tried once more in the same run. */
    boolean isAgain;
    /** It was set aside before, and is not tried this time. */
    boolean isResting;
    /** It is tried again at the end of the run. */
    boolean isPutOff;

    @Nullable
    String placeThere;

    /** What the other side has made of what was written, where that is something else. */
    @Nullable
    Digest stored;

    final List<Lost> lost = new ArrayList<>();

    /** A row that is to be kept because it does not stay. */
    record Lost(LostRow.Side side, SyncRow row) {}

    /** With the digest of its key, which is read by it. */
    Item(
            Encoded key,
            Digest id,
            SyncRow row,
            Optional<Agreed> agreed,
            Optional<Agreed> renamed,
            List<Agreed> left,
            Optional<AsideNote> aside) {
        this.row = row;
        this.key = key;
        this.id = id;
        this.content = RowCodec.digest(row.values());
        this.agreed = agreed;
        this.renamed = renamed;
        this.left = left;
        this.aside = aside;
    }

    /** Rows without a whole key are each their own: there may be many, and they are told of. */
    static Digest idOf(TablePlan plan, SyncRow row) {
        return plan.isNamed(row)
                ? RowCodec.digest(plan.keyOf(row))
                : RowCodec.digest("nameless", row.locator().orElse(""), RowCodec.encode(plan.keyOf(row)));
    }

    /** The same row as the one that was agreed under another key. */
    Item as(Agreed before) {
        var item = new Item(key, id, row, agreed, Optional.of(before), left, aside);
        item.changes.addAll(changes);
        item.changed = changed;
        item.isMoved = true;
        return item;
    }

    void comesFrom(RowChange change) {
        changes.add(change.number());
        changed = changed.filter(change.at()::isBefore).or(() -> Optional.of(change.at()));
        isMoved |= change.kind() == RowChange.Kind.RENAMED;
    }

    /** Before the transaction runs, perhaps again. */
    void begin() {
        lookup = null;
        there = null;
        grave = null;
        contentThere = null;
        stampThere = null;
        asRenamed = false;
        toWrite = null;
        outcome = null;
        reason = null;
        message = "";
        heldBy = null;
        staysAgreed = false;
        isPartial = false;
        isResting = false;
        placeThere = null;
        stored = null;
        lost.clear();
    }

    /** What was agreed before, under whatever key is compared. */
    Optional<Agreed> before() {
        return asRenamed ? renamed : agreed;
    }

    boolean isOpen() {
        return outcome == null;
    }

    boolean isWritten() {
        return toWrite != null;
    }

    /** The row there that is written over: it is there, or is marked as deleted. */
    @Nullable
    SyncRow over() {
        return there != null ? there : grave;
    }

    Optional<String> placeOver() {
        return Optional.ofNullable(over()).flatMap(SyncRow::locator);
    }

    boolean isInsert() {
        return toWrite != null && there == null;
    }

    void end(Outcome end) {
        outcome = end;
    }

    void fail(SetAside.Reason why, String what) {
        outcome = Outcome.FAILED;
        reason = why;
        message = what;
        toWrite = null;
        lost.clear();
    }

    void block() {
        outcome = Outcome.BLOCKED;
        toWrite = null;
        lost.clear();
    }

    Outcome ended() {
        if (outcome == null) {
            throw new IllegalStateException("a row has no outcome");
        }
        return outcome;
    }
}
