package dev.berth.runtime;

import java.time.Duration;

/** How long one call waits for an attempt of somebody else's, a little longer between each time that it asks. */
final class Patience {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(25);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    private static final int DOUBLINGS = 8;

    private final Pacing pacing;
    private final long until;
    private int round;

    private Patience(Pacing pacing, long until) {
        this.pacing = pacing;
        this.until = until;
    }

    /** The patience of a call that begins now. */
    static Patience of(Kit<?> kit) {
        return new Patience(
                kit.pacing(), kit.pacing().nanos() + kit.policy().patience().toNanos());
    }

    boolean isOver() {
        return pacing.nanos() - until >= 0;
    }

    /** How long to wait before the next time. */
    Duration next() {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(round++, DOUBLINGS));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    /** Waits for a while; false if patience is over, or the thread is interrupted, whose flag stays set. */
    boolean rest() {
        if (isOver()) {
            return false;
        }
        try {
            pacing.pause(next());
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
