package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.NODE;
import static dev.berth.testkit.ledger.World.PROXY;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.oneOf;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static dev.berth.testkit.ledger.World.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Choice;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.testkit.FaultyLedgerStore;
import dev.berth.testkit.StoreCall;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a request costs on a store behind a network, and that the saved look never costs a right answer. */
class RoundTripTest {
    private final World world = new World();
    private final FaultyLedgerStore counted = new FaultyLedgerStore(world.store);
    private final ResourceLedger ledger =
            ResourceLedger.builder(counted).clock(world.clock).build();

    @BeforeEach
    void reset() {
        counted.resetCalls();
    }

    @AfterEach
    void invariants() {
        world.check();
    }

    private Map<StoreCall, Long> calls() {
        Map<StoreCall, Long> calls = new TreeMap<>();
        for (StoreCall call : StoreCall.values()) {
            if (counted.calls(call) > 0) {
                calls.put(call, counted.calls(call));
            }
        }
        counted.resetCalls();
        return calls;
    }

    private static ClaimRequest app(Owner owner) {
        return by(owner)
                .choose(
                        "name",
                        oneOf(
                                ResourceKind.CONTAINER_NAME.in(NODE, owner.name()),
                                ResourceKind.CONTAINER_NAME.in(NODE, owner.name() + "-2")))
                .fixed("path", ResourceKind.PROXY_PATH.in(PROXY, "/" + owner.name()))
                .choose("ports", pool(Map.of("backend", 5001, "frontend", 8001), 1, 100));
    }

    // ------------------------------------------------------------------ what it costs

