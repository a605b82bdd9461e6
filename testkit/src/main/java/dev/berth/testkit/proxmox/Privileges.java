package dev.berth.testkit.proxmox;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The privileges of Proxmox VE 9.2, as root holds them. */
final class Privileges {
    static final Set<String> ALL = Set.of(
            "Datastore.Allocate",
            "Datastore.AllocateSpace",
            "Datastore.AllocateTemplate",
            "Datastore.Audit",
            "Group.Allocate",
            "Mapping.Audit",
            "Mapping.Modify",
            "Mapping.Use",
            "Permissions.Modify",
            "Pool.Allocate",
            "Pool.Audit",
            "Realm.Allocate",
            "Realm.AllocateUser",
            "SDN.Allocate",
            "SDN.Audit",
            "SDN.Use",
            "Sys.AccessNetwork",
            "Sys.Audit",
            "Sys.Console",
            "Sys.Incoming",
            "Sys.Modify",
            "Sys.PowerMgmt",
            "Sys.Syslog",
            "User.Modify",
            "VM.Allocate",
            "VM.Audit",
            "VM.Backup",
            "VM.Clone",
            "VM.Config.CDROM",
            "VM.Config.CPU",
            "VM.Config.Cloudinit",
            "VM.Config.Disk",
            "VM.Config.HWType",
            "VM.Config.Memory",
            "VM.Config.Network",
            "VM.Config.Options",
            "VM.Console",
            "VM.GuestAgent.Audit",
            "VM.GuestAgent.FileRead",
            "VM.GuestAgent.FileSystemMgmt",
            "VM.GuestAgent.FileWrite",
            "VM.GuestAgent.Unrestricted",
            "VM.Migrate",
            "VM.PowerMgmt",
            "VM.Replicate",
            "VM.Snapshot",
            "VM.Snapshot.Rollback");

    /** What a program that makes and removes containers needs at {@code /}. */
    static final Set<String> PROVISIONING = Set.of(
            "Datastore.AllocateSpace",
            "Datastore.AllocateTemplate",
            "Datastore.Audit",
            "SDN.Use",
            "Sys.Audit",
            "VM.Allocate",
            "VM.Audit",
            "VM.Config.CPU",
            "VM.Config.Disk",
            "VM.Config.Memory",
            "VM.Config.Network",
            "VM.Config.Options",
            "VM.PowerMgmt");

    private static final Map<String, Predicate<String>> SHOWN_BY_THE_TICKET = Map.of(
            "vms", matching("VM\\..*|Permissions\\.Modify"),
            "storage", matching("Datastore\\..*|Permissions\\.Modify"),
            "access", matching("(User|Group)\\..*|Permissions\\.Modify"),
            "nodes", matching("Sys\\..*|Permissions\\.Modify"),
            "sdn", matching("SDN\\..*|Permissions\\.Modify"),
            "mapping", matching("Mapping\\..*|Permissions\\.Modify"),
            "dc", matching("SDN\\..*|Sys\\.(Audit|Modify)"));

    private Privileges() {}

    private static Predicate<String> matching(String pattern) {
        return Pattern.compile(pattern).asMatchPredicate();
    }

    /** The capabilities that come with a ticket. */
    static Map<String, Object> capabilities(Access access, Caller caller) {
        Map<String, Object> all = new LinkedHashMap<>();
        SHOWN_BY_THE_TICKET.forEach((part, shown) -> {
            String path = part.equals("dc") ? "/" : "/" + part;
            all.put(
                    part,
                    Access.flags(access.privileges(caller, path).stream()
                            .filter(shown)
                            .collect(Collectors.toSet())));
        });
        return all;
    }
}
