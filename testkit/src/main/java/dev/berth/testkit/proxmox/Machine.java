package dev.berth.testkit.proxmox;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** A node as a machine: its daemons, what it has heard of the others, and its copy of the cluster's files. */
final class Machine {
    /** How a daemon fares. */
    enum Daemon {
        UP,
        HUNG,
        DOWN
    }

    /** What a node's statistics said about a guest. */
    record Told(Guest guest, @Nullable Instant runningSince, Instant at) {}

    final String name;
    final int number;
    final String ip;
    ProxmoxVersion version;
    Instant bootedAt;
    int certificate;
    int port;

    boolean powered = true;
    boolean filesUp = true;
    boolean statisticsUp = true;
    boolean losesGuestList;
    boolean forgetsCluster;
    Daemon proxy = Daemon.UP;
    Daemon daemon = Daemon.UP;

    /** Who is in the same part of a broken network has the same number. */
    int segment;

    /** Whether somebody has tried in vain since it went: the first one waits for the time-out, others are told sooner. */
    boolean knownUnreachable;

    /** What its files say while it has no quorum; with quorum the cluster's are its own. */
    @Nullable
    NavigableMap<Integer, Guest> staleFiles;

    final Map<String, Instant> heardNodes = new HashMap<>();
    final Map<Integer, Told> heardGuests = new HashMap<>();

    /** What hung daemons have taken in and will do when they go on. */
    final List<Runnable> backlog = new ArrayList<>();

    Machine(String name, int number, ProxmoxVersion version, Instant bootedAt) {
        this.name = name;
        this.number = number;
        this.ip = "10.77.0." + (10 + number);
        this.version = version;
        this.bootedAt = bootedAt;
        this.certificate = number;
    }

    boolean isMember() {
        return powered && filesUp;
    }

    void forgetStatistics() {
        heardNodes.clear();
        heardGuests.clear();
    }
}
