package dev.berth.proxmox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What one node says of its cluster ({@code GET /cluster/status}).
 *
 * @param cluster the cluster's name, empty for a stand-alone node
 * @param quorate whether the node that answers belongs to the majority; a stand-alone node does
 * @param local the node that answers
 * @param online whether each node is online, by name
 */
record ClusterStatus(Optional<String> cluster, boolean quorate, String local, Map<String, Boolean> online) {
    static ClusterStatus of(JsonNode rows) {
        Optional<String> cluster = Optional.empty();
        boolean quorate = true;
        List<String> local = new ArrayList<>();
        Map<String, Boolean> online = new LinkedHashMap<>();
        for (JsonNode row : rows) {
            String name = Answer.text(row, "name");
            if (Answer.text(row, "type").equals("cluster")) {
                cluster = Optional.of(name);
                quorate = Answer.flag(row.path("quorate"));
            } else if (Answer.text(row, "type").equals("node") && !name.isEmpty()) {
                online.put(name, Answer.flag(row.path("online")));
                if (Answer.flag(row.path("local"))) {
                    local.add(name);
                }
            }
        }
        if (local.size() != 1) {
            throw Trouble.ill("/cluster/status does not say which node answers: local are " + local);
        }
        return new ClusterStatus(cluster, quorate, local.get(0), Map.copyOf(online));
    }

    boolean isOnline(String node) {
        return online.getOrDefault(node, false);
    }
}
