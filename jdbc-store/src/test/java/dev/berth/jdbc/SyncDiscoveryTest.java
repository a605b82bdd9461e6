package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Discovery;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Tables are found by what both schemas declare, and what they do not tell for sure is not guessed. */
class SyncDiscoveryTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    private static void more(Engine engine, Database database) throws SQLException {
        String id = switch (engine) {
            case SQLITE -> "INTEGER PRIMARY KEY";
            case POSTGRESQL -> "bigserial PRIMARY KEY";
            default -> "BIGINT AUTO_INCREMENT PRIMARY KEY";
        };
        String number = engine == Engine.SQLITE ? "INTEGER" : "BIGINT";
        Engine.run(
                database,
                "CREATE TABLE codes (code VARCHAR(20) PRIMARY KEY, label VARCHAR(20) NOT NULL UNIQUE)",
                "CREATE TABLE ids_only (id " + id + ", label VARCHAR(20))",
                "CREATE TABLE either (id " + id + ", a VARCHAR(20) NOT NULL UNIQUE, b VARCHAR(20) NOT NULL UNIQUE)",
                "CREATE TABLE children (code VARCHAR(20) PRIMARY KEY, parent_id " + number
                        + ", FOREIGN KEY (parent_id) REFERENCES ids_only (id))",
                "CREATE TABLE grandchildren (code VARCHAR(20) PRIMARY KEY, parent VARCHAR(20), FOREIGN KEY (parent)"
                        + " REFERENCES children (code))",
                "CREATE TABLE loose (id " + id + ", code VARCHAR(20) UNIQUE)");
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatBothSchemasTellForSureIsSyncedAndTheRestRefusedWithItsReason(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            more(Engine.SQLITE, pair.localBase);
            more(engine, pair.remoteBase);
            pair.here("CREATE TABLE only_here (code VARCHAR(20) PRIMARY KEY)");
            pair.there("CREATE TABLE only_there (code VARCHAR(20) PRIMARY KEY)");

            Discovery found = SyncEngine.discover(pair.local, pair.remote);

            assertThat(found.tables())
                    .extracting(SyncTable::toString)
                    .containsExactlyInAnyOrder(
                            "codes by [code]", "domains by [name]", "hosts by [hostname]", "tags by [host_id, label]");
            assertThat(found.refused())
                    .containsOnlyKeys(
                            "children", "either", "grandchildren", "ids_only", "loose", "only_here", "only_there");
            assertThat(found.refused().get("only_here")).containsExactly("only the local database has it");
            assertThat(found.refused().get("only_there")).containsExactly("only the remote database has it");
            assertThat(found.refused().get("ids_only").get(0)).contains("no generated number");
            assertThat(found.refused().get("loose").get(0)).contains("never NULL");
            assertThat(found.refused().get("either").get(0)).contains("[a]", "[b]");
            assertThat(found.refused().get("children").get(0)).contains("ids_only", "not synced");
            assertThat(found.refused().get("grandchildren").get(0)).contains("not synced");
        }
    }

    /** Scenario 75: parents come before children, and links without ids arrive. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatWasFoundIsSyncedAsIfItWereDeclared(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(
                    "INSERT INTO domains (id, name, updated_at) VALUES (7, 'd', '2026-01-01 10:00:00')",
                    "INSERT INTO hosts (id, hostname, domain_id, updated_at) VALUES (7, 'h', 7, '2026-01-01 10:00:00')",
                    "INSERT INTO tags VALUES (7, 'red', 1, '2026-01-01 10:00:00')");
            pair.there(
                    "INSERT INTO domains (id, name, note, updated_at) VALUES (7, 'd', 'newer', '2026-01-02 10:00:00')");
            Discovery found = SyncEngine.discover(pair.local, pair.remote);
            assertThat(found.refused()).isEmpty();
            SyncReport report = SyncEngine.between(pair.local, pair.remote)
                    .tables(found.tables())
                    .onConflict(ConflictPolicy.NEWEST)
                    .build()
                    .sync();
            assertThat(report.isClean()).isTrue();
            assertThat(report.count(Outcome.CONFLICTED)).isEqualTo(1);
            assertThat(pair.here())
                    .containsExactly("[domain, d, newer]", "[host, h, d, null, null, null]", "[tag, h, red, 1]")
                    .isEqualTo(pair.there());
        }
    }
}
