package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.ANNA_TOO;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.failed;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Full;
import dev.berth.runtime.Held;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Mine;
import dev.berth.runtime.Pacing;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Recovery;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the policies and the guide promise, each in the case in which it would be easiest to break. */
class PromisesTest {
    private static final List<Owner> THREE = List.of(ANNA, ANNA_TOO, Owner.of("anna", "desktop-3"));
    private static final Owner FOURTH = Owner.of("anna", "desktop-4");

    private final World world = new World();

    // ------------------------------------------------------------------ mine

    /** Whoever waited for another's attempt gets what that one made, also where the policy is to replace. */
    @Test
    void whoWaitedReplacesNothing() throws Exception {
        var granted =
                (AttemptOutcome.Granted) world.ledger.attempt(request(ANNA).claim(), NODE, Duration.ofSeconds(60));
        var pacing = new Pacing() {
            private boolean made;

            @Override
            public long nanos() {
                return world.pacing.nanos();
            }

            @Override
            public void pause(Duration span) throws InterruptedException {
                world.pacing.pause(span);
                if (!made) {
                    made = true;
                    comeUp(granted);
                }
            }
        };
        Provisioned got = Provisioner.of(world.ledger, world.runtime)
                .pacing(pacing)
                .callingOn(Runnable::run)
                .whenMineLives(Mine.REPLACE)
                .build()
                .provision(request(ANNA), spec());

        assertThat(got.origin()).isEqualTo(Provisioned.Origin.REUSED);
        assertThat(world.engine.removed()).isEmpty();
        assertThat(world.engine.running()).hasSize(1);
    }

