package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.ResourceLedger;
import java.util.Locale;

/** Reads all claims of a ledger as a stream. A program of its own, so that it can be given little memory. */
public final class ClaimStream {
    private ClaimStream() {}

    /**
     * Reads the claims and prints how many there were, how many milliseconds it took, and the most megabytes of heap
     * that were in use after a collection.
     *
     * @param args the database's URL
     */
    public static void main(String[] args) {
        DatabaseReport.QUIET.forEach(System::setProperty);
        String url = args[0];
        try (HikariDataSource pool = Engine.pool(url, 2)) {
            LedgerStore store = BerthStores.open(url, pool).orElseThrow();
            try (ResourceLedger ledger = ResourceLedger.on(store);
                    var claims = ledger.claims(ClaimQuery.all())) {
                var heap = new HeapPeak();
                long begin = System.nanoTime();
                long count = claims.filter(claim -> !claim.holdings().isEmpty()).count();
                System.out.printf(
                        Locale.ROOT, "%d %d %s%n", count, (System.nanoTime() - begin) / 1_000_000, heap.told());
            }
        }
    }
}
