package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;

/**
 * Nomad's dynamic ports: a plan is made from a snapshot of what is in use, by up to 20 random probes and, if none of them is
 * free, by a choice from the exact set of those that are; the leader checks the plan again and rejects it if somebody else was
 * quicker ({@code nomad/structs/network.go}). Here the unique key is the leader.
 */
final class NomadProbes implements PortAlgorithm {
    private static final int PROBES = 20;

    private final int slots;

    NomadProbes(int slots) {
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
        OptionalInt planned = plan(PortRows.used(connection));
        if (planned.isPresent()) {
            PortRows.insert(connection, planned.getAsInt(), owner);
        }
        return planned;
    }

    private OptionalInt plan(BitSet used) {
        var random = ThreadLocalRandom.current();
        for (int probe = 0; probe < PROBES; probe++) {
            int slot = random.nextInt(slots);
            if (!used.get(slot)) {
                return OptionalInt.of(slot);
            }
        }
        used.flip(0, slots);
        int free = used.cardinality();
        return free == 0
                ? OptionalInt.empty()
                : OptionalInt.of(
                        used.stream().skip(random.nextInt(free)).findFirst().orElseThrow());
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
