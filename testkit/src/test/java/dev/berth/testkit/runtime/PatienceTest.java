package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.failed;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimState;
import dev.berth.runtime.Mine;
import dev.berth.runtime.Pacing;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionReport.Action;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waiting for an attempt of somebody else's: what it costs, what comes of it, and how it ends. */
class PatienceTest {
    private final World world = new World();

    @AfterEach
    void theWorldIsWhole() {
        world.check();
    }

    /** What ends an owner's instance, and waits. */
    enum End {
        STOP,
        REMOVE,
        LET_GO;

        void by(Provisioner<FakeSpec> caller) {
            switch (this) {
                case STOP -> caller.stop(ANNA);
                case REMOVE -> caller.remove(ANNA);
                case LET_GO -> caller.letGo(ANNA);
            }
        }
    }

    /** Waits as the world does; before the nth time something happens. */
    private Pacing before(int nth, Runnable deed) {
        return new Pacing() {
            private int left = nth;

            @Override
            public long nanos() {
                return world.pacing.nanos();
            }

            @Override
            public void pause(Duration span) throws InterruptedException {
                if (--left == 0) {
                    deed.run();
                }
                world.pacing.pause(span);
            }
        };
    }

    private Provisioner<FakeSpec> whoWaits(int pauses, Runnable deed) {
        return world.builder().pacing(before(pauses, deed)).build();
    }

    /** Somebody begins to make the instance. */
    private AttemptOutcome.Granted begin(Duration span) {
        return (AttemptOutcome.Granted) world.ledger.attempt(request(ANNA).claim(), NODE, span);
    }

    private static ProvisionOutcome joined(Runnable call) {
        ProvisionOutcome outcome =
                catchThrowableOfType(ProvisionException.class, call::run).outcome();
        assertThat(outcome).isInstanceOf(ProvisionOutcome.Joined.class);
        return outcome;
    }

    // ------------------------------------------------------------------ what it costs the runtime

    @Test
    void whoeverWaitsAsksTheRuntimeOnceHoweverLongItIs() {
        begin(Duration.ofDays(1));
        int waiting = 40;
        for (int i = 0; i < waiting; i++) {
            ProvisionOutcome outcome = joined(() -> world.provisioner().provision(request(ANNA), spec()));
            assertThat(outcome.report().count(Action.CLAIM)).isEqualTo(1);
        }
        assertThat(world.pacing.pauses()).hasSizeGreaterThan(waiting * 250);
        assertThat(world.engine.calls(RuntimeCall.FINGERPRINT)).isEqualTo(waiting);
        assertThat(world.engine.calls()).hasSize(waiting);
    }

    @Test
    void whoHasWaitedMakesSureOfTheRuntimeBeforeItHandsOut() {
        Provisioned made = world.provision(ANNA);
        world.provisioner().stop(ANNA);
        AttemptOutcome.Granted again = begin(Duration.ofDays(1));
        world.engine.resetCalls();
        Provisioned got = whoWaits(5, () -> {
                    world.engine.startInstance(made.instance().id());
                    world.ledger.activate(again.attempt(), made.instance().id());
                })
                .provision(request(ANNA), spec());

        assertThat(got.origin()).isEqualTo(Provisioned.Origin.REUSED);
        assertThat(world.engine.calls(RuntimeCall.FINGERPRINT)).isEqualTo(2);
        assertThat(world.engine.calls()).noneMatch(call -> call.call().isWrite());
    }

    @Test
    void whatIsGrantedAfterAWaitIsGivenBackWhereAnotherRuntimeAnswers() {
        AttemptOutcome.Granted first = begin(Duration.ofDays(1));
        FakeEngine another = FakeEngine.of(world.clock).named("another");
        ProvisionException no = catchThrowableOfType(
                ProvisionException.class,
                () -> whoWaits(3, () -> {
                            world.runtime.connect(another);
                            world.ledger.abandon(first.attempt());
                        })
                        .provision(request(ANNA), granted -> {
                            throw new AssertionError("nothing is to be created");
                        }));

        assertThat(failed(no.outcome()).failure().kind()).isEqualTo(Kind.WRONG_RUNTIME);
        assertThat(failed(no.outcome()).kept()).isEmpty();
        assertThat(world.claim(ANNA)).isEmpty();
        assertThat(another.calls()).allMatch(call -> call.call() == RuntimeCall.FINGERPRINT);
    }

