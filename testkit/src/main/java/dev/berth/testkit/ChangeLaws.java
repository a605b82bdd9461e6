package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Changes. */
abstract class ChangeLaws extends StoreLaws {
    ChangeLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private Claim anna() {
        return made(NewClaim.by(ANNA)
                .taking("web", "front", port(1), true)
                .taking("web", "back", port(2), false)
                .label("a", "1")
                .label("b", "2"));
    }

    private static Commit.Touch touch(Claim seen, Map<String, String> put, Set<String> drop) {
        return new Commit.Touch(seen.token(), Commit.LeaseWrite.KEEP, Optional.empty(), put, drop);
    }

    @Test
    @DisplayName("A new claim is read back as it was written, in full.")
    void newClaimIsReadBackInFull() {
        NewClaim form = NewClaim.by(ANNA)
                .taking("web", "front", port(1), true)
                .taking("name", "name", text("web"), false)
                .label("team", "blue")
                .label("empty", "")
                .lease(LONG)
                .pending(NODE, "n-1", tick());
        Instant at = done(form.write());

        Claim claim = claim(form);
        assertThat(claim.owner()).isEqualTo(ANNA);
        assertThat(claim.state()).isEqualTo(ClaimState.PENDING);
        assertThat(claim.createdAt()).isEqualTo(at);
        assertThat(claim.stateSince()).isEqualTo(at);
        assertThat(claim.leaseUntil()).contains(at.plus(LONG));
        assertThat(claim.home()).contains(NODE);
        assertThat(claim.attempt()).contains(new Attempt(form.id(), 1, "n-1", at, at.plus(tick())));
        assertThat(claim.reason()).isEmpty();
        assertThat(claim.labels()).isEqualTo(Map.of("team", "blue", "empty", ""));
        assertThat(claim.holdings())
                .containsExactly(
                        new Holding("name", "name", text("web"), at, false),
                        new Holding("web", "front", port(1), at, true));
    }

    @Test
    @DisplayName("A claim may hold nothing and carry no label.")
    void claimMayHoldNothing() {
        Claim empty = made(NewClaim.by(ANNA));

        assertThat(empty.holdings()).isEmpty();
        assertThat(empty.labels()).isEmpty();
        assertThat(refused(NewClaim.by(ANNA).write())).containsExactly(new Violation.OwnerClaimed(ANNA, empty.token()));
        done(release(empty));
        assertThat(store.find(ANNA)).isEmpty();
    }

    @Test
    @DisplayName("A change keeps what it does not name: creation, other holdings and their times, other labels.")
    void changeKeepsWhatItDoesNotName() {
        Claim before = anna();
        fixture.pass(Duration.ofMillis(2));
        Instant at = done(ChangedClaim.of(before)
                .giving(port(2), EndReason.SHRUNK)
                .taking(port(3), "more", "more")
                .label("b", "3")
                .label("c", "4")
                .write());

        Claim after = claim(ANNA);
        assertThat(after.createdAt()).isEqualTo(before.createdAt());
        assertThat(after.stateSince()).isEqualTo(before.stateSince());
        assertThat(after.labels()).isEqualTo(Map.of("a", "1", "b", "3", "c", "4"));
        assertThat(after.holdings())
                .containsExactly(
                        new Holding("more", "more", port(3), at, true),
                        new Holding("web", "front", port(1), before.createdAt(), true));
        assertThat(on(port(2))).isEmpty();
    }

    @Test
    @DisplayName("A state's time begins anew when the change says so, and only then (48, 53).")
    void stateClockRestartsOnlyWhenAsked() {
        Claim before = anna();
        fixture.pass(Duration.ofMillis(2));
        Claim kept = changed(ChangedClaim.of(before).state(ClaimState.PENDING, Commit.StateClock.KEEP));
        assertThat(kept.stateSince()).isEqualTo(before.stateSince());

        Instant at = done(ChangedClaim.of(kept)
                .state(ClaimState.FAILED, Commit.StateClock.RESTART)
                .write());
        assertThat(claim(ANNA).stateSince()).isEqualTo(at).isAfter(before.stateSince());
        assertThat(claim(ANNA).state()).isEqualTo(ClaimState.FAILED);
    }

