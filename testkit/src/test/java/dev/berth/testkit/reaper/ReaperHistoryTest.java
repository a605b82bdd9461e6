package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever happens to apps, engine, ledger and reapers, in whatever order: what is reaped was missing in as many complete
 * listings as the policy asks for, so far apart, with its claim unchanged and its lease valid; it was not pinned, not
 * foreign, not alive; and no run did more than its caps. And once all is well, every true ghost is gone within the promised
 * number of sweeps.
 */
class ReaperHistoryTest {
    private static final long FIRST = 20_260_105L;

    private static int histories(long first, int count) {
        int reaped = 0;
        for (long seed = first; seed < first + count; seed++) {
            var simulation = new Simulation(seed);
            try {
                simulation.run();
                simulation.settle();
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
            reaped += simulation.reaped();
        }
        return reaped;
    }

    @Test
    void whateverHappensOnlyGhostsGoAndAllGhostsGo() {
        assertThat(histories(FIRST, 150)).as("claims reaped in all histories").isGreaterThan(300);
    }

    @Test
    @Tag("deep")
    void whateverHappensForLong() {
        assertThat(histories(FIRST + 1_000, 5_000)).isGreaterThan(10_000);
    }
}
