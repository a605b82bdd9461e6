package dev.berth.proxmox;

/**
 * What else a removal does, beyond destroying the guest and its own disks. All of it is off unless asked for. (That a
 * destroyed guest's access rules and firewall go as well is not optional.)
 */
public enum DestroyOption {
    /** Takes the guest out of backup jobs, replication and HA; without it a replicated guest is not removed. */
    PURGE("purge"),
    /** Lets the destroying request itself stop a container that has come up again since it was stopped. Not for machines. */
    FORCE("force"),
    /**
     * Looks on all enabled storages for disks that carry the guest's id. Dangerous where two clusters with the same ids share
     * a storage.
     */
    UNREFERENCED_DISKS("destroy-unreferenced-disks");

    private final String parameter;

    DestroyOption(String parameter) {
        this.parameter = parameter;
    }

    String parameter() {
        return parameter;
    }

    /** Whether the API takes it for such a guest; an unknown parameter is refused. */
    boolean isFor(GuestType type) {
        return this != FORCE || type == GuestType.LXC;
    }
}
