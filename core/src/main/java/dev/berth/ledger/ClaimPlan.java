package dev.berth.ledger;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one round of a request would take, and what stands in its way. */
final class ClaimPlan {
    final List<Commit.Take> takes = new ArrayList<>();
    /** The fixed resources, each with the part that it is for; all other takes were chosen. */
    final Map<Resource, String> fixed = new LinkedHashMap<>();
    /** The parts that are missing. */
    final Set<String> parts = new LinkedHashSet<>();

    final List<Obstacle> obstacles = new ArrayList<>();
    final List<Claim> superseded = new ArrayList<>();
    List<Commit.RecordWrite> guards = List.of();

    Set<Resource> resources() {
        Set<Resource> resources = new HashSet<>();
        takes.forEach(take -> resources.add(take.resource()));
        return resources;
    }

    boolean supersedes(Claim claim) {
        return superseded.stream().anyMatch(other -> other.id().equals(claim.id()));
    }

    boolean supersedes(Occupant occupant) {
        return occupant instanceof Occupant.Holder holder
                && superseded.stream().anyMatch(claim -> claim.token().equals(holder.token()));
    }

    /**
     * A change of parts that are held: what is given back in the same commit.
     *
     * @param expected the token that the claim must have
     * @param gives what is given back
     * @param direct the one resource that is taken instead, where it is not for a request to say
     */
    record Move(Token expected, List<Commit.Give> gives, Commit.@Nullable Take direct) {}
}
