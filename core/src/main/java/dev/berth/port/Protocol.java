package dev.berth.port;

import dev.berth.ledger.ResourceKind;

/** A transport protocol. The same number of two protocols is two ports. */
public enum Protocol {
    /** TCP. */
    TCP,
    /** UDP. */
    UDP;

    /**
     * Names the kind of resource that a port of this protocol is in the ledger.
     *
     * @return the kind
     */
    public ResourceKind kind() {
        return this == TCP ? ResourceKind.TCP_PORT : ResourceKind.UDP_PORT;
    }

    @Override
    public String toString() {
        return this == TCP ? "tcp" : "udp";
    }
}
