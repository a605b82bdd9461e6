package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.NODE;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.host;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static dev.berth.testkit.ledger.World.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Choice;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StaleTokenException;
import dev.berth.testkit.ForwardingLedgerStore;
import dev.berth.testkit.LedgerInvariants;
import dev.berth.testkit.Race;
import dev.berth.testkit.StoreCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many threads, small pools. */
@Tag("slow")
class ContentionTest {
    private static final int REPEATS = 10;

    /** How the callers share the store. */
    enum Sharing {
        ONE_LEDGER,
        ONE_LEDGER_COMBINED,
        TWO_LEDGERS
    }

    /** A medium that takes its time, so that looks and commits of several threads really interleave. */
    private static final class Slow extends ForwardingLedgerStore {
        private final LedgerStore.Combining combining;

        Slow(LedgerStore next, LedgerStore.Combining combining) {
            super(next);
            this.combining = combining;
        }

        @Override
        protected <T> T around(StoreCall call, Supplier<T> work) {
            LockSupport.parkNanos(1);
            T answer = work.get();
            LockSupport.parkNanos(1);
            return answer;
        }

        @Override
        public Combining combining() {
            return combining;
        }
    }

    private static ResourceLedger[] ledgers(World world, Sharing sharing) {
        var combining = sharing == Sharing.ONE_LEDGER_COMBINED
                ? new LedgerStore.Combining(1, 4, 1, LedgerStore.Units.ANY)
                : LedgerStore.Combining.NEVER;
        var one = ResourceLedger.on(new Slow(world.memory, combining));
        return sharing == Sharing.TWO_LEDGERS
                ? new ResourceLedger[] {one, ResourceLedger.on(new Slow(world.memory, combining))}
                : new ResourceLedger[] {one, one};
    }

    @ParameterizedTest
    @EnumSource
    void theLastFreePortHasOneWinnerAndTheOthersAreExhausted(Sharing sharing) {
        var world = new World();
        ResourceLedger[] ledgers = ledgers(world, sharing);
        Race.of(8)
                .rounds(REPEATS * 10)
                .<ClaimOutcome>run(
                        (round, racer, random) -> ledgers[racer % 2].tryClaim(
                                by(Owner.of("t", round + "/" + racer)).choose("port", pool(10_000 + round, 1))),
                        (round, outcomes) -> {
                            assertThat(outcomes)
                                    .filteredOn(outcome -> outcome instanceof ClaimOutcome.Granted)
                                    .hasSize(1);
                            assertThat(outcomes)
                                    .filteredOn(outcome -> outcome instanceof ClaimOutcome.Refused)
                                    .hasSize(7)
                                    .allSatisfy(outcome -> assertThat(((ClaimOutcome.Refused) outcome)
                                                    .refusal()
                                                    .obstacles())
                                            .singleElement()
                                            .isInstanceOfSatisfying(
                                                    Obstacle.Exhausted.class,
                                                    full -> assertThat(full.used())
                                                            .isEqualTo(1)));
                        });
        world.check();
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE_LEDGER", "ONE_LEDGER_COMBINED"})
    void oneProcessFillsAPoolWithoutGaps(Sharing sharing) {
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            var world = new World();
            ResourceLedger ledger = ledgers(world, sharing)[0];
            Set<Integer> ports = new TreeSet<>();
            Choice pairs = pool(Map.of("backend", 5001, "frontend", 8001), 1, 1_000);
            Race.of(8)
                    .rounds(25)
                    .<Claim>run(
                            (round, racer, random) -> ledger.claim(
                                    by(Owner.of("t", round + "/" + racer)).choose("ports", pairs)),
                            (round, claims) -> {
                                claims.forEach(claim -> assertThat(ports.add(claim.port("backend")))
                                        .isTrue());
                                assertThat(ports).contains(5001).hasSize(8 * (round + 1));
                                assertThat(ports).allMatch(port -> port < 5001 + ports.size());
                            });
            world.check();
        }
    }

