package dev.berth.testkit;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import dev.berth.port.Port;
import dev.berth.port.PortProbe;
import dev.berth.port.PortSighting;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A probe that sees what a test tells it, without a network: ports that are busy, that cannot be seen, that it forgets to
 * mention; and that fails, crashes or hangs on demand. What it was asked is kept. It answers for every host. Numbers are
 * TCP ports; for UDP give {@link Port#udp}. May be changed while it is used; safe for use by many threads.
 */
public final class FakeProbe implements PortProbe {
    private static final PortSighting OMITTED = new PortSighting.Unknown("omitted");

    /** Guarded by itself, and so are failure and hang. */
    private final Map<Port, PortSighting> ports = new HashMap<>();

    private final PortSighting others;
    private @Nullable Throwable failure;
    private @Nullable Hang hang;
    private final List<Set<Port>> asked = new CopyOnWriteArrayList<>();

    private FakeProbe(PortSighting others) {
        this.others = others;
    }

    /**
     * Makes a probe to which every port is free.
     *
     * @return the probe
     */
    public static FakeProbe free() {
        return new FakeProbe(PortSighting.free());
    }

    /**
     * Makes a probe to which some TCP ports are busy and all others free.
     *
     * @param busy the busy TCP ports' numbers
     * @return the probe
     */
    public static FakeProbe busy(int... busy) {
        return free().seize(busy);
    }

    /**
     * Makes a probe to which some ports are busy and all others free.
     *
     * @param busy the busy ports
     * @return the probe
     */
    public static FakeProbe busy(Port... busy) {
        return free().seize(busy);
    }

    /**
     * Makes a probe that can see nothing.
     *
     * @param reason why not
     * @return the probe
     */
    public static FakeProbe unknown(String reason) {
        return new FakeProbe(new PortSighting.Unknown(reason));
    }

    /**
     * Lets an outsider take TCP ports.
     *
     * @param busy the ports' numbers
     * @return this probe
     */
    public FakeProbe seize(int... busy) {
        return seize(tcp(busy));
    }

    /**
     * Lets an outsider take ports.
     *
     * @param busy the ports
     * @return this probe
     */
    public FakeProbe seize(Port... busy) {
        for (Port port : InvalidInputException.requireNonNull("ports", busy)) {
            set(port, new PortSighting.Busy(port + " is held by an outsider"));
        }
        return this;
    }

    /**
     * Makes TCP ports free.
     *
     * @param free the ports' numbers
     * @return this probe
     */
    public FakeProbe vacate(int... free) {
        return vacate(tcp(free));
    }

    /**
     * Makes ports free.
     *
     * @param free the ports
     * @return this probe
     */
    public FakeProbe vacate(Port... free) {
        for (Port port : InvalidInputException.requireNonNull("ports", free)) {
            set(port, PortSighting.free());
        }
        return this;
    }

    /**
     * Makes it unable to see some ports.
     *
     * @param reason why
     * @param unseen the ports
     * @return this probe
     */
    public FakeProbe hide(String reason, Port... unseen) {
        for (Port port : InvalidInputException.requireNonNull("ports", unseen)) {
            set(port, new PortSighting.Unknown(reason));
        }
        return this;
    }

    /**
     * Makes it leave some ports out of its answers.
     *
     * @param omitted the ports
     * @return this probe
     */
    public FakeProbe omit(Port... omitted) {
        for (Port port : InvalidInputException.requireNonNull("ports", omitted)) {
            set(port, OMITTED);
        }
        return this;
    }

    /**
     * Makes every look throw from now on.
     *
     * @param thrown what is thrown
     * @return this probe
     */
    public FakeProbe fail(RuntimeException thrown) {
        return failWith(InvalidInputException.requireNonNull("failure", thrown));
    }

    /**
     * Makes every look throw an error from now on, which nobody catches: as if the process died in the midst of it.
     *
     * @param thrown what is thrown
     * @return this probe
     */
    public FakeProbe crash(Error thrown) {
        return failWith(InvalidInputException.requireNonNull("error", thrown));
    }

    /**
     * Ends {@link #fail} and {@link #crash}.
     *
     * @return this probe
     */
    public FakeProbe recover() {
        return failWith(null);
    }

    private FakeProbe failWith(@Nullable Throwable thrown) {
        synchronized (ports) {
            failure = thrown;
        }
        return this;
    }

    /**
     * Makes every look hang from now on, until what is returned is closed. A look that hung then answers by what is set
     * at that time.
     *
     * @return the hang
     */
    public Hang hang() {
        var begun = new Hang();
        synchronized (ports) {
            hang = begun;
        }
        return begun;
    }

    /**
     * Counts how often it was asked, hanging and failing looks included.
     *
     * @return the number of calls
     */
    public int calls() {
        return asked.size();
    }

    /**
     * Says what it was asked for.
     *
     * @return a copy, the ports of each call in the order of the calls
     */
    public List<Set<Port>> asked() {
        return List.copyOf(asked);
    }

    @Override
    public Map<Port, PortSighting> probe(Scope host, Set<Port> wanted) {
        asked.add(Set.copyOf(wanted));
        Hang hanging;
        synchronized (ports) {
            hanging = hang;
        }
        if (hanging != null) {
            hanging.await();
        }
        synchronized (ports) {
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure instanceof RuntimeException exception) {
                throw exception;
            }
            Map<Port, PortSighting> answer = new LinkedHashMap<>();
            for (Port port : wanted) {
                PortSighting sighting = ports.getOrDefault(port, others);
                if (sighting != OMITTED) {
                    answer.put(port, sighting);
                }
            }
            return answer;
        }
    }

    private void set(Port port, PortSighting sighting) {
        synchronized (ports) {
            ports.put(InvalidInputException.requireNonNull("port", port), sighting);
        }
    }

    private static Port[] tcp(int... numbers) {
        return Arrays.stream(InvalidInputException.requireNonNull("ports", numbers))
                .mapToObj(Port::tcp)
                .toArray(Port[]::new);
    }

    @Override
    public String toString() {
        synchronized (ports) {
            return "fake probe: " + ports + ", others " + others;
        }
    }

    /** Looks that hang, until it is closed. Safe for use by many threads. */
    public static final class Hang implements AutoCloseable {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);

        private Hang() {}

        /**
         * Waits until a look hangs.
         *
         * @param patience how long to wait at most
         * @throws AssertionError if none came in time
         * @throws InterruptedException if the thread is interrupted
         */
        public void awaitLook(Duration patience) throws InterruptedException {
            if (!arrived.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("no look within " + patience);
            }
        }

        private void await() {
            arrived.countDown();
            boolean interrupted = false;
            while (true) {
                try {
                    closed.await();
                    break;
                } catch (InterruptedException early) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /** Lets every look that hangs go on, and those that come later pass. Safe to repeat. */
        @Override
        public void close() {
            closed.countDown();
        }
    }
}
