package dev.berth.testkit.reaper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.BerthException;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Odd scopes, records of other versions, failures in the middle, and stopping from within. */
@Timeout(60)
class EdgesTest {
    private final Town town = new Town();

    /** A run by hand tells a listener, the listener stops the reaper, and a run of the schedule waits for that run. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aListenerOfARunByHandMayStopTheReaper(boolean closing) throws Exception {
        var ledger = ResourceLedger.on(new MemoryLedgerStore(Clock.systemUTC(), new UUID(1, 1)));
        var runtime = FakeRuntime.on(FakeEngine.of(Clock.systemUTC()), Town.NODE);
        var stopped = new AtomicReference<GhostReaper>();
        var waiting = new CountDownLatch(1);
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> new Thread(
                () -> {
                    waiting.countDown();
                    work.run();
                },
                "tick"));
        try {
            Thread byHand = Thread.currentThread();
            GhostReaper reaper = GhostReaper.builder(ledger, runtime)
                    .scheduledOn(timer)
                    .listener(event -> {
                        if (Thread.currentThread() == byHand) {
                            stopped.get().start();
                            awaitBlocked(waiting);
                            if (closing) {
                                stopped.get().close();
                            } else {
                                stopped.get().stop();
                            }
                        }
                    })
                    .build();
            stopped.set(reaper);

            assertThat(reaper.run().outcome()).isEqualTo(Outcome.OBSERVED);

            if (!closing) {
                // What was stopped sweeps by hand as before, to its end.
                CompletableFuture.supplyAsync(reaper::run).get(20, TimeUnit.SECONDS);
            }
        } finally {
            timer.shutdownNow();
        }
        assertThat(timer.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    /** Until the schedule's thread waits for the run by hand, which nothing tells but the thread itself. */
    private static void awaitBlocked(CountDownLatch begun) {
        try {
            begun.await();
            while (Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(
                            thread -> thread.getName().equals("tick") && thread.getState() == Thread.State.WAITING)) {
                Thread.onSpinWait();
            }
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** A lease that a dead process left, or an engine that is not up yet, is no reason to wait for hours. */
    @Test
    void whatKeptItFromLookingAtStartUpIsLookedAtSoon() {
        var agenda = new Agenda();
        town.apps(1, 5);
        assertThat(town.ledger.lease("reaper/" + Town.NODE + "/lease", "the dead", Duration.ofSeconds(60)))
                .isPresent();
        GhostReaper reaper =
                town.builder(ReaperPolicy.production()).scheduledOn(agenda).build();
        reaper.start();
        agenda.run();
        assertThat(reaper.lastReport().orElseThrow().outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(agenda.next().orElseThrow()).isLessThan(Duration.ofMinutes(6));
        town.clock.advance(Duration.ofMinutes(5));
        town.engine.die();
        agenda.run();
        assertThat(reaper.lastReport().orElseThrow().outcome()).isEqualTo(Outcome.BLIND);
        assertThat(agenda.next().orElseThrow()).isLessThan(Duration.ofMinutes(6));
    }

    @Test
    void oneThatIsSwitchedOffIsNotAskedSoon() {
        var agenda = new Agenda();
        GhostReaper reaper = town.builder(ReaperPolicy.builder().disabled().build())
                .scheduledOn(agenda)
                .build();
        reaper.start();
        agenda.run();

        assertThat(agenda.next().orElseThrow()).isGreaterThan(Duration.ofMinutes(50));
    }

    /** What was freed before a run failed is freed, and its report says so. */
    @Test
    void aReportOfAFailedRunAddsUp() {
        List<Claim> apps = town.apps(1, 100);
        town.clock.advance(Duration.ofHours(1));
        apps.subList(0, 40).forEach(town::vanish);
        int[] looks = {-1};
        var napping = new ForwardingRuntime<FakeSpec>(town.runtime) {
            @Override
            public Sighting look(String instance) throws Exception {
                if (looks[0]-- == 0) {
                    town.clock.advance(Duration.ofMinutes(10));
                }
                return super.look(instance);
            }
        };
        GhostReaper reaper = town.builder(
                        ReaperPolicy.builder().cap(1_000).ratio(50).build(), napping)
                .build();
        town.confirm(reaper);
        looks[0] = 35;

        ReapReport report = reaper.run();

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.ghostsRemoved()).isPositive();
        assertThat(report.totals().ghosts()).isEqualTo(report.ghostsRemoved());
        assertThat(report.totals()).isEqualTo(reaper.totals());
        assertThat(report.finishedAt()).isAfter(report.startedAt());
    }

    /** However long the name of a scope, and however odd. */
    @ParameterizedTest
    @ValueSource(ints = {100, 101, 200, 255})
    void everyScopeCanBeSwept(int length) {
        for (String sign : List.of("/", "%", "n")) {
            Scope scope = Scope.of(sign.repeat(length));
            GhostReaper reaper = town.builder(
                            ReaperPolicy.defaults(),
                            FakeRuntime.on(town.engine, scope).pacing(town.pacing))
                    .build();

            assertThat(reaper.run().outcome()).as("%s", scope).isEqualTo(Outcome.OBSERVED);
        }
    }

    /** What another version has written may say that nothing must be done. */
    @Test
    void aRecordOfAnotherVersionStopsTheSweepAndSaysWhich() {
        List<Claim> apps = town.apps(1, 5);
        String mark = "reaper/" + Town.NODE + "/missing/" + apps.get(0).id();
        assertThat(town.ledger.records().put(mark, 0, "v2|whatever")).isPresent();
        GhostReaper reaper = town.reaper(ReaperPolicy.defaults());
        ReapReport report = reaper.run();
        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.detail()).contains(mark, "v2|whatever", "LedgerRecords.end");

        assertThat(town.ledger.records().put("reaper/" + Town.NODE + "/breaker", 0, "SOMETHING_NEW\nx"))
                .isPresent();
        assertThatThrownBy(reaper::breaker).isInstanceOf(BerthException.class).hasMessageContaining("/breaker");
    }

    /** A reservation that says keep is kept, lease or not; whoever wants what it holds may have it all the same. */
    @Test
    void aPinnedReservationIsKept() {
        Claim kept = town.ledger.claim(
                Town.wish(Town.owner(2)).lease(Duration.ofHours(1)).label(GhostReaper.KEEP, "yes"));
        Claim other = town.ledger.claim(Town.wish(Town.owner(3)).lease(Duration.ofHours(1)));
        town.clock.advance(Duration.ofHours(5));

        town.reaper(ReaperPolicy.defaults()).run();

        assertThat(town.lives(kept)).isTrue();
        assertThat(town.lives(other)).isFalse();
    }

    /** Whoever has pinned a container before it was adopted has pinned its claim. */
    @Test
    void aPinnedContainerThatIsAdoptedPinsItsClaim() throws Exception {
        Claim gone = town.app(1);
        Mark mark = town.engine
                .instance(gone.instance().orElseThrow())
                .flatMap(Instance::mark)
                .orElseThrow();
        town.provisioner.remove(gone.owner());
        String pinned = town.runtime.create(new Deployment<>(
                FakeSpec.of("app:1"), Optional.of("web"), List.of(), mark, Map.of(GhostReaper.KEEP, "yes")));

        Claim claim = town.provisioner.adopt(
                pinned,
                ClaimRequest.by(Town.owner(1)).in(Town.NODE).fixed("container", ResourceKind.CONTAINER_NAME, "web"));

        assertThat(claim.isKept()).isTrue();
    }

    /** A host that has volumes and records of its own to end hears of every claim that is freed, and of every error. */
    @Test
    void listenersOfTheLedgerHearWhatIsFreedAndWhatFailed() {
        List<Claim> apps = town.apps(1, 30);
        var granted = (AttemptOutcome.Granted)
                town.ledger.attempt(Town.wish(Town.owner(40)), Town.NODE, Duration.ofMinutes(5));
        town.clock.advance(Duration.ofHours(2));
        town.vanish(apps.get(0));
        List<LedgerEvent> heard = new ArrayList<>();
        ResourceLedger ledger = ResourceLedger.builder(town.store)
                .clock(town.clock)
                .listener(heard::add)
                .build();
        GhostReaper reaper = GhostReaper.builder(ledger, town.runtime)
                .pacing(town.pacing)
                .callingOn(Runnable::run)
                .build();

        town.sweepUntilDue(reaper);

        assertThat(heard)
                .filteredOn(LedgerEvent.Released.class::isInstance)
                .containsExactly(new LedgerEvent.Released(apps.get(0), EndReason.REAPED));
        assertThat(heard)
                .filteredOn(LedgerEvent.StateChanged.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(LedgerEvent.StateChanged.class, event -> {
                    assertThat(event.claim().id()).isEqualTo(granted.claim().id());
                    assertThat(event.claim().state()).isEqualTo(ClaimState.FAILED);
                    assertThat(event.claim().reason())
                            .hasValueSatisfying(why -> assertThat(why).contains("stuck"));
                });
    }
}
