package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.Holding;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Scope;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.Token;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.Race;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that the first version has made and filled keeps everything in this one. */
class SchemaUpgradeTest {
    private static final UUID LEDGER = UUID.fromString("00000000-0000-0000-0000-0000000000aa");
    private static final UUID CLAIM = UUID.fromString("00000000-0000-0000-0000-000000000001");
    private static final UUID GONE = UUID.fromString("00000000-0000-0000-0000-000000000002");
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Scope NODE = SqliteStores.NODE;

    @TempDir
    Path directory;

    private Database database;
    private JdbcSettings settings;

    @BeforeEach
    void fill() throws Exception {
        settings = SqliteStores.clock(ManualClock.at(NOON.plusSeconds(60)));
        database = Engine.SQLITE.fresh(directory);
        try (InputStream first = SchemaUpgradeTest.class.getResourceAsStream("sqlite-version-1.sql")) {
            String text = new String(first.readAllBytes(), StandardCharsets.UTF_8);
            Engine.run(
                    database,
                    Stream.of(text.split(";\\s*\n", -1))
                            .filter(statement -> !statement.isBlank())
                            .toArray(String[]::new));
        }
        long noon = Columns.micros(NOON);
        Engine.run(
                database,
                "INSERT INTO berth_meta VALUES (1, 1, %s, 'sqlite elsewhere inode 7', %d)"
                        .formatted(blob(LEDGER), noon + 1_000_000),
                "INSERT INTO berth_claim VALUES (%s, 3, 'lab', 'app', 'PENDING', %d, %d, NULL, 'node-1', 1, 'nonce', %d, %d, 'why')"
                        .formatted(blob(CLAIM), noon, noon + 1, noon + 2, noon + 300_000_000),
                "INSERT INTO berth_label VALUES (%s, 'team', 'blue'), (%s, 'stage', 'test')"
                        .formatted(blob(CLAIM), blob(CLAIM)),
                "INSERT INTO berth_resource VALUES ('tcp-port', 'node-1', '8080', 8080, %d, %s, 'web', 'http', 1,"
                                .formatted(noon, blob(CLAIM))
                        + " NULL, NULL, NULL, NULL, NULL)",
                "INSERT INTO berth_resource VALUES ('tcp-port', 'node-1', '8081', 8081, %d, NULL, NULL, NULL, NULL,"
                                .formatted(noon)
                        + " 'QUARANTINE', 'lab', 'old', 'cooling', %d)".formatted(noon + 3_600_000_000L),
                "INSERT INTO berth_record VALUES ('mark', 4, 'text', %d), ('plain', 1, 'other', NULL)"
                        .formatted(noon + 3_600_000_000L),
                "INSERT INTO berth_history VALUES (9, 'tcp-port', 'node-1', '8081', 'lab', 'old', %s, 'web', 'http', %d, %d, 'RELEASED')"
                        .formatted(blob(GONE), noon - 5, noon),
                "INSERT INTO berth_tombstone VALUES (%s, 2, 'lab', 'old', 'ACTIVE', %d, %d, NULL, 'node-1', NULL, NULL, NULL, NULL, NULL, %d, 'RELEASED')"
                        .formatted(blob(GONE), noon - 9, noon - 8, noon),
                "INSERT INTO berth_tombstone_holding VALUES (%s, 'tcp-port', 'node-1', '8081', 'web', 'http', %d, 0)"
                        .formatted(blob(GONE), noon - 9),
                "INSERT INTO berth_tombstone_label VALUES (%s, 'team', 'red')".formatted(blob(GONE)));
    }

    private static String blob(UUID id) {
        return "x'" + id.toString().replace("-", "") + "'";
    }

