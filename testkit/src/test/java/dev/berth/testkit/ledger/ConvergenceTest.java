package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.CARL;
import static dev.berth.testkit.ledger.World.NODE;
import static dev.berth.testkit.ledger.World.PROXY;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.host;
import static dev.berth.testkit.ledger.World.oneOf;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static dev.berth.testkit.ledger.World.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Choice;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.testkit.StoreCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** L7: the same call twice is the same claim. */
class ConvergenceTest {
    private final World world = new World();

    @AfterEach
    void invariants() {
        world.check();
    }

    @Test
    void askingAgainGivesTheStoredClaim() {
        ClaimRequest request = by(ANNA).choose("port", pool(5001, 9)).fixed("host", host("anna.example.org"));
        ClaimOutcome.Granted first = world.granted(request);
        ClaimOutcome.Granted again = world.granted(request);
        assertThat(first.origin()).isEqualTo(ClaimOutcome.Origin.CREATED);
        assertThat(first.acquired()).containsExactlyInAnyOrder("port", "host");
        assertThat(again.origin()).isEqualTo(ClaimOutcome.Origin.FOUND);
        assertThat(again.acquired()).isEmpty();
        assertThat(again.kept()).containsExactlyInAnyOrder("port", "host");
        assertThat(again.claim())
                .isEqualTo(first.claim())
                .isEqualTo(world.ledger.find(ANNA).orElseThrow());
    }

    @Test
    void whatWasGrantedIsWhatTheStoreHas() {
        Claim claim = world.ledger.claim(by(ANNA).choose("port", pool(5001, 9))
                .label("app", "web")
                .lease(World.MINUTE)
                .unconfirmed("port"));
        assertThat(world.ledger.find(claim.id())).contains(claim);
        assertThat(claim.state()).isEqualTo(ClaimState.RESERVED);
        assertThat(claim.stateSince()).isEqualTo(world.clock.instant()).isEqualTo(claim.createdAt());
        assertThat(claim.leaseUntil()).contains(world.clock.instant().plus(World.MINUTE));
        assertThat(claim.holdings()).allMatch(held -> !held.confirmed());
    }

    /** Scenario 13: the rule changed, and what was named before is still found under its old name. */
    @Test
    void aHeldPartSatisfiesItsElementWhateverTodaysCandidatesAre() {
        Claim before = world.ledger.claim(by(ANNA).choose("host", oneOf(host("anna.old.example.org"))));
        Claim after = world.ledger.claim(by(ANNA).choose("host", oneOf(host("anna-new.example.org"))));
        assertThat(after).isEqualTo(before);
        assertThat(after.value("host")).isEqualTo("anna.old.example.org");
    }

    @Test
    void missingPartsAreAddedAndTheOthersStay() {
        Claim first = world.ledger.claim(by(ANNA).fixed("port", port(7000)));
        world.clock.advance(World.MINUTE);
        ClaimOutcome.Granted more = world.granted(by(ANNA).fixed("host", host("a.example.org")));
        assertThat(more.acquired()).containsExactly("host");
        assertThat(more.claim().part("port")).isEqualTo(first.part("port"));
        assertThat(more.claim().token().claim()).isEqualTo(first.id());
        assertThat(more.claim().token()).isNotEqualTo(first.token());
        assertThat(more.claim().stateSince()).isEqualTo(first.stateSince());
        assertThat(more.claim().createdAt()).isEqualTo(first.createdAt());
    }

    @Test
    void extensionIsAllOrNothing() {
        world.holds(BERT, 8001);
        Claim first = world.ledger.claim(by(ANNA).fixed("port", port(7000)));
        assertThat(world.ledger.tryClaim(
                        by(ANNA).fixed("host", host("a.example.org")).fixed("other", port(8001))))
                .isInstanceOf(ClaimOutcome.Refused.class);
        assertThat(world.ledger.find(ANNA)).contains(first);
        assertThat(world.ledger.holder(host("a.example.org"))).isEmpty();
    }

