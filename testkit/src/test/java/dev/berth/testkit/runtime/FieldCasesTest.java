package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.port.PortPool;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mine;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.FakeEngine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Cases of the systems in the field, with their values. */
class FieldCasesTest {
    private static final PortPool PAIRS = PortPool.named("ports")
            .onHost(NODE)
            .role("public", 30_001)
            .role("internal", 40_001)
            .step(1)
            .slots(100)
            .build();

    private final World world = new World();

    @AfterEach
    void theWorldIsWhole() {
        world.check();
    }

    /** An app of the homelab: a guest's id by which it is created, a host name, and a pair of ports. */
    private static ProvisionRequest deployment(String hostName, int firstId) {
        return ProvisionRequest.of(ClaimRequest.by(Owner.of("homelab", hostName))
                        .in(NODE)
                        .choose("vmid", guestIds(firstId))
                        .fixed("hostname", ResourceKind.DNS_NAME, hostName)
                        .choose("ports", PAIRS))
                .named("vmid")
                .publish("public", 80);
    }

    private static dev.berth.ledger.Choice guestIds(int first) {
        List<Map<String, Resource>> ids = IntStream.range(first, first + 10)
                .mapToObj(id -> Map.of("-", ResourceKind.GUEST_ID.in(NODE, id)))
                .toList();
        var candidates = new dev.berth.ledger.Candidates.Listed(ids, "guest ids from " + first);
        return owner -> candidates;
    }

    /** SCENARIOS 18: the record was written (108, 30001/40001), and the process died before the container was made. */
    @Test
    void aDeploymentThatDiedAfterItsRecordWasWrittenBlocksNobody() {
        AttemptOutcome died = world.ledger.attempt(deployment("web-a", 108).claim(), NODE, Duration.ofSeconds(60));
        assertThat(died).isInstanceOf(AttemptOutcome.Granted.class);

        Provisioned other = world.provisioner().provision(deployment("web-b", 108), spec());
        assertThat(other.claim().value("vmid")).isEqualTo("109");
        assertThat(other.port("public")).isEqualTo(30_002);

        world.clock.advance(Duration.ofSeconds(61));
        Provisioned again = world.provisioner().provision(deployment("web-a", 108), spec());
        assertThat(again.claim().value("vmid")).isEqualTo("108");
        assertThat(again.port("internal")).isEqualTo(40_001);
    }

    /** SCENARIOS 20: a retry after container 110 already exists. */
    @Test
    void aRetryAfterTheContainerExistsIsTheSameReservationAndNoSecondContainer() {
        Provisioned first = world.provisioner().provision(deployment("web-a", 110), spec());
        Provisioned retry = world.provisioner().provision(deployment("web-a", 110), spec());

        assertThat(retry.claim()).isEqualTo(first.claim());
        assertThat(retry.claim().value("vmid")).isEqualTo("110");
        assertThat(world.engine.instances()).hasSize(1);
    }

    /** SCENARIOS 21: the hostname is the conflict, not the port. */
    @Test
    void aTrueDuplicateReportsTheHostName() {
        world.provisioner().provision(deployment("web-a", 108), spec());
        world.provisioner().provision(deployment("web-b", 108), spec());
        var duplicate = ProvisionRequest.of(ClaimRequest.by(Owner.of("homelab", "another"))
                        .in(NODE)
                        .choose("vmid", guestIds(108))
                        .fixed("hostname", ResourceKind.DNS_NAME, "web-b")
                        .choose("ports", PAIRS))
                .named("vmid");
        ProvisionOutcome outcome = world.provisioner().tryProvision(duplicate, spec());

        assertThat(outcome).isInstanceOf(ProvisionOutcome.Refused.class);
        assertThat(((ProvisionOutcome.Refused) outcome).refusal().obstacles()).hasSize(1);
        assertThat(((ProvisionOutcome.Refused) outcome).refusal().toString())
                .contains("dns-name web-b")
                .doesNotContain("30002");
    }

    /** SCENARIOS 22: the engine has an id that the ledger does not know of. */
    @Test
    void anIdThatSomebodyElseHasIsPassedOver() {
        world.engine.stranger("108");
        Provisioned got = world.builder()
                .whenStrangerIsInTheWay(Stranger.NEXT_CANDIDATE)
                .build()
                .provision(deployment("web-a", 108), spec());
        assertThat(got.claim().value("vmid")).isEqualTo("109");
    }

    /** SCENARIOS 38: a rebuild while the old build still holds 5001. */
    @Test
    void aRebuildKeepsItsPortAndNoConflictReachesTheUser() {
        var pairs = PortPool.named("app")
                .onHost(NODE)
                .role("backend", 5_001)
                .role("frontend", 8_001)
                .step(2)
                .slots(10)
                .build();
        var app = ProvisionRequest.of(ClaimRequest.by(Owner.of("lab", "app1"))
                        .in(NODE)
                        .name("project", ResourceKind.COMPOSE_PROJECT, "claude-haiku", "app1")
                        .choose("app", pairs))
                .named("project")
                .publish("backend", 80)
                .publish("frontend", 443);
        Provisioned old = world.provisioner().provision(app, spec());
        Provisioned rebuilt =
                world.builder().whenMineLives(Mine.REPLACE).build().provision(app, spec());

        assertThat(rebuilt.port("backend")).isEqualTo(5_001);
        assertThat(rebuilt.port("frontend")).isEqualTo(8_001);
        assertThat(rebuilt.instance().id()).isNotEqualTo(old.instance().id());
        assertThat(world.engine.running()).hasSize(1);
        assertThat(rebuilt.report().toString()).doesNotContain("PortHeld");
    }

    /** SCENARIOS 16 and 39 on this road: a claim that is being created has its port already. */
    @Test
    void whileOneIsBeingCreatedTwoMoreGetTheNextPorts() {
        world.ledger.attempt(World.request(World.ANNA).claim(), NODE, Duration.ofSeconds(60));
        assertThat(world.provision(World.BEN).port("http")).isEqualTo(7_001);
        assertThat(world.provision(World.ANNA_TOO).port("http")).isEqualTo(7_002);
    }

    /** A restart of the host: Docker's containers are stopped, and come up again for their owners. */
    @Test
    void afterACrashOfTheDaemonEachOwnersInstanceComesUpAgain() {
        Provisioned anna = world.provision(World.ANNA);
        Provisioned ben = world.provision(World.BEN);
        world.engine.die();
        world.engine.comeBack(FakeEngine.Revival.STOPPED);

        assertThat(world.provision(World.ANNA).instance().id())
                .isEqualTo(anna.instance().id());
        assertThat(world.provision(World.BEN).port("http")).isEqualTo(ben.port("http"));
        assertThat(world.engine.running()).extracting(Instance::id).hasSize(2);
        assertThat(world.claim(World.ANNA).map(Claim::state)).contains(ClaimState.ACTIVE);
    }
}
