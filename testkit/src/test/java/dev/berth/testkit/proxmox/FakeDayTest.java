package dev.berth.testkit.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Long times and large clusters, which cost little time of the wall. */
class FakeDayTest {
    /** A day of trouble: asked every five minutes, every node tells what it can know and nothing else. */
    @Test
    void dayOfTroubleIsToldAsItHappens() throws IOException {
        try (var lab = new Lab()) {
            FakeProxmox cluster = lab.cluster;
            for (int id = 100; id < 130; id++) {
                cluster.addContainer(id, "pve" + (1 + id % 3))
                        .tagged("berth-" + id)
                        .running();
            }
            lab.clock.advance(Duration.ofSeconds(10));
            Map<Integer, Runnable> script = new TreeMap<>();
            script.put(60, () -> cluster.node("pve3").goesOffline());
            script.put(180, () -> cluster.node("pve3").comesBack());
            script.put(300, () -> cluster.node("pve2").isCutOff());
            script.put(360, () -> cluster.guest(102).vanishes());
            script.put(420, () -> cluster.node("pve2").rejoins());
            script.put(540, () -> cluster.operator().losesItsRights());
            script.put(600, () -> cluster.user("berth@pve").mayEverything("/"));
            script.put(720, () -> cluster.guest(100).migratesTo("pve1"));
            script.put(
                    900, () -> cluster.guest(102).isRestored("pve1", Map.of("hostname", "back", "tags", "berth-102")));
            for (int minute = 0; minute < 24 * 60; minute += 5) {
                script.getOrDefault(minute, () -> {}).run();
                lab.clock.advance(Duration.ofMinutes(5));
                var rows = lab.rows();
                boolean blind = minute >= 540 && minute < 600;
                assertThat(rows.keySet()).as("minute " + minute).isEqualTo(blind ? Set.of() : cluster.guestIds());
                if (!blind) {
                    boolean off = minute >= 60 && minute < 180;
                    boolean apart = minute >= 300 && minute < 420;
                    assertThat(rows.get(101).get("status"))
                            .as("a guest of pve3 in minute " + minute)
                            .isEqualTo(off ? "unknown" : minute < 180 ? "running" : "stopped");
                    assertThat(rows.get(103).containsKey("name"))
                            .as("a guest of pve2 in minute " + minute)
                            .isEqualTo(!apart);
                }
            }
            assertThat(lab.row(100)).containsEntry("node", "pve1").containsEntry("status", "running");
            assertThat(lab.row(102)).containsEntry("status", "stopped").containsEntry("name", "back");
        }
    }

    @Test
    void tenThousandGuestsAreListedQuickly() throws IOException {
        try (var lab = new Lab()) {
            for (int id = 1_000; id < 11_000; id++) {
                lab.cluster.addContainer(id, "pve" + (1 + id % 3)).tagged("berth-" + id);
            }
            lab.cluster.statisticsArrive();
            long start = System.nanoTime();
            assertThat(lab.get("/cluster/resources?type=vm").data()).hasSize(10_000);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertThat(took).isLessThan(Duration.ofSeconds(30));
            System.out.printf(
                    "10000 guests were listed by the fake cluster, sent and parsed in %d ms%n", took.toMillis());
        }
    }

    /** Whatever is done in whatever order, ids are unique, what exists is listed by all with quorum, and tasks end. */
    @Test
    void stateStaysConsistentUnderRandomTrouble() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        try (var lab = new Lab()) {
            FakeProxmox cluster = lab.cluster;
            for (int step = 0; step < 400; step++) {
                FakeNode node = cluster.nodes().get(1 + random.nextInt(2));
                int id = 100 + random.nextInt(8);
                String guest = "/nodes/" + cluster.guest(id).node().orElse("pve1") + "/lxc/" + id;
                switch (random.nextInt(12)) {
                    case 0 -> node.goesOffline();
                    case 1, 2 -> node.comesBack();
                    case 3 -> node.isCutOff();
                    case 4, 5 -> node.rejoins();
                    case 6, 7 -> lab.ask("POST", "/nodes/pve" + (1 + random.nextInt(3)) + "/lxc", lab.wish(id));
                    case 8 -> lab.ask("DELETE", guest, Map.of());
                    case 9 -> lab.ask("POST", guest + "/status/start", Map.of());
                    case 10 -> lab.ask("POST", guest + "/status/stop", Map.of());
                    default -> lab.clock.advance(Duration.ofSeconds(random.nextInt(400)));
                }
                String where = "seed " + seed + ", step " + step;
                var quorate = lab.get("/cluster/status").text().contains("\"quorate\":1");
                var listed = new TreeSet<Integer>();
                lab.get("/cluster/resources?type=vm")
                        .data()
                        .forEach(row -> assertThat(listed.add(row.get("vmid").asInt()))
                                .as(where)
                                .isTrue());
                if (quorate) {
                    assertThat(listed).as(where).containsExactlyElementsOf(cluster.guestIds());
                }
                boolean taken = lab.get("/cluster/nextid?vmid=" + id).status() == 400;
                assertThat(taken).as(where).isEqualTo(listed.contains(id));
            }
        }
    }
}
