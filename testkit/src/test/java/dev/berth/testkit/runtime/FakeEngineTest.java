package dev.berth.testkit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Scope;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Health;
import dev.berth.runtime.Hint;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeEngineException;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.ManualPacing;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The fake engine behaves as real ones do, and fails as it is told to. */
class FakeEngineTest {
    private static final Scope NODE = Scope.of("node-1");
    private static final Mark MARK = new Mark(new UUID(1, 1), new UUID(2, 2), "nonce-1", Owner.of("lab", "anna"));
    private static final FakeSpec WEB = FakeSpec.of("web:1");

    private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeEngine engine = FakeEngine.of(clock);
    private final FakeRuntime runtime = FakeRuntime.on(engine, NODE);

    private interface Call {
        void run() throws Exception;
    }

    private Fault fault(Call call) {
        try {
            call.run();
        } catch (Exception failure) {
            return runtime.classify(failure);
        }
        throw new AssertionError("the call did not fail");
    }

    private String create(String name, FakeSpec spec, Publication... ports) throws Exception {
        return runtime.create(new Deployment<>(spec, Optional.of(name), List.of(ports), MARK, Map.of("app", "web")));
    }

    private String started(String name, FakeSpec spec, Publication... ports) throws Exception {
        String id = create(name, spec, ports);
        runtime.start(id);
        return id;
    }

    private InstanceState state(String id) {
        return engine.instance(id).orElseThrow().state();
    }

    private Health.Verdict health(String id) throws Exception {
        return runtime.health(id).verdict();
    }

    /** The example of {@link FakeEngine}'s Javadoc. */
    @Test
    void exampleRuns() throws Exception {
        var clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
        var engine = FakeEngine.of(clock).removalTaking(Duration.ofSeconds(3));
        engine.occupy(5001);
        try (var runtime = FakeRuntime.on(engine, Scope.of("node-1")).pacing(ManualPacing.on(clock))) {
            runtime.next(RuntimeCall.CREATE, new Mishap.LostAnswer());
            deploy(runtime);
        }
        assertThat(engine.running()).hasSize(1);
    }

    /** An application that looks for what it may have made. */
    private static void deploy(FakeRuntime runtime) throws Exception {
        try {
            runtime.create(new Deployment<>(WEB, Optional.of("web"), List.of(), MARK, Map.of()));
        } catch (FakeEngineException lost) {
            assertThat(runtime.classify(lost).mayHaveHappened()).isTrue();
        }
        runtime.start(runtime.inventory().instances().get(0).id());
    }

    // ------------------------------------------------------------------ names and ports

    @Test
    void nameIsTakenByCreateAndPortByStart() throws Exception {
        String first = create("web", WEB, Publication.tcp(5001, 80));
        String second = create("other", WEB, Publication.tcp(5001, 80));

        assertThat(fault(() -> create("web", WEB)))
                .isInstanceOfSatisfying(
                        Fault.NameHeld.class, held -> assertThat(held.holder()).contains(first));
        runtime.start(second);
        assertThat(fault(() -> runtime.start(first)))
                .isInstanceOfSatisfying(
                        Fault.PortHeld.class, held -> assertThat(held.ports()).containsExactly(5001));
        assertThat(state(first)).isEqualTo(InstanceState.CREATED);
        runtime.stop(second);
        runtime.start(first);
        assertThat(engine.running()).extracting(Instance::id).containsExactly(first);
    }

    @Test
    void portsOfSingleAddressesOverlapOnlyWhereTheyMeet() throws Exception {
        started("a1", WEB, at("127.0.0.1"));
        started("b1", WEB, at("127.0.0.2"));
        started("c1", WEB, Publication.udp(5001, 80));

        String everywhere = create("d1", WEB, Publication.tcp(5001, 80));
        String twice = create("e1", WEB, Publication.tcp(5002, 80), Publication.tcp(5002, 81));

        assertThat(fault(() -> runtime.start(everywhere))).isInstanceOf(Fault.PortHeld.class);
        assertThat(fault(() -> runtime.start(twice))).isInstanceOf(Fault.PortHeld.class);
    }

