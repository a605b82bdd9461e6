package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.NODE;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.host;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static dev.berth.testkit.ledger.World.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.StaleTokenException;
import dev.berth.testkit.Race;
import dev.berth.testkit.StoreCall;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** L5: a release is idempotent, exactly once in effect, and never touches what came after. */
class ReleaseTest {
    private final World world = new World();

    @AfterEach
    void invariants() {
        world.check();
    }

    @Test
    void releasingTwiceReleasesOnce() {
        Claim claim = world.holds(ANNA, 5001);
        assertThat(world.ledger.release(claim.token())).isTrue();
        assertThat(world.ledger.release(claim.token())).isFalse();
        assertThat(world.ledger.release(claim)).isFalse();
        assertThat(world.ledger.release(claim.token(), Quarantine.of(ResourceKind.TCP_PORT, MINUTE)))
                .isFalse();
        assertThat(world.ledger.holder(port(5001))).isEmpty();
        assertThat(world.listener.events(LedgerEvent.Released.class)).hasSize(1);
    }

    @Test
    void sleepingHolderCannotReleaseSuccessor() {
        Claim anna = world.holds(ANNA, 5001);
        world.ledger.release(anna);
        Claim bert = world.holds(BERT, 5001);
        assertThat(world.ledger.release(anna.token())).isFalse();
        assertThat(world.ledger.release(anna)).isFalse();
        Claim again = world.ledger.claim(by(ANNA).fixed("port", port(5002)));
        assertThat(world.ledger.release(anna.token())).isFalse();
        assertThat(world.ledger.find(BERT)).contains(bert);
        assertThat(world.ledger.find(ANNA)).contains(again);
    }

    @Test
    void aReleaseWithAnOldTokenIsStale() {
        Claim before = world.holds(ANNA, 5001);
        Claim after = world.ledger.claim(by(ANNA).fixed("more", port(5002)));
        assertThatThrownBy(() -> world.ledger.release(before.token()))
                .isInstanceOfSatisfying(StaleTokenException.class, stale -> {
                    assertThat(stale.expected()).isEqualTo(before.token());
                    assertThat(stale.current()).contains(after);
                });
        assertThatThrownBy(() -> world.ledger.release(before)).isInstanceOf(StaleTokenException.class);
        assertThat(world.ledger.find(ANNA)).contains(after);
    }

    /** Released by another thread after this one has seen the claim: false, not stale. */
    @Test
    void aReleaseThatLosesToAnotherReleaseIsFalse() {
        for (int skip = 0; skip < 2; skip++) {
            Claim claim = world.holds(ANNA, 5001);
            world.store.before(skip == 0 ? StoreCall.FIND_CLAIM : StoreCall.COMMIT, () -> world.other.release(claim));
            assertThat(world.ledger.release(claim.token())).isFalse();
            assertThat(world.store.happened()).isTrue();
        }
    }

    @Test
    void ofManyThreadsExactlyOneReleases() {
        Race.of(8)
                .rounds(200)
                .<Boolean>run(
                        (round, racer, random) -> {
                            Claim claim = world.ledger.claim(
                                    by(Owner.of("t", "app" + round)).fixed("port", port(10_000 + round)));
                            return claim.token().revision() == 1;
                        },
                        (round, ignored) -> {});
        Race.of(8)
                .rounds(200)
                .<Boolean>run(
                        (round, racer, random) -> {
                            var owner = Owner.of("t", "app" + round);
                            var seen = world.ledger.find(owner);
                            return seen.isPresent()
                                    && (racer % 2 == 0
                                            ? world.ledger.release(seen.get().token())
                                            : world.other.release(seen.get()));
                        },
                        (round, won) -> assertThat(won).containsOnlyOnce(true));
    }

    @Test
    void everythingIsFreeAtOnce() {
        Claim claim = world.ledger.claim(
                by(ANNA).fixed("port", port(5001)).fixed("path", tree("/desk")).fixed("host", host("a.example.org")));
        world.ledger.release(claim);
        world.ledger.claim(by(BERT).fixed("port", port(5001))
                .fixed("path", tree("/desk/a"))
                .fixed("host", host("a.example.org")));
    }

