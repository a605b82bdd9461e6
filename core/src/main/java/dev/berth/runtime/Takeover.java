package dev.berth.runtime;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.StaleTokenException;
import dev.berth.ledger.Token;
import dev.berth.runtime.ProvisionReport.Action;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes over from the claims in the way of another, where policy allows it. First it makes sure of all of them, then it
 * fences each with an attempt, lets it give up its instance and removes that, all while the claim still holds what it
 * holds; then the new claim supersedes them in one commit. If it dies on the way, the claims are there without an
 * instance, and the next caller goes on.
 */
final class Takeover {
    private final Kit<?> kit;
    private final Owner taker;
    private final Disposal disposal;
    private final Steps steps;
    private final List<Turn> fenced = new ArrayList<>();

    Takeover(Kit<?> kit, Owner taker, Steps steps) {
        this.kit = kit;
        this.taker = taker;
        this.disposal = new Disposal(kit, steps);
        this.steps = steps;
    }

    /** A claim that may go, and what it has in the runtime. */
    private record Victim(Claim claim, List<Instance> instances) {}

    /**
     * Clears what is in the way.
     *
     * @return the request, to be asked again with what it supersedes; null if something in the way must stay
     */
    @Nullable
    ClaimRequest clear(Refusal refusal, ClaimRequest request) {
        Map<UUID, Victim> victims = new LinkedHashMap<>();
        for (Obstacle obstacle : refusal.obstacles()) {
            Victim victim = victim(obstacle);
            if (victim == null) {
                return null;
            }
            victims.put(victim.claim().id(), victim);
        }
        List<Token> tokens = new ArrayList<>();
        for (Victim victim : victims.values()) {
            Token token = take(victim);
            if (token == null) {
                giveUp("another claim in the way could not be taken over from");
                return null;
            }
            tokens.add(token);
        }
        return tokens.isEmpty() ? null : request.superseding(tokens.toArray(Token[]::new));
    }

    /** The claim that would have to go for an obstacle to be none; null if it must stay. */
    private @Nullable Victim victim(Obstacle obstacle) {
        if (obstacle instanceof Obstacle.Taken taken) {
            return holder(taken.occupant());
        }
        if (obstacle instanceof Obstacle.Overlapping overlapping) {
            return holder(overlapping.occupant());
        }
        return obstacle instanceof Obstacle.Exhausted exhausted ? longestStopped(exhausted) : null;
    }

    private @Nullable Victim holder(Occupant occupant) {
        return kit.policy().held() != Held.REFUSE && occupant instanceof Occupant.Holder holder
                ? kit.ledger()
                        .find(holder.token().claim())
                        .filter(claim -> claim.token().equals(holder.token()))
                        .map(this::judge)
                        .orElse(null)
                : null;
    }

    private @Nullable Victim longestStopped(Obstacle.Exhausted exhausted) {
        if (kit.policy().full() != Full.RECLAIM_LONGEST_STOPPED) {
            return null;
        }
        Set<UUID> holders = new HashSet<>();
        exhausted.holders().forEach(holder -> holders.add(holder.token().claim()));
        // One who died while it was taking over has left a claim that is stopped no more, and that nobody uses.
        for (ClaimState state : List.of(ClaimState.STOPPED, ClaimState.PENDING)) {
            var query =
                    ClaimQuery.all().tenant(taker.tenant()).home(kit.scope()).state(state);
            List<Claim> longestFirst = kit.ledger()
                    .claims(query)
                    .filter(claim -> holders.contains(claim.id()))
                    .sorted(Comparator.comparing(Claim::stateSince))
                    .toList();
            for (Claim claim : longestFirst) {
                Victim victim = isAtRest(claim) ? removable(claim) : stays(claim, "it is not known to be at rest");
                if (victim != null) {
                    return victim;
                }
            }
        }
        return null;
    }

