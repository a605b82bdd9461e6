package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Creating. */
abstract class CreatingLaws<S> extends RuntimeLaws<S> {
    CreatingLaws(ContainerRuntimeContract<S> contract) {
        super(contract);
    }

    @Test
    @DisplayName("What was created is there, and does not run.")
    void createdIsNotStarted() throws Exception {
        Made made = created();

        assertThat(seen(made).state()).isEqualTo(InstanceState.CREATED);
    }

    @Test
    @DisplayName("What was created has the name, the mark and the labels that were asked for.")
    void createdIsWhatWasAskedFor() throws Exception {
        Made made = created();

        Instance seen = seen(made);
        assertThat(seen.id()).isEqualTo(made.id());
        assertThat(seen.names()).contains(made.name());
        assertThat(seen.mark()).contains(made.mark());
        assertThat(seen.labels())
                .containsAllEntriesOf(LABELS)
                .containsAllEntriesOf(made.mark().labels());
    }

    @Test
    @DisplayName("A created instance knows the ports that it will open, and has opened none.")
    void createdKnowsItsPortsAndOpensNone() throws Exception {
        Publication port = freshPort();
        Made made = created(port);

        assertThat(seen(made).configured()).anyMatch(configured -> configured.serves(port));
        assertThat(seen(made).published()).isEmpty();
    }

    @Test
    @DisplayName("An instance without a name of ours gets one from the runtime, or none.")
    void nameMayBeLeftToTheRuntime() throws Exception {
        Mark mark = freshMark();
        String id = runtime.create(new Deployment<>(fixture.running(), Optional.empty(), List.of(), mark, LABELS));

        assertThat(listed(id).mark()).contains(mark);
    }

    @Test
    @DisplayName("If the name is taken, nothing is created, and the holder is named.")
    void takenNameCreatesNothingAndNamesTheHolder() throws Exception {
        Made first = created();
        Mark other = freshMark();

        Fault fault = faultOf(() -> runtime.create(deployment(fixture.running(), first.name(), other)));

        assertThat(fault).isInstanceOf(Fault.NameHeld.class);
        assertHolder(fault, first.id());
        assertThat(mine(runtime)).extracting(Instance::id).containsExactly(first.id());
        assertThat(seen(first).mark()).contains(first.mark());
    }

    @Test
    @DisplayName("A stranger's name is taken as well as one of ours.")
    void strangersNameIsTaken() throws Exception {
        String name = freshName();
        String stranger = fixture.stranger(name, List.of());

        Fault fault = faultOf(() -> runtime.create(deployment(fixture.running(), name, freshMark())));

        assertThat(fault).isInstanceOf(Fault.NameHeld.class);
        assertHolder(fault, stranger);
        assertThat(mine(runtime)).isEmpty();
    }

    private void assertHolder(Fault fault, String id) {
        Optional<String> holder = ((Fault.NameHeld) fault).holder();
        assertThat(holder.isPresent() || !fixture.namesHolders())
                .as("the holder is named: " + fault)
                .isTrue();
        holder.ifPresent(named -> assertThat(named).isEqualTo(id));
    }

    @Test
    @DisplayName("A stopped instance keeps its name.")
    void stoppedInstanceKeepsItsName() throws Exception {
        Made first = started();
        runtime.stop(first.id());

        assertThat(faultOf(() -> runtime.create(deployment(fixture.running(), first.name(), freshMark()))))
                .isInstanceOf(Fault.NameHeld.class);
    }

    @Test
    @DisplayName("Of any number of callers that want one name at once, one gets it, and the others are told so.")
    void raceForOneNameHasExactlyOneWinner() throws Exception {
        int racers = 6;
        List<ContainerRuntime<S>> all = clients(racers);
        List<String> names =
                Stream.generate(this::freshName).limit(fixture.rounds()).toList();
        Race.of(racers)
                .rounds(fixture.rounds())
                .<Optional<String>>run(
                        (round, racer, random) -> {
                            ContainerRuntime<S> own = all.get(racer);
                            try {
                                return Optional.of(
                                        own.create(deployment(fixture.running(), names.get(round), freshMark())));
                            } catch (Exception lost) {
                                assertThat(own.classify(lost)).isInstanceOf(Fault.NameHeld.class);
                                return Optional.empty();
                            }
                        },
                        (round, results) -> assertThat(results)
                                .filteredOn(Optional::isPresent)
                                .hasSize(1));
        assertThat(mine(runtime)).hasSize(fixture.rounds());
    }

    @Test
    @DisplayName("An instance carries mark and labels at its first sight: there is no instant at which it is without.")
    void markIsThereAtFirstSight() throws Exception {
        ContainerRuntime<S> watcher = anotherClient();
        Set<String> made = new HashSet<>();
        var done = new AtomicBoolean();
        Race.of(2)
                .rounds(1)
                .<Boolean>run(
                        (round, racer, random) -> {
                            if (racer == 0) {
                                makeSome(made, done);
                                return true;
                            }
                            boolean last;
                            do {
                                last = done.get();
                                watcher.inventory().instances().forEach(this::assertMarked);
                            } while (!last);
                            return true;
                        },
                        (round, results) -> assertThat(results).hasSize(2));
        assertThat(mine(watcher)).extracting(Instance::id).containsAll(made);
    }

    private void makeSome(Set<String> made, AtomicBoolean done) throws Exception {
        try {
            for (int i = 0; i < fixture.rounds(); i++) {
                made.add(created().id());
            }
        } finally {
            done.set(true);
        }
    }

    private void assertMarked(Instance seen) {
        if (seen.names().stream().anyMatch(this::isMine)) {
            assertThat(seen.mark()).as("mark of " + seen).isPresent();
            assertThat(seen.labels()).containsAllEntriesOf(LABELS);
        }
    }

    @Test
    @DisplayName("What the runtime refuses is rejected, and leaves nothing behind.")
    void rejectedSpecificationCreatesNothing() throws Exception {
        String name = freshName();

        Fault fault = faultOf(() -> runtime.create(deployment(fixture.rejected(), name, freshMark())));

        assertThat(fault).isInstanceOf(Fault.Rejected.class);
        assertThat(mine(runtime)).isEmpty();
        runtime.create(deployment(fixture.running(), name, freshMark()));
    }

    @Test
    @DisplayName("Two instances that had one name one after the other are told apart, by id or by mark.")
    void successorIsAnother() throws Exception {
        Made first = created();
        assertThat(runtime.remove(first.id(), first.mark(), Removal.Mode.IF_STOPPED))
                .isInstanceOf(Removal.Removed.class);
        Mark mark = freshMark();
        String second = runtime.create(deployment(fixture.running(), first.name(), mark));

        boolean isFirst = look(first).seen().flatMap(Instance::mark).equals(Optional.of(first.mark()));
        assertThat(isFirst).isFalse();
        assertThat(listed(second).mark()).contains(mark);
    }
}