    /** Scenario 5 and 7, as far as the ledger goes: canonical form decides what is the same. */
    @Test
    void spellingsOfOneNameAreOneResource() {
        world.ledger.claim(ClaimRequest.by(ANNA).in(PROXY).fixed("host", ResourceKind.DNS_NAME, "Julian.Kiedaisch"));
        assertThat(world.refused(
                        ClaimRequest.by(BERT).in(PROXY).fixed("host", ResourceKind.DNS_NAME, "julian.kiedaisch.")))
                .singleElement()
                .isInstanceOf(Obstacle.Taken.class);
        world.ledger.claim(ClaimRequest.by(BERT).in(PROXY).fixed("host", ResourceKind.DNS_NAME, "julian-kiedaisch"));
        world.ledger.claim(ClaimRequest.by(CARL).fixed("name", ResourceKind.CONTAINER_NAME, "Julian"));
        world.ledger.claim(
                ClaimRequest.by(Owner.of("lab", "dora")).fixed("name", ResourceKind.CONTAINER_NAME, "julian"));
    }

    /** Scenario 6. */
    @Test
    void ownersWhoseJoinedNamesAreAlikeGetDifferentNames() {
        Claim one = world.ledger.claim(
                ClaimRequest.by(Owner.of("anna", "b-c")).name("name", ResourceKind.CONTAINER_NAME, "anna", "b-c"));
        Claim two = world.ledger.claim(
                ClaimRequest.by(Owner.of("anna-b", "c")).name("name", ResourceKind.CONTAINER_NAME, "anna-b", "c"));
        assertThat(one.value("name")).isNotEqualTo(two.value("name"));
    }

    /** Scenario 12: exact, never a prefix. */
    @Test
    void ownersAreComparedExactly() {
        Claim app1 = world.ledger.claim(by(Owner.of("lab", "dyad-app-5")).fixed("port", port(5001)));
        assertThat(world.ledger.find(Owner.of("lab", "dyad-app-57"))).isEmpty();
        assertThat(world.ledger.find(Owner.of("lab", "dyad-app-"))).isEmpty();
        assertThat(world.ledger.find(Owner.of("lab", "Dyad-app-5"))).isEmpty();
        assertThat(world.ledger.find(Owner.of("lab ", "dyad-app-5"))).isEmpty();
        assertThat(world.ledger.find(Owner.of("lab", "dyad-app-5"))).contains(app1);
    }

    /** Scenario 15: a typed conflict that names the holder; nothing is removed. */
    @Test
    void aNameThatAnotherHoldsIsRefusedWithItsHolder() {
        Claim held = world.ledger.claim(by(ANNA).fixed("name", ResourceKind.CONTAINER_NAME, "web"));
        Obstacle.Taken taken =
                (Obstacle.Taken) world.refused(by(BERT).fixed("name", ResourceKind.CONTAINER_NAME, "web"))
                        .get(0);
        assertThat(taken.part()).isEqualTo("name");
        assertThat(taken.occupant()).hasToString(taken.toString()).asString().contains("lab:anna", "web");
        assertThat(world.ledger.find(ANNA)).contains(held);
    }

    /** Scenario 22: the runtime keeps answering 108, which a record holds. */
    @Test
    void theNextFreeGuestIdIsTaken() {
        Scope cluster = Scope.of("pve");
        Resource[] ids = {ResourceKind.GUEST_ID.in(cluster, 108), ResourceKind.GUEST_ID.in(cluster, 109)};
        world.ledger.claim(ClaimRequest.by(ANNA).choose("guest", oneOf(ids)));
        assertThat(world.ledger
                        .claim(ClaimRequest.by(BERT).choose("guest", oneOf(ids)))
                        .value("guest"))
                .isEqualTo("109");
    }

    /** Scenario 24: 56 is on 32100, 57 gets 32101, 58 gets 32102. */
    @Test
    void lowestFirst() {
        world.holds(Owner.of("t", "56"), 32100);
        assertThat(choosePort("57", pool(32100, 101))).isEqualTo(32101);
        assertThat(choosePort("58", pool(32100, 101))).isEqualTo(32102);
    }

    /** Scenario 26: six pairs in order, and asking again gives the same. */
    @Test
    void pairsGoInLockstep() {
        var roles = new LinkedHashMap<String, Integer>();
        roles.put("backend", 5001);
        roles.put("frontend", 8001);
        for (int round = 0; round < 2; round++) {
            for (int app = 0; app < 6; app++) {
                Claim claim = world.ledger.claim(by(Owner.of("t", "app" + app)).choose("ports", pool(roles, 2, 500)));
                assertThat(claim.port("backend")).isEqualTo(5001 + 2 * app);
                assertThat(claim.port("frontend")).isEqualTo(8001 + 2 * app);
            }
        }
    }