    @Test
    void quarantineKeepsOthersOutAndLetsTheFormerOwnerPass() {
        Claim claim = world.ledger.claim(by(ANNA).choose("port", pool(5001, 1)).fixed("host", host("a.example.org")));
        world.ledger.release(claim.token(), Quarantine.of(ResourceKind.TCP_PORT, MINUTE));
        Obstacle.Exhausted full = (Obstacle.Exhausted)
                world.refused(by(BERT).choose("port", pool(5001, 1))).get(0);
        assertThat(full.quarantined()).isEqualTo(1);
        assertThat(full.used()).isZero();
        assertThat(world.refused(by(BERT).fixed("port", port(5001))))
                .singleElement()
                .isInstanceOfSatisfying(
                        Obstacle.Taken.class,
                        taken -> assertThat(taken.occupant()).isInstanceOf(Occupant.Block.class));
        world.ledger.claim(by(BERT).fixed("host", host("a.example.org")));
        assertThat(world.ledger.claim(by(ANNA).choose("port", pool(5001, 1))).port("port"))
                .isEqualTo(5001);
    }

    @Test
    void quarantineEndsByItself() {
        Claim claim = world.holds(ANNA, 5001);
        world.ledger.release(claim.token(), Quarantine.of(ResourceKind.TCP_PORT, MINUTE));
        world.clock.advance(MINUTE.minusNanos(1000));
        assertThat(world.refused(by(BERT).fixed("port", port(5001)))).hasSize(1);
        world.clock.advance(Duration.ofNanos(1000));
        assertThat(world.ledger.claim(by(BERT).choose("port", pool(5001, 1))).port("port"))
                .isEqualTo(5001);
    }

    @Test
    void quarantineEndsBeforeItsTimeWhenItIsLifted() {
        Claim claim = world.holds(ANNA, 5001);
        world.ledger.release(claim.token(), Quarantine.of(ResourceKind.TCP_PORT, MINUTE));
        world.ledger.unblock(port(5001));
        world.ledger.claim(by(BERT).fixed("port", port(5001)));
        world.ledger.unblock(port(5001));
        world.ledger.unblock(port(5002));
        assertThat(world.ledger.holder(port(5001))).map(Claim::owner).contains(BERT);
        assertThat(world.listener.events(LedgerEvent.Unblocked.class)).hasSize(1);
    }

    @Test
    void quarantineOfAPathKeepsOthersOutOfAllBelowIt() {
        Claim claim = world.ledger.claim(ClaimRequest.by(ANNA).fixed("path", tree("/desk")));
        world.ledger.release(claim.token(), Quarantine.of(ResourceKind.PROXY_PREFIX, MINUTE));
        assertThat(world.refused(ClaimRequest.by(BERT).fixed("path", tree("/desk/a"))))
                .singleElement()
                .isInstanceOf(Obstacle.Overlapping.class);
        world.ledger.claim(ClaimRequest.by(ANNA).fixed("path", tree("/desk/a")));
    }

    @Test
    void aProvisionedClaimLeavesATombstoneAndAReservationNone() {
        Claim reserved = world.holds(ANNA, 5001);
        world.ledger.release(reserved);
        assertThat(world.ledger.tombstone(reserved.id())).isEmpty();
        world.ledger.attempt(by(ANNA).fixed("port", port(5001)), NODE, MINUTE);
        Claim pending = world.ledger.find(ANNA).orElseThrow();
        world.ledger.release(pending);
        var tombstone = world.ledger.tombstone(pending.id()).orElseThrow();
        assertThat(tombstone.claim()).isEqualTo(pending);
        assertThat(tombstone.reason()).isEqualTo(EndReason.RELEASED);
    }

    /** A mark of what is outside: refused while a claim holds it, in everybody's way afterwards. */
    @Test
    void aForeignMarkIsInEverybodysWay() {
        Claim anna = world.holds(ANNA, 5001);
        assertThatThrownBy(() -> world.ledger.markForeign(port(5001), "nginx", MINUTE))
                .isInstanceOf(ClaimRefusedException.class)
                .hasMessageContaining("lab:anna");
        world.ledger.release(anna);
        world.ledger.markForeign(port(5001), "nginx", MINUTE);
        assertThat(world.refused(by(ANNA).fixed("port", port(5001)))).hasSize(1);
        assertThat(world.ledger.claim(by(BERT).choose("port", pool(5001, 2))).port("port"))
                .isEqualTo(5002);
        assertThat(world.ledger.explain(port(5001)).toString()).contains("nginx");
    }
}
