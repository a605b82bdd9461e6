package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.NODE;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.host;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.StaleTokenException;
import dev.berth.testkit.Race;
import dev.berth.testkit.StoreCall;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** L2 and L5: one attempt at a time, stored before anything is created; a late one changes nothing. */
class AttemptTest {
    private final World world = new World();
    private final ClaimRequest request = by(ANNA).fixed("port", port(5001));

    @AfterEach
    void invariants() {
        world.check();
    }

    private AttemptOutcome.Granted granted() {
        return (AttemptOutcome.Granted) world.ledger.attempt(request, NODE, MINUTE);
    }

    private Claim active() {
        return world.ledger.activate(granted().attempt(), "instance-1");
    }

    @Test
    void theAttemptIsStoredBeforeItIsGranted() {
        AttemptOutcome.Granted granted = granted();
        assertThat(world.other.find(ANNA)).contains(granted.claim());
        assertThat(granted.claim().attempt()).contains(granted.attempt());
        assertThat(granted.claim().state()).isEqualTo(ClaimState.PENDING);
        assertThat(granted.claim().home()).contains(NODE);
        assertThat(granted.attempt().number()).isEqualTo(1);
        assertThat(granted.attempt().until()).isEqualTo(world.clock.instant().plus(MINUTE));
    }

    @Test
    void aSecondCallerJoins() {
        AttemptOutcome.Granted first = granted();
        AttemptOutcome.Joined joined = (AttemptOutcome.Joined) world.other.attempt(request, NODE, MINUTE);
        assertThat(joined.attempt()).isEqualTo(first.attempt());
    }

    @Test
    void anActiveClaimIsHeld() {
        Claim active = active();
        AttemptOutcome.Held held = (AttemptOutcome.Held) world.ledger.attempt(request, NODE, MINUTE);
        assertThat(held.claim()).isEqualTo(active);
        assertThat(held.claim().instance()).contains("instance-1");
    }

    @Test
    void heldAddsMissingParts() {
        active();
        AttemptOutcome.Held held =
                (AttemptOutcome.Held) world.ledger.attempt(request.fixed("more", port(5002)), NODE, MINUTE);
        assertThat(held.claim().holds("more")).isTrue();
        assertThat(held.claim().state()).isEqualTo(ClaimState.ACTIVE);
        assertThat(held.claim().instance()).contains("instance-1");
    }

    @Test
    void ofManyCallersExactlyOneIsGranted() {
        Race.of(8)
                .rounds(50)
                .<AttemptOutcome>run(
                        (round, racer, random) -> (racer % 2 == 0 ? world.ledger : world.other)
                                .attempt(
                                        by(Owner.of("t", "app" + round)).choose("port", pool(20_000, 1_000)),
                                        NODE,
                                        MINUTE),
                        (round, outcomes) -> {
                            assertThat(outcomes)
                                    .filteredOn(outcome -> outcome instanceof AttemptOutcome.Granted)
                                    .hasSize(1);
                            assertThat(outcomes)
                                    .filteredOn(outcome -> outcome instanceof AttemptOutcome.Joined)
                                    .hasSize(7);
                        });
    }

    @Test
    void anotherHomeIsRefused() {
        Claim mine = granted().claim();
        AttemptOutcome.Refused refused =
                (AttemptOutcome.Refused) world.ledger.attempt(request, Scope.of("node-2"), MINUTE);
        assertThat(refused.refusal().obstacles()).containsExactly(new Obstacle.Elsewhere(mine, Scope.of("node-2")));
        assertThat(world.ledger.attempt(mine.token(), Scope.of("node-2"), MINUTE))
                .isInstanceOf(AttemptOutcome.Refused.class);
        assertThat(world.ledger.find(ANNA)).contains(mine);
    }

    @Test
    void whatAnotherHoldsIsRefusedAndNothingIsKept() {
        world.holds(BERT, 5001);
        assertThat(world.ledger.attempt(request, NODE, MINUTE)).isInstanceOf(AttemptOutcome.Refused.class);
        assertThat(world.ledger.find(ANNA)).isEmpty();
    }

    @Test
    void aLapsedAttemptIsGrantedToTheNextCaller() {
        AttemptOutcome.Granted first = granted();
        world.clock.advance(MINUTE);
        AttemptOutcome.Granted second = granted();
        assertThat(second.attempt().number()).isEqualTo(2);
        assertThat(second.attempt().nonce()).isNotEqualTo(first.attempt().nonce());
        assertThat(second.claim().id()).isEqualTo(first.claim().id());
    }

