package dev.berth.port;

import dev.berth.ledger.Refusal;

/** How the wish for ports ended. */
public sealed interface PortOutcome {
    /**
     * The owner holds the ports.
     *
     * @param assignment the ports
     */
    record Allocated(PortAssignment assignment) implements PortOutcome {}

    /**
     * The owner holds no ports of the pool.
     *
     * @param refusal why: the pool is exhausted, or nothing could be seen
     */
    record Refused(Refusal refusal) implements PortOutcome {}
}
