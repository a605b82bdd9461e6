package dev.berth.docker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Others who look after a container, and would make it again, or miss it: by labels that only they put on it, and on
 * containers only. Compose labels the images that it builds with project, service and version ({@code pkg/compose/build.go},
 * v2), which whatever is made from them inherits; what it calls a container of its own has a hash of its configuration
 * ({@code hasConfigHashLabel}, v2), and podman-compose numbers it.
 */
final class Owners {
    private static final Map<String, String> WORDS = words();

    private Owners() {}

    private static Map<String, String> words() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("com.docker.swarm.service.id", "it belongs to a swarm's service");
        words.put("com.docker.swarm.task.id", "it is a swarm's task");
        words.put("com.docker.compose.config-hash", "it belongs to a compose project's service");
        words.put("com.docker.compose.container-number", "it belongs to a compose project's service");
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
