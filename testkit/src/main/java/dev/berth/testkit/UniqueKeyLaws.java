package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Violation;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** L1. */
abstract class UniqueKeyLaws extends StoreLaws {
    UniqueKeyLaws(LedgerStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName(
            "A resource that a claim holds is refused to every other, and the refusal names the holder in full (15).")
    void heldResourceIsRefusedAndTheRefusalNamesItsHolder() {
        Claim held = made(NewClaim.by(ANNA)
                .taking("web", "front", port(8080), true)
                .pending(NODE, "n-1", LONG)
                .lease(LONG));

        assertThat(refused(NewClaim.by(BERT).taking(port(8080)).write()))
                .containsExactly(new Violation.Occupied(new Occupant.Holder(
                        port(8080),
                        "web",
                        "front",
                        held.createdAt(),
                        ANNA,
                        held.token(),
                        ClaimState.PENDING,
                        held.leaseUntil(),
                        Optional.of(NODE),
                        false)));
        assertThat(store.find(BERT)).isEmpty();
    }

    @Test
    @DisplayName("A change cannot take what another claim holds.")
    void changeCannotTakeWhatAnotherHolds() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        Claim bert = made(NewClaim.by(BERT).taking(port(2)));

        assertThat(refused(ChangedClaim.of(bert).taking(port(1)).write()))
                .containsExactly(new Violation.Occupied(holder(port(1))));
        assertThat(holder(port(1)).token()).isEqualTo(anna.token());
        assertThat(claim(BERT)).isEqualTo(bert);
    }

    @Test
    @DisplayName("A claim cannot take again what it holds itself, unless it gives it back in the same commit.")
    void ownHoldingIsNotTakenTwice() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));

        assertThat(refused(
                        ChangedClaim.of(anna).taking(port(1), "again", "again").write()))
                .containsExactly(new Violation.Occupied(holder(port(1))));
    }

    @Test
    @DisplayName("The same value in another kind or another scope is another resource (52).")
    void kindAndScopeArePartOfTheKey() {
        Scope other = Scope.of("node-2");
        made(NewClaim.by(ANNA).taking(port(100)));
        made(NewClaim.by(BERT)
                .taking(
                        ResourceKind.UDP_PORT.in(NODE, 100),
                        ResourceKind.TCP_PORT.in(other, 100),
                        ResourceKind.GUEST_ID.in(NODE, 100)));

        assertThat(holder(port(100)).owner()).isEqualTo(ANNA);
        assertThat(holder(ResourceKind.TCP_PORT.in(other, 100)).owner()).isEqualTo(BERT);
    }

    @Test
    @DisplayName("A released resource is free for anybody at once.")
    void releasedResourceIsFreeAtOnce() {
        done(release(made(NewClaim.by(ANNA).taking(port(1)))));

        assertThat(on(port(1))).isEmpty();
        assertThat(made(NewClaim.by(BERT).taking(port(1))).holdings()).hasSize(1);
    }

    @Test
    @DisplayName("No number is held in two roles, even where the ranges of backend and frontend meet (35).")
    void oneNumberIsNeverHeldInTwoRoles() {
        made(NewClaim.by(ANNA).taking("ports", "frontend", port(8001), true));

        assertThat(refused(NewClaim.by(BERT)
                        .taking("ports", "backend", port(8001), true)
                        .taking("ports", "frontend", port(11_001), true)
                        .write()))
                .containsExactly(new Violation.Occupied(holder(port(8001))));
    }

    @Test
    @DisplayName("Another handle on the same data is refused just the same.")
    void everyHandleIsRefused() {
        LedgerStore other = anotherHandle();
        made(NewClaim.by(ANNA).taking(port(1)));

        CommitResult result =
                commit(other, Commit.of(NewClaim.by(BERT).taking(port(1)).write()));

        assertThat(result).isEqualTo(new CommitResult.Refused(List.of(new Violation.Occupied(holder(port(1))))));
    }

    @Test
    @DisplayName("Of several that want one resource at once, through whatever handle, exactly one gets it (25).")
    void raceForOneResourceHasExactlyOneWinner() {
        int racers = 6;
        List<LedgerStore> handles = handles(racers);
        Race.of(racers)
                .rounds(fixture.rounds())
                .<CommitResult>run(
                        (round, racer, random) -> {
                            NewClaim form = NewClaim.by(owner(round * racers + racer));
                            return commit(
                                    handles.get(racer),
                                    Commit.of(form.taking(port(1 + round)).write()));
                        },
                        (round, results) -> {
                            Occupant winner = holder(port(1 + round));
                            assertThat(results).filteredOn(StoreLaws::isDone).hasSize(1);
                            assertThat(results)
                                    .filteredOn(result -> !isDone(result))
                                    .allMatch(
                                            new CommitResult.Refused(List.of(new Violation.Occupied(winner)))::equals);
                        });
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Claims exclude: of two that hold a resource in turns, no addition to an unguarded counter is lost.")
    void holdersExcludeEachOther() {
        int racers = 4;
        List<LedgerStore> handles = handles(racers);
        UUID[] held = new UUID[racers];
        Race.of(racers).rounds(Math.max(5, fixture.rounds() / 4)).exclude(new Race.Gate() {
            @Override
            public boolean tryEnter(int racer) {
                NewClaim form = NewClaim.by(owner(racer)).taking(port(80));
                held[racer] = form.id();
                return isDone(commit(handles.get(racer), Commit.of(form.write())));
            }

            @Override
            public void leave(int racer) {
                Claim own = handles.get(racer).find(held[racer]).orElseThrow().claim();
                assertThat(isDone(commit(handles.get(racer), Commit.of(release(own)))))
                        .isTrue();
            }
        });
        assertThat(on(port(80))).isEmpty();
    }

    @Test
    @DisplayName("A claim may hold 4,096 resources, and each of them is its own key.")
    void largestClaimHoldsEveryResource() {
        NewClaim form = NewClaim.by(ANNA);
        for (int number = 1; number <= 4_096; number++) {
            form.taking("ports", "r" + number, port(number), true);
        }
        Claim held = made(form);

        assertThat(held.holdings()).hasSize(4_096);
        assertThat(refused(NewClaim.by(BERT)
                        .taking(port(1), port(2_048), port(4_096), port(5_000))
                        .write()))
                .hasSize(3);
        done(release(held));
        Resource last = port(4_096);
        assertThat(made(NewClaim.by(BERT).taking(port(1), last)).holdings()).hasSize(2);
    }
}
