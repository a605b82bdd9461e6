package dev.berth.sync;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Two threads beside that of a run, for as long as it lasts: one reads rows of the local store ahead, the other writes in
 * its books. One alone writes there: so an order to it keeps its place, and the connection that it uses has read what it
 * writes over. Their errors are those of who asks for the outcome.
 */
final class Beside implements AutoCloseable {
    /** Both need a connection at once, and none waits for another while it has one. */
    static final int SESSIONS = 2;

    private final ExecutorService reader = thread("berth-sync-reader");
    private final ExecutorService writer = thread("berth-sync-writer");

    private static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(work -> {
            var thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    <T> Future<T> read(Supplier<T> work) {
        return reader.submit(work::get);
    }

    Executor writer() {
        return writer;
    }

    /** Waits for an outcome, and throws what the work threw. An interrupt does not end the wait, but is not lost. */
    static <T> T await(Future<T> asked) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return asked.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException failed) {
                    if (failed.getCause() instanceof RuntimeException cause) {
                        throw cause;
                    }
                    if (failed.getCause() instanceof Error cause) {
                        throw cause;
                    }
                    throw new IllegalStateException(failed.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for what is under way, and ends the threads. */
    @Override
    public void close() {
        reader.shutdown();
        writer.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = reader.awaitTermination(1, TimeUnit.MINUTES) && writer.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
