package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.ANNA_TOO;
import static dev.berth.testkit.runtime.World.BEN;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.runtime.Full;
import dev.berth.runtime.Held;
import dev.berth.runtime.Instance;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionReport.Action;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.testkit.FakeEngine;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Other claims hold what is asked for. */
class TakeoverTest {
    private static final Scope PROXY = Scope.of("proxy");

    private final World world = new World();

    @AfterEach
    void theWorldIsWhole() {
        world.check();
    }

    /** A desktop of one session: the path is the user's and the type's, the name and the owner are the session's. */
    private static ProvisionRequest session(String tenant, String path, String session) {
        return ProvisionRequest.of(ClaimRequest.by(Owner.of(tenant, path + "/" + session))
                        .in(NODE)
                        .name("container", ResourceKind.CONTAINER_NAME, "kasm", path, session)
                        .choose("http", World.PORTS)
                        .in(PROXY)
                        .fixed("path", ResourceKind.PROXY_PATH, "/" + path))
                .named("container")
                .publish("http", 6_901);
    }

    /** SCENARIOS 1: session A has stopped, session B starts. */
    @Test
    void aSecondSessionTakesThePathOverFromAStoppedOneOfTheSameTenant() {
        Provisioned a = world.provisioner()
                .provision(session("julian.kiedaisch", "julian.kiedaisch-ubuntu-vscode", "a"), spec());
        world.provisioner().stop(a.claim().owner());
        Provisioned b = world.builder()
                .whenAnotherHolds(Held.TAKE_FROM_SAME_TENANT)
                .build()
                .provision(session("julian.kiedaisch", "julian.kiedaisch-ubuntu-vscode", "b"), spec());

        assertThat(b.claim().value("path")).isEqualTo(a.claim().value("path"));
        assertThat(world.claim(a.claim().owner())).isEmpty();
        assertThat(world.engine.instances())
                .extracting(Instance::id)
                .containsExactly(b.instance().id());
    }

    /** SCENARIOS 4: two sessions left an instance each behind, which share a name and a port between them. */
    @Test
    void everyClaimInTheWayIsTakenOverFromOrNone() {
        var path = session("test.user", "test.user-ubuntu-vscode", "a");
        Provisioned one = world.provisioner().provision(path, spec());
        Provisioned two = world.provisioner()
                .provision(
                        ProvisionRequest.of(ClaimRequest.by(Owner.of("test.user", "b"))
                                        .in(NODE)
                                        .fixed("container", ResourceKind.CONTAINER_NAME, "wanted"))
                                .named("container"),
                        spec());
        var third = ProvisionRequest.of(ClaimRequest.by(Owner.of("test.user", "c"))
                        .in(NODE)
                        .fixed("container", ResourceKind.CONTAINER_NAME, "wanted")
                        .in(PROXY)
                        .fixed("path", ResourceKind.PROXY_PATH, "/test.user-ubuntu-vscode"))
                .named("container");

        world.engine.guardInstance(two.instance().id(), "protected");
        ProvisionOutcome none = world.builder()
                .whenAnotherHolds(Held.TAKE_FROM_SAME_TENANT)
                .build()
                .tryProvision(third, spec());
        assertThat(none).isInstanceOf(ProvisionOutcome.Refused.class);
        assertThat(((ProvisionOutcome.Refused) none).refusal().obstacles()).hasSize(2);
        assertThat(world.engine.running())
                .as("nothing is removed unless all can go")
                .hasSize(2);
        assertThat(world.claim(one.claim().owner())).contains(one.claim());
    }

    @Test
    void livingClaimsOfTheSameTenantGiveWayInOneCommit() {
        Provisioned one = world.provisioner().provision(session("test.user", "vscode", "a"), spec());
        Provisioned two = world.builder()
                .whenAnotherHolds(Held.TAKE_FROM_SAME_TENANT)
                .build()
                .provision(session("test.user", "vscode", "b"), spec());

        assertThat(world.claim(one.claim().owner())).isEmpty();
        assertThat(world.engine.instances())
                .extracting(Instance::id)
                .containsExactly(two.instance().id());
        assertThat(two.report().count(Action.TAKE_OVER)).isEqualTo(1);
    }

