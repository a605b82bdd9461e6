package dev.berth.reaper;

import dev.berth.ledger.Claim;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Sighting;

/**
 * Settles what a listing leaves in doubt, where a look at the one instance may do so: when an instance was made is not in
 * every listing (Proxmox VE has it in each machine's configuration alone), and tells whether what has a claim's id without its
 * mark can be the claim's. For one sweep. So many looks, and so much of the sweep's time, and no more: where hundreds have
 * lost their marks at once, something else is the matter, and what is not looked at stays unknown.
 */
final class CloserLook {
    private static final int MOST = 256;
    /** The share of a sweep's time. */
    private static final int SHARE = 4;

    private final ReaperKit kit;
    private final long until;
    private int left = MOST;

    CloserLook(ReaperKit kit, long budget) {
        this.kit = kit;
        this.until = kit.pacing().nanos() + budget / SHARE;
    }

    /** What an instance that is listed under a claim's id tells of the claim's own. */
    Sighting at(Instance listed, Claim claim, Grip grip) {
        Sighting told = listed.sightingOf(claim);
        boolean mayTellMore = told instanceof Sighting.Unknown
                && listed.createdAt().isEmpty()
                && left > 0
                && kit.pacing().nanos() - until < 0;
        if (!mayTellMore) {
            return told;
        }
        left--;
        grip.tighten();
        // One that is gone since is for the next listing to lack.
        return kit.runtime()
                .look(listed.id())
                .seen()
                .map(seen -> seen.sightingOf(claim))
                .orElse(told);
    }
}
