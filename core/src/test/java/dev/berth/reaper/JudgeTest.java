package dev.berth.reaper;

import static dev.berth.reaper.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.reaper.Judge.Judgement;
import dev.berth.reaper.Verdict.Kind;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a claim is, at the very moments at which that changes. */
class JudgeTest {
    private static final ReaperPolicy POLICY = ReaperPolicy.defaults();
    private static final Sighting GONE = new Sighting.Absent("it is not listed");
    private static final Duration MS = Duration.ofMillis(1);

    private static Judgement judge(Claim claim, Sighting sighting) {
        return judge(claim, sighting, Optional.empty(), Optional.empty());
    }

    private static Judgement judge(Claim claim, Sighting sighting, Optional<Instance> twin, Optional<Missing> mark) {
        return Judge.counting(POLICY, NOW, NOW).judge(claim, sighting, twin, mark, "m");
    }

    private static Claim old(ClaimState state) {
        return Samples.claim(1, state, NOW.minus(Duration.ofDays(30)));
    }

    private static Missing mark(int sightings, Duration since, Duration last) {
        return new Missing("m", 5, Samples.token(1).toString(), NOW.minus(since), NOW.minus(last), sightings);
    }

    @ParameterizedTest
    @EnumSource(
            value = ClaimState.class,
            names = {"ACTIVE", "STOPPED"})
    void whatIsThereIsPresentAndHasNoMark(ClaimState state) {
        Judgement judged = judge(
                old(state),
                new Sighting.Present(Samples.instance(1)),
                Optional.empty(),
                Optional.of(mark(9, Duration.ofHours(2), Duration.ofMinutes(5))));

        assertThat(judged.verdict().kind()).isEqualTo(Kind.PRESENT);
        assertThat(judged.verdict().missingSince()).isEmpty();
        assertThat(judged.mark()).isEmpty();
    }

