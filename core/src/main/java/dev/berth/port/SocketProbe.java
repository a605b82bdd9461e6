package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether ports are in use by listening on them for a moment, in the network namespace of this process: TCP with
 * {@code listen}, UDP without address reuse, on the wildcard of both families and on every address of every interface
 * that is up. Each one that cannot be bound because it is in use makes the port busy; a family or an address that is not
 * there is no obstacle. What is published by address translation alone has no socket and is not seen: ask the engine for
 * that.
 *
 * <p>It listens on each address for less than a millisecond. A port below the first unprivileged one is unknown to a
 * process that may not bind it.
 */
public final class SocketProbe implements PortProbe {
    private final Scope host;

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
        Map<Port, PortSighting> seen = new HashMap<>();
        PortSighting elsewhere = asked.equals(host)
                ? null
                : new PortSighting.Unknown("this process is on " + host + " and does not see " + asked);
        List<InetAddress> addresses = elsewhere == null ? addresses() : List.of();
        for (Port port : ports) {
            seen.put(port, elsewhere == null ? probe(port, addresses) : elsewhere);
        }
        return seen;
    }

    /**
     * The wildcard comes first: on Linux, listening on it on both families at once finds nearly every holder. The single
     * addresses find those that other systems let pass it.
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

    private static PortSighting probe(Port port, List<InetAddress> addresses) {
        int bound = 0;
        String refused = "no address could be bound";
        for (InetAddress address : addresses) {
            var target = new InetSocketAddress(address, port.number());
            try {
                bind(port.protocol(), target);
                bound++;
            } catch (BindException failure) {
                if (isInUse(failure)) {
                    return new PortSighting.Busy(port + " is in use on " + shown(address));
                }
                refused = reason(failure, refused);
            } catch (IOException failure) {
                refused = reason(failure, refused);
            }
        }
        return bound > 0 ? PortSighting.free() : new PortSighting.Unknown(refused);
    }

    private static void bind(Protocol protocol, InetSocketAddress target) throws IOException {
        if (protocol == Protocol.TCP) {
            // Reuse is on by default where that lets a port be bound whose last server's connections still linger;
            // listening is what a second holder cannot do.
            try (var socket = new ServerSocket()) {
                socket.bind(target, 1);
            }
        } else {
            try (var socket = new DatagramSocket((java.net.SocketAddress) null)) {
                socket.setReuseAddress(false);
                socket.bind(target);
            }
        }
    }

    /**
     * Tells "in use" from "not an address of this host" and "not permitted", which the JDK throws with the same type.
     * The words are those of the system's error texts, which the JDK passes on: EADDRINUSE on Linux, macOS and Windows.
     */
    private static boolean isInUse(BindException failure) {
        String message = failure.getMessage();
        return message != null && (message.contains("in use") || message.contains("Only one usage"));
    }

    private static String reason(IOException failure, @Nullable String before) {
        String message = failure.getMessage();
        return message == null ? String.valueOf(before) : message;
    }

    private static String shown(InetAddress address) {
        return address.isAnyLocalAddress()
                ? "all addresses (" + address.getHostAddress() + ")"
                : address.getHostAddress();
    }
}
