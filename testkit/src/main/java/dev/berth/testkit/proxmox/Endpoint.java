package dev.berth.testkit.proxmox;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** The address of one node: a port of 127.0.0.1 that is the same as long as the cluster lives. */
final class Endpoint {
    private static final int FIRST_MILLIS = 60_000;
    private static final int IDLE_MILLIS = 5_000;
    private static final int REQUESTS_A_CONNECTION = 100;
    private static final int TLS_HANDSHAKE = 0x16;
    private static final int BIND_ATTEMPTS = 2_000;
    private static final Duration BIND_PAUSE = Duration.ofMillis(1);

    private final Server server;
    private final Machine machine;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private volatile SSLContext tls;
    private @Nullable ServerSocket listener;
    private @Nullable Socket placeholder;

    Endpoint(Server server, Machine machine) {
        this.server = server;
        this.machine = machine;
        this.tls = Certificates.context(machine.certificate);
    }

    void renewCertificate() {
        tls = Certificates.context(machine.certificate);
    }

    // ------------------------------------------------------------------ being there or not

    synchronized void open() {
        if (listener != null) {
            return;
        }
        try {
            if (placeholder != null) {
                placeholder.close();
                placeholder = null;
            }
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(address(machine.port), 200);
            machine.port = socket.getLocalPort();
            listener = socket;
            server.run(() -> accept(socket));
        } catch (IOException unavailable) {
            throw new UncheckedIOException("port " + machine.port + " of " + machine.name, unavailable);
        }
    }

    /** Refuses connections from now on and cuts those that are open. The port is kept, so that no one else gets it. */
    synchronized void shut() {
        if (listener == null) {
            return;
        }
        try {
            listener.close();
            listener = null;
            cutAll();
            placeholder = hold(machine.port);
        } catch (IOException unavailable) {
            throw new UncheckedIOException("port " + machine.port + " of " + machine.name, unavailable);
        }
    }

    /** Binds a port without listening. A listener that was closed is gone only when its thread has left it. */
    private static Socket hold(int port) throws IOException {
        for (int attempt = 0; ; attempt++) {
            var held = new Socket();
            try {
                held.setReuseAddress(true);
                held.bind(address(port));
                return held;
            } catch (IOException busy) {
                held.close();
                if (attempt == BIND_ATTEMPTS) {
                    throw busy;
                }
                LockSupport.parkNanos(BIND_PAUSE.toNanos());
            }
        }
    }

    synchronized void close() {
        closeQuietly(listener);
        closeQuietly(placeholder);
        listener = null;
        placeholder = null;
        cutAll();
    }

