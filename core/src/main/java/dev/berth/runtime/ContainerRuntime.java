package dev.berth.runtime;

import dev.berth.ledger.Scope;
import java.util.function.Consumer;

/**
 * What runs instances: a Docker or Podman engine, a Proxmox VE cluster. An adapter is small and dumb: it asks, tells and
 * classifies; deadlines, retries, policy and compensation live once, above it. The contract suite of {@code
 * berth-testkit} checks every sentence here; the group of laws that does so is named in brackets.
 *
 * <p>Safe for use by many threads. Methods may block for as long as the transport does and may throw anything: whoever
 * calls them goes through {@link BoundedRuntime}, which gives each call a deadline, interrupts the one that misses it, and
 * asks {@link #classify} what an exception means. A call that is interrupted ends soon [Disturbances].
 *
 * @param <S> what the host hands over to say what to create, in the runtime's own terms
 */
public interface ContainerRuntime<S> extends AutoCloseable {
    /**
     * Says whose instances these are: the home scope of claims provisioned here. Two runtimes of one scope are one.
     *
     * @return the scope; constant
     */
    Scope scope();

    /**
     * Asks who answers. The same as long as it is the same runtime with the same instances; another after it was replaced
     * or came up on other data [Sightings].
     *
     * @return the fingerprint
     * @throws Exception if it could not be asked
     */
    Fingerprint fingerprint() throws Exception;

    /**
     * Lists all instances in whatever state, ours and others', without any filter of the engine's. Whatever the listing
     * may lack makes its coverage less than complete; an instance that was there from before the call until after it is
     * in a complete one [Sightings].
     *
     * @return the listing
     * @throws Exception if it could not be asked
     */
    Inventory inventory() throws Exception;

    /**
     * Looks at one instance. A full id never matches another instance by name or by the id's beginning [Sightings].
     *
     * @param instance its full id
     * @return present, whatever its state; absent only if the runtime said just that; else unknown
     * @throws Exception if it could not be asked; that is unknown, too
     */
    Sighting look(String instance) throws Exception;

    /**
     * Creates an instance with name, ports, mark and labels in one request. It is not started. If the name is taken
     * nothing is created: of any number of callers that want one name at once, one gets it [Creating].
     *
     * @param deployment what to create
     * @return its full id
     * @throws Exception if it was not created, or that is not known: {@link #classify} tells
     */
    String create(Deployment<S> deployment) throws Exception;

    /**
     * Starts an instance, which takes its ports [Publishing]. One that runs already stays as it is, without an error; one
     * that is paused is not started, with or without one [Running].
     *
     * @param instance its full id
     * @throws Exception if it was not started, or that is not known: {@link #classify} tells
     */
    void start(String instance) throws Exception;

    /**
     * Stops an instance and keeps it [Running]. One that does not run stays as it is, without an error.
     *
     * @param instance its full id
     * @throws Exception if it was not stopped, or that is not known: {@link #classify} tells
     */
    void stop(String instance) throws Exception;

    /**
     * Asks how an instance does.
     *
     * @param instance its full id
     * @return how it does; unhealthy if it does not run [Running]
     * @throws Exception if it is not there, or could not be asked
     */
    Health health(String instance) throws Exception;

    /**
     * Removes an instance, in whatever state, if, at that moment, it carries just this mark and no {@linkplain Instance#guard guard} (law
     * L4): the adapter looks at the instance itself, and removes by full id. When it returns {@link Removal.Removed},
     * the runtime was asked and has it no more. Volumes and other things that the instance used stay. Safe to repeat, and
     * safe when several do it at once [L4].
     *
     * @param instance its full id
     * @param mark the mark that it must carry
     * @param mode whether one that runs is removed, too
     * @return how it ended
     * @throws Exception if that is not known
     */
    Removal remove(String instance, Mark mark, Removal.Mode mode) throws Exception;

    /**
     * Says what an exception means that one of the methods has thrown.
     *
     * @param failure the exception
     * @return what it means; {@link Fault.Unknown} unless code and shape are known [Disturbances]
     */
    Fault classify(Throwable failure);

    /**
     * Listens to what the runtime tells by itself. Only ever hints: everything works without them [Clients].
     *
     * @param listener hears them, on a thread of the adapter's; one that throws is not heard of again
     * @return ends the listening; {@link Watch#none()} for a runtime that tells nothing
     * @throws Exception if the runtime could not be asked
     */
    Watch watch(Consumer<Hint> listener) throws Exception;

    /** Ends what the adapter itself opened. Safe to repeat; other calls then fail, and reach nothing [Clients]. */
    @Override
    void close();
}
