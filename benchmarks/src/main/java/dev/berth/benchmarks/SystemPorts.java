package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** One port by the algorithm of a well-known system. Whoever is told that somebody else was quicker asks again. */
final class SystemPorts implements Contender<NaiveSlot> {
    /** A pool that is called full, and is not, is asked again after this. */
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final String name;
    private final String url;
    private final Engine engine;
    private final HikariDataSource pool;
    private final PortAlgorithm algorithm;
    private final AtomicLong retries = new AtomicLong();

    private SystemPorts(String name, String url, int connections, PortAlgorithm algorithm) {
        this.name = name;
        this.url = url;
        this.algorithm = algorithm;
        engine = Engine.of(url);
        pool = Engine.pool(url, connections);
    }

    static SystemPorts open(String name, String url, int connections, int slots) {
        return new SystemPorts(name, url, connections, PortAlgorithm.of(name, Engine.of(url), slots));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<NaiveSlot> fill(int count) throws SQLException {
        algorithm.make(pool, count);
        Rows.analyze(url, pool, algorithm.table());
        return IntStream.range(0, count).mapToObj(i -> new NaiveSlot(i, i)).toList();
    }

    @Override
    public NaiveSlot take(int caller, String owner) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            int slot = untilDone(() -> algorithm.take(connection, owner));
            return new NaiveSlot(slot, slot);
        }
    }

    private interface Attempt {
        OptionalInt make() throws SQLException;
    }

    private int untilDone(Attempt attempt) throws SQLException {
        while (true) {
            try {
                OptionalInt slot = attempt.make();
                if (slot.isPresent()) {
                    return slot.getAsInt();
                }
                LockSupport.parkNanos(PAUSE);
            } catch (SQLException e) {
                if (!engine.isLostRace(e)) {
                    throw e;
                }
            }
            retries.incrementAndGet();
        }
    }

    @Override
    public void giveBack(int caller, NaiveSlot held) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            untilDone(() ->
                    algorithm.giveBack(connection, held.slot()) ? OptionalInt.of(held.slot()) : OptionalInt.empty());
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
        return NaiveSlot.check(held, algorithm.stored(pool));
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
