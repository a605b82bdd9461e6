package dev.berth.docker;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import dev.berth.port.Port;
import dev.berth.port.PortProbe;
import dev.berth.port.PortSighting;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Publication;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Looks at an engine's containers for ports that they have open on its host, with one listing for any number of ports. It
 * does not see processes that are no containers: beside it, {@link dev.berth.port.KernelTableProbe} sees those of this host.
 * Containers that do not run have no port open, whatever they would open. If the listing fails or is not complete, or the
 * ports of a container that runs could not be read, what was not seen is unknown.
 *
 * <p>Safe for use by many threads. {@link #close} ends the threads that it made, and not the runtime.
 */
public final class DockerPortProbe implements PortProbe, AutoCloseable {
    private static final Duration WITHIN = Duration.ofSeconds(10);

    private final BoundedRuntime<?> runtime;

    private DockerPortProbe(BoundedRuntime<?> runtime) {
        this.runtime = runtime;
    }

    /**
     * Makes the probe of an engine, whose listing may take 10 s.
     *
     * @param runtime the engine
     * @return the probe of the ports of its scope
     * @throws InvalidInputException if it is null
     */
    public static DockerPortProbe on(DockerRuntime runtime) {
        return on(runtime, WITHIN);
    }

    /**
     * Makes the probe of an engine.
     *
     * @param runtime the engine
     * @param within how long a listing may take, 1 ms to 1 day
     * @return the probe of the ports of its scope
     * @throws InvalidInputException if one is null or the span is out of range
     */
    public static DockerPortProbe on(DockerRuntime runtime, Duration within) {
        InvalidInputException.requireNonNull("runtime", runtime);
        return new DockerPortProbe(BoundedRuntime.of(runtime, Deadlines.all(within)));
    }

    @Override
    public Map<Port, PortSighting> probe(Scope host, Set<Port> ports) {
        InvalidInputException.requireNonNull("host", host);
        InvalidInputException.requireNonNull("ports", ports);
        if (!host.equals(runtime.scope())) {
            return all(
                    ports, new PortSighting.Unknown("the engine is " + runtime.scope() + " and does not see " + host));
        }
        Inventory listing = runtime.inventory();
        Map<Port, PortSighting> seen = all(
                ports,
                listing.portGap().<PortSighting>map(PortSighting.Unknown::new).orElseGet(PortSighting::free));
        for (Instance instance : listing.instances()) {
            for (Publication open : instance.published()) {
                Port port = port(open);
                if (ports.contains(port)) {
                    seen.put(port, new PortSighting.Busy(open + " is published by " + instance));
                }
            }
        }
        return seen;
    }

    private static Map<Port, PortSighting> all(Set<Port> ports, PortSighting sighting) {
        Map<Port, PortSighting> all = new HashMap<>();
        ports.forEach(port -> all.put(port, sighting));
        return all;
    }

    private static Port port(Publication open) {
        return Publications.isUdp(open) ? Port.udp(open.port()) : Port.tcp(open.port());
    }

    /** Ends the threads that it made. Safe to repeat. */
    @Override
    public void close() {
        runtime.close();
    }
}
