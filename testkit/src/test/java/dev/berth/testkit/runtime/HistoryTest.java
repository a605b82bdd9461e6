package dev.berth.testkit.runtime;

import dev.berth.runtime.Full;
import dev.berth.runtime.Held;
import dev.berth.runtime.Mine;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.runtime.Fleet.Setup;
import dev.berth.testkit.runtime.Fleet.Step;
import dev.berth.testkit.runtime.Fleet.Ways;
import dev.berth.testkit.runtime.Fleet.What;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

/**
 * Whatever happens to several hosts on one ledger and one engine, in whatever order: the laws hold after every step, and
 * once all is well again everybody gets an instance and nothing is left behind. Then the same where callers overtake one
 * another at every call of store and runtime.
 */
class HistoryTest {
    private static final Turns.Wildness WILD = new Turns.Wildness(25, 100, 300);

    @Provide
    Arbitrary<Setup> setups() {
        Arbitrary<Ways> ways = Combinators.combine(
                        Arbitraries.of(Mine.REUSE, Mine.REUSE, Mine.REPLACE, Mine.REJECT),
                        Arbitraries.of(Held.values()),
                        Arbitraries.of(
                                List.of(Stranger.REFUSE),
                                List.of(Stranger.NEXT_CANDIDATE),
                                List.of(Stranger.REMOVE_IF_OURS),
                                List.of(Stranger.ADOPT, Stranger.NEXT_CANDIDATE),
                                List.of(Stranger.REMOVE_IF_OURS, Stranger.ADOPT, Stranger.NEXT_CANDIDATE)),
                        Arbitraries.of(Full.values()))
                .as(Ways::new);
        return Combinators.combine(
                        ways.list().ofMinSize(2).ofMaxSize(4),
                        Arbitraries.of(false, false, true),
                        Arbitraries.of(false, false, true),
                        Arbitraries.of(false, false, true))
                .as(Setup::new);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return step(Arbitraries.frequency(
                        Tuple.of(24, What.PROVISION),
                        Tuple.of(6, What.STOP),
                        Tuple.of(7, What.REMOVE),
                        Tuple.of(3, What.LET_GO),
                        Tuple.of(4, What.ADOPT),
                        Tuple.of(3, What.RECOVER),
                        Tuple.of(6, What.PASS_TIME),
                        Tuple.of(3, What.OCCUPY),
                        Tuple.of(1, What.VACATE),
                        Tuple.of(5, What.COME),
                        Tuple.of(8, What.HARM),
                        Tuple.of(12, What.MISHAP),
                        Tuple.of(4, What.LOSE_STORE),
                        Tuple.of(1, What.DIE),
                        Tuple.of(2, What.COME_BACK),
                        Tuple.of(2, What.LIE),
                        Tuple.of(2, What.SWITCH_ENGINE),
                        Tuple.of(2, What.TRUST),
                        Tuple.of(2, What.FOREIGN_LEDGER)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }

    /** What callers do at once: more of their own deeds, and few of the great disasters. */
    @Provide
    Arbitrary<List<List<Step>>> callers() {
        return step(Arbitraries.frequency(
                        Tuple.of(30, What.PROVISION),
                        Tuple.of(6, What.STOP),
                        Tuple.of(8, What.REMOVE),
                        Tuple.of(2, What.LET_GO),
                        Tuple.of(3, What.ADOPT),
                        Tuple.of(2, What.RECOVER),
                        Tuple.of(2, What.PASS_TIME),
                        Tuple.of(1, What.OCCUPY),
                        Tuple.of(1, What.COME),
                        Tuple.of(1, What.HARM),
                        Tuple.of(2, What.MISHAP),
                        Tuple.of(1, What.LOSE_STORE)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .list()
                .ofMinSize(2)
                .ofMaxSize(5);
    }

    private static Arbitrary<Step> step(Arbitrary<What> what) {
        return Combinators.combine(
                        what,
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers()
                                .between(0, 1_023)
                                .withDistribution(net.jqwik.api.RandomDistribution.uniform()))
                .as(Step::new);
    }

    @Property(tries = 200)
    void theLawsHoldAndAllComesToRest(@ForAll("setups") Setup setup, @ForAll("steps") List<Step> steps) {
        walk(setup, steps);
    }

    @Property(tries = 30_000)
    @Tag("deep")
    void theLawsHoldForLong(@ForAll("setups") Setup setup, @ForAll("steps") List<Step> steps) {
        walk(setup, steps);
    }

    @Property(tries = 200)
    void theLawsHoldWhereCallersOvertakeOneAnother(
            @ForAll("setups") Setup setup, @ForAll("callers") List<List<Step>> callers, @ForAll long seed) {
        interleave(setup, callers, seed);
    }

    @Property(tries = 20_000)
    @Tag("deep")
    void theLawsHoldWhereCallersOvertakeOneAnotherForLong(
            @ForAll("setups") Setup setup, @ForAll("callers") List<List<Step>> callers, @ForAll long seed) {
        interleave(setup, callers, seed);
    }

    private static void walk(Setup setup, List<Step> steps) {
        var fleet = new Fleet(setup, null, WILD);
        fleet.walk(steps);
        fleet.rest();
    }

    private static void interleave(Setup setup, List<List<Step>> callers, long seed) {
        var fleet = new Fleet(setup, seed, WILD);
        fleet.walkTogether(callers);
        fleet.rest();
    }
}
