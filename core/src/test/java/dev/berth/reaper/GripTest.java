package dev.berth.reaper;

import static dev.berth.reaper.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.LedgerLease;
import dev.berth.ledger.ResourceLedger;
import dev.berth.runtime.Pacing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** The lease of a running sweep, and what a reaper remembers between two. */
class GripTest {
    private static final Duration SPAN = Duration.ofSeconds(60);

    private final Time time = new Time();
    private final ResourceLedger ledger = ResourceLedger.inMemory(time);
    private final LedgerLease lease = ledger.lease("l", "me", SPAN).orElseThrow();
    private final Grip grip = new Grip(lease, SPAN, time);

    /** A clock, and a pacing that goes with it. */
    private static final class Time extends Clock implements Pacing {
        private Instant now = NOW;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public long nanos() {
            return Duration.between(NOW, now).toNanos();
        }

        @Override
        public void pause(Duration span) {
            now = now.plus(span);
        }
    }

    private Instant until() {
        return ledger.records().find("l").orElseThrow().until().orElseThrow();
    }

    @Test
    void aQuarterOfTheSpanIsRenewedAndNoLess() {
        time.pause(Duration.ofMillis(14_999));
        grip.tighten();
        assertThat(until()).isEqualTo(NOW.plus(SPAN));

        time.pause(Duration.ofMillis(1));
        grip.tighten();
        assertThat(until()).isEqualTo(NOW.plusSeconds(15).plus(SPAN));

        time.pause(Duration.ofMillis(14_999));
        grip.tighten();
        assertThat(until()).isEqualTo(NOW.plusSeconds(15).plus(SPAN));

        time.pause(Duration.ofMillis(1));
        grip.tighten();
        assertThat(until()).isEqualTo(NOW.plusSeconds(30).plus(SPAN));
    }

    /** Even if nobody else has taken it. */
    @Test
    void whoSleptHasLostIt() {
        time.pause(SPAN);

        assertThatThrownBy(grip::tighten).isInstanceOf(Grip.Lost.class).hasMessageContaining("paused");
    }

    @Test
    void whoWasRobbedHasLostIt() {
        time.pause(SPAN);
        assertThat(ledger.lease("l", "other", SPAN)).isPresent();

        assertThatThrownBy(grip::tighten).isInstanceOf(Grip.Lost.class);
        assertThat(grip.lease()).isSameAs(lease);
    }

    // ------------------------------------------------------------------ memory

    @Test
    void aReaperIsWarmForTwoIntervals() {
        ReaperPolicy policy = ReaperPolicy.defaults();
        var memory = new Memory();
        assertThat(memory.isWarm(NOW, policy)).isFalse();

        memory.sawAll(NOW);
        assertThat(memory.isWarm(NOW, policy)).isTrue();
        assertThat(memory.isWarm(NOW.plus(Duration.ofHours(2)), policy)).isTrue();
        assertThat(memory.isWarm(NOW.plus(Duration.ofHours(2)).plusMillis(1), policy))
                .isFalse();

        memory.sawLess();
        assertThat(memory.isWarm(NOW, policy)).isFalse();
    }

    @Test
    void anAnomalyIsToldOnceUntilItIsGone() {
        var memory = new Memory();

        assertThat(memory.isNew("a")).isTrue();
        assertThat(memory.isNew("a")).isFalse();
        assertThat(memory.isNew("b")).isTrue();
        memory.forgetAllBut(java.util.Set.of("b"));
        assertThat(memory.isNew("a")).isTrue();
        assertThat(memory.isNew("b")).isFalse();
    }

    @Test
    void whatAnInstanceWasIsLookedUpOnceUntilItIsGone() {
        var memory = new Memory();
        var past = java.util.Optional.of(Samples.id(1));

        assertThat(memory.past("a", () -> past)).isEqualTo(past);
        assertThat(memory.past("a", java.util.Optional::empty)).isEqualTo(past);
        memory.forgetAllBut(java.util.Set.of());
        assertThat(memory.past("a", java.util.Optional::empty)).isEmpty();
        assertThat(memory.past("a", () -> past))
                .as("that there was none is known as well")
                .isEmpty();
    }

    // ------------------------------------------------------------------ the window

    @Test
    void removalsCountForAnHourAndAtMostOneMore() {
        RunState state = RunState.NONE.after(ReapTotals.NONE, 3, NOW);

        assertThat(state.lately(NOW)).isEqualTo(3);
        assertThat(state.lately(NOW.plus(Duration.ofHours(2)).minusMillis(1))).isEqualTo(3);
        assertThat(state.lately(NOW.plus(Duration.ofHours(2)))).isZero();
        assertThat(state.lately(NOW.minusMillis(1)))
                .as("a clock that was set back")
                .isZero();
        RunState more =
                state.after(ReapTotals.NONE, 2, NOW.plus(Duration.ofHours(1)).minusMillis(1));
        assertThat(more.windowSince()).isEqualTo(NOW);
        assertThat(more.lately(NOW.plusSeconds(60))).isEqualTo(5);
        RunState next = more.after(ReapTotals.NONE, 1, NOW.plus(Duration.ofHours(1)));
        assertThat(next.windowSince()).isEqualTo(NOW.plus(Duration.ofHours(1)));
        assertThat(next.lately(next.windowSince()))
                .as("what was freed just before the edge is not forgotten at it")
                .isEqualTo(6);
        RunState anew = more.after(ReapTotals.NONE, 1, NOW.plus(Duration.ofHours(2)));
        assertThat(anew).isEqualTo(new RunState(ReapTotals.NONE, NOW.plus(Duration.ofHours(2)), 1, 0));
    }

    @Test
    void whatIsKeptIsReadAgain() {
        ReapTotals totals =
                ReapTotals.NONE.plus(3, 2, 7).ended(NOW).plus(1, 1, 1).ended(NOW.plusSeconds(1));

        assertThat(totals).isEqualTo(new ReapTotals(2, 4, 3, 8, java.util.Optional.of(NOW.plusSeconds(1))));
        assertThat(totals.total()).isEqualTo(7);
        assertThat(ReapTotals.read(totals.written())).isEqualTo(totals);
        assertThat(ReapTotals.read(ReapTotals.NONE.written())).isEqualTo(ReapTotals.NONE);
        RunState state = new RunState(totals, NOW, 5, 3);
        assertThat(RunState.read(state.written())).isEqualTo(state);
        assertThat(RunState.read(RunState.NONE.written())).isEqualTo(RunState.NONE);
    }

    /** The store's clock was set back: what was seen then is yet to come. */
    @Test
    void whatWasSeenInTheFutureWasNotSeenLately() {
        var memory = new Memory();
        memory.sawAll(NOW);

        assertThat(memory.isWarm(NOW, ReaperPolicy.defaults())).isTrue();
        assertThat(memory.isWarm(NOW.minusNanos(1), ReaperPolicy.defaults())).isFalse();
    }

    @Test
    void aFailureIsNewOnceUntilItIsForgotten() {
        var memory = new Memory();
        assertThat(memory.hasFailed("i-1")).isFalse();
        assertThat(memory.isFailure("i-1")).isTrue();
        assertThat(memory.isFailure("i-1")).isFalse();
        assertThat(memory.hasFailed("i-1")).isTrue();
        assertThat(memory.hasFailed("i-2")).isFalse();

        memory.forgetAllBut(java.util.Set.of("i-2"));

        assertThat(memory.hasFailed("i-1")).isFalse();
    }
}
