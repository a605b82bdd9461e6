package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerRecord;
import dev.berth.port.PortPool;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.LedgerInvariants;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** L5 and scenario 62 on real engines: processes that sweep are killed, or stopped and woken up again, wherever they are. */
@Timeout(900)
class ReaperProcessesTest {
    private static final int LIVING = 5;
    private static final int GHOSTS = 4;
    private static final int LONGEST_MILLIS = 800;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void whatAKilledReaperLeavesTheNextOneFinishes(Engine engine) throws Exception {
        try (var lane = new Lane(engine)) {
            Sweeps undisturbed = lane.undisturbed();
            lane.killed(undisturbed.somewhere(lane.random));
            lane.killedAfter(lane.random.nextInt(LONGEST_MILLIS));
        }
    }

    @Tag("deep")
    @ParameterizedTest
    @EnumSource
    void whereverAReaperIsKilledTheNextOneFinishes(Engine engine) throws Exception {
        try (var lane = new Lane(engine)) {
            Sweeps undisturbed = lane.undisturbed();
            for (int call = 0; call < undisturbed.end; call++) {
                lane.killed(call);
            }
            for (int i = 0; i < 10; i++) {
                lane.killedAfter(lane.random.nextInt(LONGEST_MILLIS));
            }
        }
    }

    /** Another one has done its work meanwhile; or nobody has, and its applications have made anew what was gone. */
    @ParameterizedTest
    @EnumSource
    void aReaperThatWakesUpAfterItsLeaseTakesNothing(Engine engine) throws Exception {
        try (var lane = new Lane(engine)) {
            Sweeps undisturbed = lane.undisturbed();
            lane.wokenAfterAnother(undisturbed.somewhere(lane.random));
            lane.wokenAfterARevival(undisturbed.somewhere(lane.random));
        }
    }

