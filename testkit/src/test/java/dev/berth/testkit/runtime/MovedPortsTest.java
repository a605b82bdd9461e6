package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.BEN;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.failed;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.ResourceKind;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mine;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionReport.Action;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Publication;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * An engine binds ports when it creates. An own instance whose ports are not what its claim holds, or that cannot have
 * them, cannot come up again: one that is proven to be at rest is made anew, one that may be in use is left alone.
 */
class MovedPortsTest {
    private static final Publication OLD = Publication.tcp(7_000, 6_901);
    private static final Publication NEW = Publication.tcp(7_001, 6_901);

    private final World world = new World();

    @AfterEach
    void theWorldIsWhole() {
        world.check();
    }

    /** Lets somebody act right before the nth call of a kind. */
    private final class Interposed extends ForwardingRuntime<FakeSpec> {
        private final RuntimeCall awaited;
        private final Runnable act;
        private int left;

        Interposed(RuntimeCall awaited, int nth, Runnable act) {
            super(world.runtime);
            this.awaited = awaited;
            this.left = nth;
            this.act = act;
        }

        @Override
        protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
            if (call == awaited && --left == 0) {
                act.run();
            }
            return super.around(call, work);
        }
    }

    private static ProvisionRequest fixed() {
        return ProvisionRequest.of(ClaimRequest.by(ANNA)
                        .in(NODE)
                        .name("container", ResourceKind.CONTAINER_NAME, "kasm", "anna", "desktop")
                        .fixed("http", ResourceKind.TCP_PORT.in(NODE, 7_000)))
                .named("container")
                .publish("http", 6_901);
    }

    /** The host itself moves the claim's port from 7000 to 7001. */
    private void movePort() {
        Claim claim = world.claim(ANNA).orElseThrow();
        Claim moved = world.ledger.reassign(
                claim.token(), Reassignment.of("http", request(ANNA).claim()));
        assertThat(moved.port("http")).isEqualTo(7_001);
    }

    private String stopped() {
        String id = world.provision(ANNA).instance().id();
        world.provisioner().stop(ANNA);
        return id;
    }

    private void assertKept(ProvisionOutcome outcome, String id, String why) {
        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.PORT_HELD);
        assertThat(failed(outcome).failure().detail()).contains(why);
        assertThat(failed(outcome).kept().flatMap(Claim::instance)).contains(id);
        assertThat(world.engine.instance(id)).as("its data is kept").isPresent();
        assertThat(world.engine.removed()).isEmpty();
    }

    private void assertMadeAnew(Provisioned anew, String old) {
        assertThat(anew.origin()).isEqualTo(Provisioned.Origin.CREATED);
        assertThat(anew.instance().published()).containsExactly(NEW);
        assertThat(anew.port("http")).isEqualTo(7_001);
        assertThat(anew.report().count(Action.DETACH)).isEqualTo(1);
        assertThat(world.engine.instances()).hasSize(1);
        assertThat(anew.instance().id()).isNotEqualTo(old);
    }

    // ------------------------------------------------------------------ its claim has moved

    /**
     * A create whose answer got lost comes to be after all, under the id and the nonce of the one that was handed out and is
     * gone, but for the port that the attempt had moved from: engines that use ids again, such as Proxmox VE.
     */
    @Test
    void aLateCreateThatLooksLikeTheOwnInstanceIsNotStartedButMadeAnew() {
        world.engine.withReusedIds().occupy(7_000);
        world.runtime.next(RuntimeCall.CREATE, Mishap.lateUntilReleased());
        Provisioned first = world.provision(ANNA);
        world.engine.removeInstance(first.instance().id());
        world.engine.releaseLate();
        world.engine.vacate(7_000);
        assertThat(world.instance(first.instance().id()).configured()).containsExactly(OLD);
        world.engine.resetCalls();

        Provisioned anew = world.provision(ANNA);
        assertThat(anew.origin()).isEqualTo(Provisioned.Origin.CREATED);
        assertThat(anew.instance().published()).containsExactly(NEW);
        assertThat(world.engine.calls(RuntimeCall.START)).isEqualTo(1);
        assertThat(world.engine.instances()).hasSize(1);
    }

    /** Started again it would take a port that is another's by now. */
    @Test
    void aStoppedInstanceWhosePortItsClaimHasMovedFromIsMadeAnewAndNeverStarted() {
        String old = stopped();
        movePort();
        assertThat(world.provision(BEN).port("http")).isEqualTo(7_000);
        world.provisioner().stop(BEN);
        world.engine.resetCalls();

        Provisioned anew = world.provision(ANNA);
        assertThat(world.engine.calls())
                .noneMatch(call ->
                        call.call() == RuntimeCall.START && call.target().equals(old));
        assertThat(anew.instance().published()).containsExactly(NEW);
        assertThat(anew.origin()).isEqualTo(Provisioned.Origin.CREATED);
        assertThat(world.engine.instance(old)).isEmpty();
        assertThat(world.provision(BEN).instance().published()).containsExactly(OLD);
    }

    @Test
    void aRunningInstanceWhosePortItsClaimHasMovedFromIsLeftAloneUntilItIsStopped() {
        String old = world.provision(ANNA).instance().id();
        movePort();
        assertKept(world.provisioner().tryProvision(request(ANNA), spec()), old, "stop it and ask again");
        assertThat(world.instance(old).published()).containsExactly(OLD);
        assertThat(world.claim(ANNA).orElseThrow().state()).isEqualTo(ClaimState.ACTIVE);

        world.provisioner().stop(ANNA);
        assertMadeAnew(world.provision(ANNA), old);
    }

    @Test
    void aPausedInstanceWhosePortItsClaimHasMovedFromIsLeftAlone() {
        String old = world.provision(ANNA).instance().id();
        movePort();
        world.engine.pauseInstance(old);
        assertKept(world.provisioner().tryProvision(request(ANNA), spec()), old, "not known to be at rest");
        assertThat(world.instance(old).state()).isEqualTo(InstanceState.PAUSED);
    }

    @Test
    void whatStartsAfterItWasListedAtRestIsLeftAlone() {
        String old = stopped();
        movePort();
        var runtime = new Interposed(RuntimeCall.LOOK, 1, () -> world.engine.startInstance(old));
        assertKept(
                world.builder(world.ledger, runtime).build().tryProvision(request(ANNA), spec()),
                old,
                "not known to be at rest");
        assertThat(world.instance(old).state()).isEqualTo(InstanceState.RUNNING);
    }

    @Test
    void anotherDaemonThatAnswersMeanwhileProvesNothingAtRest() {
        String old = stopped();
        movePort();
        FakeEngine another = FakeEngine.of(world.clock).named("another");
        var runtime = new Interposed(RuntimeCall.LOOK, 1, () -> world.runtime.connect(another));
        assertKept(
                world.builder(world.ledger, runtime).build().tryProvision(request(ANNA), spec()),
                old,
                "another runtime answers");
        assertThat(another.instances()).isEmpty();
    }

    @Test
    void whatMustNotBeRemovedIsKeptThoughItsClaimHasMoved() {
        String old = stopped();
        movePort();
        world.engine.guardInstance(old, "a template");
        assertKept(world.provisioner().tryProvision(request(ANNA), spec()), old, "a template");
        assertThat(world.engine.calls(RuntimeCall.START)).as("the first one's").isEqualTo(1);
    }

    @Test
    void rejectLeavesTheInstanceAloneThoughItsClaimHasMoved() {
        String old = stopped();
        movePort();
        assertKept(
                world.builder().whenMineLives(Mine.REJECT).build().tryProvision(request(ANNA), spec()),
                old,
                "left alone");
        assertMadeAnew(world.provision(ANNA), old);
    }

    @Test
    void whereMoreIsAskedForThanAnInstanceHasItIsKept() {
        String old = stopped();
        var more = ProvisionRequest.of(request(ANNA).claim().fixed("admin", ResourceKind.TCP_PORT, "9000"))
                .named("container")
                .publish("http", 6_901)
                .publish("admin", 9_000);
        assertKept(world.provisioner().tryProvision(more, spec()), old, "without its ports [9000");
        assertKept(
                world.provisioner()
                        .tryProvision(
                                ProvisionRequest.of(request(ANNA).claim())
                                        .named("container")
                                        .publish("http", 80),
                                spec()),
                old,
                "without its ports [7000 to 80");
    }

    // ------------------------------------------------------------------ its port is taken

    @Test
    void anOwnInstanceWhosePortIsTakenIsMadeAnewOnTheNext() {
        String old = stopped();
        world.engine.occupy(7_000);
        Provisioned anew = world.provision(ANNA);
        assertMadeAnew(anew, old);
        assertThat(anew.report().count(Action.MOVE)).isEqualTo(1);
    }

    @Test
    void anOwnInstanceWhosePortIsTakenIsKeptWhereThePortIsFixed() {
        String old = world.provisioner().provision(fixed(), spec()).instance().id();
        world.provisioner().stop(ANNA);
        world.engine.occupy(7_000);
        assertKept(world.provisioner().tryProvision(fixed(), spec()), old, "free the port");

        world.engine.vacate(7_000);
        Provisioned again = world.provisioner().provision(fixed(), spec());
        assertThat(again.origin()).isEqualTo(Provisioned.Origin.RESUMED);
        assertThat(again.instance().id()).isEqualTo(old);
    }

    @Test
    void anOwnInstanceWhosePortIsTakenIsKeptWhereNoOtherIsFree() {
        String old = stopped();
        world.engine.occupy(7_000);
        world.ledger.claim(ClaimRequest.by(BEN)
                .in(NODE)
                .fixed("a", ResourceKind.TCP_PORT.in(NODE, 7_001))
                .fixed("b", ResourceKind.TCP_PORT.in(NODE, 7_002)));
        assertKept(world.provisioner().tryProvision(request(ANNA), spec()), old, "no other is free");
        assertThat(world.claim(ANNA).orElseThrow().port("http")).isEqualTo(7_000);
    }

    @Test
    void rejectLeavesAnInstanceAloneWhosePortIsTaken() {
        String old = stopped();
        world.engine.occupy(7_000);
        assertKept(
                world.builder().whenMineLives(Mine.REJECT).build().tryProvision(request(ANNA), spec()),
                old,
                "left alone");
        assertThat(world.claim(ANNA).orElseThrow().port("http")).isEqualTo(7_000);
    }

    /** The trap of Docker 29: a start after a failed start succeeds and publishes nothing (moby 51758). */
    @Test
    void anOwnInstanceThatTheEngineStartsWithoutItsPortsIsMadeAnew() {
        world.engine.withSilentRestarts();
        String old = stopped();
        world.engine.occupy(7_000);
        assertThatThrownBy(() -> world.engine.startInstance(old)).isInstanceOf(InvalidInputException.class);
        world.engine.vacate(7_000);

        Provisioned anew = world.provision(ANNA);
        assertThat(anew.instance().id()).isNotEqualTo(old);
        assertThat(anew.instance().published()).containsExactly(OLD);
        assertThat(world.engine.instances()).hasSize(1);
    }

    @Test
    void anInstanceThatRunsWithoutItsFixedPortsIsStoppedAgainAndKept() {
        world.engine.withSilentRestarts();
        String old = world.provisioner().provision(fixed(), spec()).instance().id();
        world.provisioner().stop(ANNA);
        world.engine.occupy(7_000);

        assertKept(world.provisioner().tryProvision(fixed(), spec()), old, "free the port");
        assertKept(world.provisioner().tryProvision(fixed(), spec()), old, "without its ports");
        assertThat(world.instance(old).state()).isEqualTo(InstanceState.STOPPED);
    }
}
