package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbc.JdbcLockProvider;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/**
 * The lock-shaped way: lock the pool by a row of the database, read the ports in use, insert the lowest free one, unlock. A
 * release needs no lock.
 */
final class LockedPorts implements Contender<NaiveSlot> {
    private static final String POOL = "pool";
    private static final String USED = "select port from locked_port where port between ? and ?";
    private static final String INSERT = "insert into locked_port (port, owner) values (?, ?)";
    private static final Duration LEASE = Duration.ofSeconds(60);
    /** ShedLock never waits; who was refused asks again after this. */
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final String name;
    private final String url;
    private final HikariDataSource pool;
    private final int slots;
    private final Locking locking;
    private final AtomicLong retries = new AtomicLong();

    /** Locks the pool and returns what unlocks it. */
    private interface Locking {
        Runnable lock();
    }

    private LockedPorts(String name, String url, int connections, int slots) {
        this.name = name;
        this.url = url;
        this.slots = slots;
        pool = Engine.pool(url, connections);
        locking = name.equals(Cell.SHEDLOCK) ? shedLock() : spring();
    }

    static LockedPorts open(String name, String url, int connections, int slots) throws SQLException {
        String time = Engine.of(url) == Engine.MARIADB ? "timestamp(6) null" : "timestamp";
        var contender = new LockedPorts(name, url, connections, slots);
        Rows.run(
                contender.pool,
                "create table if not exists locked_port (port int primary key, owner varchar(200) not null)",
                "create table if not exists shedlock (name varchar(64) primary key, lock_until " + time + ", locked_at "
                        + time + ", locked_by varchar(255))",
                "create table if not exists INT_LOCK (LOCK_KEY char(36) not null, REGION varchar(100) not null, CLIENT_ID char(36),"
                        + " CREATED_DATE " + time + ", EXPIRED_AFTER " + time + ", primary key (LOCK_KEY, REGION))");
        return contender;
    }

    /** As its documents show it: a provider on the application's pool of connections, and the application's clock. */
    private Locking shedLock() {
        var provider = new JdbcLockProvider(pool);
        return () -> {
            while (true) {
                Optional<SimpleLock> lock =
                        provider.lock(new LockConfiguration(Instant.now(), POOL, LEASE, Duration.ZERO));
                if (lock.isPresent()) {
                    return lock.get()::unlock;
                }
                retries.incrementAndGet();
                LockSupport.parkNanos(PAUSE);
            }
        };
    }

    /** Callers of one process wait for each other in memory; other processes are waited for by asking. */
    private Locking spring() {
        var repository = new DefaultLockRepository(pool);
        repository.setTransactionManager(new DataSourceTransactionManager(pool));
        repository.setCheckDatabaseOnStart(false);
        repository.afterPropertiesSet();
        repository.afterSingletonsInstantiated();
        repository.start();
        var registry = new JdbcLockRegistry(repository, LEASE);
        registry.setIdleBetweenTries(Duration.ofNanos(PAUSE));
        return () -> {
            Lock lock = registry.obtain(POOL);
            lock.lock();
            return lock::unlock;
        };
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<NaiveSlot> fill(int count) throws SQLException {
        Rows.insertAll(pool, INSERT, count, i -> new Object[] {Slots.BACKEND + i, "running-" + i});
        Rows.analyze(url, pool, "locked_port");
        return IntStream.range(0, count)
                .mapToObj(i -> new NaiveSlot(Slots.BACKEND + i, i))
                .toList();
    }

    @Override
    public NaiveSlot take(int caller, String owner) throws SQLException {
        Runnable unlock = locking.lock();
        try (Connection connection = pool.getConnection()) {
            int last = Slots.BACKEND + slots - 1;
            BitSet used = Rows.numbers(connection, USED, Slots.BACKEND, last);
            int port = used.nextClearBit(Slots.BACKEND);
            if (port > last) {
                throw new SQLException("no free port from " + Slots.BACKEND + " to " + last);
            }
            Rows.update(connection, INSERT, port, owner);
            return new NaiveSlot(port, port - Slots.BACKEND);
        } finally {
            unlock.run();
        }
    }

    @Override
    public void giveBack(int caller, NaiveSlot held) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            Rows.update(connection, "delete from locked_port where port = ?", Math.toIntExact(held.id()));
        }
    }

    @Override
    public int slot(NaiveSlot held) {
        return held.slot();
    }

    @Override
    public long retries() {
        return retries.get();
    }

    @Override
    public List<String> check(Collection<NaiveSlot> held) throws SQLException {
        return NaiveSlot.check(held, Rows.count(pool, "select count(*) from locked_port"));
    }

    @Override
    public double stretch(Collection<NaiveSlot> held) {
        return NaiveSlot.stretch(held);
    }

    @Override
    public void close() {
        pool.close();
    }
}
