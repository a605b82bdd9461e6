package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.Token;
import dev.berth.testkit.LedgerInvariants;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of several units, and what becomes of all of them where one fails. */
class CallsTest {
    private static Commit.Create create(String name, Map<String, String> labels, Resource... resources) {
        Commit.Create plain = SqliteStores.reservation(UUID.randomUUID(), Owner.of("lab", name), resources);
        return new Commit.Create(
                plain.id(),
                plain.owner(),
                plain.state(),
                plain.home(),
                plain.lease(),
                plain.attempt(),
                labels,
                plain.takes());
    }

    private static Resource named(String name) {
        return ResourceKind.COMPOSE_PROJECT.in(SqliteStores.NODE, name);
    }

    private static Commit release(Commit.Create made) {
        return Commit.of(new Commit.Release(new Token(made.id(), 1), Commit.Guard.NONE, EndReason.RELEASED, Map.of()));
    }

    private static JdbcSettings settings(Database database) {
        return JdbcSettings.defaults()
                .user(database.user())
                .password(database.password())
                .patience(Duration.ofSeconds(2));
    }

    private static JdbcLedgerStore open(String engine) throws SQLException {
        if (engine.equals("h2")) {
            return JdbcLedgerStore.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        }
        Database database = Servers.of(engine).freshDatabase();
        return JdbcLedgerStore.open(database.url(), settings(database));
    }

