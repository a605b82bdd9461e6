package dev.berth.runtime;

import dev.berth.ledger.Claim;
import java.util.List;
import java.util.Optional;

/** Finds out who is in the way in a runtime, and sends away who may be: what is ours and has no claim. */
final class Strangers {
    private final Kit<?> kit;
    private final Turn turn;
    private final Disposal disposal;

    Strangers(Kit<?> kit, Turn turn, Disposal disposal) {
        this.kit = kit;
        this.turn = turn;
        this.disposal = disposal;
    }

    /** Who is in the way. */
    sealed interface Finding {
        /**
         * Nobody, any more.
         *
         * @param how whether somebody was, and was removed
         */
        record Gone(How how) implements Finding {}

        /**
         * It could not be found out.
         *
         * @param reason why not
         */
        record Unclear(String reason) implements Finding {}

        /**
         * Somebody who stays.
         *
         * @param instance who
         * @param objection why it was not removed; empty if nobody asked for that
         * @param left what may be done instead, in order
         */
        record There(Instance instance, Optional<String> objection, List<Stranger> left) implements Finding {}
    }

    /** How it comes that nobody is in the way. */
    enum How {
        REMOVED,
        /** Somebody is, and is being removed. */
        LEAVING,
        BY_ITSELF
    }

    /** Who has a name that the runtime would not give. */
    Finding onName(Fault.NameHeld held, String name, Claim claim) {
        Sighting seen = held.holder().map(id -> kit.runtime().look(id, turn)).orElseGet(() -> named(name));
        if (seen instanceof Sighting.Unknown unknown) {
            return new Finding.Unclear("who has the name " + name + " is not known: " + unknown.reason());
        }
        // Engines keep a name a moment longer than they list its holder, and reserve it a moment before.
        return seen.seen()
                .map(instance -> instance.state() == InstanceState.REMOVING
                        ? new Finding.Gone(How.LEAVING)
                        : consider(instance, claim))
                .orElseGet(() -> new Finding.Gone(How.BY_ITSELF));
    }

    private Sighting named(String name) {
        Inventory listing = kit.runtime().inventory(turn);
        Optional<Sighting> found = listing.instances().stream()
                .filter(instance -> instance.names().contains(name))
                .findFirst()
                .map(Sighting.Present::new);
        return found.orElseGet(() -> listing.coverage().isComplete()
                ? new Sighting.Absent("nobody is listed under " + name)
                : new Sighting.Unknown(listing.gap().orElse("")));
    }

    /** Who publishes ports that the runtime would not give. A process that is no instance is nobody here. */
    Finding onPorts(List<Publication> ports, Claim claim) {
        Finding first = null;
        for (Instance instance : kit.runtime().inventory(turn).instances()) {
            if (instance.published().stream().anyMatch(open -> ports.stream().anyMatch(port -> meets(open, port)))) {
                Finding finding = consider(instance, claim);
                if (finding instanceof Finding.Gone) {
                    return finding;
                }
                first = first == null ? finding : first;
            }
        }
        return first == null ? new Finding.Gone(How.BY_ITSELF) : first;
    }

    private static boolean meets(Publication open, Publication wanted) {
        return open.port() == wanted.port()
                && open.kind().name().equals(wanted.kind().name());
    }

    private Finding consider(Instance instance, Claim claim) {
        if (instance.nonce().equals(turn.attempt().nonce())) {
            return new Finding.There(instance, Optional.empty(), List.of());
        }
        String tenant = claim.owner().tenant();
        boolean leftover = Disposal.isFor(instance, claim, kit.ledger().identity());
        Optional<String> objection = leftover ? disposal.objection(instance, tenant) : objection(instance, tenant);
        boolean wanted = leftover || kit.policy().strangers().contains(Stranger.REMOVE_IF_OURS);
        if (wanted && objection.isEmpty()) {
            turn.beat();
            Removal removal = disposal.remove(instance, tenant, turn);
            if (removal.isGone()) {
                return new Finding.Gone(How.REMOVED);
            }
            objection = Optional.of("it could not be removed: " + removal);
        }
        return new Finding.There(instance, wanted ? objection : Optional.empty(), left(instance, claim));
    }

    /** Why an instance of another claim, or of none, may not be removed. */
    private Optional<String> objection(Instance instance, String tenant) {
        return disposal.objection(instance, tenant)
                .or(() -> claimant(instance).map(other -> "the claim that it was made for lives: " + other.owner()));
    }

    private Optional<Claim> claimant(Instance instance) {
        return instance.mark().flatMap(mark -> kit.ledger().find(mark.claim()));
    }

    /** What this ledger made for one tenant is never handed to another. */
    private boolean isAnothersTenant(Instance instance, Claim claim) {
        return instance.mark()
                .filter(mark -> mark.ledger().equals(kit.ledger().identity().ledger()))
                .filter(mark -> !mark.owner().tenant().equals(claim.owner().tenant()))
                .isPresent();
    }

    private List<Stranger> left(Instance instance, Claim claim) {
        boolean claimed = isAnothersTenant(instance, claim)
                || claimant(instance).isPresent()
                || kit.ledger().holder(kit.key(instance.id())).isPresent();
        return kit.policy().strangers().stream()
                .filter(one -> one == Stranger.NEXT_CANDIDATE || (one == Stranger.ADOPT && !claimed))
                .toList();
    }
}
