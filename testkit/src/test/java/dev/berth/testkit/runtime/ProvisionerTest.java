package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.failed;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Mine;
import dev.berth.runtime.Pacing;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionReport.Action;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The road from a wish to a running instance, and back. */
class ProvisionerTest {
    private final World world = new World();

    @AfterEach
    void theWorldIsWhole() {
        world.check();
    }

    @Test
    void anInstanceIsMadeWithItsNameItsPortsAndItsMarkAndHandedOutWhenTheLedgerHasIt() {
        Provisioned desktop = world.provision(ANNA);

        assertThat(desktop.origin()).isEqualTo(Provisioned.Origin.CREATED);
        assertThat(desktop.claim()).isEqualTo(world.claim(ANNA).orElseThrow());
        assertThat(desktop.claim().state()).isEqualTo(ClaimState.ACTIVE);
        assertThat(desktop.port("http")).isEqualTo(7_000);
        Instance runs = world.engine.running().get(0);
        assertThat(desktop.claim().instance()).contains(runs.id());
        assertThat(runs.name()).isEqualTo(desktop.claim().value("container")).isEqualTo("kasm-anna-desktop");
        assertThat(runs.published()).containsExactly(Publication.tcp(7_000, 6_901));
        Mark mark = runs.mark().orElseThrow();
        assertThat(mark.claim()).isEqualTo(desktop.claim().id());
        assertThat(mark.ledger()).isEqualTo(world.ledger.identity().ledger());
        assertThat(mark.owner()).isEqualTo(ANNA);
        assertThat(world.engine.instances()).hasSize(1);
    }

    @Test
    void askingAgainIsTheSameInstanceAndTouchesNothing() {
        Provisioned first = world.provision(ANNA);
        world.engine.resetCalls();
        Provisioned second = world.provision(ANNA);

        assertThat(second.claim()).isEqualTo(first.claim());
        assertThat(second.origin()).isEqualTo(Provisioned.Origin.REUSED);
        assertThat(world.engine.calls()).allMatch(call -> !call.call().isWrite());
    }

    @Test
    void replaceMakesANewInstanceWithTheSameNameAndPorts() {
        Provisioned first = world.provision(ANNA);
        Provisioned second = world.builder().whenMineLives(Mine.REPLACE).build().provision(request(ANNA), spec());

        assertThat(second.origin()).isEqualTo(Provisioned.Origin.CREATED);
        assertThat(second.port("http")).isEqualTo(first.port("http"));
        assertThat(second.instance().name()).isEqualTo(first.instance().name());
        assertThat(second.instance().id()).isNotEqualTo(first.instance().id());
        assertThat(world.engine.instances()).hasSize(1);
        assertThat(second.report().count(Action.DETACH)).isEqualTo(1);
    }

    @Test
    void rejectLeavesALivingInstanceAlone() {
        Provisioned first = world.provision(ANNA);
        var outcome = world.builder().whenMineLives(Mine.REJECT).build().tryProvision(request(ANNA), spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.LIVES_ALREADY);
        assertThat(failed(outcome).kept()).contains(first.claim());
        assertThat(world.engine.running()).hasSize(1);
    }

    /** SCENARIOS 23. */
    @Test
    void stopKeepsThePortAndRemoveFreesItAndStopOfAMissingInstanceSucceeds() {
        Provisioned desktop = world.provision(ANNA);
        Claim stopped = world.provisioner().stop(ANNA);

        assertThat(stopped.state()).isEqualTo(ClaimState.STOPPED);
        assertThat(stopped.port("http")).isEqualTo(7_000);
        assertThat(world.engine.running()).isEmpty();

        Provisioned again = world.provision(ANNA);
        assertThat(again.origin()).isEqualTo(Provisioned.Origin.RESUMED);
        assertThat(again.instance().id()).isEqualTo(desktop.instance().id());
        assertThat(again.port("http")).isEqualTo(7_000);

        world.engine.removeInstance(again.instance().id());
        assertThat(world.provisioner().stop(ANNA).state()).isEqualTo(ClaimState.STOPPED);
        assertThat(world.provisioner().remove(ANNA)).isTrue();
        assertThat(world.provisioner().remove(ANNA)).isFalse();
        assertThat(world.claim(ANNA)).isEmpty();
    }

    @Test
    void removeTakesTheInstanceAndFreesAll() {
        world.provision(ANNA);
        assertThat(world.provisioner().remove(ANNA)).isTrue();
        assertThat(world.claim(ANNA)).isEmpty();
        assertThat(world.engine.instances()).isEmpty();
    }

