package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalInt;
import javax.sql.DataSource;

/**
 * How a well-known system hands out numbers, as its own sources and documents state it, in tables of a database. Slots are
 * numbered from 0. Connections commit by themselves when a method begins, and do when it has ended. Safe for use by many threads.
 */
interface PortAlgorithm {
    /** The systems whose algorithms are measured. */
    List<String> SYSTEMS = List.of("kubernetes", "nomad", "freeradius", "neutron", "netbox");

    static PortAlgorithm of(String system, Engine engine, int slots) {
        return switch (system) {
            case "kubernetes" -> new KubernetesBitmap(slots);
            case "nomad" -> new NomadProbes(slots);
            case "freeradius" -> new FreeRadiusPool(engine, slots);
            case "neutron" -> new NeutronWindow(slots);
            case "netbox" -> new NetBoxLock(engine, slots);
            default -> throw new IllegalArgumentException("no such system: " + system);
        };
    }

    /** Whether a database has what a system needs: locks with names. */
    static boolean isKnown(String system, Engine engine) {
        return !(system.equals("netbox") && engine == Engine.SQLITE);
    }

    /** Makes the tables, the lowest slots in use. */
    void make(DataSource pool, int filled) throws SQLException;

    /** The table that a server is to know the size of. */
    String table();

    /**
     * Takes a slot.
     *
     * @return the slot; empty if somebody else was quicker, or if it is said that none is free
     */
    OptionalInt take(Connection connection, String owner) throws SQLException;

    /**
     * Gives a slot back.
     *
     * @return whether that is done; somebody else was quicker if not
     */
    boolean giveBack(Connection connection, int slot) throws SQLException;

    /** Counts the slots in use. */
    long stored(DataSource pool) throws SQLException;
}
