package dev.berth.testkit.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How tasks go on and end. */
class FakeTasksTest {
    private final Lab lab = new Lab();
    private final FakeProxmox cluster = lab.cluster;

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void guestIsLockedAndItsIdTakenWhileItIsBeingCreated() throws IOException {
        cluster.tasksTake(Duration.ofSeconds(5));
        var answer = lab.create(100);
        assertThat(lab.exit(answer)).isEqualTo("running");
        assertThat(lab.get("/cluster/nextid?vmid=100").status()).isEqualTo(400);
        assertThat(cluster.guest(100).config()).containsOnlyKeys("lock").containsEntry("lock", "create");
        assertThat(lab.ask("DELETE", "/nodes/pve1/lxc/100", Map.of()).reason()).isEqualTo("CT is locked (create)");
        lab.clock.advance(Duration.ofSeconds(5));
        assertThat(lab.exit(answer)).isEqualTo("OK");
        assertThat(cluster.guest(100).config()).doesNotContainKey("lock").containsEntry("hostname", "web");
    }

    @Test
    void failedCreationLeavesNothing() throws IOException {
        cluster.nextTaskEndsWith("unable to create CT 100 - no space left on device");
        var answer = lab.create(100);
        assertThat(answer.line()).isEqualTo("200 OK");
        assertThat(lab.exit(answer)).isEqualTo("unable to create CT 100 - no space left on device");
        assertThat(cluster.guest(100).exists()).isFalse();
        var wish = lab.wish(101);
        wish.put("ostemplate", "local:vztmpl/none.tar.gz");
        assertThat(lab.exit(lab.ask("POST", "/nodes/pve1/lxc", wish)))
                .isEqualTo("unable to create CT 101 - volume 'local:vztmpl/none.tar.gz' does not exist");
        assertThat(cluster.guestIds()).isEmpty();
    }

    @Test
    void warningsAreSuccess() throws IOException {
        cluster.nextTaskEndsWith("WARNINGS: 2");
        assertThat(lab.exit(lab.create(100))).isEqualTo("WARNINGS: 2");
        assertThat(cluster.guest(100).config()).containsEntry("hostname", "web");
    }

    @Test
    void killedCreationLeavesALockAndKilledDestructionAZombie() throws IOException {
        cluster.nextTaskEndsWith("unexpected status");
        assertThat(lab.exit(lab.create(100))).isEqualTo("unexpected status");
        assertThat(cluster.guest(100).config()).containsExactly(Map.entry("lock", "create"));
        cluster.addContainer(101, "pve1");
        cluster.nextTaskEndsWith("unexpected status");
        assertThat(lab.exit(lab.ask("DELETE", "/nodes/pve1/lxc/101", Map.of()))).isEqualTo("unexpected status");
        assertThat(cluster.guest(101).config()).containsExactly(Map.entry("lock", "destroyed"));
        assertThat(cluster.guest(101).hasDisk()).isFalse();
        cluster.addContainer(102, "pve1").tagged("mine");
        cluster.nextTaskEndsWith("unable to read tail (got 0 bytes)");
        assertThat(lab.exit(lab.ask("DELETE", "/nodes/pve1/lxc/102", Map.of()))).startsWith("unable to read tail");
        assertThat(cluster.guest(102).config()).containsEntry("tags", "mine").doesNotContainKey("lock");
        assertThat(cluster.guest(102).hasDisk()).isFalse();
    }

    @Test
    void tasksOfNodeThatGoesDownAreLost() throws IOException {
        cluster.tasksHang();
        var answer = lab.ask("POST", "/nodes/pve2/lxc", lab.wish(100));
        cluster.node("pve2").goesOffline();
        String path = "/nodes/pve2/tasks/" + answer.data().asString() + "/status";
        assertThat(lab.get(path).status()).isEqualTo(595);
        cluster.node("pve2").comesBack();
        assertThat(lab.exit(answer)).isEqualTo("unexpected status");
        assertThat(cluster.guest(100).config()).containsEntry("lock", "create");
    }

    @Test
    void hangingTasksEndWhenTheyAreLetGo() throws IOException {
        cluster.tasksHang();
        var answer = lab.create(100);
        lab.clock.advance(Duration.ofDays(1));
        assertThat(lab.exit(answer)).isEqualTo("running");
        cluster.tasksGoOn();
        assertThat(lab.exit(answer)).isEqualTo("OK");
    }

    @Test
    void tasksAtOneGuestWaitForOneAnother() throws IOException {
        cluster.tasksTake(Duration.ofSeconds(3));
        var wish = lab.wish(100);
        wish.put("start", "1");
        lab.ask("POST", "/nodes/pve1/lxc", wish);
        lab.clock.advance(Duration.ofSeconds(3));
        var destruction = lab.ask("DELETE", "/nodes/pve1/lxc/100?force=1", Map.of());
        assertThat(destruction.line()).isEqualTo("200 OK");
        lab.clock.advance(Duration.ofSeconds(3));
        assertThat(cluster.guest(100).isRunning()).as("it was started first").isTrue();
        assertThat(lab.exit(destruction)).isEqualTo("running");
        lab.clock.advance(Duration.ofSeconds(3));
        assertThat(lab.exit(destruction)).isEqualTo("OK");
        assertThat(cluster.guest(100).exists()).isFalse();
    }

    @Test
    void abortedTaskIsKilled() throws IOException {
        cluster.tasksHang();
        var answer = lab.create(100);
        assertThat(lab.ask("DELETE", "/nodes/pve1/tasks/" + answer.data().asString(), Map.of())
                        .status())
                .isEqualTo(200);
        assertThat(lab.exit(answer)).isEqualTo("unexpected status");
    }

    @Test
    void taskOfALostAnswerIsFoundByItsGuest() throws IOException {
        lab.create(100);
        var found = lab.get("/nodes/pve1/tasks?vmid=100&source=all").json();
        assertThat(found.get("total").asInt()).isEqualTo(1);
        assertThat(found.get("data").get(0).get("type").asString()).isEqualTo("vzcreate");
        assertThat(lab.get("/nodes/pve1/tasks?vmid=101&source=all").text()).isEqualTo("{\"data\":[]}");
    }
}
