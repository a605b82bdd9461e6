package dev.berth.reaper;

import dev.berth.ledger.Claim;

/** Knows when instances were last used: a proxy's log, a runtime's statistics, a session table. */
@FunctionalInterface
public interface ActivitySource {
    /**
     * Tells when an instance was last used. One that never was is {@link Activity.Last} at the time since which the source
     * would have seen it.
     *
     * @param claim the claim
     * @param instance its instance's full id
     * @return what this source knows
     * @throws Exception if it could not find out, which counts as {@link Activity.Unknown}
     */
    Activity activity(Claim claim, String instance) throws Exception;
}
