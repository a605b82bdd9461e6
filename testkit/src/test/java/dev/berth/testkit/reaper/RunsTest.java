package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.berth.ledger.Claim;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.Orphan;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Occasion;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReapTotals;
import dev.berth.reaper.ReaperEvent;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs by hand and by the schedule, alone and beside others, and what they tell. */
@Timeout(60)
class RunsTest {
    private final Town town = new Town();
    private final Agenda agenda = new Agenda();

    private List<Claim> lose(int lost, int of) {
        List<Claim> apps = town.apps(1, of);
        town.clock.advance(Duration.ofHours(1));
        apps.subList(0, lost).forEach(town::vanish);
        return apps;
    }

    private GhostReaper scheduled(ReaperPolicy policy) {
        return town.builder(policy).scheduledOn(agenda).build();
    }

    /** Lets the clock go to the next background run, and runs it; tells how long that was. */
    private Duration tick() {
        Duration pause = agenda.next().orElseThrow();
        town.clock.advance(pause);
        agenda.run();
        return pause;
    }

    // ------------------------------------------------------------------ dry runs

    /** Scenario 50: a dry run deletes nothing, and its plan and counts equal those of the real run that follows. */
    @ParameterizedTest
    @CsvSource({"1, 20, 0", "2, 20, 0", "5, 20, 3", "30, 60, 2", "6, 6, 0", "0, 5, 2"})
    void aDryRunTellsWhatTheRunWillDo(int lost, int of, int left) {
        List<Claim> apps = lose(lost, of);
        for (int i = 0; i < left; i++) {
            town.ledger.release(apps.get(of - 1 - i));
            town.engine.stopInstance(apps.get(of - 1 - i).instance().orElseThrow());
        }
        GhostReaper reaper = town.reaper(ReaperPolicy.builder()
                .cap(3)
                .orphanCap(1)
                .ratio(30)
                .orphans(ReaperPolicy.Orphans.REMOVE)
                .build());
        for (int sweep = 0; sweep < 9; sweep++) {
            long before = town.ledger.claims(dev.berth.ledger.ClaimQuery.all()).count();
            int there = town.engine.instances().size();
            ReapReport plan = reaper.plan();
            assertThat(plan.occasion()).isEqualTo(Occasion.DRY_RUN);
            assertThat(town.ledger.claims(dev.berth.ledger.ClaimQuery.all()).count())
                    .isEqualTo(before);
            assertThat(town.engine.instances()).hasSize(there);

            ReapReport run = reaper.run();

            assertThat(run.plan()).isEqualTo(plan.plan());
            assertThat(run.ghostsRemoved()).isEqualTo(plan.ghostsRemoved());
            assertThat(run.errorsRemoved()).isEqualTo(plan.errorsRemoved());
            assertThat(run.portsFreed()).isEqualTo(plan.portsFreed());
            assertThat(run.count(Orphan.Fate.REMOVED)).isEqualTo(plan.count(Orphan.Fate.REMOVED));
            assertThat(run.verdicts()).isEqualTo(plan.verdicts());
            assertThat(run.outcome()).isEqualTo(plan.outcome());
            assertThat(run.breaker().map(Breaker::cause))
                    .isEqualTo(plan.breaker().map(Breaker::cause));
            town.clock.advance(Duration.ofMinutes(5));
        }
    }

    @Test
    void aPolicyOfDryRunsFreesNothingForEver() {
        List<Claim> apps = lose(1, 20);
        GhostReaper reaper = town.reaper(ReaperPolicy.builder().dryRun().build());
        for (int i = 0; i < 10; i++) {
            ReapReport report = town.next(reaper);
            assertThat(report.occasion()).isEqualTo(Occasion.DRY_RUN);
        }
        assertThat(apps).allMatch(town::lives);
        assertThat(reaper.totals()).isEqualTo(new ReapTotals(0, 0, 0, 0, Optional.empty()));
    }

