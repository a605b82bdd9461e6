package dev.berth.testkit.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the fake cluster behaves: the traps of Proxmox VE, one by one. */
class FakeProxmoxTest {
    private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeProxmox lab = FakeProxmox.cluster("lab")
            .nodes("pve1", "pve2", "pve3")
            .clock(clock)
            .start();
    private final FakeNode pve1 = lab.node("pve1");
    private final RawClient client = RawClient.of(lab);

    @AfterEach
    void close() {
        lab.close();
    }

    private Map<String, String> wish(int id) {
        return Map.of(
                "vmid",
                Integer.toString(id),
                "ostemplate",
                lab.template(),
                "unprivileged",
                "1",
                "hostname",
                "web",
                "tags",
                "b;A");
    }

    private String create(int id) throws IOException {
        return client.ask(pve1, "POST", "/nodes/pve1/lxc", wish(id)).data().asString();
    }

    private String exit(String upid) throws IOException {
        return client.get(pve1, "/nodes/" + upid.split(":", -1)[1] + "/tasks/" + upid + "/status")
                .data()
                .path("exitstatus")
                .asString("running");
    }

    @Test
    void createdContainerIsStartedStoppedAndDestroyed() throws IOException {
        assertThat(exit(create(101))).isEqualTo("OK");
        assertThat(client.get(pve1, "/nodes/pve1/lxc/101/config")
                        .data()
                        .get("tags")
                        .asString())
                .isEqualTo("a;b");
        assertThat(client.ask(pve1, "POST", "/nodes/pve1/lxc/101/status/start", Map.of())
                        .status())
                .isEqualTo(200);
        assertThat(lab.guest(101).isRunning()).isTrue();
        assertThat(client.ask(pve1, "DELETE", "/nodes/pve1/lxc/101", Map.of()).line())
                .isEqualTo("500 unable to destroy CT 101 - container is running");
        assertThat(client.ask(pve1, "POST", "/nodes/pve1/lxc/101/status/stop", Map.of())
                        .status())
                .isEqualTo(200);
        assertThat(exit(client.ask(pve1, "DELETE", "/nodes/pve1/lxc/101", Map.of())
                        .data()
                        .asString()))
                .isEqualTo("OK");
        assertThat(lab.guest(101).exists()).isFalse();
        assertThat(client.get(pve1, "/cluster/nextid?vmid=101").line()).isEqualTo("200 OK");
    }

    @Test
    void ofCreationsThatRaceForOneIdExactlyOneWins() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        lab.nextCreationsCollide(6);
        Callable<String> creation =
                () -> client.ask(pve1, "POST", "/nodes/pve1/lxc", wish(120)).line();
        List<Future<String>> answers = threads.invokeAll(java.util.Collections.nCopies(6, creation));
        threads.shutdown();
        int won = 0;
        for (Future<String> answer : answers) {
            won += answer.get().equals("200 OK") ? 1 : 0;
            assertThat(answer.get())
                    .isIn("200 OK", "500 unable to create CT 120 - CT 120 already exists on node 'pve1'");
        }
        assertThat(won).isEqualTo(1);
        assertThat(client.ask(pve1, "POST", "/nodes/pve1/lxc", wish(120)).line())
                .isEqualTo("500 CT 120 already exists on node 'pve1'");
    }

    @Test
    void guestOfNodeThatIsOffStaysListedAndLosesItsNameAfterFiveMinutes() throws IOException {
        lab.addContainer(103, "pve3").named("cache").tagged("berth-1").running();
        lab.statisticsArrive();
        lab.node("pve3").goesOffline();
        assertThat(row(103)).containsEntry("status", "running").containsEntry("name", "cache");
        clock.advance(Duration.ofMinutes(5));
        assertThat(row(103))
                .containsEntry("status", "unknown")
                .containsEntry("tags", "berth-1")
                .doesNotContainKey("name");
        assertThat(client.get(pve1, "/nodes/pve3/lxc").line()).isEqualTo("595 Connection timed out");
        assertThat(client.get(pve1, "/nodes/pve3/lxc").line()).isEqualTo("595 No route to host");
        assertThat(client.get(pve1, "/cluster/nextid?vmid=103").status()).isEqualTo(400);
        assertThatThrownBy(() -> client.get(lab.node("pve3"), "/version"))
                .isInstanceOf(java.net.ConnectException.class);
        lab.node("pve3").comesBack();
        clock.advance(Duration.ofSeconds(10));
        assertThat(row(103)).containsEntry("status", "stopped").containsEntry("name", "cache");
    }

    private Map<String, String> row(int id) throws IOException {
        Map<String, String> found = new java.util.HashMap<>();
        client.get(pve1, "/cluster/resources?type=vm").data().forEach(row -> {
            if (row.get("vmid").asInt() == id) {
                row.properties()
                        .forEach(
                                pair -> found.put(pair.getKey(), pair.getValue().asString()));
            }
        });
        return found;
    }

    @Test
    void whatHungDaemonTookInIsExecutedWhenItRecovers() throws IOException {
        lab.addContainer(100, "pve2");
        lab.node("pve2").daemonHangs();
        assertThat(client.ask(pve1, "DELETE", "/nodes/pve2/lxc/100", Map.of()).line())
                .isEqualTo("596 Connection timed out");
        assertThat(lab.guest(100).exists()).isTrue();
        lab.node("pve2").daemonRecovers();
        assertThat(lab.guest(100).exists()).isFalse();
    }

    @Test
    void nodeWithoutQuorumAnswersFromItsOldCopyAndDestroysTheDiskOnly() throws IOException {
        lab.addContainer(103, "pve3");
        FakeNode minority = lab.node("pve3");
        minority.isCutOff();
        create(132);
        assertThat(client.get(minority, "/cluster/nextid?vmid=132").line()).isEqualTo("200 OK");
        assertThat(client.get(pve1, "/cluster/nextid?vmid=132").status()).isEqualTo(400);
        var answer = client.ask(minority, "DELETE", "/nodes/pve3/lxc/103", Map.of());
        assertThat(answer.line()).isEqualTo("200 OK");
        assertThat(client.get(minority, "/nodes/pve3/tasks/" + answer.data().asString() + "/status")
                        .data()
                        .get("exitstatus")
                        .asString())
                .isEqualTo("unable to open file '/etc/pve/nodes/pve3/lxc/103.conf.tmp.43' - Permission denied");
        assertThat(lab.guest(103).exists()).isTrue();
        assertThat(lab.guest(103).hasDisk()).isFalse();
        assertThat(client.ask(minority, "POST", "/nodes/pve3/lxc", wish(140)).line())
                .isEqualTo("500 cluster not ready - no quorum?");
        minority.rejoins();
        assertThat(client.get(minority, "/cluster/nextid?vmid=132").status()).isEqualTo(400);
    }
}
