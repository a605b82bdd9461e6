package dev.berth.runtime;

import dev.berth.ledger.Scope;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads for work that nobody waits for on a thread of their own. They are made when first needed. */
final class Background implements AutoCloseable {
    private static final int WORKERS = 16;
    private static final long IDLE_SECONDS = 10;
    private static final long TAKE_BACK_SECONDS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(Provisioner.class);

    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor timer;
    /** Results that somebody may wait for: what is queued, or put off, when this closes will never run. */
    private final Map<Long, CompletableFuture<?>> owed = new ConcurrentHashMap<>();

    private final AtomicLong begun = new AtomicLong();

    Background(Scope scope) {
        var number = new AtomicInteger();
        ThreadFactory factory = work -> {
            var thread = new Thread(work, "berth-provisioner-" + scope + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        workers = new ThreadPoolExecutor(
                WORKERS, WORKERS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        workers.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, factory);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    /** Runs work on a thread; what it throws ends the result, and so does the end of this. */
    void begin(CompletableFuture<?> result, Runnable work) {
        long number = begun.incrementAndGet();
        owed.put(number, result);
        var unused = result.whenComplete((value, failure) -> owed.remove(number));
        run(result, work);
    }

    private void run(CompletableFuture<?> result, Runnable work) {
        try {
            workers.execute(() -> {
                try {
                    work.run();
                } catch (Throwable failure) {
                    result.completeExceptionally(failure);
                }
            });
        } catch (RejectedExecutionException closed) {
            result.completeExceptionally(closed);
        }
    }

    /** Runs work after a while; until then no thread has anything to do with it. */
    void later(CompletableFuture<?> result, Duration pause, Runnable work) {
        try {
            var unused = timer.schedule(() -> run(result, work), pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            result.completeExceptionally(closed);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        workers.shutdownNow();
        try {
            if (!workers.awaitTermination(TAKE_BACK_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("Work is still being taken back after {} s", TAKE_BACK_SECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        owed.values().forEach(result -> result.completeExceptionally(new RejectedExecutionException("it is closed")));
    }
}
