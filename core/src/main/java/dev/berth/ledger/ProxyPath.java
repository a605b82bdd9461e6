package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The canonical form of a proxy's path (RFC 3986 5.2.4 and 6.2.2, plus what proxies merge: {@code //} and %2F). */
final class ProxyPath {
    private static final String ALLOWED =
            "a path of RFC 3986 characters that stays within the root, without ?, #, backslash or control characters";
    /** What may stand unescaped in a segment besides letters and digits. */
    private static final String PLAIN = "-._~!$&'()*+,;=:@";

    private ProxyPath() {}

    static String canonical(String path) {
        if (isPlain(path)) {
            return path.charAt(0) == '/' ? path : "/" + path;
        }
        byte[] decoded = decode(path);
        List<String> kept = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= decoded.length; i++) {
            if (i == decoded.length || decoded[i] == '/') {
                resolve(path, kept, segment(path, decoded, from, i));
                from = i + 1;
            }
        }
        return "/" + String.join("/", kept);
    }

    /** Whether at most the leading slash is missing, which is so for nearly every path that is asked for. */
    private static boolean isPlain(String path) {
        char before = '/';
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            boolean inner = before != '/' && (c == '-' || c == '_' || c == '.' || c == '~');
            if (!letter && !inner && !(c == '/' && (before != '/' || i == 0))) {
                return false;
            }
            before = c;
        }
        return before != '/';
    }

    private static void resolve(String path, List<String> kept, String segment) {
        if (segment.equals("..")) {
            if (kept.isEmpty()) {
                throw InvalidInputException.of("proxy path", path, ALLOWED);
            }
            kept.remove(kept.size() - 1);
        } else if (!segment.isEmpty() && !segment.equals(".")) {
            kept.add(segment);
        }
    }

    /**
     * Decodes escapes, but keeps {@code %25} as it is: decoding it would make {@code %252F} a slash on the second round,
     * and a canonical form must be its own.
     */
    private static byte[] decode(String path) {
        byte[] raw = path.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[raw.length];
        int length = 0;
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] != '%') {
                out[length++] = raw[i];
                continue;
            }
            int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw InvalidInputException.of("proxy path", path, "% only before two hexadecimal digits");
            }
            int value = high * 16 + low;
            if (value == '%') {
                out[length++] = '%';
                out[length++] = '2';
                out[length++] = '5';
            } else {
                out[length++] = (byte) value;
            }
            i += 2;
        }
        return java.util.Arrays.copyOf(out, length);
    }

    private static String segment(String path, byte[] decoded, int from, int to) {
        var segment = new StringBuilder(to - from);
        for (int i = from; i < to; i++) {
            int b = decoded[i] & 0xff;
            if (b == '%') {
                segment.append("%25");
                i += 2;
            } else if (b < 0x20 || b == 0x7f || b == '?' || b == '#' || b == '\\') {
                throw InvalidInputException.of("proxy path", path, ALLOWED);
            } else if (b < 0x80 && (Character.isLetterOrDigit(b) || PLAIN.indexOf(b) >= 0)) {
                segment.append((char) b);
            } else {
                segment.append(String.format("%%%02X", b));
            }
        }
        return segment.toString();
    }
}
