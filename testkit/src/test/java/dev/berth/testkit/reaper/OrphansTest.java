package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.Orphan;
import dev.berth.reaper.Orphan.Fate;
import dev.berth.reaper.Orphan.Kind;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperEvent;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.ReaperPolicy.Orphans;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Instances that no claim has. */
class OrphansTest {
    private final Town town = new Town();
    private final List<ReaperEvent> events = new ArrayList<>();

    private GhostReaper reaper(Orphans policy) {
        return town.builder(ReaperPolicy.builder().orphans(policy).build())
                .listener(events::add)
                .build();
    }

    private static Orphan only(ReapReport report) {
        assertThat(report.orphans()).as(report.toString()).hasSize(1);
        return report.orphans().get(0);
    }

    private String create(Mark mark, String name, Map<String, String> labels) {
        try {
            return town.runtime.create(
                    new Deployment<>(FakeSpec.of("app:1"), Optional.of(name), List.of(), mark, labels));
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** That of a claim that was given up; another ledger's claims are unknown to this one. */
    private Mark mark(UUID ledger, int number) {
        if (!ledger.equals(ledger())) {
            return unknown(ledger, number);
        }
        var granted = (AttemptOutcome.Granted)
                town.ledger.attempt(Town.wish(Town.owner(number)), Town.NODE, Duration.ofMinutes(5));
        town.ledger.abandon(granted.attempt());
        return new Mark(ledger, granted.claim().id(), granted.attempt().nonce(), Town.owner(number));
    }

    private static Mark unknown(UUID ledger, int number) {
        return new Mark(ledger, new UUID(50, number), "nonce-" + number, Town.owner(number));
    }

    private UUID ledger() {
        return town.ledger.identity().ledger();
    }

    private long count(Class<? extends ReaperEvent> kind) {
        return events.stream().filter(kind::isInstance).count();
    }

    /** Its claim is released behind the library's back, and it lives on. */
    private Claim leftAlone(int number) {
        Claim claim = town.app(number);
        town.ledger.release(claim);
        return claim;
    }

    // ------------------------------------------------------------------ telling

    /** Scenario 56: a running one is an anomaly that a listener hears of, once; one that is being removed is information. */
    @Test
    void aRunningOneIsAnAnomaly() {
        town.app(1);
        Claim left = leftAlone(2);
        GhostReaper reaper = reaper(Orphans.REPORT);

        for (int i = 0; i < 5; i++) {
            Orphan orphan = only(town.next(reaper));
            assertThat(orphan.kind()).isEqualTo(Kind.OURS);
            assertThat(orphan.isAnomaly()).isTrue();
            assertThat(orphan.fate()).isEqualTo(Fate.LEFT);
        }
        assertThat(count(ReaperEvent.Anomaly.class)).isEqualTo(1);
        town.engine
                .removalTaking(Duration.ofMinutes(30))
                .removeInstance(left.instance().orElseThrow());
        assertThat(only(town.next(reaper)).isAnomaly()).isFalse();
    }

    @Test
    void foreignOnesAreLeftAloneUnderEveryPolicy() {
        town.app(1);
        town.engine.stopInstance(town.engine.stranger("web"));
        create(mark(new UUID(8, 8), 5), "theirs", Map.of());
        for (Orphans policy : Orphans.values()) {
            GhostReaper reaper = reaper(policy);
            for (int i = 0; i < 8; i++) {
                ReapReport report = town.next(reaper);
                assertThat(report.orphans())
                        .extracting(Orphan::kind)
                        .containsExactlyInAnyOrder(Kind.FOREIGN, Kind.ANOTHER_LEDGERS);
                assertThat(report.orphans()).allMatch(orphan -> orphan.fate() == Fate.LEFT);
                assertThat(report.plan().items()).isEmpty();
            }
        }
        assertThat(town.engine.removed()).isEmpty();
        assertThat(town.engine.calls(RuntimeCall.REMOVE)).isZero();
    }

    // ------------------------------------------------------------------ removing

    /** A ledger that was restored from an old copy does not know what it has made since. */
    @Test
    void whatTheLedgerDoesNotRememberIsNotRemoved() {
        town.app(1);
        String id = create(unknown(ledger(), 5), "left", Map.of());
        GhostReaper reaper = reaper(Orphans.REMOVE);
        town.confirm(reaper);

        ReapReport report = reaper.run();

        assertThat(only(report).fate()).isEqualTo(Fate.LEFT);
        assertThat(report.plan().items()).isEmpty();
        assertThat(town.engine.instance(id)).isPresent();
    }

    @Test
    void oursThatRestsIsRemovedWhenItIsSure() {
        town.app(1);
        String id = create(mark(ledger(), 5), "left", Map.of());
        GhostReaper reaper = reaper(Orphans.REMOVE);
        town.confirm(reaper);
        assertThat(town.engine.instance(id)).isPresent();

        ReapReport report = reaper.run();

        assertThat(only(report).fate()).isEqualTo(Fate.REMOVED);
        assertThat(report.plan().items()).extracting(item -> item.kind()).containsExactly("orphan");
        assertThat(town.engine.instance(id)).isEmpty();
        assertThat(count(ReaperEvent.OrphanHandled.class)).isEqualTo(1);
        assertThat(town.next(reaper).orphans()).isEmpty();
    }

    @Test
    void oursThatLivesIsNeverRemoved() {
        town.app(1);
        Claim left = leftAlone(2);
        GhostReaper reaper = reaper(Orphans.REMOVE);
        for (int i = 0; i < 10; i++) {
            assertThat(only(town.next(reaper)).fate()).isEqualTo(Fate.LEFT);
        }
        assertThat(town.engine.instance(left.instance().orElseThrow())).isPresent();
    }

    /** Started just when it is about to be removed: its state is checked at that moment. */
    @Test
    void oneThatIsStartedMeanwhileIsKept() {
        town.app(1);
        String id = create(mark(ledger(), 5), "left", Map.of());
        var client = new Hooked(town.runtime);
        GhostReaper reaper = town.builder(
                        ReaperPolicy.builder().orphans(Orphans.REMOVE).build(), client)
                .build();
        town.confirm(reaper);
        client.before(RuntimeCall.REMOVE, () -> town.engine.startInstance(id));

        ReapReport report = reaper.run();

        assertThat(only(report).fate()).isEqualTo(Fate.FAILED);
        assertThat(town.engine.running()).extracting(one -> one.id()).contains(id);
    }

    @Test
    void guardedAndPinnedOnesAreKept() {
        town.app(1);
        String guarded = create(mark(ledger(), 5), "guarded", Map.of());
        town.engine.guardInstance(guarded, "protection");
        String pinned = create(mark(ledger(), 6), "pinned", Map.of(GhostReaper.KEEP, "yes"));
        GhostReaper reaper = reaper(Orphans.REMOVE);
        for (int i = 0; i < 10; i++) {
            assertThat(town.next(reaper).plan().items()).isEmpty();
        }
        assertThat(town.engine.instance(guarded)).isPresent();
        assertThat(town.engine.instance(pinned)).isPresent();
    }

    /** What is being created right now carries the nonce of a current attempt, and is nobody's orphan. */
    @ParameterizedTest
    @EnumSource(Orphans.class)
    void whatIsBeingCreatedIsNeverTouched(Orphans policy) {
        town.app(1);
        var granted = (AttemptOutcome.Granted)
                town.ledger.attempt(Town.wish(Town.owner(2)), Town.NODE, Duration.ofMinutes(50));
        String id = create(
                new Mark(ledger(), granted.claim().id(), granted.attempt().nonce(), Town.owner(2)), "app-2", Map.of());
        GhostReaper reaper = reaper(policy);
        for (int i = 0; i < 11; i++) {
            assertThat(town.next(reaper).orphans()).isEmpty();
        }
        assertThat(town.engine.instance(id)).isPresent();
        assertThat(town.engine.calls(RuntimeCall.REMOVE)).isZero();
    }

    /** What an earlier attempt has left behind is an orphan, while the next one is at it. */
    @Test
    void whatAnEarlierAttemptLeftIsRemoved() {
        town.app(1);
        var first = (AttemptOutcome.Granted)
                town.ledger.attempt(Town.wish(Town.owner(2)), Town.NODE, Duration.ofMinutes(1));
        String id = create(
                new Mark(ledger(), first.claim().id(), first.attempt().nonce(), Town.owner(2)), "left-2", Map.of());
        town.clock.advance(Duration.ofMinutes(2));
        Claim again = town.app(2);
        town.clock.advance(Duration.ofMinutes(30));

        town.sweepUntilDue(reaper(Orphans.REMOVE));

        assertThat(town.engine.instance(id)).isEmpty();
        assertThat(town.lives(again)).isTrue();
        assertThat(town.engine.instance(again.instance().orElseThrow())).isPresent();
    }

    /** A dry run tells of nothing as done, and what is at rest, or somebody else's, is nothing to hear of. */
    @Test
    void onlyWhatWasDoneIsToldOf() {
        town.app(1);
        String stranger = town.engine.stranger("web");
        String left = create(mark(ledger(), 10), "left-10", Map.of());
        GhostReaper reaper = reaper(Orphans.REMOVE);
        town.confirm(reaper);
        events.clear();

        assertThat(reaper.plan().count(Fate.REMOVED)).isEqualTo(1);
        assertThat(count(ReaperEvent.OrphanHandled.class)).isZero();
        assertThat(town.engine.instance(left)).isPresent();
        assertThat(reaper.run().count(Fate.REMOVED)).isEqualTo(1);
        assertThat(count(ReaperEvent.OrphanHandled.class)).isEqualTo(1);
        assertThat(count(ReaperEvent.Anomaly.class)).isZero();
        assertThat(town.engine.instance(stranger)).isPresent();
    }

    /** n + 1 against the cap. */
    @Test
    void noRunRemovesMoreThanTheCap() {
        town.app(1);
        for (int i = 10; i < 17; i++) {
            create(mark(ledger(), i), "left-" + i, Map.of());
        }
        GhostReaper reaper = reaper(Orphans.REMOVE);
        town.confirm(reaper);

        ReapReport first = reaper.run();
        ReapReport second = reaper.run();

        assertThat(first.count(Fate.REMOVED)).isEqualTo(5);
        assertThat(first.count(Fate.POSTPONED)).isEqualTo(2);
        assertThat(second.count(Fate.REMOVED)).isEqualTo(2);
    }

    /** Three removals in a row that do not work are a fault of something else. */
    @Test
    void failingRemovalsOpenTheBreaker() {
        town.app(1);
        for (int i = 10; i < 15; i++) {
            create(mark(ledger(), i), "left-" + i, Map.of());
        }
        GhostReaper reaper = reaper(Orphans.REMOVE);
        town.confirm(reaper);
        for (int i = 0; i < 3; i++) {
            town.runtime.next(RuntimeCall.REMOVE, new Mishap.LostQuestion());
        }

        ReapReport report = reaper.run();

        assertThat(report.breaker().map(Breaker::cause)).contains(Breaker.Cause.FAILING);
        assertThat(report.outcome()).as("claims are swept all the same").isEqualTo(Outcome.SWEPT);
        assertThat(report.count(Fate.FAILED)).isEqualTo(3);
        assertThat(report.count(Fate.POSTPONED)).isEqualTo(2);
        assertThat(report.errors()).hasSize(3);
        assertThat(town.next(reaper).count(Fate.REMOVED)).isZero();
        ReapReport approved = reaper.approve(reaper.run().plan());
        assertThat(approved.count(Fate.REMOVED)).isEqualTo(5);
        assertThat(approved.breaker()).isEmpty();
    }

    @Test
    void twoFailuresWithASuccessBetweenOpenNothing() {
        town.app(1);
        for (int i = 10; i < 15; i++) {
            create(mark(ledger(), i), "left-" + i, Map.of());
        }
        GhostReaper reaper = reaper(Orphans.REMOVE);
        town.confirm(reaper);
        for (int nth : new int[] {1, 2, 4, 5}) {
            town.runtime.nth(RuntimeCall.REMOVE, nth, new Mishap.LostQuestion());
        }

        ReapReport report = reaper.run();

        assertThat(report.count(Fate.FAILED)).isEqualTo(4);
        assertThat(report.count(Fate.REMOVED)).isEqualTo(1);
        assertThat(report.breaker()).isEmpty();
    }

    // ------------------------------------------------------------------ adopting

    @Test
    void oursIsClaimedForItsOwnerAgain() {
        town.app(1);
        Claim left = leftAlone(2);
        GhostReaper reaper = reaper(Orphans.ADOPT);
        town.confirm(reaper);
        assertThat(town.ledger.find(Town.owner(2))).isEmpty();

        Orphan orphan = only(reaper.run());

        assertThat(orphan.fate()).as(orphan.toString()).isEqualTo(Fate.ADOPTED);
        Claim again = town.ledger.find(Town.owner(2)).orElseThrow();
        assertThat(again.instance()).isEqualTo(left.instance());
        assertThat(again.port("backend")).isEqualTo(left.port("backend"));
        assertThat(town.next(reaper).orphans()).isEmpty();
    }

    @Test
    void whatSomebodyElseHoldsMeanwhileIsNotAdopted() {
        town.app(1);
        Claim left = leftAlone(2);
        Claim other = town.ledger.claim(ClaimRequest.by(Owner.of("lab", "other"))
                .in(Town.NODE)
                .fixed("p", ResourceKind.TCP_PORT, Integer.toString(left.port("backend"))));
        GhostReaper reaper = reaper(Orphans.ADOPT);

        Orphan orphan = only(town.sweepUntilDue(reaper));

        assertThat(orphan.fate()).isEqualTo(Fate.FAILED);
        assertThat(orphan.reason()).contains("lab:other");
        assertThat(town.lives(other)).isTrue();
        assertThat(town.ledger.find(Town.owner(2))).isEmpty();
    }

    // ------------------------------------------------------------------ coming back

    /** It was reaped, all was as it should be, and here it is again: a restored snapshot, a host that came back. */
    private String reapedAndBack(Claim app, GhostReaper reaper) {
        var was = town.engine.instance(app.instance().orElseThrow()).orElseThrow();
        town.clock.advance(Duration.ofHours(1));
        hidden.add(was.id());
        town.sweepUntilDue(reaper);
        assertThat(town.lives(app)).isFalse();
        hidden.clear();
        return was.id();
    }

    private final Set<String> hidden = new java.util.HashSet<>();
    private final HidingRuntime absent = new HidingRuntime();

    /** A part of the instances is not there, by any question: their host is switched off. */
    private final class HidingRuntime extends dev.berth.testkit.ForwardingRuntime<FakeSpec> {
        HidingRuntime() {
            super(town.runtime);
        }

        @Override
        public dev.berth.runtime.Inventory inventory() throws Exception {
            var all = super.inventory();
            return new dev.berth.runtime.Inventory(
                    all.scope(),
                    all.coverage(),
                    all.instances().stream()
                            .filter(one -> !hidden.contains(one.id()))
                            .toList());
        }

        @Override
        public dev.berth.runtime.Sighting look(String instance) throws Exception {
            return hidden.contains(instance)
                    ? new dev.berth.runtime.Sighting.Absent("No such instance: " + instance)
                    : super.look(instance);
        }

        @Override
        public void close() {}
    }

    private GhostReaper seeingPart() {
        return town.builder(ReaperPolicy.defaults(), absent)
                .listener(events::add)
                .build();
    }

    @Test
    void aReturnerIsRestoredAndOpensTheBreaker() {
        town.apps(2, 40);
        Claim app = town.app(1);
        GhostReaper reaper = seeingPart();
        String id = reapedAndBack(app, reaper);
        ReapReport plan = reaper.plan();
        assertThat(only(plan).fate()).isEqualTo(Fate.RESTORED);
        assertThat(town.ledger.find(app.owner())).isEmpty();

        ReapReport report = reaper.run();

        Orphan orphan = only(report);
        assertThat(orphan.kind()).isEqualTo(Kind.RETURNER);
        assertThat(orphan.fate()).as(orphan.toString()).isEqualTo(Fate.RESTORED);
        Claim again = town.ledger.find(app.owner()).orElseThrow();
        assertThat(again.instance()).contains(id);
        assertThat(again.port("backend")).isEqualTo(app.port("backend"));
        assertThat(again.port("frontend")).isEqualTo(app.port("frontend"));
        assertThat(again.value("container")).isEqualTo(app.value("container"));
        assertThat(report.breaker().map(Breaker::cause)).contains(Breaker.Cause.REAPPEARANCE);
        assertThat(report.breaker().orElseThrow().detail()).contains("app-1");
        assertThat(town.next(reaper).orphans()).isEmpty();
        assertThat(count(ReaperEvent.BreakerOpened.class)).isEqualTo(1);
    }

    @Test
    void anAdoptedReturnerIsRestoredToo() {
        town.apps(2, 40);
        String id = town.engine.stranger("nginx");
        Claim app = town.provisioner.adopt(id, Town.wish(Town.owner(1)));
        GhostReaper reaper = seeingPart();
        reapedAndBack(app, reaper);

        Orphan orphan = only(reaper.run());

        assertThat(orphan.fate()).as(orphan.toString()).isEqualTo(Fate.RESTORED);
        assertThat(town.ledger.find(app.owner()).orElseThrow().instance()).contains(id);
    }

    /** Its port is somebody else's by now: it is reported, never removed, and does not hold the breaker open for good. */
    @Test
    void aReturnerWhoseResourcesAreTakenIsReported() {
        List<Claim> others = town.apps(2, 40);
        Claim app = town.app(1);
        GhostReaper reaper = seeingPart();
        var was = town.engine.instance(app.instance().orElseThrow()).orElseThrow();
        town.clock.advance(Duration.ofHours(1));
        hidden.add(was.id());
        town.sweepUntilDue(reaper);
        town.clock.advance(Duration.ofMinutes(20));
        Claim thief = town.ledger.claim(ClaimRequest.by(Owner.of("lab", "thief"))
                .in(Town.NODE)
                .fixed("p", ResourceKind.TCP_PORT, Integer.toString(app.port("backend"))));
        hidden.clear();

        ReapReport report = reaper.run();

        assertThat(only(report).fate()).isEqualTo(Fate.FAILED);
        assertThat(only(report).reason()).contains("lab:thief");
        assertThat(report.breaker().map(Breaker::cause)).contains(Breaker.Cause.REAPPEARANCE);
        assertThat(town.lives(thief)).isTrue();
        // A person looks, and says that it is well.
        assertThat(reaper.approve(report.plan()).breaker()).isEmpty();
        town.vanish(others.get(0));
        assertThat(town.sweepUntilDue(reaper).ghostsRemoved()).isEqualTo(1);
        assertThat(reaper.breaker()).isEmpty();
        assertThat(town.engine.instance(was.id())).isPresent();
    }

    @Test
    void aReturnerWhoseOwnerHasAnotherIsReported() {
        town.apps(2, 40);
        Claim app = town.app(1);
        GhostReaper reaper = seeingPart();
        var was = town.engine.instance(app.instance().orElseThrow()).orElseThrow();
        town.clock.advance(Duration.ofHours(1));
        hidden.add(was.id());
        town.sweepUntilDue(reaper);
        town.engine.stopInstance(was.id());
        Claim anew =
                town.ledger.claim(ClaimRequest.by(app.owner()).in(Town.NODE).fixed("p", ResourceKind.TCP_PORT, "9999"));
        hidden.clear();
        assertThat(only(reaper.plan()).fate())
                .as("a plan says what a run would do")
                .isEqualTo(Fate.FAILED);

        Orphan orphan = only(reaper.run());

        assertThat(orphan.fate()).isEqualTo(Fate.FAILED);
        assertThat(orphan.reason()).contains("has a claim again");
        assertThat(town.lives(anew)).isTrue();
        assertThat(town.engine.instance(was.id())).isPresent();
    }
}
