package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is known about one resource: held by whom, since when, in what state, or why it is not grantable now.
 *
 * @param resource the resource
 * @param at the store's time of the answer
 * @param occupant what sits on it, empty if nothing does
 * @param overlapping what sits on resources that overlap it, for kinds that know overlaps
 * @param history who held it before, latest first, at most 10
 */
public record Explanation(
        Resource resource,
        Instant at,
        Optional<Occupant> occupant,
        List<Occupant> overlapping,
        List<HistoryEntry> history) {
    /**
     * Copies the lists.
     *
     * @param resource the resource
     * @param at the store's time of the answer
     * @param occupant what sits on it
     * @param overlapping what sits on resources that overlap it, for kinds that know overlaps
     * @param history who held it before, latest first, at most 10
     */
    public Explanation {
        overlapping = InvalidInputException.copyOf("overlapping", overlapping);
        history = InvalidInputException.copyOf("history", history);
    }

    /**
     * Says whether an owner's next claim could have the resource, as of this answer.
     *
     * @param owner who would ask
     * @return true if nothing stands in this owner's way, or only what gives way to it
     */
    public boolean isGrantableTo(Owner owner) {
        return occupant.map(found -> givesWay(found, owner)).orElse(true)
                && overlapping.stream().allMatch(found -> givesWay(found, owner));
    }

    private static boolean givesWay(Occupant occupant, Owner owner) {
        return occupant instanceof Occupant.Holder holder
                ? holder.lapsed() || holder.owner().equals(owner)
                : ((Occupant.Block) occupant).lets(owner);
    }

    @Override
    public String toString() {
        String now = occupant.map(Object::toString).orElse(resource + " is free");
        String around = overlapping.isEmpty()
                ? ""
                : "; overlaps: " + overlapping.stream().map(Object::toString).collect(Collectors.joining("; "));
        String before = history.isEmpty()
                ? ""
                : "; before: "
                        + history.stream()
                                .map(entry -> entry.owner() + " from " + entry.from() + " to " + entry.until() + " ("
                                        + entry.reason() + ")")
                                .collect(Collectors.joining(", "));
        return now + around + before;
    }
}
