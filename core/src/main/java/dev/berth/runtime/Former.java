package dev.berth.runtime;

import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What earlier attempts of a claim have left: leftovers go, and the claim's own instance comes up again, or is replaced. */
final class Former {
    private final Kit<?> kit;
    private final Turn turn;
    private final Steps steps;
    private final Stake stake;
    private final Disposal disposal;
    private final Landing landing;
    private final Moving moving;

    Former(Kit<?> kit, Turn turn, Steps steps, Stake stake, Moving moving) {
        this.kit = kit;
        this.turn = turn;
        this.steps = steps;
        this.stake = stake;
        this.disposal = new Disposal(kit, steps);
        this.landing = new Landing(kit, turn, steps);
        this.moving = moving;
    }

    private String tenant() {
        return stake.claim().owner().tenant();
    }

    /** Deals with what earlier attempts have left; null if an instance is to be made. */
    @Nullable
    ProvisionOutcome settle(List<Publication> asked, Optional<Duration> health) throws InterruptedException {
        Survey survey = Survey.of(kit, stake.claim(), turn, steps);
        if (survey.own() instanceof Sighting.Unknown unknown) {
            return stake.keep(ProvisionFailure.of(Kind.UNKNOWN, unknown.reason()));
        }
        if (survey.gap().isPresent()) {
            return stake.keep(ProvisionFailure.of(Kind.UNKNOWN, survey.gap().get()));
        }
        for (Instance leftover : survey.leftovers()) {
            ProvisionOutcome failed = clear(leftover);
            if (failed != null) {
                return failed;
            }
        }
        Optional<Instance> own = survey.own().seen();
        if (own.isEmpty()) {
            return null;
        }
        boolean broken = own.get().state() == InstanceState.BROKEN || own.get().state() == InstanceState.REMOVING;
        if (kit.policy().mine() == Mine.REJECT && own.get().state().isLiving()) {
            return stake.keep(new ProvisionFailure(Kind.LIVES_ALREADY, "the owner's instance lives already", own));
        }
        if (kit.policy().mine() != Mine.REPLACE && !broken) {
            List<Publication> left = Parts.movedFrom(own.get(), stake.claim(), asked);
            return left.isEmpty() || isUp(own.get()) ? resume(own.get(), asked, health) : outdated(own.get(), left);
        }
        Optional<String> objection = disposal.foreign(own.get(), tenant());
        if (objection.isPresent()) {
            return stake.keep(new ProvisionFailure(Kind.NOT_OURS, "it cannot be replaced: " + objection.get(), own));
        }
        return discard(own.get());
    }

    private static boolean isUp(Instance own) {
        return own.state() == InstanceState.RUNNING || own.state() == InstanceState.STARTING;
    }

    /** The claim gives its instance up, and then it goes; null if it is gone. */
    private @Nullable ProvisionOutcome discard(Instance own) {
        turn.beat();
        stake.claim(kit.ledger().detach(turn.attempt()));
        steps.add(Action.DETACH, own.toString(), "the claim gives it up");
        return clear(own);
    }

    /**
     * One that would open ports that its claim has moved from is never started: they may be another's by now. So nothing
     * but a new one will do.
     */
    private @Nullable ProvisionOutcome outdated(Instance own, List<Publication> left) {
        return discardAtRest(
                own,
                "its own instance is made for the ports " + left + ", which its claim does not hold any more, and is "
                        + own.state().name().toLowerCase(Locale.ROOT));
    }

    /**
     * Lets an own instance go that cannot come up again, and does not run: null if it is gone. It is kept, with the reason,
     * where it is not ours, or is to be left alone, or where it is not proven to be at rest: what runs may be in use.
     */
    private @Nullable ProvisionOutcome discardAtRest(Instance own, String why) {
        Optional<String> objection = mayGo(own);
        // Asked for alone, since a listing may be older, and bracketed by who answers.
        Sighting seen = Survey.look(kit, stake.claim(), turn);
        Optional<String> stays = objection
                .or(() -> kit.gate().check().map(ProvisionFailure::detail))
                .or(() -> seen instanceof Sighting.Absent
                                || seen.seen()
                                        .filter(one -> one.state().isAtRest())
                                        .isPresent()
                        ? Optional.empty()
                        : Optional.of("it is not known to be at rest; stop it and ask again, or replace it: " + seen));
        if (stays.isPresent()) {
            return stake.keep(new ProvisionFailure(Kind.PORT_HELD, why + "; " + stays.get(), Optional.of(own)));
        }
        return seen.seen().isPresent() ? discard(own) : null;
    }