    @Test
    @DisplayName("Every state is kept and told by claim and occupant alike.")
    void everyStateIsKept() {
        Claim claim = anna();
        for (ClaimState state : ClaimState.values()) {
            claim = changed(ChangedClaim.of(claim).state(state, Commit.StateClock.RESTART));
            assertThat(claim.state()).isEqualTo(state);
            assertThat(holder(port(1)).state()).isEqualTo(state);
        }
    }

    @Test
    @DisplayName("Home scope and reason become what the change says; a reason can go again.")
    void homeAndReasonAreSet() {
        Scope other = Scope.of("node-2");
        String why = "exit 137: 'OOM' \"killed\" – 50 % of ünits 😀";
        Claim failed = changed(ChangedClaim.of(anna()).home(other).reason(Optional.of(why)));

        assertThat(failed.home()).contains(other);
        assertThat(failed.reason()).contains(why);
        assertThat(holder(port(1)).home()).contains(other);
        assertThat(changed(ChangedClaim.of(failed).reason(Optional.empty())).reason())
                .isEmpty();
    }

    @Test
    @DisplayName("Confirming a part confirms all its holdings and no other's, and is never undone by a later change.")
    void confirmingAPartConfirmsItsHoldings() {
        Claim claim = made(NewClaim.by(ANNA)
                .taking("web", "front", port(1), false)
                .taking("web", "back", port(2), false)
                .taking("name", "name", text("web"), false));
        Claim confirmed = changed(ChangedClaim.of(claim).confirming("web"));
        Claim later = changed(ChangedClaim.of(confirmed).label("k", "v"));

        for (Claim seen : List.of(confirmed, later)) {
            assertThat(seen.holdings())
                    .filteredOn(Holding::confirmed)
                    .allMatch(held -> held.part().equals("web"))
                    .hasSize(2);
        }
    }

    @Test
    @DisplayName("A touch sets and drops labels, and leaves revision, state and all times.")
    void touchSetsAndDropsLabels() {
        Claim before = anna();
        fixture.pass(Duration.ofMillis(2));
        done(touch(before, Map.of("b", "3", "c", "4"), Set.of("a", "absent")));

        Claim after = claim(ANNA);
        assertThat(after.labels()).isEqualTo(Map.of("b", "3", "c", "4"));
        assertThat(after.token()).isEqualTo(before.token());
        assertThat(after.stateSince()).isEqualTo(before.stateSince());
        assertThat(after.createdAt()).isEqualTo(before.createdAt());
        assertThat(after.holdings()).isEqualTo(before.holdings());
    }

    @Test
    @DisplayName("A claim that goes to another owner keeps its id, and every holding's time begins anew.")
    void renamedClaimBeginsItsHoldingsAnew() {
        Claim before = anna();
        fixture.pass(Duration.ofMillis(2));
        Instant at = done(ChangedClaim.of(before).owner(BERT).write());

        Claim after = claim(BERT);
        assertThat(after.id()).isEqualTo(before.id());
        assertThat(after.createdAt()).isEqualTo(before.createdAt());
        assertThat(after.holdings()).extracting(Holding::since).containsOnly(at);
        assertThat(after.holdings()).extracting(Holding::confirmed).containsExactly(false, true);
        assertThat(holder(port(1)).since()).isEqualTo(at);
        assertThat(holder(port(1)).owner()).isEqualTo(BERT);
        assertThat(store.find(ANNA)).isEmpty();
        assertThat(made(NewClaim.by(ANNA).taking(port(9))).id()).isNotEqualTo(before.id());
    }

    @Test
    @DisplayName("A change that leaves the owner leaves every holding's time.")
    void changeOfTheSameOwnerKeepsTimes() {
        Claim before = anna();
        fixture.pass(Duration.ofMillis(2));

        assertThat(changed(ChangedClaim.of(before).owner(ANNA)).holdings()).isEqualTo(before.holdings());
    }

    @Test
    @DisplayName("A released claim is found neither by owner nor by id, nor paged.")
    void releasedClaimIsGone() {
        Claim claim = anna();
        done(release(claim));

        assertThat(store.find(ANNA)).isEmpty();
        assertThat(store.find(claim.id())).isEmpty();
        assertThat(LedgerInvariants.claims(store)).isEmpty();
        assertThat(store.occupants(List.of(port(1), port(2)))).isEmpty();
    }
}
