package dev.berth.runtime;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.StaleTokenException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.util.List;
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
    private static final String OTHER_CALL = "its owner got what it asked for by another call";

    private final Kit<S> kit;
    private final ProvisionRequest request;
    private final Function<Grant, S> creator;
    private final Steps steps;
    private final Takeover takeover;
    private ClaimRequest wanted;
    /**
     * The attempt that the claim was active by when it was first asked for, empty text if it was not: what another one has
     * made since is as new as what this call was to make.
     */
    private @Nullable String activeAtFirst;
    /** Whether it was joined to somebody else's attempt when it last asked. */
    private boolean waits;
    /** Whether this asking has made sure of the runtime. */
    private boolean checked;

    private String waitedFor = "";

    Asking(Kit<S> kit, ProvisionRequest request, Function<Grant, S> creator) {
        this.kit = kit;
        this.request = request;
        this.creator = creator;
        this.steps = new Steps(kit.pacing());
        this.takeover = new Takeover(kit, request.owner(), steps);
        this.wanted = request.claim();
    }

    /**
     * Asks once more; to be called again after it was joined to somebody else's attempt. Then the ledger is asked first, so
     * that whoever waits costs the runtime nothing, however many they are.
     */
    ProvisionOutcome run() {
        checked = false;
        if (!waits) {
            Optional<ProvisionFailure> wrong = check();
            if (wrong.isPresent()) {
                return failed(wrong.get(), kit.ledger().find(request.owner()));
            }
        }
        for (int round = 0; round < ROUNDS; round++) {
            ProvisionOutcome outcome = round();
            if (outcome != null) {
                waits = outcome instanceof ProvisionOutcome.Joined;
                return outcome;
            }
        }
        return failed(
                ProvisionFailure.of(Kind.GAVE_UP, "others were quicker " + ROUNDS + " times in a row"),
                kit.ledger().find(request.owner()));
    }

    /** Why the runtime's word does not count now; empty if it does, or that was found out by this asking. */
    private Optional<ProvisionFailure> check() {
        if (checked) {
            return Optional.empty();
        }
        Optional<ProvisionFailure> wrong = kit.gate().check();
        steps.add(
                Action.CHECK_RUNTIME,
                kit.scope().toString(),
                wrong.map(ProvisionFailure::toString).orElse("the one that it was"));
        checked = wrong.isEmpty();
        return wrong;
    }

    private ProvisionOutcome failed(ProvisionFailure failure, Optional<Claim> kept) {
        return new ProvisionOutcome.Failed(failure, kept, steps.report());
    }

    private @Nullable ProvisionOutcome round() {
        long begun = kit.pacing().nanos();
        AttemptOutcome asked =
                kit.ledger().attempt(wanted, kit.scope(), kit.policy().span());
        note(asked);
        if (activeAtFirst == null && !(asked instanceof AttemptOutcome.Refused)) {
            activeAtFirst = asked instanceof AttemptOutcome.Held held ? maker(held.claim()) : "";
        }
        if (asked instanceof AttemptOutcome.Granted granted) {
            wanted = request.claim();
            return walk(granted, begun);
        }
        if (asked instanceof AttemptOutcome.Joined joined) {
            undone(OTHER_CALL);
            return new ProvisionOutcome.Joined(joined.claim(), joined.attempt(), steps.report());
        }
        Optional<ProvisionFailure> wrong = check();
        if (wrong.isPresent()) {
            return failed(wrong.get(), kit.ledger().find(request.owner()));
        }
        if (asked instanceof AttemptOutcome.Refused refused) {
            return refused(refused);
        }
        undone(OTHER_CALL);
        return held(((AttemptOutcome.Held) asked).claim());
    }

    /** Once for each attempt that is waited for, not for each time that it is asked after. */
    private void note(AttemptOutcome asked) {
        String other =
                asked instanceof AttemptOutcome.Joined joined ? joined.attempt().nonce() : "";
        if (other.isEmpty() || !other.equals(waitedFor)) {
            steps.add(Action.CLAIM, request.owner().toString(), asked.getClass().getSimpleName());
        }
        waitedFor = other;
    }

    private @Nullable ProvisionOutcome walk(AttemptOutcome.Granted granted, long begun) {
        return new Road<>(kit, request, creator, steps, granted.claim(), granted.attempt(), begun).run(this::check);
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

    private static String maker(Claim claim) {
        return claim.attempt().map(Attempt::nonce).orElse("");
    }

    /** The claim is active: its instance is looked at before it is handed out. */
    private @Nullable ProvisionOutcome held(Claim claim) {
        Sighting seen = Survey.look(kit, claim, BoundedRuntime.Beat.NONE);
        steps.add(Action.LOOK, claim.instance().orElse("no instance"), seen.toString());
        if (seen instanceof Sighting.Unknown unknown) {
            return failed(ProvisionFailure.of(Kind.UNKNOWN, unknown.reason()), Optional.of(claim));
        }
        Optional<Instance> own = seen.seen();
        Optional<Instance> lives = own.filter(instance -> !instance.state().isAtRest());
        boolean since = !maker(claim).equals(activeAtFirst);
        Mine mine = since ? Mine.REUSE : kit.policy().mine();
        if (lives.isPresent() && mine == Mine.REJECT) {
            return failed(
                    new ProvisionFailure(Kind.LIVES_ALREADY, "the owner's instance lives already", lives),
                    Optional.of(claim));
        }
        if (own.isPresent() && mine == Mine.REPLACE) {
            Optional<String> stays =
                    new Disposal(kit, steps).foreign(own.get(), claim.owner().tenant());
            if (stays.isPresent()) {
                return failed(
                        new ProvisionFailure(Kind.NOT_OURS, "it cannot be replaced: " + stays.get(), own),
                        Optional.of(claim));
            }
        }
        Optional<Instance> runs = lives.filter(instance -> instance.state() == InstanceState.RUNNING);
        return runs.isPresent() && mine == Mine.REUSE ? reuse(claim, runs.get()) : anew(claim);
    }

    /** Hands out what runs, if it is what was asked for; else it is left as it is. */
    private ProvisionOutcome reuse(Claim claim, Instance instance) {
        var landing = new Landing(kit, BoundedRuntime.Beat.NONE, steps);
        List<Publication> asked = Parts.publications(claim, request);
        Optional<ProvisionFailure> failure = landing.judge(instance, asked)
                .failure()
                .map(wrong -> Landing.leftRunning(wrong, instance, claim, asked));
        try {
            failure = failure.isPresent() ? failure : landing.awaitHealth(instance, request.health());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            failure = Optional.of(ProvisionFailure.of(Kind.INTERRUPTED, "the calling thread was interrupted"));
        }
        return failure.isPresent()
                ? failed(failure.get(), Optional.of(claim))
                : new Provisioned(claim, instance, Provisioned.Origin.REUSED, steps.report());
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
