package dev.berth.jdbc;

import dev.berth.ledger.Scope;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Health;
import dev.berth.runtime.Hint;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.runtime.Watch;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.RuntimeCall;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** The engine in the test's process, as another process sees it. */
public final class RemoteEngine implements ContainerRuntime<FakeSpec> {
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    /** Connects, and says who it is. */
    public RemoteEngine(int port, String name) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
        out.writeUTF(name);
        out.flush();
    }

    /** What the engine refused. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Fault fault;

        Refused(Fault fault) {
            super(fault.toString());
            this.fault = fault;
        }
    }

    private synchronized Deque<String> ask(RuntimeCall call, List<String> said) throws IOException, Refused {
        List<String> texts = new ArrayList<>(List.of(call.name()));
        texts.addAll(said);
        EngineWire.write(out, texts);
        Deque<String> answer = EngineWire.read(in);
        var fault = EngineWire.fault(answer);
        if (fault.isPresent()) {
            throw new Refused(fault.get());
        }
        return answer;
    }

    @Override
    public Scope scope() {
        return SqliteStores.NODE;
    }

    @Override
    public Fingerprint fingerprint() throws Exception {
        return EngineWire.fingerprint(ask(RuntimeCall.FINGERPRINT, List.of()));
    }

    @Override
    public Inventory inventory() throws Exception {
        return EngineWire.inventory(scope(), ask(RuntimeCall.INVENTORY, List.of()));
    }

    @Override
    public Sighting look(String instance) throws Exception {
        return EngineWire.sighting(ask(RuntimeCall.LOOK, List.of(instance)));
    }

    @Override
    public String create(Deployment<FakeSpec> deployment) throws Exception {
        return ask(RuntimeCall.CREATE, EngineWire.told(deployment)).remove();
    }

    @Override
    public void start(String instance) throws Exception {
        ask(RuntimeCall.START, List.of(instance));
    }

    @Override
    public void stop(String instance) throws Exception {
        ask(RuntimeCall.STOP, List.of(instance));
    }

    @Override
    public Health health(String instance) {
        return new Health(Health.Verdict.UNCHECKED, "");
    }

    @Override
    public Removal remove(String instance, Mark mark, Removal.Mode mode) throws Exception {
        List<String> said = new ArrayList<>(List.of(instance));
        said.addAll(EngineWire.told(mark));
        return EngineWire.removal(ask(RuntimeCall.REMOVE, said));
    }

    @Override
    public Fault classify(Throwable failure) {
        return failure instanceof Refused refused ? refused.fault : new Fault.Unknown(failure.toString());
    }

    @Override
    public Watch watch(Consumer<Hint> listener) {
        return Watch.none();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException ended) {
            // It has ended then.
        }
    }
}
