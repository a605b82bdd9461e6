package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Plans the rounds of one request. Used by one thread. */
final class ClaimPlanner {
    private final LedgerStore store;
    private final ClaimRequest request;
    private final ClaimPlan.@Nullable Move move;
    private final Picks.Session session;
    private final Overlaps overlaps;
    private final Exhaustion exhaustion;
    /** Reservations in the way whose leases had run out, to be released in the commit if they still have. */
    final Map<UUID, Claim> lapsed = new HashMap<>();

    ClaimPlanner(LedgerStore store, ClaimRequest request, ClaimPlan.@Nullable Move move, Picks.Session session) {
        this.store = store;
        this.request = request;
        this.move = move;
        this.session = session;
        this.overlaps = new Overlaps(store);
        this.exhaustion = new Exhaustion(store);
    }

    /** Plans one round against what the owner holds now. */
    ClaimPlan plan(@Nullable Claim mine) {
        var plan = new ClaimPlan();
        request.wants().keySet().stream()
                .filter(part -> mine == null || move != null || !mine.holds(part))
                .forEach(plan.parts::add);
        if (move != null && move.direct() != null) {
            plan.parts.add(move.direct().part());
            plan.takes.add(move.direct());
            plan.fixed.put(move.direct().resource(), move.direct().part());
        }
        if (plan.parts.isEmpty()) {
            return plan;
        }
        resolveSuperseded(plan, mine);
        for (String part : plan.parts) {
            if (request.wants().get(part) instanceof ClaimRequest.Want.Fixed fixed) {
                add(plan, part, fixed.group());
                fixed.group().values().forEach(resource -> plan.fixed.put(resource, part));
            }
        }
        for (String part : plan.parts) {
            if (request.wants().get(part) instanceof ClaimRequest.Want.Chosen chosen) {
                chosen.choices().forEach(choice -> choose(plan, part, choice));
            }
        }
        checkOnce(plan);
        findOverlaps(plan, mine);
        if (!plan.obstacles.isEmpty()) {
            addTakenFixed(plan, mine);
        }
        return plan;
    }

    private void add(ClaimPlan plan, String part, Map<String, Resource> group) {
        boolean confirmed = !request.isUnconfirmed(part);
        Picks.named(part, group)
                .forEach((role, resource) -> plan.takes.add(new Commit.Take(resource, part, role, confirmed)));
    }

    private void resolveSuperseded(ClaimPlan plan, @Nullable Claim mine) {
        for (Token token : request.superseding()) {
            if (mine != null && mine.id().equals(token.claim())) {
                throw InvalidInputException.of(
                        "superseding", token, "claims of other owners; change your own with reassign or release");
            }
            store.find(token.claim()).map(Snapshot::claim).ifPresent(found -> {
                if (found.token().equals(token)) {
                    plan.superseded.add(found);
                } else {
                    plan.obstacles.add(new Obstacle.Changed(token, found));
                }
            });
        }
    }

    private void choose(ClaimPlan plan, String part, Choice choice) {
        Candidates candidates =
                InvalidInputException.requireNonNull("candidates of " + part, choice.candidates(request.owner()));
        Set<Resource> taken = plan.resources();
        if (move != null) {
            move.gives().forEach(give -> taken.add(give.resource()));
        }
        Optional<Map<String, Resource>> group = session.pick(request.owner(), candidates, taken);
        if (group.isEmpty()) {
            group = pickSuperseded(plan, candidates, taken);
        }
        if (group.isPresent()) {
            add(plan, part, group.get());
        } else {
            plan.obstacles.add(exhaustion.explain(part, request.owner(), candidates, taken));
        }
    }

    /** Where none is free, the first group that becomes free by what this request supersedes. */
    private Optional<Map<String, Resource>> pickSuperseded(ClaimPlan plan, Candidates candidates, Set<Resource> taken) {
        Set<Resource> given = new HashSet<>();
        plan.superseded.forEach(claim -> claim.holdings().forEach(held -> given.add(held.resource())));
        for (int i = 0; !given.isEmpty() && i < candidates.size(); i++) {
            int position = (candidates.start() + i) % candidates.size();
            Map<String, Resource> group = candidates.group(position);
            if (!candidates.isExcluded(position)
                    && group.values().stream().anyMatch(given::contains)
                    && group.values().stream().noneMatch(taken::contains)
                    && store.occupants(group.values()).values().stream()
                            .allMatch(occupant -> passes(plan, null, occupant))) {
                return Optional.of(group);
            }
        }
        return Optional.empty();
    }

    private void checkOnce(ClaimPlan plan) {
        if (plan.resources().size() < plan.takes.size()) {
            throw InvalidInputException.of(request.toString(), plan.takes, "each resource in one part only");
        }
    }

    private void findOverlaps(ClaimPlan plan, @Nullable Claim mine) {
        var found = overlaps.find(plan.takes.stream().map(Commit.Take::resource).toList());
        plan.guards = found.guards();
        for (Commit.Take take : plan.takes) {
            for (Occupant occupant : found.occupants().getOrDefault(take.resource(), List.of())) {
                if (!passes(plan, mine, occupant)) {
                    plan.obstacles.add(new Obstacle.Overlapping(take.part(), take.resource(), occupant));
                }
            }
        }
    }

    /** Completes a refusal: what stands on the fixed resources belongs to it too (law L6). */
    private void addTakenFixed(ClaimPlan plan, @Nullable Claim mine) {
        store.occupants(plan.fixed.keySet()).forEach((resource, occupant) -> {
            if (isOwn(mine, occupant) ? !isGiven(resource) : !passes(plan, mine, occupant)) {
                plan.obstacles.add(new Obstacle.Taken(String.valueOf(plan.fixed.get(resource)), occupant));
            }
        });
    }

    private boolean isGiven(Resource resource) {
        return move != null
                && move.gives().stream().anyMatch(give -> give.resource().equals(resource));
    }

    private static boolean isOwn(@Nullable Claim mine, Occupant occupant) {
        return mine != null
                && occupant instanceof Occupant.Holder holder
                && holder.token().claim().equals(mine.id());
    }

    /** Whether an occupant gives way: it is this owner itself, superseded, lapsed, or passable. */
    private boolean passes(ClaimPlan plan, @Nullable Claim mine, Occupant occupant) {
        if (occupant instanceof Occupant.Holder holder) {
            if (isOwn(mine, holder) || plan.supersedes(holder)) {
                return true;
            }
            if (holder.lapsed()) {
                noteLapsed(holder);
            }
            return holder.lapsed();
        }
        return occupant instanceof Occupant.Block block && block.lets(request.owner());
    }

    private void noteLapsed(Occupant.Holder holder) {
        store.find(holder.token().claim()).map(Snapshot::claim).ifPresent(claim -> lapsed.put(claim.id(), claim));
    }

    /** The lapsed reservations that the commit releases, beside what it supersedes. */
    List<Claim> lapsedBeside(ClaimPlan plan) {
        return lapsed.values().stream().filter(claim -> !plan.supersedes(claim)).toList();
    }

    /** Notes what a commit found on a wanted resource: to be released, to be avoided, or an obstacle. */
    void sort(Occupant occupant, ClaimPlan plan, @Nullable Claim mine, List<Obstacle> obstacles) {
        String part = plan.fixed.get(occupant.resource());
        if (!isOwn(mine, occupant) && occupant instanceof Occupant.Holder holder && holder.lapsed()) {
            noteLapsed(holder);
        } else if (part == null) {
            session.lose(occupant.resource());
        } else if (!plan.supersedes(occupant)) {
            obstacles.add(new Obstacle.Taken(part, occupant));
        }
    }
}
