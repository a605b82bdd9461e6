package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Hint;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.runtime.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Watching and closing. */
abstract class ClientLaws<S> extends RuntimeLaws<S> {
    ClientLaws(ContainerRuntimeContract<S> contract) {
        super(contract);
    }

    @Test
    @DisplayName("Hints come or do not; those that come name an instance by its full id, or none.")
    void hintsNameFullIds() throws Exception {
        List<Hint> heard = new ArrayList<>();
        Set<String> known;
        try (Watch watch = runtime.watch(hint -> add(heard, hint))) {
            assertThat(watch).isNotNull();
            Made made = started();
            runtime.stop(made.id());
            runtime.remove(made.id(), made.mark(), Removal.Mode.EVEN_IF_RUNNING);
            known = runtime.inventory().instances().stream()
                    .map(one -> one.id())
                    .collect(Collectors.toSet());
            known.add(made.id());
        }
        synchronized (heard) {
            // Others use the engine, too, so a hint may name what is not listed; but never the beginning of a listed
            // id.
            assertThat(heard)
                    .allMatch(hint ->
                            hint.instance().isEmpty() || known.stream().noneMatch(id -> isPart(id, hint.instance())));
        }
    }

    private static void add(List<Hint> heard, Hint hint) {
        synchronized (heard) {
            heard.add(hint);
        }
    }

    /** A longer text's beginning; ids that are short numbers may well begin with one another. */
    private static boolean isPart(String id, String told) {
        return id.length() > 12 && id.length() > told.length() && id.startsWith(told);
    }

    @Test
    @DisplayName("A listener that throws keeps no call from its answer.")
    void listenerHarmsNoCall() throws Exception {
        try (Watch watch = runtime.watch(hint -> {
            throw new IllegalStateException("told to");
        })) {
            assertThat(watch).isNotNull();
            Made made = started();
            assertThat(seen(made).state()).isEqualTo(InstanceState.RUNNING);
            runtime.stop(made.id());
            assertThat(runtime.remove(made.id(), made.mark(), Removal.Mode.IF_STOPPED))
                    .isInstanceOf(Removal.Removed.class);
        }
    }

    @Test
    @DisplayName("After a watch is closed no hint comes, and closing it again is no error.")
    void closedWatchHearsNothing() throws Exception {
        var heard = new AtomicInteger();
        Watch watch = runtime.watch(hint -> heard.incrementAndGet());
        created();
        watch.close();
        int before = heard.get();
        watch.close();

        Made made = started();
        runtime.remove(made.id(), made.mark(), Removal.Mode.EVEN_IF_RUNNING);

        assertThat(heard.get()).isEqualTo(before);
    }

    @Test
    @DisplayName("A watch that is closed leaves the others alone.")
    void watchesAreApart() throws Exception {
        runtime.watch(hint -> {}).close();
        try (Watch watch = runtime.watch(hint -> {})) {
            assertThat(watch).isNotNull();
            runtime.watch(hint -> {}).close();
            assertThat(look(created())).isInstanceOf(Sighting.Present.class);
        }
    }

    @Test
    @DisplayName("To close a client again is no error.")
    void closingIsSafeToRepeat() throws Exception {
        ContainerRuntime<S> other = fixture.another();
        assertThat(other.inventory().scope()).isEqualTo(runtime.scope());

        other.close();
        other.close();
    }

    @Test
    @DisplayName("A closed client reaches nothing: its calls fail.")
    void closedClientReachesNothing() throws Exception {
        Made made = created();
        ContainerRuntime<S> other = fixture.another();
        other.close();

        assertThat(faultOf(other::fingerprint)).isNotNull();
        assertThat(faultOf(other::inventory)).isNotNull();
        assertThat(faultOf(() -> other.create(deployment(fixture.running(), freshName(), freshMark()))))
                .isNotNull();
        assertThat(faultOf(() -> other.start(made.id()))).isNotNull();
        assertThat(faultOf(() -> other.stop(made.id()))).isNotNull();
        assertThat(seen(made).state()).isEqualTo(InstanceState.CREATED);
        assertThat(mine(runtime)).hasSize(1);
    }

    @Test
    @DisplayName("To close a client ends no instance and no other client.")
    void closingEndsNothingElse() throws Exception {
        ContainerRuntime<S> other = fixture.another();
        var mark = freshMark();
        String id = other.create(deployment(fixture.running(), freshName(), mark));
        other.start(id);
        await("it to run", () -> listed(id).state() == InstanceState.RUNNING);
        other.close();

        assertThat(listed(id).state()).isEqualTo(InstanceState.RUNNING);
        assertThat(runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING)).isInstanceOf(Removal.Removed.class);
    }

    @Test
    @DisplayName("Closing a client ends its watches.")
    void closingEndsItsWatches() throws Exception {
        var heard = new AtomicInteger();
        ContainerRuntime<S> other = fixture.another();
        other.watch(hint -> heard.incrementAndGet());
        other.close();
        int before = heard.get();

        started();

        assertThat(heard.get()).isEqualTo(before);
    }
}
