package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/**
 * Kubernetes' ports and addresses of services: all of them are one bitmap in one object that has a revision. A random start,
 * the first clear bit from there on, and a compare-and-set of the whole; callers of one process queue at a lock. The object is a
 * row here instead of a key of etcd ({@code pkg/registry/core/service/allocator/bitmap.go} and {@code storage/storage.go};
 * KEP-1880 replaces it by an object for each claim, since one bitmap grew too large).
 */
final class KubernetesBitmap implements PortAlgorithm {
    private final int slots;
    private final ReentrantLock process = new ReentrantLock();

    KubernetesBitmap(int slots) {
        this.slots = slots;
    }

    private record Stored(long revision, BitSet bits) {}

    /** What becomes of the bitmap; empty if it is full. */
    private interface Change {
        OptionalInt of(BitSet bits);
    }

    @Override
    public void make(DataSource pool, int filled) throws SQLException {
        // Written as hexadecimal digits, which all databases have a type for.
        Rows.run(
                pool,
                "create table " + table() + " (id int primary key, revision bigint not null, bits text not null)");
        var bits = new BitSet();
        bits.set(0, filled);
        Rows.insertAll(pool, "insert into " + table() + " (id, revision, bits) values (?, ?, ?)", 1, i ->
                new Object[] {1, 1L, written(bits)});
    }

    private static String written(BitSet bits) {
        return HexFormat.of().formatHex(bits.toByteArray());
    }

    @Override
    public String table() {
        return "system_bitmap";
    }

    @Override
    public OptionalInt take(Connection connection, String owner) throws SQLException {
        int start = ThreadLocalRandom.current().nextInt(slots);
        return changed(connection, bits -> {
            int behind = bits.nextClearBit(start);
            int found = behind < slots ? behind : bits.nextClearBit(0);
            if (found >= slots) {
                return OptionalInt.empty();
            }
            bits.set(found);
            return OptionalInt.of(found);
        });
    }

    @Override
    public boolean giveBack(Connection connection, int slot) throws SQLException {
        return changed(connection, bits -> {
                    bits.clear(slot);
                    return OptionalInt.of(slot);
                })
                .isPresent();
    }

    private OptionalInt changed(Connection connection, Change change) throws SQLException {
        process.lock();
        try {
            Stored stored = read(connection);
            OptionalInt slot = change.of(stored.bits());
            if (slot.isEmpty()) {
                return slot;
            }
            int done = Rows.update(
                    connection,
                    "update " + table() + " set bits = ?, revision = revision + 1 where id = 1 and revision = ?",
                    written(stored.bits()),
                    stored.revision());
            return done == 1 ? slot : OptionalInt.empty();
        } finally {
            process.unlock();
        }
    }

    private Stored read(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                        connection.prepareStatement("select revision, bits from " + table() + " where id = 1");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return new Stored(row.getLong(1), BitSet.valueOf(HexFormat.of().parseHex(row.getString(2))));
        }
    }

    @Override
    public long stored(DataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return read(connection).bits().cardinality();
        }
    }
}
