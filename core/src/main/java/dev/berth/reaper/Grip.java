package dev.berth.reaper;

import dev.berth.ledger.LedgerLease;
import dev.berth.runtime.Pacing;
import java.time.Duration;

/** The lease of a running sweep, renewed on the way. Losing it ends the sweep. */
final class Grip {
    /** The lease has run out, or is somebody else's. */
    static final class Lost extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Lost() {
            super("the lease was lost on the way: this process was paused, or cut off from its ledger, for too long");
        }
    }

    private final LedgerLease lease;
    private final Duration span;
    private final Pacing pacing;
    private long renewedAt;

    Grip(LedgerLease lease, Duration span, Pacing pacing) {
        this.lease = lease;
        this.span = span;
        this.pacing = pacing;
        this.renewedAt = pacing.nanos();
    }

    LedgerLease lease() {
        return lease;
    }

    /** To be said before anything that may take long: then as good as the whole span is left. */
    void tighten() {
        if (pacing.nanos() - renewedAt >= span.toNanos() / 4) {
            renew();
        }
    }

    private void renew() {
        long now = pacing.nanos();
        if (!lease.renew(span)) {
            throw new Lost();
        }
        renewedAt = now;
    }
}