    private void cutAll() {
        connections.forEach(Endpoint::cut);
        connections.clear();
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static void closeQuietly(@Nullable AutoCloseable open) {
        try {
            if (open != null) {
                open.close();
            }
        } catch (Exception ignored) {
            // It is thrown away.
        }
    }

    private static void cut(Socket raw) {
        try {
            raw.setSoLinger(true, 0);
            raw.close();
        } catch (IOException ignored) {
            // It is gone already.
        }
    }

    // ------------------------------------------------------------------ serving

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket raw = socket.accept();
                connections.add(raw);
                if (socket.isClosed() || !isTaken(raw)) {
                    cut(raw);
                }
            } catch (IOException closed) {
                return;
            }
        }
    }

    private boolean isTaken(Socket raw) {
        try {
            server.run(() -> converse(raw));
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }

    private void converse(Socket raw) {
        try {
            raw.setTcpNoDelay(true);
            raw.setSoTimeout(FIRST_MILLIS);
            int first = raw.getInputStream().read();
            if (first < 0) {
                return;
            }
            var consumed = new ByteArrayInputStream(new byte[] {(byte) first});
            if (first == TLS_HANDSHAKE) {
                try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(raw, consumed, true)) {
                    converse(raw, new BufferedInputStream(socket.getInputStream()), socket.getOutputStream());
                }
            } else {
                InputStream in = new BufferedInputStream(new SequenceInputStream(consumed, raw.getInputStream()));
                Optional<Request> request = Wire.read(in);
                if (request.isPresent()) {
                    Wire.redirect(raw.getOutputStream(), request.get(), server.cluster.at(server.cluster::now));
                }
            }
        } catch (IOException gone) {
            // The other side went away, or does not trust the certificate.
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(raw);
            closeQuietly(raw);
        }
    }

    private void converse(Socket raw, InputStream in, OutputStream out) throws IOException, InterruptedException {
        for (int served = 0; served < REQUESTS_A_CONNECTION; served++) {
            Optional<Request> request = Wire.read(in);
            if (request.isEmpty() || !serve(raw, request.get(), out)) {
                return;
            }
            raw.setSoTimeout(IDLE_MILLIS);
        }
    }

    /** Serves one request and says whether the connection goes on. */
    private boolean serve(Socket raw, Request request, OutputStream out) throws IOException, InterruptedException {
        server.waitWhileHung(machine);
        Optional<ScriptedAnswer.Chosen> scripted = server.scripted(request);
        ScriptedAnswer.Deed deed = scripted.map(ScriptedAnswer.Chosen::deed).orElse(ScriptedAnswer.Deed.USUAL);
        if (server.isClosed() || deed == ScriptedAnswer.Deed.UNREAD) {
            cut(raw);
            return false;
        }
        long arrived = server.arrive(request);
        Reply reply = deed == ScriptedAnswer.Deed.TOLD
                ? told(scripted.orElseThrow())
                : server.cluster.at(() -> server.gateway.answer(machine, request, arrived));
        if (deed == ScriptedAnswer.Deed.LOST) {
            cut(raw);
            return false;
        }
        if (deed == ScriptedAnswer.Deed.TIMED_OUT) {
            reply = told(scripted.orElseThrow());
        }
        if (deed == ScriptedAnswer.Deed.TRICKLING) {
            trickle(request, reply, out, scripted.orElseThrow().delay());
            return false;
        }
        server.pause(
                reply.delay().plus(scripted.map(ScriptedAnswer.Chosen::delay).orElse(Duration.ZERO)));
        if (deed == ScriptedAnswer.Deed.TORN) {
            tear(raw, request, reply, out);
            return false;
        }
        try {
            Wire.write(out, request, reply, server.cluster.at(server.cluster::now));
        } catch (SocketException gone) {
            return false;
        }
        return deed != ScriptedAnswer.Deed.TOLD && Wire.keepsAlive(request, reply);
    }

    private static Reply told(ScriptedAnswer.Chosen chosen) {
        return new Reply(
                chosen.status(), chosen.reason(), List.of("close"), chosen.type(), chosen.body(), Duration.ZERO);
    }

    private void trickle(Request request, Reply reply, OutputStream out, Duration each)
            throws IOException, InterruptedException {
        var whole = new java.io.ByteArrayOutputStream();
        Wire.write(whole, request, reply, server.cluster.at(server.cluster::now));
        byte[] bytes = whole.toByteArray();
        int head = bytes.length - reply.body().getBytes(StandardCharsets.UTF_8).length;
        out.write(bytes, 0, head);
        out.flush();
        for (int i = head; i < bytes.length && !server.isClosed(); i++) {
            server.pause(each);
            out.write(bytes[i]);
            out.flush();
        }
    }

    /** Promises the whole body and sends a part. */
    private void tear(Socket raw, Request request, Reply reply, OutputStream out) throws IOException {
        var whole = new java.io.ByteArrayOutputStream();
        Wire.write(whole, request, reply, server.cluster.at(server.cluster::now));
        byte[] bytes = whole.toByteArray();
        out.write(Arrays.copyOf(bytes, bytes.length - Math.min(bytes.length / 2, 5)));
        out.flush();
        cut(raw);
    }
}
