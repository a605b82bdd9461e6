package dev.berth.runtime;

import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.time.Duration;
import java.util.List;
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

    Former(Kit<?> kit, Turn turn, Steps steps, Stake stake) {
        this.kit = kit;
        this.turn = turn;
        this.steps = steps;
        this.stake = stake;
        this.disposal = new Disposal(kit, steps);
        this.landing = new Landing(kit, turn, steps);
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
            return resume(own.get(), asked, health);
        }
        Optional<String> objection = disposal.foreign(own.get(), tenant());
        if (objection.isPresent()) {
            return stake.keep(new ProvisionFailure(Kind.NOT_OURS, "it cannot be replaced: " + objection.get(), own));
        }
        turn.beat();
        stake.claim(kit.ledger().detach(turn.attempt()));
        steps.add(Action.DETACH, own.get().toString(), "the claim gives it up");
        return clear(own.get());
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

    /** Brings the claim's own instance up again. It is kept whatever happens: it may have data that nobody else has. */
    private @Nullable ProvisionOutcome resume(Instance own, List<Publication> asked, Optional<Duration> health)
            throws InterruptedException {
        turn.beat();
        if (own.state() != InstanceState.RUNNING && own.state() != InstanceState.STARTING) {
            try {
                kit.runtime().start(own.id(), turn);
                steps.add(Action.START, own.toString(), "started again");
            } catch (RuntimeFaultException failure) {
                steps.add(Action.START, own.toString(), failure.fault().toString());
                if (failure.fault() instanceof Fault.Missing) {
                    return null;
                }
                if (!failure.fault().mayHaveHappened()) {
                    return stake.keep(
                            failure.fault() instanceof Fault.PortHeld
                                    ? new ProvisionFailure(
                                            Kind.PORT_HELD,
                                            "its own instance cannot start, because a port of it is taken: "
                                                    + failure.fault().detail()
                                                    + "; free the port, or replace the instance",
                                            Optional.of(own))
                                    : ProvisionFailure.of("start of " + own, failure.fault()));
                }
            }
        }
        Landing.Verdict verdict = landing.verify(own.id(), own.nonce(), asked);
        if (verdict.failure().isPresent()) {
            leave(own, verdict);
            return stake.keep(verdict.failure().get());
        }
        Instance up = verdict.instance().orElse(own);
        Optional<ProvisionFailure> ill = landing.awaitHealth(up, health);
        return ill.isPresent() ? stake.keep(ill.get()) : stake.activate(up, Provisioned.Origin.RESUMED);
    }
}
