package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.LedgerIdentity;
import dev.berth.ledger.LedgerLease;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.reaper.Verdict.Fate;
import dev.berth.reaper.Verdict.Kind;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeEngine.Lie;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.ForwardingLedgerStore;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.ManualPacing;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands between a sweep and whatever lives. */
class GatesTest {
    private final Town town = new Town();
    private final Hooked client = new Hooked(town.runtime);
    private List<Claim> apps;
    private Claim ghost;
    private GhostReaper reaper;

    @BeforeEach
    void oneOfThirtyIsGone() {
        apps = town.apps(1, 30);
        ghost = apps.get(0);
        town.clock.advance(Duration.ofHours(1));
        town.vanish(ghost);
        reaper = town.builder(ReaperPolicy.defaults(), client).build();
    }

    private static Optional<Verdict> verdict(ReapReport report, Claim claim) {
        return report.verdicts().stream()
                .filter(verdict -> verdict.claim().id().equals(claim.id()))
                .findFirst();
    }

    private void nothingWent() {
        assertThat(apps).allMatch(town::lives);
    }

    // ------------------------------------------------------------------ the view

    /** Scenario 43. */
    @Test
    void whoCannotReachTheRuntimeDeletesNothing() {
        town.confirm(reaper);
        town.engine.die();

        ReapReport report = reaper.run();

        assertThat(report.outcome()).isEqualTo(Outcome.BLIND);
        assertThat(report.errors()).isNotEmpty();
        assertThat(report.count(Kind.UNKNOWN)).isEqualTo(30);
        nothingWent();

        town.engine.comeBack(FakeEngine.Revival.KEPT_RUNNING);
        assertThat(town.next(reaper).outcome())
                .as("the first one that sees again only looks")
                .isEqualTo(Outcome.OBSERVED);
        nothingWent();
        assertThat(town.next(reaper).ghostsRemoved()).isEqualTo(1);
        assertThat(apps.subList(1, 30)).allMatch(town::lives);
    }

    /** Scenario 45: the listing is empty, whatever it says about itself. */
    @ParameterizedTest
    @EnumSource(
            value = Lie.class,
            names = {"EMPTY", "EMPTY_WITH_PROOF", "PARTIAL", "TRUNCATED"})
    void aLyingListingCostsNobodyAnything(Lie lie) {
        town.engine.lie(lie);

        for (int sweep = 0; sweep < 30; sweep++) {
            town.next(reaper);
        }

        assertThat(apps.subList(1, 30)).allMatch(town::lives);
        town.engine.lie(Lie.NONE);
        for (int sweep = 0; sweep < 10; sweep++) {
            town.next(reaper);
        }
        assertThat(apps.subList(1, 30)).allMatch(town::lives);
    }

