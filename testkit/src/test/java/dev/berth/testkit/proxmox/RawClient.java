package dev.berth.testkit.proxmox;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client that hides nothing: it sees reason phrases, and headers that come twice. Safe for use by many threads. */
final class RawClient {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private final SSLContext tls;
    private final String authorization;
    private final Map<String, Kept> connections = new ConcurrentHashMap<>();

    private RawClient(SSLContext tls, String authorization) {
        this.tls = tls;
        this.authorization = authorization;
    }

    /** An answer as it came; each character of its body is a byte. */
    record Raw(int status, String reason, List<Map.Entry<String, String>> headers, String body) {
        List<String> all(String name) {
            return headers.stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .toList();
        }

        String text() throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
            return all("Content-Encoding").contains("gzip")
                    ? new String(
                            new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes(), StandardCharsets.UTF_8)
                    : new String(bytes, StandardCharsets.UTF_8);
        }

        JsonNode data() throws IOException {
            return json().get("data");
        }

        JsonNode json() throws IOException {
            return MAPPER.readTree(text());
        }

        String line() {
            return status + " " + reason;
        }
    }

    static RawClient of(FakeProxmox lab, String authorization) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", lab.authority());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return new RawClient(tls, authorization);
        } catch (GeneralSecurityException | IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static RawClient of(FakeProxmox lab) {
        return of(lab, lab.operator().authorization());
    }

    Raw get(FakeNode node, String path) throws IOException {
        return ask(node, "GET", path, Map.of());
    }

    Raw ask(FakeNode node, String method, String path, Map<String, String> form) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Authorization", authorization);
        String body = String.join(
                "&",
                form.entrySet().stream()
                        .map(pair -> pair.getKey() + "=" + URLEncoder.encode(pair.getValue(), StandardCharsets.UTF_8))
                        .toList());
        if (method.equals("POST") || method.equals("PUT")) {
            headers.put("Content-Type", "application/x-www-form-urlencoded");
            headers.put("Content-Length", Integer.toString(body.length()));
        }
        return send(node, method, "/api2/json" + path, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    Raw send(FakeNode node, String method, String target, Map<String, String> headers, byte[] body) throws IOException {
        Kept kept = connections.remove(node.name());
        if (kept == null || !kept.isUsable()) {
            closeQuietly(kept);
            kept = new Kept(tls.getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), node.uri().getPort()));
        }
        boolean done = false;
        try {
            Raw answer = send(kept.socket, method, target, headers, body);
            done = answer.status() < 400;
            return answer;
        } finally {
            kept.uses++;
            kept.last = System.nanoTime();
            if (!done || connections.putIfAbsent(node.name(), kept) != null) {
                closeQuietly(kept);
            }
        }
    }

    private static void closeQuietly(@Nullable Kept kept) throws IOException {
        if (kept != null) {
            kept.socket.close();
        }
    }

    /** A connection that may be used again. Nothing is ever sent twice: one that was cut is a failure. */
    private static final class Kept {
        private final Socket socket;
        private int uses;
        private long last = System.nanoTime();

        Kept(Socket socket) {
            this.socket = socket;
        }

        boolean isUsable() {
            return uses < 90 && System.nanoTime() - last < 1_000_000_000L;
        }
    }

    static Raw send(Socket socket, String method, String target, Map<String, String> headers, byte[] body)
            throws IOException {
        var head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().write(body);
        socket.getOutputStream().flush();
        return read(new BufferedInputStream(socket.getInputStream()), method);
    }

    private static Raw read(InputStream in, String method) throws IOException {
        String[] first = line(in).split(" ", 3);
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            headers.add(Map.entry(
                    line.substring(0, line.indexOf(':')),
                    line.substring(line.indexOf(':') + 1).trim()));
        }
        var raw = new Raw(Integer.parseInt(first[1]), first.length < 3 ? "" : first[2], headers, "");
        int length = method.equals("HEAD")
                ? 0
                : raw.all("Content-Length").stream()
                        .findFirst()
                        .map(Integer::parseInt)
                        .orElse(0);
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("a part of the body is missing");
        }
        return new Raw(raw.status(), raw.reason(), headers, new String(body, StandardCharsets.ISO_8859_1));
    }

    private static String line(InputStream in) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection was cut");
            }
            bytes.write(next);
        }
        return bytes.toString(StandardCharsets.UTF_8).stripTrailing();
    }
}
