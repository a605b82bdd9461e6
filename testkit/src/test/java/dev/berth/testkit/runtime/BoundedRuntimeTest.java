package dev.berth.testkit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Scope;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Health;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.RuntimeFaultException;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeEngineException;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every call ends in time, with a meaning. */
class BoundedRuntimeTest {
    private static final Scope NODE = Scope.of("node-1");
    private static final Mark MARK = new Mark(new UUID(1, 1), new UUID(2, 2), "nonce-1", Owner.of("lab", "anna"));
    private static final Deadlines SHORT = Deadlines.all(Duration.ofMillis(50));
    private static final Deadlines LONG = Deadlines.all(Duration.ofMinutes(1));

    private final FakeEngine engine = FakeEngine.of(ManualClock.at(Instant.parse("2026-01-01T00:00:00Z")));
    private final FakeRuntime runtime = FakeRuntime.on(engine, NODE);
    private BoundedRuntime<FakeSpec> bounded = BoundedRuntime.of(runtime, SHORT);

    @AfterEach
    void close() {
        bounded.close();
    }

    private void bound(ContainerRuntime<FakeSpec> next, Deadlines deadlines) {
        bounded.close();
        bounded = BoundedRuntime.of(next, deadlines);
    }

    private static Deployment<FakeSpec> web() {
        return new Deployment<>(FakeSpec.of("web:1"), Optional.of("web"), List.of(), MARK, Map.of());
    }

