package dev.berth.testkit.proxmox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is asked of guests on their node: reading, changing, starting and stopping. */
final class GuestCalls {
    private final GuestKind kind;

    GuestCalls(GuestKind kind) {
        this.kind = kind;
    }

    static String cannotWrite(Machine machine, String file) {
        return "unable to open file '/etc/pve/" + file + ".tmp." + (40 + machine.number) + "' - Permission denied";
    }

    private static String missing(String node, GuestKind kind, int id) {
        return "Configuration file 'nodes/" + node + "/" + kind.folder + "/" + id + ".conf' does not exist";
    }

    /** The guest, if its configuration lies on the machine that is asked; there is no other way to miss one. */
    static Guest find(Call call, GuestKind kind, int id) throws Refusal {
        Guest guest = call.cluster().guests(call.machine()).get(id);
        if (guest == null || guest.kind() != kind || !guest.node().equals(call.machine().name)) {
            throw Refusal.error(missing(call.machine().name, kind, id));
        }
        return guest;
    }

    static void requireUnlocked(Guest guest) throws Refusal {
        if (guest.lock().isPresent()) {
            throw Refusal.error(
                    guest.kind().title + " is locked (" + guest.lock().get() + ")");
        }
    }

    Call.Gate gate(String privilege) {
        return call -> {
            String path = "/vms/" + call.value("vmid");
            boolean allowed =
                    call.value("vmid").matches("\\d{1,9}") ? call.may(call.id(), privilege) : call.may(path, privilege);
            if (!allowed) {
                throw Refusal.forbidden(path, privilege);
            }
        };
    }

    Object list(Call call) {
        List<Object> rows = new ArrayList<>();
        if (call.machine().losesGuestList) {
            return rows;
        }
        for (Guest guest : call.cluster().guests(call.machine()).values()) {
            if (guest.kind() == kind
                    && guest.node().equals(call.machine().name)
                    && call.may(guest.id(), "VM.Audit")
                    && !call.cluster().unlisted.contains(guest.id())) {
                rows.add(GuestRows.live(call.cluster(), call.machine(), guest));
            }
        }
        return rows;
    }

    Object config(Call call) throws Refusal {
        return GuestRows.config(find(call, kind, call.id()));
    }

    Object current(Call call) throws Refusal {
        return GuestRows.current(call.cluster(), call.machine(), find(call, kind, call.id()));
    }

    Object configure(Call call) throws Refusal {
        Guest guest = find(call, kind, call.id());
        if (!call.cluster().isQuorate(call.machine())) {
            throw Refusal.error(cannotWrite(call.machine(), guest.file()));
        }
        if (call.find("digest").filter(digest -> !digest.equals(guest.digest())).isPresent()) {
            throw Refusal.error("detected modified configuration - file changed by other user? Try again.");
        }
        requireUnlocked(guest);
        call.cluster().write(guest.with(config -> {
            for (String name : call.value("delete").split("[,; ]", -1)) {
                config.remove(name);
            }
            call.values().forEach((name, value) -> {
                if (!Set.of("node", "vmid", "digest", "delete").contains(name)) {
                    config.put(name, value);
                }
            });
        }));
        return Call.NOTHING;
    }

