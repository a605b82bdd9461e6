package dev.berth.ledger;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What one round of a request would take, and what stands in its way. */
final class ClaimPlan {
    /** What the owner held when the round began. */
    final @Nullable Claim mine;
    /** Where that is known from. */
    final Basis basis;

    final List<Commit.Take> takes = new ArrayList<>();
    /** The fixed resources, each with the part that it is for; all other takes were chosen. */
    final Map<Resource, String> fixed = new LinkedHashMap<>();
    /** The parts that are missing. */
    final Set<String> parts = new LinkedHashSet<>();

    final List<Obstacle> obstacles = new ArrayList<>();
    final List<Claim> superseded = new ArrayList<>();
    /** Lapsed reservations that overlap what is taken. */
    final Set<UUID> overlapped = new HashSet<>();

    final Overlaps.Look look;
    /** Whether what was read does not fit together, so that it is no ground for a refusal. */
    boolean uncertain;

    /** How it is known what the owner holds. */
    enum Basis {
        READ,
        ASSUMED
    }

    ClaimPlan(@Nullable Claim mine, Basis basis, Overlaps.Look look) {
        this.mine = mine;
        this.basis = basis;
        this.look = look;
    }

    /** Whether something is in the way of a round that knows too little to say what. */
    boolean isDoubtful() {
        return basis == Basis.ASSUMED && (uncertain || !obstacles.isEmpty());
    }

    Set<Resource> resources() {
        Set<Resource> resources = new HashSet<>();
        takes.forEach(take -> resources.add(take.resource()));
        return resources;
    }

    /** What a choice must not take: what the round takes already, and what the owner holds, given back or not. */
    Set<Resource> unavailable() {
        Set<Resource> resources = resources();
        if (mine != null) {
            mine.holdings().forEach(held -> resources.add(held.resource()));
        }
        return resources;
    }

    boolean isOwn(Occupant occupant) {
        return mine != null
                && occupant instanceof Occupant.Holder holder
                && holder.token().claim().equals(mine.id());
    }

    /**
     * Takes note of a holder that is in the way. Where that is this very owner, by a claim that came after the round had
     * begun, the round is uncertain: that claim may be gone again before anybody looks (law L7).
     */
    void notice(Occupant occupant, Owner asking) {
        uncertain |=
                occupant instanceof Occupant.Holder holder && holder.owner().equals(asking) && !isOwn(holder);
    }

    boolean supersedes(Claim claim) {
        return superseded.stream().anyMatch(other -> other.id().equals(claim.id()));
    }

    boolean supersedes(Occupant occupant) {
        return occupant instanceof Occupant.Holder holder
                && superseded.stream().anyMatch(claim -> claim.token().equals(holder.token()));
    }

    /** Whether the commit must release a lapsed reservation to take what this round takes. */
    boolean isInTheWay(Claim lapsed, Set<Resource> taken) {
        return !supersedes(lapsed)
                && (overlapped.contains(lapsed.id())
                        || lapsed.holdings().stream().map(Holding::resource).anyMatch(taken::contains));
    }

    /**
     * A change of parts that are held: what is given back in the same commit.
     *
     * @param expected the token that the claim must have
     * @param gives what is given back
     * @param direct the one resource that is taken instead, where it is not for a request to say
     */
    record Move(Token expected, List<Commit.Give> gives, Commit.@Nullable Take direct) {
        boolean gives(Resource resource) {
            return gives.stream().anyMatch(give -> give.resource().equals(resource));
        }
    }
}
