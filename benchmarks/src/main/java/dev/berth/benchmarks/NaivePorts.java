package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * What applications write: they read the ports in use, insert the lowest free one, and begin again if somebody else was
 * quicker; the unique key decides. For SQLite they do both in one transaction that locks the file at its begin.
 */
final class NaivePorts implements Contender<NaiveSlot> {
    private static final String USED = "select port from naive_port where port between ? and ?";
    private static final String INSERT = "insert into naive_port (port, owner) values (?, ?)";

    private final HikariDataSource pool;
    private final String url;
    private final Engine engine;
    private final int slots;
    private final AtomicLong retries = new AtomicLong();

    private NaivePorts(String url, int connections, int slots) {
        this.url = url;
        this.slots = slots;
        engine = Engine.of(url);
        pool = Engine.pool(url, connections);
    }

    static NaivePorts open(String url, int connections, int slots) throws SQLException {
        var contender = new NaivePorts(url, connections, slots);
        Rows.run(
                contender.pool,
                "create table if not exists naive_port (port int primary key, owner varchar(200) not null)");
        return contender;
    }

    NaivePorts withOwnersFound() throws SQLException {
        Rows.run(pool, "create unique index naive_port_owner on naive_port (owner)");
        return this;
    }

    @Override
    public String name() {
        return "naive";
    }

    @Override
    public List<NaiveSlot> fill(int count) throws SQLException {
        Rows.insertAll(pool, INSERT, count, i -> new Object[] {Slots.BACKEND + i, "running-" + i});
        Rows.analyze(url, pool, "naive_port");
        return IntStream.range(0, count)
                .mapToObj(i -> new NaiveSlot(Slots.BACKEND + i, i))
                .toList();
    }

    @Override
    public NaiveSlot take(int caller, String owner) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return engine == Engine.SQLITE ? locked(connection, owner) : raced(connection, owner);
        }
    }

    private NaiveSlot raced(Connection connection, String owner) throws SQLException {
        while (true) {
            int port = lowestFree(connection);
            try {
                Rows.update(connection, INSERT, port, owner);
                return new NaiveSlot(port, port - Slots.BACKEND);
            } catch (SQLException e) {
                if (!engine.isLostRace(e)) {
                    throw e;
                }
                retries.incrementAndGet();
            }
        }
    }

    private NaiveSlot locked(Connection connection, String owner) throws SQLException {
        connection.setAutoCommit(false);
        try {
            int port = lowestFree(connection);
            Rows.update(connection, INSERT, port, owner);
            connection.commit();
            return new NaiveSlot(port, port - Slots.BACKEND);
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private int lowestFree(Connection connection) throws SQLException {
        int last = Slots.BACKEND + slots - 1;
        BitSet used = Rows.numbers(connection, USED, Slots.BACKEND, last);
        int port = used.nextClearBit(Slots.BACKEND);
        if (port > last) {
            throw new SQLException("no free port from " + Slots.BACKEND + " to " + last);
        }
        return port;
    }

    @Override
    public void giveBack(int caller, NaiveSlot held) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            Rows.update(connection, "delete from naive_port where port = ?", Math.toIntExact(held.id()));
        }
    }

    /** By the owner's name, for which there is an index then. */
    @Override
    public NaiveSlot again(int caller, NaiveSlot held) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            int port = Rows.numbers(connection, "select port from naive_port where owner = ?", "running-" + held.slot())
                    .nextSetBit(0);
            return new NaiveSlot(port, port - Slots.BACKEND);
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
        return NaiveSlot.check(held, Rows.count(pool, "select count(*) from naive_port"));
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
