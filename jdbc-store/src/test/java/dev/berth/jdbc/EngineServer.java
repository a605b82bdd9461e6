package dev.berth.jdbc;

import dev.berth.ledger.Owner;
import dev.berth.runtime.Instance;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.RuntimeCall;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** An engine in this process for clients in others, which it can have killed right at a call. */
public final class EngineServer implements AutoCloseable {
    public final FakeEngine engine = FakeEngine.of(Clock.systemUTC());
    /** What clients are answered from. */
    public final Veil runtime = new Veil(FakeRuntime.on(engine, SqliteStores.NODE));

    private final ServerSocket server;
    private final Map<String, Doom> dooms = new ConcurrentHashMap<>();
    private final List<String> wrongs = new ArrayList<>();
    private Consumer<List<Instance>> observer = running -> {};

    /** What happens at which of a client's calls, from 0, before or after it is carried out, and whether that is its end. */
    record Doom(int call, Moment moment, End end, Runnable deed) {
        Doom(int call, Moment moment, Runnable kill) {
            this(call, moment, End.DIES, kill);
        }
    }

    enum End {
        DIES,
        IS_ANSWERED
    }

    enum Moment {
        BEFORE,
        AFTER
    }

    public EngineServer() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread(this::accept);
    }

    private interface Work {
        void run() throws IOException;
    }

    private void thread(Work work) {
        var thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException gone) {
                // The client was killed, or the server closed.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    public int port() {
        return server.getLocalPort();
    }

    void doom(String client, Doom doom) {
        dooms.put(client, doom);
    }

    /** Is told what runs, after every call; no call comes between. */
    public synchronized void observe(Consumer<List<Instance>> running) {
        observer = running;
    }

    /** Does something to the engine between two calls, as an outsider of the host may. */
    public synchronized void meddle(Consumer<FakeEngine> deed) {
        deed.accept(engine);
        observer.accept(engine.running());
    }

    /** What must never be and was: two running instances of one owner; a call that could not be understood. */
    public synchronized List<String> wrongs() {
        return List.copyOf(wrongs);
    }

    private void accept() throws IOException {
        while (true) {
            Socket socket = server.accept();
            thread(() -> serve(socket));
        }
    }

    private void serve(Socket client) throws IOException {
        try (client;
                var in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
                var out = new DataOutputStream(new BufferedOutputStream(client.getOutputStream()))) {
            String name = in.readUTF();
            for (int call = 0; ; call++) {
                Deque<String> said = EngineWire.read(in);
                if (isLast(name, call, Moment.BEFORE)) {
                    return;
                }
                List<String> answer = answer(said);
                if (isLast(name, call, Moment.AFTER)) {
                    return;
                }
                EngineWire.write(out, answer);
            }
        } catch (EOFException gone) {
            // It was killed, or is through.
        }
    }

    private boolean isLast(String name, int call, Moment moment) {
        Doom doom = dooms.get(name);
        if (doom == null || doom.call() != call || doom.moment() != moment) {
            return false;
        }
        doom.deed().run();
        return doom.end() == End.DIES;
    }

    private synchronized List<String> answer(Deque<String> said) {
        try {
            List<String> answer = EngineWire.answer(runtime, RuntimeCall.valueOf(said.remove()), said);
            noteDoubles();
            observer.accept(engine.running());
            return answer;
        } catch (Exception broken) {
            wrongs.add(broken.toString());
            return List.of("REJECTED", broken.toString());
        }
    }

    private void noteDoubles() {
        Map<Owner, Instance> running = new HashMap<>();
        for (Instance instance : engine.running()) {
            instance.mark().ifPresent(mark -> {
                Instance other = running.put(mark.owner(), instance);
                if (other != null) {
                    wrongs.add("two at once: " + other + " and " + instance);
                }
            });
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
