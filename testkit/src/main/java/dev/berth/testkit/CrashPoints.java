package dev.berth.testkit;

import dev.berth.ledger.LedgerStore;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets a process die, or sleep, between any two steps. A scenario is run again and again, each time in a fresh world, and
 * ends before its first call to a store or a runtime, after it, before the second and so on, until it runs through; each
 * time the caller checks that the world can go on.
 *
 * <p>{@link #check} is for code that works on a ledger's store alone, {@link #dying} for whatever works on stores and
 * runtimes, and {@link #sleeping} for a process that was taken for dead and was not: a paused machine, a long collection of
 * garbage.
 *
 * <pre>{@code
 * record World(ManualClock clock, LedgerStore store, FakeEngine engine, FakeRuntime runtime) {
 *     static World fresh() {
 *         var clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
 *         var engine = FakeEngine.of(clock);
 *         var runtime = FakeRuntime.on(engine, Scope.of("node-1"));
 *         return new World(clock, new MemoryLedgerStore(clock, new UUID(1, 1)), engine, runtime);
 *     }
 *
 *     void provision(LedgerStore store, ContainerRuntime<FakeSpec> runtime) {
 *         Provisioner.of(ResourceLedger.on(store), runtime)
 *                 .callingOn(Runnable::run)
 *                 .build()
 *                 .provision(
 *                         ProvisionRequest.of(ClaimRequest.by(Owner.of("anna", "vscode"))),
 *                         granted -> FakeSpec.of("desktop:1"));
 *     }
 *
 *     static void neverTwo() {
 *         CrashPoints.dying(
 *                 World::fresh,
 *                 (world, life) -> world.provision(life.store(world.store()), life.runtime(world.runtime())),
 *                 (world, point) -> {
 *                     world.clock().advance(Duration.ofMinutes(2));
 *                     world.provision(world.store(), world.runtime());
 *                     assertThat(world.engine().running()).hasSize(1);
 *                 });
 *     }
 * }
 * }</pre>
 */
public final class CrashPoints {
    private static final int MOST = 10_000;
    private static final long PATIENCE_SECONDS = 60;

    private CrashPoints() {}

    /** How a fresh store is made. */
    @FunctionalInterface
    public interface Fresh {
        /**
         * Makes one.
         *
         * @return an empty store, which stays with the caller to be closed
         * @throws Exception if it cannot
         */
        LedgerStore open() throws Exception;
    }

    /** What the process does that will die. */
    @FunctionalInterface
    public interface Scenario {
        /**
         * Runs up to its death. What it throws by itself fails the check.
         *
         * @param dying its store
         * @throws Exception if the check is to fail
         */
        void run(LedgerStore dying) throws Exception;
    }

    /** What must be true after a death. */
    @FunctionalInterface
    public interface Aftermath {
        /**
         * Looks at what is left, and goes on as the next process would.
         *
         * @param survivor the store that survived
         * @param point where the process died
         * @throws Exception if the check is to fail
         */
        void check(LedgerStore survivor, Point point) throws Exception;
    }

    /**
     * What a process does that will die or sleep.
     *
     * @param <W> the world it lives in
     */
    @FunctionalInterface
    public interface Deed<W> {
        /**
         * Runs up to its end. What it throws by itself fails the check.
         *
         * @param world a fresh world
         * @param life gives it whatever it may reach of that world
         * @throws Exception if the check is to fail
         */
        void run(W world, Life life) throws Exception;
    }

    /**
     * What others do, and what must be true.
     *
     * @param <W> the world they live in
     */
    @FunctionalInterface
    public interface Sequel<W> {
        /**
         * Goes on, and looks.
         *
         * @param world the world as it was left
         * @param point where the process died or slept
         * @throws Exception if the check is to fail
         */
        void run(W world, Point point) throws Exception;
    }

    /**
     * Where a process died or slept.
     *
     * @param call how many calls to stores and runtimes were made before, from 0
     * @param moment whether the last call happened
     */
    public record Point(int call, Moment moment) {}

    /** Before or after a call. */
    public enum Moment {
        /** The call never reached the store or runtime. */
        BEFORE,
        /** The call happened, and its answer got lost, or came late. */
        AFTER,
        /** Nothing befell the process: the scenario ran through. */
        NEVER
    }

    /** The death. An error, so that no handler of failures keeps the process alive. */
    public static final class Death extends Error {
        private static final long serialVersionUID = 1L;

        Death(Point point) {
            super("died " + point);
        }
    }

    /** One run of a scenario; gives the point that was reached. */
    @FunctionalInterface
    private interface Run<W> {
        Point run(W world, Life life, Point point) throws Exception;
    }

    /**
     * Lets the scenario die at every point.
     *
     * @param fresh how a store is made; called once for each point
     * @param scenario what dies
     * @param aftermath what must be true after each death, and after the run without one
     * @return how many points there were, the run without death included
     * @throws AssertionError if anything fails; it names the point
     */
    public static int check(Fresh fresh, Scenario scenario, Aftermath aftermath) {
        return dying(fresh::open, (store, life) -> scenario.run(life.store(store)), aftermath::check);
    }

    /**
     * Lets a process die at every point.
     *
     * @param <W> the world it lives in
     * @param fresh how a world is made; called once for each point
     * @param deed what dies
     * @param aftermath what must be true after each death, and after the run without one
     * @return how many points there were, the run without death included
     * @throws AssertionError if anything fails; it names the point and the call
     */
    public static <W> int dying(Callable<W> fresh, Deed<W> deed, Sequel<W> aftermath) {
        return everywhere(fresh, Life::endingAt, (world, life, point) -> {
            Point reached = point;
            try {
                deed.run(world, life);
                // One that dies in a thread of its own has died all the same.
                reached = life.isReached() ? point : through(point);
            } catch (Death expected) {
                // What is left of it is the aftermath's.
            }
            aftermath.run(world, reached);
            return reached;
        });
    }

    /**
     * Lets a process sleep at every point. It is held there on a thread of its own; meanwhile others go on, on the calling
     * thread, then it wakes up and runs to its end.
     *
     * @param <W> the world it lives in
     * @param fresh how a world is made; called once for each point
     * @param deed what sleeps; all that it throws fails the check
     * @param meanwhile what others do while it sleeps; not called in the run in which it never does
     * @param aftermath what must be true when it has run to its end
     * @return how many points there were, the run without sleep included
     * @throws AssertionError if anything fails; it names the point and the call
     */
    public static <W> int sleeping(Callable<W> fresh, Deed<W> deed, Sequel<W> meanwhile, Sequel<W> aftermath) {
        return everywhere(fresh, Life::asleepAt, (world, life, point) -> {
            var task = new FutureTask<Void>(() -> {
                try {
                    deed.run(world, life);
                    return null;
                } finally {
                    life.over();
                }
            });
            var thread = new Thread(task, "sleeper-" + point.call() + "-" + point.moment());
            thread.setDaemon(true);
            thread.start();
            try {
                life.awaitSleep();
                if (life.isReached()) {
                    meanwhile.run(world, point);
                }
                life.wake();
                task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException failure) {
                throw new AssertionError("who slept failed: " + failure.getCause(), failure.getCause());
            } catch (TimeoutException stuck) {
                throw new AssertionError("who slept did not end within " + PATIENCE_SECONDS + " s", stuck);
            } finally {
                task.cancel(true);
            }
            Point reached = life.isReached() ? point : through(point);
            aftermath.run(world, reached);
            return reached;
        });
    }

    private static Point through(Point point) {
        return new Point(point.call(), Moment.NEVER);
    }

    private interface Beginning {
        Life at(Point point);
    }

    private static <W> int everywhere(Callable<W> fresh, Beginning beginning, Run<W> run) {
        int points = 0;
        for (int call = 0; call < MOST; call++) {
            for (Moment moment : new Moment[] {Moment.BEFORE, Moment.AFTER}) {
                points++;
                var point = new Point(call, moment);
                Life life = beginning.at(point);
                if (once(fresh, run, life, point).moment() == Moment.NEVER) {
                    return points;
                }
            }
        }
        throw new AssertionError("the scenario makes more than " + MOST + " calls");
    }

    private static <W> Point once(Callable<W> fresh, Run<W> run, Life life, Point point) {
        try {
            return run.run(fresh.call(), life, point);
        } catch (AssertionError | Exception failure) {
            if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            Object where = life.isReached() ? point : through(point);
            throw new AssertionError("at " + where + " of " + life.actions() + ": " + failure.getMessage(), failure);
        }
    }
}
