package dev.berth.runtime;

import dev.berth.ledger.Claim;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionReport.Action;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Looks until an instance is up: running, with every port that was asked for, and healthy. */
final class Landing {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    /** A runtime may list an instance as running a moment before its ports. */
    private static final Duration PORTS_WITHIN = Duration.ofSeconds(2);

    private final Kit<?> kit;
    private final BoundedRuntime.Beat beat;
    private final Steps steps;

    Landing(Kit<?> kit, BoundedRuntime.Beat beat, Steps steps) {
        this.kit = kit;
        this.beat = beat;
        this.steps = steps;
    }

    /**
     * What was found.
     *
     * @param instance the instance, if it was seen
     * @param failure why it is not up; empty if it is
     * @param again whether another one may well come up
     */
    record Verdict(Optional<Instance> instance, Optional<ProvisionFailure> failure, Retry again) {
        static Verdict up(Instance instance) {
            return new Verdict(Optional.of(instance), Optional.empty(), Retry.NEEDLESS);
        }

        static Verdict down(Kind kind, String detail, Optional<Instance> seen, Retry again) {
            return new Verdict(seen, Optional.of(new ProvisionFailure(kind, detail, Optional.empty())), again);
        }

        /** The same, with what the start had been answered, if that was not understood: often it is the reason. */
        Verdict after(Optional<Fault> start) {
            return new Verdict(
                    instance,
                    start.isEmpty()
                            ? failure
                            : failure.map(why -> new ProvisionFailure(
                                    why.kind(),
                                    why.detail() + "; to its start was said: "
                                            + start.get().detail(),
                                    why.inTheWay())),
                    again);
        }

        boolean isWorthAnother() {
            return again == Retry.WORTH_IT;
        }
    }

    /** Whether to try with another instance. */
    enum Retry {
        NEEDLESS,
        WORTH_IT,
        NOT_WORTH_IT
    }

    /** Looks at an instance that was started until it is up, or certain not to come. */
    Verdict verify(String id, String nonce, List<Publication> asked) throws InterruptedException {
        long begun = kit.pacing().nanos();
        for (int round = 0; ; round++) {
            beat.beat();
            Duration waited = Duration.ofNanos(kit.pacing().nanos() - begun);
            Sighting seen = kit.runtime().look(id, beat);
            boolean other = seen.seen().map(one -> !one.nonce().equals(nonce)).orElse(false);
            Verdict verdict = other
                    ? Verdict.down(Kind.DIED, "its id belongs to another instance now", seen.seen(), Retry.WORTH_IT)
                    : judge(seen, asked);
            if (!mayChange(seen, verdict, waited, kit.runtime().deadlines().start())) {
                steps.add(
                        Action.VERIFY,
                        id,
                        verdict.failure().map(ProvisionFailure::toString).orElse("up"));
                return verdict;
            }
            pause(round);
        }
    }

    /** Judges an instance by one look. */
    Verdict judge(Instance instance, List<Publication> asked) {
        return judge(new Sighting.Present(instance), asked);
    }

    private static Verdict judge(Sighting seen, List<Publication> asked) {
        if (seen instanceof Sighting.Unknown unknown) {
            return Verdict.down(Kind.UNKNOWN, unknown.reason(), Optional.empty(), Retry.NOT_WORTH_IT);
        }
        if (seen instanceof Sighting.Absent absent) {
            return Verdict.down(Kind.DIED, "it is gone: " + absent.evidence(), Optional.empty(), Retry.WORTH_IT);
        }
        Instance instance = ((Sighting.Present) seen).instance();
        return switch (instance.state()) {
            case RUNNING -> judgePorts(instance, asked);
            case CREATED -> Verdict.down(Kind.UNKNOWN, "it was not started", seen.seen(), Retry.WORTH_IT);
            case REMOVING -> Verdict.down(Kind.DIED, "somebody is removing it", seen.seen(), Retry.WORTH_IT);
            case STARTING ->
                Verdict.down(Kind.UNHEALTHY, "it did not come up in time", seen.seen(), Retry.NOT_WORTH_IT);
            case STOPPING, STOPPED, BROKEN ->
                Verdict.down(Kind.DIED, "it ended: " + instance, seen.seen(), Retry.NOT_WORTH_IT);
            case PAUSED -> Verdict.down(Kind.DIED, "it is paused", seen.seen(), Retry.NOT_WORTH_IT);
            case UNKNOWN ->
                Verdict.down(Kind.UNKNOWN, "its runtime cannot tell its state", seen.seen(), Retry.NOT_WORTH_IT);
        };
    }

