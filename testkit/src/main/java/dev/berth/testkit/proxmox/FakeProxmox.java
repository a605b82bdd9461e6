package dev.berth.testkit.proxmox;

import dev.berth.InvalidInputException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A Proxmox VE cluster that is none. Each node has an endpoint of its own on 127.0.0.1, with TLS and HTTP/1.1 as the real
 * ones speak it, and answers what was recorded of a real cluster of Proxmox VE 9.2: status lines, headers and bodies.
 * Behind it is a state machine of nodes, quorum, guests, tasks, locks, storages, tokens and rights, and everything that can
 * go wrong there can be told to.
 *
 * <pre>{@code
 * var clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
 * try (var lab = FakeProxmox.cluster("lab").nodes("pve1", "pve2", "pve3").clock(clock).start()) {
 *     lab.addContainer(100, "pve2").named("web").tagged("berth-7").running();
 *     var address = lab.node("pve1").uri();                   // https://127.0.0.1:…
 *     var header = lab.operator().authorization();            // PVEAPIToken=berth@pve!operator=…
 *     var pin = lab.node("pve1").fingerprint();               // or lab.authorityAsPem()
 *
 *     lab.node("pve2").goesOffline();                         // still listed, as running
 *     clock.advance(Duration.ofMinutes(6));                   // still listed, without a name, as unknown
 *     lab.next("DELETE", "/nodes/pve1/lxc/*").isLost();       // executed, but nobody hears of it
 * }
 * }</pre>
 *
 * <p>All time but that of {@link AnswerDelays} is the clock's, and what is due happens when somebody asks. Tasks take no
 * time unless {@link #tasksTake} says so; statistics, from which lists take names and states, are sent every ten seconds.
 * Safe for use by many threads. {@link #close} ends all threads and connections.
 */
public final class FakeProxmox implements AutoCloseable {
    private final Cluster cluster;
    private final Gateway gateway;
    private final Server server;
    private final Map<String, FakeNode> nodes = new LinkedHashMap<>();
    private final String template;

    FakeProxmox(FakeProxmoxBuilder builder) {
        cluster = new Cluster(builder.name, builder.authority, builder.clock, builder.interval);
        gateway = new Gateway(cluster, builder.delays);
        server = new Server(cluster, gateway);
        template = builder.template;
        cluster.storages.templates.add(template);
        cluster.storages.names.addAll(builder.storages);
        cluster.resolvableHosts.addAll(builder.removed);
        builder.nodes.forEach((name, version) -> {
            var machine = new Machine(name, nodes.size() + 1, version.orElse(builder.version), cluster.now());
            cluster.add(machine);
            var endpoint = new Endpoint(server, machine);
            endpoint.open();
            nodes.put(name, new FakeNode(server, machine, endpoint));
        });
        statisticsArrive();
    }

    /**
     * Begins to describe a cluster.
     *
     * @param name the cluster's name
     * @return a builder of it
     */
    public static FakeProxmoxBuilder cluster(String name) {
        return new FakeProxmoxBuilder(InvalidInputException.requireNonNull("name", name));
    }

    // ------------------------------------------------------------------ the way in

    /**
     * Gives a node.
     *
     * @param name its name
     * @return the node
     */
    public FakeNode node(String name) {
        FakeNode node = nodes.get(name);
        if (node == null) {
            throw InvalidInputException.of("node", name, "one of " + nodes.keySet());
        }
        return node;
    }

    /**
     * Lists the nodes.
     *
     * @return all of them, in the order in which they were named
     */
    public List<FakeNode> nodes() {
        return List.copyOf(nodes.values());
    }

    /**
     * Lists the addresses of all nodes.
     *
     * @return {@code https://127.0.0.1:port} for each, without a path, in the order of the nodes
     */
    public List<URI> uris() {
        return nodes.values().stream().map(FakeNode::uri).toList();
    }

    /**
     * Gives the authority that has signed the certificates of all nodes.
     *
     * @return its certificate
     */
    public X509Certificate authority() {
        return Certificates.authority();
    }

    /**
     * Gives the content of what a real cluster has as {@code /etc/pve/pve-root-ca.pem}.
     *
     * @return the authority's certificate in PEM
     */
    public String authorityAsPem() {
        return Certificates.authorityAsPem();
    }

    /**
     * Gives a user, and makes it if there is none of that name. A new one may do nothing.
     *
     * @param name the name with its realm, such as {@code anna@pve}; {@code root@pam} may do everything
     * @return the user
     */
    public FakeUser user(String name) {
        if (!InvalidInputException.requireNonNull("user", name).matches("[^@!:/\\s]+@[\\w.-]+")) {
            throw InvalidInputException.of("user", name, "user@realm");
        }
        return new FakeUser(cluster, name);
    }

    /**
     * Gives the token {@code berth@pve!operator}, made at the first call, with the rights at {@code /} that a program needs
     * which makes and removes containers.
     *
     * @return the token
     */
    public FakeToken operator() {
        FakeUser berth = user("berth@pve");
        return cluster.at(() -> cluster.access.account(berth.name()).tokens.containsKey("operator"))
                ? berth.token("operator")
                : berth.may("/", Privileges.PROVISIONING.toArray(new String[0])).token("operator");
    }

    // ------------------------------------------------------------------ guests

    /**
     * Adds a stopped container, as if it had been there for long.
     *
     * @param id its id, 100 to 999999999
     * @param node the node that it is on
     * @return the container
     * @throws InvalidInputException if the id is taken, or the node is none
     */
    public FakeGuest addContainer(int id, String node) {
        return add(
                id,
                GuestKind.CONTAINER,
                node,
                Map.of(
                        "arch", "amd64",
                        "hostname", "ct-" + id,
                        "memory", "64",
                        "net0", "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=manual,type=veth",
                        "ostype", "alpine",
                        "rootfs", "local:" + id + "/subvol-" + id + "-disk-0.subvol,size=0T",
                        "swap", "512",
                        "unprivileged", "1"));
    }

    /**
     * Adds a stopped virtual machine, as if it had been there for long.
     *
     * @param id its id, 100 to 999999999
     * @param node the node that it is on
     * @return the machine
     * @throws InvalidInputException if the id is taken, or the node is none
     */
    public FakeGuest addMachine(int id, String node) {
        return add(id, GuestKind.MACHINE, node, Map.of("memory", "128", "name", "vm-" + id));
    }

    private FakeGuest add(int id, GuestKind kind, String node, Map<String, String> config) {
        cluster.act(() -> {
            if (id < 100 || id > 999_999_999 || cluster.guest(id).isPresent()) {
                throw InvalidInputException.of("guest id", id, "a free one from 100 to 999999999");
            }
            Map<String, String> written = new TreeMap<>(config);
            if (kind == GuestKind.MACHINE) {
                written.put("meta", cluster.machineMeta());
            }
            cluster.write(new Guest(id, kind, cluster.machine(node).name, written));
            if (kind == GuestKind.CONTAINER) {
                String volume = "local:" + id + "/subvol-" + id + "-disk-0.subvol";
                cluster.storages.put(new Storages.Disk(volume, Storages.LOCAL, node, id, 0));
            }
        });
        return guest(id);
    }

    /**
     * Gives a guest by its id, whether there is one or not.
     *
     * @param id the id
     * @return the guest
     */
    public FakeGuest guest(int id) {
        return new FakeGuest(cluster, id);
    }

    /**
     * Lists the ids of all guests, as a node with quorum knows them.
     *
     * @return the ids in order
     */
    public Set<Integer> guestIds() {
        return cluster.at(() -> new TreeSet<>(cluster.guests().keySet()));
    }

    /**
     * Names the template of containers that lies on {@code local}.
     *
     * @return its volume id, for {@code ostemplate}
     */
    public String template() {
        return template;
    }

    /**
     * Adds an empty pool of guests.
     *
     * @param name its name
     */
    public void addPool(String name) {
        cluster.act(() -> cluster.pools.putIfAbsent(name, new TreeSet<>()));
    }

    /**
     * Limits what {@code /cluster/nextid} offers.
     *
     * @param first the lowest id
     * @param last the highest id
     */
    public void offersIds(int first, int last) {
        if (first < 100 || last < first) {
            throw InvalidInputException.of("range of ids", first + "-" + last, "100 or more, in order");
        }
        cluster.act(() -> {
            cluster.firstId = first;
            cluster.lastId = last;
        });
    }

    // ------------------------------------------------------------------ trouble of the whole

    /** Cuts every node off from every other, so that none has quorum. All of them stay up. */
    public void losesQuorum() {
        if (nodes.size() < 2) {
            throw InvalidInputException.of("a cluster that loses quorum", nodes.keySet(), "two nodes or more");
        }
        cluster.act(
                () -> cluster.reconnect(() -> cluster.machines().forEach(machine -> machine.segment = machine.number)));
    }

    /** Connects all nodes that are up again. */
    public void heals() {
        cluster.act(() -> cluster.reconnect(() -> cluster.machines().forEach(machine -> machine.segment = 0)));
    }

    /** Lets every node hear the statistics of every other now, before their time. */
    public void statisticsArrive() {
        cluster.act(cluster::sendStatisticsNow);
    }

    /**
     * Says how long tasks take from now on, by the clock.
     *
     * @param time the time of each
     */
    public void tasksTake(Duration time) {
        if (InvalidInputException.requireNonNull("time", time).isNegative()) {
            throw InvalidInputException.of("time of tasks", time, "zero or more");
        }
        cluster.act(() -> cluster.tasks.duration = time);
    }

    /** Lets no task end, whatever the time, until {@link #tasksGoOn}. */
    public void tasksHang() {
        cluster.act(() -> cluster.tasks.held = true);
    }

    /** Ends what {@link #tasksHang} began: what was due ends at once. */
    public void tasksGoOn() {
        cluster.act(() -> cluster.tasks.held = false);
    }

    /** Lets the list of a node's tasks tell of an end only when the next task starts there, as the daemons' own do for a while. */
    public void tasksAreListedLate() {
        cluster.act(() -> cluster.tasks.listedLate = true);
    }

    /**
     * Says how the next task ends that ends; several calls are for several tasks. {@code WARNINGS: n} is a success;
     * {@code unexpected status} leaves things half done, as a killed worker does, and {@code unable to read tail (got 0 bytes)}
     * as one that was killed early, of a destruction a guest without its disk; any other text is an error, and what the task was
     * to do is not done.
     *
     * @param exit the exit status
     */
    public void nextTaskEndsWith(String exit) {
        InvalidInputException.requireNonNull("exit status", exit);
        cluster.act(() -> cluster.tasks.tell(exit));
    }

    /**
     * Lets the next creations of guests wait for one another, for ten seconds at most, so that those of one id really race.
     *
     * @param count how many
     */
    public void nextCreationsCollide(int count) {
        server.collide(count);
    }

    /**
     * Chooses the next answer to a request.
     *
     * @param method the method, or {@code *}
     * @param path the path behind {@code /api2/json}, where {@code *} stands for any part of one segment; {@code *} alone
     *     for any path
     * @return what is to say what becomes of it
     */
    public ScriptedAnswer next(String method, String path) {
        return server.script(new ScriptedAnswer(method, path, true));
    }

    /**
     * Chooses all answers to a request, until {@link #answersAsUsual}.
     *
     * @param method the method, or {@code *}
     * @param path the path as in {@link #next}
     * @return what is to say what becomes of them
     */
    public ScriptedAnswer every(String method, String path) {
        return server.script(new ScriptedAnswer(method, path, false));
    }

    /** Executes the next request and cuts its connection before it is answered. */
    public void nextAnswerIsLost() {
        next("*", "*").isLost();
    }

    /** Forgets what {@link #next} and {@link #every} have chosen. */
    public void answersAsUsual() {
        server.forgetScript();
    }

    // ------------------------------------------------------------------ what was asked

    /**
     * Lists the requests that reached a node.
     *
     * @return all since the start, or since {@link #forgetRequests}, the first one first
     */
    public List<SeenRequest> requests() {
        return cluster.at(() -> List.copyOf(gateway.seen()));
    }

    /** Forgets the requests that came so far. */
    public void forgetRequests() {
        cluster.act(() -> gateway.seen().clear());
    }

    /** Ends all connections and threads. Closing twice is closing once. */
    @Override
    public void close() {
        nodes.values().forEach(FakeNode::close);
        server.close();
    }

    @Override
    public String toString() {
        return "fake cluster " + cluster.name + " of " + nodes.keySet();
    }
}
