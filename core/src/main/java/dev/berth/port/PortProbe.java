package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks from its vantage whether ports are in use: this network namespace, a remote engine's listing. It only ever saves
 * retries; that a port seems free is no promise. Implementations are safe for use by many threads and end within a
 * bounded time. One that throws counts as having seen nothing.
 */
public interface PortProbe {
    /**
     * Looks at a set of ports at once.
     *
     * @param host the host whose ports they are; a host that this probe does not see is unknown to it
     * @param ports the ports; not to be changed
     * @return what was seen of each; one that is missing is unknown
     */
    Map<Port, PortSighting> probe(Scope host, Set<Port> ports);

    /**
     * Takes several probes together: a port is free only if all of them say so.
     *
     * @param probes the probes, at least one
     * @return the probe
     */
    static PortProbe all(PortProbe... probes) {
        for (PortProbe probe : InvalidInputException.requireNonNull("probes", probes)) {
            InvalidInputException.requireNonNull("probe", probe);
        }
        if (probes.length == 0) {
            throw InvalidInputException.of("probes", "none", "at least one probe");
        }
        List<PortProbe> copied = List.of(probes);
        return (host, ports) -> {
            Map<Port, PortSighting> seen = new HashMap<>();
            for (PortProbe probe : copied) {
                Sightings.of(probe, host, ports)
                        .forEach((port, sighting) -> seen.merge(port, sighting, PortSighting::and));
            }
            return seen;
        };
    }
}
