package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.Resource;
import dev.berth.ledger.StaleTokenException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The road of one granted attempt: see what is left of earlier ones, create, start, verify, activate; and back from
 * wherever it ends. Whatever is made carries the attempt's nonce from its first instant, and nothing is handed out before
 * the ledger has it, so a process may die between any two steps (law L2).
 *
 * @param <S> what the host hands over to say what to create
 */
final class Road<S> {
    private final Kit<S> kit;
    private final ProvisionRequest request;
    private final Function<Grant, S> creator;
    private final Steps steps;
    private final Turn turn;
    private final Attempt attempt;
    private final Disposal disposal;
    private final Landing landing;
    private final Stake stake;
    private final Moving moving;
    private final Vacancy vacancy = new Vacancy();
    private String trouble = "";

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
        this.attempt = attempt;
        this.turn = new Turn(kit.ledger(), attempt, kit.policy().span(), kit.pacing(), begun);
        this.disposal = new Disposal(kit, steps);
        this.landing = new Landing(kit, turn, steps);
        this.stake = new Stake(kit, turn, steps, claim);
        this.moving = new Moving(kit, request, turn, steps, stake);
    }

    /** What a step leads to. */
    sealed interface Next {
        /**
         * The next try.
         *
         * @param why what was wrong with this one
         */
        record Again(String why) implements Next {}

        /**
         * The same try again, once something else has ended that is in the way.
         *
         * @param why what it waits for
         */
        record Later(String why) implements Next {}

        /** On with an instance. */
        record With(String instance) implements Next {}

        /** The end. */
        record End(ProvisionOutcome outcome) implements Next {}
    }

    /**
     * Walks the road.
     *
     * @param gate why the runtime's word does not count, if it does not: then what was granted is given back
     * @return how it ended, or null if somebody else was granted the attempt meanwhile and the ledger must be asked anew
     */
    @Nullable
    ProvisionOutcome run(Supplier<Optional<ProvisionFailure>> gate) {
        try {
            Optional<ProvisionFailure> wrong = gate.get();
            return wrong.isPresent() ? stake.back(wrong.get()) : walk();
        } catch (OvertakenException | StaleTokenException overtaken) {
            stake.letGo(overtaken);
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return interrupted();
        } catch (HostFailure failure) {
            try {
                stake.back(ProvisionFailure.of(Kind.REJECTED, Texts.of(failure)));
            } catch (RuntimeException again) {
                failure.thrown.addSuppressed(again);
            }
            throw rethrown(failure.thrown);
        } catch (RuntimeException failure) {
            try {
                stake.back(ProvisionFailure.of(Kind.UNKNOWN, Texts.of(failure)));
            } catch (RuntimeException again) {
                failure.addSuppressed(again);
            }
            throw failure;
        }
    }

    /** A function declares no checked exceptions, but one that is not written in Java may throw any. */
    private static RuntimeException rethrown(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException unchecked ? unchecked : new HostFailure(cause);
    }

    private ProvisionOutcome interrupted() {
        var failure = ProvisionFailure.of(Kind.INTERRUPTED, "the calling thread was interrupted while it waited");
        try {
            return stake.back(failure);
        } catch (OvertakenException | StaleTokenException overtaken) {
            // Who was interrupted does not ask again, though somebody else may have an instance by now.
            stake.letGo(overtaken);
            return new ProvisionOutcome.Failed(failure, Optional.of(stake.claim()), steps.report());
        }
    }

    private ProvisionOutcome walk() throws InterruptedException {
        if (attempt.number() > 1 || stake.claim().instance().isPresent()) {
            ProvisionOutcome ended =
                    new Former(kit, turn, steps, stake, moving).settle(publications(), request.health());
            if (ended != null) {
                return ended;
            }
        }
        long begun = kit.pacing().nanos();
        int tries = 0;
        for (int round = 0; tries < kit.policy().tries(); round++) {
            Next next = create(round);
            if (next instanceof Next.With with) {
                next = bringUp(with.instance(), round);
            }
            if (next instanceof Next.End end) {
                return end.outcome();
            }
            trouble = next instanceof Next.Later later ? later.why() : ((Next.Again) next).why();
            boolean late = kit.pacing().nanos() - begun
                    > kit.runtime().deadlines().remove().toNanos();
            if (!(next instanceof Next.Later)) {
                tries++;
            } else if (late) {
                break;
            }
        }
        return stake.back(ProvisionFailure.of(Kind.GAVE_UP, "no instance came up, at last because of: " + trouble));
    }

    // ------------------------------------------------------------------ making one

    private Next create(int round) throws InterruptedException {
        Deployment<S> deployment = deployment();
        // After the host has said what to create, which may have taken long.
        turn.beat();
        String subject = deployment.name().orElse("an instance");
        try {
            stake.asks();
            String id = kit.runtime().create(deployment, turn);
            steps.add(Action.CREATE, subject, "created as " + id);
            return new Next.With(note(id, deployment));
        } catch (RuntimeFaultException failure) {
            Fault fault = failure.fault();
            steps.add(Action.CREATE, subject, fault.toString());
            if (!fault.mayHaveHappened()) {
                stake.answered();
            }
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
                return new Next.Later(fault.detail());
            }
            return new Next.End(stake.back(ProvisionFailure.of("create of " + subject, fault)));
        }
    }

    private String note(String id, Deployment<S> deployment) {
        stake.made(Instance.of(id, deployment.name().orElse(id), InstanceState.CREATED, deployment.allLabels()));
        return id;
    }

    private Deployment<S> deployment() {
        Optional<String> name = request.namePart().map(stake.claim()::value);
        S spec = said(new Grant(stake.claim(), attempt, name));
        return new Deployment<>(spec, name, publications(), mark(), Parts.with(request.labels(), stake.claim()));
    }

    private Mark mark() {
        return new Mark(
                kit.ledger().identity().ledger(),
                stake.claim().id(),
                attempt.nonce(),
                stake.claim().owner());
    }

    private List<Publication> publications() {
        return moving.publications();
    }

    /** The answer got lost. What was made is found by its nonce; what may come yet will meet its own name. */
    private Next lookUp(Deployment<S> deployment, RuntimeFaultException failure, int round)
            throws InterruptedException {
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
            return new Next.End(
                    stake.keep(ProvisionFailure.of("create of an instance without a name", failure.fault())));
        }
        landing.backOff(round);
        return new Next.Again(failure.fault().detail());
    }

    private Next found(Instance instance) {
        stake.found(instance);
        return new Next.With(instance.id());
    }

    private Next nameHeld(Fault.NameHeld held, Deployment<S> deployment, int round) throws InterruptedException {
        String name = deployment.name().orElse("");
        Strangers.Finding finding = new Strangers(kit, turn, disposal).onName(held, name, stake.claim());
        if (finding instanceof Strangers.Finding.Gone gone) {
            return gone(gone.how(), held, name, round);
        }
        vacancy.end();
        if (finding instanceof Strangers.Finding.Unclear unclear) {
            return new Next.End(stake.back(ProvisionFailure.of(Kind.UNKNOWN, unclear.reason())));
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
        return new Next.End(stake.back(new ProvisionFailure(
                Kind.NAME_HELD,
                "the name " + name + " is held"
                        + there.objection().map(why -> ", and " + why).orElse(""),
                Optional.of(there.instance()))));
    }

    /** Waits for a name whose holder is gone, but not for ever. */
    private Next gone(Strangers.How how, Fault.NameHeld held, String name, int round) throws InterruptedException {
        if (vacancy.lasts(how, kit.pacing().nanos())) {
            vacancy.end();
            Next next = kit.policy().strangers().contains(Stranger.NEXT_CANDIDATE) ? nextName(held) : null;
            return next != null
                    ? next
                    : new Next.End(stake.back(ProvisionFailure.of(
                            Kind.NAME_HELD,
                            "the name " + name + " is held by what the runtime does not list: " + held.detail())));
        }
        landing.backOff(round);
        return new Next.Later(held.detail());
    }

    private @Nullable Next nextName(Fault.NameHeld held) {
        return request.namePart()
                .map(part ->
                        move(List.of(part), List.copyOf(stake.claim().part(part).values()), held.detail()))
                .orElse(null);
    }

    /** Takes a stranger as it is; null if it is not what was asked for. */
    private @Nullable Next adopt(Instance stranger) throws InterruptedException {
        Landing.Verdict verdict = landing.judge(stranger, publications());
        if (verdict.failure().isPresent()) {
            steps.add(
                    Action.ACTIVATE,
                    stranger.toString(),
                    "not adopted: " + verdict.failure().get());
            return null;
        }
        Optional<ProvisionFailure> ill = landing.awaitHealth(stranger, request.health());
        if (ill.isPresent()) {
            steps.add(Action.ACTIVATE, stranger.toString(), "not adopted: " + ill.get());
            return null;
        }
        return new Next.End(stake.activate(stranger, Provisioned.Origin.ADOPTED));
    }

    // ------------------------------------------------------------------ bringing it up

    private Next bringUp(String id, int round) throws InterruptedException {
        turn.beat();
        Optional<Fault> doubt = Optional.empty();
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
                return anew(fault.detail(), round);
            }
            if (!fault.mayHaveHappened()) {
                return new Next.End(stake.back(ProvisionFailure.of("start of " + id, fault)));
            }
            doubt = Optional.of(fault);
        }
        Landing.Verdict verdict =
                landing.verify(id, attempt.nonce(), publications()).after(doubt);
        if (verdict.isWorthAnother()) {
            return anew(verdict.failure().map(ProvisionFailure::detail).orElse(""), round);
        }
        if (verdict.failure().isPresent()) {
            return new Next.End(stake.back(verdict.failure().get()));
        }
        Instance up = verdict.instance().orElseThrow();
        Optional<ProvisionFailure> ill = landing.awaitHealth(up, request.health());
        return new Next.End(ill.isPresent() ? stake.back(ill.get()) : stake.activate(up, Provisioned.Origin.CREATED));
    }

    /** Away with what was made, and on to the next. An instance whose start failed is never started again. */
    private Next anew(String why, int round) throws InterruptedException {
        if (!stake.unmake().isGone()) {
            return new Next.End(
                    stake.back(ProvisionFailure.of(Kind.UNKNOWN, "what did not start could not be removed")));
        }
        landing.backOff(round);
        return new Next.Again(why);
    }

    private Next portHeld(Set<Integer> told, String detail, int round) throws InterruptedException {
        if (!stake.unmake().isGone()) {
            return new Next.End(
                    stake.back(ProvisionFailure.of(Kind.UNKNOWN, "what did not start could not be removed")));
        }
        Optional<Moving.Suspects> meant = moving.suspects(told);
        if (meant.isEmpty()) {
            return new Next.End(stake.back(
                    ProvisionFailure.of(Kind.PORT_HELD, "a port is taken that is none of the claim's: " + detail)));
        }
        Moving.Suspects suspects = meant.get();
        Strangers.Finding finding = new Strangers(kit, turn, disposal).onPorts(suspects.ports(), stake.claim());
        if (finding instanceof Strangers.Finding.Gone gone && gone.how() == Strangers.How.REMOVED) {
            return new Next.Again(detail);
        }
        Next moved = move(suspects.parts(), suspects.declined(), detail);
        if (moved != null) {
            landing.backOff(Math.min(round, 1));
            return moved;
        }
        return new Next.End(stake.back(new ProvisionFailure(
                Kind.PORT_HELD,
                "a port is taken and cannot move: " + detail,
                finding instanceof Strangers.Finding.There there ? Optional.of(there.instance()) : Optional.empty())));
    }

    /** Moves parts to their next candidates; null if one of them has none by the request. */
    private @Nullable Next move(List<String> parts, List<Resource> declined, String why) {
        if (!moving.canMoveParts(parts)) {
            return null;
        }
        turn.beat();
        for (String part : parts) {
            Optional<Refusal> none = moving.move(part, declined, why);
            if (none.isPresent()) {
                ProvisionOutcome ended = stake.back(ProvisionFailure.of(
                        part.equals(request.namePart().orElse("")) ? Kind.NAME_HELD : Kind.PORT_HELD,
                        none.get().toString()));
                return new Next.End(
                        ended instanceof ProvisionOutcome.Failed failed
                                        && failed.kept().isEmpty()
                                ? new ProvisionOutcome.Refused(none.get(), steps.report())
                                : ended);
            }
        }
        return new Next.Again(why);
    }

    /** What the host says to create. Whatever it throws ends the road, and is not taken for a word of the ledger's. */
    private S said(Grant grant) {
        try {
            return InvalidInputException.requireNonNull("specification", creator.apply(grant));
        } catch (Throwable failure) {
            throw new HostFailure(failure);
        }
    }

    /** What the host's own code has thrown. */
    private static final class HostFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Throwable thrown;

        HostFailure(Throwable thrown) {
            super("the host could not say what to create: " + Texts.of(thrown), thrown);
            this.thrown = thrown;
        }
    }
}
