package dev.berth.testkit.proxmox;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A guest as the cluster's file system knows it: where its configuration lies, and what stands in it. */
record Guest(int id, GuestKind kind, String node, Map<String, String> config) {
    Guest {
        config = Collections.unmodifiableMap(new TreeMap<>(config));
    }

    Optional<String> value(String key) {
        return Optional.ofNullable(config.get(key));
    }

    boolean isSet(String key) {
        return value(key).filter(text -> !"0".equals(text)).isPresent();
    }

    Optional<String> name() {
        return value(kind.nameKey);
    }

    Optional<String> lock() {
        return value("lock");
    }

    long number(String key, long otherwise) {
        return value(key).map(Long::parseLong).orElse(otherwise);
    }

    String file() {
        return "nodes/" + node + "/" + kind.folder + "/" + id + ".conf";
    }

    Guest with(Consumer<Map<String, String>> change) {
        Map<String, String> changed = new TreeMap<>(config);
        change.accept(changed);
        return new Guest(id, kind, node, changed);
    }

    Guest on(String other) {
        return new Guest(id, kind, other, config);
    }

    /** The digest that optimistic changes name: of the file's text, as Proxmox VE does it. */
    String digest() {
        var text = new StringBuilder();
        config.forEach(
                (key, value) -> text.append(key).append(": ").append(value).append('\n'));
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1")
                            .digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-1", impossible);
        }
    }
}
