package dev.berth.port;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** Sockets that sit on ports, in this process and in another one. */
final class Holders {
    private Holders() {}

    /** Where a holder sits: the rows of the bind matrix. */
    enum Kind {
        V4_WILDCARD("0.0.0.0"),
        V4_LOOPBACK("127.0.0.1"),
        V4_LAN("lan"),
        V6_ONLY("::"),
        V6_DUAL("::"),
        V6_LOOPBACK("::1");

        private final String address;

        Kind(String address) {
            this.address = address;
        }

        boolean isV6() {
            return name().startsWith("V6");
        }
    }

    /** Why a kind cannot be had here, empty if it can. */
    static Optional<String> missing(Kind kind) {
        if (kind == Kind.V4_LAN && lan().isEmpty()) {
            return Optional.of("this host has no IPv4 address but the loopback");
        }
        if (kind.isV6() && !hasV6()) {
            return Optional.of("this host has no IPv6 loopback");
        }
        return kind == Kind.V6_ONLY && !hasPerl()
                ? Optional.of("Java cannot set IPV6_V6ONLY, and there is no perl to do it")
                : Optional.empty();
    }

    static boolean hasV6() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getAllByName("::1")[0])) {
            return socket.isBound();
        } catch (IOException none) {
            return false;
        }
    }

    private static boolean hasPerl() {
        try {
            return new ProcessBuilder("perl", "-MSocket=IPV6_V6ONLY", "-e", "1")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException none) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    static Optional<InetAddress> lan() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                    .findFirst();
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    /** Opens a holder in this process; UDP ones with address reuse, which must not let anybody else in. */
    static AutoCloseable open(Kind kind, Protocol protocol, int port) throws IOException {
        if (kind == Kind.V6_ONLY) {
            return perl(protocol, port);
        }
        InetAddress address = kind == Kind.V4_LAN ? lan().orElseThrow() : InetAddress.getAllByName(kind.address)[0];
        var family = kind.isV6() ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        NetworkChannel channel =
                protocol == Protocol.TCP ? ServerSocketChannel.open(family) : DatagramChannel.open(family);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(new InetSocketAddress(address, port));
            return channel;
        } catch (IOException failure) {
            channel.close();
            throw failure;
        }
    }

    private static AutoCloseable perl(Protocol protocol, int port) throws IOException {
        String script = "use Socket qw(:all); socket(S, AF_INET6, "
                + (protocol == Protocol.TCP ? "SOCK_STREAM" : "SOCK_DGRAM")
                + ", 0) or die; setsockopt(S, IPPROTO_IPV6, IPV6_V6ONLY, 1) or die;"
                + " setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1) or die;"
                + " bind(S, pack_sockaddr_in6(" + port + ", inet_pton(AF_INET6, '::'))) or die;"
                + (protocol == Protocol.TCP ? " listen(S, 5) or die;" : "")
                + " $| = 1; print \"ready\\n\"; <STDIN>;";
        return process(List.of("perl", "-e", script));
    }

    /** Starts a process that prints a line when it is ready and ends when its input does. */
    static Running process(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        if (line == null) {
            process.destroy();
            throw new IOException("nothing came of " + command);
        }
        return new Running(process, line);
    }

    /** A process and the first line that it printed. */
    record Running(Process process, String line) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            process.getOutputStream().close();
            process.onExit().join();
        }
    }

    /** The command that runs a class of the tests in a virtual machine of its own. */
    static List<String> java(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Stream.of(arguments).filter(argument -> argument.startsWith("-D")).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        Stream.of(arguments).filter(argument -> !argument.startsWith("-D")).forEach(command::add);
        return command;
    }

    /** A port outside the ephemeral range on which nobody is, in either protocol. */
    static int freePort() {
        var random = new Random();
        IOException last = new IOException("not tried");
        for (int tries = 0; tries < 1_000; tries++) {
            int port = 10_000 + random.nextInt(22_000);
            try (var tcp = new ServerSocket(port);
                    var udp = new DatagramSocket(port)) {
                if (tcp.isBound() && udp.isBound()) {
                    return port;
                }
            } catch (IOException taken) {
                last = taken;
            }
        }
        throw new UncheckedIOException("no free port among a thousand", last);
    }

    /** Holds a port of every kind that is to be had, in a process of its own, and prints them. */
    static final class Main {
        private Main() {}

        public static void main(String... ignored) throws Exception {
            List<AutoCloseable> held = new ArrayList<>();
            var line = new StringBuilder();
            for (Kind kind : Kind.values()) {
                for (Protocol protocol : Protocol.values()) {
                    if (missing(kind).isEmpty()) {
                        int port = freePort();
                        held.add(open(kind, protocol, port));
                        line.append(kind)
                                .append(protocol)
                                .append('=')
                                .append(port)
                                .append(' ');
                    }
                }
            }
            System.out.println(line);
            System.in.readAllBytes();
            for (AutoCloseable one : held) {
                one.close();
            }
        }
    }

    /** Probes TCP ports in a process of its own and prints what was seen. */
    static final class ProbeMain {
        private ProbeMain() {}

        public static void main(String... ports) {
            var line = new StringBuilder();
            for (String port : ports) {
                var asked = Port.tcp(Integer.parseInt(port));
                PortSighting seen = SocketProbe.onLocalhost()
                        .probe(PortPool.LOCALHOST, java.util.Set.of(asked))
                        .getOrDefault(asked, PortSighting.free());
                line.append(seen).append(';');
            }
            System.out.println(line);
        }
    }

    /** Probes a TCP port before and after it has used up its descriptors. */
    static final class StarvedMain {
        private StarvedMain() {}

        public static void main(String... ports) {
            var asked = Port.tcp(Integer.parseInt(ports[0]));
            var probe = SocketProbe.onLocalhost();
            var elsewhere = dev.berth.ledger.Scope.of("elsewhere");
            // Both answers once, so that no class must be read from a file later.
            String unknown =
                    Sightings.of(probe, elsewhere, java.util.Set.of(asked)).toString();
            var before = Sightings.of(probe, PortPool.LOCALHOST, java.util.Set.of(asked));
            List<AutoCloseable> hoard = new ArrayList<>();
            var after = before;
            int hoarded = -1;
            // The virtual machine may close a file of its own after the first refusal. Only a look counts after which
            // still nothing can be opened: then there was no descriptor for it either.
            while (unknown != null && hoarded != hoard.size()) {
                hoard(hoard);
                hoarded = hoard.size();
                after = Sightings.of(probe, PortPool.LOCALHOST, java.util.Set.of(asked));
                hoard(hoard);
            }
            System.out.println(before.get(asked) + " then " + after.get(asked) + " with " + hoard.size());
        }

        private static void hoard(List<AutoCloseable> hoard) {
            try {
                while (hoard.size() < 10_000) {
                    hoard.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException starved) {
                return;
            }
        }
    }

    static Map<String, Integer> parse(String line) {
        Map<String, Integer> ports = new java.util.HashMap<>();
        for (String entry : line.strip().split(" ", -1)) {
            int at = entry.indexOf('=');
            ports.put(entry.substring(0, at), Integer.parseInt(entry.substring(at + 1)));
        }
        return ports;
    }
}
