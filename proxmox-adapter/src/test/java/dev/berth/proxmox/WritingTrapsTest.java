package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.Race;
import dev.berth.testkit.proxmox.FakeProxmox;
import dev.berth.testkit.proxmox.ProxmoxVersion;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of requests that change something, in bad days: nothing is done twice, nothing is guessed. */
class WritingTrapsTest {
    // ------------------------------------------------------------------ lost answers

    /** 596, and executed all the same: what was made is found, and not made again. */
    @Test
    void createThatIsAnswered596IsFound() throws Exception {
        try (var site = new Site()) {
            site.lab.next("POST", "/nodes/pve1/lxc").isTimeoutThoughExecuted();
            Mark mark = site.mark();

            assertThat(site.create(103, mark)).isEqualTo("lxc/103");
            assertThat(site.runtime.look("lxc/103").seen().flatMap(Instance::mark))
                    .contains(mark);
            assertThat(site.asked("POST", "/lxc")).isEqualTo(1);
        }
    }

    @Test
    void createWhoseAnswerIsLostIsFound() throws Exception {
        try (var site = new Site()) {
            site.lab.next("POST", "/nodes/pve1/lxc").isLost();

            assertThat(site.create(103, site.mark())).isEqualTo("lxc/103");
            assertThat(site.asked("POST", "/lxc")).isEqualTo(1);
        }
    }

    /** The question before it had no answer, so it was never sent: nothing was done, and nothing is looked for. */
    @Test
    void createThatWasNeverSentIsUnreachable() throws Exception {
        try (var site = new Site()) {
            site.lab.every("GET", "/cluster/status").neverArrives();

            assertThat(site.fault(() -> site.create(103, site.mark()))).isInstanceOf(Fault.Unreachable.class);
            assertThat(site.lab.requests()).isEmpty();
        }
    }

    /** A request that nobody has heard of since may still be on its way. */
    @Test
    void createThatNeverArrivesIsUnknown() throws Exception {
        try (var site = new Site()) {
            site.lab.next("POST", "/nodes/pve1/lxc").neverArrives();
            Fault fault = site.fault(() -> site.create(103, site.mark()));

            assertThat(fault).isInstanceOf(Fault.Unknown.class);
            assertThat(site.asked("POST", "/lxc")).isLessThanOrEqualTo(1);
            assertThat(site.lab.guest(103).exists()).isFalse();
        }
    }

    /** 596, and executed minutes later: whoever asks again with the same id meets what it was. */
    @Test
    void createThatIsExecutedLaterMeetsItself() throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            site.lab.node("pve1").daemonHangs();
            assertThat(site.fault(() -> Labs.through(site.lab, "pve2").build().create(site.deployment(103, mark)))
                            .mayHaveHappened())
                    .isTrue();
            assertThat(site.lab.guest(103).exists()).isFalse();
            site.lab.node("pve1").daemonRecovers();

