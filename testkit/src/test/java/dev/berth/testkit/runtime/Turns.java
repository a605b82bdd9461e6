package dev.berth.testkit.runtime;

import dev.berth.runtime.Pacing;
import dev.berth.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Threads of which one runs at a time: who goes on is drawn at every {@link #point}, from a seed, so that the same seed
 * gives the same interleaving. Now and then one is left asleep while the others go on, and now and then time passes, so
 * that what was leased lapses under its holder.
 */
final class Turns {
    private static final int PATIENCE_SECONDS = 60;

    private final ManualClock clock;
    private final Random random;
    private final Instant start;
    private final List<Walker> walkers = new ArrayList<>();
    private final Semaphore ended = new Semaphore(0);
    private volatile @Nullable Walker running;
    private volatile @Nullable Throwable failure;

    /** How wild it is: one in so many points lets somebody sleep, or time pass, or interrupts somebody. */
    record Wildness(int sleeps, int lapses, int interrupts) {}

    private final Wildness wildness;

    private static final class Walker {
        final Semaphore turn = new Semaphore(0);
        final Runnable work;
        Instant wakes = Instant.MIN;
        int sitsOut;
        boolean done;

        @Nullable
        Thread thread;

        Walker(Runnable work) {
            this.work = work;
        }
    }

    Turns(ManualClock clock, long seed, Wildness wildness) {
        this.clock = clock;
        // Random numbers of neighbouring seeds are alike at first.
        this.random = new Random(seed * 0x9E3779B97F4A7C15L);
        this.start = clock.instant();
        this.wildness = wildness;
    }

    /** Runs all of it, to the end. */
    void run(List<Runnable> works) {
        works.forEach(work -> walkers.add(new Walker(work)));
        for (Walker walker : walkers) {
            var thread = new Thread(() -> walk(walker), "turn-" + walkers.indexOf(walker));
            thread.setDaemon(true);
            walker.thread = thread;
            thread.start();
        }
        hand();
        try {
            if (!ended.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                var stuck = new AssertionError("it hangs");
                Walker last = running;
                if (last != null && last.thread != null) {
                    stuck.setStackTrace(last.thread.getStackTrace());
                }
                throw stuck;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        } finally {
            running = null;
        }
        if (failure != null) {
            throw new AssertionError("a walker failed: " + failure, failure);
        }
    }

    private void walk(Walker walker) {
        walker.turn.acquireUninterruptibly();
        try {
            walker.work.run();
        } catch (Throwable thrown) {
            failure = failure == null ? thrown : failure;
        } finally {
            walker.done = true;
            hand();
        }
    }

    /** Here others may go on before this thread does. */
    void point() {
        Walker me = running;
        if (me == null || me.thread != Thread.currentThread()) {
            return;
        }
        if (random.nextInt(wildness.sleeps()) == 0) {
            me.sitsOut = 1 + random.nextInt(60);
        }
        if (random.nextInt(wildness.lapses()) == 0) {
            clock.advance(Duration.ofSeconds(1 + random.nextInt(90)));
        }
        if (random.nextInt(wildness.interrupts()) == 0) {
            Thread.currentThread().interrupt();
        }
        step(me);
    }

    private void step(Walker me) {
        hand();
        me.turn.acquireUninterruptibly();
    }

    private void hand() {
        List<Walker> left = walkers.stream().filter(one -> !one.done).toList();
        if (left.isEmpty()) {
            ended.release();
            return;
        }
        left.forEach(one -> one.sitsOut = Math.max(0, one.sitsOut - 1));
        List<Walker> able = able(left);
        if (able.isEmpty()) {
            left.forEach(one -> one.sitsOut = 0);
            able = able(left);
        }
        if (able.isEmpty()) {
            left.stream().map(one -> one.wakes).min(Comparator.naturalOrder()).ifPresent(clock::set);
            able = able(left);
        }
        Walker next = able.get(random.nextInt(able.size()));
        running = next;
        next.turn.release();
    }

    private List<Walker> able(List<Walker> left) {
        Instant now = clock.instant();
        return left.stream()
                .filter(one -> one.sitsOut == 0 && !one.wakes.isAfter(now))
                .toList();
    }

    /** Waiting is letting the others go on; time passes when all wait. */
    Pacing pacing() {
        return new Pacing() {
            @Override
            public long nanos() {
                return Duration.between(start, clock.instant()).toNanos();
            }

            @Override
            public void pause(Duration span) throws InterruptedException {
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted before a pause of " + span);
                }
                Walker me = running;
                if (me == null || me.thread != Thread.currentThread()) {
                    clock.advance(span);
                    return;
                }
                me.wakes = clock.instant().plus(span);
                step(me);
                me.wakes = Instant.MIN;
            }
        };
    }
}
