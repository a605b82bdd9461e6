package dev.berth.runtime;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How the provisioner waits between looks and tries. Simulations give their own, so that nothing really waits. */
public interface Pacing {
    /**
     * Reads a clock that only ever goes forward.
     *
     * @return nanoseconds since some moment
     */
    long nanos();

    /**
     * Waits.
     *
     * @param span how long
     * @throws InterruptedException if the thread is interrupted
     */
    void pause(Duration span) throws InterruptedException;

    /**
     * Waits for real.
     *
     * @return the system's pacing
     */
    static Pacing system() {
        var never = new CountDownLatch(1);
        return new Pacing() {
            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public void pause(Duration span) throws InterruptedException {
                if (never.await(span.toNanos(), TimeUnit.NANOSECONDS)) {
                    throw new IllegalStateException("a wait for nothing has ended");
                }
            }
        };
    }
}
