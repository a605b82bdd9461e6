package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Violation;
import dev.berth.testkit.LedgerInvariants;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Somebody takes a resource and gives it back while another waits for its unique key. What the other takes then begins
 * after that, though its statement began before.
 */
@Tag("slow")
class WaitedForTest {
    private static final Owner BERT = Owner.of("lab", "bert");

    private static Resource named(String name) {
        return ResourceKind.COMPOSE_PROJECT.in(SqliteStores.NODE, name);
    }

    private static Resource path(String path) {
        return ResourceKind.PROXY_PATH.in(SqliteStores.NODE, path);
    }

    private static Commit.Create create(Owner owner, Resource... resources) {
        return SqliteStores.reservation(UUID.randomUUID(), owner, resources);
    }

    /** What waits, and the claim that comes of it. */
    private interface Late {
        Claim claim(LedgerStore store) throws Exception;
    }

    /** Begins a call that waits for a resource that a stranger holds, and ends the holding when it is seen to wait. */
    private static void begunBefore(JdbcLedgerStore store, Database database, Resource resource, Late late)
            throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (var stranger = new Stranger(database)) {
            stranger.take(resource);
            Future<Claim> waiting = thread.submit(() -> late.claim(store));
            stranger.awaitOther();
            Instant end = stranger.giveBack(resource);
            Claim claim = waiting.get(1, TimeUnit.MINUTES);
            assertThat(claim.holdings())
                    .filteredOn(held -> held.resource().equals(resource))
                    .singleElement()
                    .satisfies(held -> assertThat(held.since()).isAfterOrEqualTo(end));
            assertThat(store.find(claim.id()).map(Snapshot::claim)).contains(claim);
            LedgerInvariants.check(store);
            ResourceLedger.on(store).release(claim.token());
            LedgerInvariants.check(store);
            assertThat(store.history(resource, Instant.EPOCH, store.now(), 10))
                    .hasSize(2)
                    .first()
                    .satisfies(entry -> assertThat(entry.from()).isAfterOrEqualTo(end));
        } finally {
            thread.shutdownNow();
        }
    }

    private static JdbcLedgerStore open(Database database) {
        return JdbcLedgerStore.open(database.url(), Engine.settings(database).patience(Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "postgresql-old", "mariadb"})
    void aClaimBeginsAfterTheHoldingThatItWaitedFor(String engine) throws Exception {
        Database database = Servers.of(engine).freshDatabase();
        try (JdbcLedgerStore store = open(database)) {
            begunBefore(
                    store,
                    database,
                    named("shop"),
                    on -> ResourceLedger.on(on).claim(ClaimRequest.by(BERT).fixed("name", named("shop"))));
            begunBefore(
                    store,
                    database,
                    path("/shop"),
                    on -> ResourceLedger.on(on)
                            .claim(ClaimRequest.by(BERT)
                                    .fixed("name", named("cart"))
                                    .fixed("path", path("/shop"))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "postgresql-old", "mariadb"})
    void aClaimThatIsExtendedHoldsTheRestFromThenOn(String engine) throws Exception {
        Database database = Servers.of(engine).freshDatabase();
        try (JdbcLedgerStore store = open(database)) {
            Claim before = ResourceLedger.on(store).claim(ClaimRequest.by(BERT).fixed("name", named("shop")));
            begunBefore(store, database, named("cart"), on -> {
                Claim after = ResourceLedger.on(on).claim(ClaimRequest.by(BERT).fixed("other", named("cart")));
                assertThat(after.createdAt()).isEqualTo(before.createdAt());
                assertThat(after.holdings()).containsAll(before.holdings());
                return after;
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "postgresql-old", "mariadb"})
    void allClaimsOfACallBeginAfterTheHoldingThatOneWaitedFor(String engine) throws Exception {
        Database database = Servers.of(engine).freshDatabase();
        try (JdbcLedgerStore store = open(database)) {
            begunBefore(store, database, named("m"), on -> {
                Commit.Create waiting = create(BERT, named("m"));
                List<Commit> call = List.of(
                        Commit.of(create(Owner.of("lab", "anna"), named("a"))),
                        Commit.of(waiting),
                        Commit.of(create(Owner.of("lab", "zoe"), named("z"))));
                List<CommitResult> results = on.commit(call);
                assertThat(results).hasOnlyElementsOfType(CommitResult.Done.class);
                Claim claim = on.find(waiting.id()).orElseThrow().claim();
                assertThat(claim).isEqualTo(waiting.after(((CommitResult.Done) results.get(1)).at()));
                return claim;
            });
        }
    }

    /** A unit of several writes goes by the locking road everywhere. */
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "postgresql-old", "mariadb"})
    void aUnitThatGivesAndTakesIsOfOneTime(String engine) throws Exception {
        Database database = Servers.of(engine).freshDatabase();
        try (JdbcLedgerStore store = open(database)) {
            Claim before = ResourceLedger.on(store)
                    .claim(ClaimRequest.by(Owner.of("lab", "anna")).fixed("name", named("shop")));
            begunBefore(store, database, named("cart"), on -> {
                var release = new Commit.Release(before.token(), Commit.Guard.NONE, EndReason.SUPERSEDED, Map.of());
                Commit.Create taking = create(BERT, named("shop"), named("cart"));
                CommitResult result = SqliteStores.commit(on, release, taking);
                Instant at = ((CommitResult.Done) result).at();
                Claim claim = on.find(taking.id()).orElseThrow().claim();
                assertThat(claim).isEqualTo(taking.after(at));
                assertThat(on.history(named("shop"), Instant.EPOCH, at, 10))
                        .singleElement()
                        .satisfies(entry -> assertThat(entry.until()).isEqualTo(at));
                return claim;
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "postgresql-old", "mariadb"})
    void aFenceThatRunsOutMeanwhileHoldsNoMore(String engine) throws Exception {
        Database database = Servers.of(engine).freshDatabase();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (JdbcLedgerStore store = open(database);
                var stranger = new Stranger(database)) {
            stranger.take(named("shop"));
            var lease = new Commit.PutRecord("lease", 0, "", Optional.of(Duration.ofSeconds(2)));
            var put = (CommitResult.Done) commit(store, new Commit(List.of(), List.of(), List.of(lease), List.of()));
            long version = put.versions().get("lease");
            Callable<CommitResult> fenced = () -> commit(
                    store,
                    new Commit(
                            List.of(create(BERT, named("shop"))),
                            List.of(),
                            List.of(),
                            List.of(new Commit.Fence("lease", version))));
            Future<CommitResult> waiting = thread.submit(fenced);
            stranger.awaitOther();
            Await.until("the lease has run out", () -> store.record("lease").isEmpty());
            stranger.giveBack(named("shop"));
            assertThat(waiting.get(1, TimeUnit.MINUTES))
                    .isEqualTo(new CommitResult.Refused(List.of(new Violation.RecordMoved("lease", version, 0))));
            assertThat(store.find(BERT)).isEmpty();
            assertThat(store.occupants(List.of(named("shop")))).isEmpty();
        } finally {
            thread.shutdownNow();
        }
    }

    private static CommitResult commit(LedgerStore store, Commit unit) {
        return store.commit(List.of(unit)).get(0);
    }

    /** Takes and gives back in one transaction, as if by a claim. */
    private static final class Stranger implements AutoCloseable {
        private final Dialect dialect;
        private final Connection connection;
        private final Connection watching;
        private final Object claim;

        Stranger(Database database) throws SQLException {
            dialect = database.isPostgres() ? Dialect.POSTGRESQL : Dialect.MARIADB;
            claim = Objects.requireNonNull(dialect.bound(UUID.randomUUID()));
            watching = database.connect();
            connection = database.connect();
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setAutoCommit(false);
        }

        private int run(String sql, Object... values) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < values.length; i++) {
                    statement.setObject(i + 1, dialect.bound(values[i]));
                }
                return statement.executeUpdate();
            }
        }

        void take(Resource resource) throws SQLException {
            run(
                    "INSERT INTO berth_resource (kind, scope, value, since, claim_id, part, role, confirmed)"
                            + " VALUES (?, ?, ?, " + dialect.now() + ", ?, ?, ?, 1)",
                    resource.kind(),
                    resource.scope().name(),
                    resource.value(),
                    0L,
                    claim,
                    "part",
                    "role");
        }

        /** Waits until another transaction waits for this one. */
        void awaitOther() throws Exception {
            String waiting = dialect == Dialect.POSTGRESQL
                    ? "SELECT count(*) FROM pg_stat_activity"
                            + " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                    : "SELECT count(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p"
                            + " ON p.id = t.trx_mysql_thread_id"
                            + " WHERE p.db = database() AND t.trx_state = 'LOCK WAIT'";
            Await.until("somebody waits", () -> {
                if (dialect == Dialect.MARIADB) {
                    // InnoDB tells these tables anew only when nobody has read them for 0.1 s.
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(150));
                }
                try (Statement statement = watching.createStatement();
                        ResultSet rows = statement.executeQuery(waiting)) {
                    return rows.next() && rows.getInt(1) > 0;
                }
            });
        }

        /** Ends the holding, and returns when. */
        Instant giveBack(Resource resource) throws SQLException {
            assertThat(run("DELETE FROM berth_resource WHERE claim_id = ?", claim))
                    .isEqualTo(1);
            long end;
            try (PreparedStatement statement = connection.prepareStatement("SELECT " + dialect.now())) {
                statement.setLong(1, 0L);
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    end = rows.getLong(1);
                }
            }
            run(
                    "INSERT INTO berth_history (kind, scope, value, tenant, name, claim_id, part, role, since, ended_at,"
                            + " end_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    resource.kind(),
                    resource.scope().name(),
                    resource.value(),
                    "lab",
                    "stranger",
                    claim,
                    "part",
                    "role",
                    end - 1,
                    end,
                    "RELEASED");
            connection.commit();
            return Columns.instant(end);
        }

        @Override
        public void close() throws SQLException {
            connection.close();
            watching.close();
        }
    }
}