    /** Scenario 31: 101 succeed, the next is a typed exhaustion that says range, used, and by whom. */
    @Test
    void exhaustionSaysRangeUsedAndByWhom() {
        for (int app = 0; app < 101; app++) {
            choosePort("app" + app, pool(32100, 101));
        }
        Obstacle.Exhausted full = (Obstacle.Exhausted)
                world.refused(by(ANNA).choose("port", pool(32100, 101))).get(0);
        assertThat(full.total()).isEqualTo(101);
        assertThat(full.used()).isEqualTo(101);
        assertThat(full.holders()).hasSize(101);
        assertThat(full.choice()).contains("32100");
        assertThat(full).asString().contains("t:app0");
    }

    /** Scenario 35: past 3000 pairs no number is handed out in two roles. */
    @Test
    void rangesThatRunIntoEachOtherNeverGiveOneNumberTwice() {
        var roles = new LinkedHashMap<String, Integer>();
        roles.put("backend", 5001);
        roles.put("frontend", 8001);
        Map<Integer, String> seen = new LinkedHashMap<>();
        for (int app = 0; app < 3200; app++) {
            Claim claim = world.other.claim(by(Owner.of("t", "app" + app)).choose("ports", pool(roles, 1, 7000)));
            for (String role : roles.keySet()) {
                assertThat(seen.put(claim.port(role), role)).isNull();
            }
        }
        assertThat(seen).hasSize(6400);
    }

    /** Scenario 39: a record still being created has no port yet, another holds 7000. */
    @Test
    void aClaimWithoutAPortIsInNobodysWay() {
        world.ledger.attempt(ClaimRequest.by(ANNA), NODE, World.MINUTE);
        world.holds(BERT, 7000);
        assertThat(choosePort("one", pool(7000, 10))).isEqualTo(7001);
        assertThat(choosePort("two", pool(7000, 10))).isEqualTo(7002);
    }

    @Test
    void reservedNumbersAreNeverHandedOut() {
        assertThat(choosePort("one", pool(Map.of("-", 5001), 1, 3, 5001, 5002))).isEqualTo(5003);
        Obstacle.Exhausted full =
                (Obstacle.Exhausted) world.refused(by(ANNA).choose("port", pool(Map.of("-", 5001), 1, 3, 5001, 5002)))
                        .get(0);
        assertThat(full.excluded()).isEqualTo(2);
        assertThat(full.used()).isEqualTo(1);
    }

    private int choosePort(String app, Choice choice) {
        return world.ledger.claim(by(Owner.of("t", app)).choose("port", choice)).port("port");
    }

    @Test
    void choicesOfOneRequestNeverTakeOneNumberTwice() {
        Claim claim = world.ledger.claim(
                by(ANNA).fixed("fixed", port(5001)).choose("a", pool(5001, 5)).choose("b", pool(5001, 5)));
        assertThat(claim.port("a")).isEqualTo(5002);
        assertThat(claim.port("b")).isEqualTo(5003);
    }

    @Test
    void whatAnotherChoiceOfTheRequestWantsIsCountedApart() {
        Obstacle.Exhausted full = (Obstacle.Exhausted)
                world.refused(by(ANNA).choose("a", pool(5001, 1)).choose("b", pool(5001, 1)))
                        .get(0);
        assertThat(full.part()).isEqualTo("b");
        assertThat(full.wantedTwice()).isEqualTo(1);
        assertThat(world.ledger.find(ANNA)).isEmpty();
    }

    @Test
    void severalChoicesFillOnePartInRolesOfTheirOwn() {
        Claim claim = world.ledger.claim(
                by(ANNA).choose("ports", pool(Map.of("http", 8000), 1, 5), pool(Map.of("admin", 9000), 1, 5)));
        assertThat(claim.part("ports").keySet()).containsExactly("admin", "http");
    }

