package dev.berth.testkit.proxmox;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Making guests: the id is taken at once, the rest is done by a worker, and what fails leaves nothing. */
final class Creation {
    private static final Set<String> NOT_KEPT = Set.of(
            "node",
            "vmid",
            "ostemplate",
            "start",
            "force",
            "restore",
            "unique",
            "storage",
            "pool",
            "password",
            "ssh-public-keys",
            "ignore-unpack-errors",
            "bwlimit",
            "archive",
            "ha-managed");

    private final GuestKind kind;

    Creation(GuestKind kind) {
        this.kind = kind;
    }

    Object create(Call call) throws Refusal {
        int id = call.id();
        Cluster cluster = call.cluster();
        call.requireQuorum();
        if (!mayAllocate(call)) {
            throw Refusal.forbidden("");
        }
        if (kind == GuestKind.CONTAINER && !call.isSet("unprivileged")) {
            call.require("/", "Sys.Modify");
        }
        requireSettings(call);
        Guest there = cluster.guests(call.machine()).get(id);
        boolean overwrites = call.isSet("restore") && call.isSet("force");
        if (there != null && !overwrites) {
            throw Refusal.error(taken(call, there));
        }
        if (there != null && cluster.isRunning(there)) {
            throw Refusal.error("can't overwrite running container");
        }
        if (there != null && !there.node().equals(call.machine().name)) {
            throw Refusal.error(kind.title + " " + id + " already exists on node '" + there.node() + "'");
        }
        requireStorage(call);
        cluster.write(new Guest(id, kind, call.machine().name, Map.of("lock", "create")));
        cluster.createdAs.put(id, ++cluster.creations);
        call.find("pool").ifPresent(pool -> cluster.join(pool, id));
        return cluster.tasks
                .start(call.machine(), kind.task + "create", id, call.caller(), new Task.Work() {
                    @Override
                    public void run(List<String> log) throws Refusal {
                        fill(call, id, log);
                    }

                    @Override
                    public void failed() {
                        cluster.guest(id)
                                .filter(guest -> guest.lock().isPresent() && cluster.isQuorate(call.machine()))
                                .ifPresent(cluster::erase);
                    }
                })
                .upid();
    }

    /**
     * Each setting needs a right of its own on the guest: pve-container, PVE/LXC.pm, check_ct_modify_config_perm; qemu-server,
     * PVE/API2/Qemu.pm, check_vm_modify_config_perm.
     */
    private void requireSettings(Call call) throws Refusal {
        for (String setting : new TreeSet<>(call.values().keySet())) {
            if (NOT_KEPT.contains(setting)) {
                continue;
            }
            String privilege = kind == GuestKind.CONTAINER ? ofContainer(setting) : ofMachine(setting);
            boolean byPool = call.find("pool").isPresent() && call.may("/pool/" + call.value("pool"), privilege);
            if (!byPool && !call.may(call.id(), privilege)) {
                throw Refusal.forbidden("/vms/" + call.id(), privilege);
            }
        }
    }

    private static String ofContainer(String setting) {
        if (setting.matches("cores|cpuunits|cpulimit")) {
            return "VM.Config.CPU";
        }
        if (setting.matches("rootfs|mp\\d+")) {
            return "VM.Config.Disk";
        }
        if (setting.matches("memory|swap")) {
            return "VM.Config.Memory";
        }
        return setting.matches("net\\d+|nameserver|searchdomain|hostname") ? "VM.Config.Network" : "VM.Config.Options";
    }

    private static String ofMachine(String setting) {
        if (setting.matches("cores|cpu|cpulimit|cpuunits|affinity|numa\\d*|smp|sockets|vcpus")) {
            return "VM.Config.CPU";
        }
        if (setting.matches("memory|balloon|shares")) {
            return "VM.Config.Memory";
        }
        if (setting.matches(
                "acpi|hotplug|kvm|machine|scsihw|smbios1|tablet|vga|watchdog|audio0|(serial|usb|hostpci)\\d+")) {
            return "VM.Config.HWType";
        }
        if (setting.matches("boot|bootdisk|vmstatestorage|(ide|sata|scsi|virtio|efidisk|tpmstate)\\d+")) {
            return "VM.Config.Disk";
        }
        if (setting.matches("cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys")) {
            return "VM.Config.Cloudinit";
        }
        return setting.matches("(net|ipconfig)\\d+") ? "VM.Config.Network" : "VM.Config.Options";
    }

