package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.failed;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionReport.Action;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Somebody else has the name or the port: what becomes of the request, and that nothing foreign is touched (law L4). */
class StrangersTest {
    private static final String NAME = "kasm-anna-desktop";

    private final World world = new World();

    @AfterEach
    void theWorldIsWhole() {
        world.check();
    }

    /** SCENARIOS 15. */
    @Test
    void aNameThatAStrangerHasIsAConflictThatNamesItAndNothingIsRemoved() {
        String stranger = world.engine.stranger(NAME);
        ProvisionOutcome outcome = world.provisioner().tryProvision(request(ANNA), spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.NAME_HELD);
        assertThat(failed(outcome).failure().inTheWay().map(Instance::id)).contains(stranger);
        assertThat(failed(outcome).kept()).isEmpty();
        assertThat(world.engine.running()).extracting(Instance::id).containsExactly(stranger);
        assertThat(world.engine.removed()).isEmpty();
        assertThat(world.claim(ANNA)).isEmpty();
    }

    @Test
    void aForeignInstanceSurvivesThePolicyThatRemovesOurs() {
        String stranger = world.engine.stranger(NAME);
        ProvisionOutcome outcome = world.builder()
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                .build()
                .tryProvision(request(ANNA), spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.NAME_HELD);
        assertThat(failed(outcome).failure().detail()).contains("not made by this library");
        assertThat(world.engine.running()).extracting(Instance::id).containsExactly(stranger);
    }

    @Test
    void theNextCandidateIsTakenAndTheTakenNameIsPassedOverForAWhile() {
        String stranger = world.engine.stranger(NAME);
        Provisioned desktop = world.builder()
                .whenStrangerIsInTheWay(Stranger.NEXT_CANDIDATE)
                .build()
                .provision(request(ANNA), spec());

        assertThat(desktop.instance().name())
                .startsWith(NAME + "-")
                .isEqualTo(desktop.claim().value("container"));
        assertThat(world.engine.instance(stranger)).isPresent();
        Resource taken = ResourceKind.CONTAINER_NAME.in(NODE, NAME);
        assertThat(world.ledger.occupants(Set.of(taken)).get(taken)).isInstanceOf(Occupant.Block.class);
        assertThat(desktop.report().count(Action.MOVE)).isEqualTo(1);
    }

    /** SCENARIOS 2: the name is held by a stale instance of the same owner, whose claim is gone. */
    @Test
    void ourOwnStaleInstanceIsRemovedAndTheCreateSucceeds() {
        Provisioned old = world.provision(ANNA);
        world.ledger.release(old.claim());
        Provisioned desktop = world.builder()
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                .build()
                .provision(request(ANNA), spec());

        assertThat(desktop.instance().name()).isEqualTo(NAME);
        assertThat(world.engine.instances())
                .extracting(Instance::id)
                .containsExactly(desktop.instance().id());
        assertThat(world.engine.removed()).hasSize(1);
    }

    @Test
    void aStaleInstanceOfAnotherTenantStays() {
        Provisioned old = world.provision(ANNA);
        world.ledger.release(old.claim());
        Owner ben = Owner.of("ben", "desktop");
        var wish = ProvisionRequest.of(
                        ClaimRequest.by(ben).in(NODE).fixed("container", ResourceKind.CONTAINER_NAME, NAME))
                .named("container");
        ProvisionOutcome outcome = world.builder()
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                .build()
                .tryProvision(wish, spec());

        assertThat(failed(outcome).failure().detail()).contains("tenant anna");
        assertThat(world.engine.running())
                .extracting(Instance::id)
                .containsExactly(old.instance().id());
        // The claim of the world's check is the ledger's again.
        world.provisioner().recover(instance -> java.util.Optional.empty());
    }

    @Test
    void aStrangerThatIsWhatWasAskedForCanBeAdoptedAndIsNeverRemoved() {
        String stranger = world.engine.stranger(NAME, Publication.tcp(7_000, 6_901));
        Provisioned desktop =
                world.builder().whenStrangerIsInTheWay(Stranger.ADOPT).build().provision(request(ANNA), spec());

        assertThat(desktop.origin()).isEqualTo(Provisioned.Origin.ADOPTED);
        assertThat(desktop.claim().instance()).contains(stranger);
        assertThat(world.provisioner().remove(ANNA)).isTrue();
        assertThat(world.engine.running()).extracting(Instance::id).containsExactly(stranger);
        assertThat(world.engine.removed()).isEmpty();
    }

    @Test
    void aStrangerThatDoesNotServeIsNotAdoptedAndTheNextPolicyIsTried() {
        String stranger = world.engine.stranger(NAME);
        Provisioned desktop = world.builder()
                .whenStrangerIsInTheWay(Stranger.ADOPT, Stranger.NEXT_CANDIDATE)
                .build()
                .provision(request(ANNA), spec());

        assertThat(desktop.origin()).isEqualTo(Provisioned.Origin.CREATED);
        assertThat(world.engine.instance(stranger)).isPresent();
    }

    /** An engine that says of a name that it is taken, by nobody whom it lists: a pod has it, or a crash has left it behind. */
    private ForwardingRuntime<FakeSpec> reserving(String name) {
        return new ForwardingRuntime<>(world.runtime) {
            @Override
            public String create(Deployment<FakeSpec> deployment) throws Exception {
                if (deployment.name().equals(Optional.of(name))) {
                    throw new Reserved();
                }
                return super.create(deployment);
            }

            @Override
            public Fault classify(Throwable failure) {
                return failure instanceof Reserved
                        ? new Fault.NameHeld(Optional.empty(), "the name is in use: pod already exists")
                        : super.classify(failure);
            }
        };
    }

