package dev.berth.benchmarks;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Callers that use one way to hand out slots, in this process or in several. */
interface Callers extends AutoCloseable {
    /** Lets all callers work for some time. */
    Slice slice(Duration length, QuietGate gate, Server server) throws InterruptedException, ExecutionException;

    /** What went wrong so far, and how often. */
    Map<String, Long> errors();

    /** Says what is wrong in the database; where an operation failed, its slot may be stored or not. */
    List<String> check() throws SQLException;

    /** How far up the slots in use reach; not a number if that means nothing. */
    double stretch();

    /** What is to be said of it beside the figures. */
    default List<String> remarks() {
        return List.of();
    }

    @Override
    void close();
}
