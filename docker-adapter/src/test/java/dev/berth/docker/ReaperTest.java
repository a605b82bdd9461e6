package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.berth.ledger.Claim;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.port.PortPool;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.Orphan;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sweeps of real engines while things happen to them. The ledger's clock is moved, the engine's is not. */
@Timeout(180)
class ReaperTest {
    private static final Duration RECHECK = Duration.ofMinutes(5);

    /** A site with a few apps, and a clock. */
    private static final class Street implements AutoCloseable {
        final ManualClock clock = ManualClock.at(Instant.parse("2026-01-05T08:00:00Z"));
        final Site site;
        final PortPool pool;
        final List<Claim> apps = new ArrayList<>();
        private final Provisioner<CreateContainerCmd> provisioner;
        private final List<GhostReaper> reapers = new ArrayList<>();

        Street(Engine engine, int count) throws Exception {
            site = new Site(engine, new MemoryLedgerStore(clock, UUID.randomUUID()));
            pool = site.pool(count + 2);
            provisioner = site.provisioner();
            for (int i = 0; i < count; i++) {
                apps.add(app("app-" + i).claim());
            }
            clock.advance(Duration.ofHours(1));
        }

        Provisioned app(String name) {
            return provisioner.provision(site.request(site.owner(name), pool), site.spec());
        }

        String instance(int app) {
            return apps.get(app).instance().orElseThrow();
        }

        void remove(int app) {
            site.runtime
                    .docker()
                    .removeContainerCmd(instance(app))
                    .withForce(true)
                    .exec();
        }

        GhostReaper reaper() {
            return reaper(site.runtime, ReaperPolicy.defaults());
        }

        GhostReaper reaper(ContainerRuntime<CreateContainerCmd> client, ReaperPolicy policy) {
            GhostReaper reaper = GhostReaper.builder(site.ledger, client)
                    .policy(policy)
                    .deadlines(Deadlines.all(Duration.ofSeconds(20)))
                    .build();
            reapers.add(reaper);
            return reaper;
        }

        ReapReport sweep(GhostReaper reaper, int times) {
            for (int i = 1; i < times; i++) {
                reaper.run();
                clock.advance(RECHECK);
            }
            return reaper.run();
        }

        /** All sweeps that it takes until what is gone now goes. */
        ReapReport sweepUntilDue(GhostReaper reaper) {
            return sweep(reaper, 4);
        }

        boolean isHeld(int app) {
            return site.ledger.find(apps.get(app).id()).equals(Optional.of(apps.get(app)));
        }

        @Override
        public void close() {
            reapers.forEach(GhostReaper::close);
            site.close();
        }
    }

    /** The live engine, but that its listings are changed, or something happens, once they were made. */
    private static final class Listed extends ForwardingRuntime<CreateContainerCmd> {
        private final AtomicReference<UnaryOperator<Inventory>> then = new AtomicReference<>(UnaryOperator.identity());
        private final Set<String> hidden = ConcurrentHashMap.newKeySet();

        Listed(ContainerRuntime<CreateContainerCmd> engine) {
            super(engine);
        }

        void then(UnaryOperator<Inventory> change) {
            then.set(change);
        }

        /** It is as if this one was gone. */
        void hide(String instance) {
            hidden.add(instance);
        }

        void showAll() {
            hidden.clear();
        }

        @Override
        public Inventory inventory() throws Exception {
            Inventory listing = super.inventory();
            return then.get().apply(without(listing, hidden));
        }

        @Override
        public Sighting look(String instance) throws Exception {
            return hidden.contains(instance)
                    ? new Sighting.Absent("No such container: " + instance)
                    : super.look(instance);
        }
    }

    private static Inventory without(Inventory listing, Set<String> instances) {
        return new Inventory(
                listing.scope(),
                listing.coverage(),
                listing.instances().stream()
                        .filter(instance -> !instances.contains(instance.id()))
                        .toList());
    }

    private static Orphan orphan(ReapReport report, String instance) {
        return report.orphans().stream()
                .filter(orphan -> orphan.instance().id().equals(instance))
                .findFirst()
                .orElseThrow();
    }

    /** Scenario 41: what is killed, stopped, paused or renamed is there. */
    @ParameterizedTest
    @EnumSource
    void onlyWhatIsRemovedGoes(Engine engine) throws Exception {
        try (var street = new Street(engine, 5)) {
            var docker = street.site.runtime.docker();
            String stranger = street.site.stranger(street.site.prefix + "-stranger");
            street.remove(0);
            docker.killContainerCmd(street.instance(1)).exec();
            docker.renameContainerCmd(street.instance(2))
                    .withName(street.site.prefix + "-renamed")
                    .exec();
            docker.pauseContainerCmd(street.instance(3)).exec();

            ReapReport last = street.sweepUntilDue(street.reaper());

            assertThat(last.outcome()).as("%s", last).isEqualTo(Outcome.SWEPT);
            assertThat(last.ghostsRemoved()).isEqualTo(1);
            assertThat(last.portsFreed()).isEqualTo(1);
            assertThat(street.site.ledger.find(street.apps.get(0).id())).isEmpty();
            assertThat(List.of(1, 2, 3, 4)).allMatch(street::isHeld);
            assertThat(orphan(last, stranger).kind()).isEqualTo(Orphan.Kind.FOREIGN);
            assertThat(street.site.seen(stranger).state().isAtRest()).isFalse();
            docker.unpauseContainerCmd(street.instance(3)).exec();
        }
    }