    private boolean mayAllocate(Call call) throws Refusal {
        if (call.find("pool").isPresent()) {
            String pool = call.value("pool");
            if (!call.cluster().pools.containsKey(pool)) {
                throw Refusal.error("no such pool '" + pool + "'");
            }
            if (call.may("/pool/" + pool, "VM.Allocate")) {
                return true;
            }
        }
        return call.may(call.id(), "VM.Allocate");
    }

    /** Who came before the winner had the id, and lost it, hears of it by the worker's preparation. */
    private String taken(Call call, Guest there) {
        String plain = there.kind().title + " " + there.id() + " already exists on node '" + there.node() + "'";
        Long winner = call.cluster().createdAs.get(there.id());
        boolean raced = winner != null && winner > call.arrived();
        return raced ? "unable to create " + kind.title + " " + there.id() + " - " + plain : plain;
    }

    private void requireStorage(Call call) throws Refusal {
        String storage = storage(call);
        if (!call.cluster().storages.names.contains(storage)) {
            throw Refusal.error("storage '" + storage + "' does not exist");
        }
        call.require("/storage/" + storage, "Datastore.AllocateSpace");
    }

    private static String storage(Call call) {
        return call.find("rootfs")
                .filter(volume -> volume.contains(":"))
                .map(volume -> volume.substring(0, volume.indexOf(':')))
                .or(() -> call.find("storage"))
                .orElse(Storages.LOCAL);
    }

    private void fill(Call call, int id, List<String> log) throws Refusal {
        Cluster cluster = call.cluster();
        Guest guest = GuestCalls.find(call, kind, id);
        if (!cluster.isQuorate(call.machine())) {
            throw Refusal.error(GuestCalls.cannotWrite(call.machine(), guest.file()));
        }
        Map<String, String> config = new TreeMap<>(call.values());
        config.keySet().removeAll(NOT_KEPT);
        if (kind == GuestKind.CONTAINER) {
            String template = call.value("ostemplate");
            if (!cluster.storages.templates.contains(template)) {
                throw Refusal.error("unable to create CT " + id + " - volume '" + template + "' does not exist");
            }
            log.add("extracting archive '/var/lib/vz/template/cache/"
                    + template.substring(template.lastIndexOf('/') + 1) + "'");
            log.add("Total bytes read: 2058240 (2.0MiB, 48MiB/s)");
            log.add("Detected container architecture: amd64");
            asContainer(call, id, config);
        } else {
            config.put("meta", cluster.machineMeta());
        }
        cluster.write(new Guest(id, kind, call.machine().name, config));
        if (call.isSet("start")) {
            var unused = new GuestCalls(kind).starting(call, id);
        }
    }

    private static void asContainer(Call call, int id, Map<String, String> config) {
        config.putIfAbsent("arch", "amd64");
        config.putIfAbsent("ostype", "alpine");
        config.putIfAbsent("memory", "512");
        config.putIfAbsent("swap", "512");
        config.putIfAbsent("hostname", "CT" + id);
        if (!call.isSet("unprivileged")) {
            config.remove("unprivileged");
        }
        String volume = call.find("rootfs").orElse(Storages.LOCAL + ":4");
        String size = volume.substring(volume.indexOf(':') + 1).replaceAll("[^0-9].*", "");
        long gibi = size.isEmpty() ? 0 : Long.parseLong(size);
        String name = id + (gibi == 0 ? "/subvol-" + id + "-disk-0.subvol" : "/vm-" + id + "-disk-0.raw");
        String storage = storage(call);
        call.cluster()
                .storages
                .put(new Storages.Disk(storage + ":" + name, storage, call.machine().name, id, gibi << 30));
        config.put("rootfs", storage + ":" + name + ",size=" + (gibi == 0 ? "0T" : gibi + "G"));
        config.replaceAll((key, value) -> key.matches("net\\d+") ? net(value, id) : value);
    }

    /** A network card gets an address and a type; its name comes first and the rest in order. */
    private static String net(String given, int id) {
        Map<String, String> parts = new TreeMap<>();
        for (String part : given.split(",", -1)) {
            String[] pair = part.split("=", 2);
            parts.put(pair[0], pair.length < 2 ? "" : pair[1]);
        }
        byte[] tail = new byte[3];
        new Random(id).nextBytes(tail);
        parts.putIfAbsent(
                "hwaddr",
                "BC:24:11:" + HexFormat.ofDelimiter(":").formatHex(tail).toUpperCase(Locale.ROOT));
        parts.putIfAbsent("type", "veth");
        var text = new StringBuilder("name=" + parts.remove("name"));
        parts.forEach((key, value) -> text.append(',').append(key).append('=').append(value));
        return text.toString();
    }
}
