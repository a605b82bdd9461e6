package dev.berth.benchmarks;

import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.LedgerStore;
import java.util.Optional;
import javax.sql.DataSource;

/** Opens Berth's store. The only place that knows how. */
final class BerthStores {
    private BerthStores() {}

    /**
     * Opens the ledger in a database, and makes it first where there is none.
     *
     * @param url the database
     * @param pool connections to it, which stay the caller's
     * @return the store; empty if Berth does not know this database yet, so that it is left out of the comparison
     */
    static Optional<LedgerStore> open(String url, DataSource pool) {
        return Optional.of(JdbcLedgerStore.on(pool).createSchema());
    }
}
