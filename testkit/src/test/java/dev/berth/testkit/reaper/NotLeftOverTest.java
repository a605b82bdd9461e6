package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Scope;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.Orphan;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** L4: what looks left over and is not. Everything here is at rest, and orphans are removed. */
class NotLeftOverTest {
    private static final ReaperPolicy REMOVING =
            ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.REMOVE).build();

    private final Town town = new Town();

    private GhostReaper reaper(Scope scope) {
        return town.builder(REMOVING, FakeRuntime.on(town.engine, scope).pacing(town.pacing))
                .build();
    }

    private ReapReport sweep(GhostReaper reaper, int times) {
        for (int i = 1; i < times; i++) {
            town.next(reaper);
        }
        return town.next(reaper);
    }

    private static Orphan orphan(ReapReport report, String instance) {
        return report.orphans().stream()
                .filter(orphan -> orphan.instance().id().equals(instance))
                .findFirst()
                .orElseThrow();
    }

    private Instance instance(Claim claim) {
        return town.engine.instance(claim.instance().orElseThrow()).orElseThrow();
    }

    private String copy(Mark mark, String name) throws Exception {
        return town.runtime.create(
                new Deployment<>(FakeSpec.of("app:1"), Optional.of(name), List.of(), mark, Map.of()));
    }

    // ------------------------------------------------------------------ other scopes

    /** A scope was renamed in the configuration, or two hosts call one engine by two names. */
    @Test
    void whatAClaimOfAnotherScopeHasStays() {
        town.apps(2, 9);
        Claim app = town.app(1);
        town.provisioner.stop(app.owner());
        town.clock.advance(Duration.ofHours(1));

        ReapReport last = sweep(reaper(Scope.of("renamed")), 8);

        assertThat(instance(app).id()).isEqualTo(app.instance().orElseThrow());
        assertThat(orphan(last, app.instance().orElseThrow()).fate()).isEqualTo(Orphan.Fate.LEFT);
        assertThat(town.engine.removed()).isEmpty();
    }

    /** Its mark names a claim that is gone; another one, of the same owner or not, has adopted it. */
    @Test
    void whatWasAdoptedInAnotherScopeStays() {
        town.apps(3, 9);
        for (int owner : new int[] {1, 2}) {
            Claim app = town.app(1);
            String id = app.instance().orElseThrow();
            town.ledger.release(app);
            Claim adopted = town.provisioner.adopt(id, Town.wish(Town.owner(owner)));
            town.provisioner.stop(adopted.owner());
            town.clock.advance(Duration.ofHours(1));

            sweep(reaper(Scope.of("renamed")), 8);

            assertThat(town.engine.instance(id))
                    .as("adopted by %s", adopted.owner())
                    .isPresent();
            assertThat(town.provisioner.remove(adopted.owner())).isTrue();
        }
    }

    // ------------------------------------------------------------------ copies

    /** Somebody has duplicated a container, labels and all; the app is stopped, which is an attempt of its own. */
    @Test
    void aCopyOfAnAppThatWasStoppedStays() throws Exception {
        town.apps(2, 9);
        Claim app = town.app(1);
        String copy = copy(instance(app).mark().orElseThrow(), "my-copy");
        GhostReaper reaper = town.reaper(REMOVING);
        sweep(reaper, 8);
        assertThat(town.engine.instance(copy)).as("before").isPresent();

        town.provisioner.stop(app.owner());
        ReapReport last = sweep(reaper, 8);

        assertThat(town.engine.instance(copy)).as("stopped").isPresent();
        assertThat(orphan(last, copy).fate()).isEqualTo(Orphan.Fate.LEFT);
        assertThat(last.plan().isEmpty()).isTrue();
        assertThat(town.provisioner.keeps(town.engine.instance(copy).orElseThrow()))
                .hasValueSatisfying(why -> assertThat(why).contains("it is a copy"));
    }

    /** The app is long gone; what was made of it is somebody's. */
    @Test
    void aCopyOfAnAppThatIsGoneStays() throws Exception {
        town.apps(2, 9);
        Claim app = town.app(1);
        Mark mark = instance(app).mark().orElseThrow();
        town.provisioner.remove(app.owner());
        String copy = copy(mark, "backup");

        sweep(town.reaper(REMOVING), 8);

        assertThat(town.engine.instance(copy)).isPresent();
    }

    /** The original of a claim that was released is left over, and no copy of itself. */
    @Test
    void theOriginalGoes() {
        town.apps(2, 9);
        Claim app = town.app(1);
        town.engine.stopInstance(app.instance().orElseThrow());
        town.ledger.release(app);

        sweep(town.reaper(REMOVING), 8);

        assertThat(town.engine.instance(app.instance().orElseThrow())).isEmpty();
    }

    /** What somebody has made of an instance that was reaped is no returner: nothing is claimed for it. */
    @Test
    void aCopyOfWhatWasReapedIsNoReturner() throws Exception {
        town.apps(2, 30);
        Claim app = town.app(1);
        Mark mark = instance(app).mark().orElseThrow();
        town.clock.advance(Duration.ofHours(1));
        town.vanish(app);
        GhostReaper reaper = town.reaper(REMOVING);
        assertThat(town.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
        String copy = copy(mark, "copy");

        ReapReport last = sweep(reaper, 8);

        assertThat(orphan(last, copy).kind()).isEqualTo(Orphan.Kind.OURS);
        assertThat(last.breaker()).isEmpty();
        assertThat(town.ledger.find(app.owner())).isEmpty();
        assertThat(town.engine.instance(copy)).isPresent();
    }

    /** Nor is a stranger that got its number. */
    @Test
    void whoGotTheNumberOfWhatWasReapedIsNoReturner() {
        town.engine.withReusedIds();
        town.apps(2, 30);
        Claim app = town.app(1);
        town.clock.advance(Duration.ofHours(1));
        town.vanish(app);
        GhostReaper reaper = town.reaper(REMOVING);
        assertThat(town.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
        String stranger = town.engine.stranger("somebody");
        assertThat(app.instance()).contains(stranger);

        ReapReport last = sweep(reaper, 8);

        assertThat(orphan(last, stranger).kind()).isEqualTo(Orphan.Kind.FOREIGN);
        assertThat(town.ledger.find(app.owner())).isEmpty();
    }

    /** Its owner has a claim again, so it cannot be restored; it is at rest, and it was alive when it was freed. */
    @Test
    void aReturnerIsNeverRemoved() {
        List<Claim> apps = town.apps(1, 30);
        town.clock.advance(Duration.ofHours(1));
        String id = apps.get(0).instance().orElseThrow();
        var veiled = new Veiled(town.runtime);
        veiled.hide(id);
        GhostReaper reaper = town.builder(REMOVING, veiled).build();
        assertThat(town.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
        town.ledger.claim(Town.wish(Town.owner(1)));
        town.engine.stopInstance(id);
        veiled.show(id);

        for (int i = 0; i < 4; i++) {
            sweep(reaper, 4);
            reaper.approve(town.next(reaper).plan());
        }

        assertThat(town.engine.instance(id)).isPresent();
        assertThat(orphan(town.next(reaper), id).kind()).isEqualTo(Orphan.Kind.RETURNER);
    }

    /** Whoever adopts what is left over does not remove what cannot be adopted. */
    @Test
    void adoptingRemovesNothing() {
        town.apps(1, 9);
        List<Claim> left = leftOver(2);
        left.forEach(claim -> town.ledger.claim(Town.wish(claim.owner())));
        GhostReaper reaper = town.reaper(
                ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.ADOPT).build());

        sweep(reaper, 8);

        assertThat(town.engine.removed()).isEmpty();
        assertThat(left)
                .allSatisfy(claim -> assertThat(
                                town.engine.instance(claim.instance().orElseThrow()))
                        .isPresent());
    }

    /** A ledger that was put back from an old copy does not know what it has made since. */
    @Test
    void whatTheLedgerDoesNotRememberStays() throws Exception {
        town.apps(2, 9);
        String unknown = copy(
                new Mark(town.ledger.identity().ledger(), new java.util.UUID(50, 1), "nonce", Town.owner(1)),
                "made-since");
        town.clock.advance(Duration.ofHours(1));

        ReapReport last = sweep(town.reaper(REMOVING), 8);

        assertThat(town.engine.instance(unknown)).isPresent();
        assertThat(orphan(last, unknown).kind()).isEqualTo(Orphan.Kind.OURS);
    }

    /** The marks are there from before, and nobody knows what happened meanwhile. */
    @Test
    void whoHasJustStartedRemovesNothing() {
        town.apps(1, 9);
        leftOver(1);
        town.confirm(town.reaper(REMOVING));
        GhostReaper started = town.reaper(REMOVING);

        assertThat(started.run().count(Orphan.Fate.REMOVED)).isZero();
        assertThat(town.engine.removed()).isEmpty();
        assertThat(town.next(started).count(Orphan.Fate.REMOVED)).isEqualTo(1);
    }

    /** What an attempt has left belongs to nobody while its claim is there, and what says nothing cannot be claimed. */
    @Test
    void whatCannotBeAdoptedIsLeft() throws Exception {
        town.apps(2, 9);
        Claim app = town.app(1);
        Mark own = instance(app).mark().orElseThrow();
        String ofAnAttempt = copy(new Mark(own.ledger(), own.claim(), "another", own.owner()), "attempt");
        Claim gone = town.app(10);
        Mark former = instance(gone).mark().orElseThrow();
        town.provisioner.remove(gone.owner());
        String mute = copy(former, "mute");
        GhostReaper reaper = town.reaper(
                ReaperPolicy.builder().orphans(ReaperPolicy.Orphans.ADOPT).build());

        ReapReport last = sweep(reaper, 8);

        assertThat(orphan(last, ofAnAttempt).fate()).isEqualTo(Orphan.Fate.LEFT);
        assertThat(orphan(last, ofAnAttempt).reason()).contains("left behind by an attempt of lab:app-1");
        assertThat(orphan(last, mute).fate()).isEqualTo(Orphan.Fate.LEFT);
        assertThat(orphan(last, mute).reason()).contains("the claim of lab:app-10 is gone", "do not say what it held");
    }

    // ------------------------------------------------------------------ what cannot be removed

    private List<Claim> leftOver(int count) {
        List<Claim> left = town.apps(101, 100 + count);
        left.forEach(claim -> {
            town.engine.stopInstance(claim.instance().orElseThrow());
            town.ledger.release(claim);
        });
        town.clock.advance(Duration.ofHours(1));
        return left;
    }

    private GhostReaper refusing(Set<String> kept, Removal answer) {
        ContainerRuntime<FakeSpec> client = new ForwardingRuntime<>(town.runtime) {
            @Override
            public Removal remove(String instance, Mark mark, Removal.Mode mode) throws Exception {
                return kept.contains(instance) ? answer : super.remove(instance, mark, mode);
            }
        };
        return town.builder(REMOVING, client).build();
    }

    /** Five that the engine keeps are the cap of a run, and must not be the end of it. */
    @Test
    void whatTheEngineKeepsKeepsNothingElse() {
        town.apps(1, 30);
        List<Claim> left = leftOver(8);
        Set<String> kept = new HashSet<>();
        left.subList(0, 5).forEach(claim -> kept.add(claim.instance().orElseThrow()));

        ReapReport last = sweep(refusing(kept, new Removal.Kept("a snapshot depends on it")), 8);

        assertThat(town.engine.removed()).hasSize(3);
        assertThat(last.breaker()).as("to be kept is no failure").isEmpty();
        assertThat(last.errors()).isEmpty();
        assertThat(last.count(Orphan.Fate.FAILED)).isEqualTo(5);
    }

    /** Three removals that never work say nothing of the claims. */
    @Test
    void failingRemovalsKeepNoGhosts() {
        List<Claim> apps = town.apps(1, 60);
        List<Claim> left = leftOver(5);
        Set<String> kept = new HashSet<>();
        left.subList(0, 3).forEach(claim -> kept.add(claim.instance().orElseThrow()));
        GhostReaper reaper = refusing(kept, new Removal.Unknown("device or resource busy"));
        int freed = 0;
        sweep(reaper, 5);
        assertThat(reaper.breaker()).isPresent();

        for (int hour = 0; hour < 96; hour++) {
            if (hour % 6 == 0 && hour < 72) {
                town.vanish(apps.get(hour / 6));
            }
            town.clock.advance(Duration.ofHours(1));
            freed += reaper.run().ghostsRemoved();
        }

        assertThat(freed).isEqualTo(12);
        assertThat(town.engine.removed())
                .filteredOn(gone -> !gone.by().equals("outsider"))
                .hasSize(2);
    }
}
