package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.Orphan;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.testkit.LedgerInvariants;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A reaper's whole road on every database that a ledger can be kept in; its store is told that time has passed. */
class ReaperRoadTest {
    @TempDir
    Path directory;

    private static void pass(Settlement settlement, Duration span) {
        settlement.store.tellAtLeast(settlement.store.now().plus(span));
    }

    /** Sweeps until what is missing now is due; the last sweep is the one that may free it. */
    private static ReapReport sweepUntilDue(Settlement settlement, GhostReaper reaper) {
        for (int i = 0; i < 3; i++) {
            assertThat(reaper.run().totalRemoved()).isZero();
            pass(settlement, Duration.ofMinutes(5));
        }
        return reaper.run();
    }

    private static Claim failed(Settlement settlement, String name) {
        return settlement.ledger.fail(attempted(settlement, name), "the image is missing");
    }

    private static dev.berth.ledger.Attempt attempted(Settlement settlement, String name) {
        var outcome = settlement.ledger.attempt(
                ClaimRequest.by(Owner.of("lab", name))
                        .in(SqliteStores.NODE)
                        .name("container", ResourceKind.CONTAINER_NAME, name),
                SqliteStores.NODE,
                Duration.ofMinutes(5));
        return ((AttemptOutcome.Granted) outcome).attempt();
    }

    /** Scenarios 42, 47, 48 and 55, and a reservation that nobody wants any more. */
    @ParameterizedTest
    @EnumSource
    void whatIsGoneGoesAndWhatLivesStays(Engine engine) throws Exception {
        try (var settlement = new Settlement(engine.fresh(directory), 40);
                GhostReaper reaper = settlement.reaper().build()) {
            Claim oldError = failed(settlement, "old-error");
            Claim stuck = settlement
                    .ledger
                    .find(attempted(settlement, "stuck").claim())
                    .orElseThrow();
            Claim lapsed = settlement.ledger.claim(ClaimRequest.by(Owner.of("lab", "lapsed"))
                    .fixed("port", SqliteStores.port(9_000))
                    .lease(Duration.ofMinutes(1)));
            pass(settlement, Duration.ofHours(25));
            Claim youngError = failed(settlement, "young-error");
            List<Claim> ghosts = settlement.vanish(2);

            ReapReport last = sweepUntilDue(settlement, reaper);

            assertThat(last.outcome()).as("%s", last).isEqualTo(Outcome.SWEPT);
            assertThat(last.ghostsRemoved()).isEqualTo(2);
            assertThat(last.errorsRemoved()).isEqualTo(1);
            assertThat(last.portsFreed()).isEqualTo(4);
            assertThat(reaper.totals().total()).isEqualTo(3);
            List<Claim> gone = new ArrayList<>(ghosts);
            gone.add(oldError);
            assertThat(gone).allSatisfy(claim -> {
                assertThat(settlement.ledger.find(claim.id())).isEmpty();
                assertThat(settlement.ledger.tombstone(claim.id()).orElseThrow().reason())
                        .isEqualTo(EndReason.REAPED);
            });
            assertThat(settlement.ledger.find(lapsed.id())).isEmpty();
            assertThat(settlement.ledger.find(stuck.id()).orElseThrow().state()).isEqualTo(ClaimState.FAILED);
            assertThat(settlement.ledger.find(youngError.id())).isPresent();
            assertThat(settlement.claims.subList(2, 40))
                    .allSatisfy(claim ->
                            assertThat(settlement.ledger.find(claim.id())).contains(claim));
            Resource name = ResourceKind.CONTAINER_NAME.in(
                    SqliteStores.NODE, ghosts.get(0).owner().name());
            assertThat(settlement.ledger.occupants(Set.of(name)).get(name))
                    .isInstanceOfSatisfying(
                            Occupant.Block.class,
                            rest -> assertThat(rest.reason()).isEqualTo(BlockReason.QUARANTINE));
            assertThat(settlement.ledger.records().starting("reaper/" + SqliteStores.NODE + "/missing/"))
                    .isEmpty();
            LedgerInvariants.check(settlement.store);
        }
    }

    /** Scenario 42: the wave opens the breaker, which another process sees as well, and an approval lets just it go. */
    @ParameterizedTest
    @EnumSource
    void aWaveIsHeldUntilItIsApproved(Engine engine) throws Exception {
        try (var settlement = new Settlement(engine.fresh(directory), 20);
                GhostReaper reaper = settlement.reaper().build();
                GhostReaper another = settlement.reaper().build()) {
            pass(settlement, Duration.ofHours(1));
            List<Claim> ghosts = settlement.vanish(12);

            ReapReport held = sweepUntilDue(settlement, reaper);

            assertThat(held.outcome()).isEqualTo(Outcome.HELD);
            assertThat(another.breaker().map(Breaker::cause)).contains(Breaker.Cause.RATIO);
            assertThat(settlement.tokens()).hasSize(20);

            assertThat(another.run().outcome()).isEqualTo(Outcome.OBSERVED);
            ReapReport done = another.approve(held.plan());

            assertThat(done.ghostsRemoved()).as("%s", done).isEqualTo(12);
            assertThat(reaper.breaker()).isEmpty();
            settlement.check(ghosts);
        }
    }

    /** What was freed and comes back is restored with all that it had, where nobody has it now. */
    @ParameterizedTest
    @EnumSource
    void whatComesBackHasItsOwnAgain(Engine engine) throws Exception {
        try (var settlement = new Settlement(engine.fresh(directory), 20);
                GhostReaper reaper = settlement.reaper().build()) {
            pass(settlement, Duration.ofHours(1));
            Claim ghost = settlement.vanish(1).get(0);
            assertThat(sweepUntilDue(settlement, reaper).ghostsRemoved()).isEqualTo(1);

            settlement.server.runtime.lift();
            pass(settlement, Duration.ofMinutes(60));
            ReapReport back = reaper.run();

            assertThat(back.count(Orphan.Fate.RESTORED)).as("%s", back).isEqualTo(1);
            Claim restored = settlement.ledger.find(ghost.owner()).orElseThrow();
            assertThat(restored.instance()).isEqualTo(ghost.instance());
            assertThat(restored.part("ports")).isEqualTo(ghost.part("ports"));
            // Being missing proves less than it should, and somebody should know.
            assertThat(back.breaker().map(Breaker::cause)).contains(Breaker.Cause.REAPPEARANCE);
            LedgerInvariants.check(settlement.store);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRESQL", "MARIADB"})
    void twoReapersOfOneProcessReapNothingTwice(Engine engine) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (var settlement = new Settlement(engine.fresh(directory), 200)) {
            List<Claim> ghosts = settlement.vanish(18);
            settlement.anHourLater(ghosts);
            List<Future<Integer>> told = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                told.add(threads.submit(() -> {
                    int removed = 0;
                    try (GhostReaper reaper = settlement.reaper().build()) {
                        for (int sweeps = 3; sweeps > 0; ) {
                            ReapReport report = reaper.run();
                            assertThat(report.outcome()).isNotEqualTo(Outcome.FAILED);
                            removed += report.ghostsRemoved();
                            sweeps -= report.outcome() == Outcome.SKIPPED ? 0 : 1;
                        }
                    }
                    return removed;
                }));
            }
            assertThat(told.get(0).get() + told.get(1).get()).isEqualTo(18);
            settlement.check(ghosts);
        } finally {
            threads.shutdownNow();
        }
    }
}