    @Test
    void twoChoicesInOneRoleAreRefusedAtTheDoor() {
        assertThatThrownBy(() -> world.ledger.tryClaim(by(ANNA).choose("ports", pool(8000, 5), pool(9000, 5))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("ports");
        assertThat(world.ledger.find(ANNA)).isEmpty();
    }

    @Test
    void aPartCannotTakeWhatAnotherPartOfTheSameClaimHolds() {
        world.ledger.claim(by(ANNA).fixed("a", port(5001)));
        assertThat(world.refused(by(ANNA).fixed("b", port(5001))))
                .singleElement()
                .isInstanceOf(Obstacle.Taken.class)
                .asString()
                .contains("lab:anna");
    }

    /** A choice from a pool whose only number its owner holds lapsed: a full pool, not endless rounds. */
    @Test
    void whatTheOwnerItselfHoldsIsNoCandidateEvenLapsed() {
        world.ledger.claim(by(ANNA).choose("a", pool(5001, 1)).lease(World.MINUTE));
        world.clock.advance(World.MINUTE);
        assertThat(world.refused(by(ANNA).choose("b", pool(5001, 1))))
                .singleElement()
                .isInstanceOf(Obstacle.Exhausted.class);
    }

    @Test
    void labelsAreSetAndOthersStay() {
        world.ledger.claim(by(ANNA).fixed("port", port(5001)).label("a", "1").label("b", "2"));
        Claim claim = world.ledger.claim(by(ANNA).fixed("port", port(5001)).label("b", "3"));
        assertThat(claim.labels()).containsExactlyInAnyOrderEntriesOf(Map.of("a", "1", "b", "3"));
        assertThat(world.ledger.find(ANNA)).contains(claim);
        assertThat(claim.token().revision()).isEqualTo(1);
    }

    @Test
    void labelsOfAClaimAndARequestTogetherAreLimited() {
        ClaimRequest full = by(ANNA).fixed("port", port(5001));
        for (int i = 0; i < 64; i++) {
            full = full.label("key" + i, "v");
        }
        Claim before = world.ledger.claim(full);
        ClaimRequest one = by(ANNA).fixed("port", port(5001)).label("one-more", "v");
        assertThatThrownBy(() -> world.ledger.claim(one)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> world.ledger.claim(one.fixed("more", port(5002))))
                .isInstanceOf(InvalidInputException.class);
        assertThat(world.ledger.find(ANNA)).contains(before);
    }

    @Test
    void aClaimHoldsAtMost4096ResourcesAndCanStillMoveThem() {
        Map<String, Resource> group = new LinkedHashMap<>();
        for (int i = 0; i < 4096; i++) {
            group.put("r" + i, port(10_000 + i));
        }
        Claim full = world.ledger.claim(by(ANNA).fixed("all", group));
        assertThatThrownBy(() -> world.ledger.claim(by(ANNA).fixed("more", port(5001))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("4096");
        Claim moved = world.ledger.migrate(ANNA, port(10_000), port(9_999));
        assertThat(moved.holdings()).hasSize(4096).isNotEqualTo(full.holdings());
    }

    // ------------------------------------------------------------------ races, at their exact point

    /** What the first round of a request does: both roads must lead to the same answer. */
    enum First {
        ASSUMES,
        LOOKS
    }

    private void begin(First first) {
        if (first == First.LOOKS) {
            world.remembers(ANNA);
        }
    }

    /** The last candidate is taken by another thread of the same owner while this one is looking. */
    @ParameterizedTest
    @EnumSource
    void aChoiceExhaustedByTheOwnersOwnClaimIsNoRefusal(First first) {
        begin(first);
        ClaimRequest request = by(ANNA).choose("port", pool(5001, 1));
        List<Claim> theirs = new ArrayList<>();
        world.store.before(StoreCall.FREE, () -> theirs.add(world.other.claim(request)));
        assertThat(world.ledger.claim(request)).isEqualTo(theirs.get(0));
    }

    @ParameterizedTest
    @EnumSource
    void anOverlapWithTheOwnersOwnNewClaimIsNoRefusal(First first) {
        begin(first);
        ClaimRequest request = by(ANNA).fixed("desk", tree("/desk")).fixed("sub", tree("/desk/a"));
        List<Claim> theirs = new ArrayList<>();
        world.store.before(StoreCall.RECORD, () -> theirs.add(world.other.claim(request)));
        assertThat(world.ledger.claim(request)).isEqualTo(theirs.get(0));
    }

    /** The owner's other thread claims the last candidate, and has released it before this one looks at itself again. */
    @Test
    void aChoiceExhaustedForAMomentByTheOwnerItselfIsNoRefusal() {
        begin(First.LOOKS);
        ClaimRequest request = by(ANNA).choose("port", pool(5001, 1));
        world.store.before(StoreCall.FREE, () -> {
            Claim theirs = world.other.claim(request);
            world.store.before(StoreCall.OCCUPANTS, () -> world.other.release(theirs));
        });
        assertThat(world.ledger.claim(request).port("port")).isEqualTo(5001);
        assertThat(world.store.happened()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aChoiceExhaustedByTheOwnerItselfUntilAfterItsExplanationIsNoRefusal(First first) {
        begin(first);
        ClaimRequest request = by(ANNA).choose("port", pool(5001, 1));
        world.store.before(StoreCall.FREE, () -> {
            Claim theirs = world.other.claim(request);
            world.store.before(StoreCall.FIND_OWNER, () -> world.other.release(theirs));
        });
        assertThat(world.ledger.claim(request).port("port")).isEqualTo(5001);
    }

    @ParameterizedTest
    @EnumSource
    void anOverlapForAMomentWithTheOwnerItselfIsNoRefusal(First first) {
        begin(first);
        ClaimRequest request = by(ANNA).fixed("desk", tree("/desk"));
        world.store.before(StoreCall.OCCUPANTS, () -> {
            Claim theirs = world.other.claim(by(ANNA).fixed("sub", tree("/desk/a")));
            world.store.before(StoreCall.FIND_OWNER, () -> world.other.release(theirs));
        });
        assertThat(world.ledger.claim(request).value("desk")).isEqualTo("/desk");
        assertThat(world.store.happened()).isTrue();
    }

    /** A refusal that would say "0 of 1 used" is none. */
    @ParameterizedTest
    @EnumSource
    void aCandidateThatIsFreedBeforeItIsExplainedIsTaken(First first) {
        begin(first);
        Claim bert = world.holds(BERT, 5001);
        world.store.before(StoreCall.OCCUPANTS, () -> world.other.release(bert));
        assertThat(world.ledger.claim(by(ANNA).choose("port", pool(5001, 1))).port("port"))
                .isEqualTo(5001);
        assertThat(world.store.happened()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aFixedResourceTakenByTheOwnersOwnNewClaimIsNoRefusal(First first) {
        begin(first);
        ClaimRequest request = by(ANNA).fixed("port", port(5001));
        List<Claim> theirs = new ArrayList<>();
        world.store.before(StoreCall.COMMIT, () -> theirs.add(world.other.claim(request)));
        assertThat(world.ledger.claim(request)).isEqualTo(theirs.get(0));
    }

    @Test
    void anExtensionThatAnotherThreadMadeFirstIsFound() {
        world.ledger.claim(by(ANNA).fixed("port", port(5001)));
        ClaimRequest more = by(ANNA).choose("second", pool(5001, 2));
        world.store.before(StoreCall.FREE, () -> world.other.claim(more));
        ClaimOutcome.Granted granted = world.granted(more);
        assertThat(granted.acquired()).isEmpty();
        assertThat(granted.claim().port("second")).isEqualTo(5002);
    }

    @Test
    void aClaimThatIsReleasedMeanwhileIsMadeAnew() {
        Claim before = world.ledger.claim(by(ANNA).fixed("port", port(5001)));
        world.store.before(StoreCall.COMMIT, () -> world.other.release(before));
        ClaimOutcome.Granted granted =
                world.granted(by(ANNA).fixed("port", port(5001)).fixed("more", port(5002)));
        assertThat(granted.origin()).isEqualTo(ClaimOutcome.Origin.CREATED);
        assertThat(granted.claim().holds("port")).isTrue();
        assertThat(granted.claim().id()).isNotEqualTo(before.id());
    }

    @ParameterizedTest
    @EnumSource
    void aCandidateLostInTheCommitIsReplacedByTheNext(First first) {
        begin(first);
        world.store.before(StoreCall.COMMIT, () -> world.holds(BERT, 5001));
        Claim claim = world.ledger.claim(by(ANNA).choose("port", pool(5001, 2)));
        assertThat(claim.port("port")).isEqualTo(5002);
    }

    @ParameterizedTest
    @EnumSource
    void theLastCandidateLostInTheCommitIsExhaustion(First first) {
        begin(first);
        world.store.before(StoreCall.COMMIT, () -> world.holds(BERT, 5001));
        assertThat(world.refused(by(ANNA).choose("port", pool(5001, 1))))
                .singleElement()
                .isInstanceOf(Obstacle.Exhausted.class);
        assertThat(world.store.happened()).isTrue();
    }

    @Test
    void emptyAnswersAreOptionalsNotDefaults() {
        assertThat(world.ledger.find(ANNA)).isEqualTo(Optional.empty());
        assertThat(world.ledger.holder(port(1))).isEmpty();
        assertThat(world.ledger.tombstone(new UUID(0, 0))).isEmpty();
    }
}
