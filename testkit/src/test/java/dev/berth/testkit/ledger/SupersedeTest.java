package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.CARL;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.host;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static dev.berth.testkit.ledger.World.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Token;
import dev.berth.testkit.Race;
import dev.berth.testkit.StoreCall;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Superseding: release of the old and grant of the new in one commit, only as the token saw it. */
class SupersedeTest {
    private final World world = new World();

    @AfterEach
    void invariants() {
        world.check();
    }

    @Test
    void theOldIsReleasedAsTheNewIsGranted() {
        Claim old = world.ledger.claim(by(BERT).fixed("port", port(5001)).fixed("host", host("b")));
        ClaimOutcome.Granted granted =
                world.granted(by(ANNA).fixed("port", port(5001)).superseding(old.token()));
        assertThat(world.ledger.find(BERT)).isEmpty();
        assertThat(world.ledger.holder(host("b"))).isEmpty();
        assertThat(world.ledger.holder(port(5001))).contains(granted.claim());
        assertThat(world.listener.events(LedgerEvent.Released.class))
                .containsExactly(new LedgerEvent.Released(old, EndReason.SUPERSEDED));
    }

    @Test
    void severalHoldersGiveWayTogether() {
        Claim bert = world.holds(BERT, 5001);
        Claim carl = world.holds(CARL, 5002);
        world.ledger.claim(by(ANNA).fixed("a", port(5001))
                .fixed("b", port(5002))
                .superseding(bert.token(), carl.token(), bert.token()));
        assertThat(world.ledger.find(BERT)).isEmpty();
        assertThat(world.ledger.find(CARL)).isEmpty();
    }

    @Test
    void whatIsNotNamedStillStandsInTheWay() {
        Claim bert = world.holds(BERT, 5001);
        Claim carl = world.holds(CARL, 5002);
        assertThat(world.refused(
                        by(ANNA).fixed("a", port(5001)).fixed("b", port(5002)).superseding(bert.token())))
                .singleElement()
                .asString()
                .contains("lab:carl");
        assertThat(world.ledger.find(BERT)).contains(bert);
        assertThat(world.ledger.find(CARL)).contains(carl);
    }

    @Test
    void aChangedClaimDoesNotGiveWay() {
        Claim seen = world.holds(BERT, 5001);
        Claim now = world.ledger.claim(by(BERT).fixed("more", port(7000)));
        assertThat(world.refused(by(ANNA).fixed("port", port(5001)).superseding(seen.token())))
                .contains(new Obstacle.Changed(seen.token(), now));
        assertThat(world.ledger.find(BERT)).contains(now);
    }

    @Test
    void aClaimThatChangesInTheLastMomentDoesNotGiveWay() {
        Claim seen = world.holds(BERT, 5001);
        world.store.before(StoreCall.COMMIT, () -> world.other.claim(by(BERT).fixed("more", port(7000))));
        assertThat(world.refused(by(ANNA).fixed("port", port(5001)).superseding(seen.token())))
                .anyMatch(found -> found instanceof Obstacle.Changed);
        assertThat(world.ledger.find(BERT)).isPresent();
    }

    @Test
    void aClaimThatIsGoneIsNoneInTheWay() {
        Claim seen = world.holds(BERT, 5001);
        world.ledger.release(seen);
        ClaimRequest request = by(ANNA).fixed("port", port(5001)).superseding(seen.token());
        Claim first = world.ledger.claim(request);
        assertThat(world.ledger.claim(request)).isEqualTo(first);
        world.ledger.claim(by(BERT).fixed("port", port(5002)).superseding(new Token(new UUID(1, 2), 3)));
    }

    @Test
    void aClaimThatGoesInTheLastMomentIsNoneInTheWay() {
        Claim seen = world.holds(BERT, 5001);
        world.store.before(StoreCall.COMMIT, () -> world.other.release(seen));
        assertThat(world.ledger
                        .claim(by(ANNA).fixed("port", port(5001)).superseding(seen.token()))
                        .port("port"))
                .isEqualTo(5001);
    }

