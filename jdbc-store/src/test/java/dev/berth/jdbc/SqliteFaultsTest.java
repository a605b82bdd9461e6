package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.berth.InvalidInputException;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store whose file fails says so, and never that something is held or free. */
class SqliteFaultsTest {
    private static final Owner OWNER = Owner.of("lab", "app");

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
    void readOnlyFileIsReadButNotWritten() {
        JdbcLedgerStore.open(url).close();
        // Gives the code of a file without permission to write, which would not stop the superuser.
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url, SqliteStores.greeting("PRAGMA query_only = 1"))) {
            assertThat(store.find(OWNER)).isEmpty();
            var failure = unavailable(() -> claim(store, 1));
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_DONE);
            assertThat(failure.isRetryable()).isFalse();
            assertThat(failure).hasMessageContaining("cannot be written").hasCauseInstanceOf(SQLException.class);
        }
    }

    @Test
    void fullDiskUndoesTheWholeBatch() {
        JdbcLedgerStore.open(url).close();
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url, SqliteStores.greeting("PRAGMA max_page_count = 40"))) {
            var failure = unavailable(() -> {
                for (int i = 1; i < 10_000; i++) {
                    claim(store, i);
                }
            });
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_DONE);
            assertThat(failure.isRetryable()).isTrue();
            assertThat(failure).hasMessageContaining("full");
            assertThat(store.claims(ClaimQuery.all(), Optional.empty(), 10_000))
                    .allSatisfy(found -> assertThat(found.claim().holdings()).hasSize(1));
        }
    }

    @Test
    void lockedFileIsWaitedForWithABound() throws SQLException {
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url, SqliteStores.patience(Duration.ofMillis(300)));
                Connection other = DriverManager.getConnection(url);
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            var failure = unavailable(() -> claim(store, 1));
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_DONE);
            assertThat(failure.isRetryable()).isTrue();
            assertThat(failure).hasMessageContaining("locked");
            assertThat(store.find(OWNER)).isEmpty();

            statement.execute("ROLLBACK");
            assertThat(claim(store, 1)).isInstanceOf(CommitResult.Done.class);
        }
    }

    /** What an interrupted thread holds it must be able to give back; so no call ends by an interrupt. */
    @Test
    void anInterruptedWriterIsServedAndStaysInterrupted() throws Exception {
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url)) {
            Thread.currentThread().interrupt();
            CommitResult result = claim(store, 1);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(result).isInstanceOf(CommitResult.Done.class);
        }
    }

    @Test
    void anInterruptDuringTheWaitForAnotherProcessDoesNotEndIt() throws Exception {
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url);
                Connection other = DriverManager.getConnection(url);
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            var waiting = new FutureTask<>(() -> {
                CommitResult result = claim(store, 1);
                return result instanceof CommitResult.Done && Thread.interrupted();
            });
            var thread = new Thread(waiting);
            thread.start();
            Thread.sleep(200);
            thread.interrupt();
            Thread.sleep(200);
            statement.execute("ROLLBACK");
            assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void closedStoreSaysSo() {
        JdbcLedgerStore store = JdbcLedgerStore.open(url);
        store.close();
        store.close();
        assertThat(unavailable(() -> store.find(OWNER)).isRetryable()).isFalse();
        assertThat(unavailable(() -> claim(store, 1))).hasMessageContaining("closed");
    }

    @Test
    void fileOfSomethingElseIsRefused() throws Exception {
        Files.writeString(file, "a letter to the editor, longer than the header of a database is ".repeat(20));
        var failure = unavailable(() -> JdbcLedgerStore.open(url));
        assertThat(failure.isRetryable()).isFalse();
        assertThat(failure).hasMessageContaining("no database");
        assertThat(file).content().startsWith("a letter");
    }

    @Test
    void newerSchemaIsRefusedAndLeftAlone() throws SQLException {
        JdbcLedgerStore.open(url).close();
        try (Connection other = DriverManager.getConnection(url);
                Statement statement = other.createStatement()) {
            statement.execute("UPDATE berth_meta SET schema_version = schema_version + 1");
        }
        var failure = unavailable(() -> JdbcLedgerStore.open(url));
        assertThat(failure.isRetryable()).isFalse();
        assertThat(failure).hasMessageContaining("newer Berth");
    }

    @Test
    void missingDirectoryIsNamed() {
        var failure = unavailable(() -> JdbcLedgerStore.open(SqliteStores.url(directory.resolve("not/there.db"))));
        assertThat(failure).hasMessageContaining("not/there.db");
        assertThat(failure.isRetryable()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:sqlite::memory:",
                "jdbc:sqlite:",
                "jdbc:sqlite:file:berth.db?mode=memory",
                "jdbc:sqlite:berth.db?journal_mode=OFF"
            })
    void anythingButAFileIsRefused(String other) {
        assertThatThrownBy(() -> JdbcLedgerStore.open(other))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a file, as in jdbc:sqlite:berth.db");
    }

    private static CommitResult claim(JdbcLedgerStore store, int i) {
        return SqliteStores.commit(
                store,
                SqliteStores.reservation(
                        UUID.randomUUID(),
                        i == 1 ? OWNER : Owner.of("lab", "app-" + i),
                        ResourceKind.COMPOSE_PROJECT.in(SqliteStores.NODE, "project-" + i)));
    }

    private static StoreUnavailableException unavailable(ThrowingCallable call) {
        var failure = catchThrowableOfType(StoreUnavailableException.class, call);
        assertThat(failure).isNotNull();
        return failure;
    }
}
