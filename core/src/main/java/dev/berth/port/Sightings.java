package dev.berth.port;

import dev.berth.ledger.Scope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Asks a probe and makes its answer whole: what it did not say, or could not say, is unknown. */
final class Sightings {
    private Sightings() {}

    static Map<Port, PortSighting> of(PortProbe probe, Scope host, Set<Port> ports) {
        Map<Port, PortSighting> whole = new LinkedHashMap<>();
        try {
            Map<Port, PortSighting> answer = probe.probe(host, Collections.unmodifiableSet(new LinkedHashSet<>(ports)));
            for (Port port : ports) {
                PortSighting sighting = answer == null ? null : answer.get(port);
                whole.put(port, sighting == null ? new PortSighting.Unknown("the probe said nothing of it") : sighting);
            }
        } catch (Exception failure) {
            // Not only unchecked ones: a probe that is not written in Java can throw any. Errors go on.
            if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            ports.forEach(port -> whole.put(port, new PortSighting.Unknown("the probe failed: " + failure)));
        }
        return whole;
    }

    /** What the ports of a part are all together. */
    static PortSighting worst(Map<Port, PortSighting> sightings, Set<Port> ports) {
        PortSighting worst = PortSighting.free();
        for (Port port : ports) {
            worst = worst.and(sightings.getOrDefault(port, new PortSighting.Unknown("not probed")));
        }
        return worst;
    }
}
