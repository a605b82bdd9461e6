package dev.berth.proxmox;

/**
 * A person at the web interface of a target, who does what any person does there: nothing is scripted, so a real server is as
 * good as a fake one. Containers and machines alike.
 */
interface Hands {
    /** Replaces a guest's tags. */
    void tag(int number, String tags);

    /** The tags of a guest, with semicolons between. */
    String tags(int number);

    void name(int number, String name);

    void protect(int number);

    void unprotect(int number);

    void stop(int number);

    /** With its disk, whether it runs or not. */
    void destroy(int number);
}
