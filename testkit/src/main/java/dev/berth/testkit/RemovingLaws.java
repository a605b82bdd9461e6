package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.berth.ledger.Owner;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Removing. */
abstract class RemovingLaws<S> extends RuntimeLaws<S> {
    RemovingLaws(ContainerRuntimeContract<S> contract) {
        super(contract);
    }

    private Removal remove(Made made, Mark mark, Removal.Mode mode) throws Exception {
        return runtime.remove(made.id(), mark, mode);
    }

    private void assertRemoved(Made made, Removal.Mode mode) throws Exception {
        assertThat(remove(made, made.mark(), mode)).isInstanceOf(Removal.Removed.class);
        assertThat(look(made)).isInstanceOf(Sighting.Absent.class);
    }

    @Test
    @DisplayName("What carries the mark and does not run is removed.")
    void instanceThatDoesNotRunIsRemoved() throws Exception {
        assertRemoved(created(), Removal.Mode.IF_STOPPED);
        Made stopped = started();
        runtime.stop(stopped.id());

        assertRemoved(stopped, Removal.Mode.IF_STOPPED);
    }

    @Test
    @DisplayName("What carries the mark and runs is removed where that is asked for.")
    void runningInstanceIsRemovedWhereAskedFor() throws Exception {
        assertRemoved(started(), Removal.Mode.EVEN_IF_RUNNING);
    }

