package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Snapshot;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes on one file, and one that is killed. */
class SqliteProcessesTest {
    private static final int SLOTS = 400;
    private static final int THREADS = 8;

    @TempDir
    Path directory;

    @Test
    void noPortGoesToTwoProcesses() throws Exception {
        Path file = directory.resolve("race.db");
        List<String> taken = new ArrayList<>();
        try (OtherProcess one = allocator(file, "one");
                OtherProcess two = allocator(file, "two");
                JdbcLedgerStore store = JdbcLedgerStore.open(SqliteStores.url(file))) {
            one.go();
            two.go();
            taken.addAll(Allocation.run(store, "three", THREADS, SLOTS));
            taken.addAll(one.finish());
            taken.addAll(two.finish());
            assertThat(one.complaints() + two.complaints()).isEmpty();

            Set<String> ports = new HashSet<>();
            for (String line : taken) {
                String port = line.substring(0, line.indexOf(' '));
                assertThat(ports.add(port)).as("port %s was granted once", port).isTrue();
                var occupant = store.occupants(List.of(SqliteStores.port(Integer.parseInt(port))))
                        .get(SqliteStores.port(Integer.parseInt(port)));
                assertThat(((Occupant.Holder) occupant).owner().toString())
                        .isEqualTo(line.substring(line.indexOf(' ') + 1));
            }
            assertThat(ports).hasSize(SLOTS);
        }
        assertIntact(file);
    }

    private OtherProcess allocator(Path file, String tenant) throws Exception {
        return OtherProcess.start(
                directory,
                "allocate",
                SqliteStores.url(file),
                tenant,
                Integer.toString(THREADS),
                Integer.toString(SLOTS));
    }

    @Test
    void tenProcessesMakeOneLedger() throws Exception {
        Path file = directory.resolve("fresh.db");
        List<OtherProcess> processes = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                processes.add(OtherProcess.start(directory, "open", SqliteStores.url(file)));
            }
            for (OtherProcess process : processes) {
                process.go();
            }
            Set<String> ledgers = new HashSet<>();
            for (OtherProcess process : processes) {
                ledgers.addAll(process.finish());
                assertThat(process.complaints()).isEmpty();
            }
            assertThat(ledgers).hasSize(1);
            try (JdbcLedgerStore store = JdbcLedgerStore.open(SqliteStores.url(file))) {
                assertThat(ledgers).containsExactly(store.identity().ledger().toString());
                assertThat(store.identity().isHome()).isTrue();
            }
        } finally {
            processes.forEach(OtherProcess::close);
        }
    }

    @Test
    void whatAKilledProcessWasToldIsThere() throws Exception {
        Path file = directory.resolve("killed.db");
        for (int round = 0; round < 4; round++) {
            String tenant = "round-" + round;
            List<String> acknowledged = new ArrayList<>();
            try (OtherProcess process = OtherProcess.start(directory, "stream", SqliteStores.url(file), tenant)) {
                process.go();
                for (int i = 0; i < 50 + 37 * round; i++) {
                    acknowledged.add(process.next());
                }
                acknowledged.addAll(process.kill());
            }
            try (JdbcLedgerStore store = JdbcLedgerStore.open(SqliteStores.url(file))) {
                for (String id : acknowledged) {
                    // The last line may be cut.
                    if (id.length() == 36) {
                        Snapshot claim = store.find(UUID.fromString(id)).orElseThrow();
                        assertThat(claim.claim().holdings()).hasSize(2);
                    }
                }
                int last = acknowledged.size() - 1;
                assertThat(store.find(Owner.of(tenant, "app-" + (last + 2)))).isEmpty();
            }
            assertIntact(file);
        }
    }

    private static void assertIntact(Path file) throws Exception {
        try (var connection = DriverManager.getConnection(SqliteStores.url(file));
                var statement = connection.createStatement()) {
            try (var result = statement.executeQuery("PRAGMA integrity_check")) {
                assertThat(result.getString(1)).isEqualTo("ok");
            }
            try (var result = statement.executeQuery("SELECT count(*) FROM berth_resource WHERE claim_id IS NOT NULL"
                    + " AND claim_id NOT IN (SELECT id FROM berth_claim)")) {
                assertThat(result.getInt(1)).as("holdings without a claim").isZero();
            }
        }
    }
}
