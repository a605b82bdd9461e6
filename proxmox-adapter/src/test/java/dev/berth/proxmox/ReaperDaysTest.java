package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever befalls a cluster, in whatever order, between sweeps and in the midst of them: no guest that lives loses its
 * claim, and once all is well every ghost is gone. A history that fails names its seed.
 */
class ReaperDaysTest {
    private static final long FIRST = 20_261_122L;

    private static int days(long first, int count, int steps) {
        int reaped = 0;
        for (long seed = first; seed < first + count; seed++) {
            try (var weather = new Weather(seed)) {
                reaped += weather.run(steps);
                weather.settle();
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        return reaped;
    }

    @Test
    void whateverTheWeatherOnlyGhostsGoAndAllGhostsGo() {
        assertThat(days(FIRST, 3, 25)).as("claims reaped in all histories").isPositive();
    }

    @Test
    @Tag("deep")
    void whateverTheWeatherForLong() {
        assertThat(days(FIRST + 1_000, 60, 80)).isGreaterThan(60);
    }
}
