package dev.berth.sync;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final List<Burial> done = new ArrayList<>();
    /** What is still there, by its places. */
    private final Map<String, Open> open = new LinkedHashMap<>();

    /**
     * A row that was deleted on the other side, and what became of it.
     *
     * @param agreed what was agreed of it
     * @param outcome the end
     * @param lost the row that was there, if it is to be kept
     */
    record Burial(Agreed agreed, Outcome outcome, Optional<Item.Lost> lost) {}

    /** A row that is to be deleted, and what that is. */
    private record Open(SyncRow there, Burial burial) {}

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

    /** Those that are referred to, perhaps by rows that are to be deleted, too. */
    List<Agreed> left() {
        return open.values().stream().map(one -> one.burial().agreed()).toList();
    }

    /** Finds the rows and what becomes of them, but for those that are deleted. The transaction may run again. */
    void judge(SyncSession target, List<Agreed> missing) {
        done.clear();
        open.clear();
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
        for (int i = 0; i < missing.size(); i++) {
            Agreed agreed = missing.get(i);
            Optional<SyncRow> there = found.get(i)
                    .found()
                    .filter(row -> !row.isDeleted())
                    .map(plan::canonical)
                    .filter(row -> Item.idOf(plan, row).equals(agreed.id()));
            if (there.isEmpty()) {
                done.add(new Burial(agreed, Outcome.SKIPPED, Optional.empty()));
                continue;
            }
            boolean isAsAgreed = there.get().fault().isEmpty()
                    && RowCodec.digest(there.get().values()).equals(agreed.ofTarget(direction));
            boolean isMarked = plan.isDeleted(there.get());
            if (!isAsAgreed && !isMarked && rules.deletes() == DeletePolicy.UPDATE_WINS) {
                done.add(new Burial(agreed, Outcome.CONFLICTED, Optional.empty()));
                continue;
            }
            var burial = isAsAgreed
                    ? new Burial(agreed, Outcome.DELETED, Optional.empty())
                    : new Burial(
                            agreed,
                            isMarked ? Outcome.DELETED : Outcome.CONFLICTED,
                            Optional.of(new Item.Lost(side(), there.get())));
            open.put(there.get().locator().orElseThrow(), new Open(there.get(), burial));
        }
    }

    private LostRow.Side side() {
        return direction == Direction.PUSH ? LostRow.Side.REMOTE : LostRow.Side.LOCAL;
    }

    /** Takes the links from rows that are to be deleted with those that they refer to: a circle has no first one. */
    void unlink(SyncSession target) throws RowFaultException {
        List<Integer> links = List.copyOf(plan.deferred());
        List<SyncRow> unlinked = open.values().stream()
                .map(Open::there)
                .filter(row -> row.fault().isEmpty())
                .map(row -> plan.without(links, row))
                .toList();
        if (!links.isEmpty() && !unlinked.isEmpty()) {
            target.update(plan.target(direction).shape(), unlinked);
        }
    }

    /** Deletes what nobody refers to, again while that frees others; says whether there was any. */
    boolean bury(SyncSession target) {
        int before = open.size();
        Set<String> kept = !open.isEmpty() && rehearsal.isReal()
                ? delete(target, plan.target(direction), open.keySet())
                : Set.of();
        open.entrySet().removeIf(one -> {
            boolean isDone = !kept.contains(one.getKey());
            if (isDone) {
                done.add(one.getValue().burial());
            }
            return isDone;
        });
        return open.size() < before;
    }

    /** What is referred to still stays, and comes back where it was deleted: nobody's rows go with it. */
    void conclude() {
        open.values().forEach(one -> done.add(new Burial(one.burial().agreed(), Outcome.CONFLICTED, Optional.empty())));
        open.clear();
    }

    /** Forgets how new the rows were that are no more. */
    void forgetStamps(SyncSession target) {
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
        List<String> kept = new ArrayList<>();
        try {
            target.attempt(() -> {
                if (side.shape().tombstone().isPresent()) {
                    target.bury(side.shape(), places, now);
                } else if (target.delete(side.shape(), places) < places.size()) {
                    // A trigger or a rule may keep rows without a word.
                    target.located(side.shape(), places)
                            .forEach(row -> row.locator().ifPresent(kept::add));
                }
            });
            return kept;
        } catch (RowFaultException fault) {
            if (places.size() == 1) {
                return places;
            }
            int half = places.size() / 2;
            kept.clear();
            kept.addAll(deleteAll(target, side, places.subList(0, half)));
            kept.addAll(deleteAll(target, side, places.subList(half, places.size())));
            return kept;
        }
    }
}
