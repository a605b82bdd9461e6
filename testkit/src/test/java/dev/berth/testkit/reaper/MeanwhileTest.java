package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens in the midst of a sweep, between its looks and its last step. */
class MeanwhileTest {
    private final Town town = new Town();
    private final Hooked client = new Hooked(town.runtime);
    private List<Claim> apps;
    private Claim ghost;

    @BeforeEach
    void oneOfThirtyIsGone() {
        apps = town.apps(1, 30);
        ghost = apps.get(0);
        town.clock.advance(Duration.ofHours(1));
        town.vanish(ghost);
    }

    private GhostReaper reaper(ReaperPolicy policy) {
        return town.builder(policy, client).build();
    }

    @Test
    void whatIsPinnedWhileItIsLookedForIsKept() {
        GhostReaper reaper = reaper(ReaperPolicy.defaults());
        town.confirm(reaper);
        client.before(
                RuntimeCall.LOOK, () -> town.ledger.relabel(ghost.token(), Map.of(GhostReaper.KEEP, "true"), Set.of()));

        ReapReport report = reaper.run();

        assertThat(report.ghostsRemoved()).as(report.toString()).isZero();
        assertThat(town.ledger.find(ghost.id())).isPresent();
    }

    @Test
    void whatIsMadeAnewMeanwhileIsNoReturn() {
        GhostReaper reaper = reaper(ReaperPolicy.defaults());
        town.confirm(reaper);
        client.before(RuntimeCall.INVENTORY, () -> client.before(RuntimeCall.INVENTORY, () -> town.app(1)));

        ReapReport report = reaper.run();

        assertThat(report.breaker()).as(report.toString()).isEmpty();
        assertThat(report.ghostsRemoved()).isZero();
        assertThat(town.ledger.find(ghost.id()).flatMap(Claim::instance)).isPresent();
    }

