package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * What the database itself can do: one row is inserted by its key and committed, one is deleted and committed. Nobody is
 * ever in another's way, and nothing is decided.
 */
final class RawPairs implements Contender<NaiveSlot> {
    private final HikariDataSource pool;
    private final String url;
    private final AtomicLong next = new AtomicLong();

    private RawPairs(String url, int connections) {
        this.url = url;
        pool = Engine.pool(url, connections);
    }

    static RawPairs open(String url, int connections) throws SQLException {
        return open(url, connections, 0);
    }

    /** One of several processes, whose keys begin with a number of its own. */
    static RawPairs open(String url, int connections, int first) throws SQLException {
        var contender = new RawPairs(url, connections);
        Rows.run(
                contender.pool,
                "create table if not exists raw_row (id bigint primary key, owner varchar(200) not null)");
        contender.next.set(first);
        return contender;
    }

    @Override
    public String name() {
        return "limit";
    }

    @Override
    public List<NaiveSlot> fill(int count) throws SQLException {
        Rows.insertAll(pool, "insert into raw_row (id, owner) values (?, ?)", count, i ->
                new Object[] {(long) i, "running-" + i});
        Rows.analyze(url, pool, "raw_row");
        next.set(count);
        return IntStream.range(0, count).mapToObj(i -> new NaiveSlot(i, i)).toList();
    }

    @Override
    public NaiveSlot take(int caller, String owner) throws SQLException {
        long id = next.getAndIncrement();
        try (Connection connection = pool.getConnection()) {
            Rows.update(connection, "insert into raw_row (id, owner) values (?, ?)", id, owner);
        }
        return new NaiveSlot(id, (int) id);
    }

    @Override
    public void giveBack(int caller, NaiveSlot held) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            Rows.update(connection, "delete from raw_row where id = ?", held.id());
        }
    }

    /** What the database itself can do: one row is found by its key. */
    @Override
    public NaiveSlot again(int caller, NaiveSlot held) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            int id = Rows.numbers(connection, "select id from raw_row where id = ?", held.id())
                    .nextSetBit(0);
            return new NaiveSlot(id, id);
        }
    }

    @Override
    public int slot(NaiveSlot held) {
        return held.slot();
    }

    @Override
    public long retries() {
        return 0;
    }

    @Override
    public List<String> check(Collection<NaiveSlot> held) throws SQLException {
        return NaiveSlot.check(held, Rows.count(pool, "select count(*) from raw_row"));
    }

    @Override
    public double stretch(Collection<NaiveSlot> held) {
        return Double.NaN;
    }

    @Override
    public void close() {
        pool.close();
    }
}
