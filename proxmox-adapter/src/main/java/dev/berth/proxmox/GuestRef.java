package dev.berth.proxmox;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest's full id, {@code lxc/108} or {@code qemu/200}, as the API itself writes it. An id that is taken by a guest which
 * the credentials may not see is {@code guest/108}: what it is cannot be told.
 *
 * @param type what it is, empty if that cannot be told
 * @param number its number
 */
record GuestRef(Optional<GuestType> type, int number) {
    /** The least id of a guest (JSON schema {@code pve-vmid}, 7 to 9). */
    static final int LEAST = 100;

    /** The greatest id of a guest. */
    static final int MOST = 999_999_999;

    private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{2,8}");
    private static final Pattern FULL = Pattern.compile("(lxc|qemu|guest)/(" + NUMBER + ")");

    static GuestRef of(GuestType type, int number) {
        return new GuestRef(Optional.of(type), number);
    }

    static GuestRef unseen(int number) {
        return new GuestRef(Optional.empty(), number);
    }

    static Optional<GuestRef> parse(String id) {
        Matcher full = FULL.matcher(id);
        return full.matches()
                ? Optional.of(new GuestRef(GuestType.of(full.group(1)), Integer.parseInt(full.group(2))))
                : Optional.empty();
    }

    /** Reads a guest's number alone. */
    static Optional<Integer> number(String text) {
        return NUMBER.matcher(text).matches() ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }

    String id() {
        return type.map(GuestType::word).orElse("guest") + "/" + number;
    }

    @Override
    public String toString() {
        return id();
    }
}
