package dev.berth.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.jdbc.Database;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.jdbc.JdbcSettings;
import dev.berth.ledger.LedgerIdentity;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is so on a cluster each of whose nodes is written to. */
class GaleraTest {
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
