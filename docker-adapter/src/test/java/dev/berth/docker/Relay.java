package dev.berth.docker;

import dev.berth.testkit.RuntimeFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a client and an engine's socket, and can cut or block the road. Listens on a Unix socket or on TCP. */
final class Relay implements RuntimeFixture.Road, AutoCloseable {
    private volatile Path engine;
    private final ServerSocketChannel server;
    private final URI uri;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private State state = State.OPEN;

    private enum State {
        OPEN,
        CUT,
        BLOCKED,
        CLOSED
    }

    private Relay(Path engine, ServerSocketChannel server, URI uri) {
        this.engine = engine;
        this.server = server;
        this.uri = uri;
        spawn("accept", this::accept);
    }

    static Relay onUnixSocket(Path engine) throws IOException {
        Path path = Files.createTempDirectory("berth").resolve("relay.sock");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        return new Relay(engine, server, URI.create("unix://" + path));
    }

    static Relay onTcp(Path engine) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        return new Relay(engine, server, URI.create("tcp://127.0.0.1:" + port));
    }

    URI uri() {
        return uri;
    }

    /** Leads to another engine from now on, as if it had been started at the same address. */
    void leadTo(Path other) {
        engine = other;
        open.forEach(Relay::close);
    }

    /** How many connections there are right now. */
    int connections() {
        return open.size();
    }

    /** How many connections there have ever been. */
    int accepted() {
        return accepted.get();
    }

    private static void spawn(String name, Runnable work) {
        var thread = new Thread(work, "relay-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel client = server.accept();
                accepted.incrementAndGet();
                open.add(client);
                spawn("serve", () -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(SocketChannel client) {
        SocketAddress address = UnixDomainSocketAddress.of(engine);
        try (client) {
            ByteBuffer first = ByteBuffer.allocate(1 << 16);
            if (client.read(first) < 0 || !pass(client)) {
                return;
            }
            first.flip();
            try (SocketChannel daemon = SocketChannel.open(address)) {
                write(daemon, first);
                spawn("up", () -> copy(client, daemon));
                copy(daemon, client);
            }
        } catch (IOException broken) {
            // The client sees its connection closed.
        } finally {
            open.remove(client);
        }
    }

    /** Waits while the road is blocked; says whether to go on. */
    private boolean pass(SocketChannel client) throws IOException {
        synchronized (this) {
            if (state != State.BLOCKED) {
                return state == State.OPEN;
            }
        }
        waiting.incrementAndGet();
        try {
            client.configureBlocking(false);
            ByteBuffer more = ByteBuffer.allocate(1);
            while (true) {
                synchronized (this) {
                    if (state != State.BLOCKED) {
                        client.configureBlocking(true);
                        return state == State.OPEN;
                    }
                    if (client.read(more) < 0) {
                        return false;
                    }
                    wait(5);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting.decrementAndGet();
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                write(to, buffer);
                buffer.clear();
            }
            to.close();
        } catch (IOException broken) {
            close(from);
            close(to);
        }
    }

    private static void write(SocketChannel to, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException alreadyBroken) {
            // It is closed, then.
        }
    }

    private synchronized void become(State next) {
        if (state != State.CLOSED) {
            state = next;
        }
        notifyAll();
    }

    @Override
    public void cut() {
        become(State.CUT);
        open.forEach(Relay::close);
    }

    @Override
    public void block() {
        become(State.BLOCKED);
    }

    @Override
    public boolean isWaiting() {
        return waiting.get() > 0;
    }

    @Override
    public void mend() {
        become(State.OPEN);
    }

    @Override
    public void close() {
        become(State.CLOSED);
        open.forEach(Relay::close);
        try {
            server.close();
            if (uri.getScheme().equals("unix")) {
                Path path = Path.of(uri.getPath());
                Files.deleteIfExists(path);
                Files.deleteIfExists(path.getParent());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
