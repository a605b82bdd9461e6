package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Scope;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.Breaker.Cause;
import dev.berth.reaper.Breaker.Stage;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapPlan;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperEvent;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.reaper.Verdict.Fate;
import dev.berth.reaper.Verdict.Kind;
import dev.berth.testkit.FakeEngine.Lie;
import dev.berth.testkit.FakeRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Breakers, caps and approvals, in whole sweeps. */
class BreakersTest {
    private final Town town = new Town();
    private final List<ReaperEvent> events = new ArrayList<>();

    private GhostReaper reaper(ReaperPolicy.Builder policy) {
        return town.builder(policy.build()).listener(events::add).build();
    }

    private List<Claim> lose(int lost, int of) {
        List<Claim> apps = town.apps(1, of);
        town.clock.advance(Duration.ofHours(1));
        apps.subList(0, lost).forEach(town::vanish);
        return apps;
    }

    private static Optional<Cause> cause(ReapReport report) {
        return report.breaker().map(Breaker::cause);
    }

    private long opened() {
        return events.stream()
                .filter(ReaperEvent.BreakerOpened.class::isInstance)
                .count();
    }

    // ------------------------------------------------------------------ small numbers

    /** Scenario 45: one alone goes when the runtime proves that it is empty; two at once need a person. */
    @ParameterizedTest
    @CsvSource({"1, 1, 1,", "2, 2, 0, EMPTY_VIEW", "2, 1, 1,", "3, 2, 2,", "3, 3, 0, EMPTY_VIEW", "4, 3, 0, RATIO"})
    void smallNumbers(int claims, int lost, int freed, Cause cause) {
        lose(lost, claims);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);

        ReapReport report = reaper.run();

