package dev.berth.testkit.proxmox;

import dev.berth.testkit.proxmox.Machine.Daemon;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;

/** A node of a {@link FakeProxmox}: its address, and what may befall it. Safe for use by many threads. */
public final class FakeNode {
    private final Server server;
    private final Cluster cluster;
    private final Machine machine;
    private final Endpoint endpoint;

    FakeNode(Server server, Machine machine, Endpoint endpoint) {
        this.server = server;
        this.cluster = server.cluster;
        this.machine = machine;
        this.endpoint = endpoint;
    }

    /**
     * Names the node.
     *
     * @return its name
     */
    public String name() {
        return machine.name;
    }

    /**
     * Gives the node's address, which stays the same when it is down.
     *
     * @return {@code https://127.0.0.1:port}, without a path
     */
    public URI uri() {
        return URI.create("https://127.0.0.1:" + machine.port);
    }

    /**
     * Gives the SHA-256 of the node's certificate, as {@code /nodes} tells it.
     *
     * @return 32 pairs of upper-case hexadecimal digits with colons between
     */
    public String fingerprint() {
        return cluster.at(() -> Certificates.fingerprint(machine.certificate));
    }

    /**
     * Gives the node's certificate.
     *
     * @return the certificate
     */
    public X509Certificate certificate() {
        return cluster.at(() -> Certificates.certificate(machine.certificate));
    }

    /** Gives the node another certificate of the same authority, as its renewal does: the fingerprint changes. */
    public void renewsItsCertificate() {
        cluster.act(() -> machine.certificate += 3);
        endpoint.renewCertificate();
    }

    // ------------------------------------------------------------------ the machine

    /**
     * Switches the node off. Its guests stop, its running tasks are lost; it stays listed with its guests, whose names and
     * states are told for five more minutes. Its address refuses connections.
     */
    public void goesOffline() {
        cluster.act(() -> cluster.powerOff(machine));
        endpoint.shut();
        server.wake();
    }

    /**
     * Switches the node on. Its daemons run; what hung or was down before is forgotten. Only guests with {@code onboot} run,
     * and nothing is known of others until their statistics arrive.
     */
    public void comesBack() {
        cluster.act(() -> cluster.powerOn(machine));
        endpoint.open();
        server.wake();
    }

    /** Takes the node's network to the other nodes away. Clients still reach it, and it answers from its old copy of things. */
    public void isCutOff() {
        cluster.act(() -> cluster.reconnect(() -> machine.segment = machine.number));
    }

    /** Connects the node with those that are not cut off. */
    public void rejoins() {
        cluster.act(() -> cluster.reconnect(() -> machine.segment = 0));
    }

    // ------------------------------------------------------------------ its daemons

    /** Stops pveproxy: the address refuses connections, and other nodes are told so (595). */
    public void proxyGoesDown() {
        cluster.act(() -> machine.proxy = Daemon.DOWN);
        endpoint.shut();
        server.wake();
    }

    /** Hangs pveproxy: it takes requests and answers none; other nodes give up (596). */
    public void proxyHangs() {
        cluster.act(() -> machine.proxy = Daemon.HUNG);
    }

    /** Lets pveproxy work again. What other nodes had passed to it while it hung is executed now. */
    public void proxyRecovers() {
        recover(() -> machine.proxy = Daemon.UP);
        if (cluster.at(() -> machine.powered)) {
            endpoint.open();
        }
        server.wake();
    }

    /** Stops pvedaemon: what pveproxy reads itself goes on, all else is answered with 595. */
    public void daemonGoesDown() {
        cluster.act(() -> machine.daemon = Daemon.DOWN);
    }

    /** Hangs pvedaemon: what needs it is answered with 596, and executed when it recovers. */
    public void daemonHangs() {
        cluster.act(() -> machine.daemon = Daemon.HUNG);
    }

    /** Lets pvedaemon work again. What it took in while it hung is executed now, in the order in which it came. */
    public void daemonRecovers() {
        recover(() -> machine.daemon = Daemon.UP);
    }

    private void recover(Runnable change) {
        cluster.act(() -> {
            change.run();
            List<Runnable> waiting = List.copyOf(machine.backlog);
            machine.backlog.clear();
            waiting.forEach(Runnable::run);
        });
    }

    /** Stops pmxcfs: the node answers 500 to everything, and others see it offline. */
    public void clusterFilesGoDown() {
        cluster.act(() -> machine.filesUp = false);
    }

    /** Starts pmxcfs: the node knows all guests, and of none a name or state until statistics arrive. */
    public void clusterFilesComeBack() {
        cluster.act(() -> {
            machine.filesUp = true;
            machine.forgetStatistics();
        });
    }

    /** Stops pvestatd: what lists say of its guests stays as it is, and is unknown after five minutes. */
    public void statisticsStop() {
        cluster.act(() -> machine.statisticsUp = false);
    }

    /** Starts pvestatd. */
    public void statisticsGoOn() {
        cluster.act(() -> machine.statisticsUp = true);
    }

    /**
     * Lets the node lose its list of guests without noticing: lists are empty with 200, and every id is told to be free.
     */
    public void losesItsGuestList() {
        cluster.act(() -> machine.losesGuestList = true);
    }

    /** Gives the node its list of guests back. */
    public void findsItsGuestList() {
        cluster.act(() -> machine.losesGuestList = false);
    }

    /**
     * Lets the node forget that it is in a cluster: {@code /cluster/status} tells a single node that is online, without a row
     * of the cluster and so without a word on quorum. All else is as before.
     */
    public void forgetsItsCluster() {
        cluster.act(() -> machine.forgetsCluster = true);
    }

    /** Ends what {@link #forgetsItsCluster} began. */
    public void remembersItsCluster() {
        cluster.act(() -> machine.forgetsCluster = false);
    }

    void close() {
        endpoint.close();
    }

    @Override
    public String toString() {
        return "fake node " + machine.name + " at " + uri();
    }
}
