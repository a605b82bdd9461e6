package dev.berth.benchmarks;

/** Where contenders keep what is held in this process alone. */
final class MemoryPlace implements Server {
    @Override
    public String title() {
        return "In memory: no database";
    }

    @Override
    public String fresh(String name) {
        return "memory:" + name;
    }

    @Override
    public void drop(String name) {
        // Gone with its contender.
    }

    @Override
    public long cpuMicros() {
        return 0;
    }

    @Override
    public void close() {
        // Nothing was started.
    }
}
