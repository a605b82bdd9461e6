package dev.berth.testkit.proxmox;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Tells in what an answer differs from a recorded one. The status line, headers and keys must be the same, and types, and
 * values but those that were measured or made up on the spot.
 */
final class Comparer {
    private static final List<String> SAME_HEADERS =
            List.of("Cache-Control", "Connection", "Pragma", "Server", "Content-Type", "Content-Encoding", "Location");
    private static final List<String> PRESENT_HEADERS = List.of("Date", "Expires", "Content-Length");

    /** What a machine measured, or what is made up anew each time. */
    private static final Set<String> MEASURED = Set.of(
            "cpu",
            "mem",
            "disk",
            "maxdisk",
            "uptime",
            "digest",
            "pid",
            "pstart",
            "starttime",
            "endtime",
            "ssl_fingerprint",
            "ticket",
            "CSRFPreventionToken",
            "used",
            "avail",
            "total",
            "used_fraction",
            "pressurecpusome",
            "pressurecpufull",
            "pressureiosome",
            "pressureiofull",
            "pressurememorysome",
            "pressurememoryfull");

    /** What the real one writes as a number at one time and as a text at another. */
    private static final Set<String> NUMBER_OR_TEXT = Set.of("saved");

    private static final Set<String> UNORDERED = Set.of("content");
    private static final Pattern UPID =
            Pattern.compile("UPID:([\\w-]+):[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:(\\w+:\\w*:[^:]+):");

    private final List<String> differences = new ArrayList<>();

    private Comparer() {}

    static List<String> differences(RawClient.Raw recorded, RawClient.Raw answered) throws IOException {
        var comparer = new Comparer();
        comparer.differ("status line", plain(recorded.line()), plain(answered.line()));
        for (String name : SAME_HEADERS) {
            comparer.differ("header " + name, recorded.all(name), answered.all(name));
        }
        for (String name : PRESENT_HEADERS) {
            comparer.differ(
                    "number of headers " + name,
                    recorded.all(name).size(),
                    answered.all(name).size());
        }
        boolean json = recorded.all("Content-Type").stream().anyMatch(type -> type.startsWith("application/json"));
        if (json && !answered.body().isEmpty()) {
            comparer.compare("body", recorded.json(), answered.json());
        } else {
            comparer.differ("body", recorded.text(), answered.text());
        }
        return comparer.differences;
    }

    /** Compares bodies alone. */
    static List<String> differences(JsonNode recorded, JsonNode answered) {
        var comparer = new Comparer();
        comparer.compare("body", recorded, answered);
        return comparer.differences;
    }

    static boolean isMeasured(String key) {
        return MEASURED.contains(key);
    }

    private void differ(String where, Object recorded, Object answered) {
        if (!recorded.equals(answered)) {
            differences.add(where + ": recorded " + recorded + ", answered " + answered);
        }
    }

    private void compare(String where, JsonNode recorded, JsonNode answered) {
        String key = where.substring(where.lastIndexOf('.') + 1);
        if (NUMBER_OR_TEXT.contains(key) && recorded.isValueNode() && answered.isValueNode()) {
            differ(where, recorded.asString(), answered.asString());
        } else if (!kind(recorded).equals(kind(answered))) {
            differ(where + " is", kind(recorded), kind(answered));
        } else if (recorded.isObject()) {
            Set<String> names = new TreeSet<>(recorded.propertyNames());
            differ("keys of " + where, names, new TreeSet<>(answered.propertyNames()));
            names.stream()
                    .filter(answered::has)
                    .forEach(name -> compare(where + "." + name, recorded.get(name), answered.get(name)));
        } else if (recorded.isArray()) {
            List<JsonNode> rows = sorted(recorded);
            List<JsonNode> others = sorted(answered);
            differ("rows of " + where, rows.size(), others.size());
            for (int i = 0; i < Math.min(rows.size(), others.size()); i++) {
                compare(where + "[" + name(rows.get(i)) + "]", rows.get(i), others.get(i));
            }
        } else if (!MEASURED.contains(key)) {
            differ(where, value(key, recorded), value(key, answered));
        }
    }

    private static Object value(String key, JsonNode node) {
        if (UNORDERED.contains(key)) {
            return new TreeSet<>(Arrays.asList(node.asString().split(",", -1)));
        }
        return node.isString() ? plain(node.asString()) : node.asString();
    }

    /** A text without what is made up on the spot. */
    private static String plain(String text) {
        Matcher upid = UPID.matcher(text);
        return upid.replaceAll("UPID:$1:…:$2:")
                .replaceAll("conf\\.tmp\\.\\d+", "conf.tmp.N")
                .replaceAll("hwaddr=[0-9A-F:]+", "hwaddr=…")
                .replaceAll("\\d+MiB/s", "…MiB/s");
    }

    private static String kind(JsonNode node) {
        return node.isNumber() ? "a number" : node.getNodeType().name();
    }

    private static List<JsonNode> sorted(JsonNode array) {
        List<JsonNode> rows = new ArrayList<>();
        array.forEach(rows::add);
        rows.sort(Comparator.comparing(Comparer::name));
        return rows;
    }

    /** What rows are known by, whatever their order. */
    private static String name(JsonNode row) {
        var name = new StringBuilder();
        for (String key : List.of("n", "id", "vmid", "node", "name", "storage", "type", "status")) {
            JsonNode value = row.get(key);
            if (value != null && value.isValueNode()) {
                name.append(key.equals("n") ? String.format("%3s", value.asString()) : value.asString())
                        .append(' ');
            }
        }
        return name.toString().trim();
    }
}
