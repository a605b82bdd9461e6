package dev.berth.testkit.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ImportReport;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.port.OnUnknown;
import dev.berth.port.Port;
import dev.berth.port.PortAllocator;
import dev.berth.port.PortAssignment;
import dev.berth.port.PortOutcome;
import dev.berth.port.PortPool;
import dev.berth.port.PortUsage;
import dev.berth.testkit.FakeProbe;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The field's own cases of ports, each with its number. */
class PortScenarioTest {
    private final ManualClock clock = ManualClock.at(Instant.parse("2026-05-04T12:00:00Z"));
    private final ResourceLedger ledger = ResourceLedger.inMemory(clock);
    private final PortAllocator ports = PortAllocator.on(ledger);
    private final PortPool previews =
            PortPool.named("previews").range(32_100, 32_200).build();

    private static Owner app(int number) {
        return Owner.of("lab", "dyad-app-" + number);
    }

    @Test
    @DisplayName("scenario 24: app 56 is on 32100; 57 gets 32101, 58 gets 32102")
    void scenario24NextAppsGetTheNextPorts() {
        ports.allocate(app(56), previews);

        assertThat(ports.allocate(app(57), previews).port()).isEqualTo(32_101);
        assertThat(ports.allocate(app(58), previews).port()).isEqualTo(32_102);
        assertThat(ports.allocate(app(56), previews).port()).isEqualTo(32_100);
        assertThat(ports.find(app(5), previews)).isEmpty();
    }

    @Test
    @DisplayName("scenario 25: 57, 58 and 59 at once get three ports")
    void scenario25ThreeAtOnceGetThreePorts() {
        Race.of(3)
                .rounds(200)
                .run(
                        (round, racer, random) -> ports.allocate(
                                        app(57 + racer),
                                        PortPool.named("round-" + round)
                                                .onHost("node-" + round)
                                                .range(32_101, 32_200)
                                                .build())
                                .port(),
                        (round, results) -> assertThat(results)
                                .doesNotHaveDuplicates()
                                .contains(32_101)
                                .allMatch(port -> port >= 32_101 && port <= 32_200));
    }

    @Test
    @DisplayName("scenario 25: 50 threads on a pool of 30: 30 ports without duplicates, 20 typed exhaustions")
    void scenario25FiftyThreadsOnASmallerPool() {
        Race.of(50)
                .rounds(20)
                .<PortOutcome>run(
                        (round, racer, random) -> ports.tryAllocate(
                                app(racer),
                                PortPool.named("round-" + round)
                                        .onHost("node-" + round)
                                        .range(32_100, 32_129)
                                        .build()),
                        (round, results) -> {
                            Set<Integer> given = new HashSet<>();
                            int refused = 0;
                            for (PortOutcome outcome : results) {
                                if (outcome instanceof PortOutcome.Allocated allocated) {
                                    assertThat(given.add(allocated.assignment().port()))
                                            .isTrue();
                                } else if (outcome instanceof PortOutcome.Refused no) {
                                    refused++;
                                    var why = (Obstacle.Exhausted)
                                            no.refusal().obstacles().get(0);
                                    assertThat(why.used()).isEqualTo(30);
                                    assertThat(why.holders()).hasSize(30);
                                    assertThat(why.choice()).contains("32100-32129");
                                }
                            }
                            assertThat(given).hasSize(30);
                            assertThat(refused).isEqualTo(20);
                        });
    }

    @Test
    @DisplayName("scenario 26: six model/app pairs get 5001/8001, 5003/8003 ... 5011/8011, and again the same")
    void scenario26PairsKeepStepAndStay() {
        var pairs = PortPool.named("apps")
                .role("backend", 5_001)
                .role("frontend", 8_001)
                .step(2)
                .slots(500)
                .build();
        List<Owner> apps = new ArrayList<>();
        for (String model : List.of("claude-haiku", "deepseek", "gpt")) {
            apps.add(Owner.of("lab", model + "/app1"));
            apps.add(Owner.of("lab", model + "/app2"));
        }
        for (int again = 0; again < 2; again++) {
            List<Map<String, Integer>> given = ports.allocateAll(apps, pairs).allocated().stream()
                    .map(PortAssignment::ports)
                    .toList();
            assertThat(given)
                    .containsExactlyElementsOf(IntStream.range(0, 6)
                            .mapToObj(i -> Map.of("backend", 5_001 + 2 * i, "frontend", 8_001 + 2 * i))
                            .toList());
        }
        assertThat(ports.find(apps.get(1), pairs).orElseThrow().port("frontend"))
                .isEqualTo(8_003);
    }

