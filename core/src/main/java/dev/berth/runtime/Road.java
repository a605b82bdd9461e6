package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.Resource;
import dev.berth.ledger.StaleTokenException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
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
    private final Kit<S> kit;
    private final ProvisionRequest request;
    private final Function<Grant, S> creator;
    private final Steps steps;
    private final Turn turn;
    private final Attempt attempt;
    private final Disposal disposal;
    private final Landing landing;
    private final Stake stake;

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
            stake.letGo(overtaken);
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return interrupted();
        } catch (RuntimeException failure) {
            try {
                stake.back(ProvisionFailure.of(Kind.UNKNOWN, Texts.of(failure)));
            } catch (RuntimeException again) {
                failure.addSuppressed(again);
            }
            throw failure;
        }
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
            ProvisionOutcome ended = new Former(kit, turn, steps, stake).settle(publications(), request.health());
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
        return stake.back(ProvisionFailure.of(
                Kind.GAVE_UP, "no instance came up in " + kit.policy().tries() + " tries"));
    }

    // ------------------------------------------------------------------ making one

    private Next create(int round) throws InterruptedException {
        Deployment<S> deployment = deployment();
        // After the host has said what to create, which may have taken long.
        turn.beat();
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
            return new Next.End(stake.back(ProvisionFailure.of("create of " + subject, fault)));
        }
    }

    private String note(String id, Deployment<S> deployment) {
        stake.made(Instance.of(id, deployment.name().orElse(id), InstanceState.CREATED, deployment.allLabels()));
        return id;
    }

    private Deployment<S> deployment() {
        Optional<String> name = request.namePart().map(stake.claim()::value);
        S spec = InvalidInputException.requireNonNull(
                "specification", creator.apply(new Grant(stake.claim(), attempt, name)));
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
        List<Publication> publications = new ArrayList<>();
        request.published().forEach((role, inner) -> {
            Resource port = Parts.port(stake.claim(), role);
            publications.add(
                    new Publication(Parts.kind(port), port.number().orElseThrow(), inner.port(), inner.address()));
        });
        return publications;
    }

    /** The answer got lost. What was made is found by its nonce; what may come yet will meet its own name. */
    private Next lookUp(Deployment<S> deployment, RuntimeFaultException failure, int round)
            throws InterruptedException {
        stake.awaitsAnswer();
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
        return new Next.Again();
    }

    private Next found(Instance instance) {
        stake.found(instance);
        return new Next.With(instance.id());
    }

    private Next nameHeld(Fault.NameHeld held, Deployment<S> deployment, int round) throws InterruptedException {
        String name = deployment.name().orElse("");
        Strangers.Finding finding = new Strangers(kit, turn, disposal).onName(held, name, stake.claim());
        if (finding instanceof Strangers.Finding.Gone) {
            landing.backOff(round);
            return new Next.Again();
        }
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

    private @Nullable Next nextName(Fault.NameHeld held) {
        return request.namePart()
                .map(part ->
                        move(List.of(part), List.copyOf(stake.claim().part(part).values()), held.detail()))
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
        return new Next.End(stake.activate(stranger, Provisioned.Origin.ADOPTED));
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
                return new Next.End(stake.back(ProvisionFailure.of("start of " + id, fault)));
            }
        }
        Landing.Verdict verdict = landing.verify(id, attempt.nonce(), publications());
        if (verdict.isWorthAnother()) {
            return anew(round);
        }
        if (verdict.failure().isPresent()) {
            return new Next.End(stake.back(verdict.failure().get()));
        }
        Instance up = verdict.instance().orElseThrow();
        Optional<ProvisionFailure> ill = landing.awaitHealth(up, request.health());
        return new Next.End(ill.isPresent() ? stake.back(ill.get()) : stake.activate(up, Provisioned.Origin.CREATED));
    }

    /** Away with what was made, and on to the next. An instance whose start failed is never started again. */
    private Next anew(int round) throws InterruptedException {
        if (!stake.unmake().isGone()) {
            return new Next.End(
                    stake.back(ProvisionFailure.of(Kind.UNKNOWN, "what did not start could not be removed")));
        }
        landing.backOff(round);
        return new Next.Again();
    }

    private Next portHeld(java.util.Set<Integer> told, String detail, int round) throws InterruptedException {
        if (!stake.unmake().isGone()) {
            return new Next.End(
                    stake.back(ProvisionFailure.of(Kind.UNKNOWN, "what did not start could not be removed")));
        }
        List<Publication> asked = publications();
        List<Publication> taken =
                asked.stream().filter(one -> told.contains(one.port())).toList();
        List<Publication> suspects = taken.isEmpty() ? asked : taken;
        Strangers.Finding finding = new Strangers(kit, turn, disposal).onPorts(suspects, stake.claim());
        if (finding instanceof Strangers.Finding.Gone gone && gone.how() == Strangers.How.REMOVED) {
            return new Next.Again();
        }
        boolean certain = !taken.isEmpty() || asked.size() == 1;
        List<Resource> declined = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (Publication one : suspects) {
            Resource port = one.kind().in(Parts.scope(stake.claim(), one), one.port());
            parts.add(Parts.of(stake.claim(), port));
            if (certain) {
                declined.add(port);
            }
        }
        Next moved = move(parts.stream().distinct().toList(), declined, detail);
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
        if (parts.isEmpty() || !parts.stream().allMatch(request.claim()::isChoice)) {
            return null;
        }
        turn.beat();
        for (String part : parts) {
            Map<String, Resource> before = stake.claim().part(part);
            try {
                stake.claim(Parts.moved(kit, stake.claim(), part, request.claim(), declined, why));
                steps.add(Action.MOVE, part, before + " to " + stake.claim().part(part));
            } catch (ClaimRefusedException none) {
                steps.add(Action.MOVE, part, none.refusal().toString());
                ProvisionOutcome ended = stake.back(ProvisionFailure.of(
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
}
