package dev.berth.runtime;

/** A listening to hints. */
public interface Watch extends AutoCloseable {
    /** Ends it, with whatever it holds open. Safe to repeat. No hint comes after it has returned. */
    @Override
    void close();

    /**
     * Watches nothing, for runtimes that tell nothing by themselves.
     *
     * @return a watch that never hears a hint
     */
    static Watch none() {
        return () -> {};
    }
}
