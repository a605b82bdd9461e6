package dev.berth.testkit.proxmox;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The storages and what lies on them: one disk for a guest, and templates of containers. */
final class Storages {
    static final String LOCAL = "local";

    /** What a guest has on a storage of a node. */
    record Disk(String volume, String storage, String node, int guest, long size) {}

    final Set<String> names = new TreeSet<>(Set.of(LOCAL));
    final Set<String> templates = new TreeSet<>();
    private final Map<Integer, Disk> disks = new TreeMap<>();

    void put(Disk disk) {
        disks.put(disk.guest(), disk);
    }

    void erase(int guest) {
        disks.remove(guest);
    }

    Map<String, Disk> on(String node, String storage) {
        Map<String, Disk> found = new LinkedHashMap<>();
        disks.values().stream()
                .filter(disk -> disk.node().equals(node) && disk.storage().equals(storage))
                .forEach(disk -> found.put(disk.volume(), disk));
        return found;
    }

    Optional<Disk> of(int guest) {
        return Optional.ofNullable(disks.get(guest));
    }

    void move(int guest, String node) {
        of(guest).ifPresent(disk -> {
            put(new Disk(disk.volume(), disk.storage(), node, guest, disk.size()));
        });
    }
}
