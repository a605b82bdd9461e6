package dev.berth.testkit.port;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.Port;
import dev.berth.port.PortAllocator;
import dev.berth.port.PortOutcome;
import dev.berth.port.PortPool;
import dev.berth.testkit.FakeProbe;
import dev.berth.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * The allocator beside a model that anybody can check by eye: two pools that overlap, one of them in step, four owners,
 * outsiders that come and go, ports that cannot be seen, and time that passes.
 */
class PortModelTest {
    private static final Duration DECLINED = Duration.ofMinutes(5);

    /** What may happen; which of owner, pool and port it uses depends on it. */
    enum What {
        ALLOCATE,
        REALLOCATE,
        RECHECK,
        RELEASE,
        SEIZE,
        VACATE,
        HIDE,
        WAIT
    }

    record Step(What what, int owner, int pool, int port) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<What> what = Arbitraries.frequency(
                net.jqwik.api.Tuple.of(6, What.ALLOCATE),
                net.jqwik.api.Tuple.of(2, What.REALLOCATE),
                net.jqwik.api.Tuple.of(2, What.RECHECK),
                net.jqwik.api.Tuple.of(3, What.RELEASE),
                net.jqwik.api.Tuple.of(3, What.SEIZE),
                net.jqwik.api.Tuple.of(2, What.VACATE),
                net.jqwik.api.Tuple.of(1, What.HIDE),
                net.jqwik.api.Tuple.of(2, What.WAIT));
        return Combinators.combine(
                        what,
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, 1),
                        Arbitraries.integers().between(100, 107))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(60);
    }

    @Property(tries = 1_000)
    void allocatorDoesWhatTheModelDoes(@ForAll("steps") List<Step> steps) {
        var world = new World();
        for (Step step : steps) {
            world.run(step);
            world.check();
        }
    }

    /** A pool by its slots' ports. */
    private record Slots(PortPool pool, List<List<Integer>> slots) {}

    private static final class World {
        private final ManualClock clock = ManualClock.at(Instant.parse("2026-05-04T12:00:00Z"));
        private final ResourceLedger ledger = ResourceLedger.inMemory(clock);
        private final FakeProbe probe = FakeProbe.free();
        private final PortAllocator ports =
                PortAllocator.on(ledger).probing(probe).decliningFor(DECLINED);
        private final List<Slots> pools = List.of(
                new Slots(
                        PortPool.named("pairs")
                                .role("a", 100)
                                .role("b", 104)
                                .slots(4)
                                .build(),
                        List.of(List.of(100, 104), List.of(101, 105), List.of(102, 106), List.of(103, 107))),
                new Slots(
                        PortPool.named("single").range(102, 105).build(),
                        List.of(List.of(102), List.of(103), List.of(104), List.of(105))));

        private final Map<String, List<Integer>> held = new TreeMap<>();
        private final Map<Integer, Instant> declines = new HashMap<>();
        private final Set<Integer> busy = new TreeSet<>();
        private final Set<Integer> hidden = new TreeSet<>();

        private static Owner owner(Step step) {
            return Owner.of("lab", "app-" + step.owner());
        }

        void run(Step step) {
            Slots slots = pools.get(step.pool());
            String key = owner(step).name() + " " + slots.pool().name();
            switch (step.what()) {
                case ALLOCATE -> allocate(step, slots, key);
                case REALLOCATE, RECHECK -> move(step, slots, key);
                case RELEASE ->
                    assertThat(ports.release(owner(step), slots.pool())).isEqualTo(held.remove(key) != null);
                case SEIZE -> {
                    probe.seize(step.port());
                    hidden.remove(step.port());
                    busy.add(step.port());
                }
                case VACATE -> {
                    probe.vacate(step.port());
                    hidden.remove(step.port());
                    busy.remove(step.port());
                }
                case HIDE -> {
                    probe.hide("unseen", Port.tcp(step.port()));
                    busy.remove(step.port());
                    hidden.add(step.port());
                }
                case WAIT -> clock.advance(Duration.ofMinutes(step.owner() + 1));
            }
        }

        private void allocate(Step step, Slots slots, String key) {
            PortOutcome outcome = ports.tryAllocate(owner(step), slots.pool());
            List<Integer> expected = held.containsKey(key) ? held.get(key) : search(slots, Set.of());
            if (outcome instanceof PortOutcome.Allocated allocated) {
                assertThat(allocated.assignment().ports().values()).containsExactlyElementsOf(expected);
                held.put(key, expected);
            } else if (outcome instanceof PortOutcome.Refused refused) {
                assertThat(expected).isNull();
                checkRefusal(refused.refusal());
            }
        }

        private void move(Step step, Slots slots, String key) {
            List<Integer> old = held.get(key);
            if (old == null) {
                return;
            }
            boolean recheck = step.what() == What.RECHECK;
            Set<Integer> bad = new HashSet<>(old);
            if (recheck) {
                bad.retainAll(busy);
            }
            List<Integer> expected = old;
            if (!bad.isEmpty()) {
                held.remove(key);
                bad.forEach(port -> declines.put(port, clock.instant().plus(DECLINED)));
                expected = search(slots, new HashSet<>(old));
                held.put(key, expected == null ? old : expected);
                if (expected == null) {
                    bad.forEach(declines::remove);
                }
            }
            try {
                var moved = recheck
                        ? ports.recheck(owner(step), slots.pool())
                        : ports.reallocate(owner(step), slots.pool(), "taken");
                assertThat(moved.ports().values()).containsExactlyElementsOf(expected);
            } catch (ClaimRefusedException refused) {
                assertThat(expected).isNull();
            }
        }

        /** The lowest slot that nobody holds, is not declined and is seen free; null if there is none, or none seen. */
        private @Nullable List<Integer> search(Slots slots, Set<Integer> except) {
            for (List<Integer> slot : slots.slots()) {
                if (slot.stream().anyMatch(port -> isTaken(port) || except.contains(port))) {
                    continue;
                }
                if (slot.stream().anyMatch(busy::contains)) {
                    slot.stream()
                            .filter(busy::contains)
                            .forEach(port -> declines.put(port, clock.instant().plus(DECLINED)));
                } else {
                    return slot.stream().anyMatch(hidden::contains) ? null : slot;
                }
            }
            return null;
        }

        private boolean isTaken(int port) {
            return held.values().stream().anyMatch(ports -> ports.contains(port))
                    || declines.getOrDefault(port, Instant.MIN).isAfter(clock.instant());
        }

        private static void checkRefusal(Refusal refusal) {
            assertThat(refusal.obstacles())
                    .singleElement()
                    .satisfies(obstacle ->
                            assertThat(obstacle).isInstanceOfAny(Obstacle.Exhausted.class, Obstacle.Unverified.class));
        }

        /** What the ledger holds is what the model holds, no port twice, and nothing hidden is declined. */
        void check() {
            List<Integer> model =
                    held.values().stream().flatMap(Collection::stream).sorted().toList();
            assertThat(model).doesNotHaveDuplicates();
            List<Integer> stored = new ArrayList<>();
            for (int app = 0; app < 4; app++) {
                ledger.find(Owner.of("lab", "app-" + app))
                        .ifPresent(claim -> claim.holdings()
                                .forEach(holding ->
                                        stored.add(holding.resource().number().orElseThrow())));
            }
            assertThat(stored).containsExactlyInAnyOrderElementsOf(model);
            int blocked = ports.usage(pools.get(1).pool()).blocked();
            assertThat(blocked).isEqualTo((int) pools.get(1).slots().stream()
                    .map(slot -> slot.get(0))
                    .filter(port -> !model.contains(port) && isTaken(port))
                    .count());
        }
    }
}
