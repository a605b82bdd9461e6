package dev.berth.runtime;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.StaleTokenException;
import dev.berth.runtime.ProvisionReport.Action;
import java.util.Optional;

/** A claim whose instance is proven to be gone, because its runtime has used the instance's id again. */
final class Ghost {
    private Ghost() {}

    /**
     * Lets the claim that lists an instance's id give it up, if it certainly means another instance that had the id before.
     * It keeps the rest, and is told why.
     *
     * @return whether the id is free now
     */
    static boolean givesUp(Kit<?> kit, Instance instance, Steps steps) {
        Optional<Claim> holder = kit.ledger()
                .holder(kit.key(instance.id()))
                .filter(claim -> !claim.isReservation() && instance.sightingOf(claim) instanceof Sighting.Absent);
        if (holder.isEmpty()) {
            return false;
        }
        Claim ghost = holder.get();
        try {
            if (!(kit.ledger().attempt(ghost.token(), kit.scope(), kit.policy().span())
                    instanceof AttemptOutcome.Granted granted)) {
                return false;
            }
            Attempt attempt = granted.attempt();
            kit.ledger().detach(attempt);
            kit.ledger().fail(attempt, "its instance is gone: the id belongs to " + instance + " now");
            steps.add(Action.DETACH, ghost.owner().toString(), "its instance is gone, the id was used again");
            return true;
        } catch (StaleTokenException moved) {
            return false;
        }
    }
}
