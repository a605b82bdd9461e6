package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Locale;
import java.util.function.LongSupplier;

/** A process of its own, with a small heap, that pushes very many rows, twice, and says what that took. */
public final class UpsertRun {
    private UpsertRun() {}

    /**
     * Prints a line for each push: what it is, how many rows, milliseconds, megabytes.
     *
     * @param args the URLs of the local file and of the remote database
     */
    public static void main(String[] args) {
        DatabaseReport.QUIET.forEach(System::setProperty);
        var heap = new HeapPeak();
        try (HikariDataSource remote = Engine.pool(args[1], 3)) {
            measure("the first push", heap, () -> new BerthPush().carry(args[0], remote));
            measure("a second one, nothing changed", heap, () -> BerthPush.with(args[0], remote, BerthPush::skipped));
        }
    }

    private static void measure(String what, HeapPeak heap, LongSupplier push) {
        heap.reset();
        long begin = System.nanoTime();
        long rows = push.getAsLong();
        System.out.printf(
                Locale.ROOT, "%s\t%d\t%d\t%s%n", what, rows, (System.nanoTime() - begin) / 1_000_000, heap.told());
    }
}