    /** Whether what it has does not run. That nobody is at it any more is seen when an attempt is granted. */
    private boolean isAtRest(Claim claim) {
        Sighting own = Survey.look(kit, claim, BoundedRuntime.Beat.NONE);
        return !(own instanceof Sighting.Unknown)
                && own.seen().filter(instance -> !instance.state().isAtRest()).isEmpty();
    }

    /** Makes sure that a claim that holds what is asked for may go; null if it must stay. */
    private @Nullable Victim judge(Claim claim) {
        boolean sameTenant = claim.owner().tenant().equals(taker.tenant());
        boolean takesFromTenant = kit.policy().held() == Held.TAKE_FROM_SAME_TENANT;
        if (takesFromTenant && !sameTenant) {
            return stays(claim, "it belongs to another tenant");
        }
        if (claim.isReservation()) {
            return takesFromTenant ? new Victim(claim, List.of()) : stays(claim, "it is a reservation");
        }
        Victim victim = removable(claim);
        boolean ghost = victim != null && victim.instances().isEmpty() && claim.state() != ClaimState.PENDING;
        return victim == null || takesFromTenant || ghost ? victim : stays(claim, "it is no ghost");
    }

    /** What a claim has in the runtime, if all of it is known and may be removed; null if not. */
    private @Nullable Victim removable(Claim claim) {
        if (!claim.home().equals(Optional.of(kit.scope()))) {
            return stays(
                    claim,
                    "it is at home in " + claim.home().map(Object::toString).orElse("no scope"));
        }
        Survey survey = Survey.of(kit, claim, BoundedRuntime.Beat.NONE, steps);
        if (survey.gap().isPresent() || survey.own() instanceof Sighting.Unknown) {
            return stays(claim, "what it has is not known: " + survey);
        }
        List<Instance> instances = new ArrayList<>(survey.leftovers());
        survey.own().seen().ifPresent(instances::add);
        for (Instance instance : instances) {
            Optional<String> objection = disposal.foreign(instance, taker.tenant());
            if (objection.isPresent()) {
                return stays(claim, instance + " stays: " + objection.get());
            }
        }
        return new Victim(claim, instances);
    }

    private @Nullable Victim stays(Claim claim, String why) {
        steps.add(Action.TAKE_OVER, claim.owner().toString(), "not taken over from: " + why);
        return null;
    }

    /** Removes what a claim has in the runtime; its token then, or null if it must stay after all. */
    private @Nullable Token take(Victim victim) {
        Claim claim = victim.claim();
        if (victim.instances().isEmpty() && claim.state() != ClaimState.PENDING) {
            steps.add(Action.TAKE_OVER, claim.owner().toString(), "has no instance");
            return claim.token();
        }
        try {
            long begun = kit.pacing().nanos();
            if (!(kit.ledger().attempt(claim.token(), kit.scope(), kit.policy().span())
                    instanceof AttemptOutcome.Granted granted)) {
                stays(claim, "somebody is at it");
                return null;
            }
            Attempt attempt = granted.attempt();
            var turn = new Turn(kit.ledger(), attempt, kit.policy().span(), kit.pacing(), begun);
            fenced.add(turn);
            Claim detached = kit.ledger().detach(attempt);
            for (Instance instance : victim.instances()) {
                turn.beat();
                Removal removal = disposal.remove(instance, claim.owner().tenant(), turn);
                if (!removal.isGone()) {
                    stays(claim, instance + ": " + removal);
                    return null;
                }
            }
            steps.add(Action.TAKE_OVER, claim.owner().toString(), "its instance is gone");
            return detached.token();
        } catch (StaleTokenException | OvertakenException moved) {
            stays(claim, Texts.of(moved));
            return null;
        }
    }

    /** Leaves the claims that were not superseded after all to their owners: without an instance, and told so. */
    void giveUp(String why) {
        for (Turn turn : fenced) {
            try {
                kit.ledger().fail(turn.attempt(), "its instance was removed to make room for " + taker + ": " + why);
            } catch (StaleTokenException gone) {
                steps.add(Action.TAKE_OVER, turn.attempt().claim().toString(), Texts.of(gone));
            }
        }
        fenced.clear();
    }
}
