package dev.berth.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A way to a server that breaks when a test says so. Until then, and for connections made after a break, it forwards
 * everything.
 *
 * <p>A request is what a client sends until the server speaks again, whatever it consists of: a driver may send several
 * messages at once. To connect takes some requests, too. They are counted over all connections. A fault that waits for a
 * request happens once; arming another takes back the one before.
 *
 * <p>Methods may be called by any thread, and but for {@link #close} none of them waits.
 */
public final class FaultProxy implements AutoCloseable {
    /** After so long a silence the server has said all that it will say to a request. */
    private static final int QUIET_MILLIS = 100;

    private volatile Database target;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final List<Thread> threads = new ArrayList<>();
    private final Object lock = new Object();

    private boolean closed;
    private boolean held;
    private boolean refusing;
    private Duration delay = Duration.ZERO;
    private Fault fault;
    private long requests;
    private int cuts;
    private int resumes;

    /** What happens to a request. */
    private enum Kind {
        LOST,
        UNANSWERED,
        STALLED
    }

    /** Waits for the request of a number, or for one with a text. */
    private record Fault(long number, Optional<String> text, Kind kind) {
        boolean isDue(long request, String said) {
            return text.map(said::contains).orElse(request == number);
        }
    }

    private FaultProxy(Database target, ServerSocket listener) {
        this.target = target;
        this.listener = listener;
    }

    /** Opens a way to the server of a database. */
    public static FaultProxy to(Database target) throws IOException {
        var proxy = new FaultProxy(target, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        proxy.start("accept", proxy::accept);
        return proxy;
    }

    /**
     * The database by way of this proxy. PostgreSQL's driver is told to send the text of every statement, and not just a
     * name from its fifth execution on: else a fault that waits for a text might wait in vain.
     */
    public Database database() {
        Database here = target.at("127.0.0.1", listener.getLocalPort());
        return here.isPostgres() ? here.with("prepareThreshold", "0") : here;
    }

    /** Leads to another server of the same database from now on: for new connections, since all others are cut. */
    public void lead(Database other) {
        target = other;
        cut();
    }

    /** How many requests were seen, of all connections since the beginning. */
    public long requests() {
        synchronized (lock) {
            return requests;
        }
    }

    /** How many connections were cut: here, or by a server that died. */
    public int cuts() {
        synchronized (lock) {
            return cuts;
        }
    }

    /** Cuts all connections: both sides see a reset. */
    public void cut() {
        links.forEach(Link::cut);
    }

    /** Cuts all connections, and resets new ones as soon as they are made, until {@link #admit}. */
    public void refuse() {
        synchronized (lock) {
            refusing = true;
        }
        cut();
    }

    /** Lets new connections through again. */
    public void admit() {
        synchronized (lock) {
            refusing = false;
        }
    }

    /** Forwards nothing, in neither direction, and loses nothing. New connections are made and hear nothing. */
    public void hold() {
        synchronized (lock) {
            held = true;
        }
    }

    /** Forwards what was held or has stalled, and everything after it. */
    public void resume() {
        synchronized (lock) {
            held = false;
            resumes++;
            lock.notifyAll();
        }
    }

    /** Forwards from now on each portion so much later, in each direction. */
    public void delay(Duration time) {
        synchronized (lock) {
            delay = time;
        }
    }

    /** Cuts the connection of the n-th request from now, from 1: the server never sees the request. */
    public void cutRequest(int n) {
        arm(n, Optional.empty(), Kind.LOST);
    }

    /** Cuts the connection of a request with this text: the server never sees it. */
    public void cutRequest(String text) {
        arm(0, Optional.of(text), Kind.LOST);
    }

    /** Forwards the n-th request from now, from 1, and cuts its connection when the server has answered: unheard. */
    public void cutAnswer(int n) {
        arm(n, Optional.empty(), Kind.UNANSWERED);
    }

    /** Forwards a request with this text, and cuts its connection when the server has answered: unheard. */
    public void cutAnswer(String text) {
        arm(0, Optional.of(text), Kind.UNANSWERED);
    }

    /**
     * Keeps the n-th request from now, from 1, until {@link #resume}, while other connections go on. The server gets it
     * then, even if the client has given up meanwhile.
     */
    public void stallRequest(int n) {
        arm(n, Optional.empty(), Kind.STALLED);
    }

    private void arm(int n, Optional<String> text, Kind kind) {
        synchronized (lock) {
            fault = new Fault(requests + n, text, kind);
        }
    }

    /** Whether a fault that was armed has not happened yet. */
    public boolean isArmed() {
        synchronized (lock) {
            return fault != null;
        }
    }

    /** Takes back a fault that has not happened. */
    public void disarm() {
        synchronized (lock) {
            fault = null;
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        listener.close();
        for (List<Thread> running = running(); !running.isEmpty(); running = running()) {
            cut();
            try {
                running.get(0).join(100);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private List<Thread> running() {
        synchronized (lock) {
            threads.removeIf(thread -> !thread.isAlive());
            return List.copyOf(threads);
        }
    }

    private void start(String name, Runnable work) {
        var thread = new Thread(work, "fault proxy, " + name);
        thread.setDaemon(true);
        synchronized (lock) {
            threads.removeIf(old -> !old.isAlive());
            threads.add(thread);
            thread.start();
        }
    }

    private void accept() {
        while (true) {
            Socket client;
            try {
                client = listener.accept();
            } catch (IOException ended) {
                return;
            }
            var link = new Link(client);
            links.add(link);
            boolean unwanted;
            synchronized (lock) {
                unwanted = refusing || closed;
            }
            if (unwanted) {
                link.cut();
            } else {
                // The server may be down, and a connect may take its time: not in this thread.
                start("from client", link::fromClient);
            }
        }
    }

    /** Waits until bytes may go on. */
    private void pass() throws IOException {
        try {
            Duration wait;
            synchronized (lock) {
                wait = delay;
            }
            Thread.sleep(wait.toMillis());
            synchronized (lock) {
                while (held) {
                    if (closed) {
                        throw new IOException("closed, and this was still held");
                    }
                    lock.wait();
                }
            }
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }

    /** Waits until everything goes on. */
    private void stall() throws IOException {
        synchronized (lock) {
            int before = resumes;
            while (resumes == before) {
                if (closed) {
                    throw new IOException("closed, and this was stalled");
                }
                try {
                    lock.wait();
                } catch (InterruptedException interrupted) {
                    throw new IOException(interrupted);
                }
            }
        }
    }

    /** How many connections there are. */
    int connections() {
        return links.size();
    }

    /** One client and its connection to the server. */
    private final class Link {
        private final Socket client;
        private final Socket server = new Socket();
        private boolean asking;
        private boolean deaf;
        private boolean gone;
        private long request;

        Link(Socket client) {
            this.client = client;
        }

        void fromClient() {
            try {
                server.connect(new InetSocketAddress(target.host(), target.port()), 10_000);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                start("from server", this::fromServer);
                InputStream in = client.getInputStream();
                OutputStream out = server.getOutputStream();
                byte[] buffer = new byte[64 * 1024];
                String known = "";
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    String part = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
                    // A text may come in two parts.
                    known = ask() ? part : known.substring(Math.max(0, known.length() - 1_000)) + part;
                    Fault due = due(known);
                    if (due != null) {
                        switch (due.kind()) {
                            case LOST -> {
                                cut();
                                return;
                            }
                            case UNANSWERED -> {
                                synchronized (lock) {
                                    deaf = true;
                                }
                            }
                            case STALLED -> stall();
                        }
                    }
                    pass();
                    out.write(buffer, 0, n);
                }
                end();
            } catch (IOException broken) {
                cut();
            }
        }

        /** Notes that the client speaks, and says whether it is the beginning of a request. */
        private boolean ask() {
            synchronized (lock) {
                boolean begins = !asking;
                if (begins) {
                    asking = true;
                    request = ++requests;
                }
                return begins;
            }
        }

        private Fault due(String known) {
            synchronized (lock) {
                Fault due = fault;
                if (due == null || !due.isDue(request, known)) {
                    return null;
                }
                fault = null;
                return due;
            }
        }

        private void fromServer() {
            try {
                InputStream in = server.getInputStream();
                OutputStream out = client.getOutputStream();
                byte[] buffer = new byte[64 * 1024];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    boolean dropped;
                    synchronized (lock) {
                        asking = false;
                        dropped = deaf;
                    }
                    if (dropped) {
                        hearOut(in, buffer);
                        cut();
                        return;
                    }
                    pass();
                    out.write(buffer, 0, n);
                }
                end();
            } catch (IOException broken) {
                cut();
            }
        }

        /** Reads what is left of an answer: when the server falls silent, what was asked has happened. */
        private void hearOut(InputStream in, byte[] buffer) throws IOException {
            server.setSoTimeout(QUIET_MILLIS);
            try {
                int n;
                do {
                    n = in.read(buffer);
                } while (n >= 0);
            } catch (SocketTimeoutException quiet) {
                // It has said it all.
            }
        }

        /** A side has gone in peace: so does the other. */
        private void end() throws IOException {
            synchronized (lock) {
                gone = true;
            }
            links.remove(this);
            client.close();
            server.close();
        }

        void cut() {
            synchronized (lock) {
                if (gone) {
                    return;
                }
                gone = true;
                cuts++;
            }
            links.remove(this);
            reset(client);
            reset(server);
        }
    }

    private static void reset(Socket socket) {
        try {
            if (!socket.isClosed()) {
                // Closed without lingering, a socket sends a reset and forgets what it has not sent.
                socket.setSoLinger(true, 0);
            }
        } catch (SocketException gone) {
            // There is nobody to be told.
        }
        try {
            socket.close();
        } catch (IOException gone) {
            // As above.
        }
    }
}