            assertThat(site.create(103, mark)).isEqualTo("lxc/103");
            assertThat(site.runtime.look("lxc/103").seen().flatMap(Instance::mark))
                    .contains(mark);
        }
    }

    @Test
    void startAndStopWithoutAnswerAreLookedUp() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark());
            site.lab.next("POST", "/nodes/pve1/lxc/103/status/start").isLost();
            site.runtime.start(id);
            assertThat(site.lab.guest(103).isRunning()).isTrue();
            site.lab.next("POST", "/nodes/pve1/lxc/103/status/stop").isTimeoutThoughExecuted();
            site.runtime.stop(id);
            assertThat(site.lab.guest(103).isRunning()).isFalse();
            assertThat(site.asked("POST", "/status/start")).isEqualTo(1);
        }
    }

    /**
     * The first try of an attempt was given up, and the second asks another node: what it meets there is what the first is
     * making, so it is waited for, and there is no second guest. So it is on the same node, where its task is told late.
     */
    @ParameterizedTest
    @ValueSource(strings = {"pve1", "pve2"})
    void tryOnWhateverNodeMeetsWhatTheFirstIsMaking(String node) throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            site.lab.tasksHang();
            var first = new Thread(() -> {
                try {
                    site.create(103, mark);
                } catch (Exception givenUp) {
                    // As said.
                }
            });
            first.start();
            Site.await("the first try to be at it", () -> site.lab.guest(103).exists());
            first.interrupt();
            first.join();
            site.lab
                    .every("GET", "/nodes/pve1/tasks")
                    .says(200, "OK", "application/json;charset=UTF-8", "{\"data\":[]}");
            site.lab.forgetRequests();
            CompletableFuture<String> second = CompletableFuture.supplyAsync(() -> {
                try {
                    return site.create(103, mark, node);
                } catch (Exception failed) {
                    throw new AssertionError(failed);
                }
            });
            Site.await(
                    "what it meets to be looked at often",
                    () -> second.isDone() || site.asked("GET", "/nodes/pve1/lxc/103/config") > 4);
            site.lab.tasksGoOn();

            assertThat(second.get()).isEqualTo("lxc/103");
            assertThat(site.lab.guestIds()).containsExactlyInAnyOrder(Labs.CANARY, 103);
            assertThat(site.runtime.look("lxc/103").seen().flatMap(Instance::mark))
                    .contains(mark);
        }
    }

    /** 595: nobody was reached, so nothing was done. */
    @Test
    void createOnANodeThatIsOffIsUnreachable() throws Exception {
        try (var site = new Site()) {
            site.lab.node("pve3").goesOffline();

            assertThat(site.fault(() -> site.create(103, site.mark(), "pve3"))).isInstanceOf(Fault.Unreachable.class);
            assertThat(site.runtime.look("lxc/103")).isInstanceOf(Sighting.Absent.class);
        }
    }

    // ------------------------------------------------------------------ tasks

    @Test
    void warningsAreASuccess() throws Exception {
        try (var site = new Site()) {
            site.lab.nextTaskEndsWith("WARNINGS: 2");

            assertThat(site.create(103, site.mark())).isEqualTo("lxc/103");
        }
    }

    @Test
    void taskThatFailsIsRejectedAndLeavesNothing() throws Exception {
        try (var site = new Site()) {
            site.lab.nextTaskEndsWith("unable to create CT 103 - no space left on device");

            assertThat(site.fault(() -> site.create(103, site.mark())))
                    .isInstanceOfSatisfying(
                            Fault.Rejected.class,
                            fault -> assertThat(fault.detail()).contains("no space left"));
            assertThat(site.lab.guest(103).exists()).isFalse();
        }
    }

    /** The worker was killed: what it has left half done is there, and nobody knows more. */
    @Test
    void taskThatEndsWithoutAWordIsUnknown() throws Exception {
        try (var site = new Site()) {
            site.lab.nextTaskEndsWith("unexpected status");

            assertThat(site.fault(() -> site.create(103, site.mark()))).isInstanceOf(Fault.Unknown.class);
            assertThat(site.asked("POST", "/lxc")).isEqualTo(1);

            Mark mark = site.mark();
            String id = site.create(104, mark);
            site.lab.nextTaskEndsWith("unexpected status");

            // What is left has a lock and no mark any more; it is no other guest for that.
            assertThat(site.runtime.remove(id, mark, Removal.Mode.IF_STOPPED))
                    .isInstanceOfSatisfying(
                            Removal.Unknown.class,
                            unknown -> assertThat(unknown.reason()).contains("half destroyed"));
            assertThat(site.lab.guest(104).exists()).isTrue();
            assertThat(site.asked("DELETE", "/104")).isEqualTo(1);
            assertThat(site.runtime.look(id)).isNotInstanceOf(Sighting.Absent.class);
        }
    }

    @Test
    void startOfALockedGuestIsBusy() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark());
            site.lab.guest(103).locked("backup");

            assertThat(site.fault(() -> site.runtime.start(id))).isInstanceOf(Fault.Busy.class);
        }
    }

    /** The node of a task goes off: how it ended is not known. */
    @Test
    void taskWhoseNodeGoesOffIsUnknown() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark(), "pve3");
            site.lab.tasksHang();
            var fault = new Fault[1];
            var starter = new Thread(() -> fault[0] = site.fault(() -> site.runtime.start(id)));
            starter.start();
            Site.await("the start", () -> site.asked("POST", "/status/start") > 0);
            site.lab.node("pve3").goesOffline();
            starter.join(Duration.ofSeconds(30).toMillis());

            assertThat(fault[0]).isInstanceOfAny(Fault.Unknown.class, Fault.Unreachable.class);
        }
    }

    // ------------------------------------------------------------------ ids

    /** The cluster proposes one id to all who ask: one gets it, the others take the next. */
    @Test
    void creatorsWithoutAnIdAllGetOne() throws Exception {
        try (var site = new Site()) {
            int racers = 4;
            site.lab.nextCreationsCollide(racers);
            Race.of(racers)
                    .rounds(1)
                    .<String>run(
                            (round, racer, random) -> site.runtime.create(new Deployment<>(
                                    Labs.container(site.lab), Optional.empty(), List.of(), site.mark(), Map.of())),
                            (round, ids) -> assertThat(new HashSet<>(ids)).hasSize(racers));
        }
    }

    /** An id is taken by a guest that may not be seen: it is taken, by somebody. */
    @Test
    void idOfAnUnseenGuestIsHeld() throws Exception {
        FakeProxmox lab = Labs.three();
        lab.addContainer(103, "pve2");
        lab.operator();
        lab.user("berth@pve").may("/vms/103");
        try (var site = new Site(lab)) {
            Fault fault = site.fault(() -> site.create(103, site.mark()));

            assertThat(fault).isInstanceOf(Fault.NameHeld.class);
            String holder = ((Fault.NameHeld) fault).holder().orElseThrow();
            Instance unseen = site.runtime.look(holder).seen().orElseThrow();
            assertThat(unseen.state()).isEqualTo(InstanceState.UNKNOWN);
            assertThat(unseen.mark()).isEmpty();
            assertThat(unseen.guard()).isPresent();
        }
    }

    /** Before 8.4 an error has no text: nothing is decided by one. */
    @ParameterizedTest
    @EnumSource
    void everyVersionIsUnderstood(ProxmoxVersion version) throws Exception {
        FakeProxmox lab = FakeProxmox.cluster("lab")
                .nodes("pve1", "pve2")
                .version(version)
                .start();
        lab.addContainer(Labs.CANARY, "pve1");
        try (var site = new Site(lab)) {
            Mark mark = site.mark();
            String id = site.create(103, mark);
            assertThat(site.fault(() -> site.create(103, site.mark()))).isInstanceOf(Fault.NameHeld.class);
            site.runtime.start(id);
            assertThat(site.runtime.look(id).seen().map(Instance::state)).contains(InstanceState.RUNNING);
            assertThat(site.runtime.inventory().coverage().isComplete()).isTrue();
            assertThat(site.runtime.remove(id, mark, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Kept.class);
            site.runtime.stop(id);
            assertThat(site.runtime.remove(id, mark, Removal.Mode.IF_STOPPED)).isInstanceOf(Removal.Removed.class);
            assertThat(site.fault(() -> site.runtime.start(id))).isInstanceOf(Fault.Missing.class);
        }
    }

    // ------------------------------------------------------------------ what is not asked for

    @Test
    void portsAndNamesThatAreNoIdsAreRefused() throws Exception {
        try (var site = new Site()) {
            var spec = Labs.container(site.lab);
            assertThat(site.fault(() -> site.runtime.create(new Deployment<>(
                            spec, Optional.of("103"), List.of(Publication.tcp(80, 80)), site.mark(), Map.of()))))
                    .isInstanceOf(Fault.Rejected.class);
            assertThat(site.fault(() -> site.runtime.create(
                            new Deployment<>(spec, Optional.of("web"), List.of(), site.mark(), Map.of()))))
                    .isInstanceOfSatisfying(
                            Fault.Rejected.class,
                            fault -> assertThat(fault.detail()).contains("guest id"));
            assertThat(site.lab.requests()).noneMatch(seen -> seen.method().equals("POST"));
        }
    }

    @Test
    void shutdownIsGracefulUnlessTheHostSaysOtherwise() throws Exception {
        FakeProxmox lab = Labs.three();
        try (var site =
                new Site(lab, Labs.to(lab).stopsWithin(Duration.ofSeconds(20)).build())) {
            String id = site.create(103, site.mark());
            site.runtime.start(id);
            site.runtime.stop(id);

            assertThat(site.lab.requests())
                    .filteredOn(seen -> seen.path().endsWith("/status/shutdown"))
                    .singleElement()
                    .satisfies(seen -> assertThat(seen.parameters())
                            .containsEntry("timeout", "20")
                            .containsEntry("forceStop", "1"));
        }
    }
}
