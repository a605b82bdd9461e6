package dev.berth.testkit.proxmox;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is asked about the cluster as a whole. The machine that is asked answers from what it knows. */
final class ClusterCalls {
    static final String CONTENT = "backup,images,iso,rootdir,snippets,vztmpl";

    private ClusterCalls() {}

    static Object version(Call call) {
        ProxmoxVersion version = call.machine().version;
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("version", version.full);
        told.put("release", version.release);
        told.put("repoid", version.repository);
        return told;
    }

    /**
     * Tells the certificates of the machine and of its cluster's authority. None was recorded; it is as PVE/API2/Certificates.pm
     * and PVE/Certificate.pm have it.
     */
    static Object certificates(Call call) {
        return List.of(
                certificate("pve-root-ca.pem", call.cluster().authority),
                certificate("pve-ssl.pem", Certificates.fingerprint(call.machine().certificate)));
    }

    private static Map<String, Object> certificate(String file, String fingerprint) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("filename", file);
        row.put("fingerprint", fingerprint);
        return row;
    }

    static Object nodes(Call call) {
        List<Object> rows = new ArrayList<>();
        for (Machine machine : call.cluster().machines()) {
            Map<String, Object> row = node(call, machine);
            row.put("ssl_fingerprint", Certificates.fingerprint(machine.certificate));
            rows.add(row);
        }
        return rows;
    }

    private static Map<String, Object> node(Call call, Machine machine) {
        Cluster cluster = call.cluster();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", "node/" + machine.name);
        row.put("node", machine.name);
        row.put("type", "node");
        boolean online = cluster.isOnline(call.machine(), machine);
        Instant heard = call.machine().heardNodes.get(machine.name);
        if (heard == null || !cluster.isFresh(heard)) {
            row.put("status", online ? "unknown" : "offline");
            return row;
        }
        row.put("status", online ? "online" : "offline");
        row.put("level", "");
        if (!call.may("/nodes/" + machine.name, "Sys.Audit")) {
            return row;
        }
        row.put("maxcpu", GuestRows.NODE_CPUS);
        row.put("maxmem", GuestRows.NODE_MEMORY);
        row.put("maxdisk", GuestRows.NODE_DISK);
        if (online) {
            row.put("cpu", 0.25);
            row.put("mem", GuestRows.NODE_MEMORY / 8);
            row.put("disk", GuestRows.NODE_DISK / 8);
            row.put(
                    "uptime",
                    Math.max(0, Duration.between(machine.bootedAt, heard).toSeconds()));
        }
        return row;
    }

    static Object status(Call call) {
        Cluster cluster = call.cluster();
        List<Object> rows = new ArrayList<>();
        boolean alone = cluster.isAlone() || call.machine().forgetsCluster;
        if (!alone) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("type", "cluster");
            row.put("id", "cluster");
            row.put("name", cluster.name);
            row.put("version", cluster.machines().size());
            row.put("nodes", cluster.machines().size());
            row.put("quorate", cluster.isQuorate(call.machine()) ? 1 : 0);
            rows.add(row);
        }
        for (Machine machine : alone ? List.of(call.machine()) : cluster.machines()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("type", "node");
            row.put("id", "node/" + machine.name);
            row.put("name", machine.name);
            row.put("nodeid", alone ? 0 : machine.number);
            row.put("ip", machine.ip);
            row.put("level", "");
            row.put("local", machine == call.machine() ? 1 : 0);
            row.put("online", cluster.isOnline(call.machine(), machine) ? 1 : 0);
            rows.add(row);
        }
        return rows;
    }

    static Object resources(Call call) {
        String type = call.value("type");
        List<Object> rows = new ArrayList<>();
        if (type.isEmpty()) {
            call.cluster().pools.keySet().stream()
                    .filter(pool -> call.may("/pool/" + pool, "Pool.Audit"))
                    .forEach(pool -> rows.add(Map.of("id", "/pool/" + pool, "pool", pool, "type", "pool")));
        }
        if (type.isEmpty() || type.equals("vm")) {
            rows.addAll(guests(call));
        }
        if (type.isEmpty() || type.equals("node")) {
            for (Machine machine : call.cluster().machines()) {
                Map<String, Object> row = node(call, machine);
                row.put("cgroup-mode", 2);
                rows.add(row);
            }
        }
        if (type.isEmpty() || type.equals("storage")) {
            rows.addAll(storages(call));
        }
        return rows;
    }

    private static List<Object> guests(Call call) {
        List<Object> rows = new ArrayList<>();
        if (call.machine().losesGuestList) {
            return rows;
        }
        for (Guest guest : call.cluster().guests(call.machine()).values()) {
            if (call.may(guest.id(), "VM.Audit") && !call.cluster().unlisted.contains(guest.id())) {
                rows.add(GuestRows.resource(call.cluster(), call.machine(), guest));
            }
        }
        return rows;
    }

    private static List<Object> storages(Call call) {
        List<Object> rows = new ArrayList<>();
        for (String storage : call.cluster().storages.names) {
            for (Machine machine : call.cluster().machines()) {
                if (!call.may("/storage/" + storage, "Datastore.Audit")) {
                    continue;
                }
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("id", "storage/" + machine.name + "/" + storage);
                row.put("type", "storage");
                row.put("storage", storage);
                row.put("node", machine.name);
                row.put("plugintype", "dir");
                row.put("content", CONTENT);
                row.put("shared", 0);
                Instant heard = call.machine().heardNodes.get(machine.name);
                boolean known = heard != null && call.cluster().isFresh(heard);
                row.put("status", known ? "available" : "unknown");
                if (known) {
                    row.put("disk", GuestRows.NODE_DISK / 8);
                    row.put("maxdisk", GuestRows.NODE_DISK);
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** Tells a free id, or whether one is free. Nobody is kept from asking, and no guest is hidden from it. */
    static Object nextId(Call call) throws Refusal {
        Cluster cluster = call.cluster();
        boolean blind = call.machine().losesGuestList;
        if (call.find("vmid").isPresent()) {
            if (!blind && exists(call, call.id())) {
                throw Refusal.parameter("vmid", "VM " + call.id() + " already exists");
            }
            return call.value("vmid");
        }
        for (int id = cluster.firstId; id <= cluster.lastId; id++) {
            if (blind || !exists(call, id)) {
                return Integer.toString(id);
            }
        }
        throw Refusal.error("unable to get any free VMID in range [" + cluster.firstId + ", " + cluster.lastId + "]");
    }

    private static boolean exists(Call call, int id) {
        return call.cluster().guests(call.machine()).containsKey(id)
                && !call.cluster().unlisted.contains(id);
    }

    static Object pools(Call call) {
        return call.cluster().pools.keySet().stream()
                .filter(pool -> call.may("/pool/" + pool, "Pool.Audit"))
                .map(pool -> Map.of("poolid", pool))
                .toList();
    }

    static Object highlyAvailable(Call call) {
        List<Object> rows = new ArrayList<>();
        call.cluster()
                .highlyAvailable
                .forEach((id, state) -> call.cluster().guest(id).ifPresent(guest -> {
                    String sort = guest.kind() == GuestKind.CONTAINER ? "ct" : "vm";
                    rows.add(Map.of("sid", sort + ":" + id, "type", sort, "state", state));
                }));
        return rows;
    }

    static Object storagesOfNode(Call call) {
        List<Object> rows = new ArrayList<>();
        for (String storage : call.cluster().storages.names) {
            if (mayUse(call, storage)) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("storage", storage);
                row.put("type", "dir");
                row.put("content", CONTENT);
                row.put("shared", 0);
                row.put("enabled", 1);
                row.put("active", 1);
                row.put("total", GuestRows.NODE_DISK);
                row.put("used", GuestRows.NODE_DISK / 8);
                row.put("avail", GuestRows.NODE_DISK / 8 * 7);
                row.put("used_fraction", 0.125);
                rows.add(row);
            }
        }
        return rows;
    }

    static Object content(Call call) throws Refusal {
        String storage = call.value("storage");
        if (!mayUse(call, storage)) {
            throw Refusal.forbidden("/storage/" + storage, "Datastore.Audit|Datastore.AllocateSpace");
        }
        if (!call.cluster().storages.names.contains(storage)) {
            throw Refusal.error("storage '" + storage + "' does not exist");
        }
        List<Object> rows = new ArrayList<>();
        call.cluster().storages.on(call.machine().name, storage).values().stream()
                .filter(disk -> call.find("vmid")
                        .map(id -> id.equals(Integer.toString(disk.guest())))
                        .orElse(true))
                .forEach(disk -> {
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("volid", disk.volume());
                    row.put("format", disk.volume().endsWith(".subvol") ? "subvol" : "raw");
                    row.put("content", "rootdir");
                    row.put("size", disk.size());
                    row.put("vmid", disk.guest());
                    rows.add(row);
                });
        if (call.find("vmid").isEmpty()) {
            call.cluster().storages.templates.stream()
                    .filter(template -> template.startsWith(storage + ":"))
                    .forEach(template -> rows.add(
                            Map.of("volid", template, "format", "tgz", "content", "vztmpl", "size", 2_058_240)));
        }
        return rows;
    }

    private static boolean mayUse(Call call, String storage) {
        return call.may("/storage/" + storage, "Datastore.Audit")
                || call.may("/storage/" + storage, "Datastore.AllocateSpace");
    }
}
