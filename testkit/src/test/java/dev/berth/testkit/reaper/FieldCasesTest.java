package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.Orphan;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The field's own cases, by their numbers. */
class FieldCasesTest {
    private final Town town = new Town();

    /** Scenario 42: 40 ghosts with two ports each, 5 old errors with two each. */
    @Test
    void ghostsAndErrorsAreCountedWithTheirPorts() {
        List<Claim> apps = town.apps(1, 46);
        List<Claim> errors =
                IntStream.rangeClosed(101, 105).mapToObj(town::error).toList();
        town.clock.advance(Duration.ofHours(25));
        apps.subList(0, 40).forEach(town::vanish);
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());

        ReapReport confirmed = town.sweepUntilDue(reaper);

        assertThat(confirmed.outcome()).isEqualTo(Outcome.HELD);
        assertThat(confirmed.breaker().map(Breaker::cause)).contains(Breaker.Cause.RATIO);
        assertThat(confirmed.plan().items()).hasSize(45);
        assertThat(confirmed.totalRemoved()).isZero();

        ReapReport done = reaper.approve(confirmed.plan());

        assertThat(done.outcome()).as(done.toString()).isEqualTo(Outcome.SWEPT);
        assertThat(done.ghostsRemoved()).isEqualTo(40);
        assertThat(done.errorsRemoved()).isEqualTo(5);
        assertThat(done.portsFreed()).isEqualTo(90);
        assertThat(done.totalRemoved()).isEqualTo(45);
        assertThat(reaper.breaker()).isEmpty();
        assertThat(reaper.totals().total()).isEqualTo(45);
        assertThat(errors).allMatch(claim -> town.ledger.find(claim.id()).isEmpty());
        assertThat(apps.subList(40, 46))
                .allMatch(claim -> town.ledger.find(claim.id()).isPresent());
    }

    /** Scenario 47: missing for less than the retention is marked; back again clears the mark; past it, it goes. */
    @Test
    void aSingleGhostGoesAfterItsSightings() {
        List<Claim> apps = town.apps(1, 3);
        town.clock.advance(Duration.ofHours(1));
        town.vanish(apps.get(0));
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());

        ReapReport first = reaper.run();
        assertThat(first.outcome()).isEqualTo(Outcome.OBSERVED);
        assertThat(first.count(Verdict.Kind.MISSING)).isEqualTo(1);
        for (int i = 0; i < 2; i++) {
            town.clock.advance(Duration.ofMinutes(5));
            assertThat(reaper.run().totalRemoved()).isZero();
        }
        town.clock.advance(Duration.ofMinutes(5));
        ReapReport last = reaper.run();

        assertThat(last.ghostsRemoved()).as(last.toString()).isEqualTo(1);
        assertThat(last.portsFreed()).isEqualTo(2);
        assertThat(town.ledger.find(apps.get(0).id())).isEmpty();
        assertThat(town.ledger.tombstone(apps.get(0).id())).isPresent();
    }

    /** Scenario 41: 41 errors and 6 running, 14 real containers: only what is absent goes; the healthy six stay. */
    @Test
    void ofFortySevenRecordsOnlyWhatIsAbsentGoes() {
        List<Claim> healthy = town.apps(1, 6);
        List<Claim> alive = town.apps(7, 11);
        IntStream.rangeClosed(1, 3).forEach(number -> town.engine.stranger("other-" + number));
        List<Claim> errors =
                IntStream.rangeClosed(101, 136).mapToObj(town::error).toList();
        alive.forEach(claim -> town.ledger.fail(claim.token(), "the health check failed"));
        town.clock.advance(Duration.ofHours(25));
        assertThat(town.ledger.claims(ClaimQuery.all()).count()).isEqualTo(47);
        assertThat(town.count(ClaimState.FAILED)).isEqualTo(41);
        assertThat(town.engine.instances()).hasSize(14);
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());

        ReapReport held = town.sweepUntilDue(reaper);
        ReapReport done = reaper.approve(held.plan());

        assertThat(held.outcome()).isEqualTo(Outcome.HELD);
        assertThat(held.count(Verdict.Kind.ERROR_LIVES)).isEqualTo(5);
        assertThat(done.errorsRemoved()).isEqualTo(36);
        assertThat(done.ghostsRemoved()).isZero();
        assertThat(healthy).allMatch(town::lives);
        assertThat(alive).allMatch(town::lives);
        assertThat(errors).noneMatch(town::lives);
        assertThat(town.engine.removed()).isEmpty();
        assertThat(town.engine.running()).hasSize(14);
    }

    /** Scenario 46: a record that is being deployed, younger than the grace, without a container. */
    @Test
    void whatIsBeingDeployedStays() {
        var granted = (AttemptOutcome.Granted)
                town.ledger.attempt(Town.wish(Town.owner(1)), Town.NODE, Duration.ofMinutes(5));
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());
        for (int i = 0; i < 11; i++) {
            ReapReport report = town.next(reaper);
            assertThat(report.count(Verdict.Kind.BUSY) + report.count(Verdict.Kind.YOUNG))
                    .isEqualTo(1);
        }
        assertThat(town.ledger.find(granted.claim().id()).map(Claim::state)).contains(ClaimState.PENDING);
    }

    /** Scenario 48: created 30 days ago, failed 1 minute ago, retention 24 h. */
    @Test
    void anOldRecordThatFailedJustNowStays() {
        Claim app = town.app(1);
        town.app(2);
        town.clock.advance(Duration.ofDays(30));
        town.vanish(app);
        town.ledger.fail(app.token(), "the image is missing");
        town.clock.advance(Duration.ofMinutes(1));
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());

        Instant failed = town.clock.instant().minus(Duration.ofMinutes(1));
        while (town.clock.instant().isBefore(failed.plus(Duration.ofHours(24)))) {
            assertThat(reaper.run().count(Verdict.Kind.YOUNG)).isEqualTo(1);
            town.clock.advance(Duration.ofMinutes(60));
        }
        assertThat(town.lives(app)).isTrue();
        assertThat(town.sweepUntilDue(reaper).errorsRemoved()).isEqualTo(1);
        assertThat(town.lives(app)).isFalse();
    }

    /** Scenario 49: an error record whose container lives is not dropped; it is reported. */
    @Test
    void anErrorWhoseContainerLivesIsReported() {
        Claim app = town.app(1);
        town.ledger.fail(app.token(), "unhealthy");
        town.clock.advance(Duration.ofDays(30));
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.count(Verdict.Kind.ERROR_LIVES)).isEqualTo(1);
        assertThat(report.verdicts().get(0).reason()).contains("is there");
        assertThat(town.lives(app)).isTrue();
    }

    /** Scenario 52: 100 on two clusters, a ghost on one; a machine with id 105 is no free container id. */
    @Test
    void theSameNumberOnTwoClustersIsTwoThings() {
        Scope north = Scope.of("north");
        Scope south = Scope.of("south");
        var engines = Map.of(
                north, FakeEngine.of(town.clock).named("north").withReusedIds(),
                south, FakeEngine.of(town.clock).named("south").withReusedIds());
        Map<Scope, Claim> claims = new HashMap<>();
        engines.forEach((scope, engine) -> {
            var runtime = FakeRuntime.on(engine, scope);
            var provisioner = Provisioner.of(town.ledger, runtime)
                    .pacing(town.pacing)
                    .callingOn(Runnable::run)
                    .build();
            claims.put(
                    scope,
                    provisioner
                            .provision(
                                    ProvisionRequest.of(ClaimRequest.by(Owner.of("lab", "web-" + scope))
                                            .in(scope)
                                            .fixed("guest", ResourceKind.GUEST_ID, "100")),
                                    granted -> FakeSpec.of("lxc").withoutCheck())
                            .claim());
            for (int i = 101; i <= 105; i++) {
                engine.stranger("vm-" + i);
            }
        });
        assertThat(claims.values()).allMatch(claim -> claim.instance().equals(Optional.of("100")));
        town.clock.advance(Duration.ofHours(1));
        engines.get(north).removeInstance("100");
        engines.forEach(
                (scope, engine) -> town.sweepUntilDue(GhostReaper.builder(town.ledger, FakeRuntime.on(engine, scope))
                        .pacing(town.pacing)
                        .callingOn(Runnable::run)
                        .build()));

        assertThat(town.lives(claims.get(north))).isFalse();
        assertThat(town.lives(claims.get(south))).isTrue();
        assertThat(engines.get(north).instance("105")).isPresent();
        assertThat(engines.get(north).removed()).hasSize(1);
    }

    /** Proxmox VE gives the number to the next one: the record goes, the other guest stays. */
    @Test
    void aNumberThatSomebodyElseHasNowIsNotTheOldInstance() {
        FakeEngine engine = town.engine.withReusedIds();
        town.apps(2, 9);
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(1));
        town.vanish(app);
        String other = engine.stranger("somebody-else");
        assertThat(Optional.of(other)).isEqualTo(app.instance());
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.ghostsRemoved()).as(report.toString()).isEqualTo(1);
        assertThat(town.lives(app)).isFalse();
        assertThat(engine.instance(other)).isPresent();
    }

    /**
     * Proxmox VE lists machines without the time of their making: the one machine is looked at, and only where there is a
     * doubt.
     */
    @Test
    void whatAListingLeavesInDoubtIsLookedAt() {
        FakeEngine engine = town.engine.withReusedIds();
        town.apps(2, 9);
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(1));
        town.vanish(app);
        String other = engine.stranger("somebody-else");
        assertThat(Optional.of(other)).isEqualTo(app.instance());
        List<String> looked = new ArrayList<>();
        var terse = new ForwardingRuntime<FakeSpec>(town.runtime) {
            @Override
            public Inventory inventory() throws Exception {
                Inventory all = super.inventory();
                return new Inventory(
                        all.scope(),
                        all.coverage(),
                        all.instances().stream().map(FieldCasesTest::timeless).toList());
            }

            @Override
            public Sighting look(String instance) throws Exception {
                looked.add(instance);
                return super.look(instance);
            }
        };
        GhostReaper reaper = GhostReaper.builder(town.ledger, terse)
                .pacing(town.pacing)
                .callingOn(Runnable::run)
                .build();

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.ghostsRemoved()).as(report.toString()).isEqualTo(1);
        assertThat(town.lives(app)).isFalse();
        assertThat(engine.instance(other)).isPresent();
        assertThat(looked).isNotEmpty().containsOnly(other);
    }

    private static Instance timeless(Instance one) {
        return new Instance(
                one.id(),
                one.names(),
                one.state(),
                one.labels(),
                one.mark(),
                one.published(),
                one.configured(),
                Optional.empty(),
                Optional.empty(),
                one.guard());
    }

    /** Scenario 53: a record marked stopped without a time stamp is reaped all the same. */
    @Test
    void aStoppedOneIsReapedToo() {
        town.app(2);
        Claim app = town.app(1);
        town.provisioner.stop(app.owner());
        town.vanish(app);
        town.clock.advance(Duration.ofHours(1));

        assertThat(town.sweepUntilDue(town.reaper(ReaperPolicy.defaults())).ghostsRemoved())
                .isEqualTo(1);
    }

    /** Scenario 55: pending for 61 min becomes an error and its container is untouched; for 59 min it stays. */
    @Test
    void aStuckDeploymentBecomesAnErrorAndKeepsItsContainer() {
        ClaimRequest wish = Town.wish(Town.owner(1));
        var granted = (AttemptOutcome.Granted) town.ledger.attempt(wish, Town.NODE, Duration.ofMinutes(5));
        var mark = new Mark(
                town.ledger.identity().ledger(),
                granted.claim().id(),
                granted.attempt().nonce(),
                granted.claim().owner());
        String id = create(mark);
        GhostReaper reaper = town.reaper(
                ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.REMOVE).build());

        town.clock.advance(Duration.ofMinutes(59));
        assertThat(reaper.run().count(Verdict.Kind.YOUNG)).isEqualTo(1);
        town.clock.advance(Duration.ofMinutes(2));
        assertThat(reaper.plan().stuckFailed()).as("a dry run").isEqualTo(1);
        assertThat(town.ledger.find(granted.claim().id())).contains(granted.claim());
        ReapReport report = reaper.run();

        assertThat(report.stuckFailed()).isEqualTo(1);
        Claim failed = town.ledger.find(granted.claim().id()).orElseThrow();
        assertThat(failed.state()).isEqualTo(ClaimState.FAILED);
        assertThat(failed.reason().orElseThrow()).contains("stuck");
        assertThat(failed.holds("ports")).isTrue();
        assertThat(town.engine.instance(id)).isPresent();
        assertThat(reaper.run().stuckFailed()).isZero();
    }

    private String create(Mark mark) {
        try {
            return town.runtime.create(
                    new Deployment<>(FakeSpec.of("app:1"), Optional.of("app-1"), List.of(), mark, Map.of()));
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Scenario 55: changed meanwhile, it is skipped. */
    @Test
    void aStuckDeploymentThatGoesOnMeanwhileIsSkipped() {
        ClaimRequest wish = Town.wish(Town.owner(1));
        town.ledger.attempt(wish, Town.NODE, Duration.ofMinutes(5));
        town.clock.advance(Duration.ofMinutes(61));
        var client = new Hooked(town.runtime)
                .after(RuntimeCall.INVENTORY, () -> town.ledger.attempt(wish, Town.NODE, Duration.ofMinutes(5)));
        ReapReport late = town.builder(ReaperPolicy.defaults(), client).build().run();
        assertThat(late.stuckFailed()).isZero();
        assertThat(town.count(ClaimState.PENDING)).isEqualTo(1);
        // Later still: the attempt begins anew after the claims were read, at the second look at the fingerprint.
        town.clock.advance(Duration.ofMinutes(61));
        assertThat(town.reaper(ReaperPolicy.defaults()).run().stuckFailed()).isEqualTo(1);
    }

    /** Scenario 60: a restart with 2 running and 1 stopped; their claims go on, and no ports are given twice. */
    @Test
    void aRestartReapsNothingThatWasStopped() {
        List<Claim> apps = town.apps(1, 3);
        town.provisioner.stop(apps.get(2).owner());
        town.clock.advance(Duration.ofHours(1));
        town.engine.die();
        town.clock.advance(Duration.ofMinutes(20));
        town.engine.comeBack(FakeEngine.Revival.STOPPED);

        ReapReport report = town.sweepUntilDue(town.reaper(ReaperPolicy.defaults()));

        assertThat(report.present()).isEqualTo(3);
        assertThat(apps).allMatch(town::lives);
        assertThat(town.app(4).port("backend"))
                .isNotIn(apps.stream().map(claim -> claim.port("backend")).toList());
    }

    /** Scenario 57: an adopted one is a claim like any other; gone behind everybody's back, its ports are free again. */
    @Test
    void anAdoptedOneIsReapedWhenItIsGone() {
        town.apps(2, 9);
        String id = town.engine.stranger("existing-nginx-lxc-port80");
        Claim claim = town.provisioner.adopt(id, Town.wish(Town.owner(1)));
        town.clock.advance(Duration.ofHours(1));
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());
        assertThat(reaper.run().orphans()).isEmpty();
        town.engine.removeInstance(id);

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.ghostsRemoved()).isEqualTo(1);
        assertThat(town.lives(claim)).isFalse();
    }

    /** Scenario 59: what was let go lives on, and is found again; no reaper takes it for its own. */
    @Test
    void whatWasLetGoIsNeverRemoved() {
        town.apps(2, 9);
        String id = town.engine.stranger("existing-nginx-lxc-port80");
        Claim claim = town.provisioner.adopt(id, Town.wish(Town.owner(1)));
        town.provisioner.letGo(claim.owner());
        town.engine.stopInstance(id);
        town.clock.advance(Duration.ofHours(1));
        GhostReaper reaper = town.reaper(
                ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.REMOVE).build());

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.orphans()).singleElement().satisfies(orphan -> {
            assertThat(orphan.kind()).isEqualTo(Orphan.Kind.FOREIGN);
            assertThat(orphan.fate()).isEqualTo(Orphan.Fate.LEFT);
        });
        assertThat(town.engine.instance(id)).isPresent();
        assertThat(report.breaker()).isEmpty();
        assertThat(town.provisioner.adopt(id, Town.wish(Town.owner(1))).instance())
                .contains(id);
    }

    /** A reservation ends by release or lease; only long after its lease has run out it is tidied up. */
    @Test
    void reservationsAreNoGhosts() {
        Claim forever = town.ledger.claim(Town.wish(Town.owner(1)));
        Claim leased = town.ledger.claim(Town.wish(Town.owner(2)).lease(Duration.ofHours(1)));
        town.app(3);
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());
        town.clock.advance(Duration.ofMinutes(75).minusMillis(1));
        ReapReport before = reaper.run();
        assertThat(before.judged()).isEqualTo(1);
        assertThat(before.reservationsReleased()).isZero();
        town.clock.advance(Duration.ofMillis(1));
        assertThat(reaper.plan().reservationsReleased()).isEqualTo(1);
        assertThat(town.lives(leased)).isTrue();

        ReapReport report = reaper.run();

        assertThat(report.reservationsReleased()).isEqualTo(1);
        assertThat(report.totalRemoved()).isZero();
        assertThat(town.lives(leased)).isFalse();
        assertThat(town.lives(forever)).isTrue();
    }

    /** A pin on the claim. */
    @Test
    void aPinnedClaimIsKept() {
        town.apps(2, 9);
        Claim app = town.app(1);
        Claim pinned = town.ledger.relabel(app.token(), Map.of(GhostReaper.KEEP, "true"), Set.of());
        town.clock.advance(Duration.ofHours(1));
        town.vanish(app);
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());

        ReapReport report = town.sweepUntilDue(reaper);
        assertThat(report.count(Verdict.Kind.PINNED)).isEqualTo(1);
        assertThat(town.lives(app)).isTrue();

        town.ledger.relabel(pinned.token(), Map.of(), Set.of(GhostReaper.KEEP));
        town.clock.advance(Duration.ofHours(1));
        assertThat(town.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
    }

    /** What was freed rests; its former owner passes. */
    @Test
    void whatWasFreedRestsForOthersAndNotForItsOwner() {
        town.apps(2, 9);
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(1));
        town.vanish(app);
        ReapReport report = town.sweepUntilDue(town.reaper(ReaperPolicy.defaults()));
        assertThat(report.portsFreed()).isEqualTo(2);
        String port = Integer.toString(app.port("backend"));

        ClaimRequest other =
                ClaimRequest.by(Owner.of("lab", "other")).in(Town.NODE).fixed("p", ResourceKind.TCP_PORT, port);
        assertThat(town.ledger.tryClaim(other)).isInstanceOf(ClaimOutcome.Refused.class);
        Claim again = town.app(1);
        assertThat(again.port("backend")).isEqualTo(app.port("backend"));
        town.ledger.release(again);
        assertThat(town.ledger.tryClaim(other)).isNotInstanceOf(ClaimOutcome.Refused.class);
    }

    /** An instance made anew by somebody else under another id, with the same marks. */
    @Test
    void anInstanceThatWasRecreatedIsAConflictAndNoGhost() {
        town.apps(2, 9);
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(1));
        var old = town.engine.instance(app.instance().orElseThrow()).orElseThrow();
        town.vanish(app);
        String id = create(old.mark().orElseThrow());
        GhostReaper reaper = town.reaper(
                ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.REMOVE).build());

        for (int i = 0; i < 8; i++) {
            ReapReport report = town.next(reaper);
            assertThat(report.count(Verdict.Kind.CONFLICT)).isEqualTo(1);
            assertThat(report.totalRemoved()).isZero();
        }
        assertThat(town.lives(app)).isTrue();
        assertThat(town.engine.instance(id)).as("at rest, but the claim's").isPresent();
    }
}
