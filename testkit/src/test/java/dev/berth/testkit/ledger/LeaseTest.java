package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.CARL;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.NODE;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.StaleTokenException;
import dev.berth.testkit.Race;
import dev.berth.testkit.StoreCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Leases: a beating holder is never robbed, a lapsed reservation is free at the next claim. */
class LeaseTest {
    private final World world = new World();

    @AfterEach
    void invariants() {
        world.check();
    }

    private Claim leased(Owner owner, int number) {
        return world.other.claim(by(owner).fixed("port", port(number)).lease(MINUTE));
    }

    @Test
    void aBeatingHolderIsNeverRobbed() {
        Claim bert = leased(BERT, 5001);
        for (int beat = 0; beat < 100; beat++) {
            world.clock.advance(MINUTE.minusMillis(1));
            assertThat(world.refused(by(ANNA).fixed("port", port(5001)))).hasSize(1);
            world.other.renew(bert.token(), MINUTE);
        }
        assertThat(world.ledger.find(BERT).orElseThrow().token()).isEqualTo(bert.token());
    }

    @Test
    void aLapsedReservationIsTakenOverByTheNextClaim() {
        Claim bert = leased(BERT, 5001);
        world.clock.advance(MINUTE);
        Claim anna = world.ledger.claim(by(ANNA).fixed("port", port(5001)));
        assertThat(world.ledger.find(BERT)).isEmpty();
        assertThat(world.ledger.holder(port(5001))).contains(anna);
        assertThat(world.listener.events(LedgerEvent.Released.class))
                .containsExactly(new LedgerEvent.Released(bert, EndReason.LAPSED));
        assertThat(world.ledger.history(port(5001), bert.createdAt(), world.clock.instant(), 10))
                .extracting(HistoryEntry::reason)
                .containsExactly(EndReason.LAPSED);
    }

    @Test
    void aChoiceTakesTheNumberOfALapsedReservation() {
        leased(BERT, 5001);
        world.clock.advance(MINUTE);
        assertThat(world.ledger.claim(by(ANNA).choose("port", pool(5001, 1))).port("port"))
                .isEqualTo(5001);
        assertThat(world.ledger.find(BERT)).isEmpty();
    }

    @Test
    void aLapsedReservationThatIsNotInTheWayIsLeftAlone() {
        Claim bert = leased(BERT, 5001);
        world.clock.advance(MINUTE);
        // The first commit meets the lapsed one; before the second another number becomes the lowest.
        Claim low = world.holds(CARL, 5000);
        world.store.before(StoreCall.FREE, 1, () -> world.other.release(low));
        assertThat(world.ledger.claim(by(ANNA).choose("port", pool(5000, 3))).port("port"))
                .isEqualTo(5000);
        assertThat(world.store.happened()).isTrue();
        assertThat(world.other.renew(bert.token(), MINUTE).token()).isEqualTo(bert.token());
    }

    @Test
    void renewingSavesALapsedReservationThatNobodyTook() {
        Claim bert = leased(BERT, 5001);
        world.clock.advance(Duration.ofDays(1));
        world.ledger.renew(bert.token(), MINUTE);
        assertThat(world.refused(by(ANNA).fixed("port", port(5001)))).hasSize(1);
    }

    @Test
    void askingAgainWithALeaseRenewsIt() {
        Claim first = leased(BERT, 5001);
        world.clock.advance(Duration.ofSeconds(30));
        Claim again = leased(BERT, 5001);
        assertThat(again.token()).isEqualTo(first.token());
        assertThat(again.leaseUntil()).contains(world.clock.instant().plus(MINUTE));
    }

    @Test
    void askingAgainWithoutALeaseLeavesARunningOneAndLiftsALapsedOne() {
        Claim first = leased(BERT, 5001);
        Claim running = world.ledger.claim(by(BERT).fixed("port", port(5001)));
        assertThat(running.leaseUntil()).isEqualTo(first.leaseUntil());
        world.clock.advance(MINUTE);
        Claim lapsed = world.ledger.claim(by(BERT).fixed("port", port(5001)));
        assertThat(lapsed.leaseUntil()).isEmpty();
        assertThat(world.refused(by(ANNA).fixed("port", port(5001)))).hasSize(1);
    }