    /** SCENARIOS 15. */
    @Test
    void anotherTenantsClaimIsRefusedAndNothingIsRemoved() {
        Provisioned one = world.provisioner().provision(session("anna", "vscode", "a"), spec());
        for (Held policy : Held.values()) {
            ProvisionOutcome outcome = world.builder()
                    .whenAnotherHolds(policy)
                    .build()
                    .tryProvision(session("ben", "vscode", "b"), spec());
            assertThat(outcome).as("%s", policy).isInstanceOf(ProvisionOutcome.Refused.class);
        }
        assertThat(world.claim(one.claim().owner())).contains(one.claim());
        assertThat(world.engine.removed()).isEmpty();
    }

    @Test
    void aProvenGhostOfWhomeverGivesWayAndAnUnprovenOneDoesNot() {
        Provisioned one = world.provisioner().provision(session("anna", "vscode", "a"), spec());
        world.engine.removeInstance(one.instance().id());
        var taking =
                world.builder().whenAnotherHolds(Held.TAKE_FROM_PROVEN_GHOST).build();

        world.engine.lie(FakeEngine.Lie.PARTIAL);
        assertThat(taking.tryProvision(session("ben", "vscode", "b"), spec()))
                .as("not seen is not gone")
                .isInstanceOf(ProvisionOutcome.Refused.class);
        world.engine.lie(FakeEngine.Lie.NONE);
        Provisioned two = taking.provision(session("ben", "vscode", "b"), spec());

        assertThat(two.claim().value("path")).isEqualTo("/vscode");
        assertThat(world.claim(one.claim().owner())).isEmpty();
    }

    @Test
    void aReservationIsNoGhost() {
        world.ledger.claim(ClaimRequest.by(ANNA).in(PROXY).fixed("path", ResourceKind.PROXY_PATH, "/vscode"));
        ProvisionOutcome outcome = world.builder()
                .whenAnotherHolds(Held.TAKE_FROM_PROVEN_GHOST)
                .build()
                .tryProvision(session("anna", "vscode", "b"), spec());

        assertThat(outcome).isInstanceOf(ProvisionOutcome.Refused.class);
        assertThat(world.claim(ANNA)).isPresent();
    }

    /** SCENARIOS 37. */
    @Test
    void aFullPoolReclaimsTheOneThatHasBeenStoppedForLongest() {
        List<Owner> owners = List.of(ANNA, ANNA_TOO, Owner.of("anna", "desktop-3"));
        for (Owner owner : owners) {
            world.provision(owner);
        }
        for (Owner owner : List.of(ANNA_TOO, ANNA)) {
            world.clock.advance(Duration.ofMinutes(1));
            world.provisioner().stop(owner);
        }
        Owner fourth = Owner.of("anna", "desktop-4");
        assertThat(world.provisioner().tryProvision(request(fourth), spec()))
                .as("by default")
                .isInstanceOf(ProvisionOutcome.Refused.class);

        Provisioned got = world.builder()
                .whenPoolIsExhausted(Full.RECLAIM_LONGEST_STOPPED)
                .build()
                .provision(request(fourth), spec());
        assertThat(got.port("http")).isEqualTo(7_001);
        assertThat(world.claim(ANNA_TOO)).isEmpty();
        assertThat(world.claim(ANNA).map(Claim::state)).contains(ClaimState.STOPPED);
        assertThat(world.engine.instances()).hasSize(3);
    }

    @Test
    void aFullPoolOfAnotherTenantIsNotReclaimed() {
        for (Owner owner : List.of(ANNA, ANNA_TOO, Owner.of("anna", "desktop-3"))) {
            world.provision(owner);
            world.provisioner().stop(owner);
        }
        assertThat(world.builder()
                        .whenPoolIsExhausted(Full.RECLAIM_LONGEST_STOPPED)
                        .build()
                        .tryProvision(request(BEN), spec()))
                .isInstanceOf(ProvisionOutcome.Refused.class);
        assertThat(world.engine.removed()).isEmpty();
    }

    @Test
    void whatIsRunningInAFullPoolIsNotReclaimed() {
        for (Owner owner : List.of(ANNA, ANNA_TOO, Owner.of("anna", "desktop-3"))) {
            world.provision(owner);
        }
        assertThat(world.builder()
                        .whenPoolIsExhausted(Full.RECLAIM_LONGEST_STOPPED)
                        .build()
                        .tryProvision(request(Owner.of("anna", "desktop-4")), spec()))
                .isInstanceOf(ProvisionOutcome.Refused.class);
        assertThat(world.engine.running()).hasSize(3);
    }
}
