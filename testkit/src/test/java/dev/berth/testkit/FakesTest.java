package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Resource;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The harnesses and fakes do what they promise; above all, they fail where they should. */
class FakesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private final ManualClock clock = ManualClock.at(START);
    private final MemoryLedgerStore memory = new MemoryLedgerStore(clock, new UUID(1, 1));
    private final FaultyLedgerStore faulty = new FaultyLedgerStore(memory);
    private final Commit unit =
            Commit.of(NewClaim.by(StoreLaws.ANNA).taking(StoreLaws.port(1)).write());

    private Outcome failedCommit() {
        try {
            faulty.commit(List.of(unit));
        } catch (StoreUnavailableException failure) {
            return failure.outcome();
        }
        throw new AssertionError("the commit did not fail");
    }

    @Test
    void manualClockMovesInEveryZoneAtOnce() {
        var elsewhere = clock.withZone(ZoneOffset.ofHours(5));

        assertThat(clock.advance(Duration.ofSeconds(3))).isEqualTo(START.plusSeconds(3));
        assertThat(elsewhere.instant()).isEqualTo(START.plusSeconds(3));
        clock.set(START);
        assertThat(elsewhere.instant()).isEqualTo(START);
        assertThat(elsewhere.getZone()).isEqualTo(ZoneOffset.ofHours(5));
    }

    @Test
    void raceTellsAGateThatLetsSeveralIn() {
        var open = new Race.Gate() {
            @Override
            public boolean tryEnter(int racer) {
                return true;
            }

            @Override
            public void leave(int racer) {}
        };

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> Race.of(4).rounds(500).seed(42).exclude(open))
                .withMessageContaining("seed 42");
    }

    @Test
    void raceTellsTheRoundAndTheSeedOfAFailure() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> Race.of(2)
                        .rounds(5)
                        .seed(7)
                        .<Boolean>run(
                                (round, racer, random) -> {
                                    if (round == 3 && racer == 1) {
                                        throw new IllegalStateException("lost");
                                    }
                                    return true;
                                },
                                (round, results) -> assertThat(results).hasSize(2)))
                .withMessageContainingAll("seed 7", "round 3", "lost");
    }

    @Test
    void crashPointsVisitEveryStepAndTheEnd() {
        List<CrashPoints.Point> visited = new ArrayList<>();
        int points = CrashPoints.check(
                () -> new MemoryLedgerStore(clock, new UUID(1, 1)),
                dying -> {
                    dying.commit(List.of(unit));
                    dying.find(StoreLaws.ANNA);
                },
                (survivor, point) -> {
                    visited.add(point);
                    boolean committed = point.call() > 0 || point.moment() == CrashPoints.Moment.AFTER;
                    assertThat(survivor.find(StoreLaws.ANNA).isPresent()).isEqualTo(committed);
                });

        assertThat(points).isEqualTo(5);
        assertThat(visited).hasSize(5).doesNotHaveDuplicates();
        assertThat(visited.get(4).moment()).isEqualTo(CrashPoints.Moment.NEVER);
    }

    @Test
    void deadProcessStaysDead() {
        List<Throwable> afterDeath = new ArrayList<>();
        CrashPoints.check(
                () -> new MemoryLedgerStore(clock, new UUID(1, 1)),
                dying -> {
                    try {
                        dying.commit(List.of(unit));
                    } finally {
                        try {
                            dying.now();
                        } catch (CrashPoints.Death death) {
                            afterDeath.add(death);
                        }
                    }
                },
                (survivor, point) -> LedgerInvariants.check(survivor));

        assertThat(afterDeath).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void faultyStoreFailsAsItIsTold() {
        faulty.refuseWrites(1);
        faulty.loseAnswers(1);
        faulty.loseQuestions(1);

        assertThat(failedCommit()).isEqualTo(Outcome.NOT_DONE);
        assertThat(memory.find(StoreLaws.ANNA)).isEmpty();
        assertThat(failedCommit()).isEqualTo(Outcome.UNKNOWN);
        assertThat(memory.find(StoreLaws.ANNA)).isPresent();
        assertThat(failedCommit()).isEqualTo(Outcome.UNKNOWN);
        assertThat(faulty.commit(List.of(unit))).hasSize(1);
        faulty.failReads(1);
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> faulty.find(StoreLaws.ANNA));
        assertThat(faulty.find(StoreLaws.ANNA)).isPresent();
    }

    @Test
    void faultyStoreCountsItsCalls() {
        faulty.commit(List.of(unit));
        faulty.find(StoreLaws.ANNA);
        faulty.find(StoreLaws.BERT);

        assertThat(faulty.calls(StoreCall.COMMIT)).isEqualTo(1);
        assertThat(faulty.calls(StoreCall.FIND_OWNER)).isEqualTo(2);
        assertThat(faulty.calls()).isEqualTo(3);
        faulty.resetCalls();
        assertThat(faulty.calls()).isZero();
    }

    @Test
    void hangingStoreGoesOnWhenItIsReleased() throws Exception {
        faulty.hang();
        var waiting = CompletableFuture.supplyAsync(() -> faulty.commit(List.of(unit)));
        while (faulty.hanging() == 0) {
            Thread.onSpinWait();
        }
        assertThat(memory.find(StoreLaws.ANNA)).isEmpty();

        faulty.release();

        assertThat(waiting.get()).hasSize(1);
        assertThat(faulty.hanging()).isZero();
    }

    @Test
    void interruptedThreadDoesNotHang() {
        faulty.hang();
        Thread.currentThread().interrupt();

        assertThat(failedCommit()).isEqualTo(Outcome.NOT_DONE);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(memory.find(StoreLaws.ANNA)).isEmpty();
    }

    @Test
    void invariantsTellAStoreThatContradictsItself() {
        memory.commit(List.of(unit));
        LedgerInvariants.check(memory);
        var forgetful = new ForwardingLedgerStore(memory) {
            @Override
            public Map<Resource, Occupant> occupants(Collection<Resource> resources) {
                return Map.of();
            }
        };

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> LedgerInvariants.check(forgetful))
                .withMessageContaining("tcp-port 1");
    }

    @Test
    void recordingListenerKeepsWhatItHeardAndThrowsWhenTold() {
        var listener = new RecordingListener();
        var event = new LedgerEvent.Unblocked(StoreLaws.port(1));
        listener.on(event);
        listener.failWith(new IllegalStateException("told to"));

        assertThatIllegalStateException().isThrownBy(() -> listener.on(event));
        assertThat(listener.events()).containsExactly(event, event);
        assertThat(listener.events(LedgerEvent.Released.class)).isEmpty();
        listener.clear();
        listener.failWith(null);
        listener.on(event);
        assertThat(listener.events(LedgerEvent.Unblocked.class)).containsExactly(event);
    }
}