    @Test
    void aLateRenewalAfterATakeOverFails() {
        Claim bert = leased(BERT, 5001);
        world.clock.advance(MINUTE);
        Claim anna = world.ledger.claim(by(ANNA).fixed("port", port(5001)));
        assertThatThrownBy(() -> world.ledger.renew(bert.token(), MINUTE)).isInstanceOf(StaleTokenException.class);
        assertThatThrownBy(() -> world.ledger.shrink(bert.token(), "port")).isInstanceOf(StaleTokenException.class);
        assertThat(world.ledger.release(bert.token())).isFalse();
        assertThat(world.ledger.holder(port(5001))).contains(anna);
    }

    /** The holder wakes between the look at its lapsed lease and the commit that would release it. */
    @Test
    void aHolderThatRenewsInTheLastMomentKeepsItsResource() {
        Claim bert = leased(BERT, 5001);
        world.clock.advance(MINUTE);
        world.store.before(StoreCall.COMMIT, 1, () -> world.other.renew(bert.token(), MINUTE));
        assertThat(world.refused(by(ANNA).fixed("port", port(5001))))
                .singleElement()
                .isInstanceOf(Obstacle.Taken.class);
        assertThat(world.store.happened()).isTrue();
        assertThat(world.ledger.holder(port(5001))).map(Claim::owner).contains(BERT);
    }

    @Test
    void aLapsedHolderThatGotAnInstanceMeanwhileIsNotReleased() {
        leased(BERT, 5001);
        world.clock.advance(MINUTE);
        world.store.before(
                StoreCall.COMMIT, 1, () -> world.other.attempt(by(BERT).fixed("port", port(5001)), NODE, MINUTE));
        assertThat(world.refused(by(ANNA).fixed("port", port(5001)))).hasSize(1);
        assertThat(world.ledger.find(BERT)).isPresent();
    }

    @Test
    void aProvisionedClaimIsNotFreeWhenItsLeaseRunsOut() {
        world.ledger.attempt(by(BERT).fixed("port", port(5001)).lease(MINUTE), NODE, MINUTE);
        world.clock.advance(Duration.ofDays(1));
        assertThat(world.refused(by(ANNA).fixed("port", port(5001)))).hasSize(1);
    }

    @Test
    void oneClaimTakesOverSeveralLapsedReservations() {
        leased(BERT, 5001);
        leased(CARL, 5002);
        world.clock.advance(MINUTE);
        world.ledger.claim(by(ANNA).fixed("a", port(5001)).fixed("b", port(5002)));
        assertThat(world.ledger.find(BERT)).isEmpty();
        assertThat(world.ledger.find(CARL)).isEmpty();
    }

    @Test
    void aLapsedReservationIsTakenOverWholeOrNotAtAll() {
        world.other.claim(by(BERT).fixed("a", port(5001)).fixed("b", port(5002)).lease(MINUTE));
        world.holds(CARL, 5003);
        world.clock.advance(MINUTE);
        assertThat(world.refused(by(ANNA).fixed("a", port(5001)).fixed("c", port(5003))))
                .hasSize(1);
        assertThat(world.ledger.find(BERT)).isPresent();
    }

    @Test
    void renewAgainstTakeOverHasOneWinner() {
        Race.of(3)
                .rounds(300)
                .<Boolean>run(
                        (round, racer, random) -> {
                            var bert = Owner.of("b", "round" + round);
                            if (racer == 0) {
                                return world.ledger.tryClaim(by(Owner.of("a", "round" + round))
                                                .fixed("port", port(10_000 + round)))
                                        instanceof ClaimOutcome.Granted;
                            }
                            if (racer == 1) {
                                return world.other.tryClaim(by(Owner.of("c", "round" + round))
                                                .fixed("port", port(10_000 + round)))
                                        instanceof ClaimOutcome.Granted;
                            }
                            // The lease is made lapsed, and then renewed, while the others ask.
                            ClaimOutcome mine = world.other.tryClaim(ClaimRequest.by(bert)
                                    .fixed("port", port(10_000 + round))
                                    .lease(Duration.ofMillis(1)));
                            world.clock.advance(Duration.ofMillis(1));
                            if (!(mine instanceof ClaimOutcome.Granted granted)) {
                                return false;
                            }
                            try {
                                world.other.renew(granted.claim().token(), Duration.ofDays(1));
                                return true;
                            } catch (StaleTokenException robbed) {
                                return false;
                            }
                        },
                        (round, won) -> {
                            List<Boolean> winners = new ArrayList<>(won);
                            winners.removeIf(one -> !one);
                            // Who claims before the reservation is made wins too; but never two.
                            assertThat(winners).hasSize(1);
                        });
    }
}
