package dev.berth.testkit.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is known of bodies of Proxmox VE 7 and 8, from the tests of another client, is in the fake's answers too. */
class FakeOlderVersionsTest {
    @ParameterizedTest
    @CsvSource({"V7, pve7x.json", "V8_3, pve8x.json", "V8_4, pve8x.json"})
    void keysOfOlderVersionsAreThereWithTheirTypes(ProxmoxVersion version, String file) throws IOException {
        JsonNode known;
        try (InputStream stream = Objects.requireNonNull(getClass().getResourceAsStream("/proxmox/" + file))) {
            known = JsonMapper.builder().build().readTree(stream.readAllBytes());
        }
        var builder = FakeProxmox.cluster("clustername").nodes("node1", "node2").version(version);
        try (var lab = builder.start()) {
            FakeNode node = lab.node("node1");
            lab.addContainer(200, "node1").running();
            lab.statisticsArrive();
            lab.user("root@pam").withPassword("right");
            RawClient client =
                    RawClient.of(lab, lab.user("root@pam").token("full").authorization());
            byte[] form = "username=root%40pam&password=right".getBytes(StandardCharsets.UTF_8);
            Map<String, String> head = Map.of(
                    "Content-Type",
                    "application/x-www-form-urlencoded",
                    "Content-Length",
                    Integer.toString(form.length));
            Map<String, JsonNode> answers = Map.of(
                    "GET /cluster/nextid$", client.get(node, "/cluster/nextid").json(),
                    "GET /cluster/nextid",
                            client.get(node, "/cluster/nextid?vmid=200").json(),
                    "GET /cluster/status", client.get(node, "/cluster/status").json(),
                    "GET ^/nodes$", client.get(node, "/nodes").json(),
                    "GET ^/nodes/node1/lxc$",
                            client.get(node, "/nodes/node1/lxc").json(),
                    "POST ^/access/ticket$",
                            client.send(node, "POST", "/api2/json/access/ticket", head, form)
                                    .json());
            List<String> missing = new ArrayList<>();
            int compared = 0;
            for (JsonNode one : known) {
                String asked = one.get("method").asString() + " "
                        + one.get("path_regex").asString();
                JsonNode answer = answers.get(asked);
                if (answer != null) {
                    compared++;
                    contains(asked, one.get("body"), answer, missing);
                }
            }
            assertThat(compared).isEqualTo(7);
            assertThat(missing).isEmpty();
        }
    }

    /** What is in the known body is in the answer: keys with the same types, and rows like the known ones. */
    private static void contains(String where, JsonNode known, JsonNode answer, List<String> missing) {
        if (known.getNodeType() != answer.getNodeType()) {
            missing.add(where + " is " + answer.getNodeType() + ", not " + known.getNodeType());
        } else if (known.isObject()) {
            known.properties().forEach(pair -> {
                String key = where + "." + pair.getKey();
                if (answer.has(pair.getKey())) {
                    contains(key, pair.getValue(), answer.get(pair.getKey()), missing);
                } else if (!key.endsWith(".tags") && !key.endsWith(".template") && !key.contains(".cap.")) {
                    missing.add(key);
                }
            });
        } else if (known.isArray()) {
            for (JsonNode row : known) {
                boolean found = false;
                for (JsonNode other : answer) {
                    found |= !row.has("type") || row.path("type").equals(other.path("type"));
                    if (row.path("type").equals(other.path("type"))) {
                        contains(where + "[]", row, other, missing);
                    }
                }
                if (!found) {
                    missing.add(where + " has no row like " + row);
                }
            }
        }
    }
}
