package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.CARL;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.NODE;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.host;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static dev.berth.testkit.ledger.World.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.Holding;
import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.StaleTokenException;
import dev.berth.testkit.Race;
import dev.berth.testkit.StoreCall;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is held changes by shrink, reassign, migrate and rename only, and each names what it saw. */
class MoveTest {
    private final World world = new World();

    @AfterEach
    void invariants() {
        world.check();
    }

    // ------------------------------------------------------------------ shrink

    @Test
    void shrinkingGivesBackPartsAndKeepsTheRest() {
        Claim before = world.ledger.claim(
                by(ANNA).fixed("a", port(1)).fixed("b", port(2)).fixed("c", port(3)));
        Claim after = world.ledger.shrink(before.token(), "a", "c", "a", "never-held");
        assertThat(after.holdings()).extracting(Holding::part).containsExactly("b");
        assertThat(world.ledger.find(ANNA)).contains(after);
        world.ledger.claim(by(BERT).fixed("x", port(1)).fixed("y", port(3)));
        assertThat(world.listener.events(LedgerEvent.Given.class))
                .singleElement()
                .satisfies(given -> assertThat(given.reason()).isEqualTo(EndReason.SHRUNK));
    }

    @Test
    void shrinkingByNothingChangesNothing() {
        Claim before = world.holds(ANNA, 1);
        assertThat(world.ledger.shrink(before.token(), "other")).isEqualTo(before);
        assertThat(world.ledger.shrink(before.token())).isEqualTo(before);
    }

    @Test
    void shrinkingWithAnOldTokenChangesNothing() {
        Claim before = world.holds(ANNA, 1);
        Claim after = world.ledger.claim(by(ANNA).fixed("b", port(2)));
        assertThatThrownBy(() -> world.ledger.shrink(before.token(), "port")).isInstanceOf(StaleTokenException.class);
        assertThat(world.ledger.find(ANNA)).contains(after);
    }

