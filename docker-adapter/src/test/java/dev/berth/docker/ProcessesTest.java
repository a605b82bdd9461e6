package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Owner;
import dev.berth.port.PortPool;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.testkit.LedgerInvariants;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Applications that are processes of their own, with one ledger in a file and one engine, which is real. */
@Timeout(900)
class ProcessesTest {
    private static final String OWNER = "anna";
    private static final int LONGEST_MILLIS = 600;

    @TempDir
    private Path directory;

    /** L7, SCENARIOS 20, 25: the same owner, asked for by processes at the same time, round after round. */
    @ParameterizedTest
    @EnumSource
    void processesThatAskForOneOwnerAtOnceGetOneContainer(Engine engine) throws Exception {
        race(engine, 3, 3);
    }

    /** L7, SCENARIOS 20, 25. */
    @Tag("deep")
    @ParameterizedTest
    @EnumSource
    void processesThatAskForOneOwnerAtOnceGetOneContainerHoweverOften(Engine engine) throws Exception {
        race(engine, 4, 25);
    }

    private void race(Engine engine, int count, int rounds) throws Exception {
        String url = url();
        List<OtherProcess> processes = new ArrayList<>();
        try (JdbcLedgerStore store = JdbcLedgerStore.open(url);
                var site = new Site(engine, store)) {
            PortPool pool = site.pool(3);
            String owner = site.owner(OWNER).name();
            for (int i = 0; i < count; i++) {
                processes.add(HostApplication.start(directory, url, engine, pool));
            }
            for (OtherProcess process : processes) {
                process.ready();
            }
            for (int round = 0; round < rounds; round++) {
                Set<String> answers = new HashSet<>();
                for (OtherProcess process : processes) {
                    process.tell("provision " + owner + " 2");
                }
                for (OtherProcess process : processes) {
                    answers.add(process.answer());
                    answers.add(process.answer());
                }
                assertThat(answers).as("round %d", round).hasSize(1);
                assertMade(site, store, answers.iterator().next());
                removeAtOnce(processes, owner);
                assertGone(site, store);
            }
        } finally {
            processes.forEach(OtherProcess::close);
        }
    }

    /** Who is not the one to remove it finds nothing, or somebody else at it. */
    private static void removeAtOnce(List<OtherProcess> processes, String owner) throws Exception {
        for (OtherProcess process : processes) {
            process.tell("remove " + owner);
        }
        List<String> answers = new ArrayList<>();
        for (OtherProcess process : processes) {
            answers.add(process.answer());
        }
        assertThat(answers).containsOnlyOnce("removed true");
    }

    /** L2, SCENARIOS 18 to 20: before each call that changes something, and in the midst of whatever it may be. */
    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void whatAKilledApplicationLeftTheNextOneResolves(Engine engine) throws Exception {
        try (var chain = new Chain(engine)) {
            assertThat(chain.dieProvisioning("CREATE 0")).isTrue();
            assertThat(chain.dieProvisioning("START 0")).isTrue();
            assertThat(chain.dieRemoving("REMOVE 0")).isTrue();
            chain.dieSomewhere();
            chain.end();
        }
    }

    /** L2, SCENARIOS 18 to 20: between any two calls of a provisioning, and of a removal. */
    @Tag("deep")
    @ParameterizedTest
    @EnumSource
    void whereverAnApplicationIsKilledTheNextOneResolvesIt(Engine engine) throws Exception {
        try (var chain = new Chain(engine)) {
            int call = 0;
            while (chain.dieProvisioning(HostApplication.ANY + " " + call)) {
                call++;
            }
            assertThat(call).isGreaterThan(8);
            int calls = call;
            call = 0;
            while (chain.dieRemoving(HostApplication.ANY + " " + call)) {
                call++;
            }
            assertThat(call).isGreaterThan(8);
            System.out.println(
                    engine + ": killed between " + calls + " calls of a provisioning and " + call + " of a removal");
            for (int i = 0; i < 10; i++) {
                chain.dieSomewhere();
            }
            chain.end();
        }
    }

    private String url() {
        return "jdbc:sqlite:" + directory.resolve("ledger.db");
    }

