package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.Collection;
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
    /** Reservations that were seen lapsed; a commit that needs their resources releases them if they still are. */
    private final Map<UUID, Claim> lapsed = new HashMap<>();
    /** Whether a commit found a fixed resource taken, so that the next round tells all that is in the way. */
    private boolean fixedTaken;

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
        return fill(new ClaimPlan(mine, ClaimPlan.Basis.READ, overlaps.begin()));
    }

    /** Plans a round as if the owner held nothing; where that meets any doubt the plan is of no use and stays unfinished. */
    ClaimPlan venture() {
        return fill(new ClaimPlan(null, ClaimPlan.Basis.ASSUMED, overlaps.begin()));
    }

    private ClaimPlan fill(ClaimPlan plan) {
        Claim mine = plan.mine;
        request.wants().keySet().stream()
                .filter(part -> mine == null || move != null || !mine.holds(part))
                .forEach(plan.parts::add);
        if (move != null && move.direct() != null) {
            plan.parts.add(move.direct().part());
            addFixed(plan, List.of(move.direct()));
        }
        if (plan.parts.isEmpty()) {
            return plan;
        }
        resolveSuperseded(plan);
        for (String part : plan.parts) {
            if (request.wants().get(part) instanceof ClaimRequest.Want.Fixed fixed) {
                addFixed(plan, takes(part, fixed.group()));
            }
        }
        for (String part : plan.parts) {
            if (request.wants().get(part) instanceof ClaimRequest.Want.Chosen chosen) {
                chosen.choices().stream()
                        .takeWhile(choice -> !plan.isDoubtful())
                        .forEach(choice -> choose(plan, part, choice));
            }
        }
        if (plan.isDoubtful()) {
            return plan;
        }
        checkRoles(plan);
        if (fixedTaken || !plan.obstacles.isEmpty()) {
            addTakenFixed(plan);
        }
        return plan;
    }

    private List<Commit.Take> takes(String part, Map<String, Resource> group) {
        boolean confirmed = !request.isUnconfirmed(part);
        List<Commit.Take> takes = new ArrayList<>();
        Picks.named(part, group)
                .forEach((role, resource) -> takes.add(new Commit.Take(resource, part, role, confirmed)));
        return takes;
    }

    private void addFixed(ClaimPlan plan, List<Commit.Take> takes) {
        plan.takes.addAll(takes);
        for (Commit.Take take : takes) {
            plan.fixed.put(take.resource(), take.part());
            plan.obstacles.addAll(overlapping(plan, take.part(), List.of(take.resource())));
        }
    }

    private void resolveSuperseded(ClaimPlan plan) {
        for (Token token : request.superseding()) {
            if (plan.mine != null && plan.mine.token().equals(token)) {
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

    /** Takes the first group that is free and overlaps nothing, or tells all that is in the way. */
    private void choose(ClaimPlan plan, String part, Choice choice) {
        Candidates candidates =
                InvalidInputException.requireNonNull("candidates of " + part, choice.candidates(request.owner()));
        Set<Resource> taken = plan.unavailable();
        Set<Resource> avoided = new HashSet<>(taken);
        List<Obstacle> overlapping = new ArrayList<>();
        while (true) {
            Optional<Map<String, Resource>> group =
                    plan.basis == ClaimPlan.Basis.ASSUMED ? session.assume(candidates, avoided) : Optional.empty();
            if (group.isEmpty()) {
                group = session.pick(candidates, avoided);
            }
            if (group.isEmpty()) {
                group = pickSuperseded(plan, candidates, avoided);
            }
            if (group.isEmpty() && plan.basis == ClaimPlan.Basis.ASSUMED) {
                // To explain it is dear, and the owner itself may be the explanation.
                plan.uncertain = true;
                return;
            }
            if (group.isEmpty()) {
                plan.obstacles.add(exhaustion.explain(part, request.owner(), candidates, taken, avoided, plan));
                plan.obstacles.addAll(overlapping);
                return;
            }
            List<Obstacle> found = overlapping(plan, part, group.get().values());
            if (found.isEmpty()) {
                plan.takes.addAll(takes(part, group.get()));
                return;
            }
            overlapping.addAll(found);
            avoided.addAll(group.get().values());
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
                    && store.occupants(group.values()).values().stream().allMatch(occupant -> passes(plan, occupant))) {
                return Optional.of(group);
            }
        }
        return Optional.empty();
    }

    /** Fixed resources are told apart when the request is made, and choices avoid them; roles are known only here. */
    private void checkRoles(ClaimPlan plan) {
        record Place(String part, String role) {}
        Set<Place> places = new HashSet<>();
        for (Commit.Take take : plan.takes) {
            if (!places.add(new Place(take.part(), take.role()))) {
                throw InvalidInputException.of(
                        "part " + take.part(), "role " + take.role() + " twice", "choices with roles of their own");
            }
        }
    }

    private List<Obstacle> overlapping(ClaimPlan plan, String part, Collection<Resource> wanted) {
        List<Obstacle> obstacles = new ArrayList<>();
        Set<UUID> lapsedHere = new HashSet<>();
        for (Resource resource : wanted) {
            for (Occupant occupant : plan.look.at(resource)) {
                if (!passes(plan, occupant)) {
                    obstacles.add(new Obstacle.Overlapping(part, resource, occupant));
                    plan.notice(occupant, request.owner());
                } else if (occupant instanceof Occupant.Holder holder && !plan.isOwn(holder)) {
                    lapsedHere.add(holder.token().claim());
                }
            }
        }
        if (obstacles.isEmpty()) {
            plan.overlapped.addAll(lapsedHere);
        }
        return obstacles;
    }

    /** Completes a refusal: what stands on the fixed resources belongs to it too (law L6). */
    private void addTakenFixed(ClaimPlan plan) {
        Map<Resource, Occupant> occupants = store.occupants(plan.fixed.keySet());
        plan.fixed.forEach((resource, part) -> {
            Occupant occupant = occupants.get(resource);
            if (occupant != null && !givesWay(plan, resource, occupant)) {
                plan.obstacles.add(new Obstacle.Taken(part, occupant));
                plan.notice(occupant, request.owner());
            }
        });
    }

    private boolean givesWay(ClaimPlan plan, Resource resource, Occupant occupant) {
        return plan.isOwn(occupant) ? move != null && move.gives(resource) : passes(plan, occupant);
    }

    /**
     * Whether an occupant gives way: it is this owner itself, superseded, lapsed, or passable. A lapsed claim of this owner
     * that the round does not know is none to release, or the parts that are not asked for would be gone with it.
     */
    private boolean passes(ClaimPlan plan, Occupant occupant) {
        if (occupant instanceof Occupant.Holder holder) {
            if (plan.isOwn(holder) || plan.supersedes(holder)) {
                return true;
            }
            if (holder.owner().equals(request.owner())) {
                return false;
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
    List<Claim> lapsedInTheWay(ClaimPlan plan) {
        if (lapsed.isEmpty()) {
            return List.of();
        }
        Set<Resource> taken = plan.resources();
        return lapsed.values().stream()
                .filter(claim -> plan.isInTheWay(claim, taken))
                .toList();
    }

    /** Notes that a claim was not lapsed after all, or has changed. */
    void forgetLapsed(UUID claim) {
        lapsed.remove(claim);
    }

    /**
     * Sorts what a commit found on a wanted resource.
     *
     * @return the obstacle that it is, or null if the next round gets round it
     */
    @Nullable
    Obstacle sort(Occupant occupant, ClaimPlan plan) {
        if (!plan.isOwn(occupant) && occupant instanceof Occupant.Holder holder) {
            if (holder.owner().equals(request.owner())) {
                return null;
            }
            if (holder.lapsed()) {
                noteLapsed(holder);
                return null;
            }
        }
        String part = plan.fixed.get(occupant.resource());
        if (part == null) {
            session.lose(occupant.resource());
            return null;
        }
        fixedTaken = true;
        return new Obstacle.Taken(part, occupant);
    }
}
