package dev.berth.jdbc;

import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeEngineException;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.RuntimeCall;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** How an engine in the test's process is spoken to by others: a call and its answer are lists of texts. */
public final class EngineWire {
    public static final FakeSpec SPEC = FakeSpec.of("desktop:1").withoutCheck();

    private EngineWire() {}

    static void write(DataOutputStream out, Collection<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            out.writeUTF(text);
        }
        out.flush();
    }

    static Deque<String> read(DataInputStream in) throws IOException {
        var texts = new ArrayDeque<String>();
        for (int left = in.readInt(); left > 0; left--) {
            texts.add(in.readUTF());
        }
        return texts;
    }

    // ------------------------------------------------------------------ calls

    /** Does what a call asks for; gives what it answers. */
    static List<String> answer(ContainerRuntime<FakeSpec> engine, RuntimeCall call, Deque<String> said)
            throws Exception {
        List<String> answer = new ArrayList<>(List.of("OK"));
        try {
            switch (call) {
                case FINGERPRINT -> engine.fingerprint().parts().forEach((name, value) -> add(answer, name, value));
                case INVENTORY -> engine.inventory().instances().forEach(instance -> tell(answer, instance));
                case LOOK -> engine.look(said.remove()).seen().ifPresent(instance -> tell(answer, instance));
                case CREATE -> answer.add(engine.create(deployment(said)));
                case START -> engine.start(said.remove());
                case STOP -> engine.stop(said.remove());
                case REMOVE ->
                    answer.addAll(ended(engine.remove(said.remove(), mark(said), Removal.Mode.EVEN_IF_RUNNING)));
                default -> throw new IllegalArgumentException(call.name());
            }
            return answer;
        } catch (FakeEngineException refused) {
            return fault(refused.fault());
        }
    }

    private static void add(List<String> texts, String... more) {
        texts.addAll(List.of(more));
    }

    static Fingerprint fingerprint(Deque<String> said) {
        Map<String, String> parts = new TreeMap<>();
        while (!said.isEmpty()) {
            parts.put(said.remove(), said.remove());
        }
        return new Fingerprint(parts);
    }

    static Inventory inventory(Scope scope, Deque<String> said) {
        List<Instance> all = new ArrayList<>();
        while (!said.isEmpty()) {
            all.add(instance(said));
        }
        return new Inventory(scope, Coverage.complete(), all);
    }

    static Sighting sighting(Deque<String> said) {
        return said.isEmpty() ? new Sighting.Absent("the engine says so") : new Sighting.Present(instance(said));
    }

    // ------------------------------------------------------------------ instances

    private static void tell(List<String> texts, Instance instance) {
        add(texts, instance.id(), instance.name(), instance.state().name());
        tell(texts, instance.labels());
        tell(texts, instance.published());
        tell(texts, instance.configured());
    }

    private static void tell(List<String> texts, Map<String, String> labels) {
        texts.add(Integer.toString(labels.size()));
        labels.forEach((name, value) -> add(texts, name, value));
    }

    private static void tell(List<String> texts, List<Publication> publications) {
        texts.add(Integer.toString(publications.size()));
        publications.forEach(one -> add(texts, Integer.toString(one.port()), Integer.toString(one.inner())));
    }

    private static Instance instance(Deque<String> said) {
        Instance bare = Instance.of(said.remove(), said.remove(), InstanceState.valueOf(said.remove()), labels(said));
        return bare.publishing(publications(said), publications(said));
    }

    private static Map<String, String> labels(Deque<String> said) {
        Map<String, String> labels = new TreeMap<>();
        for (int left = Integer.parseInt(said.remove()); left > 0; left--) {
            labels.put(said.remove(), said.remove());
        }
        return labels;
    }

    private static List<Publication> publications(Deque<String> said) {
        List<Publication> all = new ArrayList<>();
        for (int left = Integer.parseInt(said.remove()); left > 0; left--) {
            all.add(new Publication(
                    ResourceKind.TCP_PORT,
                    Integer.parseInt(said.remove()),
                    Integer.parseInt(said.remove()),
                    Optional.empty()));
        }
        return all;
    }

    static List<String> told(Deployment<FakeSpec> deployment) {
        List<String> texts = new ArrayList<>(told(deployment.mark()));
        texts.add(deployment.name().orElseThrow());
        tell(texts, deployment.publications());
        tell(texts, deployment.labels());
        return texts;
    }

    private static Deployment<FakeSpec> deployment(Deque<String> said) {
        Mark mark = mark(said);
        return new Deployment<>(SPEC, Optional.of(said.remove()), publications(said), mark, labels(said));
    }

    static List<String> told(Mark mark) {
        return List.of(
                mark.ledger().toString(),
                mark.claim().toString(),
                mark.nonce(),
                mark.owner().tenant(),
                mark.owner().name());
    }

    private static Mark mark(Deque<String> said) {
        return new Mark(
                UUID.fromString(said.remove()),
                UUID.fromString(said.remove()),
                said.remove(),
                Owner.of(said.remove(), said.remove()));
    }

    // ------------------------------------------------------------------ ends

    private static List<String> ended(Removal removal) {
        if (removal instanceof Removal.Removed) {
            return List.of("REMOVED");
        }
        return removal instanceof Removal.WasAbsent absent
                ? List.of("ABSENT", absent.evidence())
                : List.of("KEPT", removal.toString());
    }

    static Removal removal(Deque<String> said) {
        return switch (said.remove()) {
            case "REMOVED" -> new Removal.Removed();
            case "ABSENT" -> new Removal.WasAbsent(said.remove());
            default -> new Removal.Kept(said.remove());
        };
    }

    private static List<String> fault(Fault fault) {
        if (fault instanceof Fault.NameHeld held) {
            return List.of("NAME", held.holder().orElse(""), held.detail());
        }
        if (fault instanceof Fault.PortHeld held) {
            return List.of("PORT", held.ports().iterator().next().toString(), held.detail());
        }
        String kind = fault instanceof Fault.Missing ? "MISSING" : fault instanceof Fault.Busy ? "BUSY" : "REJECTED";
        return List.of(kind, fault.detail());
    }

    /** The fault that an answer tells of; empty if it is a good one. */
    static Optional<Fault> fault(Deque<String> said) {
        return switch (said.remove()) {
            case "OK" -> Optional.empty();
            case "NAME" ->
                Optional.of(new Fault.NameHeld(Optional.of(said.remove()).filter(id -> !id.isEmpty()), said.remove()));
            case "PORT" -> Optional.of(new Fault.PortHeld(Set.of(Integer.parseInt(said.remove())), said.remove()));
            case "MISSING" -> Optional.of(new Fault.Missing(said.remove()));
            case "BUSY" -> Optional.of(new Fault.Busy(said.remove()));
            default -> Optional.of(new Fault.Rejected(said.remove()));
        };
    }
}
