package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Snapshot;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application with a pool, transactions of Spring that are bound to threads, a table of its own, and a store on the
 * data source that gives the bound connections. In the end all connections must be idle and the store's threads gone.
 */
final class Application implements AutoCloseable {
    private final Database database;
    private final HikariDataSource pool;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;
    private final JdbcLedgerStore store;
    private final Set<Thread> before = threads();

    private Application(Database database, HikariConfig config, JdbcSettings settings) throws Exception {
        this.database = database;
        Engine.open(database).close();
        Engine.run(database, "CREATE TABLE IF NOT EXISTS mine (id INT PRIMARY KEY)");
        pool = new HikariDataSource(config);
        var bound = new TransactionAwareDataSourceProxy(pool);
        jdbc = new JdbcTemplate(bound);
        var manager = new DataSourceTransactionManager(pool);
        manager.setEnforceReadOnly(!database.url().matches("jdbc:(sqlite|h2):.*"));
        transactions = new TransactionTemplate(manager);
        store = JdbcLedgerStore.on(bound, settings);
    }

    static Application on(Database database) throws Exception {
        return on(database, config -> {});
    }

    /** With changes of the pool's settings. */
    static Application on(Database database, Consumer<HikariConfig> changes) throws Exception {
        return on(database, changes, JdbcSettings.defaults());
    }

    static Application on(Database database, Consumer<HikariConfig> changes, JdbcSettings settings) throws Exception {
        var config = new HikariConfig();
        config.setPoolName("application");
        config.setJdbcUrl(database.url());
        config.setUsername(database.user());
        config.setPassword(database.password());
        config.setMaximumPoolSize(20);
        config.setMinimumIdle(0);
        config.setLeakDetectionThreshold(20_000);
        changes.accept(config);
        return new Application(database, config, settings);
    }

    JdbcLedgerStore store() {
        return store;
    }

    HikariDataSource pool() {
        return pool;
    }

    /** Runs statements in the transaction of the calling thread, or in none. */
    JdbcTemplate jdbc() {
        return jdbc;
    }

    TransactionTemplate transactions() {
        return transactions;
    }

    void insert(int id) {
        jdbc.update("INSERT INTO mine VALUES (" + id + ")");
    }

    /** How many rows of the application's table others see. */
    int rowsSeenByOthers() throws Exception {
        return Integer.parseInt(Engine.ask(database, "SELECT count(*) FROM mine"));
    }

    CommitResult claim(String owner, int port) {
        return claim(store, owner, port);
    }

    static CommitResult claim(JdbcLedgerStore store, String owner, int port) {
        return SqliteStores.commit(
                store, SqliteStores.reservation(UUID.randomUUID(), Owner.of("lab", owner), SqliteStores.port(port)));
    }

    /** The claim as another program sees it. */
    Optional<Snapshot> claimSeenByOthers(String owner) {
        try (JdbcLedgerStore other = Engine.open(database)) {
            return other.find(Owner.of("lab", owner));
        }
    }

    @Override
    public void close() {
        try {
            await("all connections are idle", () -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
            store.close();
            await("no thread of the store is left", () -> ours().isEmpty());
            assertThat(pool.isClosed()).as("the store closed the pool").isFalse();
        } finally {
            store.close();
            pool.close();
        }
    }

    private Set<Thread> ours() {
        Set<Thread> left = threads();
        left.removeAll(before);
        return left;
    }

    private static Set<Thread> threads() {
        Set<Thread> ours = new HashSet<>(Thread.getAllStackTraces().keySet());
        ours.removeIf(thread -> !thread.getName().startsWith("berth-"));
        return ours;
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
