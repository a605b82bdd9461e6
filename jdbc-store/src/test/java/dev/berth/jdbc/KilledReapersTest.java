package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** L5 and scenario 62: processes that sweep are killed, or stopped and woken up again, at any call of the engine or moment. */
@Tag("slow")
class KilledReapersTest {
    private static final int CLAIMS = 360;
    /** Below the ratio, and more than one commit frees. */
    private static final int GHOSTS = 34;
    /** More than two sweeps need. */
    private static final int MOST_CALLS = 50;
    /** So many calls the sweep needs that only observes. */
    private static final int OBSERVING = 6;

    private static final int LONGEST_MILLIS = 1_000;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRESQL", "MARIADB"})
    void whatAKilledReaperLeavesTheNextOneFinishes(Engine engine) throws Exception {
        kill(engine, 2);
    }

    @Tag("deep")
    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRESQL", "MARIADB"})
    void whateverKilledReapersLeaveTheNextOneFinishes(Engine engine) throws Exception {
        kill(engine, 30);
    }

    private void kill(Engine engine, int deaths) throws Exception {
        Random random = random(engine);
        for (int death = 0; death < deaths; death++) {
            try (var settlement = new Settlement(engine.fresh(directory), CLAIMS);
                    OtherProcess process = settlement.reaper(directory, "mortal", 2)) {
                List<Claim> ghosts = settlement.vanish(GHOSTS);
                settlement.anHourLater(ghosts);
                if (death % 2 == 0) {
                    int call = OBSERVING + random.nextInt(MOST_CALLS - OBSERVING);
                    settlement.server.doom("mortal", new EngineServer.Doom(call, moment(random), process::close));
                    process.go();
                    process.endsWithin(30, TimeUnit.SECONDS);
                } else {
                    process.go();
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_MILLIS));
                }
                int told = told(process.kill());
                assertThat(process.complaints()).doesNotContain("Exception");
                settlement.finishAndCheck(ghosts, told);
            }
        }
    }

    /** It is stopped in the middle, its lease runs out, and another one does its work. */
    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRESQL", "MARIADB"})
    void aReaperThatWakesUpAfterAnotherOneHasComeChangesNothing(Engine engine) throws Exception {
        stop(engine, 1, true);
    }

    /** It is stopped in the middle, its lease runs out, nobody else comes, and what was gone comes back: the worst of all. */
    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRESQL", "MARIADB"})
    void aReaperThatWakesUpAfterItsLeaseChangesNothingThoughNobodyHasTakenIt(Engine engine) throws Exception {
        stop(engine, 1, false);
    }

    @Tag("deep")
    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRESQL", "MARIADB"})
    void whereverAReaperIsStoppedItChangesNothingWhenItWakesUp(Engine engine) throws Exception {
        stop(engine, 20, true);
        stop(engine, 20, false);
    }

    private void stop(Engine engine, int rounds, boolean takenOver) throws Exception {
        Random random = random(engine);
        for (int round = 0; round < rounds; round++) {
            int call = OBSERVING + random.nextInt(GHOSTS);
            try (var settlement = new Settlement(engine.fresh(directory), CLAIMS);
                    OtherProcess sleeper = settlement.reaper(directory, "sleeper", 2)) {
                List<Claim> ghosts = settlement.vanish(GHOSTS);
                settlement.anHourLater(ghosts);
                var stopped = new CountDownLatch(1);
                settlement.server.doom(
                        "sleeper", new EngineServer.Doom(call, moment(random), EngineServer.End.IS_ANSWERED, () -> {
                            signal(sleeper, "STOP");
                            stopped.countDown();
                        }));
                sleeper.go();
                assertThat(stopped.await(60, TimeUnit.SECONDS)).isTrue();
                settlement.lapse();
                int told = 0;
                if (takenOver) {
                    told = rescue(settlement);
                    settlement.check(ghosts);
                } else {
                    settlement.server.runtime.lift();
                }
                Set<String> before = settlement.tokens();

                signal(sleeper, "CONT");
                List<String> said = sleeper.finish();

                assertThat(said)
                        .as("call %d, %s", call, sleeper.complaints())
                        .hasSize(2)
                        .anyMatch(line -> line.matches("FAILED \\d+ Lost: the lease was lost.*"));
                assertThat(settlement.tokens()).as("call %d: %s", call, said).isEqualTo(before);
                if (takenOver) {
                    settlement.finishAndCheck(ghosts, told);
                }
            }
        }
    }

    private int rescue(Settlement settlement) throws Exception {
        try (OtherProcess rescuer = settlement.reaper(directory, "rescuer", 2)) {
            rescuer.go();
            List<String> said = rescuer.finish();
            assertThat(said.get(1)).startsWith("SWEPT");
            return told(said);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRESQL", "MARIADB"})
    void twoProcessesReapNothingTwice(Engine engine) throws Exception {
        try (var settlement = new Settlement(engine.fresh(directory), CLAIMS);
                OtherProcess one = settlement.reaper(directory, "one", 3);
                OtherProcess other = settlement.reaper(directory, "other", 3)) {
            List<Claim> ghosts = settlement.vanish(GHOSTS);
            settlement.anHourLater(ghosts);
            one.go();
            other.go();

            assertThat(told(one.finish()) + told(other.finish())).isEqualTo(GHOSTS);
            settlement.finishAndCheck(ghosts, GHOSTS);
        }
    }

    /** How many ghosts a process has said that it freed. */
    private static int told(List<String> said) {
        return said.stream()
                .map(line -> line.split(" ", 3))
                .filter(words -> words.length == 3)
                .mapToInt(words -> Integer.parseInt(words[1]))
                .sum();
    }

    private static EngineServer.Moment moment(Random random) {
        return random.nextBoolean() ? EngineServer.Moment.BEFORE : EngineServer.Moment.AFTER;
    }

    private static void signal(OtherProcess process, String name) {
        try {
            process.signal(name);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private static Random random(Engine engine) {
        long seed = System.nanoTime();
        System.out.println("reapers on " + engine + " are disturbed with seed " + seed);
        return new Random(seed);
    }
}
