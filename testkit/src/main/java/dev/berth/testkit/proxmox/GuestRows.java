package dev.berth.testkit.proxmox;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Guests as lists show them. */
final class GuestRows {
    static final long NODE_CPUS = 2;
    static final long NODE_MEMORY = 25_276_510_208L;
    static final long NODE_DISK = 270_553_174_016L;
    private static final long MEBI = 1L << 20;
    private static final long EMPTY_DISK = 4L << 30;
    private static final List<String> NUMBERS = List.of(
            "unprivileged",
            "memory",
            "swap",
            "cores",
            "cpuunits",
            "onboot",
            "template",
            "protection",
            "sockets",
            "tty",
            "console",
            "debug");

    private GuestRows() {}

    /** A row of {@code /cluster/resources}: what the files say now, and the rest from the last statistics. */
    static Map<String, Object> resource(Cluster cluster, Machine seenBy, Guest guest) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", guest.kind().type + "/" + guest.id());
        row.put("type", guest.kind().type);
        row.put("vmid", guest.id());
        row.put("node", guest.node());
        guest.value("tags").ifPresent(tags -> row.put("tags", tags));
        guest.lock().ifPresent(lock -> row.put("lock", lock));
        cluster.poolOf(guest.id()).ifPresent(pool -> row.put("pool", pool));
        String managed = cluster.highlyAvailable.get(guest.id());
        if (managed != null) {
            row.put("hastate", managed);
        }
        Machine.Told told = seenBy.heardGuests.get(guest.id());
        if (told == null || !cluster.isFresh(told.at())) {
            row.put("status", "unknown");
            return row;
        }
        Instant since = told.runningSince();
        row.put("name", name(told.guest()));
        row.put("template", told.guest().isSet("template") ? 1 : 0);
        row.put("status", since == null ? "stopped" : "running");
        measures(cluster, row, told.guest(), since, told.at());
        row.put("maxcpu", cpus(told.guest()));
        if (seenBy.version == ProxmoxVersion.V9) {
            row.put("memhost", 0);
        }
        return row;
    }

    /** A row of a node's own list, which is live. */
    static Map<String, Object> live(Cluster cluster, Machine machine, Guest guest) {
        Map<String, Object> row = new LinkedHashMap<>();
        Instant since = cluster.runningSince.get(guest.id());
        boolean asText = machine.version == ProxmoxVersion.V7 && guest.kind() == GuestKind.CONTAINER;
        row.put("vmid", asText ? Integer.toString(guest.id()) : (Object) guest.id());
        row.put("name", name(guest));
        row.put("status", since == null ? "stopped" : "running");
        if (guest.kind() == GuestKind.CONTAINER) {
            row.put("type", "lxc");
            row.put("swap", 0);
            row.put("maxswap", guest.number("swap", 0) * MEBI);
        }
        row.put("cpus", cpus(guest));
        measures(cluster, row, guest, since, cluster.now());
        guest.lock().ifPresent(lock -> row.put("lock", lock));
        guest.value("tags").ifPresent(tags -> row.put("tags", tags));
        if (guest.isSet("template")) {
            row.put("template", 1);
        }
        if (since != null) {
            row.put("pid", 100 + guest.id());
            if (machine.version.hasPressure()) {
                for (String what : Set.of("cpu", "io", "memory")) {
                    row.put("pressure" + what + "some", "0.00");
                    row.put("pressure" + what + "full", "0.00");
                }
            }
        }
        return row;
    }

    static Map<String, Object> current(Cluster cluster, Machine machine, Guest guest) {
        Map<String, Object> row = live(cluster, machine, guest);
        row.put("vmid", guest.id());
        String managed = cluster.highlyAvailable.get(guest.id());
        row.put("ha", managed == null ? Map.of("managed", 0) : Map.of("managed", 1, "state", managed));
        return row;
    }

    static Map<String, Object> config(Guest guest) {
        Map<String, Object> shown = new LinkedHashMap<>();
        guest.config().forEach((key, text) -> shown.put(key, NUMBERS.contains(key) ? shownNumber(text) : text));
        guest.value("description").ifPresent(text -> shown.put("description", text + "\n"));
        shown.put("digest", guest.digest());
        return shown;
    }

    private static Object shownNumber(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException other) {
            return text;
        }
    }

    private static void measures(
            Cluster cluster, Map<String, Object> row, Guest guest, @Nullable Instant since, Instant at) {
        Optional<Storages.Disk> disk = cluster.storages.of(guest.id());
        long size = disk.map(Storages.Disk::size).orElse(0L);
        long shared = since == null ? EMPTY_DISK : NODE_DISK;
        long most = size == 0 ? shared : size;
        row.put("maxdisk", guest.kind() == GuestKind.MACHINE && size == 0 ? 0 : most);
        row.put("maxmem", guest.number("memory", 512) * MEBI);
        row.put("disk", since == null || guest.kind() == GuestKind.MACHINE ? 0 : most / 8);
        row.put(
                "uptime",
                since == null ? 0 : Math.max(0, Duration.between(since, at).toSeconds()));
        for (String none : List.of("cpu", "mem", "diskread", "diskwrite", "netin", "netout")) {
            row.put(none, 0);
        }
    }

    /** What the statistics call a guest without a name, one that is being created among them. */
    private static String name(Guest guest) {
        return guest.name().orElse(guest.kind().title + guest.id());
    }

    private static long cpus(Guest guest) {
        return guest.number("cores", guest.kind() == GuestKind.CONTAINER ? NODE_CPUS : 1);
    }
}
