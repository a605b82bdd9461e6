package dev.berth.testkit.proxmox;

import dev.berth.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Describes a {@link FakeProxmox}. Not for use by several threads. */
public final class FakeProxmoxBuilder {
    final String name;
    final Map<String, Optional<ProxmoxVersion>> nodes = new LinkedHashMap<>();
    final List<String> storages = new ArrayList<>();
    final List<String> removed = new ArrayList<>();
    ProxmoxVersion version = ProxmoxVersion.V9;
    Clock clock = Clock.systemUTC();
    AnswerDelays delays = AnswerDelays.none();
    Duration interval = Duration.ofSeconds(10);
    String authority = Certificates.authorityFingerprint();
    String template = "local:vztmpl/alpine-3.20-mini_20260101_amd64.tar.gz";

    FakeProxmoxBuilder(String name) {
        this.name = name;
    }

    /**
     * Names the nodes; one makes a server that is in no cluster. Without this there is one, {@code pve1}.
     *
     * @param names their names
     * @return this
     */
    public FakeProxmoxBuilder nodes(String... names) {
        for (String node : names) {
            nodes.put(valid(node), Optional.empty());
        }
        return this;
    }

    /**
     * Names a node that is of another version than the rest.
     *
     * @param node its name
     * @param itsVersion its version
     * @return this
     */
    public FakeProxmoxBuilder node(String node, ProxmoxVersion itsVersion) {
        nodes.put(valid(node), Optional.of(itsVersion));
        return this;
    }

    private static String valid(String node) {
        if (!InvalidInputException.requireNonNull("node", node).matches("[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?")) {
            throw InvalidInputException.of("node", node, "letters, digits and hyphens");
        }
        return node;
    }

    /**
     * Names a node that was taken out of the cluster: its name is still resolved, and nobody answers there.
     *
     * @param node its name
     * @return this
     */
    public FakeProxmoxBuilder removedNode(String node) {
        removed.add(valid(node));
        return this;
    }

    /**
     * Says which version the nodes are of. Without this it is 9.2.
     *
     * @param all the version
     * @return this
     */
    public FakeProxmoxBuilder version(ProxmoxVersion all) {
        version = InvalidInputException.requireNonNull("version", all);
        return this;
    }

    /**
     * Makes it another installation of the same name: what it tells of its authority is new, as after it was set up anew. Its
     * endpoints show certificates of the bundled authority all the same.
     *
     * @return this
     */
    public FakeProxmoxBuilder installedAnew() {
        authority = Certificates.print(UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /**
     * Says what time it is. Without this it is the system's time.
     *
     * @param time the clock
     * @return this
     */
    public FakeProxmoxBuilder clock(Clock time) {
        clock = InvalidInputException.requireNonNull("clock", time);
        return this;
    }

    /**
     * Says how long clients wait in the time of the wall. Without this nobody waits.
     *
     * @param waits the delays
     * @return this
     */
    public FakeProxmoxBuilder delays(AnswerDelays waits) {
        delays = InvalidInputException.requireNonNull("delays", waits);
        return this;
    }

    /**
     * Says how often nodes send their statistics. Without this it is every 10 s.
     *
     * @param time the interval, 1 ms or more
     * @return this
     */
    public FakeProxmoxBuilder statisticsEvery(Duration time) {
        if (InvalidInputException.requireNonNull("interval", time).toMillis() < 1) {
            throw InvalidInputException.of("interval of statistics", time, "1 ms or more");
        }
        interval = time;
        return this;
    }

    /**
     * Names the template of containers.
     *
     * @param volume its volume id, such as {@code local:vztmpl/debian-13.tar.zst}
     * @return this
     */
    public FakeProxmoxBuilder template(String volume) {
        template = InvalidInputException.requireNonNull("template", volume);
        return this;
    }

    /**
     * Adds a storage beside {@code local}.
     *
     * @param storage its name
     * @return this
     */
    public FakeProxmoxBuilder storage(String storage) {
        storages.add(InvalidInputException.requireNonNull("storage", storage));
        return this;
    }

    /**
     * Starts the cluster: all nodes are up, are connected, and have heard of one another.
     *
     * @return the cluster, to be closed by the caller
     */
    public FakeProxmox start() {
        if (nodes.isEmpty()) {
            nodes("pve1");
        }
        return new FakeProxmox(this);
    }
}