    /** {@code any}: one of the rights to configure is enough to be let in. */
    void mayConfigure(Call call) throws Refusal {
        List<String> any = List.of(
                "VM.Config.Disk", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Network", "VM.Config.Options");
        for (String privilege : any) {
            if (call.value("vmid").matches("\\d{1,9}") && call.may(call.id(), privilege)) {
                return;
            }
        }
        throw Refusal.forbidden("/vms/" + call.value("vmid"), String.join("|", any));
    }

    Object start(Call call) throws Refusal {
        call.requireQuorum();
        Guest guest = find(call, kind, call.id());
        if (call.cluster().isRunning(guest)) {
            throw Refusal.error(kind.title + " " + guest.id() + " already running");
        }
        if (call.cluster().highlyAvailable.containsKey(guest.id())) {
            return request(call, "hastart");
        }
        return starting(call, guest.id()).upid();
    }

    Task starting(Call call, int id) {
        return work(call, "start", id, log -> {
            Guest guest = find(call, kind, id);
            requireUnlocked(guest);
            if (guest.isSet("template")) {
                throw Refusal.error("you can't start a " + kind.title + " if it's a template");
            }
            call.cluster().runningSince.put(id, call.cluster().now());
        });
    }

    Object stop(Call call) throws Refusal {
        return halt(call, "stop");
    }

    Object shutdown(Call call) throws Refusal {
        return halt(call, "shutdown");
    }

    private Object halt(Call call, String how) throws Refusal {
        int id = call.id();
        Guest guest = call.cluster().guests(call.machine()).get(id);
        if (guest == null
                || guest.kind() != kind
                || !guest.node().equals(call.machine().name)
                || !call.cluster().isRunning(guest)) {
            throw Refusal.error(kind.title + " " + id + " not running");
        }
        if (call.cluster().highlyAvailable.containsKey(id)) {
            return request(call, "hastop");
        }
        return work(call, how, id, log -> {
                    requireUnlocked(find(call, kind, id));
                    call.cluster().runningSince.remove(id);
                })
                .upid();
    }

    /** What high availability makes of an order: a wish, which its own manager fulfils some time. */
    private static String request(Call call, String type) {
        int id = call.id();
        return call.cluster()
                .tasks
                .start(call.machine(), type, id, call.caller(), log -> {
                    call.cluster().highlyAvailable.replace(id, type.equals("hastart") ? "started" : "stopped");
                    if (type.equals("hastart")) {
                        call.cluster().runningSince.put(id, call.cluster().now());
                    } else {
                        call.cluster().runningSince.remove(id);
                    }
                })
                .upid();
    }

    Object destroy(Call call) throws Refusal {
        Guest guest = find(call, kind, call.id());
        if (guest.isSet("protection")) {
            throw Refusal.error("can't remove " + kind.title + " " + guest.id() + " - protection mode enabled");
        }
        requireUnlocked(guest);
        boolean managed = call.cluster().highlyAvailable.containsKey(guest.id());
        if (managed && !call.isSet("purge")) {
            throw Refusal.error("unable to remove " + kind.title + " " + guest.id()
                    + " - used in HA resources and purge parameter not set.");
        }
        if (call.cluster().isRunning(guest) && !call.isSet("force")) {
            throw Refusal.error(stillRunning(guest.id()));
        }
        int id = guest.id();
        return call.cluster()
                .tasks
                .start(call.machine(), kind.task + "destroy", id, call.caller(), new Task.Work() {
                    @Override
                    public void run(List<String> log) throws Refusal {
                        remove(call, id, log);
                    }

                    /** PVE/LXC.pm, destroy_lxc_container: the disks go first, and then all that is configured. */
                    @Override
                    public void cutOff() {
                        call.cluster().storages.erase(id);
                    }

                    @Override
                    public void crashed() {
                        cutOff();
                        call.cluster()
                                .guest(id)
                                .ifPresent(left -> call.cluster()
                                        .write(new Guest(id, kind, left.node(), Map.of("lock", "destroyed"))));
                    }
                })
                .upid();
    }

    private String stillRunning(int id) {
        return kind == GuestKind.CONTAINER
                ? "unable to destroy CT " + id + " - container is running"
                : "VM " + id + " is running - destroy failed";
    }

    private void remove(Call call, int id, List<String> log) throws Refusal {
        Cluster cluster = call.cluster();
        Guest guest = find(call, kind, id);
        requireUnlocked(guest);
        if (cluster.isRunning(guest)) {
            if (!call.isSet("force")) {
                throw Refusal.error(stillRunning(id));
            }
            log.add("forced to stop " + kind.title + " " + id + " before destroying!");
            cluster.runningSince.remove(id);
        }
        cluster.storages.erase(id);
        if (!cluster.isQuorate(call.machine())) {
            throw Refusal.error(cannotWrite(call.machine(), guest.file()));
        }
        if (call.isSet("purge")) {
            log.add("purging " + kind.title + " " + id + " from related configurations..");
        }
        cluster.erase(guest);
    }

    private Task work(Call call, String what, int id, Task.Work work) {
        return call.cluster().tasks.start(call.machine(), kind.task + what, id, call.caller(), work);
    }
}