    /** Why an own instance that cannot come up again is kept all the same. */
    private Optional<String> mayGo(Instance own) {
        return kit.policy().mine() == Mine.REUSE
                ? disposal.foreign(own, tenant()).map(why -> "it cannot be replaced: " + why)
                : Optional.of("it is to be left alone; replace the instance");
    }

    /** One that runs without its ports is stopped again: engines leave such an instance without any network. */
    private void leave(Instance own, Landing.Verdict verdict) {
        if (verdict.instance().filter(up -> up.state() == InstanceState.RUNNING).isEmpty()
                || !own.state().isAtRest()) {
            return;
        }
        try {
            kit.runtime().stop(own.id(), turn);
            steps.add(Action.START, own.toString(), "stopped again");
        } catch (RuntimeFaultException failure) {
            steps.add(Action.START, own.toString(), failure.fault().toString());
        }
    }

    private @Nullable ProvisionOutcome clear(Instance instance) {
        turn.beat();
        Removal removal = disposal.remove(instance, tenant(), turn);
        if (removal.isGone()) {
            return null;
        }
        Kind kind = removal instanceof Removal.Kept ? Kind.NOT_OURS : Kind.UNKNOWN;
        return stake.keep(new ProvisionFailure(
                kind, "what an earlier attempt left could not be removed: " + removal, Optional.of(instance)));
    }

    /**
     * Brings the claim's own instance up again. It is kept, since it may have data that nobody else has, unless what keeps
     * it from coming up is its ports, and only with others can there be one.
     */
    private @Nullable ProvisionOutcome resume(Instance own, List<Publication> asked, Optional<Duration> health)
            throws InterruptedException {
        turn.beat();
        Optional<Fault> doubt = Optional.empty();
        if (!isUp(own)) {
            try {
                kit.runtime().start(own.id(), turn);
                steps.add(Action.START, own.toString(), "started again");
            } catch (RuntimeFaultException failure) {
                steps.add(Action.START, own.toString(), failure.fault().toString());
                if (failure.fault() instanceof Fault.Missing) {
                    return null;
                }
                if (failure.fault() instanceof Fault.PortHeld held) {
                    return portHeld(own, held);
                }
                if (!failure.fault().mayHaveHappened()) {
                    return stake.keep(ProvisionFailure.of("start of " + own, failure.fault()));
                }
                doubt = Optional.of(failure.fault());
            }
        }
        Landing.Verdict verdict = landing.verify(own.id(), own.nonce(), asked).after(doubt);
        if (verdict.failure().isPresent()) {
            leave(own, verdict);
            return isSilent(own, verdict, asked)
                    ? discardAtRest(own, verdict.failure().get().detail())
                    : stake.keep(Landing.leftRunning(verdict.failure().get(), own, stake.claim(), asked));
        }
        Instance up = verdict.instance().orElse(own);
        Optional<ProvisionFailure> ill = landing.awaitHealth(up, health);
        return ill.isPresent() ? stake.keep(ill.get()) : stake.activate(up, Provisioned.Origin.RESUMED);
    }

    /**
     * A port of its own instance is taken. Where the port can move the claim moves first, so that the instance is not given
     * up before it is certain that there can be another.
     */
    private @Nullable ProvisionOutcome portHeld(Instance own, Fault.PortHeld held) {
        String why = "its own instance cannot start, because a port of it is taken: " + held.detail();
        Optional<Moving.Suspects> suspects = moving.suspects(held.ports());
        // Of several parts one might move and another not.
        boolean movable = suspects.filter(meant -> meant.parts().size() == 1 && moving.canMoveParts(meant.parts()))
                .isPresent();
        Optional<String> stays =
                movable ? mayGo(own) : Optional.of("it cannot move; free the port, or replace the instance");
        if (stays.isEmpty()) {
            turn.beat();
            stays = moving.move(suspects.get().parts().get(0), suspects.get().declined(), held.detail())
                    .map(none -> "no other is free: " + none);
        }
        return stays.isPresent()
                ? stake.keep(new ProvisionFailure(Kind.PORT_HELD, why + "; " + stays.get(), Optional.of(own)))
                : discardAtRest(own, why);
    }

    /**
     * Whether an engine started an instance without ports that it is configured with: Docker 29 does so for ever after a
     * start that failed on a port (moby 51758). Where the port is fixed, and somebody may still have it, it is kept.
     */
    private boolean isSilent(Instance own, Landing.Verdict verdict, List<Publication> asked) {
        return own.state().isAtRest()
                && verdict.instance()
                        .filter(up -> up.state() == InstanceState.RUNNING)
                        .filter(up -> Parts.areIn(up.configured(), asked))
                        .filter(up -> moving.canMove(asked.stream()
                                .filter(one -> !Parts.areIn(up.published(), List.of(one)))
                                .toList()))
                        .isPresent();
    }
}