    /** Scenario 37, as far as the ledger goes: an exhausted pool is reclaimed by policy. */
    @Test
    void anExhaustedChoiceTakesWhatIsSuperseded() {
        var pairs = pool(Map.of("backend", 5001, "frontend", 8001), 1, 2);
        world.ledger.claim(by(BERT).choose("ports", pairs));
        Claim carl = world.ledger.claim(by(CARL).choose("ports", pairs));
        Claim anna = world.ledger.claim(by(ANNA).choose("ports", pairs).superseding(carl.token()));
        assertThat(anna.port("backend")).isEqualTo(5002);
        assertThat(world.ledger.find(BERT)).isPresent();
        assertThat(world.ledger.find(CARL)).isEmpty();
    }

    @Test
    void aPairOfWhichOnlyHalfGivesWayIsNotTaken() {
        Claim bert = world.holds(BERT, 5001);
        Claim carl = world.holds(CARL, 8001);
        var pairs = pool(Map.of("backend", 5001, "frontend", 8001), 1, 1);
        assertThat(world.refused(by(ANNA).choose("ports", pairs).superseding(bert.token())))
                .singleElement()
                .isInstanceOf(Obstacle.Exhausted.class);
        assertThat(world.ledger.find(BERT)).contains(bert);
        assertThat(world.ledger.find(CARL)).contains(carl);
    }

    @Test
    void aChoiceTakesAFreeCandidateBeforeASupersededOne() {
        Claim bert = world.ledger.claim(by(BERT).choose("port", pool(5001, 2)));
        Claim anna = world.ledger.claim(by(ANNA).choose("port", pool(5001, 2)).superseding(bert.token()));
        assertThat(anna.port("port")).isEqualTo(5002);
        assertThat(world.ledger.find(BERT)).isEmpty();
    }

    @Test
    void anOverlappingHolderGivesWay() {
        Claim bert = world.ledger.claim(ClaimRequest.by(BERT).fixed("path", tree("/desk")));
        world.ledger.claim(ClaimRequest.by(ANNA).fixed("path", tree("/desk/a")).superseding(bert.token()));
        assertThat(world.ledger.find(BERT)).isEmpty();
    }

    @Test
    void ownClaimsAreNotSuperseded() {
        Claim mine = world.holds(ANNA, 5001);
        assertThatThrownBy(
                        () -> world.ledger.claim(by(ANNA).fixed("x", port(5002)).superseding(mine.token())))
                .isInstanceOf(InvalidInputException.class);
        assertThat(world.ledger.find(ANNA)).contains(mine);
    }

    /** A claim that was renamed to the caller meanwhile has moved on, like any other. */
    @Test
    void anOldTokenOfWhatIsOwnByNowIsARefusal() {
        Claim old = world.holds(BERT, 5001);
        world.ledger.rename(BERT, ANNA);
        assertThat(world.refused(by(ANNA).fixed("x", port(5002)).superseding(old.token())))
                .singleElement()
                .isInstanceOf(Obstacle.Changed.class);
    }

    @Test
    void whereAllIsHeldNothingIsReleased() {
        world.holds(ANNA, 5001);
        Claim bert = world.holds(BERT, 5002);
        world.ledger.claim(by(ANNA).fixed("port", port(5001)).superseding(bert.token()));
        assertThat(world.ledger.find(BERT)).contains(bert);
    }

    @Test
    void ofManyWhoSupersedeOneClaimOneWins() {
        Claim[] old = {world.holds(BERT, 5001)};
        Race.of(6)
                .rounds(100)
                .<ClaimOutcome>run(
                        (round, racer, random) -> world.ledger.tryClaim(by(Owner.of("t", round + "/" + racer))
                                .fixed("port", port(5001))
                                .superseding(old[0].token())),
                        (round, outcomes) -> {
                            assertThat(outcomes)
                                    .filteredOn(outcome -> outcome instanceof ClaimOutcome.Granted)
                                    .hasSize(1);
                            old[0] = world.ledger.holder(port(5001)).orElseThrow();
                        });
    }
}