    /** Law L3: not seeing is not seeing that there is nothing. The mark neither grows nor goes. */
    @Test
    void unknownFreezesTheMark() {
        Missing before = mark(2, Duration.ofHours(1), Duration.ofMinutes(50));

        Judgement judged =
                judge(old(ClaimState.ACTIVE), new Sighting.Unknown("no answer"), Optional.empty(), Optional.of(before));

        assertThat(judged.verdict().kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(judged.mark()).contains(before);
    }

    /** Scenario 46. */
    @ParameterizedTest
    @CsvSource({"-1, YOUNG", "0, MISSING", "1, MISSING"})
    void whatChangedLatelyIsNotJudged(long millis, Kind kind) {
        Instant since = NOW.minus(POLICY.creationGrace()).minusMillis(millis);

        Judgement judged = judge(Samples.claim(1, ClaimState.ACTIVE, since), GONE);

        assertThat(judged.verdict().kind()).isEqualTo(kind);
        assertThat(judged.mark().isPresent()).isEqualTo(kind == Kind.MISSING);
    }

    /** Scenario 48: created 30 days ago, failed 1 minute ago. */
    @ParameterizedTest
    @CsvSource({"60000, YOUNG", "86399999, YOUNG", "86400000, MISSING", "86400001, MISSING"})
    void retentionCountsFromTheChangeOfState(long millisAsError, Kind kind) {
        Claim claim = Samples.claim(1, ClaimState.FAILED, NOW.minusMillis(millisAsError));

        assertThat(judge(claim, GONE).verdict().kind()).isEqualTo(kind);
    }

    /** A clock that was set back makes nothing old. */
    @Test
    void theFutureIsYoung() {
        assertThat(judge(Samples.claim(1, ClaimState.ACTIVE, NOW.plusSeconds(60)), GONE)
                        .verdict()
                        .kind())
                .isEqualTo(Kind.YOUNG);
    }

    /** Scenario 49. */
    @Test
    void anErrorWhoseInstanceLivesIsReported() {
        Judgement judged = judge(old(ClaimState.FAILED), new Sighting.Present(Samples.instance(1)));

        assertThat(judged.verdict().kind()).isEqualTo(Kind.ERROR_LIVES);
        assertThat(judged.verdict().isRemoval()).isFalse();
    }

    @Test
    void anErrorWhoseAttemptLeftSomethingIsReported() {
        Judgement judged = judge(
                old(ClaimState.FAILED),
                GONE,
                Optional.of(Samples.instance("other", 1)),
                Optional.of(mark(9, Duration.ofHours(1), Duration.ofMinutes(5))));

        assertThat(judged.verdict().kind()).isEqualTo(Kind.ERROR_LIVES);
        assertThat(judged.mark()).isEmpty();
    }

    @Test
    void anInstanceMadeAnewUnderAnotherIdIsAConflict() {
        Judgement judged = judge(
                old(ClaimState.ACTIVE),
                GONE,
                Optional.of(Samples.instance("other", 1)),
                Optional.of(mark(9, Duration.ofHours(1), Duration.ofMinutes(5))));

        assertThat(judged.verdict().kind()).isEqualTo(Kind.CONFLICT);
        assertThat(judged.mark()).isEmpty();
    }

    @Test
    void whatIsPinnedIsKept() {
        Claim kept = Samples.claim(
                1, ClaimState.ACTIVE, NOW.minus(Duration.ofDays(1)), Map.of(GhostReaper.KEEP, "yes"), Optional.empty());

        Judgement judged =
                judge(kept, GONE, Optional.empty(), Optional.of(mark(9, Duration.ofHours(1), Duration.ofMinutes(5))));

        assertThat(judged.verdict().kind()).isEqualTo(Kind.PINNED);
        assertThat(judged.mark()).isEmpty();
    }

    @Test
    void aPinThatSaysFalseIsNone() {
        Claim free = Samples.claim(
                1,
                ClaimState.ACTIVE,
                NOW.minus(Duration.ofDays(1)),
                Map.of(GhostReaper.KEEP, "False"),
                Optional.empty());

        assertThat(judge(free, GONE).verdict().kind()).isEqualTo(Kind.MISSING);
    }

    @ParameterizedTest
    @CsvSource({"-1, OVERDUE", "0, OVERDUE", "1, PRESENT"})
    void aLeaseThatRanOutIsToldAndNothingElse(long millisLeft, Kind kind) {
        Claim leased = Samples.claim(
                1, ClaimState.ACTIVE, NOW.minus(Duration.ofDays(1)), Map.of(), Optional.of(NOW.plusMillis(millisLeft)));

        Judgement judged = judge(leased, new Sighting.Present(Samples.instance(1)));

        assertThat(judged.verdict().kind()).isEqualTo(kind);
        assertThat(judged.verdict().isRemoval()).isFalse();
    }

    // ------------------------------------------------------------------ pending

    /** Scenario 55. */
    @ParameterizedTest
    @CsvSource({"59, YOUNG", "60, STUCK", "61, STUCK"})
    void whatIsPendingForLongIsStuck(long minutes, Kind kind) {
        Instant since = NOW.minus(Duration.ofMinutes(minutes));

        assertThat(judge(Samples.pending(1, since, Optional.empty()), GONE)
                        .verdict()
                        .kind())
                .isEqualTo(kind);
        assertThat(judge(Samples.pending(1, since, Optional.of(NOW)), GONE)
                        .verdict()
                        .kind())
                .isEqualTo(kind);
        assertThat(judge(Samples.pending(1, since, Optional.of(NOW.plus(MS))), GONE)
                        .verdict()
                        .kind())
                .isEqualTo(Kind.BUSY);
    }

    /** Whatever is seen, or not, of an instance: an attempt is its owner's business. */
    @Test
    void whatIsPendingIsNeverAGhost() {
        Missing due = mark(9, Duration.ofHours(1), Duration.ofMinutes(5));
        Claim pending = Samples.pending(1, NOW.minus(Duration.ofDays(9)), Optional.empty());

        for (Sighting sighting :
                new Sighting[] {GONE, new Sighting.Unknown("?"), new Sighting.Present(Samples.instance(1))}) {
            Judgement judged = judge(pending, sighting, Optional.empty(), Optional.of(due));
            assertThat(judged.verdict().kind()).isEqualTo(Kind.STUCK);
            assertThat(judged.verdict().isRemoval()).isFalse();
            assertThat(judged.mark()).isEmpty();
        }
    }

    // ------------------------------------------------------------------ missing

    @Test
    void theFirstSightingIsAMark() {
        Judgement judged = judge(old(ClaimState.ACTIVE), GONE);

        assertThat(judged.verdict().kind()).isEqualTo(Kind.MISSING);
        assertThat(judged.verdict().sightings()).isEqualTo(1);
        assertThat(judged.verdict().missingSince()).contains(NOW);
        assertThat(judged.mark()).contains(new Missing("m", 0, Samples.token(1).toString(), NOW, NOW, 1));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 15, MISSING", // the second sighting
        "2, 15, GHOST", // the third, after 15 min
        "3, 15, GHOST",
    })
    void aGhostNeedsItsSightings(int before, long minutes, Kind kind) {
        Missing mark = mark(before, Duration.ofMinutes(minutes), Duration.ofMinutes(5));

        assertThat(judge(old(ClaimState.ACTIVE), GONE, Optional.empty(), Optional.of(mark))
                        .verdict()
                        .kind())
                .isEqualTo(kind);
        assertThat(judge(old(ClaimState.STOPPED), GONE, Optional.empty(), Optional.of(mark))
                        .verdict()
                        .kind())
                .as("Scenario 53: a stopped one as well")
                .isEqualTo(kind);
        assertThat(judge(old(ClaimState.FAILED), GONE, Optional.empty(), Optional.of(mark))
                        .verdict()
                        .kind())
                .isEqualTo(kind == Kind.GHOST ? Kind.OLD_ERROR : kind);
    }

