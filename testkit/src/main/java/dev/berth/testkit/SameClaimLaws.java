package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Violation;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** L7. */
abstract class SameClaimLaws extends StoreLaws {
    SameClaimLaws(LedgerStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("An owner holds one claim: the second is refused and names the token of the first.")
    void secondClaimOfOneOwnerIsRefused() {
        Claim first = made(NewClaim.by(ANNA).taking(port(1)));

        assertThat(refused(NewClaim.by(ANNA).taking(port(2)).write()))
                .containsExactly(new Violation.OwnerClaimed(ANNA, first.token()));
        assertThat(on(port(2))).isEmpty();
    }

    @Test
    @DisplayName("A change of owner is refused where the new owner holds a claim.")
    void claimCannotGoToAnOwnerThatHoldsOne() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        Claim bert = made(NewClaim.by(BERT).taking(port(2)));

        assertThat(refused(ChangedClaim.of(anna).owner(BERT).write()))
                .containsExactly(new Violation.OwnerClaimed(BERT, bert.token()));
        assertThat(claim(ANNA)).isEqualTo(anna);
    }

    @Test
    @DisplayName("Even a claim whose lease has run out is its owner's one claim until it is released.")
    void lapsedClaimIsStillTheOwnersClaim() {
        Claim lapsed = made(NewClaim.by(ANNA).taking(port(1)).lease(tick()));
        pass();

        assertThat(refused(NewClaim.by(ANNA).taking(port(2)).write()))
                .containsExactly(new Violation.OwnerClaimed(ANNA, lapsed.token()));
    }

    @Test
    @DisplayName("Owners are exact: another tenant's owner of the same name is another owner.")
    void sameNameInAnotherTenantIsAnotherOwner() {
        made(NewClaim.by(Owner.of("lab", "web")).taking(port(1)));
        made(NewClaim.by(Owner.of("shop", "web")).taking(port(2)));

        assertThat(claim(Owner.of("lab", "web")).holdings()).hasSize(1);
        assertThat(claim(Owner.of("shop", "web")).owner().tenant()).isEqualTo("shop");
    }

    @Test
    @DisplayName("Tenant and name are two texts: no way of joining them makes two owners one (6).")
    void tenantAndNameAreNeverJoined() {
        made(NewClaim.by(Owner.of("anna", "b-c")).taking(port(1)));
        made(NewClaim.by(Owner.of("anna-b", "c")).taking(port(2)));
        made(NewClaim.by(Owner.of("anna:b", "c")).taking(port(3)));
        made(NewClaim.by(Owner.of("anna", "b:c")).taking(port(4)));

        assertThat(claim(Owner.of("anna", "b-c")).value("part-0")).isEqualTo("1");
        assertThat(claim(Owner.of("anna-b", "c")).value("part-0")).isEqualTo("2");
        assertThat(claim(Owner.of("anna:b", "c")).value("part-0")).isEqualTo("3");
        assertThat(claim(Owner.of("anna", "b:c")).value("part-0")).isEqualTo("4");
    }

    @Test
    @DisplayName("Owners are found exactly, never by prefix (12).")
    void ownerIsNeverFoundByPrefix() {
        made(NewClaim.by(Owner.of("lab", "dyad-app-57")).taking(port(1)));

        assertThat(store.find(Owner.of("lab", "dyad-app-5"))).isEmpty();
        assertThat(store.find(Owner.of("la", "dyad-app-57"))).isEmpty();
        made(NewClaim.by(Owner.of("lab", "dyad-app-5")).taking(port(2)));
        assertThat(claim(Owner.of("lab", "dyad-app-5")).value("part-0")).isEqualTo("2");
    }

    @Test
    @DisplayName("Of several that claim for one owner at once, one is done and all others are told its token (20).")
    void raceOfOneOwnerMakesOneClaim() {
        int racers = 6;
        var handles = handles(racers);
        Race.of(racers)
                .rounds(fixture.rounds())
                .<CommitResult>run(
                        (round, racer, random) -> commit(
                                handles.get(racer),
                                Commit.of(NewClaim.by(owner(round))
                                        .taking(port(1 + round * racers + racer))
                                        .write())),
                        (round, results) -> {
                            Claim made = claim(owner(round));
                            assertThat(results).filteredOn(StoreLaws::isDone).hasSize(1);
                            assertThat(results)
                                    .filteredOn(result -> !isDone(result))
                                    .allMatch(new CommitResult.Refused(
                                            List.of(new Violation.OwnerClaimed(owner(round), made.token())))::equals);
                            assertThat(made.holdings()).hasSize(1);
                        });
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("A claim's id that is there already is not made twice.")
    void commitRepeatedAfterALostAnswerIsRefused() {
        NewClaim form = NewClaim.by(ANNA).taking(port(1));
        Claim first = made(form);

        assertThat(refused(form.write())).contains(new Violation.OwnerClaimed(ANNA, first.token()));
        assertThat(claim(ANNA)).isEqualTo(first);
    }
}