    @Test
    void theLateOwnerOfALapsedAttemptChangesNothing() {
        AttemptOutcome.Granted first = granted();
        world.clock.advance(MINUTE);
        AttemptOutcome.Granted second = granted();
        assertThatThrownBy(() -> world.ledger.activate(first.attempt(), "late"))
                .isInstanceOf(StaleTokenException.class);
        assertThatThrownBy(() -> world.ledger.fail(first.attempt(), "late")).isInstanceOf(StaleTokenException.class);
        assertThatThrownBy(() -> world.ledger.abandon(first.attempt())).isInstanceOf(StaleTokenException.class);
        assertThatThrownBy(() -> world.ledger.renew(first.attempt(), MINUTE)).isInstanceOf(StaleTokenException.class);
        assertThat(world.ledger.find(ANNA)).contains(second.claim());
    }

    @Test
    void anAttemptThatRanOutButWasNotTakenMayStillBeFinished() {
        AttemptOutcome.Granted first = granted();
        world.clock.advance(Duration.ofDays(1));
        assertThat(world.ledger.activate(first.attempt(), "slow").state()).isEqualTo(ClaimState.ACTIVE);
    }

    @Test
    void aRenewedAttemptIsJoinedBeyondItsFirstEnd() {
        AttemptOutcome.Granted first = granted();
        world.clock.advance(Duration.ofSeconds(59));
        Claim renewed = world.ledger.renew(first.attempt(), MINUTE);
        assertThat(renewed.token()).isEqualTo(first.claim().token());
        world.clock.advance(Duration.ofSeconds(59));
        assertThat(world.other.attempt(request, NODE, MINUTE)).isInstanceOf(AttemptOutcome.Joined.class);
    }

    /** The attempt seems to have run out, and is renewed before the commit that would take it. */
    @Test
    void anAttemptRenewedInTheLastMomentIsJoined() {
        AttemptOutcome.Granted first = granted();
        world.clock.advance(MINUTE);
        world.store.before(StoreCall.COMMIT, () -> world.other.renew(first.attempt(), MINUTE));
        assertThat(world.ledger.attempt(request, NODE, MINUTE)).isInstanceOf(AttemptOutcome.Joined.class);
        world.clock.advance(MINUTE);
        world.store.before(StoreCall.COMMIT, () -> world.other.renew(first.attempt(), MINUTE));
        assertThat(world.ledger.attempt(first.claim().token(), NODE, MINUTE)).isInstanceOf(AttemptOutcome.Joined.class);
    }

    /** The instance comes on top of what was asked for, so it must not make the largest claim one too large. */
    @Test
    void theLargestClaimCanBeAttemptedAgain() {
        Map<String, Resource> group = new HashMap<>();
        for (int i = 0; i < 4_096; i++) {
            group.put("role-" + i, port(1 + i));
        }
        ClaimRequest largest = by(ANNA).fixed("ports", group);
        var first = (AttemptOutcome.Granted) world.ledger.attempt(largest, NODE, MINUTE);
        world.ledger.stop(world.ledger.activate(first.attempt(), "i").token());
        assertThat(world.ledger.attempt(largest, NODE, MINUTE)).isInstanceOf(AttemptOutcome.Granted.class);
    }

    @Test
    void activatingTwiceChangesNothing() {
        AttemptOutcome.Granted granted = granted();
        Claim once = world.ledger.activate(granted.attempt(), "i");
        world.clock.advance(MINUTE);
        assertThat(world.ledger.activate(granted.attempt(), "i")).isEqualTo(once);
        assertThat(world.listener.events(LedgerEvent.StateChanged.class)).hasSize(1);
    }

    @Test
    void activatingWithAnotherInstanceAfterwardsFails() {
        AttemptOutcome.Granted granted = granted();
        world.ledger.activate(granted.attempt(), "i");
        assertThatThrownBy(() -> world.ledger.activate(granted.attempt(), "j")).isInstanceOf(StaleTokenException.class);
    }

    @Test
    void anInstanceIsClaimedOnce() {
        Claim anna = active();
        AttemptOutcome.Granted bert =
                (AttemptOutcome.Granted) world.ledger.attempt(ClaimRequest.by(BERT), NODE, MINUTE);
        assertThatThrownBy(() -> world.ledger.activate(bert.attempt(), "instance-1"))
                .isInstanceOfSatisfying(
                        ClaimRefusedException.class,
                        refused -> assertThat(refused.refusal().holders()).containsExactly(anna.token()));
        assertThat(world.ledger.find(BERT)).contains(bert.claim());
        assertThat(world.listener.events(LedgerEvent.Refused.class)).hasSize(1);
    }

