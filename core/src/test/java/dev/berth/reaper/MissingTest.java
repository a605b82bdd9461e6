package dev.berth.reaper;

import static dev.berth.reaper.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.LedgerRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How often and how long something was missing. */
class MissingTest {
    /** Interval 60 min, recheck 5 min, 3 confirmations, absence grace 15 min. */
    private static final ReaperPolicy POLICY = ReaperPolicy.defaults();

    private static final long HALF_RECHECK = 150_000;
    private static final long HALF_INTERVAL = 30 * 60_000L;
    private static final long TWO_INTERVALS = 120 * 60_000L;

    private static Missing young(int sightings) {
        return new Missing("m", 4, "t", NOW, NOW, sightings);
    }

    private static Missing due() {
        return new Missing("m", 4, "t", NOW.minus(Duration.ofHours(1)), NOW, 3);
    }

    private static Missing again(Missing mark, String seen, Instant at) {
        return mark.again(seen, at, at, POLICY);
    }

    /** A listing that took its time: the next one is as far from its end as it says. */
    @Test
    void slowListingsAreAsFarApartAsTheyAre() {
        Instant begun = NOW.plusMillis(HALF_RECHECK);
        Instant ended = begun.plusSeconds(100);

        Missing second = young(1).again("t", begun, ended, POLICY);

        assertThat(second.sightings()).isEqualTo(2);
        assertThat(second.last()).isEqualTo(ended);
        assertThat(again(second, "t", ended.plusMillis(HALF_RECHECK - 1))).isEqualTo(second);
        assertThat(again(second, "t", ended.plusMillis(HALF_RECHECK)).sightings())
                .isEqualTo(3);
        assertThat(young(1).again("u", begun, ended, POLICY)).isEqualTo(new Missing("m", 4, "u", ended, ended, 1));
        assertThat(young(1).again("t", begun.minusMillis(1), ended, POLICY)).isEqualTo(young(1));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "149999, 1", "150000, 2", "150001, 2", "7200000, 2"})
    void sightingsThatAreCloseTogetherCountAsOne(long millis, int sightings) {
        Instant at = NOW.plusMillis(millis);

        Missing next = again(young(1), "t", at);

        assertThat(next.sightings()).isEqualTo(sightings);
        assertThat(next.last()).isEqualTo(sightings == 1 ? NOW : at);
        assertThat(next.since()).isEqualTo(NOW);
        assertThat(next.version()).isEqualTo(4);
        assertThat(next.name()).isEqualTo("m");
    }

    /** Two reapers that look right after one another are not twice as sure. */
    @Test
    void manyLooksInAShortTimeAreOne() {
        Missing mark = young(1);
        for (long at = 0; at < HALF_RECHECK; at += 1_000) {
            mark = again(mark, "t", NOW.plusMillis(at));
        }
        assertThat(mark).isEqualTo(young(1));
    }

    @ParameterizedTest
    @CsvSource({"-1, 2", "0, 2", "1, 1"})
    void afterALongPauseItBeginsAnew(long beyond, int sightings) {
        Instant at = NOW.plusMillis(TWO_INTERVALS + beyond);

        Missing next = again(young(1), "t", at);

        assertThat(next.sightings()).isEqualTo(sightings);
        assertThat(next.since()).isEqualTo(sightings == 1 ? at : NOW);
    }

    @Test
    void aClockThatWasSetBackCountsNothing() {
        assertThat(again(young(1), "t", NOW.minusSeconds(300)))
                .as("two listings may cross each other")
                .isEqualTo(young(1));
        Instant back = NOW.minusSeconds(300).minusMillis(1);
        assertThat(again(young(2), "t", back).sightings()).isEqualTo(1);
        assertThat(again(young(2), "t", back).since()).isEqualTo(back);
    }

    @Test
    void somethingElseBeginsAnew() {
        Instant at = NOW.plus(Duration.ofMinutes(5));

        assertThat(again(due(), "u", at)).isEqualTo(new Missing("m", 4, "u", at, at, 1));
    }

    @ParameterizedTest
    @CsvSource({"2, 900000, false", "3, 899999, false", "3, 900000, true", "4, 900001, true"})
    void dueNeedsBothNumberAndTime(int sightings, long millis, boolean due) {
        assertThat(new Missing("m", 1, "t", NOW, NOW.plusMillis(millis), sightings).isDue(POLICY))
                .isEqualTo(due);
    }

    @ParameterizedTest
    @CsvSource({"-1, 3", "0, 4", "1, 4"})
    void oneThatIsDueIsWrittenSeldom(long beyond, int sightings) {
        assertThat(again(due(), "t", NOW.plusMillis(HALF_INTERVAL + beyond)).sightings())
                .isEqualTo(sightings);
    }

    /** An open breaker is looked at once an interval, give or take a tenth, and rests only while its plan is the same. */
    @ParameterizedTest
    @ValueSource(longs = {54, 55, 59, 60, 61, 65, 66})
    void oneThatIsDueStaysSoWhateverTheJitter(long first) {
        for (long second = 54; second <= 66; second++) {
            Instant at = NOW.plus(Duration.ofMinutes(first));
            Missing once = again(due(), "t", at);
            Missing twice = again(once, "t", at.plus(Duration.ofMinutes(second)));

            assertThat(twice.since()).isEqualTo(due().since());
            assertThat(twice.isDue(POLICY)).isTrue();
        }
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        var mark = new Missing("m", 4, "a\nb", NOW, NOW.plusMillis(5), 7);

        assertThat(Missing.read(new LedgerRecord("m", 4, mark.written(), Optional.empty())))
                .isEqualTo(mark);
    }
}
