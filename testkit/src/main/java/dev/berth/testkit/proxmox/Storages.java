package dev.berth.testkit.proxmox;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The storages and what lies on them: disks of guests, and templates of containers. */
final class Storages {
    static final String LOCAL = "local";

    /** What a guest has on a storage of a node. */
    record Disk(String volume, String storage, String node, int guest, long size) {}

    final Set<String> names = new TreeSet<>(Set.of(LOCAL));
    final Set<String> templates = new TreeSet<>();
    private final Map<String, Disk> disks = new TreeMap<>();
    /** The same by guest, for lists of thousands. */
    private final Map<Integer, TreeMap<String, Disk>> disksOfGuests = new HashMap<>();

    void put(Disk disk) {
        String key = disk.node() + "/" + disk.volume();
        disks.put(key, disk);
        disksOfGuests.computeIfAbsent(disk.guest(), guest -> new TreeMap<>()).put(key, disk);
    }

    void erase(int guest) {
        Optional.ofNullable(disksOfGuests.remove(guest))
                .ifPresent(own -> own.keySet().forEach(disks::remove));
    }

    Map<String, Disk> on(String node, String storage) {
        Map<String, Disk> found = new LinkedHashMap<>();
        disks.values().stream()
                .filter(disk -> disk.node().equals(node) && disk.storage().equals(storage))
                .forEach(disk -> found.put(disk.volume(), disk));
        return found;
    }

    Optional<Disk> of(int guest) {
        return Optional.ofNullable(disksOfGuests.get(guest))
                .map(own -> own.firstEntry().getValue());
    }

    void move(int guest, String node) {
        of(guest).ifPresent(disk -> {
            erase(guest);
            put(new Disk(disk.volume(), disk.storage(), node, guest, disk.size()));
        });
    }
}
