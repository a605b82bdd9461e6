package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.CARL;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.host;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static dev.berth.testkit.ledger.World.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.testkit.FaultyLedgerStore;
import dev.berth.testkit.StoreCall;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** L6: all or nothing, and a refusal names everything that stands in the way. */
class RefusalTest {
    private final World world = new World();

    @AfterEach
    void invariants() {
        world.check();
    }

    @Test
    void namesEveryHolderOfFixedResources() {
        Claim bert = world.holds(BERT, 5001);
        Claim carl = world.holds(CARL, 5002);
        world.other.markForeign(port(5003), "somebody's nginx", MINUTE);
        List<Obstacle> obstacles = world.refused(by(ANNA).fixed("a", port(5001))
                .fixed("b", port(5002))
                .fixed("c", port(5003))
                .fixed("free", port(5004)));
        assertThat(obstacles).hasSize(3);
        assertThat(new Refusal(ANNA, obstacles).holders()).containsExactlyInAnyOrder(bert.token(), carl.token());
        assertThat(obstacles.toString()).contains("somebody's nginx");
        assertThat(world.ledger.find(ANNA)).isEmpty();
        assertThat(world.ledger.holder(port(5004))).isEmpty();
    }

    @Test
    void namesFixedTakenExhaustedAndOverlappingTogether() {
        world.holds(BERT, 5001);
        world.holds(CARL, 6001);
        world.other.claim(ClaimRequest.by(world(7)).fixed("path", tree("/desk")));
        assertEverythingIsNamed();
    }

    private static Owner world(int number) {
        return Owner.of("lab", "other-" + number);
    }

    private void assertEverythingIsNamed() {
        List<Obstacle> obstacles = world.refused(by(ANNA).fixed("fixed", port(5001))
                .choose("chosen", pool(6001, 1))
                .fixed("path", tree("/desk/a")));
        assertThat(obstacles)
                .hasSize(3)
                .anyMatch(found ->
                        found instanceof Obstacle.Taken taken && taken.part().equals("fixed"))
                .anyMatch(found -> found instanceof Obstacle.Exhausted full && full.used() == 1)
                .anyMatch(found -> found instanceof Obstacle.Overlapping over
                        && over.occupant().resource().equals(tree("/desk")));
        assertThat(world.ledger.find(ANNA)).isEmpty();
    }

    /** The commit finds only what was taken last; the refusal names the others as well. */
    @Test
    void namesEverythingWhenAllWasTakenBetweenLookAndCommit() {
        world.store.before(StoreCall.COMMIT, () -> {
            world.holds(BERT, 5001);
            world.holds(CARL, 6001);
            world.other.claim(ClaimRequest.by(world(7)).fixed("path", tree("/desk")));
        });
        assertEverythingIsNamed();
        assertThat(world.store.happened()).isTrue();
    }

    @Test
    void namesAHolderWhoseLeaseWasRenewedInTheLastMoment() {
        world.other.claim(by(BERT).fixed("port", port(5001)).lease(MINUTE));
        world.clock.advance(MINUTE);
        world.store.before(StoreCall.COMMIT, 1, () -> {
            Claim bert = world.other.find(BERT).orElseThrow();
            world.other.renew(bert.token(), MINUTE);
            world.holds(CARL, 5002);
        });
        assertThat(world.refused(by(ANNA).fixed("a", port(5001)).fixed("b", port(5002))))
                .hasSize(2);
        assertThat(world.store.happened()).isTrue();
    }

    /** Scenario 21: a true duplicate reports the hostname as the conflict, not the port. */
    @Test
    void aDuplicateHostNameIsTheOnlyObstacle() {
        world.ledger.claim(by(ANNA).fixed("hostname", host("web-b")).choose("port", pool(30001, 10)));
        Claim other =
                world.ledger.claim(by(CARL).fixed("hostname", host("web-c")).choose("port", pool(30001, 10)));
        assertThat(other.port("port")).isEqualTo(30002);
        List<Obstacle> obstacles =
                world.refused(by(BERT).fixed("hostname", host("web-b")).choose("port", pool(30001, 10)));
        assertThat(obstacles).singleElement().isInstanceOfSatisfying(Obstacle.Taken.class, taken -> {
            assertThat(taken.part()).isEqualTo("hostname");
            assertThat(taken.occupant().resource()).isEqualTo(host("web-b"));
        });
    }

