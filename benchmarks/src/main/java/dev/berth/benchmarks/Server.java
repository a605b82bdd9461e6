package dev.berth.benchmarks;

import java.io.IOException;
import java.sql.SQLException;

/** A database that a benchmark brings, starts and ends. */
interface Server extends AutoCloseable {
    /** Name, version and the settings that make commits durable, as the database itself tells them. */
    String title();

    /** Makes an empty database and returns its URL. */
    String fresh(String name) throws SQLException;

    /** Removes a database that nobody is connected to any more. */
    void drop(String name) throws SQLException;

    /** Says how much processor time the database's own processes have used, in microseconds; 0 if it has none. */
    long cpuMicros();

    @Override
    void close() throws IOException;
}
