package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Occupant;
import java.util.List;

/**
 * The ledger's ports beside what a probe saw at the same time.
 *
 * @param allocations every port of the pools that a claim holds
 * @param strangers ports of the pools that no claim holds and that are in use all the same
 * @param unknown ports of the pools that the probe could not see
 * @param overlaps ports that several pools have in common
 */
public record PortAudit(
        List<Allocation> allocations, List<Stranger> strangers, List<Unseen> unknown, List<Overlap> overlaps) {
    /**
     * Copies the lists.
     *
     * @param allocations every port of the pools that a claim holds
     * @param strangers ports of the pools that no claim holds and that are in use all the same
     * @param unknown ports of the pools that the probe could not see
     * @param overlaps ports that several pools have in common
     */
    public PortAudit {
        allocations = InvalidInputException.copyOf("allocations", allocations);
        strangers = InvalidInputException.copyOf("strangers", strangers);
        unknown = InvalidInputException.copyOf("unknown", unknown);
        overlaps = InvalidInputException.copyOf("overlaps", overlaps);
    }

    /**
     * A port that a claim holds.
     *
     * @param pool the pool's name
     * @param port the port
     * @param holder who holds it
     * @param sighting what the probe saw; busy is what a running instance looks like
     */
    public record Allocation(String pool, Port port, Occupant.Holder holder, PortSighting sighting) {}

    /**
     * A port in use that no claim holds.
     *
     * @param pool the pool's name
     * @param port the port
     * @param evidence what the probe saw
     */
    public record Stranger(String pool, Port port, String evidence) {}

    /**
     * A port that the probe could not see.
     *
     * @param pool the pool's name
     * @param port the port
     * @param reason why not
     */
    public record Unseen(String pool, Port port, String reason) {}

    /**
     * Ports that two pools have in common. That is legal, because no number is handed out twice, but seldom meant.
     *
     * @param one a pool's name
     * @param other another pool's name
     * @param ports the ports
     */
    public record Overlap(String one, String other, List<Port> ports) {
        /**
         * Copies the list.
         *
         * @param one a pool's name
         * @param other another pool's name
         * @param ports the ports
         */
        public Overlap {
            ports = InvalidInputException.copyOf("ports", ports);
        }
    }

    /**
     * Says whether ledger and world agree as far as was seen.
     *
     * @return true if no stranger was found and nothing was out of sight
     */
    public boolean isClean() {
        return strangers.isEmpty() && unknown.isEmpty();
    }
}
