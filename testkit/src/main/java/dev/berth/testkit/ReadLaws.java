package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Reads. */
abstract class ReadLaws extends StoreLaws {
    private static final Scope OTHER = Scope.of("node-2");

    ReadLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private List<Owner> owners(ClaimQuery query) {
        return store.claims(query, Optional.empty(), 100).stream()
                .map(snapshot -> snapshot.claim().owner())
                .sorted(java.util.Comparator.comparing(Owner::name))
                .toList();
    }

    @Test
    @DisplayName("What is not there is empty: no claim, no occupant, no record, no entry, no tombstone.")
    void nothingIsEmpty() {
        assertThat(store.find(ANNA)).isEmpty();
        assertThat(store.find(UUID.randomUUID())).isEmpty();
        assertThat(store.occupants(List.of(port(1)))).isEmpty();
        assertThat(store.occupants(List.of())).isEmpty();
        assertThat(store.occupants("tcp-port", NODE, "", Optional.empty(), 10)).isEmpty();
        assertThat(store.claims(ClaimQuery.all(), Optional.empty(), 10)).isEmpty();
        assertThat(store.record("r")).isEmpty();
        assertThat(store.records("", Optional.empty(), 10)).isEmpty();
        assertThat(store.history(port(1), Instant.EPOCH, store.now(), 10)).isEmpty();
        assertThat(store.tombstone(UUID.randomUUID())).isEmpty();
        assertThat(store.tombstones(Optional.empty(), Optional.empty(), 10)).isEmpty();
    }

