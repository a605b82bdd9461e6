package dev.berth.benchmarks;

import java.sql.SQLException;
import java.util.Optional;

/** Opens contenders by their names. */
final class Contenders {
    /** Keys of one process begin here after those of the one before. */
    private static final int KEYS = 10_000_000;

    private Contenders() {}

    /**
     * Opens a contender.
     *
     * @param name its name
     * @param cell the situation
     * @param url its database
     * @param process which of several processes this is; 0 for the only one
     * @return the contender; empty if it does not know the database
     */
    static Optional<? extends Contender<?>> open(String name, Cell cell, String url, int process) throws SQLException {
        int connections = Math.max(1, cell.connections() / cell.processes());
        int slots = cell.slots();
        boolean isMemory = cell.engine() == Engine.MEMORY;
        if (PortAlgorithm.SYSTEMS.contains(name)) {
            return PortAlgorithm.isKnown(name, cell.engine())
                    ? Optional.of(SystemPorts.open(name, url, connections, slots))
                    : Optional.empty();
        }
        return switch (name) {
            case Cell.LIMIT -> Optional.of(RawPairs.open(url, connections, process * KEYS));
            case Cell.NAIVE -> Optional.of(isMemory ? new MemoryPorts(name, slots) : naive(cell, url, connections));
            case MemoryPorts.MOBY -> Optional.of(new MemoryPorts(name, slots));
            case Cell.SHEDLOCK, Cell.SPRING -> Optional.of(LockedPorts.open(name, url, connections, slots));
            case Cell.BERTH, Cell.EMPTY -> BerthClaims.open(name, cell.job(), url, connections, slots, cell.ledgers());
            default -> throw new IllegalArgumentException("no such contender: " + name);
        };
    }

    private static Contender<NaiveSlot> naive(Cell cell, String url, int connections) throws SQLException {
        return switch (cell.job()) {
            case WHOLE -> NaiveWholes.open(url, connections, cell.slots());
            case HELD -> NaivePorts.open(url, connections, cell.slots()).withOwnersFound();
            case PORT, RELEASE -> NaivePorts.open(url, connections, cell.slots());
        };
    }

    /** The table whose rows are what is held; for those that may work in several processes. */
    static String table(String name) {
        return switch (name) {
            case Cell.LIMIT -> "raw_row";
            case Cell.NAIVE -> "naive_port";
            case Cell.BERTH -> "berth_claim";
            case Cell.SHEDLOCK, Cell.SPRING -> "locked_port";
            default -> throw new IllegalArgumentException(name + " works in one process");
        };
    }
}
