package dev.berth.proxmox;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Health;
import dev.berth.runtime.Hint;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.RuntimeFaultException;
import dev.berth.runtime.Sighting;
import dev.berth.runtime.Watch;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers and virtual machines of a Proxmox VE cluster (7.4 and newer; 9.2 is what was measured), by way of its REST API.
 *
 * <p>A guest's full id is {@code lxc/108} or {@code qemu/200}. What a cluster never has twice is the number, so the number is
 * the name under which a guest is created: claim it from {@link GuestIds} and name the instance by that part. Host names are
 * not unique in Proxmox VE; claim them beside it. Numbers are used again; the nonce tells the guests apart.
 *
 * <p>Mark and labels are tags, in the request that makes the guest. While Proxmox VE unpacks a container there are no tags
 * yet, so a guest in the making is unknown, never a stranger.
 *
 * <p>Safe for use by many threads. Calls end when their thread is interrupted; a write that is interrupted, or loses its
 * answer, is not known to have happened.
 */
public final class ProxmoxRuntime implements ContainerRuntime<GuestSpec> {
    private static final Logger LOG = LoggerFactory.getLogger(ProxmoxRuntime.class);

    private final Scope scope;
    private final Api api;
    private final Listing listing;
    private final Looking looking;
    private final Creating creating;
    private final Running running;
    private final Removing removing;
    private final HostNames hostNames;

    ProxmoxRuntime(ProxmoxConnection connection) {
        scope = connection.scope();
        api = connection.api();
        var seats = new Seats();
        Spans spans = connection.spans();
        var tasks = new Tasks(api, connection.tasksWithin(), spans);
        listing = new Listing(api, seats, connection.canary(), spans);
        looking = new Looking(seats, connection.canary(), spans);
        creating = new Creating(api, looking, tasks, seats, spans);
        running = new Running(api, looking, tasks, connection.graceful(), spans);
        removing = new Removing(api, looking, tasks, connection.options(), spans, connection.clock());
        hostNames = new HostNames(api, listing, spans);
    }

    /**
     * Begins to say how a cluster is reached.
     *
     * @param scope the cluster's scope
     * @param endpoints its nodes, or some of them, {@code https://pve1:8006}; several, so that one may be off. No load
     *     balancer, which would let two nodes give one answer
     * @return the connection, which needs {@linkplain ProxmoxConnection#credentials credentials} still
     * @throws InvalidInputException if there is none, or one is not {@code https} with a host and no path
     */
    public static ProxmoxConnection at(Scope scope, URI... endpoints) {
        return ProxmoxConnection.to(
                InvalidInputException.requireNonNull("scope", scope),
                Arrays.asList(InvalidInputException.requireNonNull("endpoints", endpoints)));
    }

    @Override
    public Scope scope() {
        return scope;
    }

    /**
     * Asks who answers: the cluster by its name, a stand-alone node by its own, and each by the fingerprint of its authority,
     * which is new where a cluster was set up anew.
     */
    @Override
    public Fingerprint fingerprint() throws InterruptedException {
        return api.ask(Identity::of);
    }

    /**
     * Lists all guests, those of nodes that are off included: their state is unknown then. Complete where the node that
     * answers has quorum before and after, and the credentials may see every guest. Guests in the making are there and carry
     * no mark yet.
     */
    @Override
    public Inventory inventory() throws InterruptedException {
        Guests all = listing.guests();
        if (!all.doubts().isEmpty()) {
            LOG.debug("listing of {}: {}", scope, all.doubts());
        }
        return new Inventory(
                scope,
                all.coverage(),
                all.guests().stream().map(Guest::instance).toList());
    }

    /**
     * Lists all guests with what only Proxmox VE knows of them: numbers, nodes, tags, locks.
     *
     * @return the listing
     * @throws InterruptedException if the thread was interrupted
     * @throws RuntimeFaultException if no endpoint had an answer
     */
    public Guests guests() throws InterruptedException {
        return told("listing of guests", listing::guests);
    }

    /**
     * Finds guests by host name or machine name, whatever its case.
     *
     * @param name the name
     * @return what was found, and whether there may be more
     * @throws InterruptedException if the thread was interrupted
     * @throws RuntimeFaultException if no endpoint had an answer
     */
    public NameSearch findByName(String name) throws InterruptedException {
        InvalidInputException.requireNonNull("name", name);
        return told("search for " + name, () -> hostNames.find(name));
    }

    /**
     * Names a range of guest ids without those that guests have at this moment, as far as they can be seen.
     *
     * @param first the first id, 100 or more
     * @param last the last id
     * @return the range, for one request: ask anew for the next
     * @throws InterruptedException if the thread was interrupted
     * @throws RuntimeFaultException if no endpoint had an answer
     */
    public GuestIds freeIds(int first, int last) throws InterruptedException {
        GuestIds all = GuestIds.of(scope, first, last);
        return told("listing of guest ids", () -> {
            Map<Integer, Guest> rows = api.ask(talk -> {
                talk.cluster();
                return Listing.rows(talk);
            });
            return all.except(new TreeMap<>(rows).keySet());
        });
    }

