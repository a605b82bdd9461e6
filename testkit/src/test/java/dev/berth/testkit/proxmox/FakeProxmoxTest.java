package dev.berth.testkit.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Collections;
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
    private final Lab lab = new Lab();
    private final FakeProxmox cluster = lab.cluster;

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void createdContainerIsStartedStoppedAndDestroyed() throws IOException {
        assertThat(lab.exit(lab.create(101))).isEqualTo("OK");
        assertThat(lab.get("/nodes/pve1/lxc/101/config").data().get("tags").asString())
                .isEqualTo("a;b");
        assertThat(lab.exit(lab.ask("POST", "/nodes/pve1/lxc/101/status/start", Map.of())))
                .isEqualTo("OK");
        assertThat(cluster.guest(101).isRunning()).isTrue();
        assertThat(lab.ask("DELETE", "/nodes/pve1/lxc/101", Map.of()).line())
                .isEqualTo("500 unable to destroy CT 101 - container is running");
        assertThat(lab.exit(lab.ask("POST", "/nodes/pve1/lxc/101/status/stop", Map.of())))
                .isEqualTo("OK");
        assertThat(lab.exit(lab.ask("DELETE", "/nodes/pve1/lxc/101", Map.of()))).isEqualTo("OK");
        assertThat(cluster.guest(101).exists()).isFalse();
        assertThat(cluster.guest(101).hasDisk()).isFalse();
        assertThat(lab.get("/cluster/nextid?vmid=101").line()).isEqualTo("200 OK");
    }

    /** Scenario 21. */
    @Test
    void ofCreationsThatRaceForOneIdExactlyOneWins() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        cluster.nextCreationsCollide(6);
        Callable<String> creation = () -> lab.create(120).line();
        List<Future<String>> answers = threads.invokeAll(Collections.nCopies(6, creation));
        threads.shutdown();
        int won = 0;
        for (Future<String> answer : answers) {
            won += answer.get().equals("200 OK") ? 1 : 0;
            assertThat(answer.get())
                    .isIn("200 OK", "500 unable to create CT 120 - CT 120 already exists on node 'pve1'");
        }
        assertThat(won).isEqualTo(1);
        assertThat(lab.create(120).line()).isEqualTo("500 CT 120 already exists on node 'pve1'");
    }

    /** Scenario 52: containers and machines have one space of ids. */
    @Test
    void idOfMachineIsTakenForContainersToo() throws IOException {
        cluster.addMachine(105, "pve2");
        assertThat(lab.create(105).line()).isEqualTo("500 VM 105 already exists on node 'pve2'");
        assertThat(lab.get("/cluster/nextid?vmid=105").text()).contains("VM 105 already exists");
    }

    @Test
    void guestOfNodeThatIsOffStaysListedAndLosesItsNameAfterFiveMinutes() throws IOException {
        cluster.addContainer(103, "pve3").named("cache").tagged("berth-1").running();
        cluster.statisticsArrive();
        cluster.node("pve3").goesOffline();
        assertThat(lab.row(103)).containsEntry("status", "running").containsEntry("name", "cache");
        lab.clock.advance(Duration.ofMinutes(5));
        assertThat(lab.row(103))
                .containsEntry("status", "unknown")
                .containsEntry("tags", "berth-1")
                .doesNotContainKeys("name", "template");
        assertThat(lab.get("/nodes/pve3/lxc").line()).isEqualTo("595 Connection timed out");
        assertThat(lab.get("/nodes/pve3/lxc").line()).isEqualTo("595 No route to host");
        assertThat(lab.get("/cluster/nextid?vmid=103").status()).isEqualTo(400);
        assertThatThrownBy(() -> lab.client.get(cluster.node("pve3"), "/version"))
                .isInstanceOf(ConnectException.class);
        cluster.node("pve3").comesBack();
        lab.clock.advance(Duration.ofSeconds(10));
        assertThat(lab.row(103)).containsEntry("status", "stopped").containsEntry("name", "cache");
        assertThat(lab.client.get(cluster.node("pve3"), "/version").status()).isEqualTo(200);
    }

    @Test
    void newGuestHasNoNameUntilStatisticsAreSent() throws IOException {
        lab.create(100);
        assertThat(lab.row(100)).containsEntry("status", "unknown").doesNotContainKey("name");
        lab.clock.advance(Duration.ofSeconds(10));
        assertThat(lab.row(100)).containsEntry("status", "stopped").containsEntry("name", "web");
    }

    @Test
    void statisticsTellWhatWasWhenTheyWereSent() throws IOException {
        cluster.tasksTake(Duration.ofSeconds(12));
        lab.create(100);
        lab.clock.advance(Duration.ofSeconds(15));
        assertThat(lab.row(100)).as("sent at 10 s, done at 12 s").containsEntry("name", "CT100");
        assertThat(lab.get("/nodes/pve1/lxc").text()).contains("\"name\":\"web\"");
    }

    @Test
    void whatHungDaemonTookInIsExecutedWhenItRecovers() throws IOException {
        cluster.addContainer(100, "pve2");
        cluster.node("pve2").daemonHangs();
        assertThat(lab.ask("DELETE", "/nodes/pve2/lxc/100", Map.of()).line()).isEqualTo("596 Connection timed out");
        assertThat(cluster.guest(100).exists()).isTrue();
        assertThat(lab.get("/nodes/pve2/lxc/100/config").status())
                .as("the proxy reads")
                .isEqualTo(200);
        cluster.node("pve2").daemonRecovers();
        assertThat(cluster.guest(100).exists()).isFalse();
    }

    @Test
    void whatHungDaemonTookInIsLostWhenItsNodeGoesDown() throws IOException {
        cluster.addContainer(100, "pve2");
        cluster.node("pve2").daemonHangs();
        lab.ask("DELETE", "/nodes/pve2/lxc/100", Map.of());
        cluster.node("pve2").goesOffline();
        cluster.node("pve2").comesBack();
        assertThat(cluster.guest(100).exists()).isTrue();
    }

    @Test
    void nodeWithoutQuorumAnswersFromItsOldCopyAndDestroysTheDiskOnly() throws IOException {
        cluster.addContainer(103, "pve3");
        FakeNode minority = cluster.node("pve3");
        minority.isCutOff();
        lab.create(132);
        assertThat(lab.client.get(minority, "/cluster/nextid?vmid=132").line()).isEqualTo("200 OK");
        assertThat(lab.client.get(minority, "/cluster/status").text()).contains("\"quorate\":0");
        assertThat(lab.get("/cluster/status").text()).contains("\"quorate\":1");
        assertThat(lab.get("/cluster/nextid?vmid=132").status()).isEqualTo(400);
        var answer = lab.client.ask(minority, "DELETE", "/nodes/pve3/lxc/103", Map.of());
        assertThat(answer.line()).isEqualTo("200 OK");
        assertThat(lab.client
                        .get(minority, "/nodes/pve3/tasks/" + answer.data().asString() + "/status")
                        .data()
                        .get("exitstatus")
                        .asString())
                .isEqualTo("unable to open file '/etc/pve/nodes/pve3/lxc/103.conf.tmp.43' - Permission denied");
        assertThat(cluster.guest(103).exists()).isTrue();
        assertThat(cluster.guest(103).hasDisk()).isFalse();
        assertThat(lab.client
                        .ask(minority, "POST", "/nodes/pve3/lxc", lab.wish(140))
                        .line())
                .isEqualTo("500 cluster not ready - no quorum?");
        minority.rejoins();
        assertThat(lab.client.get(minority, "/cluster/nextid?vmid=132").status())
                .isEqualTo(400);
    }

    @Test
    void lostGuestListIsEmptyAndEveryIdIsSaidToBeFree() throws IOException {
        cluster.addContainer(100, "pve1");
        lab.pve1.losesItsGuestList();
        assertThat(lab.get("/cluster/resources?type=vm").text()).isEqualTo("{\"data\":[]}");
        assertThat(lab.get("/nodes/pve1/lxc").text()).isEqualTo("{\"data\":[]}");
        assertThat(lab.get("/cluster/nextid?vmid=100").line()).isEqualTo("200 OK");
        lab.pve1.findsItsGuestList();
        assertThat(lab.get("/cluster/nextid?vmid=100").status()).isEqualTo(400);
    }

    @Test
    void nodeThatForgetsItsClusterSpeaksOfNoQuorum() throws IOException {
        lab.pve1.forgetsItsCluster();
        assertThat(lab.get("/cluster/status").data()).hasSize(1);
        assertThat(lab.get("/cluster/status").text())
                .contains("\"nodeid\":0", "\"online\":1")
                .doesNotContain("quorate");
        lab.pve1.remembersItsCluster();
        assertThat(lab.get("/cluster/status").data()).hasSize(4);
    }

    @Test
    void highAvailabilityTakesOrdersAsWishes() throws IOException {
        cluster.addContainer(100, "pve1").highlyAvailable();
        var started = lab.ask("POST", "/nodes/pve1/lxc/100/status/start", Map.of());
        assertThat(started.data().asString()).contains(":hastart:100:");
        assertThat(cluster.guest(100).isRunning()).isTrue();
        var stopped = lab.ask("POST", "/nodes/pve1/lxc/100/status/stop", Map.of());
        assertThat(stopped.data().asString()).contains(":hastop:100:");
        assertThat(cluster.guest(100).isRunning()).isFalse();
        assertThat(lab.get("/nodes/pve1/lxc/100/status/current").text()).contains("\"managed\":1");
        assertThat(lab.exit(lab.ask("DELETE", "/nodes/pve1/lxc/100?purge=1", Map.of())))
                .isEqualTo("OK");
    }

    @Test
    void guestBetweenNodesIsSeenNowhereAndThenOnTheOther() throws IOException {
        FakeGuest guest = cluster.addContainer(100, "pve1").running();
        guest.isBetweenNodes();
        assertThat(lab.row(100)).isEmpty();
        assertThat(lab.get("/cluster/nextid?vmid=100").line()).isEqualTo("200 OK");
        guest.migratesTo("pve2");
        assertThat(lab.row(100)).containsEntry("node", "pve2");
        assertThat(lab.get("/nodes/pve1/lxc/100/config").line())
                .isEqualTo("500 Configuration file 'nodes/pve1/lxc/100.conf' does not exist");
        assertThat(guest.isRunning()).isTrue();
    }

    @Test
    void reusedIdIsAnotherGuest() throws IOException {
        FakeGuest guest = cluster.addContainer(100, "pve1").named("old").tagged("berth-1");
        String digest =
                lab.get("/nodes/pve1/lxc/100/config").data().get("digest").asString();
        var backup = guest.config();
        guest.vanishes();
        lab.create(100);
        assertThat(lab.get("/nodes/pve1/lxc/100/config").data().get("digest").asString())
                .isNotEqualTo(digest);
        guest.isRestored("pve2", backup);
        assertThat(guest.node()).contains("pve2");
        assertThat(lab.get("/nodes/pve2/lxc/100/config").data().get("digest").asString())
                .isEqualTo(digest);
    }

    @Test
    void nextIdIsTheLowestFreeOneOfTheRange() throws IOException {
        cluster.addContainer(100, "pve1");
        cluster.addMachine(101, "pve2");
        assertThat(lab.get("/cluster/nextid").data().asString()).isEqualTo("102");
        assertThat(lab.get("/cluster/nextid").data().asString())
                .as("nothing is reserved")
                .isEqualTo("102");
        cluster.offersIds(100, 101);
        assertThat(lab.get("/cluster/nextid").status()).isEqualTo(500);
    }

    @Test
    void changeThatNamesAnOldDigestIsRefused() throws IOException {
        FakeGuest guest = cluster.addContainer(100, "pve1");
        String digest =
                lab.get("/nodes/pve1/lxc/100/config").data().get("digest").asString();
        guest.named("other");
        assertThat(lab.ask("PUT", "/nodes/pve1/lxc/100/config", Map.of("digest", digest, "tags", "x"))
                        .line())
                .isEqualTo("500 detected modified configuration - file changed by other user? Try again.");
        assertThat(lab.ask("PUT", "/nodes/pve1/lxc/100/config", Map.of("tags", "x"))
                        .status())
                .isEqualTo(200);
        assertThat(guest.config()).containsEntry("tags", "x");
        lab.ask("PUT", "/nodes/pve1/lxc/100/config", Map.of("delete", "tags"));
        assertThat(guest.config()).doesNotContainKey("tags");
    }

    @Test
    void whatIsProtectedLockedManagedOrATemplateIsNotDestroyed() throws IOException {
        FakeGuest guest = cluster.addContainer(100, "pve1").protectedFromRemoval();
        assertThat(lab.ask("DELETE", "/nodes/pve1/lxc/100?force=1", Map.of()).reason())
                .isEqualTo("can't remove CT 100 - protection mode enabled");
        guest.without("protection").locked("migrate");
        assertThat(lab.ask("DELETE", "/nodes/pve1/lxc/100?force=1", Map.of()).reason())
                .isEqualTo("CT is locked (migrate)");
        guest.unlocked().highlyAvailable();
        assertThat(lab.ask("DELETE", "/nodes/pve1/lxc/100", Map.of()).reason())
                .isEqualTo("unable to remove CT 100 - used in HA resources and purge parameter not set.");
        assertThat(lab.row(100)).containsEntry("hastate", "stopped");
        assertThat(guest.exists()).isTrue();
    }

    @Test
    void whatTheFakeDoesNotHaveIsRefusedToTests() {
        assertThatThrownBy(() -> cluster.node("pve9")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> cluster.addContainer(99, "pve1")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> cluster.addContainer(100, "pve9")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> cluster.guest(100).running()).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> cluster.user("anna")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> cluster.user("anna@pve").may("/", "VM.Adit"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("VM.Audit");
    }

    @Test
    void requestsAreRecordedWithoutSecrets() throws IOException {
        lab.create(100);
        cluster.forgetRequests();
        var wish = lab.wish(101);
        wish.put("password", "very-secret");
        lab.ask("POST", "/nodes/pve1/lxc", wish);
        assertThat(cluster.requests()).hasSize(1);
        SeenRequest seen = cluster.requests().get(0);
        assertThat(seen.path()).isEqualTo("/nodes/pve1/lxc");
        assertThat(seen.caller()).isEqualTo("berth@pve!operator");
        assertThat(seen.parameters()).containsEntry("vmid", "101").containsEntry("password", "…");
        assertThat(cluster.requests().toString() + cluster.operator() + cluster)
                .doesNotContain("very-secret")
                .doesNotContain(cluster.operator().secret());
    }
}
