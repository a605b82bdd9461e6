package dev.berth.benchmarks;

import dev.berth.port.PortOrder;
import dev.berth.port.PortPool;

/** The slots that are handed out by databases. Decided once, for all contenders. */
final class Slots {
    static final int BACKEND = 10_000;
    static final int FRONTEND = 50_000;

    private Slots() {}

    /** Slot after slot, one port each. */
    static PortPool ports(int slots) {
        return ports(slots, PortOrder.LOWEST);
    }

    static PortPool ports(int slots, PortOrder order) {
        return PortPool.named("port")
                .range(BACKEND, BACKEND + slots - 1)
                .order(order)
                .build();
    }

    /** Slot after slot, a port for the backend and one for the frontend in lockstep. */
    static PortPool pairs(int slots) {
        return PortPool.named("ports")
                .role("backend", BACKEND)
                .role("frontend", FRONTEND)
                .slots(slots)
                .build();
    }
}
