package dev.berth.ledger;

/**
 * Hears what happens through one {@link ResourceLedger}. It is called after the commit, on the thread that acted, without
 * any lock or connection, at most once for each event; what a crash keeps it from hearing is in the history. One that
 * throws breaks nothing: its failure is logged. Called by several threads at once.
 */
@FunctionalInterface
public interface LedgerListener {
    /**
     * Hears one event.
     *
     * @param event what happened
     */
    void on(LedgerEvent event);
}