    @Tag("deep")
    @ParameterizedTest
    @EnumSource
    void whereverAReaperIsStoppedItTakesNothingWhenItWakesUp(Engine engine) throws Exception {
        try (var lane = new Lane(engine)) {
            Sweeps undisturbed = lane.undisturbed();
            for (int call = 0; call < undisturbed.end; call++) {
                lane.wokenAfterAnother(call);
                lane.wokenAfterARevival(call);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void twoProcessesReapNothingTwice(Engine engine) throws Exception {
        try (var lane = new Lane(engine)) {
            List<Claim> ghosts = lane.vanish();
            try (OtherProcess one = lane.process();
                    OtherProcess other = lane.process()) {
                one.tell("reap 3");
                other.tell("reap 3");
                assertThat(freed(one) + freed(other)).isEqualTo(GHOSTS);
            }
            lane.check(ghosts);
        }
    }

    /** After how many calls the sweep that only observes was over, and after how many the one that acts. */
    private record Sweeps(int observed, int end) {
        int somewhere(Random random) {
            return observed + random.nextInt(end - observed);
        }
    }

    /** What happens to a process before it is killed. */
    private interface Course {
        void take(OtherProcess mortal) throws Exception;
    }

    /** How many ghosts a process frees until it is done, or where it was told to end. */
    private static int freed(OtherProcess process) throws Exception {
        int freed = 0;
        for (String answer = process.answer(); !isAtEnd(answer); answer = process.answer()) {
            freed += Integer.parseInt(answer.split(" ", 4)[1]);
        }
        return freed;
    }

    /** It may be done before it comes to the call where it should end: not every sweep makes as many. */
    private static boolean isAtEnd(String answer) {
        return answer.equals("reaped") || answer.startsWith("dying before ") || answer.startsWith("halting before ");
    }

    /** A ledger in a file, an engine, and apps on it of which some vanish, round after round. */
    private final class Lane implements AutoCloseable {
        final Random random;
        private final long seed = System.nanoTime();
        private final String url = "jdbc:sqlite:" + directory.resolve("ledger.db");
        private final JdbcLedgerStore store = JdbcLedgerStore.open(url);
        private final Site site;
        private final PortPool pool;
        private final Provisioner<CreateContainerCmd> provisioner;
        private final Set<String> living;
        private String told = "";
        private int made;

        Lane(Engine engine) throws Exception {
            System.out.println("reapers on " + engine + " are disturbed with seed " + seed);
            random = new Random(seed);
            site = new Site(engine, store);
            // Ports that were freed rest for a while.
            pool = site.pool(1_000);
            provisioner = site.provisioner();
            for (int i = 0; i < LIVING; i++) {
                app();
            }
            living = tokens();
        }

        private Claim app() {
            return provisioner
                    .provision(site.request(site.owner("app-" + made++), pool), site.spec())
                    .claim();
        }

        OtherProcess process() throws Exception {
            return HostApplication.start(directory, url, site.engine, pool).ready();
        }

        // -------------------------------------------------------------- what happens

        /** Apps whose containers somebody has removed, missed three times within the hour: as if sweeps had been there. */
        List<Claim> vanish() throws Exception {
            List<Claim> ghosts = new ArrayList<>();
            for (int i = 0; i < GHOSTS; i++) {
                ghosts.add(app());
            }
            ghosts.forEach(ghost -> site.runtime
                    .docker()
                    .removeContainerCmd(ghost.instance().orElseThrow())
                    .withForce(true)
                    .exec());
            long hour = Duration.ofHours(1).toNanos() / 1_000;
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout = 10000");
                statement.executeUpdate("UPDATE berth_claim SET created_at = created_at - " + hour
                        + ", state_since = state_since - " + hour);
            }
            // What rounds before this one have freed is not to count as a wave.
            site.ledger
                    .records()
                    .find(record("state"))
                    .ifPresent(state ->
                            assertThat(site.ledger.records().end(state)).isTrue());
            Instant now = site.ledger.now();
            for (Claim ghost : ghosts) {
                String mark = now.minus(Duration.ofMinutes(30)) + "\n" + now.minus(Duration.ofMinutes(6)) + "\n3\n"
                        + ghost.token();
                assertThat(site.ledger.records().put(record("missing/" + ghost.id()), 0, mark))
                        .isPresent();
            }
            return ghosts;
        }

        private String record(String name) {
            return "reaper/" + DockerFixture.NODE + "/" + name;
        }

        /** The lease of a sweep that ended in the middle runs out, if it had one. */
        private void lapse() throws Exception {
            Optional<LedgerRecord> lease = site.ledger.records().find(record("lease"));
            if (lease.isPresent()) {
                var shortened =
                        new Commit.RenewRecord(lease.get().name(), lease.get().version(), Duration.ofMillis(1));
                store.commit(List.of(new Commit(List.of(), List.of(), List.of(shortened), List.of())));
            }
            while (site.ledger.records().find(record("lease")).isPresent()) {
                TimeUnit.MILLISECONDS.sleep(2);
            }
        }

        /** Sweeps to the end; gives how many it has freed. */
        private int finish() throws Exception {
            lapse();
            try (GhostReaper reaper = GhostReaper.builder(site.ledger, site.runtime)
                    .policy(HostApplication.POLICY)
                    .build()) {
                ReapReport observed = reaper.run();
                assertThat(observed.outcome()).as("%s: %s", told, observed).isEqualTo(Outcome.OBSERVED);
                ReapReport swept = reaper.run();
                assertThat(swept.outcome()).as("%s: %s", told, swept).isEqualTo(Outcome.SWEPT);
                return swept.ghostsRemoved();
            }
        }

        // -------------------------------------------------------------- who sweeps

        Sweeps undisturbed() throws Exception {
            told = "undisturbed, seed " + seed;
            List<Claim> ghosts = vanish();
            try (OtherProcess process = process()) {
                process.tell("reap 2");
                String observed = process.answer();
                String swept = process.answer();
                assertThat(observed).startsWith("OBSERVED 0 ");
                assertThat(swept).startsWith("SWEPT " + GHOSTS + " ");
                check(ghosts);
                return new Sweeps(calls(observed), calls(swept));
            }
        }

        private int calls(String answer) {
            return Integer.parseInt(answer.split(" ", 4)[2]);
        }

        void killed(int call) throws Exception {
            killed("killed before call " + call, mortal -> {
                mortal.tell("die " + HostApplication.ANY + " " + call);
                mortal.tell("reap 2");
                assertThat(freed(mortal)).as(told).isIn(0, GHOSTS);
            });
        }

        void killedAfter(int millis) throws Exception {
            killed("killed after " + millis + " ms", mortal -> {
                mortal.tell("reap 2");
                TimeUnit.MILLISECONDS.sleep(millis);
            });
        }

        private void killed(String how, Course course) throws Exception {
            told = how + ", seed " + seed;
            List<Claim> ghosts = vanish();
            try (OtherProcess mortal = process()) {
                course.take(mortal);
                mortal.kill();
            }
            finish();
            check(ghosts);
        }

        /** Stopped in the middle, its lease runs out, another one does its work, and it is woken up. */
        void wokenAfterAnother(int call) throws Exception {
            told = "stopped before call " + call + " and overtaken, seed " + seed;
            List<Claim> ghosts = vanish();
            try (OtherProcess sleeper = process()) {
                int freed = halt(sleeper, call);
                int rescued = finish();
                check(ghosts);

                freed += wake(sleeper);

                assertThat(freed + rescued).as(told).isEqualTo(GHOSTS);
            }
            check(ghosts);
        }

        /** Stopped in the middle, its lease runs out, and what was gone is made anew by its applications. */
        void wokenAfterARevival(int call) throws Exception {
            told = "stopped before call " + call + " and what was gone made anew, seed " + seed;
            List<Claim> ghosts = vanish();
            List<Claim> revived = new ArrayList<>();
            try (OtherProcess sleeper = process()) {
                halt(sleeper, call);
                lapse();
                for (Claim ghost : ghosts) {
                    revived.add(provisioner
                            .provision(site.request(ghost.owner(), pool), site.spec())
                            .claim());
                }
                Set<String> before = tokens();

                int unused = wake(sleeper);

                assertThat(tokens()).as(told).isEqualTo(before);
                for (Claim claim : revived) {
                    assertThat(site.seen(claim.instance().orElseThrow()).state())
                            .as(told)
                            .isEqualTo(InstanceState.RUNNING);
                    assertThat(provisioner.remove(claim.owner())).isTrue();
                }
            }
            check(List.of());
        }

        /** Gives how many it has freed before. */
        private int halt(OtherProcess sleeper, int call) throws Exception {
            sleeper.tell("halt " + HostApplication.ANY + " " + call);
            sleeper.tell("reap 2");
            return freed(sleeper);
        }

        /** Gives how many it has freed after all, and before within the same sweep. */
        private static int wake(OtherProcess sleeper) throws Exception {
            sleeper.signal("CONT");
            sleeper.tell("reap 0");
            return freed(sleeper);
        }

        // -------------------------------------------------------------- what is seen

        private Set<String> tokens() {
            return site.ledger
                    .claims(ClaimQuery.all())
                    .map(claim -> claim.token().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        /** Just these are freed, each has a tombstone, and everybody else is as before, on the engine as well. */
        void check(List<Claim> ghosts) throws Exception {
            LedgerInvariants.check(store);
            assertThat(tokens()).as(told).isEqualTo(living);
            assertThat(ghosts)
                    .as(told)
                    .allSatisfy(ghost -> assertThat(site.ledger.tombstone(ghost.id()))
                            .hasValueSatisfying(stone ->
                                    assertThat(stone.claim().holdings()).hasSameSizeAs(ghost.holdings())));
            assertThat(site.ours())
                    .as(told)
                    .hasSize(LIVING)
                    .extracting(Instance::state)
                    .containsOnly(InstanceState.RUNNING);
        }

        @Override
        public void close() {
            try (store) {
                site.close();
            }
        }
    }
}
