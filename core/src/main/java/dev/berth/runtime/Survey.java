package dev.berth.runtime;

import dev.berth.ledger.Claim;
import dev.berth.ledger.LedgerIdentity;
import dev.berth.runtime.ProvisionReport.Action;
import java.util.List;
import java.util.Optional;

/**
 * What a runtime has of a claim: the instance that the claim has, and what attempts have left behind. What an attempt made
 * and never activated was never handed to anybody; it is removed, never taken up, because the one who made it may only
 * have slept, and would remove it when it wakes.
 *
 * @param own the claim's own instance; absent if it has none
 * @param leftovers instances made for the claim that are not its own
 * @param gap why there may be more, in words; empty if there is not
 */
record Survey(Sighting own, List<Instance> leftovers, Optional<String> gap) {
    /** Looks for all of it. The absence of the claim's own instance is proven by the runtime, asked for it alone. */
    static Survey of(Kit<?> kit, Claim claim, BoundedRuntime.Beat beat, Steps steps) {
        Inventory listing = kit.runtime().inventory(beat);
        LedgerIdentity identity = kit.ledger().identity();
        Sighting own = own(kit, claim, listing, beat);
        Optional<String> ownId = own.seen().map(Instance::id);
        List<Instance> leftovers = listing.instances().stream()
                .filter(instance -> Disposal.isFor(instance, claim, identity))
                .filter(instance -> !ownId.equals(Optional.of(instance.id())))
                .toList();
        // That nothing is listed may be true: who answers was made sure of, and each absence is asked for by itself.
        Optional<String> gap = listing.coverage().isComplete() ? Optional.empty() : listing.gap();
        if (gap.isEmpty()) {
            gap = remnant(claim, listing);
        }
        if (gap.isEmpty() && !(own instanceof Sighting.Unknown)) {
            gap = kit.gate().check().map(ProvisionFailure::detail);
        }
        var survey = new Survey(own, leftovers, gap);
        steps.add(Action.SURVEY, claim.owner().toString(), survey.toString());
        return survey;
    }

    private static Sighting own(Kit<?> kit, Claim claim, Inventory listing, BoundedRuntime.Beat beat) {
        if (claim.instance().isEmpty()) {
            return new Sighting.Absent("the claim has no instance");
        }
        Sighting listed = identified(listing.sight(claim.instance().get()), claim);
        return listed instanceof Sighting.Present ? listed : look(kit, claim, beat);
    }

    /** Looks at the instance that a claim has. */
    static Sighting look(Kit<?> kit, Claim claim, BoundedRuntime.Beat beat) {
        return claim.instance()
                .map(id -> identified(kit.runtime().look(id, beat), claim))
                .orElseGet(() -> new Sighting.Absent("the claim has no instance"));
    }

    /** What has the claim's id is the claim's own, or another one, or may be either. */
    private static Sighting identified(Sighting seen, Claim claim) {
        return seen.seen().map(instance -> instance.sightingOf(claim)).orElse(seen);
    }

    /** What may be left of an instance that the claim gave up, or may be becoming one, and cannot be told by a mark. */
    private static Optional<String> remnant(Claim claim, Inventory listing) {
        return claim.instance().isPresent()
                ? Optional.empty()
                : listing.instances().stream()
                        .flatMap(instance -> instance.doubt(claim).stream())
                        .findFirst();
    }

    @Override
    public String toString() {
        return (own instanceof Sighting.Present present ? "has " + present.instance() : own.toString())
                + ", left behind " + leftovers
                + gap.map(reason -> ", and perhaps more: " + reason).orElse("");
    }
}
