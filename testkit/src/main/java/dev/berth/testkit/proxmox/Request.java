package dev.berth.testkit.proxmox;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request as it came over the wire.
 *
 * @param target path and query, escaped
 * @param body the body, empty for none
 */
record Request(String method, String target, String version, Map<String, List<String>> headers, String body) {
    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT))).map(all -> all.get(0));
    }

    /** The path, escaped. */
    String rawPath() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    /** The path behind the format, unescaped: {@code /nodes/pve1/lxc}. */
    String path() {
        String[] parts = rawPath().split("/", 4);
        return "/" + (parts.length < 4 ? "" : decode(parts[3]));
    }

    /** The format, which is the second segment: {@code json}. */
    String format() {
        String[] parts = rawPath().split("/", 4);
        return parts.length < 3 || !parts[1].equals("api2") ? "" : parts[2];
    }

    Optional<String> cookie(String name) {
        return headers.getOrDefault("cookie", List.of()).stream()
                .flatMap(line -> List.of(line.split(";\\s*", -1)).stream())
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> decode(pair.substring(name.length() + 1).replace("+", "%2B")))
                .findFirst();
    }

    boolean isWrite() {
        return !method.equals("GET");
    }

    Map<String, Object> query() {
        int mark = target.indexOf('?');
        return mark < 0 ? new LinkedHashMap<>() : form(target.substring(mark + 1));
    }

    /** Reads a form; a key that comes twice has all its values in a list. */
    static Map<String, Object> form(String text) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String key = decode(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            found.merge(key, value, Request::both);
        }
        return found;
    }

    private static Object both(Object one, Object other) {
        List<Object> all = one instanceof List<?> many ? new ArrayList<>(many) : new ArrayList<>(List.of(one));
        all.add(other);
        return all;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException broken) {
            return text;
        }
    }
}
