package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.proxmox.FakeToken;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
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
        site.lab.next("PUT", "/nodes/pve1/lxc/103/config").comesAfter(Duration.ofMillis(300));
        CompletableFuture<Removal> removal = CompletableFuture.supplyAsync(() -> remove(id));
        Site.await("the tags to be written", () -> tags().contains(Tags.GOING));
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

    // ------------------------------------------------------------------ another guest at the last moment

    private String tags() {
        return site.lab.guest(103).config().getOrDefault("tags", "");
    }

    /**
     * Whatever is slow before the destroying request, its guest vanishes meanwhile, and somebody makes one of his own under the
     * number: that is spared. Nothing that takes its time is asked after the last look.
     */
    @ParameterizedTest
    @ValueSource(strings = {"tasks", "tags", "look"})
    void strangerWhoTakesTheNumberMeanwhileIsSpared(String slow) throws Exception {
        String id = site.create(103, mark);
        Duration wait = Duration.ofMillis(2_500);
        switch (slow) {
            case "tasks" -> site.lab.next("GET", "/nodes/pve1/tasks").comesAfter(wait);
            case "tags" -> site.lab.next("PUT", "/nodes/pve1/lxc/103/config").comesAfter(wait);
            default -> site.lab.next("PUT", "/nodes/pve1/lxc/103/config").comesAfter(Duration.ofSeconds(1));
        }
        CompletableFuture<Removal> removal = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return site.runtime.remove(id, mark, Removal.Mode.IF_STOPPED);
                    } catch (Exception failed) {
                        throw new AssertionError(failed);
                    }
                },
                work -> new Thread(work).start());
        if (slow.equals("tasks")) {
            Site.await("the tasks", () -> site.asked("GET", "/nodes/pve1/tasks") > 0);
        } else {
            Site.await("the tags to be written", () -> tags().contains(Tags.GOING));
        }
        if (slow.equals("look")) {
            long before = site.asked("GET", "/cluster/status");
            site.lab.every("GET", "/cluster/status").comesAfter(wait);
            Site.await("the last look", () -> site.asked("GET", "/cluster/status") > before);
        }
        site.lab.guest(103).vanishes();
        site.lab.addContainer(103, "pve1").named("somebodys").tagged("precious");
        site.lab.answersAsUsual();

        assertThat(removal.get().isGone()).isFalse();
        assertThat(destroyed()).isZero();
        assertThat(site.lab.guest(103).exists()).isTrue();
        assertThat(site.lab.guest(103).config()).containsEntry("tags", "precious");
    }

    /** What stays has nothing of ours left on it that would keep the next from asking. */
    @Test
    void tagOfAGuestThatStaysIsTakenOff() throws Exception {
        String id = site.create(103, mark);
        String before = tags();
        site.lab.every("DELETE", "/nodes/pve1/lxc/103").is(500, "storage is offline");

        assertThat(remove(id)).isInstanceOf(Removal.Unknown.class);
        assertThat(tags()).isEqualTo(before);
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

        // Nor by a later call, of another process: the guest itself says so.
        try (var other = Labs.to(site.lab).build()) {
            assertThat(other.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING)).isInstanceOf(Removal.Unknown.class);
        }
        assertThat(destroyed()).isZero();

        // A person has looked, and has taken the tag off.
        site.lab.guest(103).tagged(Tags.join(Tags.going(Tags.split(tags()), Optional.empty())));
        assertThat(remove(id)).isInstanceOf(Removal.Removed.class);
        assertThat(destroyed()).isEqualTo(1);
    }

    /** What has not come for an hour does not come any more. */
    @Test
    void destroyingRequestWithoutAnswerIsRepeatedAfterAnHour() throws Exception {
        String id = site.create(103, mark);
        var clock = ManualClock.at(Instant.parse("2026-01-05T08:00:00Z"));
        try (var runtime = Labs.to(site.lab).clock(clock).build()) {
            site.lab.next("DELETE", "/nodes/pve1/lxc/103").neverArrives();
            assertThat(runtime.remove(id, mark, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Unknown.class);
            clock.advance(Duration.ofMinutes(59));
            assertThat(runtime.remove(id, mark, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Unknown.class);
            assertThat(destroyed()).isZero();
            clock.advance(Duration.ofMinutes(1));

            assertThat(runtime.remove(id, mark, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Removed.class);
            assertThat(destroyed()).isEqualTo(1);
        }
    }

    /** Whoever asked died; the task of it has failed since, which another process finds: it may be asked for again. */
    @Test
    void taskThatFailedSinceEndsTheWaiting() throws Exception {
        String id = site.create(103, mark);
        site.lab.tasksHang();
        site.lab.nextTaskEndsWith("unable to remove: storage is offline");
        var died = new Thread(() -> {
            try {
                site.runtime.remove(id, mark, Removal.Mode.IF_STOPPED);
            } catch (InterruptedException given) {
                Thread.currentThread().interrupt();
            }
        });
        died.start();
        Site.await("the destroying request", () -> destroyed() == 1);
        died.interrupt();
        died.join();
        assertThat(tags()).contains(Tags.GOING);
        site.lab.tasksGoOn();

        try (var other = Labs.to(site.lab).build()) {
            assertThat(other.remove(id, mark, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Removed.class);
        }
        assertThat(destroyed()).isEqualTo(2);
    }

    /** Somebody else's destruction of the guest fails, which says nothing of a request of ours that is late. */
    @Test
    void taskOfSomebodyElseSaysNothingOfOurRequest() throws Exception {
        String id = site.create(103, mark);
        FakeToken anna = site.lab.user("anna@pve").mayEverything("/").token("annas");
        site.lab.next("DELETE", "/nodes/pve1/lxc/103").is(596, "Connection timed out");
        CompletableFuture<Removal> removal = CompletableFuture.supplyAsync(() -> remove(id));
        Site.await("its task to be looked for", () -> site.asked("GET", "/nodes/pve1/tasks") >= 2);
        site.lab.nextTaskEndsWith("unable to remove: storage is offline");
        try (var api = new Api(
                site.lab.uris(),
                Credentials.token(anna.id(), anna.secret().toCharArray()),
                Labs.pins(site.lab),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Clock.systemUTC())) {
            assertThat(api.ask(talk -> talk.delete("/nodes/pve1/lxc/103", Map.of(), Api.Until.EVER))
                            .isGood())
                    .isTrue();
        }

        assertThat(removal.get()).isInstanceOf(Removal.Unknown.class);
        assertThat(destroyed()).isEqualTo(1);
        assertThat(site.lab.guest(103).exists()).isTrue();
    }

    /** A hard stop that is carried out late would stop whoever has the number then. */
    @Test
    void hardStopWithoutAnswerIsNotRepeated() throws Exception {
        String id = site.create(103, mark);
        site.runtime.start(id);
        site.lab.next("POST", "/nodes/pve1/lxc/103/status/stop").is(596, "Connection timed out");

        assertThat(remove(id)).isInstanceOf(Removal.Unknown.class);
        assertThat(site.asked("POST", "/103/status/stop")).isZero();
        assertThat(site.lab.guest(103).isRunning()).isTrue();
    }

    /** Killed once the disk was gone, and before its tags were: it is ours still, and is destroyed anew. */
    @Test
    void guestThatLostItsDiskAloneIsDestroyedAnew() throws Exception {
        String id = site.create(103, mark);
        site.lab.nextTaskEndsWith("unable to read tail (got 0 bytes)");
        CompletableFuture<Removal> removal = CompletableFuture.supplyAsync(() -> remove(id));

        assertThat(removal.get()).isInstanceOf(Removal.Removed.class);
        assertThat(destroyed()).isEqualTo(2);
        assertThat(site.lab.guest(103).exists()).isFalse();
    }

    private long looksAtItsTask() {
        return site.lab.requests().stream()
                .filter(seen -> seen.path().contains(":vzdestroy:"))
                .count();
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
        Site.await("its task to be asked for", () -> looksAtItsTask() > 0);
        // However late the request would be: what is at it is not late.
        long late = System.nanoTime() + Labs.SPANS.late().toNanos();
        Site.await("the request to be late", () -> System.nanoTime() - late > 0);
        long before = looksAtItsTask();
        Site.await("its task to be asked for still", () -> looksAtItsTask() > before + 1);
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

    /** A node's list says for a while that a task runs which has ended: that is not followed again, but asked for anew. */
    @Test
    void taskThatIsListedAsRunningAfterItsEndIsNotFollowedAgain() throws Exception {
        String id = site.create(103, mark);
        site.lab.tasksAreListedLate();
        site.lab.nextTaskEndsWith("can't lock file '/run/lock/lxc/pve-config-103.lock' - got timeout");

        assertThat(remove(id)).isInstanceOf(Removal.Removed.class);
        assertThat(destroyed()).isEqualTo(2);
    }

    /** Its worker runs already when the node cannot write it down: this refusal is none, so nobody asks a second time. */
    @Test
    void errorOfWritingDownAWorkerIsNoRefusal() throws Exception {
        String id = site.create(103, mark);
        site.lab
                .every("DELETE", "/nodes/pve1/lxc/103")
                .says(
                        500,
                        "Internal Server Error",
                        "application/json",
                        "{\"data\":null,\"message\":\"can't lock file '/var/log/pve/tasks/.active.lock' - got timeout\\n\"}");

        assertThat(remove(id))
                .isInstanceOfSatisfying(
                        Removal.Unknown.class,
                        unknown -> assertThat(unknown.reason()).contains("was asked to be destroyed", ".active.lock"));
        // A second one would be carried out.
        assertThat(destroyed()).isZero();
        assertThat(tags()).contains(Tags.GOING);
    }

    /** What a slow node needs can be given to it; without that nothing is sent, and the message says what would help. */
    @Test
    void slowNodeIsGivenTheTimeThatItNeeds() throws Exception {
        String id = site.create(103, mark);
        site.lab.every("GET", "/nodes/pve1/lxc/103/config").comesAfter(Duration.ofMillis(250));
        try (var hasty =
                        Labs.to(site.lab).lastLookWithin(Duration.ofMillis(100)).build();
                var patient =
                        Labs.to(site.lab).lastLookWithin(Duration.ofSeconds(20)).build()) {
            assertThat(hasty.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOfSatisfying(
                            Removal.Unknown.class,
                            unknown -> assertThat(unknown.reason()).contains("lastLookWithin"));
            assertThat(destroyed()).isZero();
            assertThat(patient.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING)).isInstanceOf(Removal.Removed.class);
            assertThat(destroyed()).isEqualTo(1);
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