    @Test
    void aRunThatDoesNotBeginTellsTheTotalsAllTheSame() {
        GhostReaper reaper = reaper(ReaperPolicy.defaults());
        town.confirm(reaper);
        assertThat(reaper.run().totals().ghosts()).isEqualTo(1);
        assertThat(town.ledger.lease("reaper/" + Town.NODE + "/lease", "another", Duration.ofMinutes(1)))
                .isPresent();

        ReapReport report = reaper.run();

        assertThat(report.outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(report.totals().ghosts()).isEqualTo(1);
    }

    /** Whoever approved a plan did not know what came back since. */
    @Test
    void aReturnerHoldsBackAnApprovedPlan() {
        GhostReaper reaper = reaper(ReaperPolicy.builder().ratio(1).build());
        String adopted = town.engine.stranger("adopted");
        Claim claim = town.provisioner.adopt(adopted, Town.wish(Town.owner(99)).label("kind", "adopted"));
        town.clock.advance(Duration.ofMinutes(30));
        apps.subList(1, 5).forEach(town::vanish);
        town.confirm(reaper);
        ReapReport held = reaper.run();
        assertThat(held.outcome()).as(held.toString()).isEqualTo(Outcome.HELD);
        assertThat(town.ledger.find(claim.id())).isPresent();
        // Seen as gone for long, and back in the very sweep that carries out the plan.
        seenAsGone(reaper, claim);

        ReapReport report = reaper.approve(held.plan());

        assertThat(report.totalRemoved()).as(report.toString()).isZero();
        assertThat(reaper.breaker()).isPresent();
    }

    /** The evidence must not end with the mark, if the sweep that finds it sees no more than that. */
    @Test
    void whatCameBackIsRememberedByASweepThatCannotSeeEverything() {
        GhostReaper reaper = reaper(ReaperPolicy.defaults());
        town.confirm(reaper);
        // Neighbours in the listing, of which a partial one shows one.
        for (Claim there : apps.subList(7, 9)) {
            seenAsGone(reaper, there);
        }
        town.engine.lie(FakeEngine.Lie.PARTIAL);

        assertThat(reaper.run().outcome()).isEqualTo(Outcome.BLIND);

        assertThat(reaper.breaker().map(Breaker::cause)).contains(Breaker.Cause.REAPPEARANCE);
    }

    /** An administrator may take a mark off; only another mark is proof of another instance. */
    @Test
    void whatHasLostItsMarkIsNotGone() {
        String bare = town.engine.stranger("bare");
        var granted = (AttemptOutcome.Granted)
                town.ledger.attempt(Town.wish(Town.owner(77)), Town.NODE, Duration.ofMinutes(5));
        Claim claim = town.ledger.activate(granted.attempt(), bare, Map.of(Mark.NONCE, "one-that-was-taken-off"));
        town.clock.advance(Duration.ofMinutes(30));
        GhostReaper reaper = reaper(ReaperPolicy.defaults());

        town.confirm(reaper);
        ReapReport report = reaper.run();

        assertThat(town.ledger.find(claim.id())).as(report.toString()).isPresent();
        assertThat(report.verdicts())
                .filteredOn(verdict -> verdict.claim().id().equals(claim.id()))
                .extracting(Verdict::kind)
                .containsExactly(Verdict.Kind.UNKNOWN);
        assertThat(reaper.explain(claim.owner()).map(Verdict::kind)).contains(Verdict.Kind.UNKNOWN);
    }

    /** What was approved and could not be confirmed is not done: the breaker stays what it was. */
    @Test
    void anApprovalThatCannotBeConfirmedClosesNothing() {
        GhostReaper reaper = reaper(ReaperPolicy.builder().ratio(1).build());
        apps.subList(1, 5).forEach(town::vanish);
        town.confirm(reaper);
        ReapReport held = reaper.run();
        assertThat(held.outcome()).as(held.toString()).isEqualTo(Outcome.HELD);
        client.after(RuntimeCall.INVENTORY, () -> town.engine.lie(FakeEngine.Lie.PARTIAL));

        ReapReport report = reaper.approve(held.plan());

        assertThat(report.totalRemoved()).as(report.toString()).isZero();
        assertThat(reaper.breaker()).isEqualTo(held.breaker());
    }

    /** Claims that can never be confirmed must not take the places of those that can. */
    @Test
    void thoseThatCannotBeConfirmedDoNotKeepTheOthers() {
        town.apps(31, 60);
        town.clock.advance(Duration.ofMinutes(30));
        List<Claim> unsure =
                IntStream.rangeClosed(31, 33).mapToObj(this::claimOf).toList();
        unsure.forEach(town::vanish);
        Set<String> never = Set.copyOf(
                unsure.stream().map(claim -> claim.instance().orElseThrow()).toList());
        var blurred = new ForwardingRuntime<FakeSpec>(town.runtime) {
            @Override
            public Sighting look(String instance) throws Exception {
                return never.contains(instance) ? new Sighting.Unknown("it is no full id") : super.look(instance);
            }
        };
        GhostReaper reaper = town.builder(
                        ReaperPolicy.builder().cap(1).ratio(50).build(), blurred)
                .build();
        town.confirm(reaper);
        for (int i = 0; i < 4; i++) {
            reaper.run();
            town.clock.advance(Duration.ofMinutes(5));
        }

        assertThat(town.ledger.find(ghost.id())).isEmpty();
        assertThat(unsure).allMatch(claim -> town.ledger.find(claim.id()).isPresent());
    }

    private void seenAsGone(GhostReaper reaper, Claim claim) {
        String since = town.clock.instant().minus(Duration.ofHours(1)).toString();
        String mark = since + "\n" + town.clock.instant() + "\n9\n" + claim.token();
        assertThat(town.ledger.records().put("reaper/" + reaper.scope() + "/missing/" + claim.id(), 0, mark))
                .isPresent();
    }

    private Claim claimOf(int number) {
        return town.ledger.find(Town.owner(number)).orElseThrow();
    }
}
