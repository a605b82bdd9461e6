package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.testkit.proxmox.FakeGuest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What keeps a guest from being removed, and what a removal takes beside it. */
class KeptGuestsTest {
    /** What a guest can have that keeps it. */
    enum Keeper {
        LOCK,
        PROTECTION,
        TEMPLATE,
        HA,
        ANOTHERS_TAGS;

        FakeGuest keep(FakeGuest guest) {
            return switch (this) {
                case LOCK -> guest.locked("backup");
                case PROTECTION -> guest.protectedFromRemoval();
                case TEMPLATE -> guest.template();
                case HA -> guest.highlyAvailable();
                case ANOTHERS_TAGS -> guest.tagged("somebody");
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void guestThatIsKeptIsNotAskedFor(Keeper keeper) throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            String id = site.create(103, mark);
            assertThat(keeper.keep(site.lab.guest(103)).exists()).isTrue();

            assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Kept.class);
            assertThat(site.asked("DELETE", "/103")).isZero();
        }
    }

    /** Where a guest's node does not say what it does, nor whether HA looks after it, nothing is asked of it. */
    @Test
    void guestWhoseStateIsNotToldIsNeitherStoppedNorDestroyed() throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            String id = site.create(103, mark);
            site.runtime.start(id);
            site.lab.guest(103).highlyAvailable();
            site.lab.every("GET", "/nodes/pve1/lxc/103/status/current").is(596, "Connection timed out");
            site.lab.forgetRequests();

            assertThat(site.runtime.remove(id, mark, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Kept.class);
            assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Unknown.class);
            assertThat(site.lab.requests()).allMatch(seen -> seen.method().equals("GET"));
        }
    }

    /** The tags are written with the digest that was seen; who has changed the guest since is noticed. */
    @Test
    void guestThatChangedSinceItWasSeenIsLookedAtAgain() throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            String id = site.create(103, mark);
            site.lab.forgetRequests();
            site.lab.next("PUT", "/nodes/pve1/lxc/103/config").is(500, "detected modified configuration");

            assertThat(site.runtime.remove(id, mark, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Removed.class);
            assertThat(site.lab.requests())
                    .filteredOn(seen -> seen.method().equals("PUT"))
                    .isNotEmpty()
                    .allSatisfy(seen -> assertThat(seen.parameters()).containsKey("digest"));
        }
    }

    @Test
    void nothingElseIsDestroyedUnlessAskedFor() throws Exception {
        try (var site = new Site();
                var thorough = Labs.to(site.lab)
                        .whenDestroying(DestroyOption.PURGE, DestroyOption.UNREFERENCED_DISKS)
                        .build()) {
            Mark one = site.mark();
            Mark other = site.mark();
            site.create(103, one);
            site.create(104, other);
            site.runtime.remove("lxc/103", one, Removal.Mode.EVEN_IF_RUNNING);
            thorough.remove("lxc/104", other, Removal.Mode.EVEN_IF_RUNNING);

            assertThat(site.lab.requests())
                    .filteredOn(seen ->
                            seen.method().equals("DELETE") && seen.path().endsWith("/103"))
                    .singleElement()
                    .satisfies(seen -> assertThat(seen.parameters()).isEmpty());
            assertThat(site.lab.requests())
                    .filteredOn(seen ->
                            seen.method().equals("DELETE") && seen.path().endsWith("/104"))
                    .singleElement()
                    .satisfies(seen ->
                            assertThat(seen.parameters()).containsOnlyKeys("purge", "destroy-unreferenced-disks"));
        }
    }

    /** The API knows the option for containers alone. */
    @Test
    void forceIsAskedForByNameAndOfContainersAlone() throws Exception {
        try (var site = new Site();
                var rough =
                        Labs.to(site.lab).whenDestroying(DestroyOption.FORCE).build()) {
            Mark one = site.mark();
            Mark other = site.mark();
            site.create(103, one);
            rough.create(new Deployment<>(
                    GuestSpec.machine("pve1").with("memory", "64"), Optional.of("104"), List.of(), other, Map.of()));
            Mark third = site.mark();
            site.create(105, third);
            assertThat(rough.remove("lxc/103", one, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Removed.class);
            assertThat(rough.remove("qemu/104", other, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Removed.class);
            // One that is started in between must not be stopped and destroyed where only what is stopped may go.
            assertThat(rough.remove("lxc/105", third, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Removed.class);

            assertThat(site.lab.requests())
                    .filteredOn(seen -> seen.method().equals("DELETE"))
                    .extracting(seen -> seen.parameters().keySet())
                    .containsExactly(java.util.Set.of("force"), java.util.Set.of(), java.util.Set.of());
        }
    }

    /** Somebody edits the tags while it is to be removed: what is there is not gone, and is not ours any more. */
    @Test
    void whoseTagsAreEditedMeanwhileIsKept() throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            String id = site.create(103, mark);
            site.lab.forgetRequests();
            site.lab.next("PUT", "/nodes/pve1/lxc/103/config").comesAfter(Duration.ofSeconds(2));
            CompletableFuture<Removal> removal = CompletableFuture.supplyAsync(() -> {
                try {
                    return site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING);
                } catch (Exception failed) {
                    throw new AssertionError(failed);
                }
            });
            // It has seen whose it is, and what it does; its change of the tags is on its way.
            Site.await("the look before the removal", () -> site.asked("GET", "/status/current") > 0);
            site.lab.guest(103).tagged("somebody");

            assertThat(removal.get()).isInstanceOf(Removal.Kept.class);
            assertThat(site.lab.guest(103).exists()).isTrue();
            assertThat(site.asked("DELETE", "/lxc")).isZero();
        }
    }

    /** An id that is used again: a late removal, by the mark of what was there before, spares what is there now. */
    @Test
    void reusedIdIsSpared() throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            String id = site.create(103, mark);
            site.lab.guest(103).vanishes();
            site.lab.addContainer(103, "pve2").running();

            assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Kept.class);
            assertThat(site.lab.guest(103).isRunning()).isTrue();
        }
    }

    @Test
    void guestThatHasMovedIsFoundAndRemoved() throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            String id = site.create(103, mark);
            site.runtime.start(id);
            site.lab.guest(103).migratesTo("pve3");

            assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Removed.class);
        }
    }
}