    /** One is removed, one is made and one is renamed after each listing; somebody takes the name of the one that is gone. */
    @ParameterizedTest
    @EnumSource
    void whatHappensDuringASweepIsNotMistaken(Engine engine) throws Exception {
        try (var street = new Street(engine, 3)) {
            var docker = street.site.runtime.docker();
            var engineSeen = new Listed(street.site.runtime);
            GhostReaper reaper = street.reaper(engineSeen, ReaperPolicy.defaults());
            street.remove(0);
            street.sweep(reaper, 3);
            street.clock.advance(RECHECK);
            String name = street.apps.get(0).owner().name();
            String successor = street.site.stranger(name);
            List<Claim> late = new ArrayList<>();
            engineSeen.then(listing -> {
                if (late.isEmpty()) {
                    late.add(street.app("late").claim());
                    docker.renameContainerCmd(street.instance(1))
                            .withName(street.site.prefix + "-moved")
                            .exec();
                    street.remove(2);
                }
                return listing;
            });

            ReapReport last = reaper.run();

            assertThat(last.ghostsRemoved()).as("%s", last).isEqualTo(1);
            assertThat(street.isHeld(1)).isTrue();
            assertThat(street.isHeld(2)).as("its absence was not confirmed").isTrue();
            assertThat(street.site.ledger.find(late.get(0).owner())).contains(late.get(0));
            assertThat(street.site.seen(successor).name()).isEqualTo(name);
            Resource freed =
                    street.apps.get(0).part("container").values().iterator().next();
            assertThat(street.site.ledger.occupants(Set.of(freed)).get(freed))
                    .as("another one has the name on the engine")
                    .isInstanceOf(Occupant.Block.class);

            assertThat(street.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
            assertThat(street.isHeld(1)).isTrue();
        }
    }

    /** Facts 1, A2 and A3: two of us on one engine. */
    @ParameterizedTest
    @EnumSource
    void twoLedgersOnOneEngineLeaveEachOtherAlone(Engine engine) throws Exception {
        ReaperPolicy removing =
                ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.REMOVE).build();
        try (var ours = new Street(engine, 2);
                var theirs = new Street(engine, 2)) {
            ours.site.runtime.docker().killContainerCmd(theirs.instance(0)).exec();
            GhostReaper reaper = ours.reaper(ours.site.runtime, removing);

            ReapReport last = ours.sweep(reaper, 6);

            assertThat(last.count(Orphan.Fate.REMOVED)).isZero();
            assertThat(orphan(last, theirs.instance(0)).kind()).isEqualTo(Orphan.Kind.ANOTHER_LEDGERS);
            assertThat(theirs.site.runtime.look(theirs.instance(0)).seen()).isPresent();
            assertThat(List.of(0, 1)).allMatch(ours::isHeld).allMatch(theirs::isHeld);
        }
    }