    @Test
    void whatIsTakenOnAfterAWaitIsKeptWhereAnotherRuntimeAnswers() {
        begin(Duration.ofSeconds(60));
        FakeEngine another = FakeEngine.of(world.clock).named("another");
        ProvisionException no = catchThrowableOfType(
                ProvisionException.class,
                () -> whoWaits(3, () -> world.runtime.connect(another)).provision(request(ANNA), spec()));

        assertThat(failed(no.outcome()).failure().kind()).isEqualTo(Kind.WRONG_RUNTIME);
        Claim kept = failed(no.outcome()).kept().orElseThrow();
        assertThat(kept.state()).isEqualTo(ClaimState.FAILED);
        assertThat(kept.port("http")).isEqualTo(7_000);
        assertThat(another.instances()).isEmpty();

        world.runtime.connect(world.engine);
        assertThat(world.provision(ANNA).port("http")).isEqualTo(7_000);
    }

    @ParameterizedTest
    @EnumSource
    void whoeverWaitsToEndItCostsTheRuntimeNothing(End end) {
        Claim pending = begin(Duration.ofDays(1)).claim();
        ProvisionOutcome outcome = joined(() -> end.by(world.provisioner()));

        assertThat(outcome.report().count(Action.JOIN)).isEqualTo(1);
        assertThat(world.pacing.pauses()).hasSizeGreaterThan(250);
        assertThat(world.engine.calls()).isEmpty();
        assertThat(world.claim(ANNA)).contains(pending);
    }

    // ------------------------------------------------------------------ what comes of it

    @Test
    void removeWaitsForWhoeverIsAtItAndRemovesWhatCameOfIt() {
        Provisioned[] made = new Provisioned[1];
        comesUpWhile(made, caller -> assertThat(caller.remove(ANNA)).isTrue());
        assertThat(world.claim(ANNA)).isEmpty();
        assertThat(world.engine.instances()).isEmpty();
        assertThat(world.engine.removed()).hasSize(1);
    }

    @Test
    void stopWaitsForWhoeverIsAtItAndStopsWhatCameOfIt() {
        Provisioned[] made = new Provisioned[1];
        comesUpWhile(made, caller -> assertThat(caller.stop(ANNA).state()).isEqualTo(ClaimState.STOPPED));
        assertThat(world.engine.running()).isEmpty();
        assertThat(world.engine.instances()).hasSize(1);
        assertThat(world.provision(ANNA).instance().id())
                .isEqualTo(made[0].instance().id());
    }

    @Test
    void letGoWaitsForWhoeverIsAtItAndLetsGoWhatCameOfIt() {
        Provisioned[] made = new Provisioned[1];
        comesUpWhile(made, caller -> assertThat(caller.letGo(ANNA)).isTrue());
        assertThat(world.claim(ANNA)).isEmpty();
        assertThat(world.engine.running()).hasSize(1);
        world.provisioner().recover(any -> java.util.Optional.empty());
    }

