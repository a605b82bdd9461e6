package dev.berth.port;

/**
 * How full a pool is, in slots. Each slot is counted once, by the worst that stands on it: held, then declined or
 * foreign, then quarantined.
 *
 * @param total the slots that may be handed out
 * @param used slots with a port that a claim holds
 * @param blocked slots that are declined or foreign, because an outsider has a port of them
 * @param quarantined slots that rest after a claim
 */
public record PortUsage(int total, int used, int blocked, int quarantined) {
    /**
     * Counts the free slots.
     *
     * @return the slots that anybody may have now
     */
    public int free() {
        return total - used - blocked - quarantined;
    }

    /**
     * Says how full the pool is.
     *
     * @return the used slots in percent of the total, 0 to 100
     */
    public double percent() {
        return 100.0 * used / total;
    }

    @Override
    public String toString() {
        return String.format(
                java.util.Locale.ROOT, "used %d, free %d, total %d (%.1f %%)", used, free(), total, percent());
    }
}