    /** SCENARIOS 19. */
    @Test
    void whatCannotBeCreatedIsGivenBackOnce() {
        var outcome = world.provisioner().tryProvision(request(ANNA), granted -> {
            world.engine.withoutImage("desktop:1");
            return World.SPEC;
        });

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.REJECTED);
        assertThat(failed(outcome).kept()).isEmpty();
        assertThat(outcome.report().count(Action.RELEASE)).isEqualTo(1);
        assertThat(world.claim(ANNA)).isEmpty();
        assertThat(world.engine.instances()).isEmpty();
    }

    @Test
    void anInstanceThatEndsAtOnceIsRemovedAndTheErrorTells() {
        var outcome = world.provisioner().tryProvision(request(ANNA), granted -> World.SPEC.exitingAtOnce());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.DIED);
        assertThat(world.claim(ANNA)).isEmpty();
        assertThat(world.engine.instances()).isEmpty();
    }

    @Test
    void anInstanceThatDiedIsStartedAgain() {
        Provisioned first = world.provision(ANNA);
        world.engine.killInstance(first.instance().id());
        Provisioned second = world.provision(ANNA);

        assertThat(second.instance().id()).isEqualTo(first.instance().id());
        assertThat(second.instance().state()).isEqualTo(InstanceState.RUNNING);
        assertThat(second.origin()).isEqualTo(Provisioned.Origin.RESUMED);
    }

    @Test
    void anInstanceThatIsGoneIsMadeAnewWithTheSamePort() {
        Provisioned first = world.provision(ANNA);
        world.engine.removeInstance(first.instance().id());
        Provisioned second = world.provision(ANNA);

        assertThat(second.origin()).isEqualTo(Provisioned.Origin.CREATED);
        assertThat(second.port("http")).isEqualTo(first.port("http"));
        assertThat(second.claim().id()).isEqualTo(first.claim().id());
    }

    /** SCENARIOS 17. */
    @Test
    void aRemovalThatFailsKeepsTheRecordAndNamesInstanceAndCause() {
        Provisioned desktop = world.provision(ANNA);
        world.engine.guardInstance(desktop.instance().id(), "a template");

        assertThatThrownBy(() -> world.provisioner().remove(ANNA))
                .isInstanceOfSatisfying(
                        ProvisionException.class,
                        no -> assertThat(no.outcome()).isInstanceOf(ProvisionOutcome.Failed.class))
                .hasMessageContaining("a template")
                .hasMessageContaining(desktop.instance().name());
        assertThat(world.claim(ANNA).orElseThrow().port("http")).isEqualTo(7_000);
        assertThat(world.engine.running()).hasSize(1);
    }

    @Test
    void aReservationThatWasThereBeforeIsKeptWhateverTheClockSays() {
        Claim reserved = world.ledger.claim(ClaimRequest.by(ANNA).in(World.NODE).choose("http", World.PORTS));
        var outcome = world.provisioner().tryProvision(request(ANNA), granted -> World.SPEC.exitingAtOnce());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.DIED);
        assertThat(failed(outcome).kept().map(Claim::id)).contains(reserved.id());
        assertThat(world.claim(ANNA).orElseThrow().port("http")).isEqualTo(7_000);
    }

    @Test
    void whoIsInterruptedAndOvertakenAtOnceLeavesTheOthersInstanceAlone() {
        var paused = new AtomicBoolean();
        Pacing pacing = new Pacing() {
            @Override
            public long nanos() {
                return world.pacing.nanos();
            }

            @Override
            public void pause(Duration span) throws InterruptedException {
                if (paused.getAndSet(true)) {
                    world.pacing.pause(span);
                    return;
                }
                world.clock.advance(Duration.ofMinutes(2));
                world.provision(ANNA);
                throw new InterruptedException("while another was quicker");
            }
        };
        var outcome = Provisioner.of(world.ledger, world.runtime)
                .pacing(pacing)
                .callingOn(Runnable::run)
                .build()
                .tryProvision(request(ANNA), granted -> World.SPEC.startingFor(Duration.ofSeconds(5)));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome).isNotInstanceOf(ProvisionOutcome.Joined.class);
        assertThat(world.engine.running()).hasSize(1);
        assertThat(world.claim(ANNA).orElseThrow().state()).isEqualTo(ClaimState.ACTIVE);
    }

    @Test
    void theRoadCostsAKnownNumberOfCalls() {
        Provisioned desktop = world.provision(ANNA);
        assertThat(world.engine.calls(RuntimeCall.CREATE)).isEqualTo(1);
        assertThat(world.engine.calls(RuntimeCall.START)).isEqualTo(1);
        assertThat(world.engine.calls(RuntimeCall.INVENTORY)).isZero();
        assertThat(desktop.report().steps())
                .extracting(step -> step.action())
                .containsExactly(
                        Action.CHECK_RUNTIME,
                        Action.CLAIM,
                        Action.CREATE,
                        Action.START,
                        Action.VERIFY,
                        Action.ACTIVATE);
    }
}
