package dev.berth.testkit;

import dev.berth.InvalidInputException;
import dev.berth.ledger.LedgerStore;
import dev.berth.runtime.ContainerRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The life of one process: every call that it makes, to a store or to a runtime, is counted, and at one of them it dies or
 * falls asleep. Once it is dead it reaches neither any more, its clean-up included. {@link CrashPoints} makes them. Safe for
 * use by many threads; all of them die together, but only the one at the point sleeps.
 */
public final class Life {
    private final CrashPoints.@Nullable Point point;
    private final @Nullable Sleep sleep;
    private final List<String> actions = new ArrayList<>();
    private boolean reached;

    /** How a process sleeps: it says so, and waits to be woken. */
    private static final class Sleep {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch ended = new CountDownLatch(1);
    }

    private Life(CrashPoints.@Nullable Point point, @Nullable Sleep sleep) {
        this.point = point;
        this.sleep = sleep;
    }

    /**
     * Makes a life in which nothing happens: that of a process which goes on where another has died.
     *
     * @return the life
     */
    public static Life untroubled() {
        return new Life(null, null);
    }

    static Life endingAt(CrashPoints.Point point) {
        return new Life(point, null);
    }

    static Life asleepAt(CrashPoints.Point point) {
        return new Life(point, new Sleep());
    }

    /**
     * Gives the process a store.
     *
     * @param store the store, which lives on when the process dies, and when what it was given is closed
     * @return the store as the process has it
     */
    public LedgerStore store(LedgerStore store) {
        return new OwnStore(InvalidInputException.requireNonNull("store", store));
    }

    /**
     * Gives the process a runtime.
     *
     * @param <S> what the host hands over to say what to create
     * @param runtime the runtime, which lives on when the process dies, and when what it was given is closed
     * @return the runtime as the process has it
     */
    public <S> ContainerRuntime<S> runtime(ContainerRuntime<S> runtime) {
        return new OwnRuntime<>(InvalidInputException.requireNonNull("runtime", runtime));
    }

    /**
     * Lists what the process has done.
     *
     * @return the names of its calls, the first one first, that at which it died or slept included
     */
    public synchronized List<String> actions() {
        return List.copyOf(actions);
    }

    /** Whether its point was reached. */
    synchronized boolean isReached() {
        return reached;
    }

    /** Waits until it sleeps, or is over without. */
    void awaitSleep() throws InterruptedException {
        if (sleep != null) {
            sleep.begun.await();
        }
    }

    /** Says that it is over, so that nobody waits for its sleep. */
    void over() {
        if (sleep != null) {
            sleep.begun.countDown();
        }
    }

    void wake() {
        if (sleep != null) {
            sleep.ended.countDown();
        }
    }

    private <T> T act(String action, Callable<T> work) throws Exception {
        boolean here = begin(action);
        if (here && moment() == CrashPoints.Moment.BEFORE) {
            stop();
        }
        try {
            return work.call();
        } finally {
            // An error is an answer, too: whoever dies here never hears of it.
            if (here && moment() == CrashPoints.Moment.AFTER) {
                stop();
            }
        }
    }

    private CrashPoints.Moment moment() {
        return point == null ? CrashPoints.Moment.NEVER : point.moment();
    }

    private synchronized boolean begin(String action) {
        if (reached && sleep == null && point != null) {
            throw new CrashPoints.Death(point);
        }
        boolean here = point != null && actions.size() == point.call();
        actions.add(action);
        reached |= here;
        return here;
    }

    private void stop() {
        if (point == null) {
            return;
        }
        if (sleep == null) {
            throw new CrashPoints.Death(point);
        }
        sleep.begun.countDown();
        try {
            sleep.ended.await();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new CrashPoints.Death(point);
        }
    }

    private final class OwnStore extends ForwardingLedgerStore {
        OwnStore(LedgerStore store) {
            super(store);
        }

        @Override
        protected <T> T around(StoreCall call, Supplier<T> work) {
            try {
                return act(call.name(), work::get);
            } catch (RuntimeException failure) {
                throw failure;
            } catch (Exception impossible) {
                throw new AssertionError("a supplier throws nothing that is checked", impossible);
            }
        }

        @Override
        public void close() {}
    }

    private final class OwnRuntime<S> extends ForwardingRuntime<S> {
        OwnRuntime(ContainerRuntime<S> runtime) {
            super(runtime);
        }

        @Override
        protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
            return act(call.name(), work);
        }

        @Override
        public void close() {}
    }
}