    private static Fault faultOf(Runnable call) {
        try {
            call.run();
        } catch (RuntimeFaultException failure) {
            return failure.fault();
        }
        throw new AssertionError("the call did not fail");
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - until).as("waited too long").isNegative();
            Thread.onSpinWait();
        }
    }

    // ------------------------------------------------------------------ deadlines

    @Test
    void hungCallEndsAtItsDeadlineAndIsInterrupted() {
        engine.hang();

        assertThat(faultOf(() -> bounded.create(web()))).isInstanceOf(Fault.Unknown.class);
        assertThat(faultOf(() -> bounded.start("1"))).isInstanceOf(Fault.Unknown.class);
        assertThat(faultOf(() -> bounded.stop("1"))).isInstanceOf(Fault.Unknown.class);
        assertThat(faultOf(bounded::fingerprint)).isInstanceOf(Fault.Unknown.class);

        await(() -> engine.hanging() == 0);
        engine.release();
        assertThat(engine.instances())
                .as("an interrupted call does nothing later")
                .isEmpty();
    }

    @Test
    void lookListingHealthAndRemovalNeverThrow() {
        engine.hang();

        assertThat(bounded.look("1")).isInstanceOf(Sighting.Unknown.class);
        assertThat(bounded.inventory().coverage().level()).isEqualTo(Coverage.Level.NONE);
        assertThat(bounded.health("1").verdict()).isEqualTo(Health.Verdict.UNKNOWN);
        assertThat(bounded.remove("1", MARK, Removal.Mode.EVEN_IF_RUNNING)).isInstanceOf(Removal.Unknown.class);
    }

    @Test
    void everyCallHasItsOwnDeadline() {
        bound(runtime, LONG.reads(Duration.ofMillis(20)));
        engine.hang(RuntimeCall.LOOK);

        assertThat(bounded.look("1")).isInstanceOf(Sighting.Unknown.class);
        assertThat(bounded.create(web())).isNotEmpty();
    }

    @Test
    void deadlinesAreOneMillisecondToOneDay() {
        for (Duration wrong :
                List.of(Duration.ZERO, Duration.ofNanos(1), Duration.ofDays(1).plusNanos(1))) {
            assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> Deadlines.all(wrong));
        }
        assertThat(Deadlines.all(Duration.ofDays(1)).read()).isEqualTo(Duration.ofDays(1));
    }

    // ------------------------------------------------------------------ interrupts

    @Test
    void interruptedCallerEndsItsCallAndKeepsItsFlag() throws Exception {
        bound(runtime, LONG);
        engine.hang();
        var fault = new AtomicReference<Fault>();
        var flag = new AtomicBoolean();
        var caller = new Thread(() -> {
            fault.set(faultOf(() -> bounded.create(web())));
            flag.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        await(() -> engine.hanging() == 1);

        caller.interrupt();
        caller.join(Duration.ofSeconds(20).toMillis());

        assertThat(fault.get()).isInstanceOf(Fault.Unknown.class);
        assertThat(flag).isTrue();
        await(() -> engine.hanging() == 0);
    }

    @Test
    void callerThatIsInterruptedBeforeAsksNothing() {
        Thread.currentThread().interrupt();

        Fault fault = faultOf(() -> bounded.create(web()));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(fault).isInstanceOf(Fault.Unreachable.class);
        assertThat(engine.calls()).isEmpty();
    }

    // ------------------------------------------------------------------ meanings

    @Test
    void faultsKeepTheirMeaningAndTheirCause() {
        String id = bounded.create(web());

        assertThatExceptionOfType(RuntimeFaultException.class)
                .isThrownBy(() -> bounded.create(web()))
                .withCauseInstanceOf(FakeEngineException.class)
                .withMessageContainingAll("create web", "lab:anna", "node-1", id, "nothing was done")
                .satisfies(failure -> assertThat(failure.fault())
                        .isInstanceOfSatisfying(
                                Fault.NameHeld.class,
                                held -> assertThat(held.holder()).contains(id)));
        runtime.next(RuntimeCall.START, new Mishap.LostAnswer());
        assertThatExceptionOfType(RuntimeFaultException.class)
                .isThrownBy(() -> bounded.start(id))
                .withMessageContaining("look before you ask again");
        runtime.next(RuntimeCall.START, new Mishap.Busy("removal in progress"));
        assertThat(faultOf(() -> bounded.start(id))).isInstanceOf(Fault.Busy.class);
    }

    @Test
    void adapterThatCannotClassifyKnowsNothing() {
        bound(
                new ForwardingRuntime<>(runtime) {
                    @Override
                    public Fault classify(Throwable failure) {
                        throw new IllegalStateException("no idea");
                    }
                },
                LONG);
        engine.die();

        assertThat(faultOf(() -> bounded.start("1"))).isInstanceOf(Fault.Unknown.class);
    }

    @Test
    void errorsPass() {
        bound(
                failing(() -> {
                    throw new LinkageError("told to");
                }),
                LONG);

        assertThatExceptionOfType(LinkageError.class).isThrownBy(() -> bounded.look("1"));
    }

    @Test
    void adapterThatAnswersNothingOrAnotherThingIsNotBelieved() {
        Sighting other = new Sighting.Present(Instance.of("2", "two", InstanceState.RUNNING, Map.of()));
        bound(failing(() -> null), LONG);
        assertThat(bounded.look("1")).isInstanceOf(Sighting.Unknown.class);
        bound(failing(() -> other), LONG);
        assertThat(bounded.look("1")).isInstanceOf(Sighting.Unknown.class);
        assertThat(bounded.look("2")).isEqualTo(other);
    }

    private ContainerRuntime<FakeSpec> failing(Callable<Sighting> look) {
        return new ForwardingRuntime<>(runtime) {
            @Override
            public Sighting look(String instance) throws Exception {
                return look.call();
            }
        };
    }

    @Test
    void listingOfAnotherScopeIsNotBelieved() {
        bound(
                new ForwardingRuntime<>(runtime) {
                    @Override
                    public Inventory inventory() {
                        return new Inventory(Scope.of("node-2"), Coverage.complete("a beacon"), List.of());
                    }
                },
                LONG);

        assertThat(bounded.inventory().scope()).isEqualTo(NODE);
        assertThat(bounded.inventory().sight("1")).isInstanceOf(Sighting.Unknown.class);
    }

    // ------------------------------------------------------------------ threads

    @Test
    void closeEndsWhatHangsAndNotTheRuntime() throws Exception {
        bound(runtime, LONG);
        engine.hang(RuntimeCall.CREATE);
        var fault = new AtomicReference<Fault>();
        var caller = new Thread(() -> fault.set(faultOf(() -> bounded.create(web()))));
        caller.start();
        await(() -> engine.hanging() == 1);

        bounded.close();
        bounded.close();
        caller.join(Duration.ofSeconds(20).toMillis());

        assertThat(fault.get()).isInstanceOf(Fault.Unknown.class);
        assertThat(faultOf(() -> bounded.start("1"))).isInstanceOf(Fault.Unreachable.class);
        assertThat(runtime.inventory().instances()).isEmpty();
    }

    @Test
    void callsMayRunInTheCallingThread() {
        var seen = new AtomicReference<Thread>();
        var inline = BoundedRuntime.of(
                new ForwardingRuntime<>(runtime) {
                    @Override
                    protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
                        seen.set(Thread.currentThread());
                        return super.around(call, work);
                    }
                },
                SHORT,
                Runnable::run);

        assertThat(inline.create(web())).isNotEmpty();
        inline.close();
        assertThat(inline.inventory().instances())
                .as("the caller's threads stay")
                .hasSize(1);
        assertThat(seen.get()).isEqualTo(Thread.currentThread());
    }

    @Test
    void interruptInTheCallingThreadKeepsItsFlag() throws Exception {
        var inline = BoundedRuntime.of(runtime, LONG, Runnable::run);
        engine.hang();
        var fault = new AtomicReference<Fault>();
        var flag = new AtomicBoolean();
        var caller = new Thread(() -> {
            fault.set(faultOf(() -> inline.create(web())));
            flag.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        await(() -> engine.hanging() == 1);

        caller.interrupt();
        caller.join(Duration.ofSeconds(20).toMillis());

        assertThat(fault.get()).isInstanceOf(Fault.Unknown.class);
        assertThat(flag).isTrue();
    }

    @Test
    void callThatFindsNoThreadWasNotMade() {
        var full = BoundedRuntime.of(runtime, LONG, work -> {
            throw new RejectedExecutionException("full");
        });

        assertThat(faultOf(() -> full.create(web()))).isInstanceOf(Fault.Unreachable.class);
        assertThat(full.look("1")).isInstanceOf(Sighting.Unknown.class);
        assertThat(engine.calls()).isEmpty();
    }
}
