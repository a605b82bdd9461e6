package dev.berth.port;

import dev.berth.ledger.Scope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Asks a probe and makes its answer whole: what it did not say, or could not say, is unknown. */
final class Sightings {
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");
    private static final int LONGEST = 500;

    private Sightings() {}

    static Map<Port, PortSighting> of(PortProbe probe, Scope host, Set<Port> ports) {
        Map<Port, PortSighting> whole = new LinkedHashMap<>();
        try {
            Map<Port, PortSighting> answer = probe.probe(host, Collections.unmodifiableSet(new LinkedHashSet<>(ports)));
            for (Port port : ports) {
                PortSighting sighting = answer == null ? null : answer.get(port);
                whole.put(
                        port,
                        sighting == null ? new PortSighting.Unknown("the probe said nothing of it") : clean(sighting));
            }
        } catch (Exception failure) {
            // Not only unchecked ones: a probe that is not written in Java can throw any. Errors go on.
            if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            ports.forEach(port -> whole.put(port, clean(new PortSighting.Unknown("the probe failed: " + failure))));
        }
        return whole;
    }

    /** What a probe says goes into messages and logs, so it is one line of bounded length there. */
    private static PortSighting clean(PortSighting sighting) {
        if (sighting instanceof PortSighting.Busy busy) {
            return new PortSighting.Busy(line(busy.evidence()));
        }
        return sighting instanceof PortSighting.Unknown unknown
                ? new PortSighting.Unknown(line(unknown.reason()))
                : sighting;
    }

    private static String line(String text) {
        String line = UNPRINTABLE.matcher(text).replaceAll(" ");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
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