    @ParameterizedTest
    @CsvSource({"899999, MISSING", "900000, GHOST", "900001, GHOST"})
    void aGhostNeedsItsTime(long millis, Kind kind) {
        Missing mark = mark(5, Duration.ofMillis(millis), Duration.ofMinutes(5));

        assertThat(judge(old(ClaimState.ACTIVE), GONE, Optional.empty(), Optional.of(mark))
                        .verdict()
                        .kind())
                .isEqualTo(kind);
    }

    @Test
    void aChangedClaimBeginsAnew() {
        var mark = new Missing(
                "m", 5, "another token", NOW.minus(Duration.ofHours(1)), NOW.minus(Duration.ofMinutes(5)), 9);

        Judgement judged = judge(old(ClaimState.ACTIVE), GONE, Optional.empty(), Optional.of(mark));

        assertThat(judged.verdict().kind()).isEqualTo(Kind.MISSING);
        assertThat(judged.verdict().sightings()).isEqualTo(1);
        assertThat(judged.mark().orElseThrow().version()).isEqualTo(5);
    }

    // ------------------------------------------------------------------ looking

    /** Somebody who asks again and again does not make a ghost of what sweeps have not seen so often. */
    @Test
    void lookingCountsNothing() {
        Judge looking = Judge.looking(POLICY, NOW);
        Missing twice = mark(2, Duration.ofMinutes(15), Duration.ofMinutes(5));
        Missing often = mark(3, Duration.ofMinutes(20), Duration.ofMinutes(5));
        Missing others = new Missing("m", 5, "another token", NOW.minus(Duration.ofHours(1)), NOW, 9);

        Judgement first = looking.judge(old(ClaimState.ACTIVE), GONE, Optional.empty(), Optional.empty(), "m");
        Judgement second = looking.judge(old(ClaimState.ACTIVE), GONE, Optional.empty(), Optional.of(twice), "m");
        Judgement due = looking.judge(old(ClaimState.ACTIVE), GONE, Optional.empty(), Optional.of(often), "m");
        Judgement moved = looking.judge(old(ClaimState.ACTIVE), GONE, Optional.empty(), Optional.of(others), "m");

        assertThat(first.verdict().kind()).isEqualTo(Kind.MISSING);
        assertThat(first.verdict().sightings()).isZero();
        assertThat(second.verdict().kind()).isEqualTo(Kind.MISSING);
        assertThat(second.verdict().sightings()).isEqualTo(2);
        assertThat(due.verdict().kind()).isEqualTo(Kind.GHOST);
        assertThat(moved.verdict().kind()).isEqualTo(Kind.MISSING);
        assertThat(moved.verdict().sightings()).isZero();
    }

    // ------------------------------------------------------------------ leases

    /** A beating holder is not robbed (DESIGN 3); a lease that ends now has ended. */
    @ParameterizedTest
    @CsvSource({"1, MISSING", "0, GHOST", "-1, GHOST"})
    void aHolderThatRenewsItsLeaseIsThere(long millis, Kind kind) {
        Claim claim = Samples.claim(
                1, ClaimState.ACTIVE, NOW.minus(Duration.ofDays(30)), Map.of(), Optional.of(NOW.plusMillis(millis)));

        Verdict verdict = judge(
                        claim, GONE, Optional.empty(), Optional.of(mark(9, Duration.ofHours(2), Duration.ofMinutes(5))))
                .verdict();

        assertThat(verdict.kind()).isEqualTo(kind);
        assertThat(verdict.reason().contains("; its lease runs until " + NOW.plusMillis(millis)))
                .isEqualTo(kind == Kind.MISSING);
        assertThat(verdict.reason()).contains("times since");
    }

    // ------------------------------------------------------------------ who it is

    @Test
    void itJudgesByTheTimeAtWhichTheLookBegan() {
        assertThat(Judge.counting(POLICY, NOW, NOW.plus(MS)).now()).isEqualTo(NOW);
        assertThat(Judge.looking(POLICY, NOW).now()).isEqualTo(NOW);
    }
}
