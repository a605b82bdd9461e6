package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Refusal;
import java.util.List;

/**
 * What became of a bulk allocation; each owner is in exactly one of the lists.
 *
 * @param allocated the assignments, in the owners' order
 * @param refused why the others got none, in the owners' order
 */
public record PortBulk(List<PortAssignment> allocated, List<Refusal> refused) {
    /**
     * Copies the lists.
     *
     * @param allocated the assignments
     * @param refused why the others got none
     */
    public PortBulk {
        allocated = InvalidInputException.copyOf("allocated", allocated);
        refused = InvalidInputException.copyOf("refused", refused);
    }
}
