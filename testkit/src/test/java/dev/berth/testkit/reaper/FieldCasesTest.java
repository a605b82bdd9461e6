package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import java.time.Duration;
import java.util.List;
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
}
