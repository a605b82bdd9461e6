package dev.berth.docker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Others who look after a container, and would make it again, or miss it: by the labels that they put on it. A project name
 * alone is no owner, for people set it to see their containers together.
 */
final class Owners {
    private static final Map<String, String> WORDS = words();

    private Owners() {}

    private static Map<String, String> words() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("com.docker.swarm.service.id", "it belongs to a swarm's service");
        words.put("com.docker.swarm.task.id", "it is a swarm's task");
        words.put("com.docker.compose.service", "it belongs to a compose project's service");
        words.put("PODMAN_SYSTEMD_UNIT", "it belongs to a systemd unit");
        return words;
    }

    /** Says who owns a container; empty if nobody says so. */
    static Optional<String> of(Map<String, String> labels) {
        return WORDS.entrySet().stream()
                .filter(word -> labels.containsKey(word.getKey()))
                .map(word -> word.getValue() + " (" + word.getKey() + "=" + labels.get(word.getKey()) + ")")
                .findFirst();
    }

    static Set<String> labels() {
        return WORDS.keySet();
    }
}
