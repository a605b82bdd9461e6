package dev.berth.testkit.proxmox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** A request to a real Proxmox VE 9.2, and what it answered. Each character of a body is a byte. */
record Recording(
        String name,
        String method,
        String target,
        Map<String, String> headers,
        String body,
        Duration delay,
        RawClient.Raw answer) {
    private static final String MARK = "----- answer";

    static Map<String, Recording> all() throws IOException {
        Map<String, Recording> all = new TreeMap<>();
        try (InputStream file = Objects.requireNonNull(Recording.class.getResourceAsStream("/proxmox/pve-9.2.zip"));
                ZipInputStream zip = new ZipInputStream(file)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String name = entry.getName().replace(".http", "");
                // One byte is one character, so that a zipped body stays what it is.
                all.put(name, parse(name, new String(zip.readAllBytes(), StandardCharsets.ISO_8859_1)));
            }
        }
        return all;
    }

    private static Recording parse(String name, String text) {
        boolean plain = text.contains("(plain HTTP)");
        int mark = plain ? text.indexOf("HTTP/1.1 301") : text.indexOf(MARK);
        String asked = text.substring(0, mark);
        String answered = plain ? text.substring(mark) : text.substring(text.indexOf('\n', mark) + 1);
        List<String> lines = head(asked);
        String[] first = lines.get(0).split(" ", -1);
        Map<String, String> headers = new LinkedHashMap<>();
        lines.stream().skip(1).forEach(line -> headers.put(key(line), value(line)));
        headers.keySet().removeAll(List.of("Host", "Accept"));
        int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
        return new Recording(name, first[0], first[1], headers, body(asked, length), delay(text), answer(answered));
    }

    /** How long the real one took. */
    private static Duration delay(String text) {
        Matcher seconds =
                Pattern.compile("----- answer after (\\d+\\.\\d+) s -----").matcher(text);
        return seconds.find()
                ? Duration.ofMillis(Math.round(1_000 * Double.parseDouble(seconds.group(1))))
                : Duration.ZERO;
    }

    private static RawClient.Raw answer(String text) {
        List<String> lines = head(text);
        String[] first = lines.get(0).split(" ", 3);
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        lines.stream().skip(1).forEach(line -> headers.add(Map.entry(key(line), value(line))));
        var raw = new RawClient.Raw(Integer.parseInt(first[1]), first[2], headers, "");
        int length = raw.all("Content-Length").stream()
                .findFirst()
                .map(Integer::parseInt)
                .orElse(0);
        return new RawClient.Raw(raw.status(), raw.reason(), headers, body(text, length));
    }

    private static List<String> head(String text) {
        String unix = text.replace("\r", "");
        int end = unix.indexOf("\n\n");
        return unix.substring(0, end < 0 ? unix.length() : end).lines().toList();
    }

    private static String body(String text, int length) {
        int end = text.indexOf("\r\n\r\n") + 4;
        if (end < 4) {
            end = text.indexOf("\n\n") + 2;
        }
        if (text.length() < end + length) {
            throw new IllegalStateException("a body of " + length + " bytes is cut");
        }
        return text.substring(end, end + length);
    }

    private static String key(String line) {
        return line.substring(0, line.indexOf(':'));
    }

    private static String value(String line) {
        return line.substring(line.indexOf(':') + 1).trim();
    }
}