    private static Publication at(String address) {
        var all = Publication.tcp(5001, 80);
        return new Publication(all.kind(), all.port(), all.inner(), Optional.of(address));
    }

    @Test
    void hostProcessHoldsAPortThatNoInstanceHas() throws Exception {
        engine.occupy(5001);
        String id = create("web", WEB, Publication.tcp(5001, 80));

        assertThat(fault(() -> runtime.start(id))).isInstanceOf(Fault.PortHeld.class);
        engine.vacate(5001);
        runtime.start(id);

        assertThat(engine.instance(id).orElseThrow().published()).containsExactly(Publication.tcp(5001, 80));
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> engine.occupy(5001));
    }

    @Test
    void pausedInstanceKeepsItsPorts() throws Exception {
        String id = started("web", WEB, Publication.tcp(5001, 80));
        engine.pauseInstance(id);
        String other = create("other", WEB, Publication.tcp(5001, 80));

        assertThat(fault(() -> runtime.start(other))).isInstanceOf(Fault.PortHeld.class);
        assertThat(fault(() -> runtime.start(id))).isInstanceOf(Fault.Rejected.class);
        engine.resumeInstance(id);
        assertThat(state(id)).isEqualTo(InstanceState.RUNNING);
    }

    @Test
    void secondStartAfterAPortConflictPublishesNothingOnDocker29() throws Exception {
        engine.withSilentRestarts().occupy(5001);
        String id = create("web", WEB, Publication.tcp(5001, 80));
        assertThat(fault(() -> runtime.start(id))).isInstanceOf(Fault.PortHeld.class);

        runtime.start(id);

        assertThat(state(id)).isEqualTo(InstanceState.RUNNING);
        assertThat(engine.instance(id).orElseThrow().published()).isEmpty();
        assertThat(engine.instance(id).orElseThrow().configured()).hasSize(1);
    }

    @Test
    void badNameAndMissingImageAreRejected() throws Exception {
        engine.withoutImage("nope:1");
        create("web", WEB);

        assertThat(fault(() -> create("-web", WEB))).isInstanceOf(Fault.Rejected.class);
        assertThat(fault(() -> create("web", FakeSpec.of("nope:1")))).isInstanceOf(Fault.Rejected.class);
    }

    @Test
    void idsAreUsedAgainOnlyWhereToldTo() throws Exception {
        String full = create("web", WEB);
        engine.removeInstance(full);
        assertThat(create("web", WEB)).hasSize(64).isNotEqualTo(full);

        var numbered = FakeEngine.of(clock).named("pve").withReusedIds();
        try (var client = FakeRuntime.on(numbered, NODE)) {
            String first = numbered.stranger("ct-1");
            numbered.removeInstance(first);
            String again = client.create(new Deployment<>(WEB, Optional.of("ct-2"), List.of(), MARK, Map.of()));

            assertThat(first).isEqualTo("100");
            assertThat(again).isEqualTo("100");
        }
    }

    // ------------------------------------------------------------------ time

    @Test
    void instanceComesUpAndGetsHealthyByTheClock() throws Exception {
        String id = started("web", WEB.startingFor(Duration.ofSeconds(2)).healthyAfter(Duration.ofSeconds(5)));

        assertThat(state(id)).isEqualTo(InstanceState.STARTING);
        clock.advance(Duration.ofSeconds(2));
        assertThat(state(id)).isEqualTo(InstanceState.RUNNING);
        assertThat(health(id)).isEqualTo(Health.Verdict.STARTING);
        clock.advance(Duration.ofSeconds(3));
        assertThat(health(id)).isEqualTo(Health.Verdict.HEALTHY);
        assertThat(health(started("sick", WEB.neverHealthy()))).isEqualTo(Health.Verdict.UNHEALTHY);
        assertThat(health(started("plain", WEB.withoutCheck()))).isEqualTo(Health.Verdict.UNCHECKED);
    }

    @Test
    void instanceExitsByTheClockInTheRunItWasMeantFor() throws Exception {
        assertThat(state(started("gone", WEB.exitingAtOnce()))).isEqualTo(InstanceState.STOPPED);
        String id = started("web", WEB.exitingAfter(Duration.ofSeconds(10)));
        clock.advance(Duration.ofSeconds(6));
        runtime.stop(id);
        runtime.start(id);

        clock.advance(Duration.ofSeconds(6));
        assertThat(state(id)).isEqualTo(InstanceState.RUNNING);
        clock.advance(Duration.ofSeconds(4));
        assertThat(state(id)).isEqualTo(InstanceState.STOPPED);
    }

    @Test
    void removalTakesItsTimeAndKeepsTheNameMeanwhile() throws Exception {
        engine.removalTaking(Duration.ofSeconds(3));
        String id = started("web", WEB);

        assertThat(runtime.remove(id, MARK, Removal.Mode.EVEN_IF_RUNNING)).isInstanceOf(Removal.Unknown.class);
        assertThat(state(id)).isEqualTo(InstanceState.REMOVING);
        assertThat(fault(() -> create("web", WEB))).isInstanceOf(Fault.NameHeld.class);
        assertThat(fault(() -> runtime.start(id))).isInstanceOf(Fault.Busy.class);
        var pacing = ManualPacing.on(clock);
        runtime.pacing(pacing);

        assertThat(runtime.remove(id, MARK, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Removed.class);
        assertThat(runtime.remove(id, MARK, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.WasAbsent.class);
        assertThat(pacing.pauses()).hasSize(150);
        assertThat(engine.removed()).singleElement().satisfies(gone -> {
            assertThat(gone.instance().state()).isEqualTo(InstanceState.RUNNING);
            assertThat(gone.instance().mark()).contains(MARK);
            assertThat(gone.by()).isEqualTo("node-1");
        });
    }

    @Test
    void removalThatLosesItsEngineIsUnknown() throws Exception {
        engine.removalTaking(Duration.ofSeconds(3));
        String id = create("web", WEB);
        var pacing = ManualPacing.on(clock);
        runtime.pacing(new dev.berth.runtime.Pacing() {
            @Override
            public long nanos() {
                return pacing.nanos();
            }

            @Override
            public void pause(Duration span) throws InterruptedException {
                engine.die();
                pacing.pause(span);
            }
        });

        assertThat(runtime.remove(id, MARK, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Unknown.class);
    }

    // ------------------------------------------------------------------ failing

    @Test
    void lostAnswersAndLostQuestionsLookTheSame() throws Exception {
        runtime.next(RuntimeCall.CREATE, new Mishap.LostAnswer())
                .next(RuntimeCall.CREATE, new Mishap.LostQuestion())
                .next(RuntimeCall.CREATE, new Mishap.Unreached());

        assertThat(fault(() -> create("a1", WEB))).isInstanceOf(Fault.Unknown.class);
        assertThat(fault(() -> create("b1", WEB))).isInstanceOf(Fault.Unknown.class);
        assertThat(fault(() -> create("c1", WEB))).isInstanceOf(Fault.Unreachable.class);

        create("d1", WEB);
        assertThat(engine.instances()).extracting(Instance::name).containsExactly("a1", "d1");
        assertThat(engine.calls(RuntimeCall.CREATE)).isEqualTo(4);
    }

    @Test
    void lateCallHappensAtItsTimeOrWhenReleased() throws Exception {
        runtime.nth(RuntimeCall.CREATE, 2, Mishap.late(Duration.ofSeconds(20)))
                .nth(RuntimeCall.CREATE, 3, Mishap.lateUntilReleased());
        create("a1", WEB);
        assertThat(fault(() -> create("b1", WEB))).isInstanceOf(Fault.Unknown.class);
        assertThat(fault(() -> create("c1", WEB))).isInstanceOf(Fault.Unknown.class);

        assertThat(engine.instances()).hasSize(1);
        clock.advance(Duration.ofSeconds(20));
        assertThat(engine.instances()).hasSize(2);
        engine.releaseLate();
        assertThat(engine.instances()).extracting(Instance::name).containsExactly("a1", "b1", "c1");
    }

    @Test
    void chaosIsTheSameForOneSeed() throws Exception {
        assertThat(chaotic(7)).isEqualTo(chaotic(7)).isNotEqualTo(chaotic(8));
        assertThat(chaotic(7)).contains("-").anyMatch(outcome -> !outcome.equals("-"));
    }

    private static List<String> chaotic(long seed) throws InterruptedException {
        var time = ManualClock.at(Instant.EPOCH);
        var client = FakeRuntime.on(FakeEngine.of(time), NODE).chaos(seed, 0.5);
        List<String> outcomes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            try {
                client.create(new Deployment<>(WEB, Optional.of("web-" + i % 5), List.of(), MARK, Map.of()));
                outcomes.add("-");
            } catch (FakeEngineException failure) {
                outcomes.add(failure.fault().toString());
            }
            time.advance(Duration.ofSeconds(1));
        }
        client.calm();
        return outcomes;
    }

    @Test
    void deadEngineAnswersNobodyAndComesBack() throws Exception {
        String id = started("web", WEB);
        var before = runtime.fingerprint();
        engine.die();
        assertThat(fault(runtime::inventory)).isInstanceOf(Fault.Unreachable.class);

        engine.comeBack(FakeEngine.Revival.KEPT_RUNNING);
        assertThat(state(id)).isEqualTo(InstanceState.RUNNING);
        engine.die();
        engine.comeBack(FakeEngine.Revival.STOPPED);
        assertThat(state(id)).isEqualTo(InstanceState.STOPPED);
        assertThat(runtime.fingerprint()).isEqualTo(before);
        engine.die();
        engine.comeBack(FakeEngine.Revival.WITHOUT_DATA);
        assertThat(runtime.fingerprint()).isNotEqualTo(before);
        assertThat(runtime.inventory().sight(id)).isInstanceOf(Sighting.Unknown.class);
    }

    @Test
    void hungCallsGoOnWhenReleasedAndEndWhenTheEngineDies() throws Exception {
        engine.hang(RuntimeCall.CREATE);
        var first = hanging("a1", 1);
        assertThat(runtime.inventory().instances()).isEmpty();
        engine.release();
        assertThat(first.get()).isEqualTo("done");

        engine.hang();
        var second = hanging("b1", 1);
        engine.die();
        assertThat(second.get()).startsWith("Unknown");
        engine.release();
        engine.comeBack(FakeEngine.Revival.STOPPED);
        assertThat(engine.instances()).hasSize(1);
    }

    private CompletableFuture<String> hanging(String name, int expected) {
        var future = CompletableFuture.supplyAsync(() -> {
            try {
                create(name, WEB);
                return "done";
            } catch (Exception failure) {
                return runtime.classify(failure).toString();
            }
        });
        while (engine.hanging() < expected) {
            Thread.onSpinWait();
        }
        return future;
    }

    @Test
    void listingsLieAsTheyAreTold() throws Exception {
        String id = create("web", WEB);
        assertThat(sighting(id, FakeEngine.Lie.EMPTY)).isInstanceOf(Sighting.Unknown.class);
        assertThat(sighting(id, FakeEngine.Lie.EMPTY_WITH_PROOF)).isInstanceOf(Sighting.Absent.class);
        create("other", WEB);
        assertThat(sighting(id, FakeEngine.Lie.TRUNCATED)).isInstanceOf(Sighting.Absent.class);
        assertThat(sighting(id, FakeEngine.Lie.PARTIAL)).isInstanceOf(Sighting.Unknown.class);
        assertThat(sighting(id, FakeEngine.Lie.NONE)).isInstanceOf(Sighting.Present.class);
        engine.loseBeacon();
        assertThat(runtime.inventory().coverage().proof()).isEmpty();
        engine.putBeacon();
        assertThat(runtime.inventory().coverage().proof()).isPresent();
    }

    private Sighting sighting(String id, FakeEngine.Lie lie) throws Exception {
        engine.lie(lie);
        Inventory told = runtime.inventory();
        return told.sight(id);
    }

    @Test
    void anotherEngineMayAnswerTheSameClient() throws Exception {
        var heard = new ArrayList<Hint>();
        try (var watch = runtime.watch(heard::add)) {
            var before = runtime.fingerprint();
            create("web", WEB);
            var other = FakeEngine.of(clock).named("engine-2");
            runtime.connect(other);

            String id = other.stranger("web");

            assertThat(watch).isNotNull();
            assertThat(runtime.fingerprint().differences(before)).hasSize(1);
            assertThat(runtime.inventory().instances()).extracting(Instance::id).containsExactly(id);
            assertThat(heard)
                    .extracting(Hint::kind)
                    .containsExactly(
                            Hint.Kind.CREATED, Hint.Kind.GAP, Hint.Kind.CREATED, Hint.Kind.STARTED, Hint.Kind.CHANGED);
        }
    }

    // ------------------------------------------------------------------ hints and ends

    @Test
    void hintsAreToldDroppedOrDoubled() throws Exception {
        var heard = new ArrayList<Hint.Kind>();
        var watch = runtime.watch(hint -> heard.add(hint.kind()));
        create("a1", WEB);
        engine.hints(FakeEngine.Hints.DROPPED);
        create("b1", WEB);
        engine.hints(FakeEngine.Hints.DOUBLED);
        String id = create("c1", WEB);
        assertThat(heard).containsExactly(Hint.Kind.CREATED, Hint.Kind.CREATED, Hint.Kind.CREATED);

        watch.close();
        watch.close();
        runtime.start(id);

        assertThat(heard).hasSize(3);
    }

    @Test
    void listenerThatThrowsIsNotHeardOfAgainAndHarmsNobody() throws Exception {
        var heard = new ArrayList<Hint>();
        runtime.watch(hint -> {
            heard.add(hint);
            throw new IllegalStateException("told to");
        });

        create("a1", WEB);
        create("b1", WEB);

        assertThat(heard).hasSize(1);
    }

    @Test
    void listenerMayCallTheRuntime() throws Exception {
        var seen = new ArrayList<InstanceState>();
        runtime.watch(hint -> {
            try {
                seen.add(runtime.look(hint.instance()).seen().orElseThrow().state());
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
        });

        started("web", WEB);

        assertThat(seen).containsExactly(InstanceState.CREATED, InstanceState.RUNNING, InstanceState.RUNNING);
    }

    @Test
    void closedClientFailsAndTheEngineLivesOn() throws Exception {
        create("web", WEB);
        runtime.close();
        runtime.close();

        assertThat(fault(runtime::inventory)).isInstanceOf(Fault.Unreachable.class);
        assertThat(FakeRuntime.on(engine, NODE).inventory().instances()).hasSize(1);
    }

    @Test
    void callsAreRecordedWithTheirTargets() throws Exception {
        String id = started("web", WEB);
        engine.stopInstance(id);
        engine.breakInstance(id);
        engine.guardInstance(id, "a template");

        assertThat(engine.calls())
                .containsExactly(
                        new FakeEngine.Call(RuntimeCall.CREATE, "web", clock.instant()),
                        new FakeEngine.Call(RuntimeCall.START, id, clock.instant()));
        engine.resetCalls();
        assertThat(engine.calls()).isEmpty();
        assertThat(state(id)).isEqualTo(InstanceState.BROKEN);
        assertThat(runtime.remove(id, MARK, Removal.Mode.IF_STOPPED))
                .isInstanceOfSatisfying(
                        Removal.Kept.class, kept -> assertThat(kept.reason()).contains("a template"));
    }
}
