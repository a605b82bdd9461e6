package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether ports are in use by listening on them for a moment, in the network namespace of this process: TCP with
 * {@code listen}, UDP without address reuse, on the wildcard of both families and on every address of every interface
 * that is up. Each one that cannot be bound because it is in use makes the port busy; a family or an address that is not
 * there is no obstacle. A port below the first unprivileged one is unknown to a process that may not bind it.
 *
 * <p>Not seen is what has no socket, such as ports that are published by address translation alone: ask the engine for
 * those. Nor is a TCP socket that is bound with address reuse and does not listen yet. In a virtual machine that was told
 * to prefer IPv4 ({@code java.net.preferIPv4Stack}), holders of IPv6 addresses are not seen either.
 *
 * <p>It is on each address for less than a millisecond. Another prober that looks just then takes it for a holder, and so
 * does a server that starts; therefore a port that seems in use is looked at again, three times within some
 * milliseconds, before it is called busy. A client that connects just then is accepted and cut off. Safe for use by many
 * threads.
 */
public final class SocketProbe implements PortProbe {
    private static final int LOOKS = 4;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final Scope host;
    private volatile @Nullable String inUse;

    private SocketProbe(Scope host) {
        this.host = host;
    }

    /**
     * Makes the probe of this process's network namespace.
     *
     * @param host the scope that this process's host has in the ledger; ports of other hosts are unknown to the probe
     * @return the probe
     */
    public static SocketProbe on(Scope host) {
        return new SocketProbe(InvalidInputException.requireNonNull("host", host));
    }

    /**
     * Makes the probe for pools that name no host.
     *
     * @return the probe of {@link PortPool#LOCALHOST}
     */
    public static SocketProbe onLocalhost() {
        return on(PortPool.LOCALHOST);
    }

    @Override
    public Map<Port, PortSighting> probe(Scope asked, Set<Port> ports) {
        InvalidInputException.requireNonNull("host", asked);
        InvalidInputException.requireNonNull("ports", ports);
        Map<Port, PortSighting> seen = new LinkedHashMap<>();
        if (!asked.equals(host)) {
            var elsewhere = new PortSighting.Unknown("this process is on " + host + " and does not see " + asked);
            ports.forEach(port -> seen.put(port, elsewhere));
            return seen;
        }
        List<InetAddress> addresses = addresses();
        ports.forEach(port -> seen.put(port, look(port, addresses)));
        lookAgain(seen, addresses);
        return seen;
    }

    /** The pauses grow and vary, so that two probers that met do not meet again; an interrupt only shortens them. */
    private void lookAgain(Map<Port, PortSighting> seen, List<InetAddress> addresses) {
        for (int look = 1; look < LOOKS && seen.values().stream().anyMatch(SocketProbe::isBusy); look++) {
            long most = PAUSE << (look - 1);
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most / 2, most));
            seen.replaceAll((port, sighting) -> isBusy(sighting) ? look(port, addresses) : sighting);
        }
    }

    private static boolean isBusy(PortSighting sighting) {
        return sighting instanceof PortSighting.Busy;
    }

    /**
     * The wildcards come first: on Linux, listening on both families at once finds every holder. The single addresses
     * find those that other systems let pass it.
     */
    private static List<InetAddress> addresses() {
        Set<InetAddress> addresses = new LinkedHashSet<>();
        try {
            for (byte[] wildcard : List.of(new byte[16], new byte[4])) {
                addresses.add(InetAddress.getByAddress(wildcard));
            }
            addresses.add(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            addresses.add(InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
            NetworkInterface.networkInterfaces()
                    .filter(SocketProbe::isUp)
                    .flatMap(NetworkInterface::inetAddresses)
                    .forEach(addresses::add);
        } catch (IOException noInterfaces) {
            // The wildcards and the loopbacks, which are there without a look at the interfaces, remain.
            return new ArrayList<>(addresses);
        }
        return new ArrayList<>(addresses);
    }

    private static boolean isUp(NetworkInterface one) {
        try {
            return one.isUp();
        } catch (SocketException gone) {
            return false;
        }
    }

    private PortSighting look(Port port, List<InetAddress> addresses) {
        boolean whole = false;
        String unseen = null;
        String refused = "no address could be bound";
        for (InetAddress address : addresses) {
            try {
                hold(port, address);
                whole |= address.isAnyLocalAddress();
            } catch (BindException failure) {
                if (isInUse(failure)) {
                    return new PortSighting.Busy(port + " is in use on " + shown(address));
                }
                // Not an address of this host, or not permitted: then the wildcard is not permitted either.
                refused = Objects.requireNonNullElse(failure.getMessage(), refused);
            } catch (UnsupportedOperationException | UnsupportedAddressTypeException noSuchFamily) {
                refused = Objects.requireNonNullElse(noSuchFamily.getMessage(), refused);
            } catch (IOException failure) {
                unseen = failure.toString();
            }
        }
        if (unseen != null || !whole) {
            return new PortSighting.Unknown("cannot look at " + port + ": " + (unseen == null ? refused : unseen));
        }
        return PortSighting.free();
    }

    private static void hold(Port port, InetAddress address) throws IOException {
        ProtocolFamily family =
                address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        var target = new InetSocketAddress(address, port.number());
        if (port.protocol() == Protocol.TCP) {
            // Reuse is on by default where that lets a port be bound whose last server's connections still linger;
            // listening, which bind does here, is what a second holder cannot do.
            try (var channel = ServerSocketChannel.open(family)) {
                channel.bind(target, 1);
            }
        } else {
            try (var channel = DatagramChannel.open(family)) {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, false).bind(target);
            }
        }
    }

    /**
     * Tells "in use" from "not an address of this host" and "not permitted", which the JDK throws with the same type and
     * the system's words (EADDRINUSE on Linux, macOS and Windows). Where the process's locale is not English the words
     * are others; they are learned by binding one port twice.
     */
    private boolean isInUse(BindException failure) {
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        if (message.contains("in use") || message.contains("Only one usage")) {
            return true;
        }
        String learned = inUse;
        if (learned == null) {
            learned = learn();
            inUse = learned;
        }
        return !message.isEmpty() && message.equals(learned);
    }

    /** What the system says of a port in use, empty if it does not let itself be asked. */
    static String learn() {
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var first = ServerSocketChannel.open();
                var second = ServerSocketChannel.open()) {
            first.bind(loopback);
            second.bind(first.getLocalAddress());
            return "";
        } catch (BindException inUse) {
            return Objects.requireNonNullElse(inUse.getMessage(), "");
        } catch (IOException failure) {
            return "";
        }
    }

    private static String shown(InetAddress address) {
        return address.isAnyLocalAddress()
                ? "all addresses (" + address.getHostAddress() + ")"
                : address.getHostAddress();
    }
}
