package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells every listener; one that throws keeps neither the others nor the caller from going on. */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(ResourceLedger.class);

    private final List<LedgerListener> listeners;

    Events(List<LedgerListener> listeners) {
        this.listeners = InvalidInputException.copyOf("listeners", listeners);
    }

    void tell(LedgerEvent event) {
        for (LedgerListener listener : listeners) {
            try {
                listener.on(event);
            } catch (Throwable failure) {
                // What happened has happened: whatever a listener throws must not look like the call's own failure.
                LOG.warn("Listener {} failed on {}", listener, event, failure);
            }
        }
    }

    void tellBlocked(Map<Resource, Commit.BlockTerms> blocks) {
        blocks.forEach((resource, terms) -> tell(new LedgerEvent.Blocked(resource, terms)));
    }

    /** Tells what a claim gave back while living on. */
    void tellGiven(Claim claim, List<Commit.Give> gives) {
        given(claim, gives).forEach(this::tell);
    }

    /** What a claim gave back while living on: one event for each reason, and one for each resource that is blocked. */
    static List<LedgerEvent> given(Claim claim, List<Commit.Give> gives) {
        List<LedgerEvent> happened = new ArrayList<>();
        for (EndReason reason : EndReason.values()) {
            List<Resource> given = gives.stream()
                    .filter(give -> give.reason() == reason)
                    .map(Commit.Give::resource)
                    .toList();
            if (!given.isEmpty()) {
                happened.add(new LedgerEvent.Given(claim, given, reason));
            }
        }
        gives.forEach(give ->
                give.block().ifPresent(terms -> happened.add(new LedgerEvent.Blocked(give.resource(), terms))));
        return happened;
    }
}