    @Test
    @DisplayName("What runs is kept, running, where only a stopped one was to be removed.")
    void runningInstanceIsKeptWhereAskedFor() throws Exception {
        Made made = started();

        assertThat(remove(made, made.mark(), Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Kept.class);
        assertThat(seen(made).state()).isEqualTo(InstanceState.RUNNING);
    }

    @Test
    @DisplayName("What carries the mark of another attempt is kept.")
    void anotherNonceIsKept() throws Exception {
        Made made = created();
        Mark mark = made.mark();

        assertKept(made, new Mark(mark.ledger(), mark.claim(), mark.nonce() + "x", mark.owner()));
    }

    @Test
    @DisplayName("What carries the mark of another claim is kept.")
    void anotherClaimIsKept() throws Exception {
        Made made = created();
        Mark mark = made.mark();

        assertKept(made, new Mark(mark.ledger(), UUID.randomUUID(), mark.nonce(), mark.owner()));
    }

    @Test
    @DisplayName("What carries the mark of another ledger is kept.")
    void anotherLedgerIsKept() throws Exception {
        Made made = created();
        Mark mark = made.mark();

        assertKept(made, new Mark(UUID.randomUUID(), mark.claim(), mark.nonce(), mark.owner()));
    }

    @Test
    @DisplayName("What carries the mark of another tenant or owner is kept.")
    void anotherOwnerIsKept() throws Exception {
        Made made = created();
        Mark mark = made.mark();

        assertKept(made, new Mark(mark.ledger(), mark.claim(), mark.nonce(), Owner.of("shop", "anna")));
        assertKept(made, new Mark(mark.ledger(), mark.claim(), mark.nonce(), Owner.of("lab", "bert")));
    }

    private void assertKept(Made made, Mark mark) throws Exception {
        for (Removal.Mode mode : Removal.Mode.values()) {
            assertThat(remove(made, mark, mode)).isInstanceOf(Removal.Kept.class);
            assertThat(seen(made).mark()).contains(made.mark());
        }
    }

    @Test
    @DisplayName("What carries no mark survives every removal, running.")
    void strangerSurvivesEveryMark() throws Exception {
        String stranger = fixture.stranger(freshName(), List.of());

        for (Removal.Mode mode : Removal.Mode.values()) {
            assertThat(runtime.remove(stranger, freshMark(), mode)).isInstanceOf(Removal.Kept.class);
            assertThat(listed(stranger).state()).isEqualTo(InstanceState.RUNNING);
        }
    }

    @Test
    @DisplayName("What is guarded is kept though it carries the mark.")
    void guardedInstanceIsKept() throws Exception {
        Made made = created();
        Optional<AutoCloseable> guard = fixture.guard(made.id());
        if (guard.isPresent()) {
            try (AutoCloseable lifted = guard.orElseThrow()) {
                assertThat(lifted).isNotNull();
                assertGuarded(made);
            }
            assertRemoved(made, Removal.Mode.IF_STOPPED);
            return;
        }
        String name = freshName();
        Mark mark = freshMark();
        Optional<String> guarded = fixture.guarded(name, mark);
        if (guarded.isEmpty()) {
            abort("skipped: this runtime has no guards");
        }
        assertGuarded(new Made(guarded.orElseThrow(), name, mark));
    }

    private void assertGuarded(Made made) throws Exception {
        assertThat(seen(made).guard()).isPresent();
        assertThat(listed(made.id()).guard()).isPresent();
        assertKept(made, made.mark());
    }

    @Test
    @DisplayName("A removal that is repeated finds nothing, and is no error.")
    void removalIsSafeToRepeat() throws Exception {
        Made made = created();
        assertRemoved(made, Removal.Mode.EVEN_IF_RUNNING);

        for (Removal.Mode mode : Removal.Mode.values()) {
            assertThat(remove(made, made.mark(), mode)).isInstanceOf(Removal.WasAbsent.class);
        }
    }

    @Test
    @DisplayName("When several remove one instance at once, none fails, and each returns when it is gone.")
    void removalIsSafeWhenSeveralDoItAtOnce() throws Exception {
        int racers = 4;
        List<ContainerRuntime<S>> all = clients(racers);
        for (int i = 0; i < fixture.rounds(); i++) {
            Made made = i % 2 == 0 ? created() : started();
            Race.of(racers)
                    .rounds(1)
                    .<Boolean>run(
                            (round, racer, random) -> {
                                ContainerRuntime<S> own = all.get(racer);
                                assertThat(own.remove(made.id(), made.mark(), Removal.Mode.EVEN_IF_RUNNING)
                                                .isGone())
                                        .isTrue();
                                assertThat(own.look(made.id())).isInstanceOf(Sighting.Absent.class);
                                return true;
                            },
                            (round, results) -> assertThat(results).hasSize(racers));
        }
    }

    @Test
    @DisplayName("Once it is removed, its name is free at once.")
    void nameIsFreeOnceItIsRemoved() throws Exception {
        String name = freshName();
        for (int i = 0; i < fixture.rounds(); i++) {
            Mark mark = freshMark();
            var made = new Made(runtime.create(deployment(fixture.running(), name, mark)), name, mark);
            runtime.start(made.id());
            assertRemoved(made, Removal.Mode.EVEN_IF_RUNNING);
        }
    }

    @Test
    @DisplayName("A late removal, by the mark of what was there before, leaves its successor alone.")
    void lateRemovalLeavesTheSuccessorAlone() throws Exception {
        Made first = created();
        assertRemoved(first, Removal.Mode.IF_STOPPED);
        Mark mark = freshMark();
        String second = runtime.create(deployment(fixture.running(), first.name(), mark));

        for (Removal.Mode mode : Removal.Mode.values()) {
            assertThat(remove(first, first.mark(), mode)).isNotInstanceOf(Removal.Removed.class);
        }
        assertThat(listed(second).mark()).contains(mark);
    }

    @Test
    @DisplayName("A removal goes by the full id: a name or the beginning of an id removes nothing.")
    void removalGoesByTheFullId() throws Exception {
        Made made = created();
        String id = made.id();

        for (String wrong : List.of(made.name(), id.substring(0, id.length() - 1))) {
            assertThat(runtime.remove(wrong, made.mark(), Removal.Mode.EVEN_IF_RUNNING))
                    .isNotInstanceOf(Removal.Removed.class);
            seen(made);
        }
    }

    @Test
    @DisplayName("A removal takes one instance, even where another carries the same mark.")
    void removalTakesOneInstance() throws Exception {
        Made first = created();
        String second = runtime.create(deployment(fixture.running(), freshName(), first.mark()));

        assertRemoved(first, Removal.Mode.EVEN_IF_RUNNING);

        assertThat(runtime.look(second)).isInstanceOf(Sighting.Present.class);
    }
}
