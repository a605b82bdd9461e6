package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The one request that cannot be taken back: when it is sent, how often, and what is said of it. */
class DestroyingTest {
    private final Site site = new Site();
    private final Mark mark = site.mark();

    @AfterEach
    void close() {
        site.close();
    }

    private Removal remove(String id) {
        try {
            return site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private long destroyed() {
        return site.asked("DELETE", "/103");
    }

    // ------------------------------------------------------------------ without quorum

    /** A DELETE without quorum is accepted, deletes the disk, and fails: it is never sent. */
    @Test
    void nothingIsDestroyedWithoutQuorum() throws Exception {
        String id = site.create(103, mark);
        site.lab.losesQuorum();

        assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING).isGone())
                .isFalse();
        assertThat(site.asked("DELETE", "/103")).isZero();
        assertThat(site.asked("PUT", "/config")).isZero();
        assertThat(site.lab.guest(103).hasDisk()).isTrue();
        assertThat(site.fault(() -> site.create(104, site.mark())).mayHaveHappened())
                .isFalse();
    }

    /** Where it was lost just then, the guest's tags cannot be written, and so it is not destroyed. */
    @Test
    void quorumThatIsLostBeforeTheDestroyingRequestSparesTheGuest() throws Exception {
        String id = site.create(103, mark);
        site.lab.every("PUT", "/nodes/pve1/lxc/103/config").is(500, "Permission denied");

        assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING)).isInstanceOf(Removal.Unknown.class);
        assertThat(site.asked("DELETE", "/103")).isZero();
        assertThat(site.lab.guest(103).hasDisk()).isTrue();
    }

    /** Between the writing of the tags and the destroying request, too: that would delete the disk and then fail. */
    @Test
    void quorumThatIsLostAfterTheTagsAreWrittenSparesTheDisk() throws Exception {
        String id = site.create(103, mark);
        // Asked after the tags are written, and before the destroying request.
        site.lab.next("GET", "/nodes/pve1/tasks").comesAfter(Duration.ofMillis(300));
        CompletableFuture<Removal> removal = CompletableFuture.supplyAsync(() -> remove(id));
        Site.await("the tags to be written", () -> site.asked("GET", "/nodes/pve1/tasks") > 0);
        site.lab.losesQuorum();

        assertThat(removal.get()).isInstanceOf(Removal.Unknown.class);
        assertThat(site.asked("PUT", "/config")).isPositive();
        assertThat(destroyed()).isZero();
        assertThat(site.lab.guest(103).hasDisk()).isTrue();
    }

    /** A question before it has no answer, a while: nothing was sent yet, so it is sent once, when all is well again. */
    @Test
    void destroyingRequestThatWasNotSentYetIsSentOnce() throws Exception {
        String id = site.create(103, mark);
        site.lab.next("GET", "/nodes/pve1/tasks").neverArrives();
        site.lab.next("GET", "/cluster/status").isLost();

        assertThat(remove(id)).isInstanceOf(Removal.Removed.class);
        assertThat(destroyed()).isEqualTo(1);
    }

    // ------------------------------------------------------------------ without an answer

    /** It was carried out, and nobody said so: the guest itself tells. */
    @ParameterizedTest
    @ValueSource(strings = {"lost", "596", "torn"})
    void removalWithoutAnswerIsConfirmed(String how) throws Exception {
        String id = site.create(103, mark);
        var script = site.lab.next("DELETE", "/nodes/pve1/lxc/103");
        switch (how) {
            case "lost" -> script.isLost();
            case "596" -> script.isTimeoutThoughExecuted();
            default -> script.isTorn();
        }

        assertThat(remove(id)).isInstanceOf(Removal.Removed.class);
        assertThat(site.lab.guest(103).exists()).isFalse();
        assertThat(destroyed()).isEqualTo(1);
    }

    /** It may be carried out later, when another guest may have the number: there is never a second beside it. */
    @ParameterizedTest
    @ValueSource(strings = {"never", "596"})
    void destroyingRequestWithoutAnswerIsNotRepeated(String how) throws Exception {
        String id = site.create(103, mark);
        var script = site.lab.next("DELETE", "/nodes/pve1/lxc/103");
        if (how.equals("never")) {
            script.neverArrives();
        } else {
            script.is(596, "Connection timed out");
        }

        assertThat(remove(id))
                .isInstanceOfSatisfying(
                        Removal.Unknown.class,
                        unknown -> assertThat(unknown.reason())
                                .contains("lxc/103", "may be destroyed later", "tasks of its node"));
        // A second one would have been executed.
        assertThat(destroyed()).isZero();
        assertThat(site.lab.guest(103).exists()).isTrue();

        // A person has looked, and asks again.
        assertThat(remove(id)).isInstanceOf(Removal.Removed.class);
        assertThat(destroyed()).isEqualTo(1);
    }

    /** Its answer was lost and its task is at it for long: the task is found, and followed to its end. */
    @ParameterizedTest
    @ValueSource(strings = {"OK", "unable to remove: storage is offline", "unexpected status"})
    void taskOfALostRequestIsFoundAndFollowed(String exit) throws Exception {
        String id = site.create(103, mark);
        site.lab.tasksHang();
        site.lab.next("DELETE", "/nodes/pve1/lxc/103").isLost();
        if (!exit.equals("OK")) {
            site.lab.nextTaskEndsWith(exit);
        }
        CompletableFuture<Removal> removal = CompletableFuture.supplyAsync(() -> remove(id));
        Site.await(
                "its task to be asked for",
                () -> site.lab.requests().stream().anyMatch(seen -> seen.path().contains(":vzdestroy:")));
        // Longer than a request may be late: what is at it is not late.
        Thread.sleep(Labs.SPANS.late().plusMillis(300).toMillis());
        assertThat(removal).isNotDone();
        assertThat(destroyed()).isEqualTo(1);
        site.lab.tasksGoOn();

        if (exit.equals("unexpected status")) {
            assertThat(removal.get()).isInstanceOf(Removal.Unknown.class);
            assertThat(destroyed()).isEqualTo(1);
        } else {
            // What is known to have failed may be asked for again.
            assertThat(removal.get()).isInstanceOf(Removal.Removed.class);
            assertThat(destroyed()).isEqualTo(exit.equals("OK") ? 1 : 2);
            assertThat(site.runtime.look(id)).isInstanceOf(Sighting.Absent.class);
        }
    }

    /** Somebody destroys it already: what comes of that is waited for. */
    @Test
    void destructionThatIsUnderWayIsFollowed() throws Exception {
        String id = site.create(103, mark);
        site.lab.tasksHang();
        site.lab.next("DELETE", "/nodes/pve1/lxc/103").isLost();
        CompletableFuture<Removal> first = CompletableFuture.supplyAsync(() -> remove(id));
        Site.await(
                "its task to be asked for",
                () -> site.lab.requests().stream().anyMatch(seen -> seen.path().contains(":vzdestroy:")));
        try (var other = Labs.to(site.lab).build()) {
            CompletableFuture<Removal> second = CompletableFuture.supplyAsync(() -> {
                try {
                    return other.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING);
                } catch (Exception failed) {
                    throw new AssertionError(failed);
                }
            });
            Site.await("both to have asked for tasks", () -> site.asked("GET", "/nodes/pve1/tasks") >= 3);
            site.lab.tasksGoOn();

            assertThat(first.get()).isInstanceOf(Removal.Removed.class);
            assertThat(second.get()).isInstanceOf(Removal.Removed.class);
            assertThat(destroyed()).isEqualTo(1);
        }
    }
}