    @Test
    void aDuplicateHostNameIsTheOnlyObstacleThoughThePortWasLostToo() {
        world.store.before(
                StoreCall.COMMIT,
                () -> world.other.claim(
                        by(ANNA).fixed("hostname", host("web-b")).choose("port", pool(30001, 10))));
        assertThat(world.refused(by(BERT).fixed("hostname", host("web-b")).choose("port", pool(30001, 10))))
                .singleElement()
                .isInstanceOf(Obstacle.Taken.class);
    }

    @Test
    void theThrowingTwinCarriesTheSameRefusal() {
        Claim held = world.holds(BERT, 5001);
        assertThatThrownBy(() -> world.ledger.claim(by(ANNA).fixed("port", port(5001))))
                .isInstanceOfSatisfying(ClaimRefusedException.class, refused -> {
                    assertThat(refused.refusal().owner()).isEqualTo(ANNA);
                    assertThat(refused.refusal().holders()).containsExactly(held.token());
                })
                .hasMessageContaining("tcp-port 5001 in node-1 is held by lab:bert since 2026-03-02T08:00:00Z");
    }

    @Test
    void exhaustionCountsEachCandidateOnce() {
        world.holds(BERT, 5001);
        world.other.markForeign(port(5002), "", MINUTE);
        Claim carl = world.holds(CARL, 5003);
        world.other.release(carl.token(), Quarantine.of(ResourceKind.TCP_PORT, MINUTE));
        Claim dora = world.holds(world(1), 5004);
        world.other.reassign(
                dora.token(), Reassignment.of("port", port(9000)).declining(List.of(port(5004)), "busy", MINUTE));
        Obstacle.Exhausted full =
                (Obstacle.Exhausted) world.refused(by(ANNA).choose("port", pool(Map.of("-", 5001), 1, 5, 5005)))
                        .get(0);
        assertThat(full.used()).isEqualTo(1);
        assertThat(full.foreign()).isEqualTo(1);
        assertThat(full.quarantined()).isEqualTo(1);
        assertThat(full.declined()).isEqualTo(1);
        assertThat(full.excluded()).isEqualTo(1);
        assertThat(full.total()).isEqualTo(5);
        assertThat(full.holders()).extracting(Occupant.Holder::owner).containsExactly(BERT);
    }

    @Test
    void aStoreThatFailsIsNeverAnAnswer() {
        var faulty = new FaultyLedgerStore(world.memory);
        var ledger = ResourceLedger.on(faulty);
        faulty.refuseWrites(1);
        assertThatThrownBy(() -> ledger.claim(by(ANNA).fixed("port", port(5001))))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(ledger.find(ANNA)).isEmpty();
        faulty.failReads(1);
        assertThatThrownBy(() -> ledger.find(ANNA)).isInstanceOf(StoreUnavailableException.class);
        faulty.loseAnswers(1);
        assertThatThrownBy(() -> ledger.claim(by(ANNA).fixed("port", port(5001))))
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        lost -> assertThat(lost.outcome()).isEqualTo(StoreUnavailableException.Outcome.UNKNOWN));
        Claim stored = world.other.find(ANNA).orElseThrow();
        assertThat(ledger.claim(by(ANNA).fixed("port", port(5001)))).isEqualTo(stored);
    }

    /** What a failed call was about to take is free for the next one at once: no note stays behind. */
    @Test
    void aFailedClaimLeavesNoGap() {
        var faulty = new FaultyLedgerStore(world.memory);
        var ledger = ResourceLedger.on(faulty);
        for (int i = 0; i < 20; i++) {
            faulty.refuseWrites(1);
            assertThatThrownBy(() -> ledger.claim(by(ANNA).choose("port", pool(5001, 100))))
                    .isInstanceOf(StoreUnavailableException.class);
        }
        world.holds(CARL, 7000);
        assertThat(ledger.tryClaim(by(CARL).choose("two", pool(5001, 100)).fixed("bad", port(7000))))
                .isInstanceOf(ClaimOutcome.Refused.class);
        assertThat(ledger.claim(by(BERT).choose("port", pool(5001, 100))).port("port"))
                .isEqualTo(5001);
    }
}
