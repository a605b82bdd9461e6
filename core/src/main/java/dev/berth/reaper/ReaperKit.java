package dev.berth.reaper;

import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Pacing;
import dev.berth.runtime.Provisioner;
import java.time.Duration;

/**
 * What every sweep of a reaper needs.
 *
 * @param ledger the ledger
 * @param runtime the runtime, each call of which ends in time
 * @param provisioner adopts and discards, and knows whether the runtime's word counts
 * @param policy the policy
 * @param pacing a clock that only goes forward, for the time that a run may take
 * @param leaseSpan how long a lease lasts: longer than any call of the runtime may take
 */
record ReaperKit(
        ResourceLedger ledger,
        BoundedRuntime<?> runtime,
        Provisioner<?> provisioner,
        ReaperPolicy policy,
        Pacing pacing,
        Duration leaseSpan) {
    Scope scope() {
        return runtime.scope();
    }

    ReaperRecords records() {
        return new ReaperRecords(ledger.records(), scope());
    }
}
