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
 * What applications write for a name, a path and a pair of ports: one transaction reads the ports in use, inserts the
 * claim, its name, its path and the lowest free pair, and begins again if somebody else was quicker; another transaction
 * deletes all of it.
 */
final class NaiveWholes implements Contender<NaiveSlot> {
    private static final String USED = "select port from naive_port where port between ? and ? or port between ? and ?";
    private static final String CLAIM = "insert into naive_claim (id, owner) values (?, ?)";
    private static final String NAME = "insert into naive_name (name, claim_id) values (?, ?)";
    private static final String PATH = "insert into naive_path (path, claim_id) values (?, ?)";
    private static final String PORT = "insert into naive_port (port, claim_id) values (?, ?)";

    private final HikariDataSource pool;
    private final String url;
    private final Engine engine;
    private final int slots;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();

    private NaiveWholes(String url, int connections, int slots) {
        this.url = url;
        this.slots = slots;
        engine = Engine.of(url);
        pool = Engine.pool(url, connections);
    }

    static NaiveWholes open(String url, int connections, int slots) throws SQLException {
        var contender = new NaiveWholes(url, connections, slots);
        Rows.run(
                contender.pool,
                "create table naive_claim (id bigint primary key, owner varchar(200) not null unique)",
                "create table naive_name (name varchar(200) primary key, claim_id bigint not null)",
                "create table naive_path (path varchar(200) primary key, claim_id bigint not null)",
                "create table naive_port (port int primary key, claim_id bigint not null)",
                "create index naive_name_claim on naive_name (claim_id)",
                "create index naive_path_claim on naive_path (claim_id)",
                "create index naive_port_claim on naive_port (claim_id)");
        return contender;
    }

    @Override
    public String name() {
        return "naive";
    }

    private static String project(String app) {
        return TENANT + "-" + app;
    }

    private static String path(String app) {
        return "/" + TENANT + "/" + app;
    }

    @Override
    public List<NaiveSlot> fill(int count) throws SQLException {
        Rows.insertAll(pool, CLAIM, count, i -> new Object[] {(long) i, "running-" + i});
        Rows.insertAll(pool, NAME, count, i -> new Object[] {project("running-" + i), (long) i});
        Rows.insertAll(pool, PATH, count, i -> new Object[] {path("running-" + i), (long) i});
        Rows.insertAll(pool, PORT, count, i -> new Object[] {Slots.BACKEND + i, (long) i});
        Rows.insertAll(pool, PORT, count, i -> new Object[] {Slots.FRONTEND + i, (long) i});
        Rows.analyze(url, pool, "naive_claim", "naive_name", "naive_path", "naive_port");
        next.set(count);
        return IntStream.range(0, count).mapToObj(i -> new NaiveSlot(i, i)).toList();
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    @Override
    public NaiveSlot take(int caller, String owner) throws SQLException {
        long id = next.getAndIncrement();
        try (Connection connection = pool.getConnection()) {
            return transaction(connection, () -> {
                int slot = lowestFree(connection);
                Rows.update(connection, CLAIM, id, owner);
                Rows.update(connection, NAME, project(owner), id);
                Rows.update(connection, PATH, path(owner), id);
                Rows.update(connection, PORT, Slots.BACKEND + slot, id);
                Rows.update(connection, PORT, Slots.FRONTEND + slot, id);
                return new NaiveSlot(id, slot);
            });
        }
    }

    private int lowestFree(Connection connection) throws SQLException {
        int last = slots - 1;
        BitSet used = Rows.numbers(
                connection, USED, Slots.BACKEND, Slots.BACKEND + last, Slots.FRONTEND, Slots.FRONTEND + last);
        for (int slot = 0; slot < slots; slot++) {
            if (!used.get(Slots.BACKEND + slot) && !used.get(Slots.FRONTEND + slot)) {
                return slot;
            }
        }
        throw new SQLException("no free pair among " + slots);
    }

    @Override
    public void giveBack(int caller, NaiveSlot held) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            transaction(connection, () -> {
                Rows.update(connection, "delete from naive_port where claim_id = ?", held.id());
                Rows.update(connection, "delete from naive_path where claim_id = ?", held.id());
                Rows.update(connection, "delete from naive_name where claim_id = ?", held.id());
                return Rows.update(connection, "delete from naive_claim where id = ?", held.id());
            });
        }
    }

    private <T> T transaction(Connection connection, Work<T> work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            while (true) {
                try {
                    T result = work.run();
                    connection.commit();
                    return result;
                } catch (SQLException e) {
                    connection.rollback();
                    if (!engine.isLostRace(e)) {
                        throw e;
                    }
                    retries.incrementAndGet();
                }
            }
        } finally {
            connection.setAutoCommit(true);
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
        List<String> wrong = NaiveSlot.check(held, Rows.count(pool, "select count(*) from naive_claim"));
        for (String table : List.of("naive_name", "naive_path", "naive_port")) {
            long orphans = Rows.count(
                    pool,
                    "select count(*) from " + table + " r where not exists"
                            + " (select 1 from naive_claim c where c.id = r.claim_id)");
            if (orphans > 0) {
                wrong.add(orphans + " rows of " + table + " belong to no claim");
            }
        }
        return wrong;
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
