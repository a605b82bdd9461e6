package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;

/**
 * OpenStack Neutron's addresses: all that are in use are read, one of the lowest thousand that are free is picked at random and
 * inserted, and the whole begins again if its key is there already
 * ({@code neutron/ipam/drivers/neutrondb_ipam/driver.py}, {@code MAX_WIN}).
 */
final class NeutronWindow implements PortAlgorithm {
    private static final int WINDOW = 1_000;

    private final int slots;

    NeutronWindow(int slots) {
        this.slots = slots;
    }

    @Override
    public void make(DataSource pool, int filled) throws SQLException {
        PortRows.make(pool, filled);
    }

    @Override
    public String table() {
        return PortRows.TABLE;
    }

    @Override
    public OptionalInt take(Connection connection, String owner) throws SQLException {
        BitSet free = PortRows.used(connection);
        free.flip(0, slots);
        int window = Math.min(free.cardinality(), WINDOW);
        if (window == 0) {
            return OptionalInt.empty();
        }
        int slot = free.stream()
                .skip(ThreadLocalRandom.current().nextInt(window))
                .findFirst()
                .orElseThrow();
        PortRows.insert(connection, slot, owner);
        return OptionalInt.of(slot);
    }

    @Override
    public boolean giveBack(Connection connection, int slot) throws SQLException {
        return PortRows.delete(connection, slot);
    }

    @Override
    public long stored(DataSource pool) throws SQLException {
        return PortRows.stored(pool);
    }
}
