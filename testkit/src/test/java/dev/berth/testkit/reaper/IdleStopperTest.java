package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.reaper.Activity;
import dev.berth.reaper.ActivitySource;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.IdleReport;
import dev.berth.reaper.IdleReport.Fate;
import dev.berth.reaper.IdleStopper;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Previews are stopped after 15 minutes of inactivity; nobody is stopped because a statistics call fails. */
class IdleStopperTest {
    private final Town town = new Town();
    private final Map<String, Activity> proxy = new HashMap<>();
    private final ActivitySource log =
            (claim, instance) -> proxy.getOrDefault(instance, new Activity.Last(Instant.EPOCH));

    private IdleStopper.Builder builder() {
        return IdleStopper.of(town.ledger, town.provisioner);
    }

    private IdleReport run(ActivitySource... sources) {
        IdleStopper.Builder builder = builder();
        for (ActivitySource source : sources) {
            builder.asking(source);
        }
        try (IdleStopper stopper = builder.build()) {
            return stopper.run();
        }
    }

    private ClaimState state(Claim claim) {
        return town.ledger.find(claim.id()).orElseThrow().state();
    }

    @ParameterizedTest
    @CsvSource({"-1, ACTIVE", "0, STOPPED", "1, STOPPED"})
    void anInstanceIsStoppedAfterItsTime(long millis, Fate fate) {
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(2));
        proxy.put(
                app.instance().orElseThrow(),
                new Activity.Last(
                        town.clock.instant().minus(Duration.ofMinutes(15)).minusMillis(millis)));

        IdleReport report = run(log);

