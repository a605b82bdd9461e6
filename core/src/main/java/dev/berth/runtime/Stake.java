package dev.berth.runtime;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt has at stake, its claim and the instance that it makes, and how it ends: handed out, taken back, or kept.
 * For one thread.
 */
final class Stake {
    private static final int ACTIVATIONS = 5;

    private final Kit<?> kit;
    private final Turn turn;
    private final Steps steps;
    private final Attempt attempt;
    private final Disposal disposal;
    private final Landing landing;
    private final boolean fresh;
    private Claim claim;

    /** The instance that this attempt has made, until it is handed out or gone. */
    private @Nullable Instance made;
    /** How many creates have no answer yet: something may have been made, or may be yet, that was not found. */
    private int unanswered;
    /** Whether the claim may have been made active without an answer: then the instance may be in use. */
    private boolean perhapsActive;

    Stake(Kit<?> kit, Turn turn, Steps steps, Claim claim) {
        this.kit = kit;
        this.turn = turn;
        this.steps = steps;
        this.claim = claim;
        this.attempt = turn.attempt();
        this.disposal = new Disposal(kit, steps);
        this.landing = new Landing(kit, turn, steps);
        this.fresh = claim.token().revision() == 1;
    }

    Claim claim() {
        return claim;
    }

    /** Notes that the claim has changed. */
    void claim(Claim changed) {
        claim = changed;
    }

    /** Notes that a create was answered with an instance. */
    void made(Instance instance) {
        answered();
        made = instance;
    }

    /** Notes that a create is about to be asked for. */
    void asks() {
        unanswered++;
    }

    /** Notes that the runtime has answered a create. */
    void answered() {
        unanswered--;
    }

    /** Notes that what the lost answer was about has been found. */
    void found(Instance instance) {
        unanswered = 0;
        made = instance;
    }

    /** Hands an instance out, once the ledger has it. */
    ProvisionOutcome activate(Instance instance, Provisioned.Origin origin) {
        turn.beat();
        for (int round = 1; ; round++) {
            try {
                Claim active = kit.ledger().activate(attempt, instance.id(), instance.remembered());
                steps.add(Action.ACTIVATE, instance.toString(), "active");
                made = null;
                return new Provisioned(active, instance, origin, steps.report());
            } catch (ClaimRefusedException taken) {
                if (round < ACTIVATIONS && idIsFree(instance, taken)) {
                    continue;
                }
                return back(new ProvisionFailure(Kind.NOT_OURS, taken.refusal().toString(), Optional.of(instance)));
            } catch (StoreUnavailableException failure) {
                perhapsActive |= failure.outcome() == StoreUnavailableException.Outcome.UNKNOWN;
                if (!failure.isRetryable() || round == ACTIVATIONS) {
                    throw failure;
                }
                steps.add(Action.ACTIVATE, instance.toString(), Texts.of(failure));
                landing.restBriefly(Duration.ofMillis(20L << round));
            }
        }
    }

    /** Where the engine has used the id again: those who meant what had it before give it up. */
    private boolean idIsFree(Instance instance, ClaimRefusedException taken) {
        if (Ghost.givesUp(kit, instance, steps)) {
            return true;
        }
        boolean barred = taken.refusal().holders().isEmpty() && instance.nonce().equals(attempt.nonce());
        if (barred) {
            // The removal of another one that had the id is over, or this one would not be there.
            kit.ledger().unblock(kit.key(instance.id()));
        }
        return barred;
    }

    // ------------------------------------------------------------------ going back

    /** Removes what this attempt has made. */
    Removal unmake() {
        if (made == null) {
            return new Removal.WasAbsent("nothing was made");
        }
        Removal removal = disposal.remove(made, claim.owner().tenant(), turn);
        if (removal.isGone()) {
            made = null;
        }
        return removal;
    }

    /** Takes back what this attempt has done, once: no other step follows. */
    ProvisionOutcome back(ProvisionFailure failure) {
        // An interrupt ends the work, not the cleaning up after it.
        boolean interrupted = Thread.interrupted();
        try {
            if (perhapsActive) {
                return new ProvisionOutcome.Failed(failure, Optional.of(claim), steps.report());
            }
            boolean gone = unmake().isGone() && unanswered == 0;
            ProvisionFailure told = interrupted ? ProvisionFailure.of(Kind.INTERRUPTED, failure.detail()) : failure;
            if (!gone || !fresh) {
                return keep(told);
            }
            kit.ledger().abandon(attempt);
            steps.add(Action.RELEASE, claim.owner().toString(), "given back: " + told.detail());
            return new ProvisionOutcome.Failed(told, Optional.empty(), steps.report());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the attempt as failed, and keeps everything. */
    ProvisionOutcome keep(ProvisionFailure failure) {
        Claim failed = kit.ledger().fail(attempt, failure.detail());
        steps.add(Action.FAIL, failed.owner().toString(), failure.detail());
        return new ProvisionOutcome.Failed(failure, Optional.of(failed), steps.report());
    }

    /**
     * Somebody else has the attempt. What this one has made was never handed out and nobody will take it up, so it goes;
     * the claim is not touched.
     */
    void letGo(RuntimeException overtaken) {
        steps.add(Action.JOIN, claim.owner().toString(), Texts.of(overtaken));
        if (made == null || perhapsActive) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            disposal.remove(made, claim.owner().tenant(), BoundedRuntime.Beat.NONE);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