    @Test
    void theSameInstanceIdInAnotherHomeIsAnotherInstance() {
        active();
        AttemptOutcome.Granted bert =
                (AttemptOutcome.Granted) world.ledger.attempt(ClaimRequest.by(BERT), Scope.of("node-2"), MINUTE);
        assertThat(world.ledger.activate(bert.attempt(), "instance-1").instance())
                .contains("instance-1");
    }

    @Test
    void aNewInstanceReplacesTheOldOne() {
        Claim first = active();
        AttemptOutcome.Granted again = (AttemptOutcome.Granted) world.ledger.attempt(first.token(), NODE, MINUTE);
        assertThat(again.claim().instance()).contains("instance-1");
        Claim second = world.ledger.activate(again.attempt(), "instance-2");
        assertThat(second.instance()).contains("instance-2");
        assertThat(second.part("instance")).hasSize(1);
        AttemptOutcome.Granted bert =
                (AttemptOutcome.Granted) world.ledger.attempt(ClaimRequest.by(BERT), NODE, MINUTE);
        assertThat(world.ledger.activate(bert.attempt(), "instance-1").owner()).isEqualTo(BERT);
    }

    @Test
    void theSameInstanceStartedAgainKeepsItsHolding() {
        Claim first = active();
        world.clock.advance(MINUTE);
        AttemptOutcome.Granted again = (AttemptOutcome.Granted) world.ledger.attempt(first.token(), NODE, MINUTE);
        Claim second = world.ledger.activate(again.attempt(), "instance-1");
        assertThat(second.holdings()).isEqualTo(first.holdings());
    }

    /** Scenario 18: the deployment died after its record was written. */
    @Test
    void aDeadDeploymentDoesNotBlockTheNextOneOfItsOwner() {
        granted();
        world.clock.advance(MINUTE);
        assertThat(granted().claim().port("port")).isEqualTo(5001);
    }

    @Test
    void failingKeepsEverythingAndSaysWhy() {
        AttemptOutcome.Granted granted = granted();
        world.clock.advance(Duration.ofSeconds(1));
        Claim failed = world.ledger.fail(granted.attempt(), "no such image\u0000");
        assertThat(failed.state()).isEqualTo(ClaimState.FAILED);
        assertThat(failed.reason()).contains("no such image ");
        assertThat(failed.stateSince()).isEqualTo(world.clock.instant());
        assertThat(failed.part("port")).isEqualTo(granted.claim().part("port"));
        assertThat(world.ledger.fail(granted.attempt(), "again")).isEqualTo(failed);
        assertThat(world.refused(by(BERT).fixed("port", port(5001)))).hasSize(1);
    }

    @Test
    void abandoningReleasesExactlyOnce() {
        AttemptOutcome.Granted granted = granted();
        assertThat(world.ledger.abandon(granted.attempt())).isTrue();
        assertThat(world.ledger.abandon(granted.attempt())).isFalse();
        assertThat(world.ledger.find(ANNA)).isEmpty();
        assertThat(world.ledger.tombstone(granted.claim().id()).orElseThrow().reason())
                .isEqualTo(EndReason.FAILED);
    }

    @Test
    void aFailedAttemptIsNotAbandonedAnyMore() {
        AttemptOutcome.Granted granted = granted();
        world.ledger.fail(granted.attempt(), "");
        assertThatThrownBy(() -> world.ledger.abandon(granted.attempt())).isInstanceOf(StaleTokenException.class);
    }

    /** Scenario 23: stop keeps the port, remove frees it. */
    @Test
    void stoppingKeepsEverything() {
        Claim stopped = world.ledger.stop(active().token());
        assertThat(stopped.state()).isEqualTo(ClaimState.STOPPED);
        assertThat(stopped.instance()).contains("instance-1");
        assertThat(world.refused(by(BERT).fixed("port", port(5001)))).hasSize(1);
        assertThat(world.ledger.stop(stopped.token())).isEqualTo(stopped);
        assertThat(world.ledger.release(stopped)).isTrue();
        assertThat(world.ledger.holder(port(5001))).isEmpty();
    }