        assertThat(report.at()).isEqualTo(town.clock.instant());
        assertThat(report.findings())
                .singleElement()
                .satisfies(finding ->
                        assertThat(finding.fate()).as(finding.reason()).isEqualTo(fate));
    }

    /** It keeps its name and its ports, and comes up again under them. */
    @Test
    void stoppingKeepsThePort() {
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(2));

        assertThat(run(log).count(Fate.STOPPED)).isEqualTo(1);

        Claim stopped = town.ledger.find(app.id()).orElseThrow();
        assertThat(stopped.state()).isEqualTo(ClaimState.STOPPED);
        assertThat(stopped.port("backend")).isEqualTo(app.port("backend"));
        assertThat(town.engine.running()).isEmpty();
        assertThat(town.engine.instances()).hasSize(1);
        assertThat(run(log).findings()).isEmpty();
        assertThat(town.app(1).port("backend")).isEqualTo(app.port("backend"));
        assertThat(run(log).count(Fate.ACTIVE)).as("it came up just now").isEqualTo(1);
    }

    /** Scenario 61: a failing statistics call is no evidence of idleness. */
    @Test
    void unknownIsNotIdle() {
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(2));
        ActivitySource failing = (claim, instance) -> {
            throw new IOException("no statistics");
        };
        ActivitySource unsure = (claim, instance) -> new Activity.Unknown("the proxy restarted");
        ActivitySource broken = (claim, instance) -> null;

        for (ActivitySource source : new ActivitySource[] {failing, unsure, broken}) {
            assertThat(run(log, source).count(Fate.UNKNOWN)).isEqualTo(1);
            assertThat(run(source, log).count(Fate.UNKNOWN)).isEqualTo(1);
        }
        assertThat(run(log, failing).findings().get(0).reason()).contains("IOException: no statistics");
        assertThat(state(app)).isEqualTo(ClaimState.ACTIVE);
    }

    /** All must agree, and one who knows that it is used outweighs one who knows nothing. */
    @Test
    void oneThatSeesItUsedIsEnough() {
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(2));
        ActivitySource using = (claim, instance) -> new Activity.Now();
        ActivitySource unsure = (claim, instance) -> new Activity.Unknown("?");
        ActivitySource lately = (claim, instance) -> new Activity.Last(town.clock.instant());

        assertThat(run(log, using).count(Fate.ACTIVE)).isEqualTo(1);
        assertThat(run(unsure, using).count(Fate.ACTIVE)).isEqualTo(1);
        assertThat(run(log, lately).count(Fate.ACTIVE)).isEqualTo(1);
        assertThat(run(lately, log).count(Fate.ACTIVE)).isEqualTo(1);
        assertThat(state(app)).isEqualTo(ClaimState.ACTIVE);
        assertThat(run(log, log).count(Fate.STOPPED)).isEqualTo(1);
    }

    /** Whoever is interrupted does not know, and stays interrupted. */
    @Test
    void anInterruptIsNoEvidenceOfIdleness() {
        town.app(1);
        town.clock.advance(Duration.ofHours(2));
        ActivitySource interrupted = (claim, instance) -> {
            throw new InterruptedException();
        };

        IdleReport report = run(interrupted);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.fate()).isEqualTo(Fate.UNKNOWN);
            assertThat(finding.reason()).isEqualTo("interrupted");
        });
    }

    @Test
    void aPinnedOneIsKept() {
        Claim app = town.app(1);
        town.ledger.relabel(app.token(), Map.of(GhostReaper.KEEP, "yes"), Set.of());
        town.clock.advance(Duration.ofHours(2));

        assertThat(run(log).count(Fate.KEPT)).isEqualTo(1);
        assertThat(state(app)).isEqualTo(ClaimState.ACTIVE);
    }

    @Test
    void oneThatChangesWhileItIsLookedAtIsSpared() {
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(2));

        IdleReport report = run((claim, instance) -> {
            town.ledger.relabel(claim.token(), Map.of(), Set.of());
            town.provisioner.stop(app.owner());
            town.app(1);
            return new Activity.Last(Instant.EPOCH);
        });

        assertThat(report.count(Fate.SPARED)).isEqualTo(1);
        assertThat(state(app)).isEqualTo(ClaimState.ACTIVE);
        assertThat(town.engine.running()).hasSize(1);
    }

    @Test
    void aStopThatFailsIsTold() {
        Claim app = town.app(1);
        town.app(2);
        town.clock.advance(Duration.ofHours(2));
        town.runtime.next(RuntimeCall.STOP, new Mishap.Rejected("not now"));

        IdleReport report = run(log);

        assertThat(report.count(Fate.FAILED)).isEqualTo(1);
        assertThat(report.count(Fate.STOPPED)).isEqualTo(1);
        assertThat(town.ledger.find(app.id())).isPresent();
    }

    @Test
    void onlyWhatIsUpIsLookedAt() {
        town.error(1);
        town.ledger.claim(Town.wish(Town.owner(2)));
        town.app(3);
        town.provisioner.stop(Town.owner(3));
        town.clock.advance(Duration.ofHours(2));

        assertThat(run(log).findings()).isEmpty();
    }

    @Test
    void settingsHaveBounds() {
        for (Duration wrong : new Duration[] {
            Duration.ofSeconds(59), Duration.ZERO, Duration.ofDays(3_650).plusMillis(1)
        }) {
            assertThatThrownBy(() -> builder().after(wrong)).isInstanceOf(InvalidInputException.class);
        }
        assertThatThrownBy(() -> builder().every(Duration.ofMillis(9_999))).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> builder().build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("at least one");
        builder()
                .after(Duration.ofMinutes(1))
                .every(Duration.ofSeconds(10))
                .asking(log)
                .build()
                .close();
    }

    /** A run that fails does not end the others; stopped, it can be started again; closed, it cannot. */
    @Test
    void itRunsInTheBackground() {
        var agenda = new Agenda();
        Claim app = town.app(1);
        IdleStopper stopper = builder()
                .asking(log)
                .every(Duration.ofMinutes(5))
                .scheduledOn(agenda)
                .build();
        stopper.start();
        assertThat(agenda.next()).contains(Duration.ZERO);
        town.store.failReads(1);
        agenda.run();
        assertThat(agenda.next().orElseThrow().toMillis()).isBetween(270_000L, 330_000L);
        agenda.run();
        assertThat(state(app)).isEqualTo(ClaimState.ACTIVE);
        town.clock.advance(Duration.ofMinutes(15));
        agenda.run();
        assertThat(state(app)).isEqualTo(ClaimState.STOPPED);
        stopper.stop();
        assertThat(agenda.next()).isEmpty();
        stopper.start();
        assertThat(agenda.next()).contains(Duration.ZERO);
        stopper.close();
        stopper.start();
        assertThat(agenda.next()).isEmpty();
    }
}
