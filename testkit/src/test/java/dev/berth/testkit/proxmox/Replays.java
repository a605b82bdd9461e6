package dev.berth.testkit.proxmox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** All recordings, and in what the fake cluster's answers differ from them. */
record Replays(Map<String, Recording> recordings, Map<String, List<String>> differences) {
    static Replays ofAll() throws IOException {
        return new Replays(Recording.all(), new TreeMap<>());
    }

    /** Reads a table: a name, and behind a bar what is said of it. */
    static Map<String, List<String>> table(String file) {
        try (var stream = Objects.requireNonNull(Replays.class.getResourceAsStream("/proxmox/" + file))) {
            Map<String, List<String>> table = new LinkedHashMap<>();
            new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> List.of(line.split(" \\| ", -1)))
                    .forEach(cells -> table.put(cells.get(0), cells.subList(1, cells.size())));
            return table;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
