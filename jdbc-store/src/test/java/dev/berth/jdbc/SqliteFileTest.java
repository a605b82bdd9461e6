package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerIdentity;
import dev.berth.ledger.Owner;
import dev.berth.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file keeps from one opening to the next: the claims, the clock, and where it was made. */
class SqliteFileTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir
    Path directory;

    private Path file;
    private String url;

    @BeforeEach
    void name() {
        file = directory.resolve("berth.db");
        url = SqliteStores.url(file);
    }

    @Test
    void claimsOutliveTheStore() {
        UUID id = UUID.randomUUID();
        Owner owner = Owner.of("lab", "app");
        CommitResult done;
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url)) {
            done = SqliteStores.commit(store, SqliteStores.reservation(id, owner, SqliteStores.port(5001)));
        }
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url)) {
            var claim = store.find(owner).orElseThrow().claim();
            assertThat(claim.id()).isEqualTo(id);
            assertThat(new CommitResult.Done(claim.createdAt())).isEqualTo(done);
        }
    }

    @Test
    void clockDoesNotRunBackwardsFromOneOpeningToTheNext() {
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url, SqliteStores.clock(ManualClock.at(NOON)))) {
            var result = SqliteStores.commit(
                    store, SqliteStores.reservation(UUID.randomUUID(), Owner.of("lab", "app"), SqliteStores.port(1)));
            assertThat(result).isEqualTo(new CommitResult.Done(NOON));
        }
        ManualClock late = ManualClock.at(NOON.minus(Duration.ofHours(1)));
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url, SqliteStores.clock(late))) {
            assertThat(store.now()).isEqualTo(NOON);
            late.advance(Duration.ofHours(2));
            assertThat(store.now()).isEqualTo(NOON.plus(Duration.ofHours(1)));
        }
    }

    @Test
    void timeThatWasOnlyReadIsKeptAtClose() {
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url, SqliteStores.clock(ManualClock.at(NOON)))) {
            assertThat(store.now()).isEqualTo(NOON);
        }
        ManualClock early = ManualClock.at(NOON.minusSeconds(1));
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url, SqliteStores.clock(early))) {
            assertThat(store.now()).isEqualTo(NOON);
        }
    }

    @Test
    void processesWithDifferentClocksAgreeOnTheLaterOne() {
        ManualClock early = ManualClock.at(NOON.minusSeconds(60));
        try (JdbcLedgerStore one = JdbcLedgerStore.open(url, SqliteStores.clock(ManualClock.at(NOON)));
                JdbcLedgerStore two = JdbcLedgerStore.open(url, SqliteStores.clock(early))) {
            SqliteStores.commit(
                    one, SqliteStores.reservation(UUID.randomUUID(), Owner.of("lab", "app"), SqliteStores.port(1)));
            assertThat(two.now()).isEqualTo(NOON);
        }
    }

    @Test
    void timeIsToldInWholeMicroseconds() {
        Instant fine = NOON.plusNanos(1_999);
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url, SqliteStores.clock(ManualClock.at(fine)))) {
            assertThat(store.now()).isEqualTo(NOON.plusNanos(1_000));
        }
    }

    @Test
    void copyIsNotAtHomeUntilItIsSettled() throws Exception {
        LedgerIdentity original;
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url)) {
            original = store.identity();
            assertThat(original.isHome()).isTrue();
        }
        Path copy = Files.copy(file, directory.resolve("copy.db"));
        try (JdbcLedgerStore store = JdbcLedgerStore.open(SqliteStores.url(copy))) {
            LedgerIdentity seen = store.identity();
            assertThat(seen.ledger()).isEqualTo(original.ledger());
            assertThat(seen.isHome()).isFalse();

            assertThat(store.settle(original, UUID.randomUUID())).isEqualTo(seen);
            UUID forked = UUID.randomUUID();
            LedgerIdentity settled = store.settle(seen, forked);
            assertThat(settled.ledger()).isEqualTo(forked);
            assertThat(settled.isHome()).isTrue();
            assertThat(store.identity()).isEqualTo(settled);
        }
    }

    @Test
    void restoredBackupUnderTheSameNameIsNotAtHome() throws Exception {
        JdbcLedgerStore.open(url).close();
        Path backup = Files.copy(file, directory.resolve("backup.db"));
        Files.move(backup, file, StandardCopyOption.REPLACE_EXISTING);
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url)) {
            assertThat(store.identity().isHome()).isFalse();
        }
    }

    @Test
    void tablesOfTheHostStayAsTheyAre() throws Exception {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE claim (id INTEGER PRIMARY KEY, note TEXT)");
            statement.execute("INSERT INTO claim VALUES (1, 'mine')");
        }
        JdbcLedgerStore.open(url).close();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT note FROM claim")) {
            assertThat(rows.getString(1)).isEqualTo("mine");
        }
    }
}
