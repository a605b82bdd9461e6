package dev.berth.testkit.proxmox;

/** The two sorts of guests, which share one space of ids, and the words that the API has for each. */
enum GuestKind {
    CONTAINER("lxc", "lxc", "CT", "vz", "hostname", "container"),
    MACHINE("qemu", "qemu-server", "VM", "qm", "name", "VM");

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

    /** How messages speak of one in the middle of a sentence. */
    final String noun;

    GuestKind(String type, String folder, String title, String task, String nameKey, String noun) {
        this.type = type;
        this.folder = folder;
        this.title = title;
        this.task = task;
        this.nameKey = nameKey;
        this.noun = noun;
    }
}
