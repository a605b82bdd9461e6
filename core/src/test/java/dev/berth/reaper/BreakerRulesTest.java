package dev.berth.reaper;

import static dev.berth.reaper.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ClaimState;
import dev.berth.reaper.Breaker.Cause;
import dev.berth.reaper.Breaker.Stage;
import dev.berth.reaper.BreakerRules.Ruling;
import dev.berth.reaper.BreakerRules.View;
import dev.berth.reaper.Verdict.Fate;
import dev.berth.reaper.Verdict.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a breaker opens, rests, drains and closes. */
class BreakerRulesTest {
    private static final ReaperPolicy POLICY = ReaperPolicy.defaults();
    private static final BreakerRules RULES = new BreakerRules(POLICY, NOW);
    private static final Instant EARLIER = NOW.minus(Duration.ofDays(2));

    private static List<Verdict> ghosts(int from, int to, Instant since) {
        return verdicts(from, to, Kind.GHOST, ClaimState.ACTIVE, since);
    }

    private static List<Verdict> errors(int from, int to) {
        return verdicts(from, to, Kind.OLD_ERROR, ClaimState.FAILED, EARLIER);
    }

    private static List<Verdict> verdicts(int from, int to, Kind kind, ClaimState state, Instant since) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(number -> new Verdict(
                        Samples.claim(number, state, EARLIER), kind, "gone", Optional.of(since), 3, Fate.LEFT))
                .toList();
    }

    private static String hash(List<Verdict> missing) {
        return view(0, missing).hash();
    }

    private static View view(int living, List<Verdict> missing) {
        return new View(living, living, missing, 0, 0, List.of());
    }

    private static Ruling rule(View view, List<Verdict> due) {
        return RULES.rule(Optional.empty(), view, due);
    }

    private static Optional<Cause> cause(Ruling ruling) {
        return ruling.breaker().map(Breaker::cause);
    }

    private static Breaker breaker(List<Verdict> due, Duration rested, Stage stage) {
        return new Breaker(Cause.RATIO, "too many", EARLIER, NOW.minus(rested), hash(due), POLICY.breakerRest(), stage);
    }

    // ------------------------------------------------------------------ opening

    @Test
    void nothingMissingOpensNothing() {
        Ruling ruling = rule(view(0, List.of()), List.of());

        assertThat(ruling.breaker()).isEmpty();
        assertThat(ruling.allowed()).isEmpty();
    }

    /** More than 10 %, and three or more. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, false", // a half, but one
        "2, 1, false", // two thirds, but two
        "3, 26, true", // 3 of 29: 10.3 %
        "3, 27, false", // 3 of 30: 10 % are not more than 10 %
        "3, 28, false",
        "10, 90, false",
        "11, 90, true",
        "3, 1, true",
    })
    void aWaveOpens(int missing, int living, boolean opens) {
        List<Verdict> due = ghosts(1, missing, EARLIER);

        Ruling ruling = rule(view(living, due), due);

        assertThat(cause(ruling)).isEqualTo(opens ? Optional.of(Cause.RATIO) : Optional.empty());
        assertThat(ruling.allowed()).isEqualTo(opens ? List.of() : due);
    }

    /** What is missing but not sure yet counts as well: it is the view that is judged. */
    @Test
    void whatIsNotSureYetCountsAsMissing() {
        List<Verdict> due = ghosts(1, 1, EARLIER);
        List<Verdict> missing = new java.util.ArrayList<>(due);
        missing.addAll(verdicts(2, 4, Kind.MISSING, ClaimState.ACTIVE, NOW));

        assertThat(cause(rule(view(20, missing), due))).contains(Cause.RATIO);
        assertThat(cause(rule(view(20, missing), List.of()))).isEmpty();
    }

    @Test
    void oldErrorsCountAsMissing() {
        List<Verdict> due = errors(1, 3);

        assertThat(cause(rule(view(26, due), due))).contains(Cause.RATIO);
        assertThat(cause(rule(view(27, due), due))).isEmpty();
    }

    /** A loss in small parts is seen as a whole. */
    @ParameterizedTest
    @CsvSource({"0, false", "2, false", "3, true"})
    void whatWasFreedLatelyCountsAsMissing(int lately, boolean opens) {
        List<Verdict> due = ghosts(1, 1, EARLIER);

        Ruling ruling = rule(new View(27, 27, due, 0, lately, List.of()), due);

        assertThat(cause(ruling)).isEqualTo(opens ? Optional.of(Cause.RATIO) : Optional.empty());
        if (opens) {
            assertThat(ruling.breaker().orElseThrow().detail()).contains("4 of 31", "counting 3 freed");
        }
    }

    /** Scenario 45: of one alone nothing more can be asked; of two, not one is there. */
    @ParameterizedTest
    @CsvSource({"1, 0, 0,", "2, 0, 0, EMPTY_VIEW", "2, 5, 0, ALL_MISSING", "2, 1, 1,", "9, 0, 0, EMPTY_VIEW"})
    void anEmptyViewOpens(int missing, int listed, int living, Cause cause) {
        List<Verdict> due = ghosts(1, missing, EARLIER);

        Ruling ruling = rule(new View(listed, living, due, 0, 0, List.of()), due);

        assertThat(cause(ruling)).isEqualTo(Optional.ofNullable(cause));
        assertThat(ruling.allowed()).isEqualTo(cause == null ? due : List.of());
        ruling.breaker().ifPresent(open -> {
            assertThat(open.openedAt()).isEqualTo(NOW);
            assertThat(open.unchangedSince()).isEqualTo(NOW);
            assertThat(open.missing()).isEqualTo(hash(due));
            assertThat(open.stage()).isEqualTo(Stage.OPEN);
        });
    }

    /** Errors without an instance wait for no listing. */
    @Test
    void oldErrorsAloneAreNoEmptyView() {
        List<Verdict> due = errors(1, 2);

        assertThat(cause(rule(new View(0, 0, due, 0, 0, List.of()), due))).isEmpty();
    }

    @Test
    void whatCameBackOpensEvenWhereNothingIsDue() {
        Ruling ruling = rule(new View(5, 5, List.of(), 0, 0, List.of("app-1 is back")), List.of());

        assertThat(cause(ruling)).contains(Cause.REAPPEARANCE);
        assertThat(ruling.breaker().orElseThrow().detail()).contains("app-1 is back");
    }

    // ------------------------------------------------------------------ resting

    @ParameterizedTest
    @CsvSource({"-1, OPEN", "0, DRAINING", "1, DRAINING"})
    void itRestsADay(long millis, Stage stage) {
        List<Verdict> due = ghosts(1, 40, EARLIER);
        Breaker open = breaker(due, Duration.ofDays(1).plusMillis(millis), Stage.OPEN);

        Ruling ruling = RULES.rule(Optional.of(open), view(5, due), due);

        assertThat(ruling.breaker().map(Breaker::stage)).contains(stage);
        assertThat(ruling.breaker().map(Breaker::unchangedSince)).contains(open.unchangedSince());
        assertThat(ruling.breaker().map(Breaker::openedAt)).contains(EARLIER);
        assertThat(ruling.allowed()).isEqualTo(stage == Stage.OPEN ? List.of() : due);
    }

    @Test
    void anotherPlanRestsAnew() {
        List<Verdict> due = ghosts(1, 40, EARLIER);
        Breaker open = breaker(ghosts(1, 39, EARLIER), Duration.ofDays(2), Stage.OPEN);

        Ruling ruling = RULES.rule(Optional.of(open), view(5, due), due);

        assertThat(ruling.allowed()).isEmpty();
        assertThat(ruling.breaker())
                .contains(new Breaker(
                        Cause.RATIO, "too many", EARLIER, NOW, hash(due), POLICY.breakerRest(), Stage.OPEN));
    }

    /** Whoever knew why it was open did not know of this: it opens anew, and says so. */
    @Test
    void whatCameBackOpensItAnew() {
        List<Verdict> due = ghosts(1, 40, EARLIER);
        for (Duration rested : List.of(Duration.ofHours(1), Duration.ofDays(2))) {
            Breaker open = breaker(due, rested, Stage.OPEN);

            Ruling ruling = RULES.rule(Optional.of(open), new View(5, 5, due, 0, 0, List.of("back")), due);

            assertThat(ruling.allowed()).isEmpty();
            assertThat(ruling.breaker())
                    .contains(new Breaker(
                            Cause.REAPPEARANCE,
                            "what was sure to be gone is there again: back; before that: RATIO, too many",
                            NOW,
                            NOW,
                            hash(due),
                            POLICY.breakerRest(),
                            Stage.OPEN));
            assertThat(ruling.breaker().flatMap(Breaker::returnedAt)).contains(NOW);
        }
        assertThat(breaker(due, Duration.ZERO, Stage.OPEN).returnedAt()).isEmpty();
    }

    /** It was opened by this very sweep already, before all was known. */
    @Test
    void whatCameBackIsSaidOnce() {
        List<Verdict> due = ghosts(1, 4, EARLIER);
        Breaker opened =
                RULES.returned(Optional.of(breaker(due, Duration.ofHours(1), Stage.OPEN)), List.of("back"), "");
        assertThat(opened.detail()).contains("before that: RATIO");

        Ruling ruling = RULES.rule(Optional.of(opened), new View(5, 5, due, 0, 0, List.of("back")), due);

        assertThat(ruling.breaker())
                .contains(new Breaker(
                        Cause.REAPPEARANCE, opened.detail(), NOW, NOW, hash(due), POLICY.breakerRest(), Stage.OPEN));
        Ruling again = new BreakerRules(POLICY, NOW.plusSeconds(1))
                .rule(ruling.breaker(), new View(5, 5, due, 0, 0, List.of("again")), due);
        assertThat(again.breaker().map(Breaker::detail)).contains("what was sure to be gone is there again: again");
        assertThat(again.breaker().map(Breaker::openedAt)).contains(NOW.plusSeconds(1));
    }

    /** A process with a shorter rest must not let go what another one holds for longer, nor the other way round. */
    @ParameterizedTest
    @CsvSource({"1, 24", "24, 1"})
    void theLongerRestCounts(int theirs, int ours) {
        List<Verdict> due = ghosts(1, 40, EARLIER);
        for (long minutes : new long[] {-1, 0}) {
            Instant since = NOW.minus(Duration.ofHours(24).plusMinutes(minutes));
            var open = new Breaker(
                    Cause.RATIO, "too many", EARLIER, since, hash(due), Duration.ofHours(theirs), Stage.OPEN);
            var rules = new BreakerRules(
                    ReaperPolicy.builder().breakerRest(Duration.ofHours(ours)).build(), NOW);

            Ruling ruling = rules.rule(Optional.of(open), view(5, due), due);

            assertThat(ruling.breaker().map(Breaker::stage)).contains(minutes < 0 ? Stage.OPEN : Stage.DRAINING);
            assertThat(ruling.breaker().map(Breaker::rest)).contains(Duration.ofHours(theirs));
        }
    }

    /** The store's clock was set back: it rests anew. */
    @Test
    void aRestThatHasNotBegunYetBeginsNow() {
        List<Verdict> due = ghosts(1, 40, EARLIER);
        for (int millis : new int[] {0, 1}) {
            Breaker open = breaker(due, Duration.ofMillis(-millis), Stage.OPEN);

            assertThat(RULES.rule(Optional.of(open), view(5, due), due)
                            .breaker()
                            .map(Breaker::unchangedSince))
                    .contains(NOW);
        }
    }

    /** What is missing is what is looked at, not what a policy would do with it. */
    @Test
    void oldErrorsDoNotMakeItRestAnew() {
        List<Verdict> due = ghosts(1, 40, EARLIER);
        Breaker open = breaker(due, Duration.ofHours(2), Stage.OPEN);
        List<Verdict> more = new java.util.ArrayList<>(due);
        more.addAll(errors(50, 53));

        assertThat(RULES.rule(Optional.of(open), view(5, more), more).breaker()).contains(open);
    }

    // ------------------------------------------------------------------ failing removals

    private static Breaker failing(Instant since) {
        return new Breaker(Cause.FAILING, "device busy", since, since, "", POLICY.breakerRest(), Stage.OPEN);
    }

    @Test
    void failingRemovalsHoldBackRemovalsAlone() {
        List<Verdict> due = ghosts(1, 2, EARLIER);
        Breaker failing = failing(NOW.minus(Duration.ofHours(1)));

        Ruling ruling = RULES.rule(Optional.of(failing), view(30, due), due);

        assertThat(ruling.allowed()).isEqualTo(due);
        assertThat(ruling.breaker()).contains(failing);
        assertThat(failing.holdsClaims()).isFalse();
        assertThat(failing.holdsOrphans()).isTrue();
        assertThat(breaker(due, Duration.ZERO, Stage.OPEN).holdsClaims()).isTrue();
        assertThat(breaker(due, Duration.ZERO, Stage.OPEN).holdsOrphans()).isTrue();
        assertThat(breaker(due, Duration.ZERO, Stage.DRAINING).holdsClaims()).isFalse();
        assertThat(breaker(due, Duration.ZERO, Stage.DRAINING).holdsOrphans()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"86399, true", "86400, false", "0, true", "-1, false"})
    void failingRemovalsAreTriedAgainAfterARest(long seconds, boolean holds) {
        Breaker failing = failing(NOW.minusSeconds(seconds));

        assertThat(RULES.rule(Optional.of(failing), view(30, List.of()), List.of())
                        .breaker())
                .isEqualTo(holds ? Optional.of(failing) : Optional.empty());
    }

    @Test
    void aWaveOpensWhileRemovalsFail() {
        List<Verdict> due = ghosts(1, 20, EARLIER);

        Ruling ruling = RULES.rule(Optional.of(failing(NOW.minusSeconds(5))), view(30, due), due);

        assertThat(cause(ruling)).contains(Cause.RATIO);
        assertThat(ruling.allowed()).isEmpty();
    }

    // ------------------------------------------------------------------ witnesses

    /** What stays whatever happens, and should have been seen, tells as much of the view as what may go. */
    @ParameterizedTest
    @CsvSource({"1, 0, 0,", "1, 1, 0, EMPTY_VIEW", "1, 1, 5, ALL_MISSING", "0, 1, 0,"})
    void whatIsToStayIsAWitnessAsWell(int missing, int stay, int listed, Cause cause) {
        List<Verdict> due = missing == 0 ? errors(1, 1) : ghosts(1, missing, EARLIER);

        Ruling ruling = rule(new View(listed, 0, due, stay, 0, List.of()), due);

        assertThat(cause(ruling)).isEqualTo(Optional.ofNullable(cause));
        ruling.breaker().ifPresent(open -> assertThat(open.detail()).contains("2 claims"));
    }

    /** What a policy never frees is no part of a wave; old errors are, and what was freed lately. */
    @ParameterizedTest
    @CsvSource({
        "true, 3, 0, 0, RATIO",
        "false, 3, 0, 0,",
        "false, 0, 3, 0, RATIO",
        "false, 1, 2, 0,",
        "false, 0, 1, 2, RATIO"
    })
    void keptGhostsAreNoWave(boolean freed, int ghosts, int errors, int lately, Cause cause) {
        ReaperPolicy policy =
                freed ? POLICY : ReaperPolicy.builder().keepingGhosts().build();
        List<Verdict> missing = new java.util.ArrayList<>(ghosts(1, ghosts, EARLIER));
        missing.addAll(errors(50, 49 + errors));
        List<Verdict> due = missing.subList(0, 1);

        Ruling ruling = new BreakerRules(policy, NOW)
                .rule(Optional.empty(), new View(20, 20, missing, 0, lately, List.of()), due);

        assertThat(cause(ruling)).isEqualTo(Optional.ofNullable(cause));
    }

    @Test
    void eachMissingClaimIsAnotherView() {
        assertThat(hash(ghosts(1, 3, EARLIER)))
                .isEqualTo(hash(ghosts(1, 3, NOW)))
                .isNotEqualTo(hash(ghosts(2, 4, EARLIER)))
                .isNotEqualTo(hash(ghosts(1, 2, EARLIER)));
        View view = new View(1, 2, ghosts(1, 3, EARLIER), 4, 5, List.of());
        assertThat(view.coming(List.of("back")))
                .isEqualTo(new View(1, 2, ghosts(1, 3, EARLIER), 4, 5, List.of("back")));
    }

    @Test
    void whatIsToStayIsNoWave() {
        List<Verdict> due = ghosts(1, 2, EARLIER);

        assertThat(cause(rule(new View(10, 10, due, 9, 0, List.of()), due))).isEmpty();
    }

    // ------------------------------------------------------------------ draining

    @Test
    void drainingEndsWhenTheOldOnesAreGone() {
        List<Verdict> young = ghosts(50, 50, NOW.minus(Duration.ofMinutes(30)));
        Breaker draining = breaker(List.of(), Duration.ofDays(1), Stage.DRAINING);

        Ruling ruling = RULES.rule(Optional.of(draining), view(40, young), young);

        assertThat(ruling.breaker()).isEmpty();
        assertThat(ruling.allowed()).isEqualTo(young);
    }

    /** What was missing at the very moment at which the rest began was missing all the while. */
    @ParameterizedTest
    @CsvSource({"-1, true", "0, true", "1, false"})
    void onlyWhatWasMissingAllTheWhileIsLetGoUnlooked(long millis, boolean old) {
        List<Verdict> due = ghosts(1, 40, NOW.minus(Duration.ofDays(1)).plusMillis(millis));
        Breaker draining = breaker(due, Duration.ofDays(1), Stage.DRAINING);

        Ruling ruling = RULES.rule(Optional.of(draining), view(5, due), due);

        assertThat(ruling.allowed()).isEqualTo(old ? due : List.of());
        assertThat(ruling.breaker().map(Breaker::stage)).contains(old ? Stage.DRAINING : Stage.OPEN);
    }

    @Test
    void aSecondWaveWhileDrainingOpensAnew() {
        List<Verdict> old = ghosts(1, 10, EARLIER);
        List<Verdict> due = new java.util.ArrayList<>(old);
        due.addAll(ghosts(20, 25, NOW.minus(Duration.ofMinutes(20))));
        Breaker draining = breaker(old, Duration.ofDays(1), Stage.DRAINING);

        Ruling ruling = RULES.rule(Optional.of(draining), view(30, due), due);

        assertThat(ruling.allowed()).isEmpty();
        assertThat(ruling.breaker().map(Breaker::openedAt)).contains(NOW);
        assertThat(ruling.breaker().map(Breaker::stage)).contains(Stage.OPEN);
    }

    @Test
    void aFewYoungOnesMayGoWithTheOldOnes() {
        List<Verdict> old = ghosts(1, 10, EARLIER);
        List<Verdict> due = new java.util.ArrayList<>(old);
        due.addAll(ghosts(20, 21, NOW.minus(Duration.ofMinutes(20))));
        Breaker draining = breaker(old, Duration.ofDays(1), Stage.DRAINING);

        Ruling ruling = RULES.rule(Optional.of(draining), view(30, due), due);

        assertThat(ruling.allowed()).isEqualTo(due);
        assertThat(ruling.breaker()).contains(draining);
    }

    @Test
    void whatCameBackEndsTheDraining() {
        List<Verdict> due = ghosts(1, 10, EARLIER);
        Breaker draining = breaker(due, Duration.ofDays(1), Stage.DRAINING);

        Ruling ruling = RULES.rule(Optional.of(draining), new View(5, 5, due, 0, 0, List.of("back")), due);

        assertThat(cause(ruling)).contains(Cause.REAPPEARANCE);
        assertThat(ruling.allowed()).isEmpty();
    }

    /** What is missing besides, and not sure yet, is judged when it is. */
    @Test
    void whatIsNotSureYetDoesNotStopTheDraining() {
        List<Verdict> old = ghosts(1, 5, EARLIER);
        List<Verdict> missing = new java.util.ArrayList<>(old);
        missing.addAll(verdicts(20, 24, Kind.MISSING, ClaimState.ACTIVE, NOW));
        Breaker draining = breaker(old, Duration.ofDays(1), Stage.DRAINING);

        Ruling ruling = RULES.rule(Optional.of(draining), view(10, missing), old);

        assertThat(ruling.allowed()).isEqualTo(old);
        assertThat(ruling.breaker()).contains(draining);
    }

    @Test
    void whatHasNoTimeIsNotOld() {
        List<Verdict> due = ghosts(1, 40, EARLIER).stream()
                .map(verdict -> new Verdict(verdict.claim(), Kind.GHOST, "gone", Optional.empty(), 3, Fate.LEFT))
                .toList();
        Breaker draining = breaker(due, Duration.ofDays(1), Stage.DRAINING);

        assertThat(RULES.rule(Optional.of(draining), view(5, due), due).allowed())
                .isEmpty();
    }

    // ------------------------------------------------------------------ words

    @Test
    void aBreakerIsReadAsItWasWritten() {
        Breaker breaker = breaker(ghosts(1, 3, EARLIER), Duration.ofHours(3), Stage.DRAINING);

        assertThat(Breaker.read(breaker.written())).isEqualTo(breaker);
    }

    @Test
    void aBreakerSaysWhy() {
        List<Verdict> three = ghosts(1, 3, EARLIER);

        assertThat(detail(new View(0, 0, three, 0, 0, List.of()), three))
                .isEqualTo("the runtime lists nothing, and 3 claims wait to be seen");
        assertThat(detail(new View(4, 0, three, 0, 0, List.of()), three))
                .isEqualTo("not one of 3 claims has its instance");
        assertThat(detail(view(2, three), three)).isEqualTo("3 of 5 claims are missing; more than 10 %");
    }

    private static String detail(View view, List<Verdict> due) {
        return rule(view, due).breaker().orElseThrow().detail();
    }
}
