package dev.berth.testkit.proxmox;

import dev.berth.InvalidInputException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The state of a cluster: its machines, the files that all with quorum share, what really runs, and what each machine
 * has heard of it. All is read and changed under one lock, settled to the present.
 */
final class Cluster {
    static final Duration STATISTICS_EXPIRE = Duration.ofMinutes(5);

    final String name;
    final String authority;
    final Access access = new Access();
    final Tasks tasks = new Tasks(this);
    final Storages storages = new Storages();
    final Set<String> resolvableHosts = new TreeSet<>();
    final NavigableMap<String, Set<Integer>> pools = new TreeMap<>();
    final Map<Integer, String> highlyAvailable = new HashMap<>();
    final Set<Integer> unlisted = new TreeSet<>();
    final Map<Integer, Instant> runningSince = new HashMap<>();
    int firstId = 100;
    int lastId = 999_999;
    long creations;
    final Map<Integer, Long> createdAs = new HashMap<>();
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private final NavigableMap<Integer, Guest> files = new TreeMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Clock clock;
    private final long interval;
    private Instant now;
    private long tick;

    Cluster(String name, String authority, Clock clock, Duration interval) {
        this.name = name;
        this.authority = authority;
        this.clock = clock;
        this.interval = interval.toMillis();
        this.now = clock.instant();
        this.tick = Math.floorDiv(now.toEpochMilli(), this.interval);
    }

    // ------------------------------------------------------------------ one at a time, at the present

    <T> T at(Supplier<T> reading) {
        lock.lock();
        try {
            settle();
            return reading.get();
        } finally {
            lock.unlock();
        }
    }

    void act(Runnable deed) {
        at(() -> {
            deed.run();
            return true;
        });
    }

    Instant now() {
        return now;
    }

    /** Brings about what was due since: workers end and statistics are sent, in the order of their times. */
    private void settle() {
        Instant present = clock.instant();
        if (present.isBefore(now)) {
            present = now;
        }
        Optional<Task> due = tasks.due(present);
        while (due.isPresent()) {
            now = due.get().due.isAfter(now) ? due.get().due : now;
            sendStatistics();
            tasks.finish(due.get());
            due = tasks.due(present);
        }
        now = present;
        sendStatistics();
    }

    // ------------------------------------------------------------------ machines

    void add(Machine machine) {
        machines.put(machine.name, machine);
    }

    Collection<Machine> machines() {
        return machines.values();
    }

    Optional<Machine> find(String node) {
        return Optional.ofNullable(machines.get(node));
    }

    Machine machine(String node) {
        return find(node).orElseThrow(() -> InvalidInputException.of("node", node, "one of " + machines.keySet()));
    }

    boolean isAlone() {
        return machines.size() == 1;
    }

    static boolean areConnected(Machine one, Machine other) {
        return one.powered && other.powered && one.segment == other.segment;
    }

    boolean isQuorate(Machine machine) {
        long votes = machines.values().stream()
                .filter(other -> areConnected(machine, other))
                .count();
        return 2 * votes > machines.size();
    }

    boolean isOnline(Machine seenBy, Machine machine) {
        return seenBy == machine || (areConnected(seenBy, machine) && machine.isMember());
    }

    /** Says who reaches whom anew: who loses quorum keeps the files as they are, who has it sees them as they became. */
    void reconnect(Runnable change) {
        change.run();
        for (Machine machine : machines.values()) {
            machine.knownUnreachable = false;
            if (isQuorate(machine)) {
                machine.staleFiles = null;
            } else if (machine.staleFiles == null) {
                machine.staleFiles = new TreeMap<>(files);
            }
        }
    }

    void powerOff(Machine machine) {
        reconnect(() -> machine.powered = false);
        tasks.crash(machine);
        machine.backlog.clear();
        machine.forgetStatistics();
        files.values().stream()
                .filter(guest -> guest.node().equals(machine.name))
                .forEach(guest -> runningSince.remove(guest.id()));
    }

    void powerOn(Machine machine) {
        machine.bootedAt = now;
        machine.filesUp = true;
        machine.statisticsUp = true;
        machine.proxy = Machine.Daemon.UP;
        machine.daemon = Machine.Daemon.UP;
        reconnect(() -> machine.powered = true);
        files.values().stream()
                .filter(guest -> guest.node().equals(machine.name) && guest.isSet("onboot"))
                .forEach(guest -> runningSince.put(guest.id(), now));
    }

    // ------------------------------------------------------------------ guests

    /** The guests as a machine's file system shows them: the cluster's, or its own old copy. */
    NavigableMap<Integer, Guest> guests(Machine machine) {
        NavigableMap<Integer, Guest> stale = machine.staleFiles;
        return stale == null ? files : stale;
    }

    NavigableMap<Integer, Guest> guests() {
        return files;
    }

    Optional<Guest> guest(int id) {
        return Optional.ofNullable(files.get(id));
    }

    void write(Guest guest) {
        files.put(guest.id(), guest);
    }

    /** What is written into a machine's configuration when it is made: qemu-server, new_meta_info_string. */
    String machineMeta() {
        return "creation-qemu=10.0.2,ctime=" + now.getEpochSecond();
    }

    void erase(Guest guest) {
        files.remove(guest.id());
        runningSince.remove(guest.id());
        createdAs.remove(guest.id());
        highlyAvailable.remove(guest.id());
        pools.values().forEach(members -> members.remove(guest.id()));
        storages.erase(guest.id());
    }

    boolean isRunning(Guest guest) {
        return runningSince.containsKey(guest.id());
    }

    Optional<String> poolOf(int id) {
        return pools.entrySet().stream()
                .filter(pool -> pool.getValue().contains(id))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Puts a guest into a pool, and out of the one that it was in. */
    void join(String pool, int id) {
        pools.values().forEach(members -> members.remove(id));
        pools.computeIfAbsent(pool, name -> new TreeSet<>()).add(id);
    }

    boolean may(Caller caller, int guest, String privilege) {
        return access.may(caller, "/vms/" + guest, privilege)
                || poolOf(guest)
                        .filter(pool -> access.may(caller, "/pool/" + pool, privilege))
                        .isPresent();
    }

    // ------------------------------------------------------------------ statistics

    private void sendStatistics() {
        long present = Math.floorDiv(now.toEpochMilli(), interval);
        if (present <= tick) {
            return;
        }
        tick = present;
        Instant at = Instant.ofEpochMilli(present * interval);
        for (Machine teller : machines.values()) {
            if (teller.isMember() && teller.statisticsUp && !teller.bootedAt.isAfter(at)) {
                send(teller, at);
            }
        }
    }

    private void send(Machine teller, Instant at) {
        Map<Integer, Machine.Told> told = new HashMap<>();
        for (Guest guest : guests(teller).values()) {
            if (guest.node().equals(teller.name)) {
                told.put(guest.id(), new Machine.Told(guest, runningSince.get(guest.id()), at));
            }
        }
        for (Machine hearer : machines.values()) {
            if (hearer.isMember() && areConnected(teller, hearer)) {
                hearer.heardNodes.put(teller.name, at);
                hearer.heardGuests.putAll(told);
            }
        }
    }

    /** Lets every machine hear of every other at once, as if all had been up for long. */
    void sendStatisticsNow() {
        machines.values().stream()
                .filter(teller -> teller.isMember() && teller.statisticsUp)
                .forEach(teller -> send(teller, now));
    }

    boolean isFresh(Instant at) {
        return now.isBefore(at.plus(STATISTICS_EXPIRE));
    }
}