    @Test
    @DisplayName("scenario 29: the probe says that 32100 is taken by somebody else: 32101, and a warning")
    void scenario29BusyPortIsPassedOver() {
        var probing = ports.probing(FakeProbe.busy(32_100));

        PortAssignment given = probing.allocate(app(57), previews);

        assertThat(given.port()).isEqualTo(32_101);
        assertThat(given.warnings()).singleElement().asString().contains("32100", "32101", "held by an outsider");
        assertThat(probing.allocate(app(58), previews).port()).isEqualTo(32_102);
    }

    @Test
    @DisplayName("scenario 30: the probe fails: unknown is not free, unless the policy says so by name")
    void scenario30FailingProbeIsNotFree() {
        var broken = FakeProbe.free().fail(new IllegalStateException("no permission"));
        var probing = ports.probing(broken);

        assertThatThrownBy(() -> probing.allocate(app(57), previews))
                .isInstanceOf(ClaimRefusedException.class)
                .hasMessageContaining("no permission");
        assertThat(ledger.find(app(57))).isEmpty();

        PortAssignment given = probing.onUnknown(OnUnknown.ASSUME_FREE).allocate(app(57), previews);
        assertThat(given.port()).isEqualTo(32_100);
        assertThat(given.warnings()).singleElement().asString().contains("assumed free", "no permission");
    }

    @Test
    @DisplayName("scenario 31: 101 allocations succeed, the next is an exhaustion that says range, use and holders")
    void scenario31ExhaustionSaysRangeUseAndHolders() {
        for (int i = 0; i < 101; i++) {
            assertThat(ports.allocate(app(i), previews).port()).isEqualTo(32_100 + i);
        }
        PortOutcome.Refused refused = (PortOutcome.Refused) ports.tryAllocate(app(101), previews);

        var why = (Obstacle.Exhausted) refused.refusal().obstacles().get(0);
        assertThat(why.total()).isEqualTo(101);
        assertThat(why.used()).isEqualTo(101);
        assertThat(why.holders().stream().map(holder -> holder.owner()).toList())
                .hasSize(101)
                .contains(app(0), app(100));
        assertThat(refused.refusal().toString())
                .contains("32100-32200", "of 101 candidates 101 used", "lab:dyad-app-0 (32100)");
    }

    @Test
    @DisplayName("scenario 35: backend from 5001 and frontend from 8001 in single steps: no number in two roles")
    void scenario35NoNumberInTwoRoles() {
        var pairs = PortPool.named("apps")
                .role("backend", 5_001)
                .role("frontend", 8_001)
                .slots(7_000)
                .build();
        Set<Integer> given = new HashSet<>();
        int owners = 0;
        while (true) {
            PortOutcome outcome = ports.tryAllocate(app(owners), pairs);
            if (!(outcome instanceof PortOutcome.Allocated allocated)) {
                break;
            }
            owners++;
            allocated
                    .assignment()
                    .ports()
                    .values()
                    .forEach(number ->
                            assertThat(given.add(number)).as("%s", number).isTrue());
        }
        assertThat(owners).isGreaterThan(3_000);
        assertThat(given).hasSize(2 * owners);
    }

