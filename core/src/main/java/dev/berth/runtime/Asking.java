package dev.berth.runtime;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.StaleTokenException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks the ledger until it has an answer, and walks the road where an attempt is granted.
 *
 * @param <S> what the host hands over to say what to create
 */
final class Asking<S> {
    private static final int ROUNDS = 64;

    private final Kit<S> kit;
    private final ProvisionRequest request;
    private final Function<Grant, S> creator;
    private final Steps steps;
    private final Takeover takeover;
    private ClaimRequest wanted;
    /** The attempt that was met first: what a later one has made is as new as what this call was to make. */
    private @Nullable String met;

    Asking(Kit<S> kit, ProvisionRequest request, Function<Grant, S> creator, Steps steps) {
        this.kit = kit;
        this.request = request;
        this.creator = creator;
        this.steps = steps;
        this.takeover = new Takeover(kit, request.owner(), steps);
        this.wanted = request.claim();
    }

    ProvisionOutcome run() {
        for (int round = 0; round < ROUNDS; round++) {
            ProvisionOutcome outcome = round();
            if (outcome != null) {
                return outcome;
            }
        }
        return new ProvisionOutcome.Failed(
                ProvisionFailure.of(Kind.GAVE_UP, "others were quicker " + ROUNDS + " times in a row"),
                kit.ledger().find(request.owner()),
                steps.report());
    }

    private @Nullable ProvisionOutcome round() {
        long begun = kit.pacing().nanos();
        AttemptOutcome asked =
                kit.ledger().attempt(wanted, kit.scope(), kit.policy().span());
        steps.add(Action.CLAIM, request.owner().toString(), asked.getClass().getSimpleName());
        if (asked instanceof AttemptOutcome.Refused refused) {
            return refused(refused);
        }
        if (asked instanceof AttemptOutcome.Granted granted) {
            wanted = request.claim();
            return walk(granted, begun);
        }
        undone("its owner got what it asked for by another call");
        if (asked instanceof AttemptOutcome.Joined joined) {
            return new ProvisionOutcome.Joined(joined.claim(), joined.attempt(), steps.report());
        }
        return held(((AttemptOutcome.Held) asked).claim());
    }

    private @Nullable ProvisionOutcome walk(AttemptOutcome.Granted granted, long begun) {
        met = granted.attempt().nonce();
        return new Road<>(kit, request, creator, steps, granted.claim(), granted.attempt(), begun).run();
    }

    private @Nullable ProvisionOutcome refused(AttemptOutcome.Refused refused) {
        undone(refused.refusal().toString());
        ClaimRequest cleared = takeover.clear(refused.refusal(), request.claim());
        if (cleared == null) {
            return new ProvisionOutcome.Refused(refused.refusal(), steps.report());
        }
        wanted = cleared;
        return null;
    }

    /** The claims that were to be superseded were not: somebody else came in between. */
    private void undone(String why) {
        if (wanted != request.claim()) {
            takeover.giveUp(why);
            wanted = request.claim();
        }
    }

    /** The claim is active: its instance is looked at before it is handed out. */
    private @Nullable ProvisionOutcome held(Claim claim) {
        String maker = claim.attempt().map(Attempt::nonce).orElse("");
        boolean since = met != null && !met.equals(maker);
        met = met == null ? maker : met;
        Sighting seen = Survey.look(kit, claim, BoundedRuntime.Beat.NONE);
        steps.add(Action.LOOK, claim.instance().orElse("no instance"), seen.toString());
        if (seen instanceof Sighting.Unknown unknown) {
            return new ProvisionOutcome.Failed(
                    ProvisionFailure.of(Kind.UNKNOWN, unknown.reason()), Optional.of(claim), steps.report());
        }
        Optional<Instance> lives =
                seen.seen().filter(instance -> instance.state().isLiving());
        if (lives.isPresent() && kit.policy().mine() == Mine.REJECT) {
            return new ProvisionOutcome.Failed(
                    new ProvisionFailure(Kind.LIVES_ALREADY, "the owner's instance lives already", lives),
                    Optional.of(claim),
                    steps.report());
        }
        if ((since || kit.policy().mine() == Mine.REUSE)
                && lives.filter(instance -> instance.state() == InstanceState.RUNNING)
                        .isPresent()) {
            return new Provisioned(claim, lives.get(), Provisioned.Origin.REUSED, steps.report());
        }
        return anew(claim);
    }

    private @Nullable ProvisionOutcome anew(Claim claim) {
        try {
            long begun = kit.pacing().nanos();
            AttemptOutcome asked = kit.ledger()
                    .attempt(claim.token(), kit.scope(), kit.policy().span());
            return asked instanceof AttemptOutcome.Granted granted ? walk(granted, begun) : null;
        } catch (StaleTokenException moved) {
            steps.add(Action.CLAIM, claim.owner().toString(), Texts.of(moved));
            return null;
        }
    }
}
