package dev.berth.testkit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Owner;
import dev.berth.ledger.Scope;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Hint;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeEngineException;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Many threads, and chaos: the engine contradicts itself never, and its listeners lock nobody up. */
class FakeEngineRaceTest {
    private static final Scope NODE = Scope.of("node-1");
    private static final int RACERS = 4;
    private static final int STEPS = 60;

    private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final Map<Integer, FakeEngine> engines = new ConcurrentHashMap<>();
    private final AtomicLong heard = new AtomicLong();

    @Test
    void engineKeepsItsLawsUnderChaos() {
        Race.of(RACERS)
                .rounds(10)
                .within(Duration.ofMinutes(1))
                .<FakeEngine>run(
                        (round, racer, random) -> wildRun(engineOf(round), random),
                        (round, engines) -> engines.forEach(FakeEngineRaceTest::assertSound));
        assertThat(heard).hasPositiveValue();
    }

    private FakeEngine engineOf(int round) {
        return engines.computeIfAbsent(
                round, any -> FakeEngine.of(clock).named("engine-" + round).removalTaking(Duration.ofSeconds(2)));
    }

    private FakeEngine wildRun(FakeEngine engine, Random random) throws Exception {
        try (var runtime = FakeRuntime.on(engine, NODE).chaos(random.nextLong(), 0.2)) {
            List<Mark> marks = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                try {
                    step(engine, runtime, marks, random);
                } catch (FakeEngineException expected) {
                    assertThat(runtime.classify(expected)).isEqualTo(expected.fault());
                }
                assertSound(engine);
            }
        }
        return engine;
    }

    private void step(FakeEngine engine, FakeRuntime runtime, List<Mark> marks, Random random) throws Exception {
        List<Instance> all = engine.instances();
        String some =
                all.isEmpty() ? "none" : all.get(random.nextInt(all.size())).id();
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> {
                var mark = new Mark(UUID.randomUUID(), UUID.randomUUID(), "nonce", Owner.of("lab", "anna"));
                marks.add(mark);
                runtime.create(new Deployment<>(
                        FakeSpec.of("web:1").exitingAfter(Duration.ofSeconds(9)),
                        Optional.of("web-" + random.nextInt(6)),
                        List.of(Publication.tcp(5000 + random.nextInt(3), 80)),
                        mark,
                        Map.of()));
            }
            case 3, 4 -> runtime.start(some);
            case 5 -> runtime.watch(hint -> hear(runtime, hint));
            case 6 ->
                runtime.remove(
                        some,
                        marks.isEmpty()
                                ? new Mark(UUID.randomUUID(), UUID.randomUUID(), "x", Owner.of("lab", "bert"))
                                : marks.get(random.nextInt(marks.size())),
                        Removal.Mode.EVEN_IF_RUNNING);
            default -> clock.advance(Duration.ofSeconds(1));
        }
    }

    private void hear(FakeRuntime runtime, Hint hint) {
        try {
            heard.incrementAndGet();
            runtime.look(hint.instance());
        } catch (FakeEngineException | InterruptedException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static void assertSound(FakeEngine engine) {
        Set<String> names = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        for (Instance one : engine.instances()) {
            assertThat(names.add(one.name()))
                    .as("one has the name " + one.name())
                    .isTrue();
            one.published()
                    .forEach(port -> assertThat(ports.add(port.port()))
                            .as("one has port " + port)
                            .isTrue());
        }
    }
}
