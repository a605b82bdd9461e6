package dev.berth.sync;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a row, by what both sides have and once agreed on. Writes nothing. */
final class Decision {
    private final TablePlan plan;
    private final Direction direction;
    private final Rules rules;
    private final Stamps stamps;

    Decision(TablePlan plan, Direction direction, Rules rules, Stamps stamps) {
        this.plan = plan;
        this.direction = direction;
        this.rules = rules;
        this.stamps = stamps;
    }

    private LostRow.Side sourceSide() {
        return direction == Direction.PUSH ? LostRow.Side.LOCAL : LostRow.Side.REMOTE;
    }

    private LostRow.Side targetSide() {
        return direction == Direction.PUSH ? LostRow.Side.REMOTE : LostRow.Side.LOCAL;
    }

    void decide(Item item) {
        Optional<Digest> agreed = item.before().map(Agreed::content);
        boolean sourceIsAsAgreed = agreed.filter(item.content::equals).isPresent();
        SyncRow there = item.there;
        Digest contentThere = item.contentThere;
        if (there == null || contentThere == null) {
            decideMissing(item, agreed.isPresent(), sourceIsAsAgreed);
        } else if (item.content.equals(contentThere)) {
            item.end(Outcome.SKIPPED);
        } else if (agreed.filter(contentThere::equals).isPresent()) {
            // Whatever the clocks say: this change was made by somebody who knew what is there.
            write(item, item.row, change(item.row, there));
        } else if (sourceIsAsAgreed) {
            item.staysAgreed = true;
            item.end(Outcome.SKIPPED);
        } else if (agreed.isEmpty() && rules.strangers() == FirstMeeting.BY_VERSION && compare(item.row, there) != 0) {
            if (compare(item.row, there) > 0) {
                write(item, item.row, change(item.row, there));
            } else {
                item.end(Outcome.SKIPPED);
            }
        } else {
            decideConflict(item, there, contentThere);
        }
    }

    /** What it is to the other side that a row which it has becomes another. */
    private Outcome change(SyncRow row, SyncRow there) {
        if (plan.isDeleted(row) == plan.isDeleted(there)) {
            return Outcome.UPDATED;
        }
        return plan.isDeleted(row) ? Outcome.DELETED : Outcome.INSERTED;
    }

    private void decideMissing(Item item, boolean wasThere, boolean sourceIsAsAgreed) {
        if (!wasThere) {
            write(item, item.row, Outcome.INSERTED);
        } else if (sourceIsAsAgreed || plan.isDeleted(item.row)) {
            // It was deleted there; the other direction brings that here.
            item.staysAgreed = true;
            item.end(Outcome.SKIPPED);
        } else if (rules.deletes() == DeletePolicy.UPDATE_WINS) {
            write(item, item.row, Outcome.CONFLICTED);
        } else {
            item.lost.add(new Item.Lost(sourceSide(), item.row));
            item.end(Outcome.CONFLICTED);
        }
    }

    private void decideConflict(Item item, SyncRow there, Digest contentThere) {
        boolean isDelete = plan.isDeleted(item.row) != plan.isDeleted(there);
        if (!isDelete && rules.conflicts().merge().isPresent()) {
            merge(item, there, contentThere);
            return;
        }
        if (sourceWins(item, there, contentThere)) {
            item.lost.add(new Item.Lost(targetSide(), there));
            write(item, item.row, Outcome.CONFLICTED);
        } else {
            item.lost.add(new Item.Lost(sourceSide(), item.row));
            item.end(Outcome.CONFLICTED);
        }
    }

    private boolean sourceWins(Item item, SyncRow there, Digest contentThere) {
        if (plan.isDeleted(item.row) != plan.isDeleted(there)) {
            return plan.isDeleted(item.row) == (rules.deletes() == DeletePolicy.DELETE_WINS);
        }
        if (rules.conflicts() == ConflictPolicy.LOCAL) {
            return direction == Direction.PUSH;
        }
        if (rules.conflicts() == ConflictPolicy.REMOTE) {
            return direction == Direction.PULL;
        }
        int newer = stamps.areKept() ? stamps.compare(item) : compare(item.row, there);
        return newer != 0 ? newer > 0 : item.content.compareTo(contentThere) > 0;
    }

    /** By versions; 0 where there are none to compare. */
    private int compare(SyncRow one, SyncRow other) {
        Optional<RowVersion> first = plan.versionOf(one);
        Optional<RowVersion> second = plan.versionOf(other);
        if (first.isEmpty() || second.isEmpty()) {
            // What is no time is older than every time.
            return Boolean.compare(first.isPresent(), second.isPresent());
        }
        return first.get().compare(second.get());
    }

    private void merge(Item item, SyncRow there, Digest contentThere) {
        boolean push = direction == Direction.PUSH;
        SyncRow merged;
        try {
            Map<String, @Nullable Object> given = rules.conflicts()
                    .merge()
                    .orElseThrow()
                    .apply(new Conflict(
                            plan.name(), plan.named(push ? item.row : there), plan.named(push ? there : item.row)));
            merged = plan.unnamed(given);
            if (!Item.idOf(plan, merged).equals(item.id)) {
                throw new IllegalArgumentException("the merged row has another key");
            }
        } catch (RuntimeException failed) {
            item.fail(SetAside.Reason.MERGE, "the merge failed: " + failed);
            return;
        }
        Digest content = RowCodec.digest(merged.values());
        if (!content.equals(item.content)) {
            item.lost.add(new Item.Lost(sourceSide(), item.row));
        }
        if (content.equals(contentThere)) {
            item.end(Outcome.CONFLICTED);
        } else {
            item.lost.add(new Item.Lost(targetSide(), there));
            write(item, merged, Outcome.CONFLICTED);
        }
    }

    private void write(Item item, SyncRow row, Outcome outcome) {
        SyncRow grave = item.grave;
        if (grave != null && !RowCodec.digest(grave.values()).equals(RowCodec.digest(row.values()))) {
            item.lost.add(new Item.Lost(targetSide(), grave));
        }
        item.toWrite = row;
        item.end(outcome);
    }
}
