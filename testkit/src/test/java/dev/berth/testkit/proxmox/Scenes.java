package dev.berth.testkit.proxmox;

import dev.berth.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What was done to the real cluster while its answers were recorded, done to the fake one. */
final class Scenes {
    private static final Duration TICK = Duration.ofSeconds(10);
    private final ManualClock clock = ManualClock.at(Instant.parse("2026-11-21T23:48:00Z"));
    private final FakeProxmox lab;
    private final Replay replay;
    private final RawClient reaper;

    private Scenes(FakeProxmoxBuilder builder, Replays into) {
        lab = builder.clock(clock).delays(Replay.DELAYS).start();
        lab.user("root@pam").withPassword("pve-lab-root").token("full");
        FakeUser ghost = lab.user("ghost@pve").withPassword("ghost-pw-12345");
        ghost.may("/", Privileges.PROVISIONING.toArray(new String[0])).token("reaper");
        ghost.separatedToken("sep");
        Set<String> all = new TreeSet<>(Privileges.ALL);
        all.removeIf(privilege -> !privilege.startsWith("VM."));
        lab.user("limited@pve").may("/vms/101", all.toArray(new String[0])).token("tok");
        lab.user("nobody@pve").token("tok");
        replay = new Replay(into.recordings(), into.differences(), lab);
        reaper = RawClient.of(lab, ghost.token("reaper").authorization());
    }

    /** Plays everything; the differences of each recording are found in the replays. */
    static void play(Replays into) throws Exception {
        var cluster = new Scenes(FakeProxmox.cluster("lab").nodes("pve1", "pve2", "pve3"), into);
        try (cluster.lab) {
            cluster.readsAndErrors();
            cluster.creations();
            cluster.destructions();
            cluster.nodeKilled();
            cluster.partition();
            cluster.statisticsExpired();
            cluster.filesDead();
            cluster.daemonsDown();
            cluster.lastReads();
        }
        var old = new Scenes(FakeProxmox.cluster("lab").nodes("pve1", "pve2").node("pve3", ProxmoxVersion.V8_3), into);
        try (old.lab) {
            old.lab.addContainer(103, "pve3");
            old.replay.range("pve3", 601, 611);
        }
        var fresh = new Scenes(FakeProxmox.cluster("lab").nodes("pve1", "pve2", "pve3"), into);
        try (fresh.lab) {
            fresh.slowTasks();
        }
        var alone = new Scenes(FakeProxmox.cluster("lab").removedNode("pve2"), into);
        try (alone.lab) {
            alone.lab.node("pve1").clusterFilesGoDown();
            alone.lab.node("pve1").clusterFilesComeBack();
            alone.replay.range("pve1", 691, 695);
        }
    }

    private void tick() {
        clock.advance(TICK);
    }

    private String create(int id, String name) throws Exception {
        return reaper.ask(
                        lab.node("pve1"),
                        "POST",
                        "/nodes/pve1/lxc",
                        new LinkedHashMap<>(Map.of(
                                "vmid", Integer.toString(id),
                                "ostemplate", lab.template(),
                                "hostname", name,
                                "rootfs", "local:0",
                                "memory", "64",
                                "unprivileged", "1",
                                "net0", "name=eth0,bridge=vmbr0,ip=manual")))
                .data()
                .asString();
    }

    private void start(int id) throws Exception {
        var unused = reaper.ask(lab.node("pve1"), "POST", "/nodes/pve1/lxc/" + id + "/status/start", Map.of());
    }

    private void readsAndErrors() throws Exception {
        lab.nextTaskEndsWith(
                "unable to create CT 100 - command 'timedatectl show '--property=Timezone' --value' failed: exit code 1");
        create(100, "web-100.example.test");
        clock.advance(Duration.ofMinutes(1));
        create(100, "web-100.example.test");
        start(100);
        lab.guest(100).stopped();
        tick();
        replay.range("pve1", 1, 28);
        replay.at("pve1", "030", "031", "032", "033", "034");
        replay.range("pve1", 36, 55);
    }

    private void creations() throws Exception {
        start(100);
        replay.range("pve1", 101, 104);
        replay.at("pve2", "105");
        replay.range("pve1", 106, 113);
        tick();
        replay.range("pve1", 114, 191);
    }

