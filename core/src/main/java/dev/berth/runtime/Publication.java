package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.ResourceKind;
import java.util.Optional;

/**
 * A port of the host that leads into an instance.
 *
 * @param kind {@link ResourceKind#TCP_PORT} or {@link ResourceKind#UDP_PORT}
 * @param port the host's port, 1 to 65535
 * @param inner the instance's own port behind it, 1 to 65535
 * @param address the host's address on which alone it is published, such as {@code 127.0.0.1}; empty for all
 */
public record Publication(ResourceKind kind, int port, int inner, Optional<String> address) {
    private static final int MOST = 65_535;

    /**
     * Checks the parts.
     *
     * @param kind the transport's kind of port
     * @param port the host's port
     * @param inner the instance's own port behind it
     * @param address the host's address on which alone it is published
     * @throws InvalidInputException if the kind is not one of ports, or a number is out of range
     */
    public Publication {
        InvalidInputException.requireNonNull("kind", kind);
        InvalidInputException.requireNonNull("address", address);
        if (!isPort(kind.name())) {
            throw InvalidInputException.of("kind", kind.name(), "tcp-port or udp-port");
        }
        if (port < 1 || port > MOST || inner < 1 || inner > MOST) {
            throw InvalidInputException.of("publication", port + " to " + inner, "ports of 1 to " + MOST);
        }
    }

    static boolean isPort(String kind) {
        return kind.equals(ResourceKind.TCP_PORT.name()) || kind.equals(ResourceKind.UDP_PORT.name());
    }

    /**
     * Publishes a TCP port on all addresses.
     *
     * @param port the host's port, 1 to 65535
     * @param inner the instance's own port behind it, 1 to 65535
     * @return the publication
     */
    public static Publication tcp(int port, int inner) {
        return new Publication(ResourceKind.TCP_PORT, port, inner, Optional.empty());
    }

    /**
     * Publishes a UDP port on all addresses.
     *
     * @param port the host's port, 1 to 65535
     * @param inner the instance's own port behind it, 1 to 65535
     * @return the publication
     */
    public static Publication udp(int port, int inner) {
        return new Publication(ResourceKind.UDP_PORT, port, inner, Optional.empty());
    }

    /**
     * Says whether this is what was asked for: the same ports, whatever the address, since runtimes list the addresses of
     * one publication in different ways.
     *
     * @param asked what was asked for
     * @return true if kind, port and inner port are the same
     */
    public boolean serves(Publication asked) {
        return kind.name().equals(asked.kind.name()) && port == asked.port && inner == asked.inner;
    }

    @Override
    public String toString() {
        return (address.isEmpty() ? "" : address.get() + ":") + port + " to " + inner
                + (kind.name().equals(ResourceKind.UDP_PORT.name()) ? "/udp" : "/tcp");
    }
}