    @Test
    void onlyAProvisionedClaimIsStoppedOrFails() {
        Claim reserved = world.ledger.claim(request);
        assertThatThrownBy(() -> world.ledger.stop(reserved.token())).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> world.ledger.fail(reserved.token(), "no")).isInstanceOf(InvalidInputException.class);
        Claim pending = granted().claim();
        assertThatThrownBy(() -> world.ledger.stop(pending.token())).isInstanceOf(InvalidInputException.class);
        assertThat(world.ledger.find(ANNA)).contains(pending);
    }

    /** Every state goes to PENDING by a new attempt, and each change of state starts its clock anew. */
    @Test
    void theStateClockFollowsEveryChangeOfState() {
        Claim reserved = world.ledger.claim(request.lease(MINUTE));
        Instant reservedAt = world.clock.instant();
        assertThat(reserved.stateSince()).isEqualTo(reservedAt);
        tick();
        assertThat(world.ledger.claim(request.fixed("x", port(5009))).stateSince())
                .isEqualTo(reservedAt);
        AttemptOutcome.Granted pending = granted();
        assertThat(pending.claim().stateSince()).isEqualTo(tick());
        assertThat(pending.claim().leaseUntil()).isEmpty();
        tick();
        Claim active = world.ledger.activate(pending.attempt(), "i");
        assertThat(active.stateSince()).isEqualTo(world.clock.instant());
        tick();
        Claim stopped = world.ledger.stop(active.token());
        assertThat(stopped.stateSince()).isEqualTo(world.clock.instant());
        tick();
        Claim failed = world.ledger.fail(stopped.token(), "gone");
        assertThat(failed.stateSince()).isEqualTo(world.clock.instant());
        tick();
        AttemptOutcome.Granted again = (AttemptOutcome.Granted) world.ledger.attempt(failed.token(), NODE, MINUTE);
        assertThat(again.claim().stateSince()).isEqualTo(world.clock.instant());
        assertThat(again.claim().state()).isEqualTo(ClaimState.PENDING);
        assertThat(again.claim().reason()).isEmpty();
        assertThat(again.attempt().number()).isEqualTo(2);
        assertThat(again.claim().createdAt()).isEqualTo(reservedAt);
    }

    private Instant tick() {
        Instant before = world.clock.instant();
        world.clock.advance(Duration.ofSeconds(1));
        return before;
    }

    @Test
    void restartingNamesTheTokenItSaw() {
        Claim active = active();
        Claim stopped = world.ledger.stop(active.token());
        assertThatThrownBy(() -> world.ledger.attempt(active.token(), NODE, MINUTE))
                .isInstanceOf(StaleTokenException.class);
        assertThat(world.ledger.attempt(stopped.token(), NODE, MINUTE)).isInstanceOf(AttemptOutcome.Granted.class);
        assertThat(world.ledger.find(ANNA).map(Claim::state)).contains(ClaimState.PENDING);
    }

    @Test
    void aReservationBecomesProvisionedWithWhatItHolds() {
        Claim reserved = world.ledger.claim(by(ANNA).fixed("name", host("a.example.org")));
        AttemptOutcome.Granted granted = granted();
        assertThat(granted.claim().id()).isEqualTo(reserved.id());
        assertThat(granted.claim().holds("name")).isTrue();
        assertThat(granted.claim().holds("port")).isTrue();
    }

    @Test
    void anAttemptOfAReleasedClaimIsStale() {
        AttemptOutcome.Granted granted = granted();
        world.ledger.release(granted.claim());
        assertThatThrownBy(() -> world.ledger.activate(granted.attempt(), "i"))
                .isInstanceOfSatisfying(
                        StaleTokenException.class,
                        stale -> assertThat(stale.current()).isEmpty());
        assertThatThrownBy(() -> world.ledger.fail(granted.attempt(), "")).isInstanceOf(StaleTokenException.class);
        granted();
        assertThatThrownBy(() -> world.ledger.activate(granted.attempt(), "i")).isInstanceOf(StaleTokenException.class);
    }

    /** An extension by another thread of the owner moves the token on, not the attempt. */
    @Test
    void activationSurvivesAnExtensionInTheLastMoment() {
        AttemptOutcome.Granted granted = granted();
        world.store.before(StoreCall.COMMIT, () -> world.other.claim(by(ANNA).fixed("more", port(5002))));
        Claim active = world.ledger.activate(granted.attempt(), "i");
        assertThat(active.holds("more")).isTrue();
        assertThat(active).isEqualTo(world.ledger.find(ANNA).orElseThrow());
    }

    @Test
    void anAttemptByHandOfAnotherClaimIsStale() {
        AttemptOutcome.Granted granted = granted();
        Attempt real = granted.attempt();
        var forged = new Attempt(real.claim(), real.number(), "forged", real.since(), real.until());
        for (Runnable late : List.<Runnable>of(
                () -> world.ledger.activate(forged, "i"),
                () -> world.ledger.fail(forged, ""),
                () -> world.ledger.abandon(forged),
                () -> world.ledger.renew(forged, MINUTE))) {
            assertThatThrownBy(late::run).isInstanceOf(StaleTokenException.class);
        }
        assertThat(world.ledger.find(ANNA)).contains(granted.claim());
    }
}
