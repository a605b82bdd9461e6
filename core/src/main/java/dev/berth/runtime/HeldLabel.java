package dev.berth.runtime;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a claim holds, written on its instance, so that a ledger that was lost can be told by the instances themselves.
 * Holdings apart by semicolons, each its part, role, kind, scope and value apart by commas, all URL-encoded.
 */
final class HeldLabel {
    /** The label's key. */
    static final String KEY = "dev.berth.held";

    private static final int FIELDS = 5;

    private HeldLabel() {}

    static String write(Claim claim) {
        return claim.holdings().stream()
                .filter(held -> !held.part().equals(Claim.INSTANCE_PART))
                .map(HeldLabel::write)
                .collect(Collectors.joining(";"));
    }

    private static String write(Holding held) {
        Resource resource = held.resource();
        return java.util.stream.Stream.of(
                        held.part(),
                        held.role(),
                        resource.kind(),
                        resource.scope().name(),
                        resource.value())
                .map(field -> URLEncoder.encode(field, StandardCharsets.UTF_8))
                .collect(Collectors.joining(","));
    }

    /** Reads the groups of resources by part; empty if the label is missing or is not what we write. */
    static Optional<Map<String, Map<String, Resource>>> read(Map<String, String> labels) {
        String written = labels.get(KEY);
        if (written == null) {
            return Optional.empty();
        }
        Map<String, Map<String, Resource>> parts = new LinkedHashMap<>();
        try {
            for (String one : written.isEmpty() ? new String[0] : written.split(";", -1)) {
                String[] fields = one.split(",", -1);
                if (fields.length != FIELDS) {
                    return Optional.empty();
                }
                for (int i = 0; i < FIELDS; i++) {
                    fields[i] = URLDecoder.decode(fields[i], StandardCharsets.UTF_8);
                }
                parts.computeIfAbsent(fields[0], part -> new LinkedHashMap<>())
                        .put(fields[1], Resource.stored(fields[2], Scope.of(fields[3]), fields[4]));
            }
        } catch (IllegalArgumentException | dev.berth.InvalidInputException mangled) {
            return Optional.empty();
        }
        return Optional.of(parts);
    }
}
