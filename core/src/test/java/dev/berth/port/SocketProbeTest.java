package dev.berth.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import dev.berth.port.Holders.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The bind matrix with real sockets: what sits on a port, and what the two probes of this host say of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SocketProbeTest {
    private static final Path TABLES = Path.of("/proc/net/tcp");

    private final SocketProbe sockets = SocketProbe.onLocalhost();
    private final KernelTableProbe tables = KernelTableProbe.onLocalhost();
    private Holders.Running other;
    private Map<String, Integer> othersPorts;

    @BeforeAll
    void startAnotherProcess() throws IOException {
        other = Holders.process(Holders.java(Holders.Main.class));
        othersPorts = Holders.parse(other.line());
    }

    @AfterAll
    void endIt() throws Exception {
        other.close();
    }

    static Stream<Arguments> rows() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(Protocol.values()).map(protocol -> Arguments.of(kind, protocol)));
    }

    private static PortSighting see(PortProbe probe, Port port) {
        return Sightings.of(probe, PortPool.LOCALHOST, Set.of(port)).getOrDefault(port, PortSighting.free());
    }

    private void assertBusy(Port port) {
        assertThat(see(sockets, port)).isInstanceOf(PortSighting.Busy.class);
        assertThat(see(sockets, port).toString()).contains(port + " is in use on ");
        if (Files.exists(TABLES)) {
            assertThat(see(tables, port)).isInstanceOf(PortSighting.Busy.class);
        }
    }

    @ParameterizedTest(name = "a holder on {0} makes the {1} port busy")
    @MethodSource("rows")
    void everyHolderOfThisProcessIsBusyAndFreeOnceGone(Kind kind, Protocol protocol) throws Exception {
        assumeTrue(Holders.missing(kind).isEmpty(), () -> Holders.missing(kind).orElseThrow());
        var port = new Port(protocol, Holders.freePort());
        try (var holder = Holders.open(kind, protocol, port.number())) {
            assertThat(holder).isNotNull();
            assertBusy(port);
            Port twin = new Port(protocol == Protocol.TCP ? Protocol.UDP : Protocol.TCP, port.number());
            assertThat(see(sockets, twin)).isInstanceOf(PortSighting.Free.class);
        }
        assertThat(see(sockets, port)).isInstanceOf(PortSighting.Free.class);
        if (Files.exists(TABLES)) {
            assertThat(see(tables, port)).isInstanceOf(PortSighting.Free.class);
        }
    }

    @ParameterizedTest(name = "another process on {0} makes the {1} port busy")
    @MethodSource("rows")
    void everyHolderOfAnotherProcessIsBusy(Kind kind, Protocol protocol) {
        assumeTrue(Holders.missing(kind).isEmpty(), () -> Holders.missing(kind).orElseThrow());

        assertBusy(new Port(protocol, othersPorts.get(kind + protocol.toString())));
    }

    @Test
    @DisplayName("scenario 32: foreign 0.0.0.0:p..p+10, [::]:p+11 and 127.0.0.1:p+12 are all busy, in one look")
    void scenario32ForeignHoldersAreAllBusy() throws Exception {
        assumeTrue(Holders.hasV6(), "this host has no IPv6 loopback");
        List<AutoCloseable> held = new ArrayList<>();
        Set<Port> ports = new HashSet<>();
        int first = Holders.freePort();
        try {
            for (int offset = 0; ports.size() < 13; offset++) {
                int next = ports.size();
                Kind kind = next < 11 ? Kind.V4_WILDCARD : next == 11 ? Kind.V6_DUAL : Kind.V4_LOOPBACK;
                if (see(sockets, Port.tcp(first + offset)) instanceof PortSighting.Free) {
                    held.add(Holders.open(kind, Protocol.TCP, first + offset));
                    ports.add(Port.tcp(first + offset));
                }
            }
            assertThat(sockets.probe(PortPool.LOCALHOST, ports).values())
                    .hasSize(13)
                    .allMatch(sighting -> sighting instanceof PortSighting.Busy);
        } finally {
            for (AutoCloseable one : held) {
                one.close();
            }
        }
    }

    @Test
    void boundSocketThatDoesNotListenIsBusyUnlessItAllowsReuse() throws Exception {
        var port = Port.tcp(Holders.freePort());
        try (var channel = SocketChannel.open()) {
            channel.bind(new InetSocketAddress(port.number()));
            assertThat(see(sockets, port)).isInstanceOf(PortSighting.Busy.class);
            assertThat(see(tables, port)).isNotInstanceOf(PortSighting.Busy.class);
        }
        // The limit that the class states: such a socket cannot be told from none.
        try (var channel = SocketChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(new InetSocketAddress(port.number()));
            assertThat(see(sockets, port)).isInstanceOf(PortSighting.Free.class);
        }
    }

    @Test
    void portIsUnknownWhereNoSocketCanBeMade() throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n 256 && exec \"$@\"", "sh"));
        command.addAll(Holders.java(Holders.StarvedMain.class, Integer.toString(Holders.freePort())));
        Holders.Running starved;
        try {
            starved = Holders.process(command);
        } catch (IOException none) {
            assumeTrue(false, "no sh(1) to limit a process's descriptors: " + none);
            return;
        }
        try (starved) {
            assertThat(starved.line()).startsWith("Free[] then Unknown[");
        }
    }

    @Test
    void serversLingeringConnectionsLeaveItsPortFree() throws Exception {
        var port = Port.tcp(Holders.freePort());
        try (var server = new ServerSocket(port.number(), 5, InetAddress.getLoopbackAddress());
                var client = new Socket(server.getInetAddress(), port.number())) {
            server.accept().close();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(see(sockets, port)).isInstanceOf(PortSighting.Free.class);
        if (Files.exists(TABLES)) {
            awaitFree(tables, port);
        }
    }

    private static void awaitFree(PortProbe probe, Port port) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!(see(probe, port) instanceof PortSighting.Free)) {
            assertThat(System.nanoTime()).as("still busy: %s", see(probe, port)).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    void connectionFromThePortMakesItBusy() throws Exception {
        var port = Port.tcp(Holders.freePort());
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                var client = new Socket()) {
            client.setReuseAddress(false);
            client.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port.number()));
            client.connect(server.getLocalSocketAddress());
            assertBusy(port);
        }
    }

    @Test
    void connectionThatAnEarlierServerAcceptedIsBusyForTheTablesOnly() throws Exception {
        assumeTrue(Files.exists(TABLES), "no /proc/net here");
        var port = Port.tcp(Holders.freePort());
        var server = new ServerSocket(port.number(), 5, InetAddress.getLoopbackAddress());
        try (var client = new Socket(server.getInetAddress(), port.number());
                var accepted = server.accept()) {
            server.close();
            assertThat(client.isConnected() && accepted.isConnected()).isTrue();
            assertThat(see(sockets, port)).isInstanceOf(PortSighting.Free.class);
            assertThat(see(tables, port).toString()).contains("has a connection of uid");
        }
    }

    @Test
    void portOfAnotherHostIsUnknown() {
        Scope elsewhere = Scope.of("node-2");
        for (PortProbe probe : List.of(sockets, tables)) {
            assertThat(probe.probe(elsewhere, Set.of(Port.tcp(32_100))).get(Port.tcp(32_100)))
                    .hasToString("Unknown[reason=this process is on localhost and does not see node-2]");
        }
    }

    @Test
    void privilegedPortIsUnknownToWhoMayNotBindIt() {
        var port = Port.tcp(1);
        try (var socket = new ServerSocket(port.number())) {
            assumeTrue(
                    !socket.isBound(), "this process may bind port 1 (root, or net.ipv4.ip_unprivileged_port_start)");
        } catch (IOException notPermitted) {
            assertThat(see(sockets, port)).isInstanceOf(PortSighting.Unknown.class);
        }
    }

    @Test
    void virtualMachineWithoutIpv6StillSeesFreeAndBusyIpv4Ports() throws Exception {
        int free = Holders.freePort();
        int busy = othersPorts.get("V4_LOOPBACKtcp");
        try (var probe = Holders.process(Holders.java(
                Holders.ProbeMain.class,
                "-Djava.net.preferIPv4Stack=true",
                Integer.toString(free),
                Integer.toString(busy)))) {
            assertThat(probe.line()).startsWith("Free[];Busy[");
        }
    }

    @Test
    void addressThatIsNotThereIsNoObstacle() throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare", "-n"));
        command.addAll(Holders.java(Holders.ProbeMain.class, "20000", "1"));
        Process allowed;
        try {
            allowed = new ProcessBuilder("unshare", "-n", "true")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException none) {
            assumeTrue(false, "no unshare(1) to make a network namespace without addresses");
            return;
        }
        assumeTrue(allowed.waitFor() == 0, "this process may not make a network namespace without addresses");
        try (var probe = Holders.process(command)) {
            assertThat(probe.line()).startsWith("Free[];");
        }
    }

    @Test
    void interruptEndsNoLookAndIsKept() {
        int busy = othersPorts.get("V4_WILDCARDtcp");
        Thread.currentThread().interrupt();
        try {
            assertThat(see(sockets, Port.tcp(busy))).isInstanceOf(PortSighting.Busy.class);
            assertThat(see(sockets, Port.tcp(Holders.freePort()))).isInstanceOf(PortSighting.Free.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void probersOnOnePortSeldomTakeEachOtherForHolders() throws Exception {
        int rounds = 200;
        var port = Port.tcp(Holders.freePort());
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Integer>> running = new ArrayList<>();
            for (int racer = 0; racer < 2; racer++) {
                running.add(threads.submit(() -> {
                    int wrong = 0;
                    var own = SocketProbe.onLocalhost();
                    for (int round = 0; round < rounds; round++) {
                        wrong += see(own, port) instanceof PortSighting.Free ? 0 : 1;
                    }
                    return wrong;
                }));
            }
            int wrong = running.get(0).get() + running.get(1).get();
            System.out.println("two probers on one port: " + wrong + " of " + 2 * rounds + " looks were wrong");
            assertThat(wrong).isLessThan(rounds / 10);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void thousandPortsAreLookedAtInTime() {
        Set<Port> ports = new HashSet<>();
        for (int number = 20_000; number < 21_000; number++) {
            ports.add(Port.tcp(number));
        }
        long begin = System.nanoTime();
        assertThat(sockets.probe(PortPool.LOCALHOST, ports)).hasSize(1_000);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        System.out.println("1,000 ports looked at by binding in " + millis + " ms");
        assertThat(millis).isLessThan(10_000);
    }

    @Test
    void systemsWordsForInUseAreLearned() {
        assertThat(SocketProbe.learn()).isNotEmpty();
    }

    @Test
    void nullHostIsRefused() {
        assertThatThrownBy(() -> SocketProbe.on(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> KernelTableProbe.on(null)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void nullQuestionIsRefused() {
        for (PortProbe probe : List.of(SocketProbe.onLocalhost(), KernelTableProbe.onLocalhost())) {
            assertThatThrownBy(() -> probe.probe(null, Set.of())).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> probe.probe(PortPool.LOCALHOST, null)).isInstanceOf(InvalidInputException.class);
        }
    }
}
