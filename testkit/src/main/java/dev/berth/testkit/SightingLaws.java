package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Looks, listings and fingerprints. */
abstract class SightingLaws<S> extends RuntimeLaws<S> {
    SightingLaws(ContainerRuntimeContract<S> contract) {
        super(contract);
    }

    @Test
    @DisplayName("A listing has instances of every state, each in its own, with its mark.")
    void listingHasInstancesOfEveryState() throws Exception {
        Made created = created();
        Made running = started();
        Made stopped = started();
        runtime.stop(stopped.id());

        assertThat(listed(created.id()).state()).isEqualTo(InstanceState.CREATED);
        assertThat(listed(running.id()).state()).isEqualTo(InstanceState.RUNNING);
        assertThat(listed(stopped.id()).state()).isEqualTo(InstanceState.STOPPED);
        assertThat(listed(stopped.id()).mark()).contains(stopped.mark());
    }

    @Test
    @DisplayName("A listing has strangers, which carry no mark.")
    void listingHasStrangers() throws Exception {
        String name = freshName();
        String id = fixture.stranger(name, List.of());

        Instance seen = listed(id);
        assertThat(seen.mark()).isEmpty();
        assertThat(seen.names()).contains(name);
        assertThat(runtime.look(id)).isInstanceOf(Sighting.Present.class);
    }

    @Test
    @DisplayName("Look and listing tell the same of one instance.")
    void lookAndListingAgree() throws Exception {
        Made made = started();

        Instance listed = listed(made.id());
        Instance seen = seen(made);
        assertThat(listed.id()).isEqualTo(seen.id());
        assertThat(listed.names()).isEqualTo(seen.names());
        assertThat(listed.state()).isEqualTo(seen.state());
        assertThat(listed.labels()).isEqualTo(seen.labels());
        assertThat(listed.mark()).isEqualTo(seen.mark());
        assertThat(listed.guard()).isEqualTo(seen.guard());
    }

    @Test
    @DisplayName("A listing is of the runtime's scope, which never changes.")
    void scopeIsConstant() throws Exception {
        created();

        assertThat(runtime.inventory().scope()).isEqualTo(runtime.scope());
        assertThat(runtime.scope())
                .isEqualTo(runtime.scope())
                .isEqualTo(anotherClient().scope());
    }

    @Test
    @DisplayName("What one client did, another sees at once.")
    void clientsSeeTheSame() throws Exception {
        ContainerRuntime<S> other = anotherClient();
        for (int i = 0; i < fixture.rounds(); i++) {
            Made made = created();
            assertThat(other.look(made.id())).isInstanceOf(Sighting.Present.class);
            assertThat(other.inventory().instances()).extracting(Instance::id).contains(made.id());
            runtime.remove(made.id(), made.mark(), Removal.Mode.EVEN_IF_RUNNING);
            assertThat(other.look(made.id())).isInstanceOf(Sighting.Absent.class);
            assertThat(other.inventory().instances()).extracting(Instance::id).doesNotContain(made.id());
        }
    }

    @Test
    @DisplayName("An instance that stays is in every complete listing, whatever comes and goes meanwhile.")
    void instanceThatStaysIsInEveryCompleteListing() throws Exception {
        Made stays = created();
        List<ContainerRuntime<S>> all = clients(3);
        Race.of(3)
                .rounds(fixture.rounds())
                .<Boolean>run(
                        (round, racer, random) -> {
                            if (racer > 0) {
                                return comeAndGo(all.get(racer));
                            }
                            Inventory listing = runtime.inventory();
                            assertThat(listing.sight(stays.id())).isNotInstanceOf(Sighting.Absent.class);
                            return true;
                        },
                        (round, results) -> assertThat(results).hasSize(3));
    }

    private boolean comeAndGo(ContainerRuntime<S> own) throws Exception {
        var mark = freshMark();
        String id = own.create(deployment(fixture.running(), freshName(), mark));
        return own.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING).isGone();
    }

    @Test
    @DisplayName("A look by a name finds nothing, and does not say that something is there.")
    void lookByNameIsNoMatch() throws Exception {
        Made made = created();

        assertThat(runtime.look(made.name())).isNotInstanceOf(Sighting.Present.class);
    }

    @Test
    @DisplayName("A look by the beginning of an id, or by more than the id, is no match.")
    void lookByPartOfAnIdIsNoMatch() throws Exception {
        Made made = created();
        String id = made.id();

        for (String wrong : List.of(id.substring(0, id.length() - 1), id.substring(0, 1), id + "0")) {
            // A short id that is used again may well be another instance's; it is not this one.
            assertThat(runtime.look(wrong).seen().flatMap(Instance::mark))
                    .isNotEqualTo(seen(made).mark());
        }
    }

    @Test
    @DisplayName("What was removed is absent.")
    void removedIsAbsent() throws Exception {
        Made made = created();
        seen(made);
        runtime.remove(made.id(), made.mark(), Removal.Mode.EVEN_IF_RUNNING);

        assertThat(look(made)).isInstanceOf(Sighting.Absent.class);
        assertThat(runtime.inventory().sight(made.id())).isNotInstanceOf(Sighting.Present.class);
    }

    @Test
    @DisplayName("The fingerprint stays the same, for every client, whatever the instances do.")
    void fingerprintIsStable() throws Exception {
        Fingerprint before = runtime.fingerprint();
        Made made = started();
        assertThat(runtime.fingerprint()).isEqualTo(before);
        runtime.remove(made.id(), made.mark(), Removal.Mode.EVEN_IF_RUNNING);

        assertThat(runtime.fingerprint()).isEqualTo(before);
        assertThat(anotherClient().fingerprint()).isEqualTo(before);
    }
}