    /** Scenario 56. */
    @ParameterizedTest
    @EnumSource
    void anOrphanIsRemovedOnlyIfItIsOursAndStopped(Engine engine) throws Exception {
        ReaperPolicy removing =
                ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.REMOVE).build();
        try (var street = new Street(engine, 3)) {
            var docker = street.site.runtime.docker();
            String foreign = street.site.stranger(street.site.prefix + "-stranger");
            docker.killContainerCmd(foreign).exec();
            docker.killContainerCmd(street.instance(0)).exec();
            assertThat(street.site.ledger.release(street.apps.get(0).token())).isTrue();
            assertThat(street.site.ledger.release(street.apps.get(1).token())).isTrue();
            List<String> removed = new ArrayList<>();
            GhostReaper reaper = street.reaper(street.site.runtime, removing);

            for (int i = 0; i < 6; i++) {
                ReapReport report = reaper.run();
                report.orphans().stream()
                        .filter(orphan -> orphan.fate() == Orphan.Fate.REMOVED)
                        .forEach(orphan -> removed.add(orphan.instance().id()));
                street.clock.advance(RECHECK);
            }

            assertThat(removed).containsExactly(street.instance(0));
            assertThat(street.site.runtime.look(street.instance(0))).isInstanceOf(Sighting.Absent.class);
            assertThat(street.site.runtime.look(street.instance(1)).seen()).isPresent();
            assertThat(street.site.runtime.look(foreign).seen()).isPresent();
            assertThat(street.isHeld(2)).isTrue();
        }
    }

    /** Scenario 45: what a listing lacks is looked for by its id, and an empty one is no reason at all. */
    @ParameterizedTest
    @EnumSource
    void aShortenedListingFreesNothing(Engine engine) throws Exception {
        try (var street = new Street(engine, 3)) {
            var shortened = new Listed(street.site.runtime);
            List<UnaryOperator<Inventory>> lies = List.of(
                    listing -> new Inventory(listing.scope(), Coverage.complete(), List.of()),
                    listing -> new Inventory(listing.scope(), Coverage.partial("cut off"), List.of()),
                    listing -> without(listing, Set.of(street.instance(0))));
            for (UnaryOperator<Inventory> lie : lies) {
                shortened.then(lie);
                GhostReaper reaper = street.reaper(shortened, ReaperPolicy.defaults());

                ReapReport last = street.sweep(reaper, 5);

                assertThat(last.totalRemoved()).as("%s", last).isZero();
                assertThat(last.outcome()).isIn(Outcome.HELD, Outcome.BLIND);
                assertThat(List.of(0, 1, 2)).allMatch(street::isHeld);
                street.clock.advance(Duration.ofHours(3));
            }
        }
    }

    /** Scenario 43. */
    @ParameterizedTest
    @EnumSource
    @Tag("alone")
    void aDaemonThatDiesDuringASweepCostsNothingButTime(Engine engine) throws Exception {
        try (var street = new Street(engine, 2)) {
            var mortal = new Listed(street.site.runtime);
            GhostReaper reaper = street.reaper(mortal, ReaperPolicy.defaults());
            street.remove(0);
            street.sweep(reaper, 3);
            street.clock.advance(RECHECK);
            mortal.then(listing -> {
                mortal.then(UnaryOperator.identity());
                kill(engine);
                return listing;
            });
            try {
                ReapReport died = reaper.run();
                assertThat(died.outcome()).as("%s", died).isIn(Outcome.BLIND, Outcome.FAILED);
                assertThat(died.totalRemoved()).isZero();
            } finally {
                street.site.engine.restart();
            }
            assertThat(street.isHeld(1)).isTrue();

            assertThat(street.sweepUntilDue(reaper).totalRemoved()
                            + reaper.totals().total())
                    .isPositive();
            assertThat(street.site.ledger.find(street.apps.get(0).id())).isEmpty();
            assertThat(street.isHeld(1)).isTrue();
        }
    }

    private static void kill(Engine engine) {
        try {
            engine.kill();
        } catch (java.io.IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    /** Facts 3: the wrong daemon at the right address, at rest and in the middle of a sweep. */
    @ParameterizedTest
    @EnumSource
    void anotherDaemonBehindTheSameSocketIsNotBelieved(Engine engine, @TempDir Path home) throws Exception {
        try (var street = new Street(engine, 2);
                Relay relay = Relay.onUnixSocket(engine.socket());
                DockerRuntime client = DockerFixture.open(relay.uri());
                Engine.Another other = engine.another(home)) {
            var switching = new Listed(client);
            GhostReaper reaper = street.reaper(switching, ReaperPolicy.defaults());
            assertThat(street.sweep(reaper, 2).outcome()).isEqualTo(Outcome.SWEPT);

            relay.leadTo(other.socket());
            for (int i = 0; i < 5; i++) {
                street.clock.advance(Duration.ofHours(1));
                ReapReport report = reaper.run();
                assertThat(report.outcome()).as("%s", report).isEqualTo(Outcome.BLIND);
                assertThat(report.count(Verdict.Kind.MISSING)).isZero();
            }
            relay.leadTo(engine.socket());
            switching.then(listing -> {
                relay.leadTo(other.socket());
                return without(listing, Set.of(street.instance(0), street.instance(1)));
            });
            assertThat(reaper.run().outcome()).isEqualTo(Outcome.BLIND);

            relay.leadTo(engine.socket());
            switching.then(UnaryOperator.identity());
            ReapReport back = street.sweep(reaper, 2);
            assertThat(back.outcome()).as("%s", back).isEqualTo(Outcome.SWEPT);
            assertThat(List.of(0, 1)).allMatch(street::isHeld);
        }
    }

    /** What was gone for hours, and is there again: its claim is restored, and somebody should know. */
    @ParameterizedTest
    @EnumSource
    void aReturnerHasItsClaimAgain(Engine engine) throws Exception {
        try (var street = new Street(engine, 2)) {
            var veiled = new Listed(street.site.runtime);
            GhostReaper reaper = street.reaper(veiled, ReaperPolicy.defaults());
            veiled.hide(street.instance(0));
            assertThat(street.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);

            veiled.showAll();
            street.clock.advance(Duration.ofHours(1));
            ReapReport back = reaper.run();

            assertThat(back.count(Orphan.Fate.RESTORED)).as("%s", back).isEqualTo(1);
            assertThat(back.breaker().map(Breaker::cause)).contains(Breaker.Cause.REAPPEARANCE);
            Owner owner = street.apps.get(0).owner();
            Claim restored = street.site.ledger.find(owner).orElseThrow();
            assertThat(restored.instance()).isEqualTo(street.apps.get(0).instance());
            assertThat(restored.part("http")).isEqualTo(street.apps.get(0).part("http"));
        }
    }
}