    @Test
    @DisplayName("A claim is found by its owner and by its id, the same, with all its holdings.")
    void claimIsFoundByOwnerAndById() {
        made(NewClaim.by(BERT).taking(port(9)));
        Claim anna = made(NewClaim.by(ANNA).taking(port(1), text("web"), port(2)));

        assertThat(store.find(ANNA).map(Snapshot::claim)).contains(anna);
        assertThat(store.find(anna.id()).map(Snapshot::claim)).contains(anna);
        assertThat(anna.holdings()).hasSize(3);
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Occupants are told of the occupied ones among the asked, however many and however often asked.")
    void occupantsAreOfTheAskedOnly() {
        made(NewClaim.by(ANNA).taking(port(1), port(2), text("1")));
        List<Resource> asked = new ArrayList<>(List.of(port(1), port(1), port(3), text("1"), text("2")));
        for (int number = 10_000; number < 13_000; number++) {
            asked.add(port(number));
        }

        assertThat(store.occupants(asked)).containsOnlyKeys(port(1), text("1"));
    }

    @Test
    @DisplayName("A query's conditions are all met: tenant, kind, scope, home, state and labels.")
    void queriesMeetEveryCondition() {
        made(NewClaim.by(ANNA).taking(port(1)).label("team", "blue").label("tier", "1"));
        made(NewClaim.by(BERT)
                .taking(ResourceKind.UDP_PORT.in(OTHER, 1), text("b"))
                .label("team", "blue")
                .pending(OTHER, "n", LONG));
        made(NewClaim.by(CLEO)
                .taking(text("c"), ResourceKind.TCP_PORT.in(OTHER, 1))
                .label("team", "red")
                .pending(NODE, "n", LONG));
        made(NewClaim.by(Owner.of("lab", "dora")));

        assertThat(owners(ClaimQuery.all())).hasSize(4);
        assertThat(owners(ClaimQuery.all().tenant("shop"))).containsExactly(CLEO);
        assertThat(owners(ClaimQuery.all().tenant("sho"))).isEmpty();
        assertThat(owners(ClaimQuery.all().kind(ResourceKind.TCP_PORT))).containsExactly(ANNA, CLEO);
        assertThat(owners(ClaimQuery.all().in(OTHER))).containsExactly(BERT, CLEO);
        assertThat(owners(ClaimQuery.all().home(OTHER))).containsExactly(BERT);
        assertThat(owners(ClaimQuery.all().state(ClaimState.PENDING))).containsExactly(BERT, CLEO);
        assertThat(owners(ClaimQuery.all().state(ClaimState.RESERVED, ClaimState.PENDING)))
                .hasSize(4);
        assertThat(owners(ClaimQuery.all().state(ClaimState.ACTIVE))).isEmpty();
        assertThat(owners(ClaimQuery.all().label("team", "blue"))).containsExactly(ANNA, BERT);
        assertThat(owners(ClaimQuery.all().label("team", "blue").label("tier", "1")))
                .containsExactly(ANNA);
        assertThat(owners(ClaimQuery.all().label("team", "BLUE"))).isEmpty();
        assertThat(owners(ClaimQuery.all().label("blue", "team"))).isEmpty();
        assertThat(owners(ClaimQuery.all()
                        .tenant("lab")
                        .in(OTHER)
                        .home(OTHER)
                        .state(ClaimState.PENDING)
                        .label("team", "blue")))
                .containsExactly(BERT);
    }

    @Test
    @DisplayName("Kind and scope of a query must be met by one and the same resource, and a claim is then told whole.")
    void kindAndScopeAreMetByOneResource() {
        made(NewClaim.by(ANNA).taking(port(1), Resource.stored("text", OTHER, "a")));
        made(NewClaim.by(BERT).taking(port(2), port(3), text("b")));

        assertThat(owners(ClaimQuery.all().kind(ResourceKind.TCP_PORT).in(OTHER)))
                .isEmpty();
        assertThat(owners(ClaimQuery.all().kind(ResourceKind.TCP_PORT).in(NODE)))
                .containsExactly(ANNA, BERT);
        assertThat(store.claims(ClaimQuery.all().kind(ResourceKind.TCP_PORT).in(NODE), Optional.empty(), 10))
                .extracting(snapshot -> snapshot.claim().holdings().size())
                .containsExactlyInAnyOrder(2, 3);
    }

    @Test
    @DisplayName("A query follows changes: a state, a label, a resource that is gone is not found any more.")
    void queriesFollowChanges() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1), text("a")).label("k", "1"));
        Claim later = changed(ChangedClaim.of(anna)
                .giving(text("a"), dev.berth.ledger.EndReason.SHRUNK)
                .state(ClaimState.FAILED, Commit.StateClock.RESTART)
                .label("k", "2"));
        done(new Commit.Touch(later.token(), Commit.LeaseWrite.KEEP, Optional.empty(), Map.of("m", "1"), Set.of("k")));

        assertThat(owners(ClaimQuery.all().state(ClaimState.RESERVED))).isEmpty();
        assertThat(owners(ClaimQuery.all().label("k", "1"))).isEmpty();
        assertThat(owners(ClaimQuery.all().label("k", "2"))).isEmpty();
        assertThat(owners(ClaimQuery.all().kind(ResourceKind.named("text").build())))
                .isEmpty();
        assertThat(owners(ClaimQuery.all().state(ClaimState.FAILED).label("m", "1")))
                .containsExactly(ANNA);
    }

    @Test
    @DisplayName("Results are immutable, and do not follow later commits.")
    void resultsAreImmutable() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).pending(NODE, "n", LONG));
        done(release(made(NewClaim.by(BERT).taking(port(2)).pending(NODE, "n", LONG))));
        done(unit(put("r", 0, "v")));
        var pool = new Candidates.Listed(List.of(Map.of("p", port(7))), "one");
        List<Collection<?>> results = List.of(
                store.claims(ClaimQuery.all(), Optional.empty(), 10),
                store.occupants("tcp-port", NODE, "", Optional.empty(), 10),
                store.records("", Optional.empty(), 10),
                store.history(port(2), Instant.EPOCH, store.now().plus(LONG), 10),
                store.tombstones(Optional.empty(), Optional.empty(), 10),
                store.free(ANNA, pool, Set.of(), 10),
                store.commit(List.of(Commit.of(NewClaim.by(CLEO).taking(port(3)).write()))),
                ((CommitResult.Refused) commit(store, unit(put("r", 0, "v")))).violations());
        for (Collection<?> result : results) {
            assertThat(result).hasSize(1);
            assertThatThrownBy(result::clear).isInstanceOf(UnsupportedOperationException.class);
        }
        var occupants = store.occupants(List.of(port(1)));
        assertThatThrownBy(occupants::clear).isInstanceOf(UnsupportedOperationException.class);

        done(release(anna));
        assertThat(occupants).hasSize(1);
        assertThat(results.get(0)).hasSize(1);
    }

    @Test
    @DisplayName("What was handed to a commit may be changed afterwards: the store keeps its own.")
    void storeKeepsItsOwn() {
        var units = new ArrayList<>(Arrays.asList(
                Commit.of(NewClaim.by(ANNA).taking(port(1)).label("k", "v").write())));
        store.commit(units);
        units.clear();

        assertThat(claim(ANNA).labels()).containsEntry("k", "v");
    }

    @Test
    @DisplayName("A read in between is of its own instant: it tells what has lapsed since the last one.")
    void everyReadHasItsOwnTime() {
        made(NewClaim.by(ANNA).taking(port(1)).lease(tick()));
        Snapshot first = store.find(ANNA).orElseThrow();
        fixture.pass(tick().plus(Duration.ofMillis(1)));
        Snapshot second = store.claims(ClaimQuery.all(), Optional.empty(), 10).get(0);

        assertThat(second.at()).isAfter(first.at());
        assertThat(first.isLapsed()).isFalse();
        assertThat(second.isLapsed()).isTrue();
        assertThat(second.claim()).isEqualTo(first.claim());
    }
}
