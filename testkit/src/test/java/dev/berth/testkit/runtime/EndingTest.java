package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stopping, removing and letting go, and what becomes of it when the runtime does not play along. */
class EndingTest {
    private final World world = new World();

    @AfterEach
    void theWorldIsWhole() {
        world.check();
    }

    private static Kind kind(ProvisionException no) {
        return ((ProvisionOutcome.Failed) no.outcome()).failure().kind();
    }

    @Test
    void aFailedClaimCanBeStopped() {
        Provisioned desktop = world.provision(ANNA);
        world.ledger.fail(desktop.claim().token(), "seen to crash");
        Claim stopped = world.provisioner().stop(ANNA);

        assertThat(stopped.state()).isEqualTo(ClaimState.STOPPED);
        assertThat(world.engine.running()).isEmpty();
        assertThat(world.engine.instances()).hasSize(1);
    }

    @Test
    void stoppingTwiceIsTheSameAsOnceAndAnOwnerWithoutAnInstanceIsToldSo() {
        world.provision(ANNA);
        Claim once = world.provisioner().stop(ANNA);
        assertThat(world.provisioner().stop(ANNA)).isEqualTo(once);
        assertThatThrownBy(() -> world.provisioner().stop(World.BEN)).isInstanceOf(ClaimNotFoundException.class);
        world.ledger.claim(ClaimRequest.by(World.BEN).in(NODE).fixed("p", ResourceKind.TCP_PORT, "9000"));
        assertThatThrownBy(() -> world.provisioner().stop(World.BEN)).hasMessageContaining("reservation");
    }

    @Test
    void aStopWhoseAnswerGotLostIsSeenToHaveHappened() {
        world.provision(ANNA);
        world.runtime.next(RuntimeCall.STOP, new Mishap.LostAnswer());
        assertThat(world.provisioner().stop(ANNA).state()).isEqualTo(ClaimState.STOPPED);
    }

    @Test
    void aStopThatDidNotHappenChangesNothing() {
        Provisioned desktop = world.provision(ANNA);
        world.runtime.next(RuntimeCall.STOP, new Mishap.Unreached());
        assertThatThrownBy(() -> world.provisioner().stop(ANNA))
                .isInstanceOfSatisfying(
                        ProvisionException.class, no -> assertThat(kind(no)).isEqualTo(Kind.UNREACHABLE));
        Claim kept = world.claim(ANNA).orElseThrow();
        assertThat(kept.state()).isEqualTo(ClaimState.ACTIVE);
        assertThat(kept.instance()).isEqualTo(desktop.claim().instance());
        assertThat(world.engine.running()).hasSize(1);
    }

    /** SCENARIOS 17, 43. */
    @Test
    void aRemovalWhileTheDaemonIsDownKeepsTheRecord() {
        Provisioned desktop = world.provision(ANNA);
        world.engine.die();
        assertThatThrownBy(() -> world.provisioner().remove(ANNA))
                .isInstanceOfSatisfying(
                        ProvisionException.class, no -> assertThat(kind(no)).isEqualTo(Kind.UNREACHABLE));
        world.engine.comeBack(FakeEngine.Revival.KEPT_RUNNING);

        assertThat(world.claim(ANNA)).contains(desktop.claim());
        assertThat(world.engine.running()).hasSize(1);
    }

    @Test
    void aRemovalOfWhichNothingIsKnownKeepsEverythingAndIsFinishedByTheNext() {
        world.provision(ANNA);
        world.runtime.next(RuntimeCall.REMOVE, new Mishap.LostQuestion());
        assertThatThrownBy(() -> world.provisioner().remove(ANNA))
                .isInstanceOfSatisfying(
                        ProvisionException.class, no -> assertThat(kind(no)).isEqualTo(Kind.UNKNOWN));
        Claim kept = world.claim(ANNA).orElseThrow();
        assertThat(kept.state()).isEqualTo(ClaimState.FAILED);
        assertThat(kept.port("http")).isEqualTo(7_000);

        assertThat(world.provisioner().remove(ANNA)).isTrue();
        assertThat(world.engine.instances()).isEmpty();
        assertThat(world.claim(ANNA)).isEmpty();
    }

    @Test
    void aRemovalThatTakesItsTimeIsWaitedFor() {
        world.engine.removalTaking(Duration.ofSeconds(5));
        world.provision(ANNA);
        assertThat(world.provisioner().remove(ANNA)).isTrue();
        assertThat(world.engine.instances()).isEmpty();
    }

    @Test
    void whileSomebodyIsAtItNobodyEndsIt() {
        world.ledger.attempt(request(ANNA).claim(), NODE, Duration.ofSeconds(60));
        Provisioner<FakeSpec> hasty = world.builder().patience(Duration.ZERO).build();
        assertThatThrownBy(() -> hasty.remove(ANNA))
                .isInstanceOfSatisfying(
                        ProvisionException.class,
                        no -> assertThat(no.outcome()).isInstanceOf(ProvisionOutcome.Joined.class));
        assertThatThrownBy(() -> hasty.stop(ANNA)).isInstanceOf(ProvisionException.class);
        assertThatThrownBy(() -> hasty.letGo(ANNA)).isInstanceOf(ProvisionException.class);

        world.clock.advance(Duration.ofSeconds(61));
        assertThat(world.provisioner().remove(ANNA)).isTrue();
    }

    @Test
    void anInstanceAtHomeElsewhereIsNotThisRuntimesToEnd() {
        Provisioned desktop = world.provision(ANNA);
        var elsewhere = world.builder(world.ledger, FakeRuntime.on(FakeEngine.of(world.clock), Scope.of("node-2")))
                .build();
        assertThatThrownBy(() -> elsewhere.remove(ANNA))
                .isInstanceOfSatisfying(
                        ProvisionException.class, no -> assertThat(kind(no)).isEqualTo(Kind.WRONG_RUNTIME))
                .hasMessageContaining("node-1");
        assertThat(world.claim(ANNA)).contains(desktop.claim());
    }

    @Test
    void aReservationIsReleasedByRemove() {
        world.ledger.claim(ClaimRequest.by(ANNA).in(NODE).fixed("p", ResourceKind.TCP_PORT, "9000"));
        assertThat(world.provisioner().remove(ANNA)).isTrue();
        assertThat(world.claim(ANNA)).isEmpty();
    }
}