    /**
     * Says what the credentials lack for all that Berth does: {@code Sys.Audit} on {@code /}, and {@code VM.Audit}, {@code
     * VM.Allocate}, {@code VM.PowerMgmt} and {@code VM.Config.Options} on {@code /vms}. What creating needs beside depends on
     * what is created, each parameter on a right of its own on the guest (pve-container, {@code PVE/LXC.pm},
     * {@code check_ct_modify_config_perm}): {@code rootfs} and mount points {@code VM.Config.Disk}, and {@code
     * Datastore.AllocateSpace} on the storage; {@code memory} and {@code swap} {@code VM.Config.Memory}; host name, network
     * cards and name servers {@code VM.Config.Network}, and from 8.0 {@code SDN.Use} on the bridge; {@code cores} and the like
     * {@code VM.Config.CPU}; most others {@code VM.Config.Options}. {@link ProxmoxConnection#open} warns where one of those
     * lacks.
     *
     * @return each missing right in words; empty if none is
     * @throws InterruptedException if the thread was interrupted
     * @throws RuntimeFaultException if no endpoint had an answer
     */
    public List<String> missingRights() throws InterruptedException {
        return told("audit of rights", () -> api.ask(Rights::missing));
    }

    /** Says in the log what lacks for guests to be made: whoever makes none needs none of it. */
    void warnOfWhatCreatingLacks() throws InterruptedException {
        List<String> missing = told("audit of rights", () -> api.ask(Rights::missingToCreate));
        if (!missing.isEmpty()) {
            LOG.warn(
                    "{}: guests with the usual settings cannot be created there: {}",
                    scope,
                    String.join("; ", missing));
        }
    }

    /** What is asked. */
    private interface Question<T> {
        T ask() throws InterruptedException;
    }

    private static <T> T told(String what, Question<T> question) throws InterruptedException {
        try {
            return question.ask();
        } catch (Trouble trouble) {
            throw new RuntimeFaultException(what, trouble.fault(), trouble);
        }
    }

    @Override
    public Sighting look(String instance) throws InterruptedException {
        var ref = GuestRef.parse(InvalidInputException.requireNonNull("instance id", instance));
        if (ref.isEmpty()) {
            return new Sighting.Unknown("\"" + instance + "\" is no guest's full id, such as lxc/108");
        }
        try {
            return api.ask(talk -> looking.see(talk, ref.get())).sighting();
        } catch (Trouble trouble) {
            return new Sighting.Unknown(trouble.fault().detail());
        }
    }

    /**
     * Creates a guest with number, tags and all else in one request, and waits for its task.
     *
     * @param deployment what to create; its name, if it has one, is the guest's number. Without, the cluster proposes one
     * @return its full id
     */
    @Override
    public String create(Deployment<GuestSpec> deployment) throws InterruptedException {
        return creating.create(InvalidInputException.requireNonNull("deployment", deployment));
    }

    @Override
    public void start(String instance) throws InterruptedException {
        running.start(ref(instance));
    }

    /** Shuts a guest down, and stops it hard where that takes {@linkplain ProxmoxConnection#stopsWithin too long}. */
    @Override
    public void stop(String instance) throws InterruptedException {
        running.stop(ref(instance));
    }

    @Override
    public Health health(String instance) throws InterruptedException {
        return running.health(ref(instance));
    }

    @Override
    public Removal remove(String instance, Mark mark, Removal.Mode mode) throws InterruptedException {
        InvalidInputException.requireNonNull("mark", mark);
        InvalidInputException.requireNonNull("mode", mode);
        var ref = GuestRef.parse(InvalidInputException.requireNonNull("instance id", instance));
        return ref.isPresent()
                ? removing.remove(ref.get(), mark, mode)
                : new Removal.Kept("\"" + instance + "\" is no guest's full id, such as lxc/108");
    }

    @Override
    public Fault classify(Throwable failure) {
        InvalidInputException.requireNonNull("failure", failure);
        return failure instanceof Trouble trouble
                ? trouble.fault()
                : new Fault.Unknown(failure.getClass().getSimpleName()
                        + (failure.getMessage() == null ? "" : ": " + failure.getMessage()));
    }

    /** Proxmox VE tells nothing by itself: the watch never hears anything. */
    @Override
    public Watch watch(Consumer<Hint> listener) {
        InvalidInputException.requireNonNull("listener", listener);
        return Watch.none();
    }

    private static GuestRef ref(String instance) {
        return GuestRef.parse(InvalidInputException.requireNonNull("instance id", instance))
                .filter(ref -> ref.type().isPresent())
                .orElseThrow(() -> Trouble.rejected("\"" + instance + "\" is no guest's full id, such as lxc/108"));
    }

    /**
     * Ends what is under way and wipes the credentials. What waits for a task, or for a guest to be seen, comes back within
     * about a second: a write that was sent is not known to have happened, one that was not was not done. Safe to repeat.
     */
    @Override
    public void close() {
        api.close();
    }

    /** Ends it, and leaves the credentials for another try. */
    void giveUp() {
        api.end();
    }

    @Override
    public String toString() {
        return "guests of " + scope + " at " + api;
    }
}
