package dev.berth.runtime;

import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;

/**
 * What every road of a provisioner needs.
 *
 * @param <S> what the host hands over to say what to create
 */
record Kit<S>(ResourceLedger ledger, BoundedRuntime<S> runtime, Policy policy, Gate gate, Pacing pacing) {
    Scope scope() {
        return runtime.scope();
    }

    /** The key under which a claim holds an instance of this scope. */
    Resource key(String instance) {
        return ResourceKind.INSTANCE.in(scope(), instance);
    }
}
