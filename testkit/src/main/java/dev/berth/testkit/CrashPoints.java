package dev.berth.testkit;

import dev.berth.ledger.LedgerStore;
import java.util.function.Supplier;

/**
 * Lets a process die between any two steps. A scenario is run again and again, each time on a fresh store, and dies
 * before its first call to the store, after it, before the second and so on, until it runs through; after each death
 * the caller checks, on the store that survived, that the world can go on.
 */
public final class CrashPoints {
    private static final int MOST = 10_000;

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
     * Where a process died.
     *
     * @param call how many calls to the store were made before, from 0
     * @param moment whether the last call happened
     */
    public record Point(int call, Moment moment) {}

    /** Before or after a call. */
    public enum Moment {
        /** The call never reached the store. */
        BEFORE,
        /** The call happened, and its answer got lost. */
        AFTER,
        /** The process did not die: the scenario ran through. */
        NEVER
    }

    /** The death. An error, so that no handler of failures keeps the process alive. */
    public static final class Death extends Error {
        private static final long serialVersionUID = 1L;

        private Death(Point point) {
            super("died " + point);
        }
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
        int points = 0;
        for (int call = 0; call < MOST; call++) {
            for (Moment moment : new Moment[] {Moment.BEFORE, Moment.AFTER}) {
                points++;
                if (survives(fresh, scenario, aftermath, new Point(call, moment))) {
                    return points;
                }
            }
        }
        throw new AssertionError("the scenario makes more than " + MOST + " calls");
    }

    private static boolean survives(Fresh fresh, Scenario scenario, Aftermath aftermath, Point point) {
        Point reached = point;
        try {
            LedgerStore store = fresh.open();
            try {
                scenario.run(new Mortal(store, point));
                reached = new Point(point.call(), Moment.NEVER);
            } catch (Death expected) {
                // What is left of it is the aftermath's.
            }
            aftermath.check(store, reached);
            return reached.moment() == Moment.NEVER;
        } catch (AssertionError | Exception failure) {
            if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new AssertionError("at " + reached + ": " + failure.getMessage(), failure);
        }
    }

    /** A store whose process dies at a point, and stays dead: clean-up code has no store either. */
    private static final class Mortal extends ForwardingLedgerStore {
        private final Point point;
        private int calls;
        private boolean dead;

        Mortal(LedgerStore store, Point point) {
            super(store);
            this.point = point;
        }

        @Override
        protected <T> T around(StoreCall call, Supplier<T> work) {
            boolean last = last();
            if (last && point.moment() == Moment.BEFORE) {
                throw new Death(point);
            }
            T answer = work.get();
            if (last) {
                throw new Death(point);
            }
            return answer;
        }

        private synchronized boolean last() {
            if (dead) {
                throw new Death(point);
            }
            dead = calls++ == point.call();
            return dead;
        }

        /** The store lives on when a handle dies. */
        @Override
        public void close() {}
    }
}
