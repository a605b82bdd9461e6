package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.Resource;
import dev.berth.ledger.StaleTokenException;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The road of one granted attempt: see what is left of earlier ones, create, start, verify, activate; and back from
 * wherever it ends. Whatever is made carries the attempt's nonce from its first instant, and nothing is handed out before
 * the ledger has it, so a process may die between any two steps (law L2).
 *
 * @param <S> what the host hands over to say what to create
 */
final class Road<S> {
    private static final int ACTIVATIONS = 5;

    private final Kit<S> kit;
    private final ProvisionRequest request;
    private final Function<Grant, S> creator;
    private final Steps steps;
    private final Turn turn;
    private final Attempt attempt;
    private final boolean fresh;
    private final Disposal disposal;
    private final Landing landing;
    private Claim claim;

    /** The instance that this attempt has made, until it is handed out or gone. */
    private @Nullable Instance made;
    /** Whether something may have been made, or may be yet, that was not found. */
    private boolean outstanding;
    /** Whether the claim may have been made active without an answer: then the instance may be in use. */
    private boolean perhapsActive;

    Road(
            Kit<S> kit,
            ProvisionRequest request,
            Function<Grant, S> creator,
            Steps steps,
            Claim claim,
            Attempt attempt,
            long begun) {
        this.kit = kit;
        this.request = request;
        this.creator = creator;
        this.steps = steps;
        this.claim = claim;
        this.attempt = attempt;
        this.fresh = claim.token().revision() == 1;
        this.turn = new Turn(kit.ledger(), attempt, kit.policy().span(), kit.pacing(), begun);
        this.disposal = new Disposal(kit, steps);
        this.landing = new Landing(kit, turn, steps);
    }

    /** What a step leads to. */
    sealed interface Next {
        /** The next try. */
        record Again() implements Next {}

        /** On with an instance. */
        record With(String instance) implements Next {}

        /** The end. */
        record End(ProvisionOutcome outcome) implements Next {}
    }

    /**
     * Walks the road.
     *
     * @return how it ended, or null if somebody else was granted the attempt meanwhile and the ledger must be asked anew
     */
    @Nullable
    ProvisionOutcome run() {
        try {
            return walk();
        } catch (OvertakenException | StaleTokenException overtaken) {
            letGo(overtaken);
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return interrupted();
        } catch (RuntimeException failure) {
            try {
                back(ProvisionFailure.of(Kind.UNKNOWN, Texts.of(failure)));
            } catch (RuntimeException again) {
                failure.addSuppressed(again);
            }
            throw failure;
        }
    }

    private ProvisionOutcome interrupted() {
        var failure = ProvisionFailure.of(Kind.INTERRUPTED, "the calling thread was interrupted while it waited");
        try {
            return back(failure);
        } catch (OvertakenException | StaleTokenException overtaken) {
            // Who was interrupted does not ask again, though somebody else may have an instance by now.
            letGo(overtaken);
            return new ProvisionOutcome.Failed(failure, Optional.of(claim), steps.report());
        }
    }

    private ProvisionOutcome walk() throws InterruptedException {
        if (attempt.number() > 1 || claim.instance().isPresent()) {
            ProvisionOutcome ended = settle();
            if (ended != null) {
                return ended;
            }
        }
        for (int round = 0; round < kit.policy().tries(); round++) {
            Next next = create(round);
            if (next instanceof Next.With with) {
                next = bringUp(with.instance(), round);
            }
            if (next instanceof Next.End end) {
                return end.outcome();
            }
        }
        return back(ProvisionFailure.of(
                Kind.GAVE_UP, "no instance came up in " + kit.policy().tries() + " tries"));
    }

    // ------------------------------------------------------------------ what is there already

