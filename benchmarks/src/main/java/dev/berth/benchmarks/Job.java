package dev.berth.benchmarks;

/** What callers ask for. */
enum Job {
    /** One port is released, and one claimed. */
    PORT,
    /** A name, a path and a pair of ports, all or nothing, are released and claimed. */
    WHOLE,
    /** One port is claimed that its owner holds already: the answer is what is stored. */
    HELD,
    /** One port is released; what is gone is claimed again where nobody measures. */
    RELEASE;

    /** Whether a name and a path go with the ports. */
    boolean isWhole() {
        return this == WHOLE;
    }
}
