package dev.berth.testkit;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Several threads that do the same at once, many rounds. Its seed is printed, and part of every failure's message; the
 * same seed gives every racer the same random numbers again, though not the same interleaving.
 */
public final class Race {
    private static final long PAUSE = 1_000;

    private final int racers;
    private int rounds = 100;
    private long seed = System.nanoTime();
    private Duration patience = Duration.ofMinutes(2);

    /**
     * What each racer does in a round.
     *
     * @param <T> what it gets
     */
    @FunctionalInterface
    public interface Racer<T> {
        /**
         * Runs, at the same time as all others.
         *
         * @param round the round, from 0
         * @param racer the racer's number, from 0
         * @param random random numbers of this racer alone
         * @return what it got
         * @throws Exception if the race is to fail
         */
        T run(int round, int racer, Random random) throws Exception;
    }

    /**
     * What must be true after a round.
     *
     * @param <T> what a racer gets
     */
    @FunctionalInterface
    public interface Finish<T> {
        /**
         * Looks at a round when every racer is through.
         *
         * @param round the round, from 0
         * @param results what the racers got, by their numbers
         * @throws Exception if the race is to fail
         */
        void check(int round, List<T> results) throws Exception;
    }

    /** What lets one racer in at a time. */
    public interface Gate {
        /**
         * Tries to enter.
         *
         * @param racer the racer's number
         * @return true if it is inside now
         * @throws Exception if the race is to fail
         */
        boolean tryEnter(int racer) throws Exception;

        /**
         * Leaves.
         *
         * @param racer the racer's number, which is inside
         * @throws Exception if the race is to fail
         */
        void leave(int racer) throws Exception;
    }

    private Race(int racers) {
        this.racers = racers;
    }

    /**
     * Begins a race.
     *
     * @param racers how many threads, 2 or more
     * @return a race of 100 rounds, of a seed of its own, that fails after two minutes
     */
    public static Race of(int racers) {
        if (racers < 2) {
            throw InvalidInputException.of("racers", racers, "2 or more");
        }
        return new Race(racers);
    }

    /**
     * Sets how many rounds are run.
     *
     * @param count 1 or more
     * @return this race
     */
    public Race rounds(int count) {
        rounds = count;
        return this;
    }

    /**
     * Sets the seed.
     *
     * @param number the seed that a failure printed
     * @return this race
     */
    public Race seed(long number) {
        seed = number;
        return this;
    }

    /**
     * Sets when the race fails because a racer hangs.
     *
     * @param span the time for all rounds together
     * @return this race
     */
    public Race within(Duration span) {
        patience = span;
        return this;
    }

    /**
     * Runs all rounds. Interruption ends the race.
     *
     * @param <T> what a racer gets
     * @param racer what each does
     * @param finish what must be true after each round; runs on the calling thread
     * @throws AssertionError if a racer or the check failed, or time ran out; it names round and seed
     */
    public <T> void run(Racer<T> racer, Finish<T> finish) {
        print(rounds + " rounds");
        long deadline = System.nanoTime() + patience.toNanos();
        ExecutorService threads = Executors.newFixedThreadPool(racers);
        try {
            for (int round = 0; round < rounds; round++) {
                finish.check(round, round(threads, round, racer, deadline));
            }
        } catch (AssertionError | Exception failure) {
            if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new AssertionError(this + " failed: " + failure.getMessage(), failure);
        } finally {
            threads.shutdownNow();
        }
    }

    private <T> List<T> round(ExecutorService threads, int round, Racer<T> racer, long deadline) throws Exception {
        var line = new CyclicBarrier(racers);
        List<Future<T>> running = new ArrayList<>();
        for (int number = 0; number < racers; number++) {
            int own = number;
            var random = new Random(seed * 31 * 31 + round * 31L + number);
            running.add(threads.submit(() -> {
                line.await();
                return racer.run(round, own, random);
            }));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> one : running) {
            try {
                results.add(one.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
            } catch (ExecutionException failed) {
                throw new AssertionError("round " + round + ": " + failed.getCause(), failed.getCause());
            } catch (TimeoutException hung) {
                throw new AssertionError("round " + round + ": a racer hangs", hung);
            }
        }
        return results;
    }

    /**
     * Proves that a gate lets one racer in at a time. Inside, each adds one to a counter that nothing else guards, by a
     * read, a pause and a write: where two are inside at once, additions are lost. Each racer enters once a round.
     *
     * @param gate the gate
     * @throws AssertionError if two were inside at once, or no racer got in for too long
     */
    public void exclude(Gate gate) {
        // Acquire and release make the count visible through any gate, but do not make the addition whole.
        var unguarded = new AtomicLong();
        var inside = new AtomicInteger();
        var overlaps = new AtomicInteger();
        int each = rounds;
        Race once = of(racers).rounds(1).seed(seed).within(patience);
        once.<Boolean>run(
                (round, racer, random) -> {
                    for (int turn = 0; turn < each; turn++) {
                        while (!gate.tryEnter(racer)) {
                            if (Thread.interrupted()) {
                                throw new InterruptedException("waiting at the gate");
                            }
                            LockSupport.parkNanos(PAUSE);
                        }
                        if (inside.incrementAndGet() > 1) {
                            overlaps.incrementAndGet();
                        }
                        long seen = unguarded.getAcquire();
                        LockSupport.parkNanos(PAUSE);
                        unguarded.setRelease(seen + 1);
                        inside.decrementAndGet();
                        gate.leave(racer);
                    }
                    return true;
                },
                (round, results) -> {
                    long wanted = (long) racers * each;
                    if (overlaps.get() > 0 || unguarded.get() != wanted) {
                        throw new AssertionError("the gate let in several at once " + overlaps + " times, and of "
                                + wanted + " additions inside " + unguarded + " are there");
                    }
                });
    }

    private void print(String what) {
        System.out.println(this + ": " + what);
    }

    @Override
    public String toString() {
        return "race of " + racers + " with seed " + seed;
    }
}