    private static Verdict judgePorts(Instance instance, List<Publication> asked) {
        List<Publication> missing = asked.stream()
                .filter(one -> instance.published().stream().noneMatch(open -> open.serves(one)))
                .toList();
        return missing.isEmpty()
                ? Verdict.up(instance)
                : Verdict.down(
                        Kind.PORT_HELD,
                        "it runs without its ports " + missing + "; published are " + instance.published(),
                        Optional.of(instance),
                        Retry.WORTH_IT);
    }

    /** What to do about one that runs with other ports than were asked for: it may be in use, and is left as it is. */
    static ProvisionFailure leftRunning(
            ProvisionFailure failure, Instance instance, Claim claim, List<Publication> asked) {
        if (failure.kind() != Kind.PORT_HELD) {
            return failure;
        }
        String remedy = Parts.movedFrom(instance, claim, asked).isEmpty()
                ? "replace it to have them"
                : "its claim has moved, and it may be in use: stop it and ask again, or replace it";
        return new ProvisionFailure(failure.kind(), failure.detail() + "; " + remedy, Optional.of(instance));
    }

    private static boolean mayChange(Sighting seen, Verdict verdict, Duration waited, Duration upWithin) {
        if (verdict.failure().isEmpty() || seen instanceof Sighting.Absent) {
            return false;
        }
        InstanceState state = seen.seen().map(Instance::state).orElse(InstanceState.UNKNOWN);
        return switch (state) {
            case RUNNING -> waited.compareTo(PORTS_WITHIN) < 0;
            case CREATED, STARTING, UNKNOWN -> waited.compareTo(upWithin) < 0;
            default -> false;
        };
    }

    /** Waits until an instance is healthy; tells why it is not. */
    Optional<ProvisionFailure> awaitHealth(Instance instance, Optional<Duration> within) throws InterruptedException {
        if (within.isEmpty()) {
            return Optional.empty();
        }
        long begun = kit.pacing().nanos();
        for (int round = 0; ; round++) {
            beat.beat();
            Health health = kit.runtime().health(instance.id(), beat);
            boolean late = kit.pacing().nanos() - begun >= within.get().toNanos();
            if (health.isGood() || late) {
                String told = health.verdict() + (health.detail().isEmpty() ? "" : ": " + health.detail());
                steps.add(Action.AWAIT_HEALTH, instance.id(), told);
                return health.isGood()
                        ? Optional.empty()
                        : Optional.of(ProvisionFailure.of(
                                Kind.UNHEALTHY, "it was not healthy within " + within.get() + ": " + told));
            }
            Optional<ProvisionFailure> ended = ended(instance);
            if (ended.isPresent()) {
                steps.add(Action.AWAIT_HEALTH, instance.id(), ended.get().toString());
                return ended;
            }
            pause(round);
        }
    }

    private Optional<ProvisionFailure> ended(Instance instance) {
        Sighting seen = kit.runtime().look(instance.id(), beat);
        boolean lives = seen instanceof Sighting.Unknown
                || seen.seen().map(one -> !one.state().isAtRest()).orElse(false);
        return lives
                ? Optional.empty()
                : Optional.of(ProvisionFailure.of(Kind.DIED, "it ended before it was healthy: " + seen));
    }

    /** Waits a while before the next try, longer each time. */
    void backOff(int round) throws InterruptedException {
        pause(round + 1);
    }

    private void pause(int round) throws InterruptedException {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(round, 6));
        kit.pacing().pause(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
    }

    /** Waits a moment, unless the thread is interrupted. */
    void restBriefly(Duration span) {
        try {
            kit.pacing().pause(span);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
