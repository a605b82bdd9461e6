package dev.berth.ledger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds out what stands on all the candidates of a choice. Reads them all, so it is done only when none is free. */
final class Exhaustion {
    private static final int CHUNK = 1_000;
    private static final int NAMED = 1_000;

    private final LedgerStore store;

    Exhaustion(LedgerStore store) {
        this.store = store;
    }

    /**
     * Says what stands on all candidates.
     *
     * @param taken resources that the request takes elsewhere, or that its owner holds
     * @param avoided resources that overlap something
     * @param plan counts the round as uncertain where a candidate turns out to be free after all, or to be held by a
     *     claim of this very owner that the round does not know
     */
    Obstacle.Exhausted explain(
            String part,
            Owner owner,
            Candidates candidates,
            Set<Resource> taken,
            Set<Resource> avoided,
            ClaimPlan plan) {
        var tally = new Tally(owner, taken, avoided, plan);
        for (int from = 0; from < candidates.size(); from += CHUNK) {
            int to = Math.min(from + CHUNK, candidates.size());
            List<Map<String, Resource>> groups = new ArrayList<>();
            for (int position = from; position < to; position++) {
                if (candidates.isExcluded(position)) {
                    tally.excluded++;
                } else {
                    groups.add(candidates.group(position));
                }
            }
            Map<Resource, Occupant> occupants = store.occupants(
                    groups.stream().flatMap(group -> group.values().stream()).toList());
            groups.forEach(group -> tally.count(group.values(), occupants));
        }
        return new Obstacle.Exhausted(
                part,
                candidates.describe(),
                candidates.size(),
                tally.excluded,
                tally.used,
                tally.of(BlockReason.DECLINE),
                tally.of(BlockReason.FOREIGN),
                tally.of(BlockReason.QUARANTINE),
                tally.wantedTwice,
                List.copyOf(tally.holders.values()));
    }

    private static final class Tally {
        private final Map<Resource, Occupant.Holder> holders = new LinkedHashMap<>();
        private final Map<BlockReason, Integer> blocked = new HashMap<>();
        private final Owner owner;
        private final Set<Resource> taken;
        private final Set<Resource> avoided;
        private final ClaimPlan plan;
        private int excluded;
        private int used;
        private int wantedTwice;

        Tally(Owner owner, Set<Resource> taken, Set<Resource> avoided, ClaimPlan plan) {
            this.owner = owner;
            this.taken = taken;
            this.avoided = avoided;
            this.plan = plan;
        }

        int of(BlockReason reason) {
            return blocked.getOrDefault(reason, 0);
        }

        void count(Collection<Resource> group, Map<Resource, Occupant> occupants) {
            Occupant worst = null;
            for (Resource resource : group) {
                Occupant occupant = occupants.get(resource);
                if (occupant instanceof Occupant.Holder holder) {
                    if (holders.size() < NAMED) {
                        holders.put(resource, holder);
                    }
                    worst = holder;
                    plan.notice(holder, owner);
                } else if (occupant instanceof Occupant.Block block && !block.lets(owner)) {
                    worst = worse(worst, block);
                }
            }
            if (worst instanceof Occupant.Holder) {
                used++;
            } else if (worst instanceof Occupant.Block block) {
                blocked.merge(block.reason(), 1, Integer::sum);
            } else if (group.stream().anyMatch(taken::contains)) {
                wantedTwice++;
            } else if (group.stream().noneMatch(avoided::contains)) {
                plan.uncertain = true;
            }
        }

        private static Occupant worse(@org.jspecify.annotations.Nullable Occupant one, Occupant.Block other) {
            if (one instanceof Occupant.Holder) {
                return one;
            }
            return one instanceof Occupant.Block block && rank(block) >= rank(other) ? block : other;
        }

        private static int rank(Occupant.Block block) {
            return switch (block.reason()) {
                case DECLINE -> 2;
                case FOREIGN -> 1;
                case QUARANTINE -> 0;
            };
        }
    }
}