    private void destructions() throws Exception {
        replay.range("pve1", 251, 272);
        replay.at("pve1", "273");
        lab.guest(105).with("protection", "0").locked("backup");
        replay.range("pve1", 274, 290);
        tick();
        replay.race("pve1", 120, "291", "292", "293");
        replay.race("pve1", 121, "294", "295", "296");
        replay.range("pve1", 297, 307);
    }

    private void nodeKilled() {
        replay.at("pve1", "341");
        tick();
        replay.range("pve1", 342, 350);
        lab.node("pve3").goesOffline();
        replay.range("pve1", 351, 361);
        tick();
        replay.range("pve1", 362, 364);
        lab.node("pve3").comesBack();
        tick();
        replay.range("pve1", 365, 367);
        replay.range("pve1", 381, 383);
        replay.range("pve3", 384, 386);
        replay.range("pve1", 387, 389);
    }

    private void partition() {
        lab.node("pve3").isCutOff();
        replay.range("pve1", 390, 392);
        replay.range("pve3", 393, 402);
        replay.at("pve1", "403");
        replay.at("pve3", "404");
        replay.range("pve1", 405, 406);
        lab.node("pve3").rejoins();
        tick();
        replay.range("pve3", 407, 410);
        lab.losesQuorum();
        replay.range("pve1", 411, 420);
        lab.heals();
    }

    private void statisticsExpired() {
        lab.guest(102).stopped();
        lab.node("pve3").goesOffline();
        clock.advance(Duration.ofMinutes(6));
        replay.range("pve1", 451, 455);
        lab.node("pve3").comesBack();
        tick();
    }

    private void filesDead() throws Exception {
        replay.signIn("pve1", "ghost@pve", "ghost-pw-12345");
        lab.node("pve1").clusterFilesGoDown();
        replay.range("pve1", 471, 486);
        lab.node("pve1").statisticsStop();
        lab.node("pve2").statisticsStop();
        lab.node("pve1").clusterFilesComeBack();
        tick();
        replay.range("pve1", 487, 488);
        lab.node("pve1").statisticsGoOn();
        lab.node("pve2").statisticsGoOn();
        tick();
        replay.range("pve1", 489, 490);
        lab.node("pve2").clusterFilesGoDown();
        replay.range("pve1", 491, 494);
        lab.node("pve2").clusterFilesComeBack();
        tick();
    }

    private void daemonsDown() {
        lab.node("pve1").daemonGoesDown();
        replay.range("pve1", 495, 500);
        replay.at("pve1", "501-pvedaemon");
        lab.node("pve1").daemonRecovers();
        lab.node("pve2").proxyHangs();
        replay.at("pve1", "501-pve2");
        lab.node("pve2").proxyRecovers();
        lab.node("pve2").proxyGoesDown();
        replay.at("pve1", "502-pve2-pveproxy");
        lab.node("pve2").proxyRecovers();
        lab.node("pve2").daemonHangs();
        replay.at("pve1", "502-pve2-pvedaemon", "503");
        lab.node("pve2").daemonRecovers();
        replay.at("pve1", "504", "505");
        lab.node("pve1").daemonHangs();
        replay.at("pve1", "506");
        lab.node("pve1").daemonRecovers();
        replay.at("pve1", "507", "508");
    }

    private void lastReads() {
        tick();
        lab.user("limited@pve").isDisabled();
        lab.user("nobody@pve").token("tok").expiresAt(clock.instant());
        replay.range("pve1", 509, 513);
        replay.at("pve1", "590");
    }

    private void slowTasks() {
        lab.addContainer(100, "pve2").named("fresh.example.test").running();
        lab.tasksTake(Duration.ofSeconds(3));
        lab.statisticsArrive();
        replay.range("pve1", 641, 645);
        clock.advance(Duration.ofSeconds(3));
        replay.range("pve1", 646, 651);
        clock.advance(Duration.ofSeconds(12));
        replay.range("pve1", 652, 653);
        lab.tasksTake(Duration.ZERO);
        replay.at("pve1", "661");
        tick();
        replay.range("pve1", 662, 667);
        lab.user("limited@pve").token("tok");
        replay.range("pve1", 668, 671);
    }
}