    @Test
    void everythingIsKept() throws Exception {
        try (JdbcLedgerStore store = JdbcLedgerStore.open(database.url(), settings)) {
            assertThat(store.identity().ledger()).isEqualTo(LEDGER);
            assertThat(store.identity().recorded()).isEqualTo("sqlite elsewhere inode 7");

            Claim claim = store.find(Owner.of("lab", "app")).orElseThrow().claim();
            assertThat(claim.token()).isEqualTo(new Token(CLAIM, 3));
            assertThat(claim.state()).isEqualTo(ClaimState.PENDING);
            assertThat(claim.createdAt()).isEqualTo(NOON);
            assertThat(claim.stateSince()).isEqualTo(NOON.plusNanos(1_000));
            assertThat(claim.home()).contains(NODE);
            assertThat(claim.reason()).contains("why");
            assertThat(claim.attempt().orElseThrow().until()).isEqualTo(NOON.plusSeconds(300));
            assertThat(claim.labels()).isEqualTo(Map.of("team", "blue", "stage", "test"));
            assertThat(claim.holdings())
                    .containsExactly(new Holding("web", "http", SqliteStores.port(8080), NOON, true));

            assertThat(store.occupants(List.of(SqliteStores.port(8081))))
                    .containsValue(new Occupant.Block(
                            SqliteStores.port(8081),
                            BlockReason.QUARANTINE,
                            Optional.of(Owner.of("lab", "old")),
                            "cooling",
                            NOON,
                            NOON.plusSeconds(3_600)));
            assertThat(store.record("mark"))
                    .contains(new LedgerRecord("mark", 4, "text", Optional.of(NOON.plusSeconds(3_600))));
            assertThat(store.record("plain")).contains(new LedgerRecord("plain", 1, "other", Optional.empty()));
            assertPast(store);
        }
        assertThat(Engine.ask(database, "SELECT schema_version FROM berth_meta"))
                .isEqualTo(Integer.toString(Schema.VERSION));
    }

    private static void assertPast(JdbcLedgerStore store) {
        Instant from = NOON.minusNanos(5_000);
        assertThat(store.history(SqliteStores.port(8081), from, NOON.plusSeconds(1), 10))
                .containsExactly(new HistoryEntry(
                        SqliteStores.port(8081),
                        Owner.of("lab", "old"),
                        GONE,
                        "web",
                        "http",
                        from,
                        NOON,
                        EndReason.RELEASED));
        var tombstone = store.tombstone(GONE).orElseThrow();
        assertThat(tombstone.at()).isEqualTo(NOON);
        assertThat(tombstone.claim().labels()).isEqualTo(Map.of("team", "red"));
        assertThat(tombstone.claim().holdings())
                .containsExactly(new Holding("web", "http", SqliteStores.port(8081), NOON.minusNanos(9_000), false));
    }

    @Test
    void keptClaimIsChangedAndReleased() throws Exception {
        try (JdbcLedgerStore store = JdbcLedgerStore.open(database.url(), settings)) {
            assertThat(SqliteStores.commit(
                            store,
                            new Commit.Touch(
                                    new Token(CLAIM, 3),
                                    Commit.LeaseWrite.KEEP,
                                    Optional.empty(),
                                    Map.of("team", "green"),
                                    Set.of("stage"))))
                    .isInstanceOf(CommitResult.Done.class);
            Claim claim = store.find(CLAIM).orElseThrow().claim();
            assertThat(claim.labels()).isEqualTo(Map.of("team", "green"));
            assertThat(SqliteStores.commit(
                            store, new Commit.Release(claim.token(), Commit.Guard.NONE, EndReason.RELEASED, Map.of())))
                    .isInstanceOf(CommitResult.Done.class);
            assertThat(store.tombstone(CLAIM).orElseThrow().claim().labels()).isEqualTo(Map.of("team", "green"));
            assertThat(Application.claim(store, "next", 8080)).isInstanceOf(CommitResult.Done.class);
            assertThat(Application.claim(store, "next", 8081)).isInstanceOf(CommitResult.Refused.class);
        }
    }

    @Test
    void oldTablesAreNotUpgradedUnasked() throws Exception {
        try (JdbcLedgerStore store = SchemaTest.on(database, settings)) {
            var failure = catchThrowableOfType(StoreUnavailableException.class, () -> store.find(CLAIM));
            assertThat(failure).isNotNull().hasMessageContaining("version 1").hasMessageContaining("createSchema()");
            assertThat(failure.isRetryable()).isFalse();
        }
        assertThat(Engine.ask(database, "SELECT schema_version FROM berth_meta"))
                .isEqualTo("1");
    }

    @Test
    void tenAtOnceUpgradeOnce() {
        Race.of(10)
                .rounds(1)
                .run(
                        (round, racer, random) -> {
                            try (JdbcLedgerStore store = JdbcLedgerStore.open(database.url(), settings)) {
                                return store.find(CLAIM).orElseThrow().claim();
                            }
                        },
                        (round, claims) -> assertThat(new HashSet<>(claims)).hasSize(1));
    }
}
