package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;

/**
 * A port of some host.
 *
 * @param protocol its protocol
 * @param number its number, 1 to 65535
 */
public record Port(Protocol protocol, int number) {
    /**
     * Checks the number.
     *
     * @param protocol its protocol
     * @param number its number
     * @throws InvalidInputException if the protocol is null or the number is not 1 to 65535
     */
    public Port {
        InvalidInputException.requireNonNull("protocol", protocol);
        if (number < 1 || number > 65_535) {
            throw InvalidInputException.of("port", number, "1 to 65535");
        }
    }

    /**
     * Names a TCP port.
     *
     * @param number its number
     * @return the port
     */
    public static Port tcp(int number) {
        return new Port(Protocol.TCP, number);
    }

    /**
     * Names a UDP port.
     *
     * @param number its number
     * @return the port
     */
    public static Port udp(int number) {
        return new Port(Protocol.UDP, number);
    }

    /**
     * Gives the port of one host as a resource of the ledger.
     *
     * @param host the host's scope
     * @return the resource
     */
    public Resource on(Scope host) {
        return protocol.kind().in(host, number);
    }

    @Override
    public String toString() {
        return number + "/" + protocol;
    }
}
