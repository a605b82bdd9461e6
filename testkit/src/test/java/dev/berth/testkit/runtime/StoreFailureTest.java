package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.FaultyLedgerStore;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The store fails while the runtime is at work: nothing is handed out that the ledger does not have, and nothing is lost. */
class StoreFailureTest {
    /** More often than anybody asks again. */
    private static final int FOR_LONG = 1_000;

    private final World world = new World();

    @AfterEach
    void theWorldIsWhole() {
        world.check();
    }

    /** How writes fail. */
    enum Failing {
        REFUSED,
        ANSWER_LOST,
        QUESTION_LOST;

        void begin(FaultyLedgerStore store, int times) {
            switch (this) {
                case REFUSED -> store.refuseWrites(times);
                case ANSWER_LOST -> store.loseAnswers(times);
                case QUESTION_LOST -> store.loseQuestions(times);
            }
        }
    }

    private void mend() {
        for (Failing how : Failing.values()) {
            how.begin(world.store, 0);
        }
        world.store.failReads(0);
    }

    /** A runtime one call of which takes its time, and during which something happens. */
    private Provisioner<FakeSpec> during(RuntimeCall awaited, Duration taking, Runnable deed) {
        var slow = new ForwardingRuntime<FakeSpec>(world.runtime) {
            private boolean done;

            @Override
            protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
                T answer = super.around(call, work);
                if (call == awaited && !done) {
                    done = true;
                    world.clock.advance(taking);
                    deed.run();
                }
                return answer;
            }
        };
        return world.builder(world.ledger, slow).build();
    }

    @ParameterizedTest
    @EnumSource
    void renewalsThatFailInARowEndNothingWhileTheAttemptLives(Failing how) {
        Provisioner<FakeSpec> caller =
                during(RuntimeCall.CREATE, Duration.ofSeconds(25), () -> how.begin(world.store, 2));
        Provisioned desktop = caller.provision(request(ANNA), spec());

        assertThat(desktop.claim().attempt().orElseThrow().number()).isEqualTo(1);
        assertThat(desktop.claim()).isEqualTo(world.claim(ANNA).orElseThrow());
        assertThat(world.engine.calls(RuntimeCall.CREATE)).isEqualTo(1);
        assertThat(world.engine.removed()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anAttemptThatWasNotRenewedUntilItLapsedStartsNothing(Failing how) {
        Provisioner<FakeSpec> caller =
                during(RuntimeCall.CREATE, Duration.ofSeconds(61), () -> how.begin(world.store, FOR_LONG));
        var failure =
                catchThrowableOfType(StoreUnavailableException.class, () -> caller.provision(request(ANNA), spec()));

        assertThat(failure).isNotNull();
        assertThat(world.engine.calls(RuntimeCall.START)).isZero();
        assertThat(world.engine.running()).isEmpty();
        goesOn();
    }

    /** What happened though the answers got lost is read back. */
    @Test
    void whatBecameActiveWithoutAnAnswerIsHandedOutAllTheSame() {
        Provisioner<FakeSpec> caller =
                during(RuntimeCall.CREATE, Duration.ZERO, () -> world.store.loseAnswers(FOR_LONG));
        Provisioned desktop = caller.provision(request(ANNA), spec());
        assertThat(desktop.claim()).isEqualTo(world.claim(ANNA).orElseThrow());
        goesOn();
        assertThat(world.engine.calls(RuntimeCall.CREATE)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Failing.class,
            names = {"REFUSED", "QUESTION_LOST"})
    void aStoreThatFailsWhileSomethingIsCreatedLosesNothing(Failing how) {
        Provisioner<FakeSpec> caller =
                during(RuntimeCall.CREATE, Duration.ZERO, () -> how.begin(world.store, FOR_LONG));
        assertThatThrownBy(() -> caller.provision(request(ANNA), spec())).isInstanceOf(StoreUnavailableException.class);
        goesOn();
    }

    @ParameterizedTest
    @EnumSource
    void aStoreThatFailsBrieflyWhileSomethingIsCreatedIsAskedAgain(Failing how) {
        Provisioner<FakeSpec> caller = during(RuntimeCall.START, Duration.ZERO, () -> how.begin(world.store, 3));
        Provisioned desktop = caller.provision(request(ANNA), spec());
        assertThat(desktop.claim()).isEqualTo(world.claim(ANNA).orElseThrow());
        assertThat(world.engine.calls(RuntimeCall.CREATE)).isEqualTo(1);
    }

    @Test
    void aStoreThatCannotBeReadWhileSomethingIsCreatedLosesNothing() {
        Provisioner<FakeSpec> caller = during(RuntimeCall.CREATE, Duration.ZERO, () -> {
            world.store.failReads(FOR_LONG);
            world.store.refuseWrites(FOR_LONG);
        });
        assertThatThrownBy(() -> caller.provision(request(ANNA), spec())).isInstanceOf(StoreUnavailableException.class);
        goesOn();
    }

    /** Once the store works again the next caller gets one instance, and there is no other. */
    private void goesOn() {
        mend();
        world.clock.advance(Duration.ofMinutes(2));
        Provisioned desktop = world.provision(ANNA);
        assertThat(desktop.claim().state()).isEqualTo(ClaimState.ACTIVE);
        assertThat(world.engine.instances())
                .extracting(Instance::id)
                .containsExactly(desktop.instance().id());
        assertThat(world.engine.running()).hasSize(1);
        assertThat(desktop.port("http")).isEqualTo(7_000);
    }

    @Test
    void nothingIsCreatedWhereTheLedgerDoesNotHaveIt() {
        world.store.failReads(FOR_LONG);
        assertThatThrownBy(() -> world.provision(ANNA)).isInstanceOf(StoreUnavailableException.class);
        world.store.failReads(0);
        world.store.refuseWrites(FOR_LONG);
        assertThatThrownBy(() -> world.provision(ANNA)).isInstanceOf(StoreUnavailableException.class);
        mend();
        assertThat(world.engine.calls(RuntimeCall.CREATE)).isZero();
        assertThat(world.claim(ANNA)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aStoreThatFailsWhileSomethingIsRemovedLosesNothing(Failing how) {
        world.provision(ANNA);
        Provisioner<FakeSpec> caller =
                during(RuntimeCall.REMOVE, Duration.ZERO, () -> how.begin(world.store, FOR_LONG));
        assertThatThrownBy(() -> caller.remove(ANNA)).isInstanceOf(StoreUnavailableException.class);
        assertThat(world.engine.instances()).isEmpty();
        mend();
        // The answer to the release may have been the one that got lost.
        boolean kept = world.claim(ANNA).isPresent();
        assertThat(world.provisioner().remove(ANNA)).isEqualTo(kept);
        assertThat(world.claim(ANNA)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aStoreThatFailsWhileSomethingIsStoppedLosesNothing(Failing how) {
        Provisioned desktop = world.provision(ANNA);
        Provisioner<FakeSpec> caller = during(RuntimeCall.STOP, Duration.ZERO, () -> how.begin(world.store, FOR_LONG));
        assertThatThrownBy(() -> caller.stop(ANNA)).isInstanceOf(StoreUnavailableException.class);
        mend();
        Claim stopped = world.provisioner().stop(ANNA);
        assertThat(stopped.state()).isEqualTo(ClaimState.STOPPED);
        assertThat(stopped.instance()).contains(desktop.instance().id());
        assertThat(world.engine.running()).isEmpty();
    }

    /** On threads that really wait: a create that hangs is not waited for longer than the attempt can be kept. */
    @Test
    void aCreateThatHangsIsLeftWhenItsAttemptCanNotBeRenewedAnyMore() throws Exception {
        var memory = new MemoryLedgerStore(Clock.systemUTC(), new UUID(9, 9));
        var store = new FaultyLedgerStore(memory);
        FakeEngine engine = FakeEngine.of(Clock.systemUTC());
        try (var caller = Provisioner.of(ResourceLedger.on(store), FakeRuntime.on(engine, NODE))
                .attemptsLive(Duration.ofSeconds(1))
                .build()) {
            engine.hang(RuntimeCall.CREATE);
            long begun = System.nanoTime();
            CompletableFuture<Provisioned> asked = caller.provisionAsync(request(ANNA), spec());
            while (engine.hanging() == 0) {
                Thread.onSpinWait();
            }
            store.refuseWrites(FOR_LONG);
            assertThatThrownBy(() -> asked.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(StoreUnavailableException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(900));
            assertThat(store.calls()).as("it was not asked all the time").isLessThan(60);
            engine.release();
            store.refuseWrites(0);
            Provisioned desktop = caller.provision(request(ANNA), spec());
            assertThat(engine.instances())
                    .extracting(Instance::id)
                    .containsExactly(desktop.instance().id());
            assertThat(caller.remove(ANNA)).isTrue();
        }
    }
}
