package dev.berth.testkit.proxmox;

import dev.berth.testkit.ManualClock;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** A fake cluster of three nodes with a clock of its own, and what tests ask it again and again. */
final class Lab implements AutoCloseable {
    final ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    final FakeProxmox cluster;
    final FakeNode pve1;
    final RawClient client;

    Lab() {
        this(FakeProxmox.cluster("lab").nodes("pve1", "pve2", "pve3"));
    }

    Lab(FakeProxmoxBuilder builder) {
        cluster = builder.clock(clock).start();
        pve1 = cluster.node("pve1");
        client = RawClient.of(cluster);
    }

    Map<String, String> wish(int id) {
        return new HashMap<>(Map.of(
                "vmid", Integer.toString(id),
                "ostemplate", cluster.template(),
                "unprivileged", "1",
                "hostname", "web",
                "tags", "b;A"));
    }

    RawClient.Raw get(String path) throws IOException {
        return client.get(pve1, path);
    }

    RawClient.Raw ask(String method, String path, Map<String, String> form) throws IOException {
        return client.ask(pve1, method, path, form);
    }

    RawClient.Raw create(int id) throws IOException {
        return ask("POST", "/nodes/pve1/lxc", wish(id));
    }

    /** How a task ended, {@code running} if it has not. */
    String exit(RawClient.Raw answer) throws IOException {
        String upid = answer.data().asString();
        return get("/nodes/" + upid.split(":", -1)[1] + "/tasks/" + upid + "/status")
                .data()
                .path("exitstatus")
                .asString("running");
    }

    /** The rows of {@code /cluster/resources}, by their ids. */
    Map<Integer, Map<String, String>> rows() throws IOException {
        Map<Integer, Map<String, String>> rows = new TreeMap<>();
        get("/cluster/resources?type=vm").data().forEach(row -> {
            Map<String, String> found = new HashMap<>();
            row.properties()
                    .forEach(pair -> found.put(pair.getKey(), pair.getValue().asString()));
            rows.put(row.get("vmid").asInt(), found);
        });
        return rows;
    }

    /** A row of {@code /cluster/resources}, empty if there is none. */
    Map<String, String> row(int id) throws IOException {
        return rows().getOrDefault(id, Map.of());
    }

    @Override
    public void close() {
        cluster.close();
    }
}
