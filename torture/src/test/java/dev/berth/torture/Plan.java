package dev.berth.torture;

import java.time.Duration;
import java.util.Optional;

/**
 * What a run is told.
 *
 * @param time how long it is under fire
 * @param seed what happens when
 * @param processes how many workers
 * @param claimers how many threads of each claim; one more provisions, and one sweeps
 * @param pause how long a claiming thread rests at most between two calls
 * @param blows how long the nemesis rests at most between two blows; empty if there is none
 * @param flaw how the workers' stores are broken
 */
record Plan(
        Duration time, long seed, int processes, int claimers, Duration pause, Optional<Duration> blows, Flaw flaw) {
    static Plan of(Duration time, long seed) {
        return new Plan(time, seed, 3, 3, Duration.ofMillis(12), Optional.of(Duration.ofMillis(900)), Flaw.NONE);
    }

    Plan with(Flaw other) {
        return new Plan(time, seed, processes, claimers, pause, blows, other);
    }

    Plan pausing(Duration span) {
        return new Plan(time, seed, processes, claimers, span, blows, flaw);
    }

    Plan inPeace() {
        return new Plan(time, seed, processes, claimers, pause, Optional.empty(), flaw);
    }
}
