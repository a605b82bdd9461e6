package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.ANNA_TOO;
import static dev.berth.testkit.runtime.World.BEN;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.ResourceKind;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What random histories came upon, each as its shortest history. */
class CrossingTest {
    private final World world = new World();

    /** Lets somebody else act once, right before a call. */
    private final class Interposed extends ForwardingRuntime<FakeSpec> {
        private @Nullable RuntimeCall awaited;
        private @Nullable Runnable other;

        Interposed() {
            super(FakeRuntime.on(world.engine, NODE).pacing(world.pacing));
        }

        void before(RuntimeCall call, Runnable act) {
            awaited = call;
            other = act;
        }

        @Override
        protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
            Runnable act = other;
            if (call == awaited && act != null) {
                other = null;
                act.run();
            }
            return super.around(call, work);
        }
    }

    /** Engines that use ids again, such as Proxmox VE: what an id meant before keeps nobody from having it now. */
    @Test
    void anIdThatIsUsedAgainBelongsToItsNewInstance() {
        world.engine.withReusedIds();
        Provisioned first = world.provision(ANNA);
        world.engine.removeInstance(first.instance().id());

        Provisioned second = world.provision(BEN);
        assertThat(second.instance().id()).isEqualTo(first.instance().id());
        Claim ghost = world.claim(ANNA).orElseThrow();
        assertThat(ghost.instance()).isEmpty();
        assertThat(ghost.state()).isEqualTo(ClaimState.FAILED);
        assertThat(ghost.port("http")).isEqualTo(first.port("http"));

        assertThat(world.provision(ANNA).port("http")).isEqualTo(first.port("http"));
        assertThat(world.provisioner().remove(BEN)).isTrue();
        world.check();
    }

    @Test
    void anIdThatIsUsedAgainCanBeAdopted() {
        world.engine.withReusedIds();
        Provisioned first = world.provision(ANNA);
        world.engine.removeInstance(first.instance().id());
        world.clock.advance(Duration.ofMinutes(2));
        String stranger = world.engine.stranger("old");
        assertThat(stranger).isEqualTo(first.instance().id());

        Claim adopted = world.provisioner().adopt(stranger, ClaimRequest.by(BEN));
        assertThat(adopted.instance()).contains(stranger);
        assertThat(world.claim(ANNA).orElseThrow().instance()).isEmpty();
    }

    /** Made when clocks may not tell it from the claim's own, and without a mark, which may have been taken off: nobody's to take. */
    @Test
    void anIdThatMayBeUsedAgainGivesNothingAway() {
        world.engine.withReusedIds();
        Provisioned first = world.provision(ANNA);
        world.engine.removeInstance(first.instance().id());
        String stranger = world.engine.stranger("old");

        assertThatThrownBy(() -> world.provisioner().adopt(stranger, ClaimRequest.by(BEN)))
                .isInstanceOf(ClaimRefusedException.class);
        for (Runnable call : List.<Runnable>of(
                () -> world.provisioner().remove(ANNA),
                () -> world.provisioner().stop(ANNA),
                () -> world.provision(ANNA))) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(ProvisionException.class)
                    .hasMessageContaining("no mark")
                    .hasMessageContaining("let the claim go");
        }
        assertThat(world.claim(ANNA).orElseThrow().instance()).contains(stranger);
        assertThat(world.claim(ANNA).orElseThrow().port("http")).isEqualTo(first.port("http"));
        assertThat(world.instance(stranger).state()).isEqualTo(InstanceState.RUNNING);

        assertThat(world.provisioner().letGo(ANNA)).isTrue();
        assertThat(world.provisioner().adopt(stranger, ClaimRequest.by(BEN)).instance())
                .contains(stranger);
    }

    /** The tenant is the wall between users: what was made for one is never another's. */
    @Test
    void whatWasMadeForAnotherTenantCannotBeAdopted() {
        Provisioned first = world.provision(ANNA);
        world.provisioner().letGo(ANNA);
        assertThatThrownBy(() -> world.provisioner().adopt(first.instance().id(), ClaimRequest.by(BEN)))
                .isInstanceOf(ProvisionException.class)
                .hasMessageContaining("tenant anna");
        ProvisionOutcome taken = world.builder()
                .whenStrangerIsInTheWay(Stranger.ADOPT)
                .build()
                .tryProvision(
                        ProvisionRequest.of(ClaimRequest.by(BEN)
                                        .in(NODE)
                                        .fixed(
                                                "container",
                                                ResourceKind.CONTAINER_NAME,
                                                first.instance().name()))
                                .named("container"),
                        spec());

        assertThat(taken).isInstanceOf(ProvisionOutcome.Failed.class);
        assertThat(world.instance(first.instance().id()).state()).isEqualTo(InstanceState.RUNNING);
        assertThat(world.claim(BEN)).isEmpty();
    }

    /** A host that is still connected to what was replaced must not judge by it. */
    @Test
    void afterAnotherRuntimeWasTrustedTheOldOneProvesNothing() {
        Provisioner<FakeSpec> old = world.provisioner();
        old.provision(request(ANNA), spec());
        var newer = FakeEngine.of(world.clock).named("engine-2");
        Provisioner<FakeSpec> other = world.builder(
                        world.ledger, FakeRuntime.on(newer, NODE).pacing(world.pacing))
                .build();
        other.trustRuntime();
        Provisioned moved = other.provision(request(ANNA), spec());

        assertThatThrownBy(() -> old.remove(ANNA)).isInstanceOf(ProvisionException.class);
        assertThat(World.failed(old.tryProvision(request(BEN), spec()))
                        .failure()
                        .kind())
                .isEqualTo(Kind.WRONG_RUNTIME);
        assertThat(world.claim(ANNA)).contains(moved.claim());
        assertThat(newer.running()).hasSize(1);
    }

    /** Whoever is told that somebody is at it has changed nothing. */
    @Test
    void aStopThatComesUponAStartDoesNotEndWhatIsBeingStarted() {
        world.provision(ANNA);
        world.provisioner().stop(ANNA);
        // The one who stops has read the claim; before it looks at the instance, another host begins to start that.
        var stopping = new Interposed();
        stopping.before(RuntimeCall.LOOK, () -> {
            Claim stopped = world.claim(ANNA).orElseThrow();
            world.ledger.attempt(stopped.token(), NODE, Duration.ofMinutes(1));
            world.engine.startInstance(stopped.instance().orElseThrow());
        });

        assertThatThrownBy(() -> world.builder(world.ledger, stopping).build().stop(ANNA))
                .isInstanceOfSatisfying(
                        ProvisionException.class,
                        no -> assertThat(no.outcome()).isInstanceOf(ProvisionOutcome.Joined.class));
        assertThat(world.engine.running()).hasSize(1);
    }

    @Test
    void anOrphanThatIsBeingRemovedCannotBeAdopted() {
        Provisioned first = world.provision(ANNA);
        world.provisioner().letGo(ANNA);
        String orphan = first.instance().id();
        var removing = new ForwardingRuntime<FakeSpec>(world.runtime) {
            @Override
            public dev.berth.runtime.Removal remove(
                    String id, dev.berth.runtime.Mark mark, dev.berth.runtime.Removal.Mode mode) throws Exception {
                assertThatThrownBy(() -> world.provisioner().adopt(orphan, ClaimRequest.by(ANNA_TOO)))
                        .isInstanceOf(ClaimRefusedException.class)
                        .hasMessageContaining("is being removed");
                return super.remove(id, mark, mode);
            }
        };
        Provisioned second = (Provisioned) world.builder(world.ledger, removing)
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                .build()
                .tryProvision(request(ANNA), spec());

        assertThat(world.engine.running()).containsExactly(second.instance());
        assertThat(world.claim(ANNA_TOO)).isEmpty();
    }

    @Test
    void anOrphanThatWasAdoptedIsNotRemovedByOneWhoSawItBefore() {
        Provisioned first = world.provision(ANNA);
        world.provisioner().letGo(ANNA);
        String orphan = first.instance().id();
        var looking = new Interposed();
        looking.before(RuntimeCall.LOOK, () -> world.provisioner().adopt(orphan, ClaimRequest.by(ANNA_TOO)));
        ProvisionOutcome outcome = world.builder(world.ledger, looking)
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                .build()
                .tryProvision(request(ANNA), spec());

        assertThat(World.failed(outcome).failure().kind()).isEqualTo(Kind.NAME_HELD);
        assertThat(world.instance(orphan).state()).isEqualTo(InstanceState.RUNNING);
    }
}