    @Test
    void theInstanceIsNotForShrinkOrMigrate() {
        AttemptOutcome.Granted granted =
                (AttemptOutcome.Granted) world.ledger.attempt(ClaimRequest.by(ANNA), NODE, MINUTE);
        Claim active = world.ledger.activate(granted.attempt(), "i");
        assertThatThrownBy(() -> world.ledger.shrink(active.token(), "instance"))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> world.ledger.migrate(
                        ANNA, active.part("instance").values().iterator().next(), port(1)))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> world.ledger.reassign(active.token(), Reassignment.of("instance", port(1))))
                .isInstanceOf(InvalidInputException.class);
        assertThat(world.ledger.find(ANNA)).contains(active);
    }

    // ------------------------------------------------------------------ reassign

    @Test
    void reassigningMovesToTheNextFreeCandidate() {
        Claim before = world.ledger.claim(by(ANNA).choose("port", pool(5001, 5)));
        world.holds(BERT, 5002);
        Claim after = world.ledger.reassign(before.token(), Reassignment.of("port", pool(5001, 5)));
        assertThat(after.port("port")).isEqualTo(5003);
        assertThat(after.id()).isEqualTo(before.id());
        assertThat(world.ledger.holder(port(5001))).isEmpty();
        assertThat(world.listener.events(LedgerEvent.Given.class))
                .singleElement()
                .satisfies(given -> assertThat(given.reason()).isEqualTo(EndReason.REASSIGNED));
    }

    @Test
    void reassigningWithNothingToMoveToKeepsThePart() {
        Claim before = world.ledger.claim(by(ANNA).choose("port", pool(5001, 1)));
        assertThatThrownBy(() -> world.ledger.reassign(
                        before.token(),
                        Reassignment.of("port", pool(5001, 1)).declining(List.of(port(5001)), "busy", MINUTE)))
                .isInstanceOfSatisfying(
                        ClaimRefusedException.class,
                        refused -> assertThat(refused.refusal().obstacles())
                                .singleElement()
                                .isInstanceOf(Obstacle.Exhausted.class));
        assertThat(world.ledger.find(ANNA)).contains(before);
    }

    @Test
    void whatIsDeclinedIsGivenToNobodyForAWhile() {
        Claim before = world.ledger.claim(by(ANNA).choose("port", pool(5001, 3)).unconfirmed("port"));
        Claim after = world.ledger.reassign(
                before.token(),
                Reassignment.of("port", pool(5001, 3)).declining(List.of(port(5001)), "somebody's", MINUTE));
        assertThat(after.port("port")).isEqualTo(5002);
        assertThat(world.ledger.claim(by(BERT).choose("port", pool(5001, 3))).port("port"))
                .isEqualTo(5003);
        Obstacle.Exhausted full = (Obstacle.Exhausted)
                world.refused(by(ANNA).choose("second", pool(5001, 3))).get(0);
        assertThat(full.declined()).isEqualTo(1);
        assertThat(full.used()).isEqualTo(2);
        world.clock.advance(MINUTE);
        assertThat(world.ledger.claim(by(CARL).choose("port", pool(5001, 3))).port("port"))
                .isEqualTo(5001);
        assertThat(world.listener.events(LedgerEvent.Blocked.class)).hasSize(1);
    }

    @Test
    void oneOfAPairIsDeclinedAndTheOtherIsFree() {
        var pairs = pool(Map.of("backend", 5001, "frontend", 8001), 1, 10);
        Claim before = world.ledger.claim(by(ANNA).choose("ports", pairs));
        Claim after = world.ledger.reassign(
                before.token(), Reassignment.of("ports", pairs).declining(List.of(port(8001)), "busy", MINUTE));
        assertThat(after.port("backend")).isEqualTo(5002);
        world.ledger.claim(by(BERT).fixed("x", port(5001)));
        assertThat(world.refused(by(CARL).fixed("x", port(8001)))).hasSize(1);
    }

    @Test
    void reassigningToOneResourceMovesThere() {
        Claim before = world.holds(ANNA, 5001);
        Claim after = world.ledger.reassign(
                before.token(), Reassignment.of("port", port(6001)).unconfirmed());
        assertThat(after.port("port")).isEqualTo(6001);
        assertThat(after.holdings()).noneMatch(Holding::confirmed);
        assertThat(world.ledger.reassign(after.token(), Reassignment.of("port", port(6001))))
                .isEqualTo(after);
        Claim confirmed = world.ledger.confirm(after.token(), "port");
        assertThat(confirmed.holdings()).allMatch(Holding::confirmed);
        assertThat(world.ledger.confirm(confirmed.token(), "port")).isEqualTo(confirmed);
    }

    @Test
    void reassigningToWhatIsTakenNamesTheHolder() {
        Claim before = world.holds(ANNA, 5001);
        Claim bert = world.holds(BERT, 5002);
        assertThatThrownBy(() -> world.ledger.reassign(before.token(), Reassignment.of("port", port(5002))))
                .isInstanceOfSatisfying(
                        ClaimRefusedException.class,
                        refused -> assertThat(refused.refusal().holders()).containsExactly(bert.token()));
        assertThat(world.ledger.find(ANNA)).contains(before);
    }

    @Test
    void reassigningAPairToOneOfItsOwnKeepsThatOne() {
        Claim before = world.ledger.claim(by(ANNA).fixed("p", Map.of("a", port(1), "b", port(2))));
        Claim after = world.ledger.reassign(before.token(), Reassignment.of("p", port(2)));
        assertThat(after.part("p").values()).containsExactly(port(2));
        assertThat(world.ledger.holder(port(1))).isEmpty();
    }

    @Test
    void contradictingReassignmentsAreRefusedAtTheDoor() {
        Claim before = world.holds(ANNA, 5001);
        for (Reassignment wrong : List.of(
                Reassignment.of("port", port(5001)).declining(List.of(port(5001)), "", MINUTE),
                Reassignment.of("port", port(6001)).declining(List.of(port(6001)), "", MINUTE),
                Reassignment.of("port", port(6001)).declining(List.of(port(5002)), "", MINUTE),
                Reassignment.of("other", port(6001)))) {
            assertThatThrownBy(() -> world.ledger.reassign(before.token(), wrong))
                    .isInstanceOf(InvalidInputException.class);
        }
        assertThat(world.ledger.find(ANNA)).contains(before);
    }

    @Test
    void reassigningIsStaleWhenTheClaimMovesOnMeanwhile() {
        Claim before = world.holds(ANNA, 5001);
        world.store.before(StoreCall.COMMIT, () -> world.other.claim(by(ANNA).fixed("more", port(7000))));
        assertThatThrownBy(() -> world.ledger.reassign(before.token(), Reassignment.of("port", pool(5001, 5))))
                .isInstanceOf(StaleTokenException.class);
        assertThat(world.ledger.find(ANNA).orElseThrow().port("port")).isEqualTo(5001);
    }

    @Test
    void reassigningLosesAnAcquiredCandidateAndTakesTheNext() {
        Claim before = world.holds(ANNA, 5001);
        world.store.before(StoreCall.COMMIT, () -> world.holds(BERT, 5002));
        assertThat(world.ledger
                        .reassign(before.token(), Reassignment.of("port", pool(5001, 3)))
                        .port("port"))
                .isEqualTo(5003);
    }

    /** Scenario 1 and 2 of the trees: a path moves below or above itself. */
    @Test
    void aPathMovesWithinItsOwnTreeButNotIntoAnothers() {
        Claim before = world.ledger.claim(ClaimRequest.by(ANNA).fixed("path", tree("/desk")));
        world.ledger.claim(ClaimRequest.by(BERT).fixed("path", tree("/bert")));
        Claim below = world.ledger.reassign(before.token(), Reassignment.of("path", tree("/desk/a")));
        assertThat(below.value("path")).isEqualTo("/desk/a");
        assertThatThrownBy(() -> world.ledger.reassign(below.token(), Reassignment.of("path", tree("/bert/x"))))
                .isInstanceOf(ClaimRefusedException.class);
        assertThatThrownBy(() -> world.ledger.migrate(ANNA, tree("/desk/a"), tree("/")))
                .isInstanceOf(ClaimRefusedException.class);
        assertThat(world.ledger.find(ANNA)).contains(below);
    }

    // ------------------------------------------------------------------ migrate

    /** Scenario 13: migrating twice changes nothing the second time. */
    @Test
    void migratingTwiceChangesNothing() {
        world.ledger.claim(by(ANNA).fixed("host", host("anna.b")).fixed("port", port(1)));
        Claim once = world.ledger.migrate(ANNA, host("anna.b"), host("anna-b"));
        assertThat(once.value("host")).isEqualTo("anna-b");
        assertThat(world.ledger.migrate(ANNA, host("anna.b"), host("anna-b"))).isEqualTo(once);
        assertThat(world.ledger.holder(host("anna.b"))).isEmpty();
        assertThat(world.ledger.history(host("anna.b"), once.createdAt(), world.clock.instant(), 9))
                .extracting(HistoryEntry::reason)
                .containsExactly(EndReason.MIGRATED);
    }

    @Test
    void migratingToWhatIsTakenChangesNothing() {
        Claim before = world.ledger.claim(by(ANNA).fixed("host", host("a")));
        world.ledger.claim(by(BERT).fixed("host", host("b")));
        assertThatThrownBy(() -> world.ledger.migrate(ANNA, host("a"), host("b")))
                .isInstanceOf(ClaimRefusedException.class);
        assertThat(world.ledger.find(ANNA)).contains(before);
    }

    @Test
    void migratingWhatIsNotHeldIsRefused() {
        world.holds(ANNA, 1);
        assertThatThrownBy(() -> world.ledger.migrate(ANNA, port(2), port(3)))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> world.ledger.migrate(BERT, port(2), port(3)))
                .isInstanceOf(ClaimNotFoundException.class);
    }

    /** Its caller named no token, so a claim that moves on meanwhile is none of its business. */
    @Test
    void migratingSurvivesAnExtensionInTheLastMoment() {
        world.holds(ANNA, 1);
        world.store.before(StoreCall.COMMIT, () -> world.other.claim(by(ANNA).fixed("more", port(7000))));
        Claim after = world.ledger.migrate(ANNA, port(1), port(2));
        assertThat(after.port("port")).isEqualTo(2);
        assertThat(after.port("more")).isEqualTo(7000);
    }

    @Test
    void manyThreadsMigrateOnce() {
        for (int round = 0; round < 50; round++) {
            world.other.claim(by(Owner.of("t", "app" + round)).fixed("port", port(10_000 + round)));
        }
        Race.of(6)
                .rounds(50)
                .<Claim>run(
                        (round, racer, random) -> world.ledger.migrate(
                                Owner.of("t", "app" + round), port(10_000 + round), port(20_000 + round)),
                        (round, results) -> assertThat(Set.copyOf(results)).hasSize(1));
        assertThat(world.listener.events(LedgerEvent.Given.class)).hasSize(50);
    }

    // ------------------------------------------------------------------ rename

    @Test
    void renamingTwiceChangesNothing() {
        Claim before = world.holds(ANNA, 1);
        world.clock.advance(MINUTE);
        Claim once = world.ledger.rename(ANNA, BERT);
        assertThat(once.owner()).isEqualTo(BERT);
        assertThat(once.id()).isEqualTo(before.id());
        assertThat(once.holdings()).allMatch(held -> held.since().equals(world.clock.instant()));
        assertThat(world.ledger.rename(ANNA, BERT)).isEqualTo(once);
        assertThat(world.ledger.rename(BERT, BERT)).isEqualTo(once);
        assertThat(world.ledger.find(ANNA)).isEmpty();
        assertThat(world.listener.events(LedgerEvent.Renamed.class)).hasSize(1);
        assertThatThrownBy(() -> world.ledger.release(before)).isInstanceOf(StaleTokenException.class);
    }

    @Test
    void renamingToAnOwnerWithAClaimIsRefused() {
        Claim anna = world.holds(ANNA, 1);
        Claim bert = world.holds(BERT, 2);
        assertThatThrownBy(() -> world.ledger.rename(ANNA, BERT)).isInstanceOf(InvalidInputException.class);
        assertThat(world.ledger.find(ANNA)).contains(anna);
        assertThat(world.ledger.find(BERT)).contains(bert);
    }

    @Test
    void renamingNobodyIsRefused() {
        assertThatThrownBy(() -> world.ledger.rename(ANNA, BERT)).isInstanceOf(ClaimNotFoundException.class);
        assertThatThrownBy(() -> world.ledger.rename(ANNA, ANNA)).isInstanceOf(ClaimNotFoundException.class);
    }

    @Test
    void manyThreadsRenameOnce() {
        for (int round = 0; round < 50; round++) {
            world.other.claim(by(Owner.of("t", "from" + round)).fixed("port", port(10_000 + round)));
        }
        Race.of(6)
                .rounds(50)
                .<Claim>run(
                        (round, racer, random) ->
                                world.ledger.rename(Owner.of("t", "from" + round), Owner.of("t", "to" + round)),
                        (round, results) -> assertThat(Set.copyOf(results)).hasSize(1));
        assertThat(world.listener.events(LedgerEvent.Renamed.class)).hasSize(50);
    }

    // ------------------------------------------------------------------ labels

    @Test
    void relabellingKeepsTheToken() {
        Claim before =
                world.ledger.claim(by(ANNA).fixed("p", port(1)).label("a", "1").label("b", "2"));
        Claim after = world.ledger.relabel(before.token(), Map.of("c", "3", "a", "4"), Set.of("b", "none"));
        assertThat(after.token()).isEqualTo(before.token());
        assertThat(after.labels()).containsExactlyInAnyOrderEntriesOf(Map.of("a", "4", "c", "3"));
        world.listener.clear();
        assertThat(world.ledger.relabel(before.token(), Map.of(), Set.of())).isEqualTo(after);
        assertThat(world.listener.events()).isEmpty();
    }
}