    @Test
    void aFreshClaimIsOneHintForEachPoolAndOneCommit() {
        ledger.claim(app(ANNA));
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FREE, 1L, StoreCall.COMMIT, 1L));
        ledger.claim(by(BERT).fixed("port", port(7001)));
        assertThat(calls()).isEqualTo(Map.of(StoreCall.COMMIT, 1L));
    }

    /** The first name is taken without a look; where another owner has it, the look comes after the refusal. */
    @Test
    void aNameThatIsTakenCostsOneCommitMore() {
        world.other.claim(by(BERT).fixed("name", ResourceKind.CONTAINER_NAME.in(NODE, ANNA.name())));
        Claim claim = ledger.claim(app(ANNA));
        assertThat(claim.part("name")).containsValue(ResourceKind.CONTAINER_NAME.in(NODE, ANNA.name() + "-2"));
        assertThat(calls()).containsEntry(StoreCall.COMMIT, 2L);
    }

    @Test
    void aFreshAttemptCostsTheSame() {
        assertThat(ledger.attempt(app(ANNA), NODE, MINUTE)).isInstanceOf(AttemptOutcome.Granted.class);
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FREE, 1L, StoreCall.COMMIT, 1L));
    }

    @Test
    void aHeldClaimAskedForAgainIsOneFind() {
        Claim held = ledger.claim(app(ANNA));
        calls();
        for (int i = 0; i < 3; i++) {
            assertThat(ledger.claim(app(ANNA))).isEqualTo(held);
            assertThat(calls()).isEqualTo(Map.of(StoreCall.FIND_OWNER, 1L));
        }
    }

    @Test
    void anAttemptAskedForAgainIsOneFind() {
        ledger.attempt(app(ANNA), NODE, MINUTE);
        calls();
        assertThat(ledger.attempt(app(ANNA), NODE, MINUTE)).isInstanceOf(AttemptOutcome.Joined.class);
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FIND_OWNER, 1L));
    }

    /** After a restart the first question pays for the lost memory, the second one does not. */
    @Test
    void aClaimOfAnotherProcessCostsItsCommitOnce() {
        Claim held = world.other.claim(app(ANNA));
        assertThat(ledger.claim(app(ANNA))).isEqualTo(held);
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FREE, 1L, StoreCall.COMMIT, 1L, StoreCall.FIND_OWNER, 1L));
        assertThat(ledger.claim(app(ANNA))).isEqualTo(held);
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FIND_OWNER, 1L));
    }

    @Test
    void anOwnerThatWasReadIsKnown() {
        Claim held = world.other.claim(app(ANNA));
        assertThat(ledger.find(ANNA)).contains(held);
        calls();
        assertThat(ledger.claim(app(ANNA))).isEqualTo(held);
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FIND_OWNER, 1L));
    }

    @Test
    void afterAReleaseAClaimIsFreshAgain() {
        assertThat(ledger.release(ledger.claim(app(ANNA)))).isTrue();
        calls();
        ledger.claim(app(ANNA));
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FREE, 1L, StoreCall.COMMIT, 1L));
    }

    @Test
    void afterAReleaseByAnotherProcessOneLookIsWasted() {
        world.other.release(ledger.claim(app(ANNA)));
        calls();
        ledger.claim(app(ANNA));
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FIND_OWNER, 1L, StoreCall.FREE, 2L, StoreCall.COMMIT, 1L));
    }

    @Test
    void aRenamedOwnerIsKnownByItsNewNameOnly() {
        ledger.claim(by(ANNA).fixed("port", port(5001)));
        ledger.rename(ANNA, BERT);
        calls();
        ledger.claim(by(BERT).fixed("port", port(5001)));
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FIND_OWNER, 1L));
        ledger.claim(by(ANNA).fixed("port", port(5002)));
        assertThat(calls()).isEqualTo(Map.of(StoreCall.COMMIT, 1L));
    }

    /** The commit itself names every holder, and says that the owner holds nothing. */
    @Test
    void aRefusalOfFixedResourcesIsOneCommit() {
        world.holds(BERT, 5001);
        assertThat(ledger.tryClaim(by(ANNA).fixed("port", port(5001)).choose("more", pool(6001, 1))))
                .isInstanceOf(ClaimOutcome.Refused.class);
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FREE, 1L, StoreCall.COMMIT, 1L));
    }

    /** Its guard and what overlaps it are read as before; only the look at the owner is saved. */
    @Test
    void anOverlapKindReadsItsGuardAndWhatOverlaps() {
        ledger.claim(by(ANNA).fixed("path", tree("/desk")));
        Map<StoreCall, Long> calls = calls();
        assertThat(calls)
                .containsEntry(StoreCall.RECORD, 1L)
                .containsEntry(StoreCall.COMMIT, 1L)
                .doesNotContainKey(StoreCall.FIND_OWNER);
    }

    // ------------------------------------------------------------------ L7: the owner's own claim is no obstacle

    @Test
    void aPoolThatItsOwnerHasEmptiedIsNoRefusal() {
        Claim held = world.other.claim(by(ANNA).choose("port", pool(5001, 1)));
        assertThat(ledger.claim(by(ANNA).choose("port", pool(5001, 1)))).isEqualTo(held);
        // It was not explained: that reads the whole pool.
        assertThat(calls()).isEqualTo(Map.of(StoreCall.FREE, 1L, StoreCall.FIND_OWNER, 1L));
    }

    @Test
    void aFixedResourceThatItsOwnerHoldsIsNoRefusal() {
        Claim held = world.other.claim(by(ANNA).fixed("port", port(5001)));
        assertThat(ledger.claim(by(ANNA).fixed("port", port(5001)))).isEqualTo(held);
    }

    @Test
    void anOverlapWithTheOwnersOwnIsNoRefusal() {
        ClaimRequest request = by(ANNA).fixed("desk", tree("/desk")).fixed("sub", tree("/desk/a"));
        Claim held = world.other.claim(request);
        assertThat(ledger.claim(request)).isEqualTo(held);
    }

    @Test
    void whatOthersHoldOfTodaysWishesIsNothingToAPartThatIsHeld() {
        Claim held = world.other.claim(by(ANNA).fixed("port", port(5001)));
        world.holds(BERT, 5002);
        assertThat(ledger.claim(by(ANNA).fixed("port", port(5002)))).isEqualTo(held);
        assertThat(ledger.claim(by(ANNA).choose("port", pool(5002, 1)))).isEqualTo(held);
    }

    /** A held part satisfies its element whatever today's candidates are, even where they cannot be told. */
    @Test
    void candidatesThatFailAreNothingToAPartThatIsHeld() {
        Claim held = world.other.claim(by(ANNA).fixed("port", port(5001)));
        Choice failing = owner -> {
            throw new IllegalStateException("no pool today");
        };
        assertThat(ledger.claim(by(ANNA).choose("port", failing))).isEqualTo(held);
        assertThatThrownBy(() -> ledger.claim(by(BERT).choose("port", failing)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no pool today");
        assertThat(ledger.find(BERT)).isEmpty();
    }

    @Test
    void aRequestThatWouldBeTooLargeIsNoneWhereItsPartsAreHeld() {
        Map<String, dev.berth.ledger.Resource> many = new LinkedHashMap<>();
        for (int i = 0; i < 4096; i++) {
            many.put("r" + i, port(10_000 + i));
        }
        world.other.claim(by(ANNA).fixed("all", port(5001)));
        Claim claim = ledger.claim(by(ANNA).fixed("all", many).fixed("more", port(5002)));
        assertThat(claim.holdings()).hasSize(2);
        assertThatThrownBy(() -> ledger.claim(by(BERT).fixed("all", many).fixed("more", port(5003))))
                .hasMessageContaining("4096");
    }

    /** The parts that are not asked for stay, though nobody but the lapsed owner itself is in the way. */
    @Test
    void aLapsedClaimOfTheOwnerIsExtendedAndNotReplaced() {
        Claim held = world.other.claim(
                by(ANNA).fixed("desk", tree("/desk")).fixed("port", port(5001)).lease(MINUTE));
        world.clock.advance(MINUTE);
        Claim more = ledger.claim(by(ANNA).fixed("sub", tree("/desk/a")));
        assertThat(more.id()).isEqualTo(held.id());
        assertThat(more.part("desk")).isEqualTo(held.part("desk"));
        assertThat(more.port("port")).isEqualTo(5001);
    }

    @Test
    void aLapsedClaimOfTheOwnerIsNoCandidateForItsOtherParts() {
        Claim held = world.other.claim(by(ANNA).fixed("a", port(5001)).lease(MINUTE));
        world.clock.advance(MINUTE);
        Claim more = ledger.claim(by(ANNA).choose("b", pool(5001, 10)));
        assertThat(more.id()).isEqualTo(held.id());
        assertThat(more.port("a")).isEqualTo(5001);
        assertThat(more.port("b")).isEqualTo(5002);
    }

    @Test
    void aLapsedResourceOfTheOwnersOtherPartIsTaken() {
        world.other.claim(by(ANNA).fixed("a", port(5001)).lease(MINUTE));
        world.clock.advance(MINUTE);
        assertThat(ledger.tryClaim(by(ANNA).fixed("b", port(5001))))
                .isInstanceOfSatisfying(
                        ClaimOutcome.Refused.class,
                        refused -> assertThat(refused.refusal().obstacles())
                                .singleElement()
                                .isInstanceOf(Obstacle.Taken.class));
    }

    @Test
    void anExtensionOfAnUnknownOwnerTakesTheLowest() {
        Claim held = world.other.claim(by(ANNA).choose("a", pool(5001, 10)));
        Claim more = ledger.claim(by(ANNA).choose("a", pool(5001, 10)).choose("b", pool(5001, 10)));
        assertThat(more.id()).isEqualTo(held.id());
        assertThat(more.port("a")).isEqualTo(5001);
        assertThat(more.port("b")).isEqualTo(5002);
    }

    @Test
    void anotherHomeIsStillRefused() {
        world.other.attempt(by(ANNA).fixed("port", port(5001)), NODE, MINUTE);
        assertThat(ledger.attempt(by(ANNA).fixed("port", port(5001)), PROXY, MINUTE))
                .isInstanceOfSatisfying(
                        AttemptOutcome.Refused.class,
                        refused -> assertThat(refused.refusal().obstacles())
                                .singleElement()
                                .isInstanceOf(Obstacle.Elsewhere.class));
    }

    // ------------------------------------------------------------------ L6: a refusal names everything

    @Test
    void aRefusalNamesWhatTheSavedLookWouldHaveFound() {
        world.holds(BERT, 5001);
        world.other.claim(by(Owner.of("lab", "dora")).fixed("port", port(6001)));
        world.other.claim(by(Owner.of("lab", "emil")).fixed("path", tree("/desk")));
        ClaimRequest request = by(ANNA).fixed("fixed", port(5001))
                .choose("chosen", pool(6001, 1))
                .fixed("path", tree("/desk/a"));
        assertThat(ledger.tryClaim(request))
                .isInstanceOfSatisfying(
                        ClaimOutcome.Refused.class,
                        refused -> assertThat(refused.refusal().obstacles()).hasSize(3));
    }

    @Test
    void whatWasVenturedInVainLeavesNoNotes() {
        world.other.claim(by(ANNA).choose("port", pool(5001, 10)));
        ledger.claim(by(ANNA).choose("port", pool(5001, 10)));
        assertThat(ledger.claim(by(BERT).choose("port", pool(5001, 10))).port("port"))
                .isEqualTo(5002);
    }
}
