package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Ports. */
abstract class PublishingLaws<S> extends RuntimeLaws<S> {
    PublishingLaws(ContainerRuntimeContract<S> contract) {
        super(contract);
    }

    @Test
    @DisplayName("A running instance has its ports open, by look and by listing.")
    void runningInstancePublishesItsPorts() throws Exception {
        Publication port = freshPort();
        Publication next = freshPort();
        Made made = started(port, next);

        for (Instance told : List.of(seen(made), listed(made.id()))) {
            assertThat(told.published()).anyMatch(open -> open.serves(port));
            assertThat(told.published()).anyMatch(open -> open.serves(next));
            assertThat(told.configured()).anyMatch(open -> open.serves(port));
        }
    }

    @Test
    @DisplayName("A stopped instance has no port open, and knows which it will open.")
    void stoppedInstancePublishesNothing() throws Exception {
        Publication port = freshPort();
        Made made = started(port);
        runtime.stop(made.id());

        for (Instance told : List.of(seen(made), listed(made.id()))) {
            assertThat(told.published()).isEmpty();
        }
        assertThat(seen(made).configured()).anyMatch(open -> open.serves(port));
    }

    @Test
    @DisplayName("Two instances may be created for one port; the port of the one that runs is held.")
    void portOfARunningInstanceIsHeld() throws Exception {
        Publication port = freshPort();
        Made first = started(port);
        Made second = created(port);

        Fault fault = faultOf(() -> runtime.start(second.id()));

        assertPortHeld(fault, port);
        assertNotRunning(second);
        assertThat(seen(first).published()).anyMatch(open -> open.serves(port));
    }

    @Test
    @DisplayName("A port of a stranger is held.")
    void portOfAStrangerIsHeld() throws Exception {
        Publication port = freshPort();
        fixture.stranger(freshName(), List.of(port));
        Made made = created(port);

        assertPortHeld(faultOf(() -> runtime.start(made.id())), port);
        assertNotRunning(made);
    }

    @Test
    @DisplayName("A port on which a process of the host listens is held.")
    void portOfAProcessIsHeld() throws Exception {
        Publication port = freshPort();
        Made made = created(port);
        try (AutoCloseable listening = fixture.occupy(port.port())) {
            assertThat(listening).isNotNull();
            assertPortHeld(faultOf(() -> runtime.start(made.id())), port);
            assertNotRunning(made);
        }
    }

    @Test
    @DisplayName("Where one of several ports is held, none is published.")
    void oneHeldPortKeepsAllFromBeingPublished() throws Exception {
        Publication free = freshPort();
        Publication held = freshPort();
        started(held);
        Made made = created(free, held);

        assertPortHeld(faultOf(() -> runtime.start(made.id())), held);
        assertNotRunning(made);
        // Podman 4.3 opens the free one itself before it finds the other held, and lets go of it some seconds later.
        await("port " + free, () -> isStarted(free));
    }

    private boolean isStarted(Publication port) throws Exception {
        Made made = created(port);
        try {
            runtime.start(made.id());
            return true;
        } catch (Exception held) {
            assertPortHeld(runtime.classify(held), port);
            runtime.remove(made.id(), made.mark(), Removal.Mode.EVEN_IF_RUNNING);
            return false;
        }
    }

    @Test
    @DisplayName("An instance whose start failed on a port can be removed, and a new one has its name and the port.")
    void failedStartIsClearedAway() throws Exception {
        Publication port = freshPort();
        Made first = started(port);
        Made second = created(port);
        faultOf(() -> runtime.start(second.id()));
        assertThat(runtime.remove(second.id(), second.mark(), Removal.Mode.EVEN_IF_RUNNING))
                .isInstanceOf(Removal.Removed.class);
        runtime.stop(first.id());

        String third = runtime.create(deployment(fixture.running(), second.name(), freshMark(), port));
        runtime.start(third);

        await("port " + port, () -> listed(third).published().stream().anyMatch(open -> open.serves(port)));
    }

    @Test
    @DisplayName("Of any number of starts on one port at once, one succeeds.")
    void raceForOnePortHasExactlyOneWinner() throws Exception {
        Publication port = freshPort();
        int racers = 4;
        List<ContainerRuntime<S>> all = clients(racers);
        List<Made> made = new ArrayList<>();
        for (int i = 0; i < racers; i++) {
            made.add(created(port));
        }
        Race.of(racers)
                .rounds(1)
                .<Boolean>run(
                        (round, racer, random) -> {
                            ContainerRuntime<S> own = all.get(racer);
                            try {
                                own.start(made.get(racer).id());
                                return true;
                            } catch (Exception lost) {
                                assertThat(own.classify(lost)).isInstanceOf(Fault.PortHeld.class);
                                return false;
                            }
                        },
                        (round, results) ->
                                assertThat(results).filteredOn(won -> won).hasSize(1));
    }

    @Test
    @DisplayName("TCP and UDP are different resources.")
    void udpAndTcpDoNotMeet() throws Exception {
        Publication tcp = freshPort();
        Publication udp = Publication.udp(tcp.port(), tcp.inner());
        Made first = started(tcp);
        Made second = started(udp);

        assertThat(seen(first).published()).anyMatch(open -> open.serves(tcp)).noneMatch(open -> open.serves(udp));
        assertThat(seen(second).published()).anyMatch(open -> open.serves(udp)).noneMatch(open -> open.serves(tcp));
    }

    private static void assertPortHeld(Fault fault, Publication port) {
        assertThat(fault).isInstanceOf(Fault.PortHeld.class);
        assertThat(((Fault.PortHeld) fault).ports()).isSubsetOf(port.port());
    }

    private void assertNotRunning(Made made) throws Exception {
        assertThat(seen(made).state().isLiving()).isFalse();
        assertThat(seen(made).published()).isEmpty();
    }
}
