package dev.berth.testkit.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.port.OnUnknown;
import dev.berth.port.Port;
import dev.berth.port.PortAllocator;
import dev.berth.port.PortAssignment;
import dev.berth.port.PortAudit;
import dev.berth.port.PortBulk;
import dev.berth.port.PortOutcome;
import dev.berth.port.PortPool;
import dev.berth.port.PortProbe;
import dev.berth.port.PortSighting;
import dev.berth.port.PortUsage;
import dev.berth.port.Protocol;
import dev.berth.testkit.FakeProbe;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.Race;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the allocator does with what its probe sees. */
class PortProbingTest {
    private static final Owner MINE = Owner.of("lab", "mine");
    private static final Owner YOURS = Owner.of("lab", "yours");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualClock clock = ManualClock.at(Instant.parse("2026-05-04T12:00:00Z"));
    private final ResourceLedger ledger = ResourceLedger.inMemory(clock);
    private final FakeProbe probe = FakeProbe.free();
    private final PortAllocator ports = PortAllocator.on(ledger).probing(probe);
    private final PortPool pool = PortPool.named("web").range(7_000, 7_003).build();

    private static Resource tcp(int number) {
        return Port.tcp(number).on(PortPool.LOCALHOST);
    }

    private boolean isDeclined(int number) {
        return ledger.occupants(Set.of(tcp(number))).get(tcp(number)) instanceof Occupant.Block block
                && block.reason() == BlockReason.DECLINE;
    }

