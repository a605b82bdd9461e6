package dev.berth.runtime;

import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerRecords;
import dev.berth.ledger.Scope;
import dev.berth.runtime.ProvisionFailure.Kind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Sees to it that the runtime that answers is the one that this scope has had: what another one lacks proves nothing. The
 * first one that is met is taken at its word and written down in the ledger, for all processes. It is read each time: when
 * another process has said that the runtime was replaced, this one may still be connected to the old one.
 */
final class Gate {
    private static final int ROUNDS = 16;
    private static final String PREFIX = "runtime/";

    private final LedgerRecords records;
    private final BoundedRuntime<?> runtime;
    private final String name;

    Gate(LedgerRecords records, BoundedRuntime<?> runtime) {
        this.records = records;
        this.runtime = runtime;
        this.name = PREFIX + runtime.scope();
    }

    /** Why the runtime's word does not count now; empty if it does. */
    Optional<ProvisionFailure> check() {
        Fingerprint now;
        try {
            now = runtime.fingerprint();
        } catch (RuntimeFaultException failure) {
            return Optional.of(
                    ProvisionFailure.of("who answers in " + runtime.scope() + " is not known", failure.fault()));
        }
        List<String> differences = List.of();
        for (int round = 0; round < ROUNDS; round++) {
            Optional<LedgerRecord> written = records.find(name);
            if (written.isPresent()) {
                differences = Fingerprint.read(written.get().value()).differences(now);
                break;
            }
            if (records.put(name, 0, now.written()).isPresent()) {
                break;
            }
        }
        if (differences.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(ProvisionFailure.of(
                Kind.WRONG_RUNTIME,
                "another runtime answers than the one that " + runtime.scope() + " had: "
                        + String.join(", ", differences)
                        + "; connect to the right one, or say trustRuntime() if it was replaced on purpose"));
    }

    /** Other scopes whose runtime is the same one, as far as the ledger knows. */
    Stream<Scope> aliases() {
        Optional<LedgerRecord> own = records.find(name);
        return own.isEmpty()
                ? Stream.empty()
                : records.starting(PREFIX)
                        .filter(other -> !other.name().equals(name))
                        .filter(other -> Fingerprint.read(other.value())
                                .differences(Fingerprint.read(own.get().value()))
                                .isEmpty())
                        .map(other -> Scope.of(other.name().substring(PREFIX.length())));
    }

    /** Takes the runtime that answers now as the one of this scope. */
    Fingerprint trust() {
        Fingerprint now = runtime.fingerprint();
        for (int round = 0; round < ROUNDS; round++) {
            long version = records.find(name).map(LedgerRecord::version).orElse(0L);
            if (records.put(name, version, now.written()).isPresent()) {
                break;
            }
        }
        return now;
    }
}
