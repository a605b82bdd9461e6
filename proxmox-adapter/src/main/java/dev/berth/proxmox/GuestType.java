package dev.berth.proxmox;

import java.util.Arrays;
import java.util.Optional;

/** What kind of guest has an id. Both kinds share one space of ids. */
public enum GuestType {
    /** A container. */
    LXC("lxc"),
    /** A virtual machine. */
    QEMU("qemu");

    private final String word;

    GuestType(String word) {
        this.word = word;
    }

    /** The word of the API's paths and rows. */
    String word() {
        return word;
    }

    /** The parameter that carries the guest's own name. */
    String nameParameter() {
        return this == LXC ? "hostname" : "name";
    }

    /** What a task is called that makes or restores one. */
    String creation() {
        return this == LXC ? "vzcreate" : "qmcreate";
    }

    /** What a task is called that destroys one. */
    String destruction() {
        return this == LXC ? "vzdestroy" : "qmdestroy";
    }

    static Optional<GuestType> of(String word) {
        return Arrays.stream(values()).filter(type -> type.word.equals(word)).findFirst();
    }
}
