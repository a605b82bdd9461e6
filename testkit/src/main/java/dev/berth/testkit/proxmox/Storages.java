package dev.berth.testkit.proxmox;

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

    void put(Disk disk) {
        disks.put(disk.node() + "/" + disk.volume(), disk);
    }

    void erase(int guest) {
        disks.values().removeIf(disk -> disk.guest() == guest);
    }

    Map<String, Disk> on(String node, String storage) {
        Map<String, Disk> found = new LinkedHashMap<>();
        disks.values().stream()
                .filter(disk -> disk.node().equals(node) && disk.storage().equals(storage))
                .forEach(disk -> found.put(disk.volume(), disk));
        return found;
    }

    Optional<Disk> of(int guest) {
        return disks.values().stream().filter(disk -> disk.guest() == guest).findFirst();
    }

    void move(int guest, String node) {
        of(guest).ifPresent(disk -> {
            erase(guest);
            put(new Disk(disk.volume(), disk.storage(), node, guest, disk.size()));
        });
    }
}
