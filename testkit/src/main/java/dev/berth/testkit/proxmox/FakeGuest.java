package dev.berth.testkit.proxmox;

import dev.berth.InvalidInputException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A guest of a {@link FakeProxmox}, as its owner or another administrator sees it: whatever is done here is done by somebody
 * who is not the client under test, at once, and without tasks. Safe for use by many threads.
 */
public final class FakeGuest {
    private final Cluster cluster;
    private final int id;

    FakeGuest(Cluster cluster, int id) {
        this.cluster = cluster;
        this.id = id;
    }

    // ------------------------------------------------------------------ what is so

    /**
     * Tells the guest's id.
     *
     * @return the id
     */
    public int id() {
        return id;
    }

    /**
     * Tells whether there is such a guest.
     *
     * @return whether its configuration exists
     */
    public boolean exists() {
        return cluster.at(() -> cluster.guest(id).isPresent());
    }

    /**
     * Tells whether the guest runs.
     *
     * @return whether it does; not if there is none
     */
    public boolean isRunning() {
        return cluster.at(() -> cluster.guest(id).filter(cluster::isRunning).isPresent());
    }

    /**
     * Tells whether the guest's disk is still there, which a destruction without quorum takes and nothing else.
     *
     * @return whether there is a disk with its id
     */
    public boolean hasDisk() {
        return cluster.at(() -> cluster.storages.of(id).isPresent());
    }

    /**
     * Tells where the guest is.
     *
     * @return its node, empty if there is no such guest
     */
    public Optional<String> node() {
        return cluster.at(() -> cluster.guest(id).map(Guest::node));
    }

    /**
     * Tells the guest's configuration.
     *
     * @return keys and values as in its file, empty if there is no such guest
     */
    public Map<String, String> config() {
        return cluster.at(() -> cluster.guest(id).map(Guest::config).orElse(Map.of()));
    }

    // ------------------------------------------------------------------ what it is like

    /**
     * Sets a value of the configuration.
     *
     * @param key the key
     * @param value the value
     * @return this
     */
    public FakeGuest with(String key, String value) {
        return change(guest -> cluster.write(guest.with(config -> config.put(key, value))));
    }

    /**
     * Takes a value out of the configuration.
     *
     * @param key the key
     * @return this
     */
    public FakeGuest without(String key) {
        return change(guest -> cluster.write(guest.with(config -> config.remove(key))));
    }

    /**
     * Names the guest; names need not be unique.
     *
     * @param name the host name of a container, the name of a machine
     * @return this
     */
    public FakeGuest named(String name) {
        return change(guest -> cluster.write(guest.with(config -> config.put(guest.kind().nameKey, name))));
    }

    /**
     * Sets the guest's tags.
     *
     * @param tags the tags, with semicolons between
     * @return this
     */
    public FakeGuest tagged(String tags) {
        return with("tags", tags);
    }

    /**
     * Starts the guest.
     *
     * @return this
     */
    public FakeGuest running() {
        return change(guest -> cluster.runningSince.putIfAbsent(id, cluster.now()));
    }

    /**
     * Stops the guest.
     *
     * @return this
     */
    public FakeGuest stopped() {
        return change(guest -> cluster.runningSince.remove(id));
    }

    /**
     * Locks the guest.
     *
     * @param lock what for, such as {@code backup} or {@code migrate}
     * @return this
     */
    public FakeGuest locked(String lock) {
        return with("lock", lock);
    }

    /**
     * Takes the guest's lock away.
     *
     * @return this
     */
    public FakeGuest unlocked() {
        return without("lock");
    }

    /**
     * Protects the guest from removal.
     *
     * @return this
     */
    public FakeGuest protectedFromRemoval() {
        return with("protection", "1");
    }

    /**
     * Makes the guest a template.
     *
     * @return this
     */
    public FakeGuest template() {
        return stopped().with("template", "1");
    }

    /**
     * Gives the guest into the care of high availability.
     *
     * @return this
     */
    public FakeGuest highlyAvailable() {
        return change(guest -> cluster.highlyAvailable.put(id, cluster.isRunning(guest) ? "started" : "stopped"));
    }

    /**
     * Puts the guest into a pool, and out of the one that it was in.
     *
     * @param pool a pool that there is
     * @return this
     */
    public FakeGuest inPool(String pool) {
        return change(guest -> {
            if (!cluster.pools.containsKey(pool)) {
                throw InvalidInputException.of("pool", pool, "one of " + cluster.pools.keySet());
            }
            cluster.join(pool, id);
        });
    }

    // ------------------------------------------------------------------ what befalls it

    /**
     * Moves the guest to another node; it runs there if it ran here. From a node that is off it goes as high availability
     * recovers it, without its disk being asked about.
     *
     * @param node the node
     * @return this
     */
    public FakeGuest migratesTo(String node) {
        return change(guest -> {
            cluster.write(guest.on(cluster.machine(node).name));
            cluster.storages.move(id, node);
            cluster.unlisted.remove(id);
        });
    }

    /**
     * Begins a move: until {@link #migratesTo} or {@link #isListedAgain} no list has the guest and its id is told to be free,
     * which on a real cluster lasts an instant.
     *
     * @return this
     */
    public FakeGuest isBetweenNodes() {
        return change(guest -> cluster.unlisted.add(id));
    }

    /**
     * Ends what {@link #isBetweenNodes} began, on the same node.
     *
     * @return this
     */
    public FakeGuest isListedAgain() {
        return change(guest -> cluster.unlisted.remove(id));
    }

    /** Removes the guest with its disk. */
    public void vanishes() {
        change(cluster::erase);
    }

    /**
     * Makes a guest with this id from a backup, over the one that there may be: stopped, on a node of choice, with the
     * configuration of the backup.
     *
     * @param node the node
     * @param config the configuration, such as {@link #config} told it before
     * @return this
     */
    public FakeGuest isRestored(String node, Map<String, String> config) {
        cluster.act(() -> {
            cluster.guest(id).ifPresent(cluster::erase);
            GuestKind kind = config.containsKey("hostname") || config.containsKey("rootfs")
                    ? GuestKind.CONTAINER
                    : GuestKind.MACHINE;
            cluster.write(new Guest(id, kind, cluster.machine(node).name, config));
            String volume = "local:" + id + "/subvol-" + id + "-disk-0.subvol";
            cluster.storages.put(new Storages.Disk(volume, Storages.LOCAL, node, id, 0));
        });
        return this;
    }

    private FakeGuest change(Consumer<Guest> deed) {
        cluster.act(() -> deed.accept(cluster.guest(id)
                .orElseThrow(() -> InvalidInputException.of(
                        "guest", id, "one that exists: " + cluster.guests().keySet()))));
        return this;
    }

    @Override
    public String toString() {
        return "fake guest " + id;
    }
}
