package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.Breaker.Cause;
import dev.berth.reaper.Breaker.Stage;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.Orphan;
import dev.berth.reaper.ReapPlan;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperEvent;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mark;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What comes back, who has to hear of it, and who may let go what is held. */
class ReturnsTest {
    private final Town town = new Town();
    private final Veiled engine = new Veiled(town.runtime);
    private final List<ReaperEvent> events = new ArrayList<>();

    private GhostReaper reaper() {
        return town.builder(ReaperPolicy.defaults(), engine)
                .listener(events::add)
                .build();
    }

    private void hide(List<Claim> apps) {
        apps.forEach(app -> engine.hide(app.instance().orElseThrow()));
    }

    private List<Claim> apps(int count) {
        List<Claim> apps = town.apps(1, count);
        town.clock.advance(Duration.ofHours(1));
        return apps;
    }

    // ------------------------------------------------------------------ approvals

    /** A person has looked at a plan; then something that was sure to be gone comes back; then the plan is approved. */
    @Test
    void aPlanFromBeforeAReturnIsAnotherPlan() {
        List<Claim> apps = apps(30);
        hide(apps.subList(29, 30));
        GhostReaper reaper = reaper();
        assertThat(town.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
        town.clock.advance(Duration.ofHours(3));
        hide(apps.subList(0, 5));
        ReapReport held = town.sweepUntilDue(reaper);
        assertThat(held.breaker().map(Breaker::cause)).contains(Cause.RATIO);
        events.clear();

        engine.show(apps.get(29).instance().orElseThrow());
        ReapReport between = town.next(reaper);
        town.next(reaper);
        ReapReport approved = reaper.approve(held.plan());

        assertThat(between.breaker().map(Breaker::cause)).contains(Cause.REAPPEARANCE);
        assertThat(between.detail()).contains("is there again", "before that: RATIO");
        assertThat(events)
                .filteredOn(ReaperEvent.BreakerOpened.class::isInstance)
                .hasSize(1);
        assertThat(approved.outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(approved.totalRemoved()).isZero();
        assertThat(approved.breaker()).isPresent();
        assertThat(apps.subList(0, 5)).allMatch(town::lives);
        ReapReport anew = reaper.approve(town.next(reaper).plan());
        assertThat(anew.ghostsRemoved()).as("whoever has seen it may say so").isEqualTo(5);
    }

    /** Of nothing that is to go there was a plan yesterday, too. */
    @Test
    void anEmptyPlanFromBeforeAReturnClosesNothing() {
        List<Claim> apps = apps(30);
        hide(apps.subList(3, 4));
        GhostReaper reaper = reaper();
        ReapPlan before = reaper.run().plan();
        town.next(reaper);
        town.next(reaper);
        town.clock.advance(Duration.ofMinutes(5));
        assertThat(before.isEmpty()).isTrue();
        assertThat(reaper.plan().plan().items()).hasSize(1);
        town.clock.advance(Duration.ofMinutes(5));
        engine.show(apps.get(3).instance().orElseThrow());
        // It was due, and nobody has freed it yet.
        ReapReport returned = reaper.run();
        assertThat(returned.breaker().map(Breaker::cause)).contains(Cause.REAPPEARANCE);

        ReapReport approved = reaper.approve(before);

        assertThat(approved.outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(reaper.breaker()).isPresent();
        assertThat(reaper.approve(town.next(reaper).plan()).breaker()).isEmpty();
    }

    /** What was due is there again, and in the same listing something else cannot be seen: somebody is told all the same. */
    @Test
    void aReturnIsToldOfThoughNothingElseIsSeen() {
        List<Claim> apps = apps(30);
        hide(apps.subList(0, 1));
        GhostReaper reaper = reaper();
        town.confirm(reaper);
        assertThat(reaper.plan().plan().items()).hasSize(1);
        town.clock.advance(Duration.ofMinutes(5));
        engine.show(apps.get(0).instance().orElseThrow());
        engine.darken();
        events.clear();

        ReapReport report = reaper.run();

        assertThat(report.outcome()).isEqualTo(Outcome.BLIND);
        assertThat(report.breaker().map(Breaker::cause)).contains(Cause.REAPPEARANCE);
        assertThat(events)
                .filteredOn(ReaperEvent.BreakerOpened.class::isInstance)
                .hasSize(1);
        town.next(reaper);
        assertThat(events)
                .filteredOn(ReaperEvent.BreakerOpened.class::isInstance)
                .as("once")
                .hasSize(1);
    }

    // ------------------------------------------------------------------ dry runs

    /** Another process, with a shorter rest, does nothing but look. */
    @Test
    void aDryRunLetsNothingGo() {
        List<Claim> apps = apps(40);
        hide(apps.subList(0, 20));
        GhostReaper production = reaper();
        assertThat(town.sweepUntilDue(production).outcome()).isEqualTo(Outcome.HELD);
        GhostReaper looking = town.builder(
                        ReaperPolicy.builder()
                                .breakerRest(Duration.ofHours(1))
                                .dryRun()
                                .build(),
                        engine)
                .build();
        town.clock.advance(Duration.ofMinutes(61));

        looking.run();

        assertThat(looking.breaker().map(Breaker::stage)).contains(Stage.OPEN);
        assertThat(production.run().totalRemoved()).isZero();
        for (int hour = 0; hour < 30; hour++) {
            town.clock.advance(Duration.ofHours(1));
            assertThat(looking.run().totalRemoved()).isLessThanOrEqualTo(20);
            assertThat(looking.breaker().map(Breaker::stage)).contains(Stage.OPEN);
        }
        production.run();
        assertThat(town.next(production).ghostsRemoved())
                .as("whoever acts lets it go")
                .isEqualTo(20);
    }

    /** Two processes, one of which frees no ghosts, see the same claims missing: that is what rests. */
    @Test
    void aPolicyThatFreesOtherThingsDoesNotMakeItRestAnew() {
        List<Claim> apps = apps(40);
        hide(apps.subList(0, 20));
        town.error(99);
        GhostReaper production = reaper();
        GhostReaper keeping = town.builder(
                        ReaperPolicy.builder().keepingGhosts().build(), engine)
                .build();
        assertThat(town.sweepUntilDue(production).outcome()).isEqualTo(Outcome.HELD);

        int freed = 0;
        for (int hour = 0; hour < 30; hour++) {
            town.clock.advance(Duration.ofMinutes(30));
            keeping.run();
            town.clock.advance(Duration.ofMinutes(30));
            freed += production.run().ghostsRemoved();
        }

        assertThat(freed).isEqualTo(20);
    }

    /** Scenario 50: where a returner's port is somebody else's by now, a dry run says that it would fail. */
    @Test
    void aDryRunTellsOfAReturnerThatCannotBeRestored() {
        List<Claim> apps = apps(30);
        hide(apps.subList(0, 1));
        GhostReaper reaper = reaper();
        assertThat(town.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
        town.clock.advance(Duration.ofMinutes(30));
        Claim thief = town.ledger.claim(ClaimRequest.by(Owner.of("lab", "thief"))
                .in(Town.NODE)
                .fixed(
                        "port",
                        ResourceKind.TCP_PORT,
                        Integer.toString(apps.get(0).port("backend"))));
        reaper.run();
        engine.show(apps.get(0).instance().orElseThrow());

        ReapReport plan = reaper.plan();
        ReapReport run = reaper.run();

        assertThat(plan.count(Orphan.Fate.FAILED)).as("%s", plan.orphans()).isEqualTo(1);
        assertThat(run.count(Orphan.Fate.FAILED)).isEqualTo(1);
        assertThat(town.ledger.release(thief.token())).isTrue();
        assertThat(reaper.plan().count(Orphan.Fate.RESTORED)).isEqualTo(1);
        assertThat(reaper.run().count(Orphan.Fate.RESTORED)).isEqualTo(1);
    }

    /** Told once: a log that says the same every five minutes is read by nobody. */
    @Test
    void aReturnerThatCannotBeRestoredIsToldOfOnce() {
        List<Claim> apps = apps(30);
        hide(apps.subList(0, 1));
        GhostReaper reaper = reaper();
        town.sweepUntilDue(reaper);
        town.ledger.claim(Town.wish(Town.owner(1)));
        engine.show(apps.get(0).instance().orElseThrow());
        events.clear();
        assertThat(reaper.plan().count(Orphan.Fate.FAILED)).isEqualTo(1);
        assertThat(events).noneMatch(ReaperEvent.OrphanHandled.class::isInstance);

        for (int i = 0; i < 6; i++) {
            assertThat(town.next(reaper).count(Orphan.Fate.FAILED)).isEqualTo(1);
        }

        assertThat(events)
                .filteredOn(ReaperEvent.OrphanHandled.class::isInstance)
                .hasSize(1);
    }

    // ------------------------------------------------------------------ witnesses

    /** Scenario 45: nineteen of the twenty are pinned, and not one is there. */
    @Test
    void pinnedOnesAreWitnesses() {
        List<Claim> apps = apps(20);
        apps.subList(1, 20).forEach(app -> town.ledger.relabel(app.token(), Map.of(GhostReaper.KEEP, "yes"), Set.of()));
        town.clock.advance(Duration.ofHours(1));
        hide(apps);

        ReapReport report = town.sweepUntilDue(reaper());

        assertThat(report.outcome()).isEqualTo(Outcome.HELD);
        assertThat(report.breaker().map(Breaker::cause)).contains(Cause.EMPTY_VIEW);
        assertThat(town.lives(apps.get(0))).isTrue();
    }

    /** Of one old error of twenty nothing is to be feared because a policy keeps three ghosts. */
    @Test
    void keptGhostsAreNoWave() {
        List<Claim> apps = apps(20);
        hide(apps.subList(0, 3));
        town.error(50);
        town.clock.advance(Duration.ofHours(25));
        GhostReaper reaper = town.builder(ReaperPolicy.builder().keepingGhosts().build(), engine)
                .build();

        assertThat(town.sweepUntilDue(reaper).errorsRemoved()).isEqualTo(1);
        assertThat(apps).allMatch(town::lives);
    }

    // ------------------------------------------------------------------ who is there all the same

    /** At the last look one with its id is there, without a mark: it may be its own, and have lost it. */
    @Test
    void oneThatMayHaveLostItsMarkIsSparedAtTheLastLook() {
        List<Claim> apps = apps(30);
        String id = apps.get(0).instance().orElseThrow();
        Instance whole = town.engine.instance(id).orElseThrow();
        Instance bare = new Instance(
                whole.id(),
                whole.names(),
                whole.state(),
                Map.of(),
                Optional.empty(),
                whole.published(),
                whole.configured(),
                whole.createdAt(),
                whole.guard());
        var stripped = new ForwardingRuntime<FakeSpec>(engine) {
            @Override
            public Sighting look(String instance) throws Exception {
                return instance.equals(id) ? new Sighting.Present(bare) : super.look(instance);
            }
        };
        engine.hide(id);
        GhostReaper reaper = town.builder(ReaperPolicy.defaults(), stripped).build();

        ReapReport report = town.sweepUntilDue(reaper);

        assertThat(report.verdicts())
                .filteredOn(verdict -> verdict.claim().equals(apps.get(0)))
                .singleElement()
                .satisfies(verdict -> {
                    assertThat(verdict.fate()).isEqualTo(Verdict.Fate.SPARED);
                    assertThat(verdict.reason()).contains("could not be confirmed", "may have lost it");
                });
        assertThat(town.lives(apps.get(0))).isTrue();
    }

    /** A holder that renews its lease is there, and may be about to make its instance anew (DESIGN 3). */
    @Test
    void aBeatingHolderIsNotRobbed() {
        apps(30);
        Claim app = town.provisioner
                .provision(
                        ProvisionRequest.of(Town.wish(Town.owner(99)).lease(Duration.ofHours(2)))
                                .named("container")
                                .publish("backend", 80)
                                .publish("frontend", 8_080),
                        granted -> FakeSpec.of("app:1").withoutCheck())
                .claim();
        town.clock.advance(Duration.ofMinutes(30));
        town.vanish(app);
        GhostReaper reaper = reaper();
        for (int i = 0; i < 8; i++) {
            town.ledger.renew(town.ledger.find(app.owner()).orElseThrow().token(), Duration.ofHours(2));
            assertThat(town.next(reaper).totalRemoved()).isZero();
        }
        assertThat(reaper.explain(app.owner()).orElseThrow().reason()).contains("its lease runs until");

        town.clock.advance(Duration.ofHours(2));

        assertThat(town.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
    }

    /** The engine's clock is seconds ahead: an instance without a mark is not proven to be another one by that. */
    @Test
    void clocksThatAreApartProveNothing() {
        var ahead = ManualClock.at(town.clock.instant().plusSeconds(50));
        var other = FakeEngine.of(ahead);
        Scope south = Scope.of("south");
        other.stranger("other");
        String bare = other.stranger("bare");
        var granted = (AttemptOutcome.Granted) town.ledger.attempt(
                ClaimRequest.by(Town.owner(77)).in(south).name("container", ResourceKind.CONTAINER_NAME, "x"),
                south,
                Duration.ofMinutes(5));
        Claim claim = town.ledger.activate(granted.attempt(), bare, Map.of(Mark.NONCE, "taken-off"));
        town.clock.advance(Duration.ofMinutes(30));
        GhostReaper reaper = town.builder(
                        ReaperPolicy.defaults(), FakeRuntime.on(other, south).pacing(town.pacing))
                .build();

        assertThat(town.sweepUntilDue(reaper).totalRemoved()).isZero();
        assertThat(town.lives(claim)).isTrue();
    }
}
