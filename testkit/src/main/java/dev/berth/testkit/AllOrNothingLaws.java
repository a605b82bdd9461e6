package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Violation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** L6. */
abstract class AllOrNothingLaws extends StoreLaws {
    AllOrNothingLaws(LedgerStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("A claim that cannot have one of its resources gets none of them.")
    void claimWithOneTakenResourceGetsNothing() {
        made(NewClaim.by(ANNA).taking(port(2)));

        refused(NewClaim.by(BERT).taking(port(1), port(2), port(3)).write());

        assertThat(store.occupants(List.of(port(1), port(3)))).isEmpty();
        assertThat(store.find(BERT)).isEmpty();
    }

    @Test
    @DisplayName("A refusal names every holder and every block that stands in the way.")
    void refusalNamesEveryObstacle() {
        made(NewClaim.by(ANNA).taking(port(1), port(2)));
        made(NewClaim.by(BERT).taking(port(3)));
        done(unit(new Commit.PutBlock(port(4), decline(LONG))));

        assertThat(refused(NewClaim.by(CLEO)
                        .taking(port(1), port(2), port(3), port(4), port(5))
                        .write()))
                .containsExactlyInAnyOrder(
                        new Violation.Occupied(holder(port(1))),
                        new Violation.Occupied(holder(port(2))),
                        new Violation.Occupied(holder(port(3))),
                        new Violation.Occupied(block(port(4))));
    }

    @Test
    @DisplayName(
            "A refusal returns violations of every sort at once: tokens, guards, owners, resources, records, fences.")
    void refusalReturnsViolationsOfEverySort() {
        Claim moved = made(NewClaim.by(ANNA).taking(port(1)));
        Claim now = changed(ChangedClaim.of(moved));
        Claim leased = made(NewClaim.by(BERT).taking(port(2)).lease(LONG));
        Claim cleo = made(NewClaim.by(CLEO).taking(port(3)));
        done(unit(put("seat", 0, "x")));
        long version = record("seat").version();

        var unit = new Commit(
                List.of(
                        ChangedClaim.of(moved).write(),
                        new Commit.Release(leased.token(), Commit.Guard.LEASE_LAPSED, EndReason.LAPSED, Map.of()),
                        NewClaim.by(CLEO).taking(port(3)).write()),
                List.of(new Commit.PutBlock(text("cleo"), decline(LONG))),
                List.of(put("seat", version + 1, "y")),
                List.of(new Commit.Fence("lease", 7)));

        assertThat(refused(unit))
                .containsExactlyInAnyOrder(
                        new Violation.Stale(moved.token(), Optional.of(now.token())),
                        new Violation.NotLapsed(leased.token()),
                        new Violation.OwnerClaimed(CLEO, cleo.token()),
                        new Violation.Occupied(holder(port(3))),
                        new Violation.RecordMoved("seat", version + 1, version),
                        new Violation.RecordMoved("lease", 7, 0));
    }

    @Test
    @DisplayName("A refused unit writes nothing of any sort, however much of it was allowed.")
    void refusedUnitWritesNothing() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).label("a", "1").lease(LONG));
        Claim bert = made(NewClaim.by(BERT).taking(port(2)));
        done(new Commit(
                List.of(), List.of(new Commit.PutBlock(port(9), decline(LONG))), List.of(put("r", 0, "v")), List.of()));
        var record = record("r");
        var block = block(port(9));

        refused(new Commit(
                List.of(
                        ChangedClaim.of(anna)
                                .giving(port(1), EndReason.SHRUNK)
                                .taking(port(3))
                                .label("a", "2")
                                .write(),
                        release(bert),
                        NewClaim.by(CLEO).taking(port(4)).write()),
                List.of(new Commit.PutBlock(port(8), quarantine(LONG)), new Commit.LiftBlock(port(9))),
                List.of(new Commit.EndRecord("r", record.version()), put("q", 0, "v")),
                List.of(new Commit.Fence("absent", 1))));

        assertThat(claim(ANNA)).isEqualTo(anna);
        assertThat(claim(BERT)).isEqualTo(bert);
        assertThat(store.find(CLEO)).isEmpty();
        assertThat(store.occupants(List.of(port(3), port(4), port(8)))).isEmpty();
        assertThat(block(port(9))).isEqualTo(block);
        assertThat(record("r")).isEqualTo(record);
        assertThat(store.record("q")).isEmpty();
        assertThat(store.history(port(1), anna.createdAt(), store.now(), 10)).isEmpty();
        assertThat(store.history(port(2), anna.createdAt(), store.now(), 10)).isEmpty();
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Releasing the old and granting the new is one commit: nobody can come between (1).")
    void supersedingIsOneCommit() {
        Claim old = made(NewClaim.by(ANNA).taking(text("/desk"), port(1)));

        done(
                NewClaim.by(BERT).taking(text("/desk"), port(1)).write(),
                new Commit.Release(old.token(), Commit.Guard.NONE, EndReason.SUPERSEDED, Map.of()));

        assertThat(store.find(ANNA)).isEmpty();
        assertThat(holder(text("/desk")).owner()).isEqualTo(BERT);
        assertThat(holder(port(1)).owner()).isEqualTo(BERT);
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("An owner whose claim is released in a commit counts as free in it, whatever the order of its writes.")
    void releasedOwnerIsFreeInTheSameCommit() {
        Claim old = made(NewClaim.by(ANNA).taking(port(1)));
        NewClaim next = NewClaim.by(ANNA).taking(port(2));

        done(next.write(), release(old));

        assertThat(claim(ANNA).id()).isEqualTo(next.id());
        assertThat(on(port(1))).isEmpty();
    }

    @Test
    @DisplayName(
            "A resource that is given back in a commit is free in it for another claim, even if it was to be blocked.")
    void givenResourceIsFreeInTheSameCommit() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1), port(2)));

        done(
                NewClaim.by(BERT).taking(port(1), port(2)).write(),
                ChangedClaim.of(anna)
                        .giving(port(1), EndReason.SHRUNK)
                        .giving(port(2), EndReason.SHRUNK, quarantine(LONG))
                        .write());

        assertThat(holder(port(1)).owner()).isEqualTo(BERT);
        assertThat(holder(port(2)).owner()).isEqualTo(BERT);
        assertThat(claim(ANNA).holdings()).isEmpty();
    }

    @Test
    @DisplayName("Two claims can swap resources in one commit.")
    void twoClaimsCanSwapResources() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        Claim bert = made(NewClaim.by(BERT).taking(port(2)));

        done(
                ChangedClaim.of(anna)
                        .giving(port(1), EndReason.REASSIGNED)
                        .taking(port(2))
                        .write(),
                ChangedClaim.of(bert)
                        .giving(port(2), EndReason.REASSIGNED)
                        .taking(port(1))
                        .write());

        assertThat(holder(port(1)).owner()).isEqualTo(BERT);
        assertThat(holder(port(2)).owner()).isEqualTo(ANNA);
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Two claims can swap owners in one commit.")
    void twoClaimsCanSwapOwners() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        Claim bert = made(NewClaim.by(BERT).taking(port(2)));

        done(
                ChangedClaim.of(anna).owner(BERT).write(),
                ChangedClaim.of(bert).owner(ANNA).write());

        assertThat(claim(BERT).id()).isEqualTo(anna.id());
        assertThat(claim(ANNA).id()).isEqualTo(bert.id());
        assertThat(holder(port(1)).owner()).isEqualTo(BERT);
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("A claim can give a resource back and take it for another part in one commit.")
    void resourceCanMoveBetweenPartsOfOneClaim() {
        Claim anna = made(NewClaim.by(ANNA).taking("old", "old", port(1), true));

        Claim moved = changed(
                ChangedClaim.of(anna).giving(port(1), EndReason.REASSIGNED).taking(port(1), "new", "new"));

        assertThat(moved.holdings()).hasSize(1);
        assertThat(moved.value("new")).isEqualTo("1");
        assertThat(holder(port(1)).part()).isEqualTo("new");
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName(
            "Claims, blocks and records of one unit happen at one instant, which is the one that the answer tells.")
    void oneUnitHappensAtOneInstant() {
        var at = done(new Commit(
                List.of(NewClaim.by(ANNA).taking(port(1)).lease(LONG).write()),
                List.of(new Commit.PutBlock(port(2), decline(LONG))),
                List.of(put("r", 0, "v", LONG)),
                List.of()));

        assertThat(claim(ANNA).createdAt()).isEqualTo(at);
        assertThat(claim(ANNA).leaseUntil()).contains(at.plus(LONG));
        assertThat(holder(port(1)).since()).isEqualTo(at);
        assertThat(block(port(2)).since()).isEqualTo(at);
        assertThat(block(port(2)).until()).isEqualTo(at.plus(LONG));
        assertThat(record("r").until()).contains(at.plus(LONG));
        assertThat(store.now()).isAfterOrEqualTo(at);
    }

    @Test
    @DisplayName("A stale superseding grants nothing: the new claim is refused together with the release.")
    void staleSupersedingGrantsNothing() {
        Claim seen = made(NewClaim.by(ANNA).taking(port(1)));
        Claim now = changed(ChangedClaim.of(seen));

        assertThat(refused(
                        release(seen),
                        NewClaim.by(BERT).taking(port(1), port(2)).write()))
                .contains(new Violation.Stale(seen.token(), Optional.of(now.token())));
        assertThat(store.find(BERT)).isEmpty();
        assertThat(claim(ANNA)).isEqualTo(now);
        assertThat(on(port(2))).isEmpty();
    }

    @Test
    @DisplayName("A touch in a refused unit renews nothing.")
    void refusedTouchRenewsNothing() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).lease(LONG));
        made(NewClaim.by(BERT).taking(port(2)));

        refused(
                new Commit.Touch(anna.token(), Commit.LeaseWrite.LIFT, Optional.empty(), Map.of("k", "v"), Set.of()),
                NewClaim.by(CLEO).taking(port(2)).write());

        assertThat(claim(ANNA)).isEqualTo(anna);
    }
}
