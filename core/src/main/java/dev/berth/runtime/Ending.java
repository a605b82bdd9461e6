package dev.berth.runtime;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.ContentionException;
import dev.berth.ledger.Owner;
import dev.berth.ledger.StaleTokenException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How an owner's instance is stopped, removed, or let go. */
final class Ending {
    private static final int ROUNDS = 64;

    private final Kit<?> kit;
    private final Owner owner;
    private final Steps steps;
    private final Disposal disposal;
    /** The attempt that there was at first, and this call's own. */
    private final Set<String> seen = new HashSet<>();

    private String waitedFor = "";

    Ending(Kit<?> kit, Owner owner) {
        this.kit = kit;
        this.owner = owner;
        this.steps = new Steps(kit.pacing());
        this.disposal = new Disposal(kit, steps);
    }

    private interface Round<T> {
        T run(Claim claim);
    }

    /** Somebody else is at it. */
    private static final class JoinedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient AttemptOutcome.Joined joined;

        JoinedException(AttemptOutcome.Joined joined) {
            super(null, null, false, false);
            this.joined = joined;
        }
    }

    /**
     * Runs a round until the claim was as the round saw it. An attempt that is under way when this first looks is waited for,
     * and what comes of it is part of what this is to end. What somebody else has provisioned since, by an attempt that began
     * later, is another one (law L5).
     */
    private <T> Optional<T> retrying(String what, Round<T> round) {
        var patience = Patience.of(kit);
        boolean first = true;
        for (int moves = 0; moves < ROUNDS; ) {
            Optional<Claim> found = kit.ledger().find(owner);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            Claim claim = found.get();
            if (first) {
                seen.add(nonce(claim));
                first = false;
            } else if (claim.state() != ClaimState.PENDING && !seen.contains(nonce(claim))) {
                throw failed(
                        ProvisionFailure.of(
                                Kind.GAVE_UP,
                                "somebody else has gone on with it meanwhile; ask again if it is still meant"),
                        found);
            }
            try {
                return Optional.of(round.run(claim));
            } catch (StaleTokenException | OvertakenException moved) {
                steps.add(Action.CLAIM, owner.toString(), Texts.of(moved));
                moves++;
            } catch (JoinedException other) {
                // What began after this call had looked is not for it to end, so there is nothing to wait for.
                if (!seen.contains(other.joined.attempt().nonce()) || !patience.rest()) {
                    throw new ProvisionException(
                            owner,
                            new ProvisionOutcome.Joined(other.joined.claim(), other.joined.attempt(), steps.report()));
                }
            }
        }
        throw new ContentionException(what + " of " + owner, ROUNDS);
    }

    /** What tells the attempts of all claims apart; a reservation that never had one is told by its id. */
    private static String nonce(Claim claim) {
        return claim.attempt().map(Attempt::nonce).orElseGet(() -> claim.id().toString());
    }

    // ------------------------------------------------------------------ stopping

    Claim stop() {
        return retrying("stop", this::stop).orElseThrow(() -> new ClaimNotFoundException(owner, "stop"));
    }

    private Claim stop(Claim found) {
        if (found.isReservation()) {
            throw new ClaimNotFoundException(owner, "stop (it holds a reservation, which has no instance)");
        }
        requireHere(found);
        Claim claim = found;
        if (claim.state() == ClaimState.PENDING || claim.state() == ClaimState.FAILED) {
            claim = cleared(claim);
        }
        Sighting seen = Survey.look(kit, claim, BoundedRuntime.Beat.NONE);
        Optional<Instance> lives =
                seen.seen().filter(instance -> !instance.state().isAtRest());
        if (lives.isPresent()) {
            return stop(claim, lives.get());
        }
        if (seen instanceof Sighting.Unknown unknown) {
            throw failed(ProvisionFailure.of(Kind.UNKNOWN, unknown.reason()), Optional.of(claim));
        }
        if (seen.seen().isEmpty()) {
            requireRightRuntime(claim);
        }
        return kit.ledger().stop(claim.token());
    }

    /** Removes what failed attempts have left, which may run as well. */
    private Claim cleared(Claim claim) {
        long begun = kit.pacing().nanos();
        AttemptOutcome.Granted granted = fence(claim);
        Attempt attempt = granted.attempt();
        var turn = new Turn(kit.ledger(), attempt, kit.policy().span(), kit.pacing(), begun);
        Survey survey = Survey.of(kit, granted.claim(), turn, steps);
        survey.gap().ifPresent(gap -> {
            throw kept(attempt, ProvisionFailure.of(Kind.UNKNOWN, gap));
        });
        removeAll(survey.leftovers(), attempt, turn);
        return kit.ledger().fail(attempt, "stopped before it was up");
    }

    /** Stops what lives, and lets nobody start it meanwhile: a start that crosses a stop would hand out what has ended. */
    private Claim stop(Claim claim, Instance instance) {
        long begun = kit.pacing().nanos();
        Attempt attempt = fence(claim).attempt();
        var turn = new Turn(kit.ledger(), attempt, kit.policy().span(), kit.pacing(), begun);
        turn.beat();
        try {
            Optional<ProvisionFailure> failure =
                    tryStop(instance, turn).or(() -> kit.gate().check());
            if (failure.isEmpty()) {
                return kit.ledger().stop(kit.ledger().fail(attempt, "stopped").token());
            }
            throw claim.state() == ClaimState.ACTIVE
                    ? failed(failure.get(), Optional.of(kit.ledger().activate(attempt, instance.id())))
                    : kept(attempt, failure.get());
        } catch (StaleTokenException | OvertakenException overtaken) {
            return stoppedLate(instance).orElseThrow(() -> overtaken);
        }
    }

    /** A stop that came after somebody else had started the instance again: the ledger says so. */
    private Optional<Claim> stoppedLate(Instance instance) {
        boolean atRest = kit.runtime()
                .look(instance.id())
                .seen()
                .filter(one -> one.state().isAtRest())
                .isPresent();
        return kit.ledger()
                .find(owner)
                .filter(now -> atRest && now.state() == ClaimState.ACTIVE)
                .filter(now -> now.instance().equals(Optional.of(instance.id())))
                .map(now -> kit.ledger().stop(now.token()));
    }

    /** Why an instance is not known to have stopped; empty if it is. */
    private Optional<ProvisionFailure> tryStop(Instance instance, Turn turn) {
        Optional<ProvisionFailure> fault = Optional.empty();
        try {
            kit.runtime().stop(instance.id(), turn);
        } catch (RuntimeFaultException failure) {
            // Whatever it was, the instance itself tells whether it runs.
            steps.add(Action.LOOK, instance.toString(), failure.fault().toString());
            fault = Optional.of(ProvisionFailure.of("stop of " + instance, failure.fault()));
        }
        Sighting seen = kit.runtime().look(instance.id(), turn);
        if (seen instanceof Sighting.Unknown unknown) {
            return fault.or(() -> Optional.of(ProvisionFailure.of(Kind.UNKNOWN, unknown.reason())));
        }
        return seen.seen().filter(one -> !one.state().isAtRest()).isEmpty()
                ? Optional.empty()
                : fault.or(() ->
                        Optional.of(new ProvisionFailure(Kind.UNKNOWN, "it was told to stop, and runs", seen.seen())));
    }

    // ------------------------------------------------------------------ removing

    boolean remove() {
        return retrying("removal", this::remove).orElse(false);
    }

    private boolean remove(Claim claim) {
        if (claim.isReservation()) {
            return kit.ledger().release(claim);
        }
        requireHere(claim);
        // While somebody is at it, or may be, the ledger is asked alone: whoever waits costs the runtime nothing.
        boolean begins = claim.state() != ClaimState.PENDING;
        if (begins) {
            requireRightRuntime(claim);
        }
        long begun = kit.pacing().nanos();
        AttemptOutcome.Granted granted = fence(claim);
        Attempt attempt = granted.attempt();
        if (!begins) {
            kit.gate().check().ifPresent(wrong -> {
                throw kept(attempt, wrong);
            });
        }
        var turn = new Turn(kit.ledger(), attempt, kit.policy().span(), kit.pacing(), begun);
        Survey survey = Survey.of(kit, granted.claim(), turn, steps);
        if (survey.own() instanceof Sighting.Unknown unknown) {
            throw kept(attempt, ProvisionFailure.of(Kind.UNKNOWN, unknown.reason()));
        }
        if (survey.gap().isPresent()) {
            throw kept(attempt, ProvisionFailure.of(Kind.UNKNOWN, survey.gap().get()));
        }
        List<Instance> doomed = new ArrayList<>(survey.leftovers());
        survey.own().seen().filter(this::isOurs).ifPresent(doomed::add);
        for (Instance instance : doomed) {
            disposal.foreign(instance, owner.tenant()).ifPresent(why -> {
                throw kept(
                        attempt,
                        new ProvisionFailure(Kind.NOT_OURS, "it cannot be removed: " + why, Optional.of(instance)));
            });
        }
        Claim detached = kit.ledger().detach(attempt);
        removeAll(doomed, attempt, turn);
        return kit.ledger().release(detached);
    }

    private void removeAll(List<Instance> doomed, Attempt attempt, Turn turn) {
        for (Instance instance : doomed) {
            turn.beat();
            Removal removal = disposal.remove(instance, owner.tenant(), turn);
            if (!removal.isGone()) {
                throw kept(
                        attempt,
                        new ProvisionFailure(
                                removal instanceof Removal.Kept ? Kind.NOT_OURS : Kind.UNKNOWN,
                                "it could not be removed: " + removal,
                                Optional.of(instance)));
            }
        }
    }

    /** Whether it was made here, for the same tenant; what was adopted is let go. */
    private boolean isOurs(Instance instance) {
        return instance.mark()
                .filter(mark -> mark.ledger().equals(kit.ledger().identity().ledger())
                        && mark.owner().tenant().equals(owner.tenant()))
                .isPresent();
    }

    boolean letGo() {
        return retrying("letting go", claim -> {
                    if (claim.state() != ClaimState.PENDING) {
                        return kit.ledger().release(claim);
                    }
                    requireHere(claim);
                    return kit.ledger().release(fence(claim).claim());
                })
                .orElse(false);
    }

    // ------------------------------------------------------------------ common

    /** Begins an attempt, so that nobody else makes or ends an instance of the claim meanwhile. */
    private AttemptOutcome.Granted fence(Claim claim) {
        AttemptOutcome asked =
                kit.ledger().attempt(claim.token(), kit.scope(), kit.policy().span());
        if (asked instanceof AttemptOutcome.Granted granted) {
            seen.add(granted.attempt().nonce());
            return granted;
        }
        if (asked instanceof AttemptOutcome.Joined joined) {
            noteJoined(joined.attempt());
            throw new JoinedException(joined);
        }
        throw new ClaimRefusedException(((AttemptOutcome.Refused) asked).refusal());
    }

    /** Once for each attempt that is waited for, not for each time that it is asked after. */
    private void noteJoined(Attempt other) {
        if (!other.nonce().equals(waitedFor)) {
            waitedFor = other.nonce();
            steps.add(Action.JOIN, owner.toString(), "somebody else is at it until " + other.until());
        }
    }

    private void requireHere(Claim claim) {
        if (!claim.home().equals(Optional.of(kit.scope()))) {
            throw failed(
                    ProvisionFailure.of(
                            Kind.WRONG_RUNTIME,
                            "its instance is at home in "
                                    + claim.home().map(Object::toString).orElse("no scope") + ", not in "
                                    + kit.scope()),
                    Optional.of(claim));
        }
    }

    private void requireRightRuntime(Claim claim) {
        kit.gate().check().ifPresent(wrong -> {
            throw failed(wrong, Optional.of(claim));
        });
    }

    private ProvisionException kept(Attempt attempt, ProvisionFailure failure) {
        @Nullable Claim claim = kit.ledger().fail(attempt, failure.toString());
        steps.add(Action.FAIL, owner.toString(), failure.toString());
        return failed(failure, Optional.ofNullable(claim));
    }

    private ProvisionException failed(ProvisionFailure failure, Optional<Claim> claim) {
        return new ProvisionException(owner, new ProvisionOutcome.Failed(failure, claim, steps.report()));
    }
}