    private static final class Reserved extends Exception {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void aNameThatNobodyListedHasIsGivenUpSoonAndTheRuntimesWordsAreTold() {
        Instant begun = world.clock.instant();
        ProvisionOutcome outcome =
                world.builder(world.ledger, reserving(NAME)).build().tryProvision(request(ANNA), spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.NAME_HELD);
        assertThat(failed(outcome).failure().detail()).contains("pod already exists");
        assertThat(Duration.between(begun, world.clock.instant()))
                .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(10));
        assertThat(world.claim(ANNA)).isEmpty();
    }

    @Test
    void aNameThatNobodyListedHasIsPassedOverWhereTheNextMayBeTaken() {
        Provisioned desktop = world.builder(world.ledger, reserving(NAME))
                .whenStrangerIsInTheWay(Stranger.NEXT_CANDIDATE)
                .build()
                .provision(request(ANNA), spec());

        assertThat(desktop.instance().name()).startsWith(NAME + "-");
    }

    /** What is being removed is waited for, however long that takes. */
    @Test
    void aNameOfWhatIsBeingRemovedIsWaitedFor() {
        String leaving = world.engine.stranger(NAME);
        world.engine.removalTaking(Duration.ofSeconds(20));
        world.engine.removeInstance(leaving);

        Provisioned desktop = world.provision(ANNA);

        assertThat(desktop.instance().name()).isEqualTo(NAME);
    }

    // ------------------------------------------------------------------ ports

    /** SCENARIOS 33: a foreign container sits on the port, and survives; SCENARIOS 29 with the engine as the probe. */
    @Test
    void aPortThatAnOutsiderHasIsPassedOverAndTheInstanceIsMadeAnewOnTheNext() {
        String stranger = world.engine.stranger("other", Publication.tcp(7_000, 80));
        world.engine.occupy(7_001);
        Provisioned desktop = world.provision(ANNA);

        assertThat(desktop.port("http")).isEqualTo(7_002);
        assertThat(desktop.instance().published()).containsExactly(Publication.tcp(7_002, 6_901));
        assertThat(world.engine.calls(RuntimeCall.CREATE)).isEqualTo(3);
        assertThat(world.engine.calls(RuntimeCall.START))
                .as("never started again")
                .isEqualTo(3);
        assertThat(world.engine.instance(stranger)).isPresent();
        assertThat(world.ledger.occupants(
                        Set.of(ResourceKind.TCP_PORT.in(NODE, 7_000), ResourceKind.TCP_PORT.in(NODE, 7_001))))
                .hasSize(2);
    }

    @Test
    void whereEveryPortIsTakenByOutsidersAllIsGivenBack() {
        world.engine.occupy(7_000);
        world.engine.occupy(7_001);
        world.engine.occupy(7_002);
        ProvisionOutcome outcome = world.provisioner().tryProvision(request(ANNA), spec());

        assertThat(outcome).isInstanceOf(ProvisionOutcome.Refused.class);
        assertThat(((ProvisionOutcome.Refused) outcome).refusal().toString()).contains("2 declined");
        assertThat(world.claim(ANNA)).isEmpty();
        assertThat(world.engine.instances()).isEmpty();
    }

    /** SCENARIOS 33 and 38: our own stale instance has the port; the owner keeps it. */
    @Test
    void ourOwnStaleInstanceOnThePortGoesAndThePortIsKept() {
        Provisioned old = world.provision(ANNA);
        world.ledger.release(old.claim());
        Owner again = Owner.of("anna", "rebuilt");
        Provisioned desktop = world.builder()
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                .build()
                .provision(request(again), spec());

        assertThat(desktop.port("http")).isEqualTo(7_000);
        assertThat(world.engine.instance(old.instance().id())).isEmpty();
    }

    @Test
    void aPortThatIsFixedCannotMove() {
        world.engine.occupy(7_000);
        var wish = ProvisionRequest.of(
                        ClaimRequest.by(ANNA).in(NODE).fixed("http", ResourceKind.TCP_PORT.in(NODE, 7_000)))
                .publish("http", 80);
        // A single resource has the role of its part.
        ProvisionOutcome outcome = world.provisioner().tryProvision(wish, spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.PORT_HELD);
        assertThat(world.claim(ANNA)).isEmpty();
        assertThat(world.engine.instances()).isEmpty();
    }

    /** A thief takes the port between claim and start. */
    @Test
    void aThiefWhoTakesThePortBetweenClaimAndStartKeepsIt() {
        var thief = new ForwardingRuntime<FakeSpec>(world.runtime) {
            private int next = 7_000;

            @Override
            protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
                if (call == RuntimeCall.START && next < 7_002) {
                    world.engine.occupy(next++);
                }
                return work.call();
            }
        };
        Provisioned desktop = world.builder(world.ledger, thief).build().provision(request(ANNA), spec());

        assertThat(desktop.port("http")).isEqualTo(7_002);
        assertThat(world.engine.instances()).hasSize(1);
    }

    @Test
    void aDaemonThatIsDownClaimsNothing() {
        world.engine.die();
        ProvisionOutcome outcome = world.provisioner().tryProvision(request(ANNA), spec());
        world.engine.comeBack(FakeEngine.Revival.KEPT_RUNNING);

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(world.claim(ANNA)).isEmpty();
    }
}
