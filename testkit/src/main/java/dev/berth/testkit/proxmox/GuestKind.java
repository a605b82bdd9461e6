package dev.berth.testkit.proxmox;

/** The two sorts of guests, which share one space of ids, and the words that the API has for each. */
enum GuestKind {
    CONTAINER("lxc", "lxc", "CT", "vz", "hostname"),
    MACHINE("qemu", "qemu-server", "VM", "qm", "name");

    /** The type in lists, and the segment of a path. */
    final String type;

    /** The directory of configuration files. */
    final String folder;

    /** How messages begin. */
    final String title;

    /** How types of tasks begin. */
    final String task;

    /** The parameter that holds the name. */
    final String nameKey;

    GuestKind(String type, String folder, String title, String task, String nameKey) {
        this.type = type;
        this.folder = folder;
        this.title = title;
        this.task = task;
        this.nameKey = nameKey;
    }
}