    private void comeUp(AttemptOutcome.Granted granted) {
        var mark = new Mark(
                world.ledger.identity().ledger(),
                granted.claim().id(),
                granted.attempt().nonce(),
                ANNA);
        try {
            String id = world.runtime.create(new Deployment<>(
                    World.SPEC,
                    Optional.of(granted.claim().value("container")),
                    List.of(Publication.tcp(granted.claim().port("http"), 6_901)),
                    mark,
                    Map.of()));
            world.runtime.start(id);
            world.ledger.activate(granted.attempt(), id, Map.of(Mark.NONCE, mark.nonce()));
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void whatIsHandedOutAgainHasItsPortsAndIsHealthy() {
        Provisioned first = world.provision(ANNA);
        var more = ClaimRequest.by(ANNA)
                .in(NODE)
                .name("container", ResourceKind.CONTAINER_NAME, "kasm", "anna", "desktop")
                .choose("http", World.PORTS)
                .fixed("admin", ResourceKind.TCP_PORT, "9000");
        var wish = dev.berth.runtime.ProvisionRequest.of(more)
                .named("container")
                .publish("http", 6_901)
                .publish("admin", 9_000);
        ProvisionOutcome without = world.provisioner().tryProvision(wish, spec());

        assertThat(failed(without).failure().kind()).isEqualTo(Kind.PORT_HELD);
        assertThat(failed(without).failure().detail()).contains("9000");
        assertThat(world.instance(first.instance().id()).state()).isEqualTo(InstanceState.RUNNING);

        world.builder()
                .whenMineLives(Mine.REPLACE)
                .build()
                .provision(wish, granted -> FakeSpec.of("desktop:1").neverHealthy());
        ProvisionOutcome ill = world.provisioner().tryProvision(wish.healthyWithin(Duration.ofSeconds(10)), spec());
        assertThat(failed(ill).failure().kind()).isEqualTo(Kind.UNHEALTHY);
        assertThat(failed(ill).kept().map(Claim::state)).contains(ClaimState.ACTIVE);
    }

    @Test
    void rejectRefusesWhatLivesThoughItsClaimSaysStopped() {
        Provisioned first = world.provision(ANNA);
        world.provisioner().stop(ANNA);
        world.engine.startInstance(first.instance().id());
        ProvisionOutcome outcome =
                world.builder().whenMineLives(Mine.REJECT).build().tryProvision(request(ANNA), spec());
        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.LIVES_ALREADY);
    }

    @Test
    void whatWasAdoptedCannotBeReplacedAndStaysActive() {
        String id = world.engine.stranger("old", Publication.tcp(7_000, 6_901));
        world.provisioner()
                .adopt(id, ClaimRequest.by(ANNA).in(NODE).fixed("http", ResourceKind.TCP_PORT.in(NODE, 7_000)));
        ProvisionOutcome outcome =
                world.builder().whenMineLives(Mine.REPLACE).build().tryProvision(request(ANNA), spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.NOT_OURS);
        assertThat(world.claim(ANNA).orElseThrow().state()).isEqualTo(ClaimState.ACTIVE);
        assertThat(world.engine.running()).hasSize(1);
    }

    // ------------------------------------------------------------------ others

    @Test
    void aStoppedInstanceIsNoGhost() {
        world.provision(ANNA);
        world.provisioner().stop(ANNA);
        var wish = dev.berth.runtime.ProvisionRequest.of(ClaimRequest.by(ANNA_TOO)
                        .in(NODE)
                        .fixed("container", ResourceKind.CONTAINER_NAME, "kasm-anna-desktop"))
                .named("container");
        ProvisionOutcome outcome = world.builder()
                .whenAnotherHolds(Held.TAKE_FROM_PROVEN_GHOST)
                .build()
                .tryProvision(wish, spec());

        assertThat(outcome).isInstanceOf(ProvisionOutcome.Refused.class);
        assertThat(world.engine.instances()).hasSize(1);
        assertThat(world.claim(ANNA).map(Claim::state)).contains(ClaimState.STOPPED);
    }

    @Test
    void whatRunsIsNotReclaimedThoughItsClaimSaysStoppedAndTheNextLongestIs() {
        for (Owner owner : THREE) {
            world.provision(owner);
            world.clock.advance(Duration.ofMinutes(1));
            world.provisioner().stop(owner);
        }
        world.engine.startInstance(world.claim(ANNA).orElseThrow().instance().orElseThrow());
        world.engine.guardInstance(
                world.claim(ANNA_TOO).orElseThrow().instance().orElseThrow(), "protected");
        Provisioned got = world.builder()
                .whenPoolIsExhausted(Full.RECLAIM_LONGEST_STOPPED)
                .build()
                .provision(request(FOURTH), spec());

        assertThat(got.port("http")).isEqualTo(7_002);
        assertThat(world.claim(ANNA)).isPresent();
        assertThat(world.claim(ANNA_TOO)).isPresent();
        assertThat(world.claim(THREE.get(2))).isEmpty();
    }

    /** Law L3: an instance whose state its runtime cannot tell may run. */
    @Test
    void anUnknownStateIsNotAtRest() {
        world.provision(ANNA);
        var dim = new ForwardingRuntime<FakeSpec>(world.runtime) {
            @Override
            public Sighting look(String instance) throws Exception {
                Sighting seen = super.look(instance);
                return seen instanceof Sighting.Present present
                        ? new Sighting.Present(dimmed(present.instance()))
                        : seen;
            }

            @Override
            public void stop(String instance) {}
        };
        assertThatThrownBy(() -> world.builder(world.ledger, dim).build().stop(ANNA))
                .hasMessageContaining("told to stop");
        assertThat(world.claim(ANNA).orElseThrow().state()).isEqualTo(ClaimState.ACTIVE);
        assertThat(world.engine.running()).hasSize(1);
    }

    private static Instance dimmed(Instance instance) {
        return new Instance(
                instance.id(),
                instance.names(),
                InstanceState.UNKNOWN,
                instance.labels(),
                instance.mark(),
                instance.published(),
                instance.configured(),
                instance.createdAt(),
                instance.guard());
    }

    // ------------------------------------------------------------------ ports

    @Test
    void aConflictOfAPortThatIsNotOursDeclinesNothing() {
        var confused = new ForwardingRuntime<FakeSpec>(world.runtime) {
            @Override
            public void start(String instance) {
                throw new IllegalStateException("9999 is taken");
            }

            @Override
            public Fault classify(Throwable failure) {
                return failure instanceof IllegalStateException
                        ? new Fault.PortHeld(Set.of(9_999), "9999 is taken")
                        : super.classify(failure);
            }
        };
        ProvisionOutcome outcome = world.builder(world.ledger, confused).build().tryProvision(request(ANNA), spec());

        assertThat(failed(outcome).failure().kind()).isEqualTo(Kind.PORT_HELD);
        assertThat(world.ledger.occupants(
                        Set.of(ResourceKind.TCP_PORT.in(NODE, 7_000), ResourceKind.TCP_PORT.in(NODE, 7_001))))
                .isEmpty();
        assertThat(world.engine.instances()).isEmpty();
    }

    @Test
    void aHostThatClaimsMoreForItsOwnerOnTheWayIsStillServed() {
        world.engine.occupy(7_000);
        Provisioned got = world.provisioner().provision(request(ANNA), granted -> {
            world.ledger.claim(ClaimRequest.by(ANNA).in(NODE).fixed("extra", ResourceKind.TCP_PORT, "9100"));
            return World.SPEC;
        });
        assertThat(got.port("http")).isEqualTo(7_001);
        assertThat(got.claim().port("extra")).isEqualTo(9_100);
    }

    @Test
    void whateverTheHostThrowsIsTakenBackAndThrownOn() {
        assertThatThrownBy(() -> world.provisioner().provision(request(ANNA), granted -> {
                    throw new NoClassDefFoundError("desktop");
                }))
                .isInstanceOf(NoClassDefFoundError.class);
        assertThat(world.claim(ANNA)).isEmpty();
        assertThatThrownBy(() -> world.provisioner().provision(request(ANNA), granted -> {
                    throw new IllegalArgumentException("no image");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(world.claim(ANNA)).isEmpty();
    }

    // ------------------------------------------------------------------ what runs already

    @Test
    void whatWasMadeAnewOutsideCanBeAdoptedInPlaceOfTheOld() {
        String old = world.engine.stranger("blog");
        world.provisioner().adopt(old, ClaimRequest.by(ANNA));
        world.engine.removeInstance(old);
        String anew = world.engine.stranger("blog");
        Claim adopted = world.provisioner()
                .adopt(anew, ClaimRequest.by(ANNA).in(NODE).fixed("http", ResourceKind.TCP_PORT.in(NODE, 9_000)));
        assertThat(adopted.instance()).contains(anew);
        assertThat(adopted.port("http")).as("what it was adopted with").isEqualTo(9_000);
    }

    @Test
    void aPortThatAnotherOutsiderHasIsNotClaimedForTheAdopted() {
        world.engine.stranger("other", Publication.tcp(7_000, 80));
        world.provision(ANNA);
        String third = world.engine.stranger("third");
        assertThatThrownBy(() -> world.provisioner()
                        .adopt(
                                third,
                                ClaimRequest.by(World.BEN)
                                        .in(NODE)
                                        .fixed("http", ResourceKind.TCP_PORT.in(NODE, 7_000))))
                .isInstanceOf(dev.berth.ledger.ClaimRefusedException.class);
    }

    @Test
    void whoWasPassedOverCanBeAdopted() {
        String stranger = world.engine.stranger("other", Publication.tcp(7_000, 80));
        assertThat(world.provision(ANNA).port("http")).isEqualTo(7_001);
        Claim adopted = world.provisioner()
                .adopt(
                        stranger,
                        ClaimRequest.by(World.BEN).in(NODE).fixed("http", ResourceKind.TCP_PORT.in(NODE, 7_000)));
        assertThat(adopted.port("http")).isEqualTo(7_000);
    }

    @Test
    void aHostThatSaysNothingOfOneInstanceLosesNoOther() {
        world.engine.stranger("one");
        world.engine.stranger("two");
        Recovery found = world.provisioner().recover(PromisesTest::sloppy);
        assertThat(found.claimed()).hasSize(1);
        assertThat(found.unclaimed()).hasSize(1);
    }

    @SuppressWarnings("NullAway") // What a host may do that is not checked.
    private static Optional<ClaimRequest> sloppy(Instance instance) {
        return instance.name().equals("one") ? null : Optional.of(ClaimRequest.by(ANNA));
    }
}
