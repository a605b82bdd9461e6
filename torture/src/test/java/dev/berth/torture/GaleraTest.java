package dev.berth.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.jdbc.Database;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.jdbc.JdbcSettings;
import dev.berth.ledger.LedgerIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is so on a cluster each of whose nodes is written to. */
class GaleraTest {
    @TempDir
    Path directory;

    /** While nothing is broken, whoever loses against another node sees what anybody sees who comes second. */
    @Test
    void conflictsBetweenNodesAreNeverShown() throws Exception {
        long seed = System.nanoTime();
        System.out.println("torture of galera in peace, seed " + seed);
        try (Galera cluster = Galera.open()) {
            long before = cluster.conflicts();
            Plan plan = Plan.of(Duration.ofSeconds(8), seed).inPeace();
            Outcome outcome = Torture.run(plan, cluster, directory);
            long conflicts = cluster.conflicts() - before;
            System.out.println(conflicts + " conflicts\n" + outcome.told());
            assertThat(conflicts).isPositive();
            assertThat(outcome.violations()).isEmpty();
            assertThat(outcome.errors().keySet())
                    .noneMatch(error -> error.contains("StoreUnavailable") || error.contains("Contention"));
        }
    }

    /** Each node has an id of its own; a ledger that was taken for moved would be swept by one node's callers only. */
    @Test
    void aLedgerIsWhereItWasMadeOnEachNode() throws Exception {
        try (Galera cluster = Galera.open()) {
            Set<LedgerIdentity> seen = new LinkedHashSet<>();
            for (Database node : cluster.ways()) {
                var settings = JdbcSettings.defaults().user(node.user()).password(node.password());
                try (JdbcLedgerStore store = JdbcLedgerStore.open(node.url(), settings)) {
                    seen.add(store.identity());
                }
            }
            assertThat(seen).hasSize(1).allMatch(LedgerIdentity::isHome);
        }
    }
}
