package dev.berth.port;

import dev.berth.ledger.ResourceKind;

/** A transport protocol. The same number of two protocols is two ports. */
public enum Protocol {
    /** TCP. */
    TCP(ResourceKind.TCP_PORT),
    /** UDP. */
    UDP(ResourceKind.UDP_PORT);

    private final ResourceKind kind;

    Protocol(ResourceKind kind) {
        this.kind = kind;
    }

    /**
     * Names the kind of resource that a port of this protocol is in the ledger.
     *
     * @return the kind
     */
    public ResourceKind kind() {
        return kind;
    }

    @Override
    public String toString() {
        return this == TCP ? "tcp" : "udp";
    }
}