    @Test
    @DisplayName("scenario 36: a file is imported twice: n created, then none; taken is reported, reserved refused")
    void scenario36ImportTwice() {
        var pool = PortPool.named("web").range(7_000, 7_009).reserved(7_001).build();
        ports.allocate(app(1), pool);
        Map<Owner, Map<String, Integer>> file = new LinkedHashMap<>();
        file.put(app(2), Map.of("web", 7_002));
        file.put(app(3), Map.of("web", 7_000));
        file.put(app(4), Map.of("web", 6_000));

        ImportReport first = ports.importAll(file, pool);
        assertThat(first.created()).extracting(Claim::owner).containsExactly(app(2), app(4));
        assertThat(first.refused()).singleElement().asString().contains("7000", "lab:dyad-app-1");
        ImportReport second = ports.importAll(file, pool);
        assertThat(second.created()).isEmpty();
        assertThat(second.unchanged()).hasSize(2);

        assertThat(ports.allocate(app(4), pool).port())
                .as("off the range, and kept")
                .isEqualTo(6_000);
        assertThat(ports.allocate(app(5), pool).port()).as("7001 is reserved").isEqualTo(7_003);
        file.put(app(6), Map.of("web", 7_001));
        file.put(app(7), Map.of("web", 7_008));
        assertThatThrownBy(() -> ports.importAll(file, pool)).isInstanceOf(InvalidInputException.class);
        assertThat(ports.find(app(7), pool)).as("nothing is imported").isEmpty();
    }

    @Test
    @DisplayName("scenario 37: of 101 previews the 102nd may supersede one that a policy chose")
    void scenario37ReclaimByPolicy() {
        for (int i = 0; i < 101; i++) {
            ports.allocate(app(i), previews);
        }
        Claim stopped = ledger.find(app(40)).orElseThrow();
        var request = ClaimRequest.by(app(101)).superseding(stopped.token());

        assertThat(ports.allocate(request, previews).port()).isEqualTo(32_140);
        assertThat(ledger.find(app(40))).isEmpty();
        assertThat(ports.tryAllocate(ClaimRequest.by(app(102)).superseding(stopped.token()), previews))
                .isInstanceOf(PortOutcome.Refused.class);
    }

    @Test
    @DisplayName("scenario 38, the ledger's half: a rebuild keeps 5001 though the old build listens on it")
    void scenario38OwnRunningInstanceIsNoConflict() {
        var probe = FakeProbe.free();
        var probing = ports.probing(probe);
        probing.allocate(app(1), previews);
        probe.seize(32_100);

        assertThat(probing.allocate(app(1), previews).port()).isEqualTo(32_100);
        assertThat(probe.calls()).isEqualTo(1);
    }

    @Test
    @DisplayName("scenario 39: a record without a port yet, another on 7000: two more creators get 7001 and 7002")
    void scenario39RecordWithoutAPort() {
        var pool = PortPool.named("web").range(7_000, 7_100).build();
        ledger.attempt(ClaimRequest.by(app(1)), Scope.of("docker"), Duration.ofMinutes(5));
        ports.allocate(app(2), pool);

        assertThat(ports.allocate(app(3), pool).port()).isEqualTo(7_001);
        assertThat(ports.allocate(app(4), pool).port()).isEqualTo(7_002);
        assertThat(ports.find(app(1), pool)).isEmpty();
    }

    @Test
    @DisplayName("scenario 40: 2 of 101 allocated: used 2, free 99, total 101, and the percentage")
    void scenario40Usage() {
        ports.allocate(app(1), previews);
        ports.allocate(app(2), previews);

        PortUsage usage = ports.usage(previews);
        assertThat(usage).isEqualTo(new PortUsage(101, 2, 0, 0));
        assertThat(usage.free()).isEqualTo(99);
        assertThat(usage.percent()).isBetween(1.98, 1.981);
        assertThat(usage).hasToString("used 2, free 99, total 101 (2.0 %)");
    }

    @Test
    void tcpAndUdpAndHostsAreIndependent() {
        var tcp = PortPool.named("dns-tcp").range(53, 53).build();
        var udp = PortPool.named("dns-udp")
                .protocol(Port.udp(53).protocol())
                .range(53, 53)
                .build();
        var other = PortPool.named("dns-2").onHost("node-2").range(53, 53).build();

        assertThat(ports.allocate(app(1), tcp).port()).isEqualTo(53);
        assertThat(ports.allocate(app(2), udp).port()).isEqualTo(53);
        assertThat(ports.allocate(app(3), other).port()).isEqualTo(53);
        assertThat(ports.tryAllocate(app(4), tcp)).isInstanceOf(PortOutcome.Refused.class);
    }
}