    /** An own instance is started again by somebody, who is up when the caller has asked for the fourth time. */
    private void comesUpWhile(Provisioned[] made, Consumer<Provisioner<FakeSpec>> end) {
        made[0] = world.provision(ANNA);
        world.provisioner().stop(ANNA);
        AttemptOutcome.Granted again = begin(Duration.ofDays(1));
        end.accept(whoWaits(4, () -> {
            world.engine.startInstance(made[0].instance().id());
            world.ledger.activate(again.attempt(), made[0].instance().id());
        }));
        assertThat(world.pacing.pauses()).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void whatIsGivenBackMeanwhileNeedsNoEnd() {
        AttemptOutcome.Granted first = begin(Duration.ofDays(1));
        assertThat(whoWaits(2, () -> world.ledger.abandon(first.attempt())).remove(ANNA))
                .isFalse();
        AttemptOutcome.Granted second = begin(Duration.ofDays(1));
        assertThatThrownBy(() -> whoWaits(2, () -> world.ledger.abandon(second.attempt()))
                        .stop(ANNA))
                .isInstanceOf(ClaimNotFoundException.class);
    }

    @Test
    void whoeverDiedIsWaitedForUntilTheAttemptLapses() {
        begin(Duration.ofSeconds(60));
        assertThat(world.provisioner().remove(ANNA)).isTrue();
        assertThat(world.claim(ANNA)).isEmpty();
    }

    /** Law L5: the wait was for one attempt, and what a later one has made is none of it. */
    @ParameterizedTest
    @EnumSource(
            value = End.class,
            names = {"STOP", "REMOVE"})
    void whatALaterAttemptHasMadeIsNotEnded(End end) {
        begin(Duration.ofSeconds(60));
        Provisioned[] made = new Provisioned[1];
        Provisioner<FakeSpec> caller = whoWaits(3, () -> {
            world.clock.advance(Duration.ofSeconds(61));
            made[0] = world.provision(ANNA);
        });
        assertThatThrownBy(() -> end.by(caller))
                .isInstanceOf(ProvisionException.class)
                .hasMessageContaining("somebody else has gone on with it");
        assertThat(world.claim(ANNA)).contains(made[0].claim());
        assertThat(world.engine.running()).hasSize(1);
    }

    /** An attempt that begins after the caller has looked is not for it to end, and is not waited for. */
    @Test
    void whatBeginsAfterwardsIsNotWaitedFor() {
        Provisioned first = world.provision(ANNA);
        var late = new ForwardingRuntime<FakeSpec>(world.runtime) {
            @Override
            public Sighting look(String instance) throws Exception {
                if (world.claim(ANNA).orElseThrow().state() == ClaimState.ACTIVE) {
                    world.ledger.attempt(first.claim().token(), NODE, Duration.ofDays(1));
                }
                return super.look(instance);
            }
        };
        joined(() -> world.builder(world.ledger, late).build().stop(ANNA));
        assertThat(world.pacing.pauses()).isEmpty();
        assertThat(world.engine.running()).hasSize(1);
    }

    @Test
    void whatIsReplacedMeanwhileIsNotRemoved() {
        Provisioned first = world.provision(ANNA);
        Provisioned[] second = new Provisioned[1];
        AttemptOutcome.Granted other =
                (AttemptOutcome.Granted) world.ledger.attempt(first.claim().token(), NODE, Duration.ofSeconds(60));
        Provisioner<FakeSpec> caller = whoWaits(3, () -> {
            world.ledger.fail(other.attempt(), "its caller gave up");
            second[0] = world.builder().whenMineLives(Mine.REPLACE).build().provision(request(ANNA), spec());
        });
        assertThatThrownBy(() -> caller.remove(ANNA)).hasMessageContaining("somebody else has gone on with it");
        assertThat(world.claim(ANNA)).contains(second[0].claim());
    }

    // ------------------------------------------------------------------ how it ends

    @ParameterizedTest
    @EnumSource
    void patienceEnds(End end) {
        Claim pending = begin(Duration.ofDays(1)).claim();
        long begun = world.pacing.nanos();
        joined(() -> end.by(world.builder().patience(Duration.ofSeconds(90)).build()));
        assertThat(Duration.ofNanos(world.pacing.nanos() - begun))
                .isBetween(Duration.ofSeconds(90), Duration.ofSeconds(91));
        assertThat(world.claim(ANNA)).contains(pending);
        world.clock.advance(Duration.ofDays(1));
    }

    @ParameterizedTest
    @EnumSource
    void whoIsInterruptedWhileWaitingChangesNothing(End end) {
        Claim pending = begin(Duration.ofDays(1)).claim();
        joined(() -> end.by(whoWaits(3, () -> Thread.currentThread().interrupt())));
        assertThat(Thread.interrupted()).as("the flag stays set").isTrue();
        assertThat(world.pacing.pauses()).hasSize(2);
        assertThat(world.claim(ANNA)).contains(pending);
        assertThat(world.engine.calls()).isEmpty();
    }

    @Test
    void theRuntimeIsMadeSureOfBeforeAnythingIsRemovedAfterAWait() {
        Provisioned made = world.provision(ANNA);
        world.provisioner().stop(ANNA);
        begin(Duration.ofSeconds(60));
        FakeEngine another = FakeEngine.of(world.clock).named("another");
        FakeRuntime client = FakeRuntime.on(world.engine, NODE).pacing(world.pacing);
        Provisioner<FakeSpec> caller = world.builder(world.ledger, client)
                .pacing(before(3, () -> client.connect(another)))
                .build();
        ProvisionException no = catchThrowableOfType(ProvisionException.class, () -> caller.remove(ANNA));

        assertThat(failed(no.outcome()).failure().kind()).isEqualTo(Kind.WRONG_RUNTIME);
        assertThat(world.claim(ANNA).orElseThrow().instance())
                .contains(made.instance().id());
        assertThat(world.provisioner().remove(ANNA)).isTrue();
        assertThat(world.engine.instances()).isEmpty();
    }
}