    /**
     * Warm, because the driver sends the statements of one text otherwise once it knows them: then what came before the
     * one that failed had been committed.
     */
    @Test
    void whatIsRepeatedWasNotDoneInPart() throws Exception {
        Database database = Servers.postgres().freshDatabase();
        try (JdbcLedgerStore store = JdbcLedgerStore.open(database.url(), settings(database));
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SEQUENCE raised");
            statement.execute("CREATE FUNCTION race() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    + " IF NEW.name = 'victim' AND nextval('raised') <= 1 THEN"
                    + " RAISE EXCEPTION 'a lost race' USING errcode = '23505'; END IF; RETURN NEW; END $$");
            statement.execute("CREATE TRIGGER race BEFORE INSERT ON berth_claim FOR EACH ROW EXECUTE PROCEDURE race()");
            Commit.Create last = create("first", Map.of(), named("first"));
            store.commit(List.of(Commit.of(last)));
            for (int round = 1; round <= 15; round++) {
                Commit.Create next = create(round == 15 ? "victim" : "app" + round, Map.of(), named("app" + round));
                assertThat(store.commit(List.of(release(last), Commit.of(next))))
                        .as("round %d", round)
                        .hasOnlyElementsOfType(CommitResult.Done.class);
                last = next;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb", "h2"})
    void labelsOfOneUnitAreNotLostToAnother(String engine) throws Exception {
        try (JdbcLedgerStore store = open(engine)) {
            Commit.Create anna = create("anna", Map.of(), named("anna"));
            store.commit(List.of(Commit.of(anna)));
            var touch = new Commit.Touch(
                    new Token(anna.id(), 1),
                    Commit.LeaseWrite.KEEP,
                    Optional.empty(),
                    Map.of("color", "red"),
                    Set.of());
            for (String other : List.of("bert", "carl")) {
                Commit.Create labelled = create(other, Map.of("size", "big"), named(other));
                assertThat(store.commit(List.of(Commit.of(labelled), Commit.of(touch))))
                        .hasOnlyElementsOfType(CommitResult.Done.class);
                assertThat(store.find(anna.id()).orElseThrow().claim().labels()).isEqualTo(Map.of("color", "red"));
            }
        }
    }

    /** On MariaDB in each way in which statements may reach it, and where it takes no blocks of them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql",
                "mariadb",
                "mariadb?useServerPrepStmts=true",
                "mariadb?sessionVariables=sql_mode='ORACLE'"
            })
    void aUnitThatIsRefusedUndoesNoOther(String how) throws Exception {
        String[] parts = how.split("[?]", 2);
        Database database = Servers.of(parts[0]).freshDatabase();
        String url = database.url() + (parts.length > 1 ? "?" + parts[1] : "");
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url, settings(database))) {
            Commit.Create anna = create("anna", Map.of(), named("anna"));
            Commit.Create bert = create("bert", Map.of(), named("bert"));
            Commit.Create carl = create("carl", Map.of("size", "big"), named("carl"));
            store.commit(List.of(Commit.of(anna), Commit.of(bert), Commit.of(carl)));
            Commit stale = Commit.of(
                    new Commit.Release(new Token(bert.id(), 7), Commit.Guard.NONE, EndReason.RELEASED, Map.of()));
            List<CommitResult> results = store.commit(List.of(
                    release(anna),
                    stale,
                    release(carl),
                    Commit.of(create("dora", Map.of(), named("anna"), named("dora"))),
                    Commit.of(create("emil", Map.of(), named("bert"), named("emil"))),
                    Commit.of(create("fred", Map.of(), named("fred")))));
            assertThat(results)
                    .extracting(result -> result instanceof CommitResult.Done)
                    .containsExactly(true, false, true, true, false, true);
            assertThat(store.occupants(List.of(named("carl"), named("emil")))).isEmpty();
            assertThat(store.history(named("anna"), Instant.EPOCH, store.now(), 10))
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.until()).isEqualTo(done(results.get(0))));
            LedgerInvariants.check(store);
        }
    }

    private static Instant done(CommitResult result) {
        return ((CommitResult.Done) result).at();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb", "h2"})
    void unitsMayBeLargeAndMany(String engine) throws Exception {
        try (JdbcLedgerStore store = open(engine)) {
            List<Commit> units = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Resource[] wanted = new Resource[4_096];
                for (int k = 0; k < wanted.length; k++) {
                    wanted[k] = named("r" + i + "-" + k);
                }
                // Not plain, so that all databases go the locking road.
                units.add(new Commit(
                        List.of(create("owner" + i, Map.of(), wanted)),
                        List.of(new Commit.LiftBlock(named("z" + i))),
                        List.of(),
                        List.of()));
            }
            assertThat(store.commit(units)).hasOnlyElementsOfType(CommitResult.Done.class);
            assertThat(store.find(Owner.of("lab", "owner4"))
                            .orElseThrow()
                            .claim()
                            .holdings())
                    .hasSize(4_096);
        }
    }

    @Test
    void whatCannotBeClosedWasDoneAllTheSame() throws Exception {
        Database database = Servers.postgres().freshDatabase();
        var armed = new AtomicBoolean();
        DataSource failing = failingAtClose(DataSource.class, database.dataSource(), armed);
        try (JdbcLedgerStore store =
                JdbcLedgerStore.on(failing, settings(database)).createSchema()) {
            Commit.Create anna = create("anna", Map.of(), named("anna"));
            armed.set(true);
            assertThat(store.commit(List.of(Commit.of(anna)))).hasOnlyElementsOfType(CommitResult.Done.class);
            armed.set(true);
            assertThat(store.commit(List.of(release(anna)))).hasOnlyElementsOfType(CommitResult.Done.class);
            armed.set(true);
            Commit locking = new Commit(
                    List.of(create("bert", Map.of(), named("bert"))),
                    List.of(new Commit.LiftBlock(named("z"))),
                    List.of(),
                    List.of());
            assertThat(store.commit(List.of(locking))).hasOnlyElementsOfType(CommitResult.Done.class);
            assertThat(armed).isFalse();
        }
    }

    /** Hands on all calls; the first statement that is closed when armed is said to have lost its connection. */
    private static <T> T failingAtClose(Class<T> type, T real, AtomicBoolean armed) {
        return type.cast(Proxy.newProxyInstance(
                CallsTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object result;
                    try {
                        result = method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (type == PreparedStatement.class && method.getName().equals("close") && armed.getAndSet(false)) {
                        throw new SQLException("connection reset", "08006");
                    }
                    if (result instanceof Connection connection) {
                        return failingAtClose(Connection.class, connection, armed);
                    }
                    return result instanceof PreparedStatement statement
                            ? failingAtClose(PreparedStatement.class, statement, armed)
                            : result;
                }));
    }

    @Test
    void whoMustWaitForAStrangerKeepsNoOthersWaiting() throws Exception {
        Database database = Servers.postgres().freshDatabase();
        ExecutorService threads = Executors.newFixedThreadPool(24);
        try (JdbcLedgerStore store = JdbcLedgerStore.open(database.url(), settings(database));
                Connection stranger = database.connect();
                Statement statement = stranger.createStatement()) {
            stranger.setAutoCommit(false);
            statement.execute("INSERT INTO berth_claim (id, revision, tenant, name, state, created_at, state_since)"
                    + " VALUES ('00000000-0000-0000-0000-000000000001', 1, 'lab', 'frozen', 'RESERVED', 1, 1)");
            var ledger = ResourceLedger.on(store);
            Future<Object> frozen = threads.submit(claiming(ledger, "frozen"));
            List<Future<Object>> others = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                others.add(threads.submit(claiming(ledger, "app" + i)));
            }
            for (Future<Object> other : others) {
                assertThat(other.get()).isEqualTo("granted");
            }
            assertThat(frozen.get()).isInstanceOf(StoreUnavailableException.class);
            stranger.rollback();
        } finally {
            threads.shutdownNow();
        }
    }

    private static Callable<Object> claiming(ResourceLedger ledger, String name) {
        return () -> {
            try {
                ledger.claim(ClaimRequest.by(Owner.of("lab", name)).fixed("name", named(name)));
                return "granted";
            } catch (StoreUnavailableException unavailable) {
                return unavailable;
            }
        };
    }
}
