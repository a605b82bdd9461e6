package dev.berth.benchmarks;

/** What is handed out by databases. */
enum Job {
    /** One port. */
    PORT,
    /** A name, a path and a pair of ports, all or nothing. */
    WHOLE
}