        assertThat(report.ghostsRemoved()).isEqualTo(freed);
        assertThat(cause(report)).isEqualTo(Optional.ofNullable(cause));
        assertThat(report.plan().items()).hasSize(lost);
    }

    @Test
    void oneAloneStaysWhereNothingProvesThatTheListingIsEmpty() {
        lose(1, 1);
        town.engine.loseBeacon();
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);
        assertThat(reaper.run().outcome()).isEqualTo(Outcome.BLIND);
        town.engine.putBeacon();
        town.confirm(reaper);
        assertThat(reaper.run().ghostsRemoved()).isEqualTo(1);
    }

    /** The strangers on an engine do not make it a view of ours. */
    @Test
    void notOneOfOursIsThere() {
        town.engine.stranger("web");
        lose(2, 2);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);

        assertThat(cause(reaper.run())).contains(Cause.ALL_MISSING);
    }

    /** A listing that lies well about two, and all others are there. */
    @Test
    void anEmptyLieWithProofIsStoppedByTheBreaker() {
        List<Claim> apps = lose(0, 5);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.engine.lie(Lie.EMPTY_WITH_PROOF);
        town.confirm(reaper);

        ReapReport report = reaper.run();

        assertThat(cause(report)).contains(Cause.EMPTY_VIEW);
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.verdicts()).allMatch(verdict -> verdict.fate() == Fate.HELD);
        // Even a person who is deceived as well harms nobody: each is asked for by its id.
        ReapReport approved = reaper.approve(report.plan());
        assertThat(approved.totalRemoved()).isZero();
        assertThat(approved.breaker().map(Breaker::cause)).contains(Cause.REAPPEARANCE);
        assertThat(apps).allMatch(town::lives);
    }

    // ------------------------------------------------------------------ caps

    /** n + 1 against the cap. */
    @ParameterizedTest
    @CsvSource({"4, 4, 0", "5, 5, 0", "6, 5, 1", "11, 5, 5"})
    void noRunFreesMoreThanTheCap(int lost, int first, int second) {
        lose(lost, 60);
        GhostReaper reaper = reaper(ReaperPolicy.builder().cap(5).ratio(50));
        town.confirm(reaper);

        ReapReport one = reaper.run();
        ReapReport two = reaper.run();

        assertThat(one.ghostsRemoved()).isEqualTo(first);
        assertThat(two.ghostsRemoved()).isEqualTo(second);
        assertThat(one.verdicts().stream()
                        .filter(verdict -> verdict.fate() == Fate.POSTPONED)
                        .count())
                .isEqualTo(lost - first);
        assertThat(one.plan().items()).hasSize(lost);
    }

    @Test
    void whatIsMissingLongestGoesFirst() {
        List<Claim> apps = lose(3, 40);
        GhostReaper reaper = reaper(ReaperPolicy.builder().cap(3).ratio(50));
        reaper.run();
        apps.subList(3, 6).forEach(town::vanish);
        for (int i = 0; i < 3; i++) {
            town.next(reaper);
        }
        assertThat(apps.subList(0, 3)).noneMatch(town::lives);
        assertThat(apps.subList(3, 6)).allMatch(town::lives);
    }

    /** A loss in parts, each of them small. */
    @Test
    void aLossInSmallPartsIsSeenAsAWhole() {
        List<Claim> apps = lose(2, 30);
        GhostReaper reaper = reaper(ReaperPolicy.builder().cap(2));
        town.confirm(reaper);
        assertThat(reaper.run().ghostsRemoved()).isEqualTo(2);
        apps.subList(2, 4).forEach(town::vanish);
        town.confirm(reaper);

        ReapReport report = reaper.run();

        assertThat(cause(report)).contains(Cause.RATIO);
        assertThat(report.breaker().orElseThrow().detail()).contains("counting 2 freed");
        assertThat(apps.subList(2, 4)).allMatch(town::lives);
    }

    // ------------------------------------------------------------------ approving

    @Test
    void aPlanThatHasChangedIsNotCarriedOut() {
        List<Claim> apps = lose(5, 20);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);
        ReapPlan plan = reaper.run().plan();
        town.ledger.release(apps.get(0));

        ReapReport report = reaper.approve(plan);

        assertThat(report.outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(report.detail()).contains("approve it anew");
        assertThat(report.totalRemoved()).isZero();
        assertThat(reaper.breaker()).isPresent();
        assertThat(reaper.approve(report.plan()).ghostsRemoved()).isEqualTo(4);
        assertThat(reaper.breaker()).isEmpty();
    }

    @Test
    void aPlanForAnotherScopeIsRefused() {
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        var other = new ReapPlan(Scope.of("node-2"), List.of(), "00");

        assertThatThrownBy(() -> reaper.approve(other))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("node-1");
    }

    /** Ratio and cap are lifted, nothing else: the first sweep of a process only looks. */
    @Test
    void anApprovalPassesNoOtherGate() {
        lose(30, 60);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);
        ReapPlan plan = reaper.run().plan();
        GhostReaper cold = reaper(ReaperPolicy.builder());
        assertThat(cold.approve(plan).outcome()).isEqualTo(Outcome.OBSERVED);
        assertThat(cold.breaker()).isPresent();
        town.engine.lie(Lie.PARTIAL);
        assertThat(cold.approve(plan).outcome()).isEqualTo(Outcome.BLIND);
        town.engine.lie(Lie.NONE);
        assertThat(cold.approve(plan).outcome()).isEqualTo(Outcome.OBSERVED);

        ReapReport done = cold.approve(plan);

        assertThat(done.ghostsRemoved()).as("more than the cap of 25").isEqualTo(30);
        assertThat(done.breaker()).isEmpty();
        assertThat(done.occasion()).isEqualTo(ReapReport.Occasion.APPROVAL);
        assertThat(events).hasAtLeastOneElementOfType(ReaperEvent.BreakerClosed.class);
    }

    /** What is approved in a dry run is not done, and closes nothing. */
    @Test
    void approvingADryRunClosesNothing() {
        List<Claim> apps = lose(5, 20);
        GhostReaper reaper = reaper(ReaperPolicy.builder().dryRun());
        town.confirm(reaper);
        ReapPlan plan = reaper.run().plan();
        assertThat(reaper.breaker()).isPresent();

        ReapReport report = reaper.approve(plan);

        assertThat(report.occasion()).isEqualTo(ReapReport.Occasion.DRY_RUN);
        assertThat(apps).allMatch(town::lives);
        assertThat(reaper.breaker()).isPresent();
        assertThat(events).noneMatch(ReaperEvent.BreakerClosed.class::isInstance);
        assertThat(events).noneMatch(ReaperEvent.Reaped.class::isInstance);
    }

    /** What a person has agreed to is no reason to open the next breaker. */
    @Test
    void whatWasApprovedIsNotCountedAsLately() {
        List<Claim> apps = lose(10, 40);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);
        reaper.approve(reaper.run().plan());
        town.vanish(apps.get(20));
        town.confirm(reaper);

        assertThat(reaper.run().ghostsRemoved()).isEqualTo(1);
    }

    // ------------------------------------------------------------------ resting and draining

    /** On the schedule's own pace: an open breaker is looked at once an interval, a tenth early or late. */
    @Test
    void anOpenBreakerRestsADayThenDrainsByTheCap() {
        lose(40, 60);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);
        Breaker open = reaper.run().breaker().orElseThrow();
        Instant rested = open.unchangedSince().plus(Duration.ofHours(24));
        long[] pace = {54, 66, 55, 65, 60, 54, 66};
        int sweeps = 0;
        while (town.clock.instant().plus(Duration.ofMinutes(67)).isBefore(rested)) {
            town.clock.advance(Duration.ofMinutes(pace[sweeps++ % pace.length]));
            ReapReport report = reaper.run();
            assertThat(report.outcome()).as("sweep " + sweeps).isEqualTo(Outcome.HELD);
            assertThat(report.breaker()).contains(open);
        }
        town.clock.set(rested.minusMillis(1));
        assertThat(reaper.run().totalRemoved()).isZero();
        town.clock.set(rested);

        ReapReport first = reaper.run();
        assertThat(first.ghostsRemoved()).isEqualTo(25);
        assertThat(first.breaker().map(Breaker::stage)).contains(Stage.DRAINING);
        assertThat(first.outcome()).isEqualTo(Outcome.SWEPT);
        ReapReport second = town.next(reaper);
        assertThat(second.ghostsRemoved()).isEqualTo(15);
        ReapReport third = town.next(reaper);
        assertThat(third.breaker()).isEmpty();
        assertThat(opened()).isEqualTo(1);
        assertThat(events.stream()
                        .filter(ReaperEvent.BreakerClosed.class::isInstance)
                        .count())
                .isEqualTo(1);
    }

    @Test
    void whateverChangesMakesItRestAnew() {
        List<Claim> apps = lose(10, 40);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);
        reaper.run();
        for (int hour = 0; hour < 23; hour++) {
            town.clock.advance(Duration.ofMinutes(60));
            assertThat(reaper.run().outcome()).isEqualTo(Outcome.HELD);
        }
        town.ledger.release(apps.get(0));
        town.clock.advance(Duration.ofMinutes(60));
        assertThat(reaper.run().breaker().map(Breaker::unchangedSince)).contains(town.clock.instant());
        town.clock.advance(Duration.ofMinutes(60));
        assertThat(reaper.run().totalRemoved()).isZero();
        assertThat(events).as("it is open all the while").noneMatch(ReaperEvent.BreakerClosed.class::isInstance);
    }

    /** Somebody approves what he saw yesterday, and no breaker is open today. */
    @Test
    void anOldPlanIsNoOrderToSweep() {
        lose(0, 30);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        ReapPlan old = reaper.run().plan();
        town.vanish(town.ledger.find(Town.owner(1)).orElseThrow());
        town.confirm(reaper);

        ReapReport approved = reaper.approve(old);

        assertThat(approved.outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(approved.totalRemoved()).isZero();
        assertThat(approved.plan().items()).hasSize(1);
        assertThat(reaper.run().ghostsRemoved()).isEqualTo(1);
    }

    @Test
    void aPlanSaysOfWhatKindEachIs() {
        List<Claim> apps = lose(1, 30);
        Claim error = town.error(50);
        Claim left = town.app(60);
        town.engine.stopInstance(left.instance().orElseThrow());
        town.ledger.release(left);
        town.clock.advance(Duration.ofHours(25));
        GhostReaper reaper = reaper(ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.REMOVE));
        town.confirm(reaper);

        ReapPlan plan = reaper.plan().plan();

        assertThat(plan.items())
                .containsExactly(
                        new ReapPlan.Item(
                                "error", error.token().toString(), error.owner().toString()),
                        new ReapPlan.Item(
                                "ghost",
                                apps.get(0).token().toString(),
                                apps.get(0).owner().toString()),
                        new ReapPlan.Item(
                                "orphan",
                                left.instance().orElseThrow(),
                                left.owner().toString()));
    }

    /** A second process reads the first one's breaker. */
    @Test
    void aBreakerIsEverybodys() {
        lose(10, 40);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);
        reaper.run();
        GhostReaper second = reaper(ReaperPolicy.builder());
        second.run();

        assertThat(town.next(second).outcome()).isEqualTo(Outcome.HELD);
        assertThat(second.breaker()).isEqualTo(reaper.breaker());
        assertThat(opened()).isEqualTo(1);
    }

    // ------------------------------------------------------------------ coming back

    /** Confirmed to be gone, held, and there again. */
    @Test
    void whatComesBackWhileItIsHeldOpensForReappearance() {
        lose(0, 10);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.engine.lie(Lie.TRUNCATED);
        town.confirm(reaper);
        assertThat(cause(reaper.run())).contains(Cause.RATIO);
        town.engine.lie(Lie.NONE);

        ReapReport back = town.next(reaper);

        assertThat(back.outcome()).isEqualTo(Outcome.HELD);
        assertThat(back.present()).isEqualTo(10);
        assertThat(back.count(Kind.GHOST)).isZero();
        assertThat(back.breaker().map(Breaker::unchangedSince)).contains(town.clock.instant());
    }

    /** A failed claim's instance that was sure to be gone is a return as well. */
    @Test
    void anErrorsInstanceThatComesBackOpensTheBreaker() {
        List<Claim> apps = lose(0, 30);
        Claim claim = apps.get(29);
        town.ledger.fail(claim.token(), "it crashed");
        town.clock.advance(Duration.ofHours(25));
        var hidden = new ArrayList<>(List.of(claim.instance().orElseThrow()));
        var client = new dev.berth.testkit.ForwardingRuntime<dev.berth.testkit.FakeSpec>(town.runtime) {
            @Override
            public dev.berth.runtime.Inventory inventory() throws Exception {
                var all = super.inventory();
                return new dev.berth.runtime.Inventory(
                        all.scope(),
                        all.coverage(),
                        all.instances().stream()
                                .filter(one -> !hidden.contains(one.id()))
                                .toList());
            }
        };
        GhostReaper reaper = town.builder(
                        ReaperPolicy.builder()
                                .absenceGrace(Duration.ofMinutes(10))
                                .build(),
                        client)
                .build();
        reaper.run();
        town.next(reaper);
        town.clock.advance(Duration.ofMinutes(5));
        reaper.plan();
        hidden.clear();

        ReapReport report = town.next(reaper);

        assertThat(report.count(Kind.ERROR_LIVES)).isEqualTo(1);
        assertThat(cause(report)).contains(Cause.REAPPEARANCE);
    }

    // ------------------------------------------------------------------ several causes

    @Test
    void aNewCauseWhileOneIsOpenKeepsItOpen() {
        lose(10, 40);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);
        assertThat(cause(reaper.run())).contains(Cause.RATIO);
        town.engine.lie(Lie.EMPTY_WITH_PROOF);
        for (int i = 0; i < 6; i++) {
            ReapReport report = town.next(reaper);
            assertThat(report.outcome()).isEqualTo(Outcome.HELD);
            assertThat(report.totalRemoved()).isZero();
        }
        assertThat(opened()).isEqualTo(1);
    }

    /** Bounds hold whatever is set: no more than the half may ever go unseen. */
    @Test
    void noSettingSwitchesTheBreakerOff() {
        lose(11, 20);
        GhostReaper reaper =
                reaper(ReaperPolicy.builder().ratio(1_000).cap(100_000).confirmations(0));
        town.confirm(reaper);

        ReapReport report = reaper.run();

        assertThat(cause(report)).contains(Cause.RATIO);
        assertThat(report.policy().warnings()).hasSize(3);
        assertThat(reaper.plan().policy().warnings()).hasSize(3);
    }

    /** Scenario 46: the first complete sweep after a start, a long pause, or one that saw less, only observes. */
    @Test
    void theFirstSweepOnlyObserves() {
        lose(1, 20);
        GhostReaper reaper = reaper(ReaperPolicy.builder());
        town.confirm(reaper);
        FakeRuntime other = FakeRuntime.on(town.engine, Town.NODE);
        GhostReaper second = town.builder(ReaperPolicy.defaults(), other).build();

        ReapReport first = second.run();

        assertThat(first.outcome()).isEqualTo(Outcome.OBSERVED);
        assertThat(first.plan().items()).hasSize(1);
        assertThat(first.verdicts().stream().map(Verdict::fate)).containsOnly(Fate.POSTPONED);
        town.clock.advance(Duration.ofHours(2).plusMillis(1));
        assertThat(second.run().outcome()).isEqualTo(Outcome.OBSERVED);
    }
}