    /** What other languages of the JVM may do: throw what no signature declares. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Exception, T> T thrown(Exception undeclared) throws E {
        throw (E) undeclared;
    }

    private static boolean isConfirmed(Claim claim) {
        return claim.holdings().stream().allMatch(Holding::confirmed);
    }

    private static Obstacle.Exhausted exhaustion(PortOutcome outcome) {
        return (Obstacle.Exhausted)
                ((PortOutcome.Refused) outcome).refusal().obstacles().get(0);
    }

    // ------------------------------------------------------------------ busy

    @Nested
    class Busy {
        @Test
        void probeThatThrowsACheckedExceptionSawNothing() {
            PortProbe broken = (host, asked) -> PortProbingTest.<RuntimeException, Map<Port, PortSighting>>thrown(
                    new IOException("engine is away"));

            PortOutcome outcome = ports.probing(broken).tryAllocate(MINE, pool);

            assertThat(outcome)
                    .isInstanceOf(PortOutcome.Refused.class)
                    .asString()
                    .contains("engine is away");
            assertThat(ledger.find(MINE)).isEmpty();
        }

        @Test
        void whatAProbeSaysIsOneLineInMessages() {
            PortProbe liar = (host, asked) -> {
                throw new IllegalStateException("away\nFAKE LOG LINE\u0000\u202e" + "x".repeat(100_000));
            };

            String message = ports.probing(liar).tryAllocate(MINE, pool).toString();

            assertThat(message)
                    .contains("away FAKE LOG LINE")
                    .doesNotContain("\n", "\u0000", "\u202e")
                    .hasSizeLessThan(2_000);
        }

        @Test
        void busyPortIsDeclinedUntilItsTimeIsOver() {
            probe.seize(7_000);
            assertThat(ports.allocate(MINE, pool).port()).isEqualTo(7_001);
            assertThat(isDeclined(7_000)).isTrue();

            clock.advance(Duration.ofMinutes(5).minusMillis(1));
            assertThat(isDeclined(7_000)).isTrue();
            clock.advance(Duration.ofMillis(2));
            probe.vacate(7_000);
            assertThat(ports.allocate(YOURS, pool).port()).isEqualTo(7_000);
        }

        @Test
        void declineLastsAsLongAsIsSaid() {
            probe.seize(7_000);
            ports.decliningFor(Duration.ofHours(1)).allocate(MINE, pool);

            clock.advance(Duration.ofMinutes(59));
            assertThat(isDeclined(7_000)).isTrue();
        }

        @Test
        void onlyTheBusyPortOfASlotIsDeclined() {
            var pairs = PortPool.named("apps")
                    .role("a", 100)
                    .role("b", 200)
                    .slots(3)
                    .build();
            probe.seize(200);

            PortAssignment given = ports.allocate(MINE, pairs);

            assertThat(given.ports()).containsExactly(Map.entry("a", 101), Map.entry("b", 201));
            assertThat(isDeclined(200)).isTrue();
            assertThat(ledger.occupants(Set.of(tcp(100)))).isEmpty();
        }

        @Test
        void allBusyIsAnExhaustionThatSaysDeclinedAndLeavesNothing() {
            probe.seize(7_000, 7_001, 7_002, 7_003);

            var why = exhaustion(ports.tryAllocate(MINE, pool));

            assertThat(why.declined()).isEqualTo(4);
            assertThat(why.used()).isZero();
            assertThat(why.holders()).isEmpty();
            assertThat(ledger.find(MINE)).isEmpty();
            assertThat(probe.calls()).isEqualTo(4);
            assertThat(ports.usage(pool)).isEqualTo(new PortUsage(4, 0, 4, 0));
        }

        @Test
        void refusalTakesBackTheRestOfTheRequest() {
            probe.seize(7_000, 7_001, 7_002, 7_003);
            var request = ClaimRequest.by(MINE).fixed("name", ResourceKind.CONTAINER_NAME, "web-1");

            assertThatThrownBy(() -> ports.allocate(request, pool)).isInstanceOf(ClaimRefusedException.class);
            assertThat(ledger.find(MINE)).isEmpty();

            Claim before = ledger.claim(request);
            assertThatThrownBy(() -> ports.allocate(request, pool)).isInstanceOf(ClaimRefusedException.class);
            assertThat(ledger.find(MINE).orElseThrow().holdings()).isEqualTo(before.holdings());
        }

        @Test
        void declinesThatRunOutWhileAPoolIsLookedAtDoNotMakeItGoRound() {
            AtomicInteger looks = new AtomicInteger();
            PortProbe slow = (host, asked) -> {
                looks.incrementAndGet();
                clock.advance(Duration.ofMillis(1));
                return probe.probe(host, asked);
            };
            probe.seize(7_000, 7_001, 7_002, 7_003);

            var why = exhaustion(
                    ports.probing(slow).decliningFor(Duration.ofMillis(1)).tryAllocate(MINE, pool));

            assertThat(why.declined()).isEqualTo(4);
            assertThat(looks.get()).isLessThanOrEqualTo(5);
            assertThat(ledger.find(MINE)).isEmpty();
        }

        @Test
        void hundredsOfOutsidersArePassedInOneCall() {
            var wide = PortPool.named("wide").range(20_000, 20_999).build();
            for (int number = 20_000; number < 20_700; number++) {
                probe.seize(number);
            }
            assertThat(ports.allocate(MINE, wide).port()).isEqualTo(20_700);
            assertThat(ports.allocate(YOURS, wide).port()).isEqualTo(20_701);
            assertThat(probe.calls()).isEqualTo(702);
        }

        @Test
        void wholeSlotIsAskedAtOnce() {
            var block = PortPool.named("rtp").range(100, 139).blocksOf(20).build();
            ports.allocate(MINE, block);

            assertThat(probe.asked())
                    .singleElement()
                    .satisfies(asked -> assertThat(asked).hasSize(20));
        }
    }

    // ------------------------------------------------------------------ unknown

    @Nested
    class Unseen {
        @Test
        void unknownIsNeverDeclined() {
            probe.hide("no permission", Port.tcp(7_000));

            var refused = (PortOutcome.Refused) ports.tryAllocate(MINE, pool);

            assertThat(refused.refusal().obstacles().get(0))
                    .isEqualTo(new Obstacle.Unverified("web", List.of(tcp(7_000)), "no permission"));
            assertThat(ledger.occupants(Set.of(tcp(7_000)))).isEmpty();
            assertThat(ledger.find(MINE)).isEmpty();
        }

        @Test
        void omittedPortIsUnknown() {
            probe.omit(Port.tcp(7_000));

            assertThat(ports.tryAllocate(MINE, pool)).asString().contains("the probe said nothing of it");
        }

        @Test
        void busyWeighsMoreThanUnknown() {
            var pairs = PortPool.named("apps")
                    .role("a", 100)
                    .role("b", 200)
                    .slots(3)
                    .build();
            probe.hide("unseen", Port.tcp(100)).seize(200);

            assertThat(ports.allocate(MINE, pairs).port("a")).isEqualTo(101);
            assertThat(ledger.occupants(Set.of(tcp(100)))).isEmpty();
        }

        @Test
        void unknownTakesBackTheRestOfTheRequest() {
            probe.fail(new IllegalStateException("down"));
            var request = ClaimRequest.by(MINE).fixed("name", ResourceKind.CONTAINER_NAME, "web-1");

            assertThatThrownBy(() -> ports.allocate(request, pool))
                    .isInstanceOf(ClaimRefusedException.class)
                    .hasMessageContaining("down");
            assertThat(ledger.find(MINE)).isEmpty();
        }

        @Test
        void assumedFreeIsHeldAndNotAskedAgain() {
            probe.hide("no permission", Port.tcp(7_000));
            var lenient = ports.onUnknown(OnUnknown.ASSUME_FREE);

            assertThat(lenient.allocate(MINE, pool).warnings()).hasSize(1);
            assertThat(lenient.allocate(MINE, pool).warnings()).isEmpty();
            assertThat(probe.calls()).isEqualTo(1);
        }
    }

    // ------------------------------------------------------------------ crashes and races

    @Nested
    class BetweenClaimAndProbe {
        @Test
        void crashLeavesPortsThatAreLookedAtWhenTheirOwnerAsksAgain() {
            probe.crash(new AssertionError("killed"));
            assertThatThrownBy(() -> ports.allocate(MINE, pool)).isInstanceOf(AssertionError.class);
            Claim left = ledger.find(MINE).orElseThrow();
            assertThat(isConfirmed(left)).isFalse();

            probe.recover().seize(7_000);
            PortAssignment given = ports.allocate(MINE, pool);

            assertThat(given.port()).isEqualTo(7_001);
            assertThat(isConfirmed(given.claim())).isTrue();
            assertThat(given.claim().id()).isEqualTo(left.id());
        }

        @Test
        void confirmedPortsAreNeverProbed() {
            ports.allocate(MINE, pool);
            probe.seize(7_000).fail(new IllegalStateException("down"));

            assertThat(ports.allocate(MINE, pool).warnings()).isEmpty();
            assertThat(ports.find(MINE, pool).orElseThrow().port()).isEqualTo(7_000);
            assertThat(probe.calls()).isEqualTo(1);
        }

        @Test
        void portsOfAnActiveInstanceNeverMoveThoughNobodyLookedAtThem() {
            probe.crash(new AssertionError("killed"));
            assertThatThrownBy(() -> ports.allocate(MINE, pool)).isInstanceOf(AssertionError.class);
            var attempt = (AttemptOutcome.Granted)
                    ledger.attempt(ClaimRequest.by(MINE), Scope.of("docker"), Duration.ofMinutes(1));
            ledger.activate(attempt.attempt(), "c0ffee");
            probe.recover().seize(7_000);

            PortAssignment kept = ports.allocate(MINE, pool);

            assertThat(kept.port()).isEqualTo(7_000);
            assertThat(kept.warnings()).singleElement().asString().contains("its instance is active");
        }

        @Test
        void portsAddedToAnActiveInstanceAreLookedAt() {
            var attempt = (AttemptOutcome.Granted)
                    ledger.attempt(ClaimRequest.by(MINE), Scope.of("docker"), Duration.ofMinutes(1));
            ledger.activate(attempt.attempt(), "c0ffee");
            probe.seize(7_000);

            assertThat(ports.allocate(MINE, pool).port()).isEqualTo(7_001);
        }

        @Test
        void unknownTakesNoPortFromAnActiveInstance() {
            ports.allocate(MINE, pool);
            var attempt = (AttemptOutcome.Granted)
                    ledger.attempt(ClaimRequest.by(MINE), Scope.of("docker"), Duration.ofMinutes(1));
            ledger.activate(attempt.attempt(), "c0ffee");
            probe.fail(new IllegalStateException("down"));

            assertThat(ports.allocate(MINE, pool).port()).isEqualTo(7_000);
        }

        @Test
        void twoCallersForOneOwnerLookOnceAndGetTheSame() throws Exception {
            CompletableFuture<PortAssignment> first;
            CompletableFuture<PortAssignment> second;
            try (FakeProbe.Hang hang = probe.hang()) {
                first = CompletableFuture.supplyAsync(() -> ports.allocate(MINE, pool));
                hang.awaitLook(PATIENCE);
                second = CompletableFuture.supplyAsync(() -> ports.allocate(MINE, pool));
                // Other owners do not wait for that one, through an allocator that shares its turns.
                assertThat(ports.probing(FakeProbe.free()).allocate(YOURS, pool).port())
                        .isEqualTo(7_001);
                assertThat(second.isDone()).isFalse();
            }
            assertThat(first.get(20, TimeUnit.SECONDS).port()).isEqualTo(7_000);
            assertThat(second.get(20, TimeUnit.SECONDS).port()).isEqualTo(7_000);
            assertThat(probe.calls()).isEqualTo(1);
        }

        @Test
        void twoProcessesForOneOwnerGetTheSameWhateverTheirProbesSay() {
            Race.of(2)
                    .rounds(300)
                    .run(
                            (round, racer, random) -> {
                                var own = PortAllocator.on(ledger)
                                        .probing(racer == 0 ? FakeProbe.busy(7_000, 7_001) : FakeProbe.free());
                                var node = PortPool.named("p")
                                        .onHost("node-" + round)
                                        .range(7_000, 7_010)
                                        .build();
                                return own.allocate(Owner.of("lab", "app-" + round), node)
                                        .port();
                            },
                            (round, results) ->
                                    assertThat(new HashSet<>(results)).hasSize(1));
        }

        @Test
        void changeOfTheClaimWhileTheProbeLooksIsSurvived() throws Exception {
            CompletableFuture<PortAssignment> given;
            try (FakeProbe.Hang hang = probe.hang()) {
                given = CompletableFuture.supplyAsync(() -> ports.allocate(MINE, pool));
                hang.awaitLook(PATIENCE);
                ledger.claim(ClaimRequest.by(MINE).fixed("name", ResourceKind.CONTAINER_NAME, "web-1"));
            }
            assertThat(given.get(20, TimeUnit.SECONDS).port()).isEqualTo(7_000);
            assertThat(isConfirmed(ledger.find(MINE).orElseThrow())).isTrue();
        }

        @Test
        void changeOfTheClaimWhileTheProbeFindsAnOutsiderIsSurvived() throws Exception {
            probe.seize(7_000);
            CompletableFuture<PortAssignment> given;
            try (FakeProbe.Hang hang = probe.hang()) {
                given = CompletableFuture.supplyAsync(() -> ports.allocate(MINE, pool));
                hang.awaitLook(PATIENCE);
                ledger.claim(ClaimRequest.by(MINE).fixed("name", ResourceKind.CONTAINER_NAME, "web-1"));
            }
            assertThat(given.get(20, TimeUnit.SECONDS).port()).isEqualTo(7_001);
        }

        @Test
        void releaseWhileTheProbeLooksLeadsToAFreshClaim() throws Exception {
            CompletableFuture<PortAssignment> given;
            try (FakeProbe.Hang hang = probe.hang()) {
                given = CompletableFuture.supplyAsync(() -> ports.allocate(MINE, pool));
                hang.awaitLook(PATIENCE);
                assertThat(ports.release(MINE, pool)).isTrue();
            }
            assertThat(given.get(20, TimeUnit.SECONDS).claim())
                    .isEqualTo(ledger.find(MINE).orElseThrow());
        }

        @Test
        void refusalTakesBackWhatWasTakenBeforeThePortsWereLost() throws Exception {
            var single = PortPool.named("one").range(7_000, 7_000).build();
            var request = ClaimRequest.by(MINE).fixed("name", ResourceKind.CONTAINER_NAME, "web-1");
            CompletableFuture<PortOutcome> outcome;
            try (FakeProbe.Hang hang = probe.hang()) {
                outcome = CompletableFuture.supplyAsync(() -> ports.tryAllocate(request, single));
                hang.awaitLook(PATIENCE);
                var blind = PortAllocator.on(ledger);
                assertThat(blind.release(MINE, single)).isTrue();
                blind.allocate(YOURS, single);
            }
            assertThat(exhaustion(outcome.get(20, TimeUnit.SECONDS)).used()).isEqualTo(1);
            assertThat(ledger.find(MINE)).isEmpty();
        }

        @Test
        void ownersRaceThroughOutsidersWithoutDuplicates() {
            Race.of(8)
                    .rounds(100)
                    .run(
                            (round, racer, random) -> {
                                var node = PortPool.named("p")
                                        .onHost("node-" + round)
                                        .range(7_000, 7_019)
                                        .build();
                                return ports.probing(FakeProbe.busy(7_001, 7_004, 7_005))
                                        .allocate(Owner.of("lab", round + "-" + racer), node)
                                        .port();
                            },
                            (round, results) ->
                                    assertThat(results).doesNotHaveDuplicates().doesNotContain(7_001, 7_004, 7_005));
        }
    }

    // ------------------------------------------------------------------ moving

    @Nested
    class Moving {
        @Test
        void reallocateDeclinesTheOldAndLooksAtTheNew() {
            ports.allocate(MINE, pool);
            probe.seize(7_001);

            PortAssignment moved = ports.reallocate(MINE, pool, "port is already allocated");

            assertThat(moved.port()).isEqualTo(7_002);
            assertThat(isDeclined(7_000)).isTrue();
            assertThat(isDeclined(7_001)).isTrue();
            assertThat(moved.warnings()).hasSize(2).first().asString().contains("port is already allocated");
        }

        @Test
        void reallocateWithoutAnotherSlotKeepsTheOld() {
            var single = PortPool.named("one").range(7_000, 7_000).build();
            ports.allocate(MINE, single);

            assertThatThrownBy(() -> ports.reallocate(MINE, single, "taken")).isInstanceOf(ClaimRefusedException.class);
            assertThat(ports.find(MINE, single).orElseThrow().port()).isEqualTo(7_000);
        }

        @Test
        void reallocateToSlotsThatAreAllBusyKeepsTheOld() {
            Claim before = ports.allocate(MINE, pool).claim();
            probe.seize(7_001, 7_002, 7_003);

            assertThatThrownBy(() -> ports.reallocate(MINE, pool, "taken")).isInstanceOf(ClaimRefusedException.class);

            Claim after = ledger.find(MINE).orElseThrow();
            assertThat(after.part("web")).isEqualTo(before.part("web"));
            assertThat(isConfirmed(after)).isTrue();
            assertThat(List.of(isDeclined(7_001), isDeclined(7_002), isDeclined(7_003)))
                    .containsOnly(true);
        }

        @Test
        void reallocateThatCannotSeeKeepsTheOldAndDeclinesNothing() {
            ports.allocate(MINE, pool);
            probe.fail(new IllegalStateException("down"));

            assertThatThrownBy(() -> ports.reallocate(MINE, pool, "taken"))
                    .isInstanceOf(ClaimRefusedException.class)
                    .hasMessageContaining("down");
            assertThat(ports.find(MINE, pool).orElseThrow().port()).isEqualTo(7_000);
            assertThat(ports.usage(pool)).isEqualTo(new PortUsage(4, 1, 0, 0));
        }

        @Test
        void reallocateThatComesRoundKeepsTheOld() {
            ports.allocate(MINE, pool);
            probe.seize(7_001, 7_002, 7_003);
            PortProbe slow = (host, asked) -> {
                clock.advance(Duration.ofMillis(5));
                return probe.probe(host, asked);
            };
            var hasty = ports.probing(slow).decliningFor(Duration.ofMillis(12));

            assertThatThrownBy(() -> hasty.reallocate(MINE, pool, "taken")).isInstanceOf(ClaimRefusedException.class);
            assertThat(ports.find(MINE, pool).orElseThrow().port()).isEqualTo(7_000);
            assertThat(probe.calls()).isLessThan(8);
        }

        @Test
        void severalReportsOfOneTroubleMoveOnce() {
            PortAssignment seen = ports.allocate(MINE, pool);

            PortAssignment first = ports.reallocate(seen, pool, "taken");
            PortAssignment second = ports.reallocate(seen, pool, "taken");

            assertThat(first.port()).isEqualTo(7_001);
            assertThat(second.port()).isEqualTo(7_001);
            assertThat(isDeclined(7_001)).isFalse();
        }

        @Test
        void reallocateSurvivesAChangeThatLeavesThePortsAlone() {
            PortAssignment seen = ports.allocate(MINE, pool);
            ledger.attempt(ClaimRequest.by(MINE), Scope.of("docker"), Duration.ofMinutes(1));

            assertThat(ports.reallocate(seen, pool, "taken").port()).isEqualTo(7_001);
        }

        @Test
        void movingWhatIsNotHeldSaysSo() {
            assertThatThrownBy(() -> ports.reallocate(MINE, pool, "taken")).isInstanceOf(ClaimNotFoundException.class);
            assertThatThrownBy(() -> ports.recheck(MINE, pool)).isInstanceOf(ClaimNotFoundException.class);
            PortAssignment seen = ports.allocate(MINE, pool);
            ports.release(MINE, pool);
            assertThatThrownBy(() -> ports.reallocate(seen, pool, "taken")).isInstanceOf(ClaimNotFoundException.class);
            assertThat(ledger.find(MINE)).isEmpty();
        }

        @Test
        void recheckMovesOnlyWhatIsInUse() {
            ports.allocate(MINE, pool);
            assertThat(ports.recheck(MINE, pool).port()).isEqualTo(7_000);

            probe.hide("no permission", Port.tcp(7_000));
            PortAssignment unseen = ports.recheck(MINE, pool);
            assertThat(unseen.port()).isEqualTo(7_000);
            assertThat(unseen.warnings()).singleElement().asString().contains("no permission");

            probe.seize(7_000);
            assertThat(ports.recheck(MINE, pool).port()).isEqualTo(7_001);
            assertThat(isDeclined(7_000)).isTrue();
        }

        @Test
        void recheckWithEverythingBusyKeepsTheOld() {
            ports.allocate(MINE, pool);
            probe.seize(7_000, 7_001, 7_002, 7_003);

            assertThatThrownBy(() -> ports.recheck(MINE, pool)).isInstanceOf(ClaimRefusedException.class);
            assertThat(ports.find(MINE, pool).orElseThrow().port()).isEqualTo(7_000);
        }

        @Test
        void recheckThatSeesFreeConfirmsWhatACrashLeft() {
            probe.crash(new AssertionError("killed"));
            assertThatThrownBy(() -> ports.allocate(MINE, pool)).isInstanceOf(AssertionError.class);
            probe.recover();

            ports.recheck(MINE, pool);
            probe.seize(7_000);

            assertThat(ports.allocate(MINE, pool).port()).isEqualTo(7_000);
        }

        @Test
        void withoutAProbeReallocateGoesByTheLedger() {
            var blind = PortAllocator.on(ledger);
            blind.allocate(MINE, pool);

            assertThat(blind.reallocate(MINE, pool, "taken").port()).isEqualTo(7_001);
            assertThat(blind.recheck(MINE, pool).port()).isEqualTo(7_001);
        }
    }

    // ------------------------------------------------------------------ keeping, giving back, importing

    @Nested
    class Keeping {
        @Test
        void poolThatShrankKeepsLivePortsAndHandsOutNoneOfThem() {
            var wide = PortPool.named("web").range(7_000, 7_009).build();
            for (int i = 0; i < 5; i++) {
                ports.allocate(Owner.of("lab", "app-" + i), wide);
            }
            var narrow = PortPool.named("web").range(7_005, 7_006).build();

            assertThat(ports.allocate(Owner.of("lab", "app-4"), narrow).port()).isEqualTo(7_004);
            assertThat(ports.allocate(MINE, narrow).port()).isEqualTo(7_005);
            assertThat(ports.release(Owner.of("lab", "app-4"), narrow)).isTrue();
            assertThat(ports.allocate(Owner.of("lab", "app-4"), narrow).port()).isEqualTo(7_006);
        }

        @Test
        void poolOfOneNameOnAnotherHostIsNotMistakenForIt() {
            var there =
                    PortPool.named("web").onHost("node-2").range(7_000, 7_003).build();
            var udp = PortPool.named("web")
                    .protocol(Protocol.UDP)
                    .range(7_000, 7_003)
                    .build();
            Claim before = ports.allocate(MINE, pool).claim();

            for (PortPool other : List.of(there, udp)) {
                assertThatThrownBy(() -> ports.allocate(MINE, other))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("other names");
                assertThat(ports.find(MINE, other)).isEmpty();
                assertThat(ports.release(MINE, other)).isFalse();
                assertThatThrownBy(() -> ports.recheck(MINE, other)).isInstanceOf(ClaimNotFoundException.class);
            }
            assertThat(ledger.find(MINE)).contains(before);
        }

        @Test
        void partThatHoldsNoPortsIsRefusedAsSuch() {
            ledger.claim(ClaimRequest.by(MINE).fixed("web", ResourceKind.CONTAINER_NAME, "web-1"));

            assertThatThrownBy(() -> ports.allocate(MINE, pool))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("web-1");
            assertThat(ports.find(MINE, pool)).isEmpty();
        }

        @Test
        void poolsOfOneRequestNeverShareANumber() {
            var one = PortPool.named("one").range(7_000, 7_001).build();
            var two = PortPool.named("two").range(7_000, 7_001).build();

            Claim claim = ledger.claim(ClaimRequest.by(MINE).choose("one", one).choose("two", two));

            assertThat(List.of(claim.port("one"), claim.port("two"))).containsExactly(7_000, 7_001);
            assertThat(ports.allocate(MINE, two).port()).isEqualTo(7_001);
            assertThat(ports.tryAllocate(YOURS, one)).isInstanceOf(PortOutcome.Refused.class);
        }

        @Test
        void poolsOfOnePartFillItTogether() {
            var api = PortPool.named("p").role("api", 7_000).slots(3).build();
            var ui = PortPool.named("p").role("ui", 7_000).slots(3).build();

            Claim claim = ledger.claim(ClaimRequest.by(MINE).choose("p", api, ui));

            assertThat(List.of(claim.port("api"), claim.port("ui"))).containsExactly(7_000, 7_001);
            assertThat(ports.find(MINE, api).orElseThrow().ports()).containsOnlyKeys("api", "ui");
        }

        @Test
        void releaseGivesBackOnceAndKeepsTheRest() {
            ledger.claim(ClaimRequest.by(MINE).fixed("name", ResourceKind.CONTAINER_NAME, "web-1"));
            ports.allocate(MINE, pool);

            assertThat(ports.release(MINE, pool)).isTrue();
            assertThat(ports.release(MINE, pool)).isFalse();
            assertThat(ledger.find(MINE).orElseThrow().value("name")).isEqualTo("web-1");
            assertThat(ports.allocate(YOURS, pool).port()).isEqualTo(7_000);
            assertThat(ports.release(YOURS, pool)).isTrue();
            assertThat(ledger.find(YOURS)).isEmpty();
        }

        @Test
        void onlyOneOfManyReleasesGivesBack() {
            Race.of(4)
                    .rounds(200)
                    .run(
                            (round, racer, random) -> {
                                if (racer == 0) {
                                    ledger.claim(ClaimRequest.by(MINE)
                                            .label("round", "r" + round)
                                            .fixed("name" + round, ResourceKind.CONTAINER_NAME, "web-" + round));
                                    return false;
                                }
                                return ports.release(Owner.of("lab", "app-" + round), pool);
                            },
                            (round, results) -> {
                                assertThat(results.stream().filter(gave -> gave).count())
                                        .isEqualTo(round == 0 ? 0 : 1);
                                ports.allocate(Owner.of("lab", "app-" + (round + 1)), pool);
                            });
        }

        @Test
        void quarantinedPortIsPassedAndItsFormerOwnerMayReturn() {
            Claim claim = ports.allocate(MINE, pool).claim();
            ledger.release(claim.token(), Quarantine.of(ResourceKind.TCP_PORT, Duration.ofMinutes(1)));

            assertThat(ports.allocate(YOURS, pool).port()).isEqualTo(7_001);
            assertThat(ports.usage(pool)).isEqualTo(new PortUsage(4, 1, 0, 1));
            assertThat(ports.allocate(MINE, pool).port()).isEqualTo(7_000);
        }

        @Test
        void bulkPutsEveryOwnerInOneList() {
            List<Owner> owners = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                owners.add(Owner.of("lab", "app-" + i));
            }
            PortBulk bulk = ports.allocateAll(owners, pool);

            assertThat(bulk.allocated()).extracting(PortAssignment::port).containsExactly(7_000, 7_001, 7_002, 7_003);
            assertThat(bulk.refused())
                    .extracting(refusal -> refusal.owner())
                    .containsExactly(owners.get(4), owners.get(5));
            assertThat(ports.allocateAll(List.of(), pool).allocated()).isEmpty();
        }

        @Test
        void callerWithoutAProbeKeepsWhatIsUnconfirmed() {
            probe.crash(new AssertionError("killed"));
            assertThatThrownBy(() -> ports.allocate(MINE, pool)).isInstanceOf(AssertionError.class);

            assertThat(PortAllocator.on(ledger).allocate(MINE, pool).port()).isEqualTo(7_000);
        }
    }

    // ------------------------------------------------------------------ audit

    @Nested
    class Audit {
        @Test
        void ledgerAndWorldAreLaidSideBySide() {
            ports.allocate(MINE, pool);
            ports.allocate(YOURS, pool);
            probe.seize(7_000, 7_002).hide("no permission", Port.tcp(7_003));

            PortAudit audit = ports.audit(probe, pool);

            assertThat(audit.allocations())
                    .extracting(one -> one.holder().owner() + " " + one.port() + " "
                            + one.sighting().getClass().getSimpleName())
                    .containsExactly("lab:mine 7000/tcp Busy", "lab:yours 7001/tcp Free");
            assertThat(audit.strangers())
                    .containsExactly(new PortAudit.Stranger("web", Port.tcp(7_002), "7002/tcp is held by an outsider"));
            assertThat(audit.unknown()).containsExactly(new PortAudit.Unseen("web", Port.tcp(7_003), "no permission"));
            assertThat(audit.isClean()).isFalse();
            assertThat(ports.usage(pool)).as("nothing is changed").isEqualTo(new PortUsage(4, 2, 0, 0));
        }

        @Test
        void overlapsAreOfOneHostAndProtocol() {
            var near = PortPool.named("near").range(7_002, 7_005).build();
            var far = PortPool.named("far").onHost("node-2").range(7_000, 7_003).build();
            var udp = PortPool.named("udp")
                    .protocol(Protocol.UDP)
                    .range(7_000, 7_003)
                    .build();

            PortAudit audit = ports.audit(probe, pool, near, far, udp);

            assertThat(audit.overlaps())
                    .containsExactly(new PortAudit.Overlap("web", "near", List.of(Port.tcp(7_002), Port.tcp(7_003))));
            assertThat(audit.isClean()).isTrue();
        }

        @Test
        void portThatIsAllocatedWhileTheProbeLooksIsNoStranger() {
            PortProbe busyAllocator = (host, asked) -> {
                PortAllocator.on(ledger).allocate(MINE, pool);
                return FakeProbe.busy(7_000).probe(host, asked);
            };
            assertThat(ports.audit(busyAllocator, pool).strangers()).isEmpty();
        }

        @Test
        void portThatIsReleasedWhileTheProbeLooksIsNoStranger() {
            ports.allocate(MINE, pool);
            PortProbe releasing = (host, asked) -> {
                ports.release(MINE, pool);
                return FakeProbe.busy(7_000).probe(host, asked);
            };
            assertThat(ports.audit(releasing, pool).strangers()).isEmpty();
        }

        @Test
        void failingProbeHasSeenNothing() {
            probe.fail(new IllegalStateException("down"));

            assertThat(ports.audit(probe, pool).unknown()).hasSize(4);
        }
    }

    // ------------------------------------------------------------------ bad input

    @Test
    void badInputIsRefusedBeforeAnythingIsWritten() {
        Map<Owner, Map<String, Integer>> nulls = new HashMap<>();
        nulls.put(MINE, null);
        Map<String, Integer> nothing = new HashMap<>();
        nothing.put("web", null);
        PortAssignment seen = ports.allocate(YOURS, pool);
        var other = PortPool.named("other").range(1, 2).build();
        List<ThrowingCallable> calls = List.of(
                () -> PortAllocator.on(null),
                () -> ports.probing(null),
                () -> ports.onUnknown(null),
                () -> ports.decliningFor(null),
                () -> ports.decliningFor(Duration.ZERO),
                () -> ports.decliningFor(Duration.ofMillis(-1)),
                () -> ports.decliningFor(Duration.ofDays(36_501)),
                () -> ports.allocate((Owner) null, pool),
                () -> ports.allocate(MINE, null),
                () -> ports.allocate((ClaimRequest) null, pool),
                () -> ports.allocate(ClaimRequest.by(MINE).choose("web", pool), pool),
                () -> ports.reallocate((Owner) null, pool, ""),
                () -> ports.reallocate((PortAssignment) null, pool, ""),
                () -> ports.reallocate(seen, other, ""),
                () -> ports.reallocate(YOURS, pool, null),
                () -> ports.reallocate(seen, pool, null),
                () -> ports.recheck(MINE, null),
                () -> ports.release(null, pool),
                () -> ports.find(null, pool),
                () -> ports.find(MINE, null),
                () -> ports.usage(null),
                () -> ports.audit(null, pool),
                () -> ports.audit(probe),
                () -> ports.audit(probe, (PortPool) null),
                () -> ports.allocateAll(null, pool),
                () -> ports.allocateAll(Arrays.asList(MINE, null), pool),
                () -> ports.importAll(null, pool),
                () -> ports.importAll(nulls, pool),
                () -> ports.importAll(Map.of(MINE, nothing), pool),
                () -> ports.importAll(Map.of(MINE, Map.of("web", 0)), pool),
                () -> ports.importAll(Map.of(MINE, Map.of("web", 65_536)), pool),
                () -> ports.importAll(Map.of(MINE, Map.of("api", 7_000)), pool),
                () -> ports.importAll(Map.of(MINE, Map.of()), pool));

        for (int i = 0; i < calls.size(); i++) {
            assertThatThrownBy(calls.get(i)).as("call %d", i).isInstanceOf(InvalidInputException.class);
        }
        assertThat(ledger.find(MINE)).isEmpty();
    }

    @Test
    void assignmentSaysWhichPortsItHas() {
        PortAssignment given = ports.allocate(
                MINE,
                PortPool.named("apps").role("a", 100).role("b", 200).slots(3).build());

        assertThat(given.owner()).isEqualTo(MINE);
        assertThatThrownBy(given::port)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("by its role");
        assertThatThrownBy(() -> given.port("c"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("[a, b]");
        assertThat(given.port("b")).isEqualTo(200);
        assertThat(PortSighting.free()).isEqualTo(new PortSighting.Free());
    }
}
