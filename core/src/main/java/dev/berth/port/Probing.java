package dev.berth.port;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ResourceLedger;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How an allocator looks at ports. Immutable but for the turns, which it shares with those made from it. */
final class Probing {
    final ResourceLedger ledger;
    final @Nullable PortProbe probe;
    final OnUnknown onUnknown;
    final Duration declined;
    private final Turns turns;

    private Probing(
            ResourceLedger ledger, @Nullable PortProbe probe, OnUnknown onUnknown, Duration declined, Turns turns) {
        this.ledger = ledger;
        this.probe = probe;
        this.onUnknown = onUnknown;
        this.declined = declined;
        this.turns = turns;
    }

    static Probing without(ResourceLedger ledger, Duration declined) {
        return new Probing(ledger, null, OnUnknown.REFUSE, declined, new Turns());
    }

    Probing with(PortProbe other) {
        return new Probing(ledger, other, onUnknown, declined, turns);
    }

    Probing with(OnUnknown other) {
        return new Probing(ledger, probe, other, declined, turns);
    }

    Probing with(Duration other) {
        return new Probing(ledger, probe, onUnknown, other, turns);
    }

    PortOutcome allocate(ClaimRequest request, PortPool pool) {
        return turns.take(request.owner(), pool, () -> new PortSearch(this, pool).allocate(request));
    }

    PortOutcome reallocate(Claim seen, PortPool pool, String reason) {
        return turns.take(seen.owner(), pool, () -> new PortSearch(this, pool).reallocate(seen, reason));
    }

    PortOutcome recheck(Claim seen, PortPool pool) {
        return turns.take(seen.owner(), pool, () -> new PortSearch(this, pool).recheck(seen));
    }
}