    @Test
    void anEmptyListingWithoutProofIsUnknown() {
        town.engine.lie(Lie.EMPTY);

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.outcome()).isEqualTo(Outcome.BLIND);
        assertThat(report.count(Kind.UNKNOWN)).isEqualTo(30);
        assertThat(report.errors()).singleElement().asString().contains("empty");
        nothingWent();
    }

    @Test
    void aPartOfAListingIsUnknown() {
        town.engine.lie(Lie.PARTIAL);

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.outcome()).isEqualTo(Outcome.BLIND);
        assertThat(report.present()).as("what is listed is there").isEqualTo(14);
        assertThat(report.count(Kind.UNKNOWN)).isEqualTo(16);
        nothingWent();
    }

    @Test
    void anotherRuntimeBehindTheSameConnectionIsBelievedNothing() {
        FakeEngine other = FakeEngine.of(town.clock).named("engine-2");
        other.stranger("web");
        town.confirm(reaper);
        town.runtime.connect(other);

        for (int sweep = 0; sweep < 6; sweep++) {
            ReapReport report = town.next(reaper);
            assertThat(report.outcome()).isEqualTo(Outcome.BLIND);
            assertThat(report.errors()).singleElement().asString().contains("another runtime");
        }
        nothingWent();

        town.runtime.connect(town.engine);
        town.sweepUntilDue(reaper);
        town.next(reaper);
        assertThat(town.lives(ghost)).isFalse();
        assertThat(apps.subList(1, 30)).allMatch(town::lives);
    }

    /** Swapped just for the time of the listing. */
    @Test
    void whoIsAskedBeforeMustBeTheOneWhoAnswersAfter() {
        FakeEngine other = FakeEngine.of(town.clock).named("engine-2");
        other.stranger("web");
        client.before(RuntimeCall.INVENTORY, () -> town.runtime.connect(other));

        ReapReport report = reaper.run();

        assertThat(report.outcome()).isEqualTo(Outcome.BLIND);
        assertThat(report.count(Kind.MISSING)).isZero();
    }

    /** Swapped between the marks and the last step. */
    @Test
    void whoConfirmsMustBeTheOneWhoListed() {
        town.confirm(reaper);
        FakeEngine other = FakeEngine.of(town.clock).named("engine-2");
        client.before(RuntimeCall.LOOK, () -> town.runtime.connect(other));

        ReapReport report = reaper.run();

        assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.BLIND);
        assertThat(verdict(report, ghost).map(Verdict::fate)).contains(Fate.POSTPONED);
        nothingWent();
    }

    @Test
    void anEngineThatCameUpWithoutItsDataIsAnotherOne() {
        town.confirm(reaper);
        town.engine.die();
        town.engine.comeBack(FakeEngine.Revival.WITHOUT_DATA);
        town.engine.putBeacon();

        for (int sweep = 0; sweep < 6; sweep++) {
            assertThat(town.next(reaper).outcome()).isEqualTo(Outcome.BLIND);
        }
        nothingWent();
    }

    /** A copy of the database knows claims whose instances it must not judge. */
    @Test
    void aCopiedLedgerReapsNothing() {
        var copy = new ForwardingLedgerStore(town.memory) {
            @Override
            public LedgerIdentity identity() {
                return new LedgerIdentity(super.identity().ledger(), "there", "here");
            }
        };
        town.clock.advance(Duration.ofDays(1));
        Claim lapsed = town.ledger.claim(Town.wish(Town.owner(99)).lease(Duration.ofMinutes(1)));
        var stuck = (dev.berth.ledger.AttemptOutcome.Granted)
                town.ledger.attempt(Town.wish(Town.owner(98)), Town.NODE, Duration.ofMinutes(5));
        town.clock.advance(Duration.ofDays(1));
        try (var ledger = ResourceLedger.builder(copy).clock(town.clock).build();
                var copied = GhostReaper.builder(ledger, town.runtime)
                        .pacing(town.pacing)
                        .callingOn(Runnable::run)
                        .build()) {
            ReapReport report = town.sweepUntilDue(copied);

            assertThat(report.outcome()).isEqualTo(Outcome.BLIND);
            assertThat(report.errors()).singleElement().asString().contains("moved() or fork()");
            assertThat(town.lives(lapsed)).isTrue();
            assertThat(town.ledger.find(stuck.claim().id())).contains(stuck.claim());
            nothingWent();
        }
    }

    // ------------------------------------------------------------------ confirming

    /** It is asked for by its id, once more, whatever the listings said. */
    @Test
    void whatCannotBeConfirmedStays() {
        town.confirm(reaper);
        for (Mishap mishap : List.of(new Mishap.Unreached(), new Mishap.LostAnswer(), new Mishap.Gibberish("?"))) {
            town.clock.advance(Duration.ofMinutes(5));
            town.runtime.next(RuntimeCall.LOOK, mishap);

            ReapReport report = reaper.run();

            assertThat(verdict(report, ghost).map(Verdict::fate))
                    .as("%s", mishap)
                    .contains(Fate.SPARED);
            nothingWent();
        }
        assertThat(town.next(reaper).ghostsRemoved()).isEqualTo(1);
    }

    @Test
    void theLastListingMustBeWholeToo() {
        town.confirm(reaper);
        client.after(RuntimeCall.INVENTORY, () -> town.engine.lie(Lie.PARTIAL));

        ReapReport report = reaper.run();

        assertThat(report.outcome()).isEqualTo(Outcome.BLIND);
        assertThat(verdict(report, ghost).map(Verdict::fate)).contains(Fate.POSTPONED);
        nothingWent();
        town.engine.lie(Lie.NONE);
        assertThat(town.next(reaper).outcome()).isEqualTo(Outcome.OBSERVED);
    }

    /** Listings that lie alike three times are caught by the look at each. */
    @Test
    void oneThatIsThereWhenAskedByNameEndsTheRun() {
        // Two of thirty are hidden from listings only, and the third is gone.
        var hiding = new HidingRuntime(
                town.runtime,
                List.of(
                        apps.get(1).instance().orElseThrow(),
                        apps.get(2).instance().orElseThrow()));
        reaper = town.builder(ReaperPolicy.builder().ratio(50).build(), hiding).build();
        town.confirm(reaper);

        ReapReport report = reaper.run();

        nothingWent();
        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.breaker().map(Breaker::cause)).contains(Breaker.Cause.REAPPEARANCE);
        assertThat(verdict(report, ghost).map(Verdict::fate)).contains(Fate.POSTPONED);
    }

    /** Listings lack some instances; a look by id finds them. */
    private static final class HidingRuntime extends dev.berth.testkit.ForwardingRuntime<dev.berth.testkit.FakeSpec> {
        private final List<String> hidden;

        HidingRuntime(FakeRuntime next, List<String> hidden) {
            super(next);
            this.hidden = hidden;
        }

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

        @Override
        public void close() {}
    }

    // ------------------------------------------------------------------ the ledger moves on

    /** What changed while the runtime was asked was not judged by that listing. */
    @Test
    void whatChangesDuringTheListingIsNotMissing() {
        client.before(
                RuntimeCall.INVENTORY,
                () -> town.ledger.relabel(ghost.token(), java.util.Map.of("a", "b"), java.util.Set.of()));
        client.before(RuntimeCall.INVENTORY, () -> town.ledger.stop(ghost.token()));

        ReapReport report = reaper.run();

        assertThat(verdict(report, ghost).map(Verdict::kind)).contains(Kind.UNKNOWN);
    }

    /** What is claimed and created between the readings is no ghost, and its instance no orphan. */
    @Test
    void whatComesDuringTheListingIsNeitherGhostNorOrphan() {
        client.after(RuntimeCall.INVENTORY, () -> town.app(41));
        ReapReport late = reaper.run();
        client.before(RuntimeCall.INVENTORY, () -> town.app(42));
        ReapReport early = town.next(reaper);

        assertThat(verdict(late, town.ledger.find(Town.owner(41)).orElseThrow()).map(Verdict::kind))
                .contains(Kind.UNKNOWN);
        assertThat(late.orphans()).isEmpty();
        assertThat(early.orphans()).isEmpty();
    }

    /** Compare-and-delete: the claim moves on after it was confirmed. */
    @Test
    void whatChangesBeforeTheLastStepIsSpared() {
        town.confirm(reaper);
        client.after(RuntimeCall.LOOK, () -> town.ledger.stop(ghost.token()));

        ReapReport report = reaper.run();

        assertThat(verdict(report, ghost).map(Verdict::fate)).contains(Fate.SPARED);
        assertThat(report.totalRemoved()).isZero();
        nothingWent();
    }

    /** A user asks for the app again, just when it is about to be reaped. */
    @Test
    void anAppThatIsProvisionedAnewMeanwhileLives() {
        town.confirm(reaper);
        client.after(RuntimeCall.LOOK, () -> town.app(1));

        reaper.run();

        Claim now = town.ledger.find(Town.owner(1)).orElseThrow();
        assertThat(now.state()).isEqualTo(ClaimState.ACTIVE);
        assertThat(town.engine.instance(now.instance().orElseThrow())).isPresent();
        assertThat(town.next(reaper).breaker()).isEmpty();
    }

    /** What it held before it was made anew is no return from the dead. */
    @Test
    void anAppThatWasProvisionedAnewBetweenSweepsOpensNoBreaker() {
        town.confirm(reaper);
        ReapReport plan = reaper.plan();
        assertThat(plan.plan().items()).hasSize(1);
        town.app(1);

        ReapReport report = town.next(reaper);

        assertThat(report.breaker()).isEmpty();
        assertThat(report.outcome()).isEqualTo(Outcome.SWEPT);
    }

    // ------------------------------------------------------------------ the lease

    private void sleeps(RuntimeCall where, String when) {
        town.confirm(reaper);
        Runnable sleep = () -> town.clock.advance(Duration.ofMinutes(30));
        if (when.equals("before")) {
            client.before(where, sleep);
        } else {
            client.after(where, sleep);
        }

        ReapReport report = reaper.run();

        assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.FAILED);
        assertThat(report.errors()).singleElement().asString().contains("Lost");
        nothingWent();
    }

    /** Law L5: a paused runner that wakes up deletes nothing, wherever it slept, even if nobody else came. */
    @ParameterizedTest
    @CsvSource({
        "FINGERPRINT, before",
        "FINGERPRINT, after",
        "INVENTORY, before",
        "INVENTORY, after",
        "LOOK, before",
        "LOOK, after"
    })
    void sleepingReaperCannotDelete(RuntimeCall where, String when) {
        sleeps(where, when);
    }

    /** The clock of a machine that sleeps may stand still, and only the store's goes on. */
    @ParameterizedTest
    @CsvSource({
        "FINGERPRINT, before",
        "FINGERPRINT, after",
        "INVENTORY, before",
        "INVENTORY, after",
        "LOOK, before",
        "LOOK, after"
    })
    void whoDoesNotKnowThatItSleptCannotDeleteEither(RuntimeCall where, String when) {
        reaper = town.builder(ReaperPolicy.defaults(), client)
                .pacing(ManualPacing.on(ManualClock.at(Instant.EPOCH)))
                .build();
        sleeps(where, when);
    }

    /** While it slept another has taken the lease, and works. */
    @Test
    void sleepingReaperLeavesItsSuccessorAlone() {
        town.confirm(reaper);
        GhostReaper second = town.reaper(ReaperPolicy.defaults());
        var inner = new ReapReport[1];
        client.after(RuntimeCall.LOOK, () -> {
            town.clock.advance(Duration.ofMinutes(30));
            inner[0] = second.run();
        });

        ReapReport report = reaper.run();

        assertThat(inner[0].outcome()).isEqualTo(Outcome.OBSERVED);
        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        nothingWent();
        assertThat(town.next(second).ghostsRemoved()).isEqualTo(1);
    }

    /** Scenario 62: a lease whose holder lives is not stolen, and without it there is no sweep. */
    @Test
    void aHeldLeaseMeansNoSweep() {
        town.confirm(reaper);
        LedgerLease held = town.ledger
                .lease("reaper/node-1/lease", "somebody", Duration.ofSeconds(60))
                .orElseThrow();
        for (int minute = 0; minute < 10; minute++) {
            town.clock.advance(Duration.ofSeconds(58));
            assertThat(held.renew(Duration.ofSeconds(60))).isTrue();
            town.clock.advance(Duration.ofSeconds(1));

            ReapReport report = reaper.run();

            assertThat(report.outcome()).isEqualTo(Outcome.SKIPPED);
            assertThat(report.detail()).contains("under way", "until");
        }
        nothingWent();
        assertThat(held.end()).isTrue();
        assertThat(reaper.run().ghostsRemoved()).isEqualTo(1);
    }

    @Test
    void aLeaseOfADeadHolderRunsOut() {
        town.confirm(reaper);
        assertThat(town.ledger.lease("reaper/node-1/lease", "the dead", Duration.ofSeconds(60)))
                .isPresent();
        town.clock.advance(Duration.ofSeconds(59));
        assertThat(reaper.run().outcome()).isEqualTo(Outcome.SKIPPED);
        town.clock.advance(Duration.ofSeconds(1));
        assertThat(reaper.run().ghostsRemoved()).isEqualTo(1);
    }

    /** A sweep within a sweep, as by a second process: only one is at it. */
    @Test
    void oneSweepsAtATime() {
        GhostReaper second = town.reaper(ReaperPolicy.defaults());
        ReapReport[] inner = new ReapReport[1];
        client.before(RuntimeCall.INVENTORY, () -> inner[0] = second.run());

        reaper.run();

        assertThat(inner[0].outcome()).isEqualTo(Outcome.SKIPPED);
    }

    // ------------------------------------------------------------------ marks

    /** A new process goes on where the last one ended; only its first sweep just looks. */
    @Test
    void marksOutliveTheProcess() {
        reaper.run();
        town.next(reaper);
        GhostReaper second = town.reaper(ReaperPolicy.defaults());
        ReapReport first = town.next(second);
        assertThat(first.outcome()).isEqualTo(Outcome.OBSERVED);
        assertThat(verdict(first, ghost).map(Verdict::sightings)).contains(3);
        assertThat(town.next(second).ghostsRemoved()).isEqualTo(1);
    }

    /** Scenario 47. */
    @Test
    void whatIsBackHasNoMark() {
        Claim paused = apps.get(5);
        var hidden = new java.util.ArrayList<>(List.of(paused.instance().orElseThrow()));
        reaper = town.builder(ReaperPolicy.defaults(), new HidingRuntime(town.runtime, hidden))
                .build();
        ReapReport first = reaper.run();
        town.next(reaper);
        hidden.clear();
        ReapReport back = town.next(reaper);

        assertThat(verdict(first, paused).map(Verdict::kind)).contains(Kind.MISSING);
        assertThat(verdict(back, paused)).isEmpty();
        assertThat(reaper.explain(paused.owner()).map(Verdict::kind)).contains(Kind.PRESENT);
        assertThat(back.breaker()).as("it was not sure to be gone").isEmpty();
        assertThat(town.lives(paused)).isTrue();
    }

    @Test
    void explainingCountsNothing() {
        reaper.run();
        for (int i = 0; i < 10; i++) {
            town.clock.advance(Duration.ofMinutes(5));
            Verdict verdict = reaper.explain(ghost.owner()).orElseThrow();
            assertThat(verdict.kind()).isEqualTo(Kind.MISSING);
            assertThat(verdict.sightings()).isEqualTo(1);
        }
        assertThat(reaper.explain(Town.owner(2)).map(Verdict::kind)).contains(Kind.PRESENT);
        assertThat(reaper.explain(Town.owner(999))).isEmpty();
        town.engine.die();
        assertThat(reaper.explain(ghost.owner()).map(Verdict::kind)).contains(Kind.UNKNOWN);
    }

    @Test
    void aFailingLedgerFailsTheRunAndNothingElse() {
        town.confirm(reaper);
        town.store.failReads(1);
        ReapReport failed = reaper.run();
        town.store.failReads(0);
        assertThat(failed.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failed.errors()).isNotEmpty();
        nothingWent();
        assertThat(reaper.run().outcome()).isEqualTo(Outcome.OBSERVED);
        assertThat(reaper.run().ghostsRemoved()).isEqualTo(1);
    }

    /** The runtime lives on when a reaper is closed, and so does the ledger. */
    @Test
    void closingAReaperClosesNothingElse() {
        reaper.close();
        reaper.close();

        assertThat(town.app(50).state()).isEqualTo(ClaimState.ACTIVE);
        try (var provisioner = Provisioner.of(town.ledger, town.runtime)
                .callingOn(Runnable::run)
                .build()) {
            assertThat(provisioner.doubt()).isEmpty();
        }
    }
}
