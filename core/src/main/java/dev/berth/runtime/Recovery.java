package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import java.util.List;
import java.util.Optional;

/**
 * What was found in a runtime, and what became of it in the ledger.
 *
 * @param claimed claims that were made for instances that had none
 * @param unchanged claims that have their instance already
 * @param leftovers instances that failed attempts of living claims have made; the owner's next call removes them
 * @param ignored instances that nobody said anything of
 * @param unclaimed instances for which not all could be claimed; nothing was claimed for them
 * @param gap why there may be more, in words; empty if the runtime was seen whole
 */
public record Recovery(
        List<Claim> claimed,
        List<Claim> unchanged,
        List<Instance> leftovers,
        List<Instance> ignored,
        List<Unclaimed> unclaimed,
        Optional<String> gap) {
    /**
     * Copies the lists.
     *
     * @param claimed claims that were made
     * @param unchanged claims that have their instance already
     * @param leftovers instances that failed attempts have made
     * @param ignored instances that nobody said anything of
     * @param unclaimed instances for which not all could be claimed
     * @param gap why there may be more
     */
    public Recovery {
        claimed = InvalidInputException.copyOf("claimed", claimed);
        unchanged = InvalidInputException.copyOf("unchanged", unchanged);
        leftovers = InvalidInputException.copyOf("leftovers", leftovers);
        ignored = InvalidInputException.copyOf("ignored", ignored);
        unclaimed = InvalidInputException.copyOf("unclaimed", unclaimed);
    }

    /**
     * An instance for which not all could be claimed.
     *
     * @param instance the instance
     * @param reason why, for people
     */
    public record Unclaimed(Instance instance, String reason) {}
}
