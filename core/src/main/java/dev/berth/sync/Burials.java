package dev.berth.sync;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Deletes from a store, or marks there, what the other side has deleted, unless it was changed or is referred to there. */
final class Burials {
    private final TablePlan plan;
    private final Direction direction;
    private final Rules rules;
    private final Stamps stamps;
    private final Batch.Rehearsal rehearsal;
    private final Instant now;
    private List<Burial> done = List.of();

    /**
     * A row that was deleted on the other side, and what became of it.
     *
     * @param agreed what was agreed of it
     * @param outcome the end
     * @param lost the row that was there, if it is to be kept
     */
    record Burial(Agreed agreed, Outcome outcome, Optional<Item.Lost> lost) {}

    Burials(TablePlan plan, Direction direction, Rules rules, Stamps stamps, Batch.Rehearsal rehearsal, Instant now) {
        this.plan = plan;
        this.direction = direction;
        this.rules = rules;
        this.stamps = stamps;
        this.rehearsal = rehearsal;
        this.now = now;
    }

    List<Burial> done() {
        return done;
    }

    void carry(SyncSession target, List<Agreed> missing) {
        TablePlan.Side side = plan.target(direction);
        List<SyncRow> keys =
                missing.stream().map(one -> plan.rowOfKey(one.keyValues())).toList();
        List<Lookup> found;
        try {
            found = target.find(
                    side.shape(), keys, rehearsal.isReal() ? SyncSession.Locking.ROWS : SyncSession.Locking.NONE);
        } catch (RowFaultException fault) {
            throw new IllegalStateException("a key that was there cannot be looked for", fault);
        }
        List<Burial> ends = new ArrayList<>();
        List<Burial> deletable = new ArrayList<>();
        List<String> places = new ArrayList<>();
        for (int i = 0; i < missing.size(); i++) {
            Agreed agreed = missing.get(i);
            Optional<SyncRow> there = found.get(i)
                    .found()
                    .filter(row -> !row.isDeleted())
                    .map(plan::canonical)
                    .filter(row -> Item.idOf(plan, row).equals(agreed.id()));
            if (there.isEmpty()) {
                ends.add(new Burial(agreed, Outcome.SKIPPED, Optional.empty()));
                continue;
            }
            boolean isAsAgreed = RowCodec.digest(there.get().values()).equals(agreed.content());
            boolean isMarked = plan.isDeleted(there.get());
            if (!isAsAgreed && !isMarked && rules.deletes() == DeletePolicy.UPDATE_WINS) {
                ends.add(new Burial(agreed, Outcome.CONFLICTED, Optional.empty()));
                continue;
            }
            places.add(there.get().locator().orElseThrow());
            deletable.add(
                    isAsAgreed
                            ? new Burial(agreed, Outcome.DELETED, Optional.empty())
                            : new Burial(
                                    agreed,
                                    isMarked ? Outcome.DELETED : Outcome.CONFLICTED,
                                    Optional.of(new Item.Lost(side(), there.get()))));
        }
        bury(target, side, deletable, places, ends);
        done = List.copyOf(ends);
        if (rehearsal.isReal()) {
            stamps.forgetThere(
                    target,
                    done.stream()
                            .filter(burial -> burial.outcome() != Outcome.CONFLICTED
                                    || burial.lost().isPresent())
                            .map(burial -> burial.agreed().id())
                            .toList());
        }
    }

    private LostRow.Side side() {
        return direction == Direction.PUSH ? LostRow.Side.REMOTE : LostRow.Side.LOCAL;
    }

    /** What others refer to stays, and comes back where it was deleted: nobody's rows go with it. */
    private void bury(
            SyncSession target, TablePlan.Side side, List<Burial> deletable, List<String> places, List<Burial> ends) {
        if (places.isEmpty()) {
            return;
        }
        Set<String> kept = rehearsal.isReal() ? delete(target, side, places) : Set.of();
        for (int i = 0; i < places.size(); i++) {
            Burial burial = deletable.get(i);
            ends.add(
                    kept.contains(places.get(i))
                            ? new Burial(burial.agreed(), Outcome.CONFLICTED, Optional.empty())
                            : burial);
        }
    }

    /** Deletes what nobody refers to, again while that frees others: rows of one table may refer to each other. */
    private Set<String> delete(SyncSession target, TablePlan.Side side, Collection<String> places) {
        Set<String> left = new HashSet<>(places);
        while (!left.isEmpty()) {
            Set<String> referred =
                    side.referrers().isEmpty() ? Set.of() : target.referred(side.shape(), side.referrers(), left);
            List<String> free =
                    left.stream().filter(place -> !referred.contains(place)).toList();
            List<String> refused = deleteAll(target, side, free);
            free.forEach(left::remove);
            left.addAll(refused);
            if (free.size() == refused.size()) {
                return left;
            }
        }
        return left;
    }

    /** Deletes, and gives what cannot be: somebody began to refer to it, or a trigger forbids it. */
    private List<String> deleteAll(SyncSession target, TablePlan.Side side, List<String> places) {
        if (places.isEmpty()) {
            return List.of();
        }
        try {
            target.attempt(() -> {
                if (side.shape().tombstone().isPresent()) {
                    target.bury(side.shape(), places, now);
                } else {
                    target.delete(side.shape(), places);
                }
            });
            return List.of();
        } catch (RowFaultException fault) {
            if (places.size() == 1) {
                return places;
            }
            int half = places.size() / 2;
            List<String> kept = new ArrayList<>(deleteAll(target, side, places.subList(0, half)));
            kept.addAll(deleteAll(target, side, places.subList(half, places.size())));
            return kept;
        }
    }
}
