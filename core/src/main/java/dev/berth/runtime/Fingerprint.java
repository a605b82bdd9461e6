package dev.berth.runtime;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which runtime answers: what stays the same as long as it is the same one with the same instances, such as an engine's
 * id, its storage driver and its data directory, or the id in a beacon that we left there, where the engine's own id is
 * made up anew at each call (Podman). Immutable.
 *
 * @param parts the parts by name, sorted
 */
public record Fingerprint(Map<String, String> parts) {
    /**
     * Copies the parts.
     *
     * @param parts the parts by name, at least one
     * @throws InvalidInputException if there is none
     */
    public Fingerprint {
        parts = Collections.unmodifiableMap(
                new TreeMap<>(InvalidInputException.copyOf("parts of a fingerprint", parts)));
        if (parts.isEmpty()) {
            throw InvalidInputException.of("parts of a fingerprint", parts, "at least one");
        }
        parts.forEach((name, value) -> {
            if (name.isEmpty()
                    || name.indexOf('=') >= 0
                    || !isPlain(name)
                    || !isPlain(InvalidInputException.requireNonNull(name, value))) {
                throw InvalidInputException.of(
                        "part of a fingerprint",
                        name + "=" + value,
                        "texts of one line, the name without an equals sign");
            }
        });
    }

    private static boolean isPlain(String text) {
        return text.chars().noneMatch(Character::isISOControl);
    }

    /**
     * Names the parts that differ.
     *
     * @param other the fingerprint to compare with
     * @return each difference in words; empty if they are the same
     */
    public List<String> differences(Fingerprint other) {
        SortedSet<String> names = new TreeSet<>(parts.keySet());
        names.addAll(InvalidInputException.requireNonNull("other fingerprint", other)
                .parts
                .keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            String mine = parts.get(name);
            String its = other.parts.get(name);
            if (mine == null || !mine.equals(its)) {
                differences.add(name + " was " + (mine == null ? "not told" : mine) + " and is "
                        + (its == null ? "not told" : its));
            }
        }
        return differences;
    }

    /** One part a line: name, equals sign, value. */
    String written() {
        var text = new StringBuilder();
        parts.forEach(
                (name, value) -> text.append(name).append('=').append(value).append('\n'));
        return text.toString();
    }

    static Fingerprint read(String written) {
        Map<String, String> parts = new TreeMap<>();
        for (String line : written.split("\n", -1)) {
            int sign = line.indexOf('=');
            if (sign > 0) {
                parts.put(line.substring(0, sign), line.substring(sign + 1));
            }
        }
        return new Fingerprint(parts);
    }

    @Override
    public String toString() {
        return parts.toString();
    }
}