    /** As above, but nobody waits for anybody: rounds do not begin together. */
    @Test
    void oneProcessFillsAPoolWithoutGapsWhenThreadsRunFreely() {
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            var world = new World();
            ResourceLedger ledger = ledgers(world, Sharing.ONE_LEDGER)[0];
            Race.of(6)
                    .rounds(1)
                    .<List<Integer>>run(
                            (round, racer, random) -> {
                                List<Integer> mine = new ArrayList<>();
                                for (int i = 0; i < 100; i++) {
                                    mine.add(ledger.claim(by(Owner.of("t", racer + "/" + i))
                                                    .choose("port", pool(5001, 1_000)))
                                            .port("port"));
                                }
                                return mine;
                            },
                            (round, all) -> {
                                Set<Integer> ports = new TreeSet<>();
                                all.forEach(ports::addAll);
                                assertThat(ports).hasSize(600).allMatch(port -> port >= 5001 && port < 5601);
                            });
        }
    }

    /** Scenario 25: 50 threads in each of two processes on one store: no duplicate, and no error reaches a caller. */
    @Test
    void fiftyThreadsInEachOfTwoProcesses() {
        var world = new World();
        ResourceLedger[] ledgers = ledgers(world, Sharing.TWO_LEDGERS);
        Race.of(100)
                .rounds(3)
                .<Integer>run(
                        (round, racer, random) -> ledgers[racer % 2]
                                .claim(by(Owner.of("t", round + "/" + racer)).choose("port", pool(32_100, 300)))
                                .port("port"),
                        (round, ports) -> assertThat(ports)
                                .doesNotHaveDuplicates()
                                .allMatch(port -> port >= 32_100 && port < 32_400));
        assertThat(world.ledger.claims(ClaimQuery.all())).hasSize(300);
        assertThat(world.refused(by(ANNA).choose("port", pool(32_100, 300)))).hasSize(1);
        world.check();
    }

    @ParameterizedTest
    @EnumSource
    void oneOwnerInManyThreadsGetsOneClaim(Sharing sharing) {
        var world = new World();
        ResourceLedger[] ledgers = ledgers(world, sharing);
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            String app = "app" + repeat;
            Race.of(8)
                    .rounds(10)
                    .<Claim>run(
                            (round, racer, random) ->
                                    ledgers[racer % 2].claim(ClaimRequest.by(Owner.of("t", app + "/" + round))
                                            .in(NODE)
                                            .fixed("host", host(app + "-" + round))
                                            .fixed("path", tree("/" + app + "/" + round))
                                            .label("app", app)
                                            .choose("port", pool(20_000, 1_000))),
                            (round, claims) -> assertThat(new HashSet<>(claims)).hasSize(1));
        }
        assertThat(world.ledger.claims(ClaimQuery.all()).map(claim -> claim.port("port")))
                .containsExactlyInAnyOrderElementsOf(
                        java.util.stream.IntStream.range(20_000, 20_100).boxed().toList());
        world.check();
    }

    /** The owner's last port is asked for by all its threads: each gets it, none is told that the pool is full. */
    @ParameterizedTest
    @EnumSource
    void oneOwnerInManyThreadsIsNeverRefusedWhatItHolds(Sharing sharing) {
        var world = new World();
        ResourceLedger[] ledgers = ledgers(world, sharing);
        Race.of(8)
                .rounds(REPEATS * 10)
                .<Claim>run(
                        (round, racer, random) -> ledgers[racer % 2].claim(by(Owner.of("t", "app" + round))
                                .choose("port", pool(10_000 + round, 1))
                                .fixed("path", tree("/x" + round))
                                .fixed("deeper", tree("/x" + round + "/y"))),
                        (round, claims) -> assertThat(new HashSet<>(claims)).hasSize(1));
        world.check();
    }

    @Test
    void oneOwnersThreadsThatExtendDifferentPartsAllSucceed() {
        var world = new World();
        ResourceLedger[] ledgers = ledgers(world, Sharing.TWO_LEDGERS);
        Race.of(12)
                .rounds(REPEATS)
                .<Claim>run(
                        (round, racer, random) -> ledgers[racer % 2].claim(
                                by(Owner.of("t", "app" + round)).choose("part" + racer, pool(5001, 1_000))),
                        (round, claims) -> {
                            Claim claim = world.ledger
                                    .find(Owner.of("t", "app" + round))
                                    .orElseThrow();
                            assertThat(claim.holdings()).hasSize(12);
                            assertThat(claims).allMatch(one -> one.id().equals(claim.id()));
                        });
        world.check();
    }

    @ParameterizedTest
    @EnumSource
    void whateverIsMixedTheLawsHold(Sharing sharing) {
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            var world = new World();
            ResourceLedger[] ledgers = ledgers(world, sharing);
            Race.of(6)
                    .rounds(3)
                    .<Boolean>run(
                            (round, racer, random) -> {
                                for (int i = 0; i < 60; i++) {
                                    mix(world, ledgers[racer % 2], random);
                                }
                                return true;
                            },
                            (round, done) -> {
                                LedgerInvariants.check(world.memory);
                                assertNoOverlaps(world);
                            });
        }
    }

    private static void mix(World world, ResourceLedger ledger, Random random) {
        Owner owner = Owner.of("t", "app" + random.nextInt(4));
        try {
            switch (random.nextInt(9)) {
                case 0 -> ledger.find(owner).ifPresent(claim -> ledger.release(claim));
                case 1 ->
                    ledger.find(owner)
                            .ifPresent(claim ->
                                    ledger.release(claim.token(), Quarantine.of(ResourceKind.TCP_PORT, MINUTE)));
                case 2 -> ledger.find(owner).ifPresent(claim -> ledger.shrink(claim.token(), "a"));
                case 3 ->
                    ledger.find(owner)
                            .filter(claim -> claim.holds("a"))
                            .ifPresent(claim -> ledger.reassign(claim.token(), Reassignment.of("a", pool(5001, 8))));
                case 4 -> world.clock.advance(MINUTE.dividedBy(4));
                case 5 -> {
                    if (ledger.attempt(by(owner).choose("a", pool(5001, 8)), NODE, MINUTE)
                            instanceof AttemptOutcome.Granted granted) {
                        ledger.activate(granted.attempt(), "i-" + random.nextInt(3));
                    }
                }
                case 6 -> ledger.rename(owner, Owner.of("t", "app" + random.nextInt(4)));
                case 7 ->
                    ledger.tryClaim(by(owner)
                            .fixed("path", tree(List.of("/", "/a", "/a/b").get(random.nextInt(3))))
                            .fixed("port", port(5001 + random.nextInt(8)))
                            .lease(MINUTE));
                default ->
                    ledger.tryClaim(by(owner)
                            .choose("a", pool(5001, 8))
                            .choose("b", pool(5001, 8))
                            .lease(MINUTE));
            }
        } catch (StaleTokenException
                | ClaimRefusedException
                | ClaimNotFoundException
                | dev.berth.InvalidInputException expected) {
            // Lost a race, or asked for what another has: what is left must still be whole.
            assertThat(expected).hasMessageNotContaining("null");
        }
    }

    private static void assertNoOverlaps(World world) {
        Map<String, Owner> paths = new HashMap<>();
        world.ledger
                .claims(ClaimQuery.all())
                .filter(claim -> claim.holds("path"))
                .forEach(claim -> paths.put(claim.value("path"), claim.owner()));
        paths.forEach((one, holder) -> paths.forEach((two, other) -> {
            if (!holder.equals(other)) {
                assertThat(two.startsWith(one.equals("/") ? "/" : one + "/"))
                        .as("%s and %s", one, two)
                        .isFalse();
            }
        }));
    }
}