    /** Deals with what earlier attempts have left; null if an instance is to be made. */
    private @Nullable ProvisionOutcome settle() throws InterruptedException {
        Survey survey = Survey.of(kit, claim, turn, steps);
        if (survey.own() instanceof Sighting.Unknown unknown) {
            return keep(ProvisionFailure.of(Kind.UNKNOWN, unknown.reason()));
        }
        if (survey.gap().isPresent()) {
            return keep(ProvisionFailure.of(Kind.UNKNOWN, survey.gap().get()));
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
        if (kit.policy().mine() != Mine.REPLACE && !broken) {
            return resume(own.get());
        }
        Optional<String> objection = disposal.foreign(own.get(), claim.owner().tenant());
        if (objection.isPresent()) {
            return keep(new ProvisionFailure(Kind.NOT_OURS, "it cannot be replaced: " + objection.get(), own));
        }
        turn.beat();
        claim = kit.ledger().detach(attempt);
        steps.add(Action.DETACH, own.get().toString(), "the claim gives it up");
        return clear(own.get());
    }

    private @Nullable ProvisionOutcome clear(Instance instance) {
        turn.beat();
        Removal removal = disposal.remove(instance, claim.owner().tenant(), turn);
        if (removal.isGone()) {
            return null;
        }
        Kind kind = removal instanceof Removal.Kept ? Kind.NOT_OURS : Kind.UNKNOWN;
        return keep(new ProvisionFailure(
                kind, "what an earlier attempt left could not be removed: " + removal, Optional.of(instance)));
    }

    /** Brings the claim's own instance up again. It is kept whatever happens: it may have data that nobody else has. */
    private @Nullable ProvisionOutcome resume(Instance own) throws InterruptedException {
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
                    return keep(
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
        Landing.Verdict verdict = landing.verify(own.id(), own.nonce(), publications());
        if (verdict.failure().isPresent()) {
            return keep(verdict.failure().get());
        }
        Instance up = verdict.instance().orElse(own);
        Optional<ProvisionFailure> ill = landing.awaitHealth(up, request.health());
        return ill.isPresent() ? keep(ill.get()) : activate(up, Provisioned.Origin.RESUMED);
    }

    // ------------------------------------------------------------------ making one

    private Next create(int round) throws InterruptedException {
        turn.beat();
        Deployment<S> deployment = deployment();
        String subject = deployment.name().orElse("an instance");
        try {
            String id = kit.runtime().create(deployment, turn);
            steps.add(Action.CREATE, subject, "created as " + id);
            return new Next.With(note(id, deployment));
        } catch (RuntimeFaultException failure) {
            Fault fault = failure.fault();
            steps.add(Action.CREATE, subject, fault.toString());
            if (fault instanceof Fault.NameHeld held) {
                return nameHeld(held, deployment, round);
            }
            if (fault instanceof Fault.PortHeld held) {
                return portHeld(held.ports(), held.detail(), round);
            }
            if (fault instanceof Fault.Unknown) {
                return lookUp(deployment, failure, round);
            }
            if (fault instanceof Fault.Busy) {
                landing.backOff(round);
                return new Next.Again();
            }
            return new Next.End(back(ProvisionFailure.of("create of " + subject, fault)));
        }
    }

    private String note(String id, Deployment<S> deployment) {
        made = Instance.of(id, deployment.name().orElse(id), InstanceState.CREATED, deployment.allLabels());
        return id;
    }

    private Deployment<S> deployment() {
        Optional<String> name = request.namePart().map(claim::value);
        S spec = InvalidInputException.requireNonNull("specification", creator.apply(new Grant(claim, attempt, name)));
        return new Deployment<>(spec, name, publications(), mark(), Parts.with(request.labels(), claim));
    }

    private Mark mark() {
        return new Mark(kit.ledger().identity().ledger(), claim.id(), attempt.nonce(), claim.owner());
    }

    private List<Publication> publications() {
        List<Publication> publications = new ArrayList<>();
        request.published().forEach((role, inner) -> {
            Resource port = Parts.port(claim, role);
            publications.add(
                    new Publication(Parts.kind(port), port.number().orElseThrow(), inner.port(), inner.address()));
        });
        return publications;
    }

    /** The answer got lost. What was made is found by its nonce; what may come yet will meet its own name. */
    private Next lookUp(Deployment<S> deployment, RuntimeFaultException failure, int round)
            throws InterruptedException {
        outstanding = true;
        Inventory listing = kit.runtime().inventory(turn);
        Optional<Instance> found = listing.instances().stream()
                .filter(instance -> instance.nonce().equals(attempt.nonce()))
                .findFirst();
        steps.add(
                Action.LOOK,
                "for what was created",
                found.map(Instance::toString).orElse("not found"));
        if (found.isPresent()) {
            return found(found.get());
        }
        if (deployment.name().isEmpty()) {
            return new Next.End(keep(ProvisionFailure.of("create of an instance without a name", failure.fault())));
        }
        landing.backOff(round);
        return new Next.Again();
    }

    private Next found(Instance instance) {
        outstanding = false;
        made = instance;
        return new Next.With(instance.id());
    }

    private Next nameHeld(Fault.NameHeld held, Deployment<S> deployment, int round) throws InterruptedException {
        String name = deployment.name().orElse("");
        Strangers.Finding finding = new Strangers(kit, turn, disposal).onName(held, name, claim);
        if (finding instanceof Strangers.Finding.Gone) {
            landing.backOff(round);
            return new Next.Again();
        }
        if (finding instanceof Strangers.Finding.Unclear unclear) {
            return new Next.End(back(ProvisionFailure.of(Kind.UNKNOWN, unclear.reason())));
        }
        Strangers.Finding.There there = (Strangers.Finding.There) finding;
        if (there.instance().nonce().equals(attempt.nonce())) {
            return found(there.instance());
        }
        for (Stranger choice : there.left()) {
            Next next = choice == Stranger.ADOPT ? adopt(there.instance()) : nextName(held);
            if (next != null) {
                return next;
            }
        }
        return new Next.End(back(new ProvisionFailure(
                Kind.NAME_HELD,
                "the name " + name + " is held"
                        + there.objection().map(why -> ", and " + why).orElse(""),
                Optional.of(there.instance()))));
    }

    private @Nullable Next nextName(Fault.NameHeld held) {
        return request.namePart()
                .map(part -> move(List.of(part), List.copyOf(claim.part(part).values()), held.detail()))
                .orElse(null);
    }

    /** Takes a stranger as it is; null if it is not what was asked for. */
    private @Nullable Next adopt(Instance stranger) {
        Landing.Verdict verdict = landing.judge(stranger, publications());
        if (verdict.failure().isPresent()) {
            steps.add(
                    Action.ACTIVATE,
                    stranger.toString(),
                    "not adopted: " + verdict.failure().get());
            return null;
        }
        return new Next.End(activate(stranger, Provisioned.Origin.ADOPTED));
    }

    // ------------------------------------------------------------------ bringing it up

    private Next bringUp(String id, int round) throws InterruptedException {
        turn.beat();
        try {
            kit.runtime().start(id, turn);
            steps.add(Action.START, id, "started");
        } catch (RuntimeFaultException failure) {
            Fault fault = failure.fault();
            steps.add(Action.START, id, fault.toString());
            if (fault instanceof Fault.PortHeld held) {
                return portHeld(held.ports(), held.detail(), round);
            }
            if (fault instanceof Fault.Missing || fault instanceof Fault.Busy) {
                return anew(round);
            }
            if (!fault.mayHaveHappened()) {
                return new Next.End(back(ProvisionFailure.of("start of " + id, fault)));
            }
        }
        Landing.Verdict verdict = landing.verify(id, attempt.nonce(), publications());
        if (verdict.isWorthAnother()) {
            return anew(round);
        }
        if (verdict.failure().isPresent()) {
            return new Next.End(back(verdict.failure().get()));
        }
        Instance up = verdict.instance().orElseThrow();
        Optional<ProvisionFailure> ill = landing.awaitHealth(up, request.health());
        return new Next.End(ill.isPresent() ? back(ill.get()) : activate(up, Provisioned.Origin.CREATED));
    }

    /** Away with what was made, and on to the next. An instance whose start failed is never started again. */
    private Next anew(int round) throws InterruptedException {
        if (!unmake().isGone()) {
            return new Next.End(back(ProvisionFailure.of(Kind.UNKNOWN, "what did not start could not be removed")));
        }
        landing.backOff(round);
        return new Next.Again();
    }

    private Next portHeld(java.util.Set<Integer> told, String detail, int round) throws InterruptedException {
        if (!unmake().isGone()) {
            return new Next.End(back(ProvisionFailure.of(Kind.UNKNOWN, "what did not start could not be removed")));
        }
        List<Publication> asked = publications();
        List<Publication> taken =
                asked.stream().filter(one -> told.contains(one.port())).toList();
        List<Publication> suspects = taken.isEmpty() ? asked : taken;
        Strangers.Finding finding = new Strangers(kit, turn, disposal).onPorts(suspects, claim);
        if (finding instanceof Strangers.Finding.Gone gone && gone.how() == Strangers.How.REMOVED) {
            return new Next.Again();
        }
        boolean certain = !taken.isEmpty() || asked.size() == 1;
        List<Resource> declined = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (Publication one : suspects) {
            Resource port = one.kind().in(Parts.scope(claim, one), one.port());
            parts.add(Parts.of(claim, port));
            if (certain) {
                declined.add(port);
            }
        }
        Next moved = move(parts.stream().distinct().toList(), declined, detail);
        if (moved != null) {
            landing.backOff(Math.min(round, 1));
            return moved;
        }
        return new Next.End(back(new ProvisionFailure(
                Kind.PORT_HELD,
                "a port is taken and cannot move: " + detail,
                finding instanceof Strangers.Finding.There there ? Optional.of(there.instance()) : Optional.empty())));
    }

    /** Moves parts to their next candidates; null if one of them has none by the request. */
    private @Nullable Next move(List<String> parts, List<Resource> declined, String why) {
        if (parts.isEmpty() || !parts.stream().allMatch(request.claim()::isChoice)) {
            return null;
        }
        turn.beat();
        for (String part : parts) {
            Map<String, Resource> before = claim.part(part);
            try {
                claim = Parts.moved(kit, claim, part, request.claim(), declined, why);
                steps.add(Action.MOVE, part, before + " to " + claim.part(part));
            } catch (ClaimRefusedException none) {
                steps.add(Action.MOVE, part, none.refusal().toString());
                ProvisionOutcome ended = back(ProvisionFailure.of(
                        part.equals(request.namePart().orElse("")) ? Kind.NAME_HELD : Kind.PORT_HELD,
                        none.refusal().toString()));
                return new Next.End(
                        ended instanceof ProvisionOutcome.Failed failed
                                        && failed.kept().isEmpty()
                                ? new ProvisionOutcome.Refused(none.refusal(), steps.report())
                                : ended);
            }
        }
        return new Next.Again();
    }

    private ProvisionOutcome activate(Instance instance, Provisioned.Origin origin) {
        turn.beat();
        for (int round = 1; ; round++) {
            try {
                Claim active = kit.ledger().activate(attempt, instance.id(), Map.of(Mark.NONCE, instance.nonce()));
                steps.add(Action.ACTIVATE, instance.toString(), "active");
                made = null;
                return new Provisioned(active, instance, origin, steps.report());
            } catch (ClaimRefusedException taken) {
                if (round < ACTIVATIONS && Ghost.givesUp(kit, instance, steps)) {
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

    // ------------------------------------------------------------------ going back

    /** Removes what this attempt has made. */
    private Removal unmake() {
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
    private ProvisionOutcome back(ProvisionFailure failure) {
        // An interrupt ends the work, not the cleaning up after it.
        boolean interrupted = Thread.interrupted();
        try {
            if (perhapsActive) {
                return new ProvisionOutcome.Failed(failure, Optional.of(claim), steps.report());
            }
            boolean gone = unmake().isGone() && !outstanding;
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
    private ProvisionOutcome keep(ProvisionFailure failure) {
        Claim failed = kit.ledger().fail(attempt, failure.detail());
        steps.add(Action.FAIL, failed.owner().toString(), failure.detail());
        return new ProvisionOutcome.Failed(failure, Optional.of(failed), steps.report());
    }

    /**
     * Somebody else has the attempt. What this one has made was never handed out and nobody will take it up, so it goes;
     * the claim is not touched.
     */
    private void letGo(RuntimeException overtaken) {
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
