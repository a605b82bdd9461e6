package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A runtime whose calls all end in time, whatever its transport does, and whose errors have a meaning. Each call runs on a
 * thread of its own; when its deadline has passed it is interrupted, and what it was to do is unknown. A look or a listing
 * never throws: what could not be asked is unknown.
 *
 * <p>Safe for use by many threads. An interrupt of the caller ends its call, whose outcome is unknown then; the flag stays
 * set. {@link #close} ends the threads that it made, and not the runtime.
 *
 * @param <S> what the host hands over to say what to create
 */
public final class BoundedRuntime<S> implements AutoCloseable {
    /** So many calls may hang; more would be refused by an engine that is in such a state anyway. */
    private static final int MOST_CALLS = 256;

    private static final long IDLE_SECONDS = 10;

    private final ContainerRuntime<S> runtime;
    private final Deadlines deadlines;
    private final Executor threads;
    private final @Nullable ExecutorService own;

    /** What the one who waits for a call does meanwhile. */
    interface Beat {
        /** Says how long until the next one is due, at most. */
        Duration next();

        /** Does it; what it throws ends the waiting, and the call. */
        void beat();

        /** Does nothing while a call lasts. */
        Beat NONE = new Beat() {
            @Override
            public Duration next() {
                return Duration.ofDays(1);
            }

            @Override
            public void beat() {}
        };
    }

    private BoundedRuntime(ContainerRuntime<S> runtime, Deadlines deadlines, @Nullable Executor threads) {
        this.runtime = InvalidInputException.requireNonNull("runtime", runtime);
        this.deadlines = InvalidInputException.requireNonNull("deadlines", deadlines);
        this.own = threads == null ? pool(runtime.scope()) : null;
        this.threads = threads == null ? InvalidInputException.requireNonNull("threads", own) : threads;
    }

    /**
     * Gives a runtime's calls deadlines, on threads of its own.
     *
     * @param <S> what the host hands over to say what to create
     * @param runtime the runtime
     * @param deadlines how long its calls may take
     * @return the bounded runtime
     */
    public static <S> BoundedRuntime<S> of(ContainerRuntime<S> runtime, Deadlines deadlines) {
        return new BoundedRuntime<>(runtime, deadlines, null);
    }

    /**
     * Gives a runtime's calls deadlines, on the caller's threads.
     *
     * @param <S> what the host hands over to say what to create
     * @param runtime the runtime
     * @param deadlines how long its calls may take
     * @param threads where the calls run; one that runs them at once, in the calling thread, makes a simulation repeatable,
     *     and then no call is ended by its deadline
     * @return the bounded runtime
     */
    public static <S> BoundedRuntime<S> of(ContainerRuntime<S> runtime, Deadlines deadlines, Executor threads) {
        return new BoundedRuntime<>(runtime, deadlines, InvalidInputException.requireNonNull("threads", threads));
    }

    private static ExecutorService pool(Scope scope) {
        var number = new AtomicInteger();
        ThreadFactory factory = work -> {
            var thread = new Thread(work, "berth-runtime-" + scope + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        return new ThreadPoolExecutor(0, MOST_CALLS, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
    }

    /**
     * Says whose instances these are.
     *
     * @return the scope
     */
    public Scope scope() {
        return runtime.scope();
    }

    Deadlines deadlines() {
        return deadlines;
    }

    /**
     * Asks who answers.
     *
     * @return the fingerprint
     * @throws RuntimeFaultException if it could not be asked
     */
    public Fingerprint fingerprint() {
        return call("ask for the fingerprint", deadlines.read(), Beat.NONE, runtime::fingerprint);
    }

    /**
     * Lists all instances.
     *
     * @return the listing; without coverage if the runtime could not be asked
     */
    public Inventory inventory() {
        return inventory(Beat.NONE);
    }

    Inventory inventory(Beat beat) {
        try {
            Inventory listing = call("list the instances", deadlines.read(), beat, runtime::inventory);
            return listing.scope().equals(scope())
                    ? listing
                    : Inventory.unknown(scope(), "it listed instances of " + listing.scope());
        } catch (RuntimeFaultException failure) {
            return Inventory.unknown(scope(), failure.fault().detail());
        }
    }

    /**
     * Looks at one instance.
     *
     * @param instance its full id
     * @return what is known of it; unknown if the runtime could not be asked, or told of another one
     */
    public Sighting look(String instance) {
        return look(instance, Beat.NONE);
    }

    Sighting look(String instance, Beat beat) {
        InvalidInputException.requireNonNull("instance id", instance);
        try {
            Sighting seen = call("look at " + instance, deadlines.read(), beat, () -> runtime.look(instance));
            boolean other = seen.seen().map(one -> !one.id().equals(instance)).orElse(false);
            return other
                    ? new Sighting.Unknown("asked for " + instance + ", " + scope() + " told of "
                            + seen.seen().map(Instance::id).orElse(""))
                    : seen;
        } catch (RuntimeFaultException failure) {
            return new Sighting.Unknown(failure.fault().detail());
        }
    }

    /**
     * Creates an instance.
     *
     * @param deployment what to create
     * @return its full id
     * @throws RuntimeFaultException if it was not created, or that is not known
     */
    public String create(Deployment<S> deployment) {
        return create(deployment, Beat.NONE);
    }

    String create(Deployment<S> deployment, Beat beat) {
        InvalidInputException.requireNonNull("deployment", deployment);
        String what = "create " + deployment.name().orElse("an instance") + " for "
                + deployment.mark().owner();
        return call(what, deadlines.create(), beat, () -> runtime.create(deployment));
    }

    /**
     * Starts an instance.
     *
     * @param instance its full id
     * @throws RuntimeFaultException if it was not started, or that is not known
     */
    public void start(String instance) {
        start(instance, Beat.NONE);
    }

    void start(String instance, Beat beat) {
        InvalidInputException.requireNonNull("instance id", instance);
        run("start " + instance, deadlines.start(), beat, () -> runtime.start(instance));
    }

    /**
     * Stops an instance and keeps it.
     *
     * @param instance its full id
     * @throws RuntimeFaultException if it was not stopped, or that is not known
     */
    public void stop(String instance) {
        stop(instance, Beat.NONE);
    }

    void stop(String instance, Beat beat) {
        InvalidInputException.requireNonNull("instance id", instance);
        run("stop " + instance, deadlines.stop(), beat, () -> runtime.stop(instance));
    }

    /**
     * Asks how an instance does.
     *
     * @param instance its full id
     * @return how it does; unknown if it could not be asked
     */
    public Health health(String instance) {
        return health(instance, Beat.NONE);
    }

    Health health(String instance, Beat beat) {
        InvalidInputException.requireNonNull("instance id", instance);
        try {
            return call("ask how " + instance + " does", deadlines.read(), beat, () -> runtime.health(instance));
        } catch (RuntimeFaultException failure) {
            return new Health(Health.Verdict.UNKNOWN, failure.fault().detail());
        }
    }

    /**
     * Removes an instance if it carries a mark.
     *
     * @param instance its full id
     * @param mark the mark that it must carry
     * @param mode whether one that runs is removed, too
     * @return how it ended; unknown if that could not be asked
     */
    public Removal remove(String instance, Mark mark, Removal.Mode mode) {
        return remove(instance, mark, mode, Beat.NONE);
    }

    Removal remove(String instance, Mark mark, Removal.Mode mode, Beat beat) {
        InvalidInputException.requireNonNull("instance id", instance);
        InvalidInputException.requireNonNull("mark", mark);
        InvalidInputException.requireNonNull("mode", mode);
        try {
            return call("remove " + instance, deadlines.remove(), beat, () -> runtime.remove(instance, mark, mode));
        } catch (RuntimeFaultException failure) {
            return new Removal.Unknown(failure.fault().detail());
        }
    }

    /** Ends the threads that it made; calls that hang are interrupted. The runtime stays open. Safe to repeat. */
    @Override
    public void close() {
        if (own != null) {
            own.shutdownNow();
        }
    }

    // ------------------------------------------------------------------ calling

    private interface Work {
        void run() throws Exception;
    }

    private void run(String what, Duration deadline, Beat beat, Work work) {
        call(what, deadline, beat, () -> {
            work.run();
            return Boolean.TRUE;
        });
    }

    private <T> T call(String what, Duration deadline, Beat beat, Callable<T> work) {
        if (Thread.currentThread().isInterrupted()) {
            throw failed(what, new Fault.Unreachable("the caller was interrupted before it asked"), null);
        }
        Thread caller = Thread.currentThread();
        var task = new FutureTask<T>(() -> {
            try {
                return InvalidInputException.requireNonNull("answer of " + scope(), work.call());
            } catch (InterruptedException interrupted) {
                // In the caller's own thread it was the caller who was interrupted, and whose flag was taken.
                if (Thread.currentThread() == caller) {
                    caller.interrupt();
                }
                throw interrupted;
            }
        });
        try {
            threads.execute(task);
        } catch (RejectedExecutionException full) {
            throw failed(
                    what,
                    new Fault.Unreachable(
                            own != null && own.isShutdown() ? "it is closed" : MOST_CALLS + " calls hang"),
                    full);
        }
        long until = System.nanoTime() + deadline.toNanos();
        boolean answered = false;
        try {
            T answer = await(what, task, until, beat, deadline);
            answered = true;
            return answer;
        } finally {
            if (!answered) {
                task.cancel(true);
            }
        }
    }

    private <T> T await(String what, FutureTask<T> task, long until, Beat beat, Duration deadline) {
        while (true) {
            long left = until - System.nanoTime();
            long slice = Math.min(left, beat.next().toNanos());
            try {
                return task.get(Math.max(slice, 0), TimeUnit.NANOSECONDS);
            } catch (TimeoutException late) {
                if (slice == left) {
                    throw failed(what, new Fault.Unknown("no answer within " + deadline), late);
                }
                beat.beat();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw failed(what, new Fault.Unknown("the caller was interrupted while it waited"), interrupted);
            } catch (ExecutionException failure) {
                Throwable cause = failure.getCause();
                if (cause instanceof Error error) {
                    throw error;
                }
                throw failed(what, meaning(cause), cause);
            }
        }
    }

    private RuntimeFaultException failed(String what, Fault fault, @Nullable Throwable cause) {
        return new RuntimeFaultException(what + " in " + scope(), fault, cause);
    }

    private Fault meaning(@Nullable Throwable cause) {
        if (cause == null) {
            return new Fault.Unknown("it failed without a reason");
        }
        try {
            return InvalidInputException.requireNonNull("fault", runtime.classify(cause));
        } catch (RuntimeException unable) {
            return new Fault.Unknown(Texts.of(cause));
        }
    }
}