    /** One application after the other: each resolves what the one before it has left, and then is killed itself. */
    private final class Chain implements AutoCloseable {
        private final String url = url();
        private final long seed = System.nanoTime();
        private final Random random = new Random(seed);
        private final JdbcLedgerStore store = JdbcLedgerStore.open(url);
        private final Site site;
        private final PortPool pool;
        private final String owner;
        private OtherProcess next;
        private String told = "nobody was killed yet";

        Chain(Engine engine) throws Exception {
            System.out.println("applications on " + engine + " are killed with seed " + seed);
            site = new Site(engine, store);
            // One port: who lost it, or passes it over, has none.
            pool = site.pool(1);
            owner = site.owner(OWNER).name();
            next = HostApplication.start(directory, url, engine, pool);
        }

        /** The next application, which resolves first; the one after it is started, which takes a while. */
        private OtherProcess heir() throws Exception {
            OtherProcess heir = next;
            next = HostApplication.start(directory, url, site.engine, pool);
            heir.ready();
            if (random.nextBoolean()) {
                remove(heir);
            }
            provision(heir);
            remove(heir);
            return heir;
        }

        /** Says whether it came to that. */
        boolean dieProvisioning(String call) throws Exception {
            try (OtherProcess mortal = heir()) {
                return die(mortal, call, "provision " + owner + " 1");
            }
        }

        /** Says whether it came to that. */
        boolean dieRemoving(String call) throws Exception {
            try (OtherProcess mortal = heir()) {
                provision(mortal);
                return die(mortal, call, "remove " + owner);
            }
        }

        private boolean die(OtherProcess mortal, String call, String deed) throws Exception {
            told = "killed before " + call + " of " + deed + ", seed " + seed;
            mortal.tell("die " + call);
            mortal.tell(deed);
            boolean died = mortal.answer().startsWith("dying before ");
            mortal.kill();
            return died;
        }

        /** Killed within a call, and perhaps within a request. */
        void dieSomewhere() throws Exception {
            int after = random.nextInt(LONGEST_MILLIS);
            try (OtherProcess mortal = heir()) {
                told = "killed after " + after + " ms, seed " + seed;
                mortal.tell("provision " + owner + " 1");
                mortal.tell("remove " + owner);
                TimeUnit.MILLISECONDS.sleep(after);
                mortal.kill();
            }
        }

        /** Until the attempt of the one that was killed has lapsed, somebody is at it, and a removal does not wait. */
        private void remove(OtherProcess heir) throws Exception {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            String answer;
            do {
                heir.tell("remove " + owner);
                answer = heir.answer();
            } while (answer.contains("somebody else is at it") && System.nanoTime() - until < 0);
            assertThat(answer).as("%s; %s", told, heir.complaints()).startsWith("removed ");
            assertGone(site, store);
        }

        private void provision(OtherProcess heir) throws Exception {
            heir.tell("provision " + owner + " 1");
            String answer = heir.answer();
            assertThat(answer).as("%s; %s", told, heir.complaints()).startsWith("made ");
            assertMade(site, store, answer);
        }

        /** The last one resolves and is told nothing more. */
        void end() throws Exception {
            heir().close();
        }

        @Override
        public void close() {
            try (store;
                    site) {
                next.close();
            }
        }
    }

    /** One living container, which the ledger knows, and nothing else of ours. */
    private static void assertMade(Site site, JdbcLedgerStore store, String answer) {
        String[] words = answer.split(" ", -1);
        assertThat(words).as(answer).hasSize(4).startsWith("made");
        assertThat(site.ours()).extracting(Instance::id).containsExactly(words[1]);
        assertThat(site.ours()).allMatch(one -> one.state() == InstanceState.RUNNING);
        Claim claim =
                site.ledger.find(Owner.of("lab", site.owner(OWNER).name())).orElseThrow();
        assertThat(claim.id()).hasToString(words[2]);
        assertThat(claim.state()).isEqualTo(ClaimState.ACTIVE);
        assertThat(claim.port("http")).hasToString(words[3]);
        assertThat(LedgerInvariants.claims(store)).containsExactly(claim);
        LedgerInvariants.check(store);
    }

    private static void assertGone(Site site, JdbcLedgerStore store) {
        assertThat(site.ours()).isEmpty();
        assertThat(LedgerInvariants.claims(store)).isEmpty();
        LedgerInvariants.check(store);
    }
}
