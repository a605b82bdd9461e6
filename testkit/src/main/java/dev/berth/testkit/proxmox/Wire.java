package dev.berth.testkit.proxmox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** HTTP/1.1 as pveproxy speaks it: reason phrases that say something, and headers in its order. */
final class Wire {
    private static final int MOST_BODY = 512 << 10;
    private static final int MOST_LINE = 64 << 10;
    private static final int WORTH_ZIPPING = 1024;

    private Wire() {}

    /** Reads a request; empty at the end of the connection. */
    static Optional<Request> read(InputStream in) throws IOException {
        Optional<String> first = line(in);
        if (first.isEmpty() || first.get().isEmpty()) {
            return Optional.empty();
        }
        String[] words = first.get().split(" ", 3);
        if (words.length < 3) {
            throw new IOException("no HTTP request: " + first.get());
        }
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String line = line(in).orElse(""); !line.isEmpty(); line = line(in).orElse("")) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                        .add(line.substring(colon + 1).trim());
            }
        }
        int length = Integer.parseInt(
                headers.getOrDefault("content-length", List.of("0")).get(0));
        if (length > MOST_BODY || headers.containsKey("transfer-encoding")) {
            throw new IOException("a body that Proxmox VE does not take");
        }
        return Optional.of(new Request(
                words[0], words[1], words[2], headers, new String(in.readNBytes(length), StandardCharsets.UTF_8)));
    }

    private static Optional<String> line(InputStream in) throws IOException {
        var bytes = new ByteArrayOutputStream();
        int next = in.read();
        if (next < 0) {
            return Optional.empty();
        }
        while (next >= 0 && next != '\n') {
            if (bytes.size() > MOST_LINE) {
                throw new IOException("a line that is too long");
            }
            bytes.write(next);
            next = in.read();
        }
        return Optional.of(bytes.toString(StandardCharsets.UTF_8).stripTrailing());
    }

    static boolean keepsAlive(Request request, Reply reply) {
        boolean old = request.version().equals("HTTP/1.0");
        String wish = request.header("Connection").orElse(old ? "close" : "keep-alive");
        return reply.status() < 400 && !wish.equalsIgnoreCase("close");
    }

    static void write(OutputStream out, Request request, Reply reply, Instant now) throws IOException {
        byte[] plain = reply.body().getBytes(StandardCharsets.UTF_8);
        boolean zipped = plain.length > WORTH_ZIPPING
                && request.header("Accept-Encoding").orElse("").contains("gzip");
        byte[] body = zipped ? zip(plain) : plain;
        var head = new StringBuilder();
        head.append("HTTP/1.1 ").append(reply.status()).append(' ').append(reply.reason());
        head.append("\r\nCache-Control: max-age=0");
        reply.connection().forEach(value -> head.append("\r\nConnection: ").append(value));
        head.append("\r\nDate: ").append(date(now));
        head.append("\r\nPragma: no-cache\r\nServer: pve-api-daemon/3.0");
        if (zipped) {
            head.append("\r\nContent-Encoding: gzip");
        }
        if (body.length > 0) {
            head.append("\r\nContent-Length: ").append(body.length);
        }
        if (!reply.type().isEmpty()) {
            head.append("\r\nContent-Type: ").append(reply.type());
        }
        head.append("\r\nExpires: ").append(date(now)).append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        if (!request.method().equals("HEAD")) {
            out.write(body);
        }
        out.flush();
    }

    /** What speaks HTTP without TLS is sent to where there is TLS. */
    static void redirect(OutputStream out, Request request, Instant now) throws IOException {
        String target = "https://" + request.header("Host").orElse("localhost") + request.target();
        String text = "Moved Permanently";
        out.write(("HTTP/1.1 301 " + text + "\r\nCache-Control: max-age=0\r\nConnection: Keep-Alive\r\nDate: "
                        + date(now)
                        + "\r\nPragma: no-cache\r\nLocation: " + target + "\r\nServer: pve-api-daemon/3.0"
                        + "\r\nContent-Length: " + text.length() + "\r\nExpires: " + date(now) + "\r\n\r\n" + text)
                .getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String date(Instant now) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC));
    }

    private static byte[] zip(byte[] plain) throws IOException {
        var zipped = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(zipped)) {
            zip.write(plain);
        }
        return zipped.toByteArray();
    }
}
