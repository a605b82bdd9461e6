package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Fault;
import dev.berth.runtime.Health;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Removal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Start, stop and health. */
abstract class RunningLaws<S> extends RuntimeLaws<S> {
    RunningLaws(ContainerRuntimeContract<S> contract) {
        super(contract);
    }

    @Test
    @DisplayName("A started instance runs, and keeps its id, name and mark.")
    void startedInstanceRuns() throws Exception {
        Made made = started();

        Instance seen = seen(made);
        assertThat(seen.id()).isEqualTo(made.id());
        assertThat(seen.names()).contains(made.name());
        assertThat(seen.mark()).contains(made.mark());
    }

    @Test
    @DisplayName("To start one that runs changes nothing, and is no error.")
    void startingTwiceIsStartingOnce() throws Exception {
        Made made = started();

        runtime.start(made.id());

        assertThat(seen(made).state()).isEqualTo(InstanceState.RUNNING);
    }

    @Test
    @DisplayName("A stopped instance is there, and does not run.")
    void stoppedInstanceIsKept() throws Exception {
        Made made = started();

        runtime.stop(made.id());

        assertThat(seen(made).state()).isEqualTo(InstanceState.STOPPED);
        assertThat(seen(made).mark()).contains(made.mark());
    }

    @Test
    @DisplayName("To stop one that does not run changes nothing, and is no error.")
    void stoppingTwiceIsStoppingOnce() throws Exception {
        Made made = started();
        runtime.stop(made.id());

        runtime.stop(made.id());

        assertThat(seen(made).state()).isEqualTo(InstanceState.STOPPED);
    }

    @Test
    @DisplayName("To stop one that never ran does not remove it, and is no error.")
    void stoppingOneThatNeverRanIsNoError() throws Exception {
        Made made = created();

        runtime.stop(made.id());

        assertThat(seen(made).state().isLiving()).isFalse();
    }

    @Test
    @DisplayName("A stopped instance can be started again.")
    void stoppedInstanceStartsAgain() throws Exception {
        Made made = started();
        runtime.stop(made.id());

        runtime.start(made.id());

        awaitState(made, InstanceState.RUNNING);
    }

    @Test
    @DisplayName("Since when an instance is in its state, where the runtime tells it, moves on with each state.")
    void timesOfStatesMoveOn() throws Exception {
        Made made = created();
        List<Instant> times = new ArrayList<>();
        seen(made).createdAt().ifPresent(times::add);
        note(made, times);
        for (int i = 0; i < 2; i++) {
            runtime.start(made.id());
            awaitState(made, InstanceState.RUNNING);
            note(made, times);
            runtime.stop(made.id());
            note(made, times);
        }

        assertThat(times).isSorted();
    }

    /** A listing may not tell, or not so finely. */
    private void note(Made made, List<Instant> times) throws Exception {
        Optional<Instant> since = seen(made).stateSince();
        since.ifPresent(times::add);
        listed(made.id())
                .stateSince()
                .ifPresent(told -> assertThat(told.getEpochSecond())
                        .isEqualTo(since.orElseThrow().getEpochSecond()));
    }

    @Test
    @DisplayName("An instance that ends by itself is there, stopped, and nothing that could be handed out.")
    void instanceThatEndsIsStoppedAndKept() throws Exception {
        Made made = created(fixture.exiting());
        runtime.start(made.id());

        awaitState(made, InstanceState.STOPPED);
        assertThat(seen(made).mark()).contains(made.mark());
        assertThat(runtime.health(made.id()).isGood()).isFalse();
    }

    @Test
    @DisplayName("An instance that runs gets healthy, or has no check.")
    void runningInstanceIsWell() throws Exception {
        Made made = started();

        await(made.name() + " to be healthy", () -> runtime.health(made.id()).verdict() != Health.Verdict.STARTING);
        assertThat(runtime.health(made.id()).isGood()).isTrue();
    }

    @Test
    @DisplayName("To start or stop one that is not there is a missing instance.")
    void removedInstanceIsMissing() throws Exception {
        Made made = created();
        assertThat(runtime.remove(made.id(), made.mark(), Removal.Mode.IF_STOPPED))
                .isInstanceOf(Removal.Removed.class);

        assertThat(faultOf(() -> runtime.start(made.id()))).isInstanceOf(Fault.Missing.class);
        assertThat(faultOf(() -> runtime.stop(made.id()))).isInstanceOf(Fault.Missing.class);
        assertThat(mine(runtime)).isEmpty();
    }

    @Test
    @DisplayName("Start, stop and health go by the full id: a name is none.")
    void nameIsNoIdForStartStopAndHealth() throws Exception {
        Made made = created();
        Made running = started();

        assertThat(faultOf(() -> runtime.start(made.name()))).isNotNull();
        assertThat(faultOf(() -> runtime.stop(running.name()))).isNotNull();
        assertThat(faultOf(() -> runtime.health(running.name()))).isNotNull();
        assertThat(seen(made).state()).isEqualTo(InstanceState.CREATED);
        assertThat(seen(running).state()).isEqualTo(InstanceState.RUNNING);
    }
}
