package dev.berth.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Health;
import dev.berth.runtime.Hint;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.runtime.Watch;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers of a Docker Engine (20.10 and newer) or of Podman's service (4.3 and newer), by way of docker-java.
 *
 * <p>What to create is said by a {@link CreateContainerCmd} of {@link #docker()}, or of another client of the same engine:
 * Berth adds name, labels and port bindings to it, runs it, and leaves it as it was. Its own bindings and labels stay. Only
 * full ids, 64 hexadecimal digits, are ids here: engines would take anything else for a name, or for the beginning of an id.
 *
 * <p>Safe for use by many threads. Calls end when their thread is interrupted. Over a Unix socket they have no time-out of
 * their own (docker-java has none there), so go through {@link dev.berth.runtime.BoundedRuntime}, as {@link
 * dev.berth.runtime.Provisioner} does.
 */
public final class DockerRuntime implements ContainerRuntime<CreateContainerCmd> {
    private static final Logger LOG = LoggerFactory.getLogger(DockerRuntime.class);

    private final Scope scope;
    private final DockerClient docker;
    private final Ownership ownership;
    private final Looking looking;
    private final Identity identity;
    private final Removing removing;
    private final Checkup checkup;
    private final OneAtATime commands = new OneAtATime();
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Whose the client is. */
    enum Ownership {
        OURS,
        THE_HOSTS
    }

    DockerRuntime(Scope scope, DockerClient docker, Ownership ownership, Beacon beacon) {
        this.scope = scope;
        this.docker = docker;
        this.ownership = ownership;
        this.looking = new Looking(docker);
        this.identity = new Identity(docker, looking, beacon);
        this.removing = new Removing(docker, looking);
        this.checkup = new Checkup(docker, looking);
    }

    /**
     * Connects to the engine of this host, at {@code unix:///var/run/docker.sock}. Nothing is asked of it yet.
     *
     * @param scope the engine's scope
     * @return the runtime, which has a client of its own and closes it
     * @throws InvalidInputException if the scope is null
     */
    public static DockerRuntime connect(Scope scope) {
        return at(scope).build();
    }

    /**
     * Connects to the engine that docker-java's own configuration names: environment variables ({@code DOCKER_HOST}, {@code
     * DOCKER_TLS_VERIFY}, {@code DOCKER_CERT_PATH}, {@code DOCKER_CONTEXT}, {@code DOCKER_CONFIG}), system properties, {@code
     * ~/.docker-java.properties} and the command line's current context. A {@code tcp} address without a port has 2375, or 2376
     * with TLS, as for the command line. Nothing is asked of it yet.
     *
     * @param scope the engine's scope
     * @return the runtime, which has a client of its own and closes it
     * @throws InvalidInputException if the scope is null, the address is none that can be used, or the context that is named
     *     (by {@code DOCKER_CONTEXT}, else as the current one) is not there: docker-java would silently take this host's engine
     * @throws RuntimeException of docker-java's, if the configuration contradicts itself
     */
    public static DockerRuntime fromEnvironment(Scope scope) {
        return DockerConnection.fromEnvironment(scope).build();
    }

    /**
     * Uses a client of the host's, which is not closed. Its time-outs, its pool and its transport are the host's affair: a
     * pooled connection that the engine has closed meanwhile loses a call (docker-java issue 2682), whose outcome is unknown
     * then.
     *
     * @param docker the client
     * @param scope its engine's scope
     * @return the runtime
     * @throws InvalidInputException if one is null
     */
    public static DockerRuntime on(DockerClient docker, Scope scope) {
        return on(docker, scope, Beacon.WHERE_NEEDED);
    }

    /**
     * Uses a client of the host's, which is not closed.
     *
     * @param docker the client
     * @param scope its engine's scope
     * @param beacon where a beacon is left
     * @return the runtime
     * @throws InvalidInputException if one is null
     */
    public static DockerRuntime on(DockerClient docker, Scope scope, Beacon beacon) {
        return new DockerRuntime(
                InvalidInputException.requireNonNull("scope", scope),
                InvalidInputException.requireNonNull("docker client", docker),
                Ownership.THE_HOSTS,
                InvalidInputException.requireNonNull("beacon", beacon));
    }

    /**
     * Begins to say how an engine is reached.
     *
     * @param scope the engine's scope
     * @return the connection, at the defaults
     * @throws InvalidInputException if the scope is null
     */
    public static DockerConnection at(Scope scope) {
        return DockerConnection.to(scope);
    }

    /**
     * Gives the client, to say what to create, or for what Berth does not do.
     *
     * @return the client; this runtime closes it if it has made it
     */
    public DockerClient docker() {
        return docker;
    }

    @Override
    public Scope scope() {
        return scope;
    }

    @Override
    public Fingerprint fingerprint() {
        requireOpen();
        return identity.fingerprint();
    }

    /**
     * Lists all containers. An empty listing has a proof where a {@link Beacon} was seen on the engine.
     *
     * @return the listing
     */
    @Override
    public Inventory inventory() {
        requireOpen();
        Looking.Listing listing = looking.list();
        Coverage coverage = listing.all().isEmpty()
                ? identity.proof().map(Coverage::complete).orElseGet(Coverage::complete)
                : Coverage.complete();
        var inventory = new Inventory(scope, coverage, listing.all());
        return listing.doubtful().isEmpty()
                ? inventory
                : inventory.lackingPorts("what the engine tells of " + listing.doubtful() + " could not be read");
    }

    @Override
    public Sighting look(String instance) {
        requireOpen();
        return looking.see(InvalidInputException.requireNonNull("instance id", instance))
                .sighting();
    }

    /**
     * Creates a container with name, ports, mark and labels in one request.
     *
     * @param deployment what to create; its command must be of a client of this engine
     * @return its full id
     * @throws InterruptedException if the thread is interrupted while another one uses the same command; nothing was asked then
     */
    @Override
    public String create(Deployment<CreateContainerCmd> deployment) throws InterruptedException {
        requireOpen();
        CreateContainerCmd command =
                InvalidInputException.requireNonNull("deployment", deployment).spec();
        // A host may hand over one command again and again, from several threads.
        commands.begin(command);
        try {
            return createAlone(deployment, command);
        } finally {
            commands.end(command);
        }
    }

    private static String createAlone(Deployment<CreateContainerCmd> deployment, CreateContainerCmd command) {
        // Another runtime may be given it, too.
        synchronized (command) {
            try (Wish wish = Wish.of(deployment)) {
                return wish.exec();
            } catch (NotFoundException answer) {
                if (Faults.isRefusalOfItsOwn(answer)) {
                    throw new RefusedException("nothing was created: " + Faults.detail(answer), answer);
                }
                throw answer;
            }
        }
    }

    @Override
    public void start(String instance) {
        requireFullId(instance);
        try {
            docker.startContainerCmd(instance).exec();
        } catch (NotModifiedException runsAlready) {
            LOG.debug("{} runs already", instance);
        } catch (DockerException failure) {
            throw Faults.isRefusalOfItsOwn(failure) && isAtRest(instance) ? new NotStartedException(failure) : failure;
        }
    }

    /** Whether it is certain that it does not run. */
    private boolean isAtRest(String instance) {
        try {
            return looking.stateOf(instance).isAtRest();
        } catch (RuntimeException unseen) {
            LOG.debug("state of {}: {}", instance, Faults.line(unseen));
            return false;
        }
    }

    /** Stops a container with its own signal and time-out; one that is paused is resumed for that. */
    @Override
    public void stop(String instance) {
        requireFullId(instance);
        try {
            stopOnce(instance);
        } catch (DockerException failure) {
            // Podman does not stop what is paused.
            if (!(Faults.of(failure) instanceof Fault.Busy) || looking.stateOf(instance) != InstanceState.PAUSED) {
                throw failure;
            }
            docker.unpauseContainerCmd(instance).exec();
            stopOnce(instance);
        }
    }

    private void stopOnce(String instance) {
        try {
            docker.stopContainerCmd(instance).exec();
        } catch (NotModifiedException endedAlready) {
            LOG.debug("{} does not run", instance);
        }
    }

    @Override
    public Health health(String instance) {
        requireFullId(instance);
        return checkup.health(instance);
    }

    @Override
    public Removal remove(String instance, Mark mark, Removal.Mode mode) throws InterruptedException {
        requireOpen();
        return removing.remove(
                InvalidInputException.requireNonNull("instance id", instance),
                InvalidInputException.requireNonNull("mark", mark),
                InvalidInputException.requireNonNull("mode", mode));
    }

    @Override
    public Fault classify(Throwable failure) {
        return Faults.of(InvalidInputException.requireNonNull("failure", failure));
    }

    @Override
    public Watch watch(Consumer<Hint> listener) throws InterruptedException {
        InvalidInputException.requireNonNull("listener", listener);
        requireOpen();
        var watch = new EventWatch(docker, listener, watches::remove);
        watches.add(watch);
        boolean begun = false;
        try {
            // Who closes this from now on closes the watch, too.
            requireOpen();
            watch.begin();
            requireOpen();
            begun = true;
            return watch;
        } finally {
            if (!begun) {
                watch.close();
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException();
        }
    }

    private void requireFullId(String id) {
        requireOpen();
        if (!Instances.isFullId(InvalidInputException.requireNonNull("instance id", id))) {
            throw new RefusedException("\"" + id + "\" is no full id, which has 64 hexadecimal digits");
        }
    }

    /** Ends its watches, and the client if it has made it; other calls then fail. Safe to repeat. */
    @Override
    public void close() {
        closed = true;
        watches.forEach(Watch::close);
        if (ownership == Ownership.THE_HOSTS) {
            return;
        }
        try {
            docker.close();
        } catch (IOException alreadyBroken) {
            LOG.debug("closing: {}", Faults.line(alreadyBroken));
        }
    }

    @Override
    public String toString() {
        return "containers of " + scope;
    }
}
