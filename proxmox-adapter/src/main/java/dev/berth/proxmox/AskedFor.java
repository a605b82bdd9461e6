package dev.berth.proxmox;

import dev.berth.runtime.Mark;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The numbers for which attempts have asked, and were not refused. A request that had no answer may be carried out when the
 * next try of its attempt is at it, on whatever node that asks, and its node may tell of its task late. Another process begins
 * an attempt of its own. Safe for use by many threads.
 */
final class AskedFor {
    private static final int MOST = 1_000;

    private final Set<Asked> all = new LinkedHashSet<>();

    private record Asked(String nonce, int number) {}

    /** Notes it; says whether it was noted before. */
    synchronized boolean again(Mark mark, int number) {
        boolean isNew = all.add(new Asked(mark.nonce(), number));
        if (all.size() > MOST) {
            all.remove(all.iterator().next());
        }
        return !isNew;
    }

    synchronized void forget(Mark mark, int number) {
        all.remove(new Asked(mark.nonce(), number));
    }
}
