package dev.berth.examples.previews;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.examples.cli.ExampleEngine;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.Port;
import dev.berth.port.PortSighting;
import dev.berth.reaper.IdleReport;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Publication;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PreviewServiceTest {
    private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeEngine engine = FakeEngine.of(clock);
    private final ResourceLedger ledger = ResourceLedger.inMemory(clock);
    private final List<String> warnings = new ArrayList<>();
    private PreviewService<FakeSpec> previews = open(ExampleEngine.fake(engine, PreviewService.HOST), ledger);

    private static PreviewService<FakeSpec> open(ExampleEngine<FakeSpec> on, ResourceLedger ledger) {
        return new PreviewService<>(ledger, on, "node:1", List.of(), Duration.ofMinutes(15));
    }

    @AfterEach
    void close() {
        previews.close();
    }

    private int start(int app) {
        return previews.start(Integer.toString(app), warnings::add).port("preview");
    }

    /** Scenario 24. */
    @Test
    void appsGetTheLowestPortsInTurnAndKeepThem() {
        assertThat(List.of(start(56), start(57), start(58), start(57))).containsExactly(32100, 32101, 32102, 32101);
    }

    /** Scenario 25. */
    @Test
    void thoseWhoStartAtOnceGetAPortEach() throws ExecutionException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> started = new ArrayList<>();
            for (int app = 1; app <= 24; app++) {
                int number = app;
                started.add(threads.submit(() -> start(number)));
            }
            List<Integer> ports = new ArrayList<>();
            for (Future<Integer> one : started) {
                ports.add(one.get());
            }
            assertThat(ports).doesNotHaveDuplicates().hasSize(24);
            assertThat(engine.running()).hasSize(24);
        } finally {
            threads.shutdown();
        }
    }

    /** Scenarios 29, 32 and 33: whoever is on a port stays; the next one is taken, with a warning. */
    @Test
    void aForeignContainerSurvivesAndTheNextPortIsTaken() {
        String stranger = engine.stranger("database", Publication.tcp(32100, 5432));

        assertThat(start(57)).isEqualTo(32101);

        assertThat(warnings).singleElement().asString().contains("32100", "database has");
        assertThat(engine.running()).extracting(Instance::id).contains(stranger).hasSize(2);
        assertThat(previews.ports().strangers()).containsOnlyKeys(32100);
        assertThat(previews.ports().allocations()).containsExactly(Map.entry(32101, "dyad-app-57"));
    }

    /** A process of the host, which no container engine lists. */
    @Test
    void aPortThatOnlyTheStartShowsToBeTakenIsPassedOver() {
        engine.occupy(32100);

        assertThat(start(57)).isEqualTo(32101);
        assertThat(engine.instances()).hasSize(1);
    }

    /** Scenario 30: unknown is not free. */
    @Test
    void whereNothingCanBeSeenNothingIsHandedOut() {
        var fake = ExampleEngine.fake(engine, PreviewService.HOST);
        var blind = new ExampleEngine<>(
                fake.told(),
                false,
                fake.runtime(),
                (host, ports) -> {
                    Map<Port, PortSighting> seen = new HashMap<>();
                    ports.forEach(port -> seen.put(port, new PortSighting.Unknown("the engine does not answer")));
                    return seen;
                },
                fake.container());
        try (var service = open(blind, ledger)) {
            assertThatThrownBy(() -> service.start("57", warnings::add))
                    .isInstanceOf(ClaimRefusedException.class)
                    .hasMessageContaining("the engine does not answer");
        }
        assertThat(engine.instances()).isEmpty();
    }

    /** Scenarios 31 and 37: the one that has been stopped for longest gives way; where all run, it is told who has what. */
    @Test
    void theHundredAndSecondStartReclaimsWhatWasStoppedForLongest() {
        for (int app = 1; app <= 101; app++) {
            start(app);
        }
        assertThatThrownBy(() -> start(102))
                .isInstanceOf(ClaimRefusedException.class)
                .hasMessageContaining("32100")
                .hasMessageContaining("32200");
        clock.advance(Duration.ofMinutes(20));
        previews.used("7");
        clock.advance(Duration.ofMinutes(1));
        assertThat(previews.stopIdle().count(IdleReport.Fate.STOPPED)).isEqualTo(100);

        int port = start(102);

        assertThat(port).isBetween(32100, 32200).isNotEqualTo(32106);
        assertThat(previews.containers())
                .hasSize(101)
                .extracting(PreviewService.Info::app)
                .contains("dyad-app-7");
    }

    /** Scenario 23. */
    @Test
    void stoppingKeepsThePortRemovingFreesItAndBothMayFindNothing() {
        start(56);
        start(57);

        assertThat(previews.stop("56")).isTrue();
        assertThat(start(58)).isEqualTo(32102);
        assertThat(previews.remove("56")).isTrue();
        assertThat(start(59)).isEqualTo(32100);
        assertThat(previews.stop("1")).isFalse();
        assertThat(previews.remove("1")).isFalse();
    }

    /** Scenario 40. */
    @Test
    void statisticsCountWhatIsAllocated() {
        start(56);
        start(57);
        previews.stop("57");

        assertThat(previews.statistics())
                .isEqualTo(new PreviewService.Statistics(2, 1, 1, 0, 1, "used 2, free 99, total 101 (2.0 %)"));
        assertThat(previews.ports()).satisfies(all -> {
            assertThat(all.used()).isEqualTo(2);
            assertThat(all.free()).isEqualTo(99);
            assertThat(all.percent()).isEqualTo(2.0);
        });
    }

    /** Scenario 60: two run and one has stopped; the ledger is new. */
    @Test
    void afterARestartTheContainersThatAreThereKeepTheirPorts() {
        engine.stranger("dyad-app-1", Publication.tcp(32100, 3000));
        engine.stranger(
                "dyad-app-2",
                new Publication(dev.berth.ledger.ResourceKind.TCP_PORT, 32101, 3000, Optional.of("::1")),
                Publication.tcp(40000, 9229));
        String stopped = engine.stranger("dyad-app-3", Publication.tcp(32102, 3000));
        engine.stopInstance(stopped);
        engine.stranger("another", Publication.tcp(32103, 3000));

        assertThat(previews.recover().claimed()).hasSize(3);
        assertThat(previews.recover().claimed()).isEmpty();

        assertThat(start(4)).isEqualTo(32104);
        assertThat(previews.containers())
                .extracting(PreviewService.Info::port)
                .containsExactlyInAnyOrder(32100, 32101, 32102, 32104);
        assertThat(engine.instances()).hasSize(5);
    }

    /** Scenario 61: of what nobody knows whether it is used, nothing is stopped. */
    @Test
    void whatWasUsedByAnEarlierProcessIsNotTakenForIdle() {
        start(57);
        previews.close();
        previews = open(ExampleEngine.fake(engine, PreviewService.HOST), ledger);
        clock.advance(Duration.ofHours(1));

        assertThat(previews.stopIdle().count(IdleReport.Fate.UNKNOWN)).isEqualTo(1);
        previews.recover();
        clock.advance(Duration.ofMinutes(16));
        assertThat(previews.stopIdle().count(IdleReport.Fate.STOPPED)).isEqualTo(1);
    }
}
