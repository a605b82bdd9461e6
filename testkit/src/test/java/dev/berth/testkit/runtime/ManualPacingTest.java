package dev.berth.testkit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.berth.testkit.ManualClock;
import dev.berth.testkit.ManualPacing;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Whoever pauses finds the time passed. */
class ManualPacingTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private final ManualClock clock = ManualClock.at(START);
    private final ManualPacing pacing = ManualPacing.on(clock);

    @Test
    void pauseMovesTheClock() throws Exception {
        long before = pacing.nanos();

        pacing.pause(Duration.ofSeconds(3));
        pacing.pause(Duration.ZERO);

        assertThat(clock.instant()).isEqualTo(START.plusSeconds(3));
        assertThat(pacing.nanos() - before).isEqualTo(3_000_000_000L);
        assertThat(pacing.pauses()).containsExactly(Duration.ofSeconds(3), Duration.ZERO);
    }

    @Test
    void nanosNeverGoBack() {
        clock.advance(Duration.ofSeconds(5));
        long before = pacing.nanos();
        clock.advance(Duration.ofSeconds(-3));

        assertThat(pacing.nanos()).isEqualTo(before);
    }

    @Test
    void interruptedThreadDoesNotPause() {
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> pacing.pause(Duration.ofSeconds(3)));
        assertThat(clock.instant()).isEqualTo(START);
        assertThat(Thread.interrupted()).isFalse();
    }
}