    @Test
    void aPolicyThatKeepsGhostsTellsOfThem() {
        List<Claim> apps = lose(1, 20);
        Claim error = town.error(90);
        town.clock.advance(Duration.ofHours(25));
        GhostReaper reaper = town.reaper(ReaperPolicy.builder().keepingGhosts().build());

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.count(Verdict.Kind.GHOST)).isEqualTo(1);
        assertThat(report.ghostsRemoved()).isZero();
        assertThat(report.errorsRemoved()).isEqualTo(1);
        assertThat(apps).allMatch(town::lives);
        assertThat(town.lives(error)).isFalse();
    }

    @Test
    void oneThatIsSwitchedOffDoesNothing() {
        lose(1, 20);
        GhostReaper reaper = town.reaper(ReaperPolicy.builder().disabled().build());
        town.engine.resetCalls();

        assertThat(reaper.run().outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(town.engine.calls()).isEmpty();
    }

    // ------------------------------------------------------------------ telling

    @Test
    void reportsAndTotalsTellEverything() {
        List<Claim> apps = lose(2, 40);
        Claim error = town.error(90);
        town.clock.advance(Duration.ofHours(25));
        List<ReaperEvent> events = new ArrayList<>();
        GhostReaper reaper =
                town.builder(ReaperPolicy.defaults()).listener(events::add).build();
        assertThat(reaper.lastReport()).isEmpty();
        assertThat(reaper.totals().lastRun()).isEmpty();

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.scope()).isEqualTo(Town.NODE);
        assertThat(report.occasion()).isEqualTo(Occasion.REQUEST);
        assertThat(report.outcome()).isEqualTo(Outcome.SWEPT);
        assertThat(report.startedAt()).isEqualTo(town.clock.instant());
        assertThat(report.finishedAt()).isEqualTo(town.clock.instant());
        assertThat(report.judged()).isEqualTo(41);
        assertThat(report.present()).isEqualTo(38);
        assertThat(report.ghostsRemoved()).isEqualTo(2);
        assertThat(report.errorsRemoved()).isEqualTo(1);
        assertThat(report.totalRemoved()).isEqualTo(3);
        assertThat(report.portsFreed()).isEqualTo(6);
        assertThat(report.errors()).isEmpty();
        assertThat(report.verdicts()).hasSize(3).allSatisfy(verdict -> {
            assertThat(verdict.fate()).isEqualTo(Verdict.Fate.DONE);
            assertThat(verdict.reason()).contains("4 times since");
        });
        assertThat(report.totals()).isEqualTo(new ReapTotals(3 + 1, 2, 1, 6, Optional.of(town.clock.instant())));
        assertThat(reaper.totals()).isEqualTo(report.totals());
        assertThat(town.reaper(ReaperPolicy.defaults()).totals())
                .as("whichever process")
                .isEqualTo(report.totals());
        assertThat(reaper.lastReport()).contains(report);
        assertThat(reaper.scope()).isEqualTo(Town.NODE);
        assertThat(report.policy()).isSameAs(reaper.policy());
        assertThat(report.toString()).contains("2 ghosts and 1 errors removed", "6 ports freed");
        assertThat(events.stream().filter(ReaperEvent.Reaped.class::isInstance).count())
                .isEqualTo(3);
        assertThat(events.stream()
                        .filter(ReaperEvent.Finished.class::isInstance)
                        .count())
                .isEqualTo(4);
        assertThat(apps.subList(2, 40)).allMatch(town::lives);
        assertThat(town.ledger.tombstone(error.id())).isPresent();
        assertThat(town.ledger.tombstone(error.id()).orElseThrow().reason())
                .isEqualTo(dev.berth.ledger.EndReason.REAPED);
    }

    @Test
    void aListenerThatThrowsBreaksNothing() {
        lose(1, 20);
        List<ReaperEvent> heard = new ArrayList<>();
        GhostReaper reaper = town.builder(ReaperPolicy.defaults())
                .listener(event -> {
                    throw new IllegalStateException("no");
                })
                .listener(heard::add)
                .build();

        assertThat(town.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
        assertThat(heard).hasAtLeastOneElementOfType(ReaperEvent.Reaped.class);
    }

    // ------------------------------------------------------------------ beside others

    /** Two reapers on one ledger, one after the other: neither is twice as sure, and the ghost goes. */
    @ParameterizedTest
    @CsvSource({"5, 5", "4, 6", "1, 9", "10, 0", "30, 30", "60, 60"})
    void twoReapersOnOneLedger(int pause, int other) {
        List<Claim> apps = lose(1, 20);
        GhostReaper first = town.reaper(ReaperPolicy.defaults());
        GhostReaper second = town.reaper(ReaperPolicy.defaults());
        int sweeps = 0;
        int freed = 0;
        while (town.lives(apps.get(0)) && sweeps < 20) {
            freed += first.run().ghostsRemoved();
            town.clock.advance(Duration.ofMinutes(pause));
            freed += second.run().ghostsRemoved();
            town.clock.advance(Duration.ofMinutes(other));
            sweeps++;
        }
        assertThat(freed).isEqualTo(1);
        assertThat(first.totals().ghosts()).isEqualTo(1);
        assertThat(sweeps).isLessThanOrEqualTo(ReaperPolicy.defaults().sweepsUntilGone());
        assertThat(apps.subList(1, 20)).allMatch(town::lives);
    }

    /** Two ledgers on one engine: each other's instances are nobody's ghost and nobody's orphan to touch. */
    @Test
    void twoLedgersOnOneEngine() {
        var theirs = ResourceLedger.builder(new MemoryLedgerStore(town.clock, new UUID(8, 8)))
                .clock(town.clock)
                .build();
        lose(1, 20);
        ReaperPolicy removing =
                ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.REMOVE).build();
        GhostReaper other = GhostReaper.builder(theirs, FakeRuntime.on(town.engine, Town.NODE))
                .policy(removing)
                .pacing(town.pacing)
                .callingOn(Runnable::run)
                .build();
        GhostReaper own = town.reaper(removing);
        town.engine.running().stream().limit(5).forEach(one -> town.engine.stopInstance(one.id()));
        for (int i = 0; i < 6; i++) {
            ReapReport report = town.next(other);
            assertThat(report.orphans()).hasSize(19).allMatch(orphan -> orphan.fate() == Orphan.Fate.LEFT);
            assertThat(report.judged()).isZero();
            own.run();
        }
        assertThat(town.engine.instances()).hasSize(19);
        assertThat(own.totals().ghosts()).isEqualTo(1);
        assertThat(other.totals().total()).isZero();
    }

    // ------------------------------------------------------------------ the schedule

    @Test
    void whileSomethingIsMissingItLooksMoreOften() {
        lose(1, 20);
        GhostReaper reaper = scheduled(ReaperPolicy.defaults());
        reaper.start();
        reaper.start();
        assertThat(tick()).isZero();
        assertThat(reaper.lastReport().orElseThrow().occasion()).isEqualTo(Occasion.SCHEDULE);
        int sweeps = 1;
        while (reaper.totals().ghosts() == 0) {
            assertThat(tick().toMillis()).isBetween(270_000L, 330_000L);
            sweeps++;
        }
        assertThat(sweeps).isLessThanOrEqualTo(ReaperPolicy.defaults().sweepsUntilGone());
        for (int i = 0; i < 200; i++) {
            assertThat(tick().toMillis()).isBetween(54 * 60_000L, 66 * 60_000L);
        }
        reaper.close();
    }

    /** Several hosts that start together drift apart. */
    @Test
    void theJitterIsUsed() {
        town.apps(1, 1);
        GhostReaper reaper = scheduled(ReaperPolicy.defaults());
        reaper.start();
        tick();
        tick();
        double[] minutes = IntStream.range(0, 300)
                .mapToDouble(i -> tick().toMillis() / 60_000.0)
                .toArray();
        assertThat(java.util.Arrays.stream(minutes).min().orElseThrow()).isLessThan(55);
        assertThat(java.util.Arrays.stream(minutes).max().orElseThrow()).isGreaterThan(65);
        assertThat(java.util.Arrays.stream(minutes).average().orElseThrow()).isCloseTo(60, within(2.0));
        reaper.close();
    }

    /** An open breaker is a person's business: there is no hurry. */
    @Test
    void anOpenBreakerIsLookedAtOnceAnInterval() {
        lose(10, 20);
        GhostReaper reaper = scheduled(ReaperPolicy.defaults());
        reaper.start();
        while (reaper.breaker().isEmpty()) {
            tick();
        }
        assertThat(tick().toMinutes()).isBetween(54L, 66L);
        reaper.close();
    }

    /** The whole way of a breaker that nobody approves, on the schedule alone. */
    @Test
    void aBreakerClosesByItselfOnTheSchedule() {
        lose(40, 60);
        GhostReaper reaper = scheduled(ReaperPolicy.defaults());
        reaper.start();
        var begun = town.clock.instant();
        while (reaper.totals().ghosts() < 40
                && Duration.between(begun, town.clock.instant()).toHours() < 30) {
            tick();
        }
        assertThat(reaper.totals().ghosts()).isEqualTo(40);
        reaper.close();
    }

    /** Scenario 54: the schedule survives a failing run; stop drains; it can be started again. */
    @Test
    void theScheduleSurvivesAFailingRun() {
        lose(1, 20);
        GhostReaper reaper = scheduled(ReaperPolicy.defaults());
        reaper.start();
        for (int i = 0; i < 5; i++) {
            town.store.failReads(1);
            tick();
            assertThat(reaper.lastReport().orElseThrow().outcome()).isEqualTo(Outcome.FAILED);
        }
        town.engine.die();
        tick();
        assertThat(reaper.lastReport().orElseThrow().outcome()).isEqualTo(Outcome.BLIND);
        town.engine.comeBack(dev.berth.testkit.FakeEngine.Revival.KEPT_RUNNING);
        for (int i = 0; i < 5; i++) {
            tick();
        }
        assertThat(reaper.totals().ghosts()).isEqualTo(1);
        reaper.stop();
        assertThat(agenda.next()).isEmpty();
        reaper.stop();
        reaper.start();
        assertThat(tick()).isZero();
        reaper.close();
        assertThat(agenda.next()).isEmpty();
        reaper.start();
        assertThat(agenda.next()).as("after close it does not start any more").isEmpty();
        assertThat(agenda.isShutdown()).as("the caller's").isFalse();
    }

    /** Scenario 54, with threads: a stop waits for the sweep that runs, which ends at its next step. */
    @Test
    void stopDrains() throws Exception {
        lose(40, 200);
        var reached = new CountDownLatch(1);
        var client = new Hooked(town.runtime);
        GhostReaper reaper = GhostReaper.builder(town.ledger, client)
                .policy(ReaperPolicy.builder().cap(40).ratio(50).build())
                .pacing(town.pacing)
                .callingOn(Runnable::run)
                .build();
        town.confirm(reaper);
        var go = new CountDownLatch(1);
        client.after(RuntimeCall.LOOK, () -> {
            reached.countDown();
            await(go);
        });
        reaper.start();
        assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
        var stopper = new Thread(reaper::stop);
        stopper.start();
        while (stopper.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        go.countDown();
        stopper.join(20_000);

        assertThat(stopper.isAlive()).isFalse();
        ReapReport report = reaper.lastReport().orElseThrow();
        assertThat(report.ghostsRemoved()).as("the batch that had begun").isEqualTo(32);
        assertThat(report.verdicts().stream()
                        .filter(verdict -> verdict.fate() == Verdict.Fate.POSTPONED)
                        .count())
                .isEqualTo(8);
        assertThat(reaper.run().ghostsRemoved()).as("by hand it goes on").isEqualTo(8);
        reaper.close();
        // Its work is done when close returns; the thread itself needs a moment to die.
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (isReaping() && System.nanoTime() - until < 0) {
            Thread.onSpinWait();
        }
        assertThat(isReaping()).isFalse();
    }

    private static boolean isReaping() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.isAlive() && thread.getName().startsWith("berth-reaper-node-1"));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** A sweep may take 80 % of its interval; what is left waits for the next. */
    @Test
    void aSweepHasABudget() {
        lose(40, 200);
        var client = new Hooked(town.runtime);
        ReaperPolicy policy = ReaperPolicy.builder()
                .cap(40)
                .ratio(50)
                .interval(Duration.ofMinutes(5))
                .build();
        GhostReaper reaper = town.builder(policy, client).build();
        town.confirm(reaper);
        client.before(RuntimeCall.LOOK, () -> {
            town.clock.advance(Duration.ofMinutes(2));
            client.before(RuntimeCall.LOOK, () -> town.clock.advance(Duration.ofMinutes(2)));
        });

        ReapReport report = reaper.run();

        assertThat(report.ghostsRemoved()).as("the batch that had begun").isEqualTo(32);
        assertThat(report.verdicts().stream()
                        .filter(verdict -> verdict.fate() == Verdict.Fate.POSTPONED)
                        .count())
                .isEqualTo(8);
        assertThat(reaper.run().ghostsRemoved()).isEqualTo(8);
    }
}
