package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Fault;
import dev.berth.runtime.Health;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What calls tell when something is in their way. */
abstract class DisturbanceLaws<S> extends RuntimeLaws<S> {
    DisturbanceLaws(ContainerRuntimeContract<S> contract) {
        super(contract);
    }

    @Test
    @DisplayName("An exception that nobody knows is unknown, and may have happened.")
    void strangeExceptionIsUnknown() {
        for (Throwable strange : new Throwable[] {
            new IllegalStateException("the name is already in use by a port that is not found"),
            new Exception(),
            new Exception((String) null, new RuntimeException("")),
            new InterruptedException()
        }) {
            Fault fault = runtime.classify(strange);
            assertThat(fault).isInstanceOf(Fault.Unknown.class);
            assertThat(fault.mayHaveHappened()).isTrue();
        }
    }

    @Test
    @DisplayName("While the engine cannot be reached, nothing is absent and no listing is complete.")
    void unreachableIsNotAbsent() throws Exception {
        RuntimeFixture.Road road = road();
        Made made = created();
        road.cut();

        assertThat(lookNow(made)).isInstanceOf(Sighting.Unknown.class);
        assertThat(listNow().sight(made.id())).isInstanceOf(Sighting.Unknown.class);
        road.mend();
        assertThat(look(made)).isInstanceOf(Sighting.Present.class);
    }

    private Sighting lookNow(Made made) {
        try {
            return look(made);
        } catch (Exception failure) {
            return new Sighting.Unknown(failure.toString());
        }
    }

    private Inventory listNow() {
        try {
            return runtime.inventory();
        } catch (Exception failure) {
            return Inventory.unknown(runtime.scope(), failure.toString());
        }
    }

    @Test
    @DisplayName("A removal that does not reach the engine does not say that anything is gone.")
    void unreachableRemovalRemovesNothing() throws Exception {
        RuntimeFixture.Road road = road();
        Made made = created();
        road.cut();

        assertThat(removeNow(made).isGone()).isFalse();
        road.mend();
        assertThat(look(made)).isInstanceOf(Sighting.Present.class);
    }

    private Removal removeNow(Made made) {
        try {
            return runtime.remove(made.id(), made.mark(), Removal.Mode.EVEN_IF_RUNNING);
        } catch (Exception failure) {
            return new Removal.Unknown(failure.toString());
        }
    }

    @Test
    @DisplayName("A call that does not reach the engine is unreachable or unknown, and nothing else.")
    void unreachableIsNoRefusal() throws Exception {
        RuntimeFixture.Road road = road();
        Made made = created();
        road.cut();

        for (Map.Entry<String, Step> call : calls(made).entrySet()) {
            assertThat(faultOf(call.getValue()))
                    .as(call.getKey())
                    .isInstanceOfAny(Fault.Unreachable.class, Fault.Unknown.class);
        }
        assertThat(healthNow(made)).isEqualTo(Health.Verdict.UNKNOWN);
    }

    private Health.Verdict healthNow(Made made) {
        try {
            return runtime.health(made.id()).verdict();
        } catch (Exception failure) {
            return Health.Verdict.UNKNOWN;
        }
    }

    /** The calls that throw when they fail. */
    private Map<String, Step> calls(Made made) {
        Map<String, Step> calls = new LinkedHashMap<>();
        calls.put("create", () -> runtime.create(deployment(fixture.running(), freshName(), freshMark())));
        calls.put("start", () -> runtime.start(made.id()));
        calls.put("stop", () -> runtime.stop(made.id()));
        calls.put("fingerprint", () -> runtime.fingerprint());
        return calls;
    }

    /** All calls of one instance. */
    private Map<String, Step> allCalls(Made made) {
        Mark mark = made.mark();
        Map<String, Step> calls = calls(made);
        calls.put("inventory", () -> runtime.inventory());
        calls.put("look", () -> runtime.look(made.id()));
        calls.put("health", () -> runtime.health(made.id()));
        calls.put("remove", () -> runtime.remove(made.id(), mark, Removal.Mode.EVEN_IF_RUNNING));
        return calls;
    }

    @Test
    @DisplayName("A call on a thread that is interrupted already ends soon.")
    void interruptedThreadGetsAnAnswerSoon() throws Exception {
        Made made = created();
        for (Map.Entry<String, Step> call : allCalls(made).entrySet()) {
            Thread caller = caller(call.getValue());
            caller.interrupt();
            assertEnds(call.getKey(), caller);
        }
    }

    @Test
    @DisplayName("A call that hangs ends soon when its thread is interrupted.")
    void interruptedCallEndsSoon() throws Exception {
        RuntimeFixture.Road road = road();
        Made made = created();
        road.block();
        for (Map.Entry<String, Step> call : allCalls(made).entrySet()) {
            Thread caller = caller(call.getValue());
            await(call.getKey() + " to hang", () -> road.isWaiting() || !caller.isAlive());
            caller.interrupt();
            assertEnds(call.getKey(), caller);
        }
        road.mend();
        assertThat(look(made)).isInstanceOf(Sighting.Present.class);
    }

    @Test
    @DisplayName("A call that was interrupted leaves the client in order: the next one works.")
    void interruptedCallLeavesTheClientInOrder() throws Exception {
        Made made = created();
        for (int i = 0; i < fixture.rounds(); i++) {
            Thread caller = caller(() -> runtime.look(made.id()));
            caller.interrupt();
            assertEnds("look", caller);
            assertThat(look(made)).isInstanceOf(Sighting.Present.class);
        }
    }

    private static Thread caller(Step step) {
        var thread = new Thread(() -> {
            try {
                step.run();
            } catch (Exception interrupted) {
                // That it ends is all that is wanted of it.
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void assertEnds(String call, Thread caller) throws InterruptedException {
        caller.join(fixture.patience().toMillis());
        assertThat(caller.isAlive()).as(call + " ends when interrupted").isFalse();
    }
}
