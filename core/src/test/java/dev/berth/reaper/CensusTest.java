package dev.berth.reaper;

import static dev.berth.reaper.Samples.NODE;
import static dev.berth.reaper.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Token;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A listing, the roster of claims, and who has what. */
class CensusTest {
    private static Claim claim(int number) {
        return Samples.claim(number, ClaimState.ACTIVE, NOW);
    }

    private static Census census(Instance... instances) {
        return new Census(new Inventory(NODE, Coverage.complete(), List.of(instances)));
    }

    @Test
    void everyInstanceIsFoundByItsId() {
        for (int size = 0; size < 20; size++) {
            Census census =
                    census(IntStream.range(0, size).mapToObj(Samples::instance).toArray(Instance[]::new));
            for (int i = 0; i < size; i++) {
                assertThat(census.of(claim(i))).contains(Samples.instance(i));
            }
            assertThat(census.of(claim(size))).isEmpty();
            assertThat(census.unlisted()).isEmpty();
        }
    }

    @Test
    void whatNoClaimListsIsUnlisted() {
        Census census = census(Samples.instance(3), Samples.instance(1), Samples.instance(2));

        assertThat(census.of(claim(2))).isPresent();

        assertThat(census.unlisted()).containsExactly(Samples.instance(1), Samples.instance(3));
    }

    @Test
    void aClaimWithoutInstanceHasNone() {
        assertThat(census(Samples.instance(1)).of(Samples.pending(1, NOW, Optional.empty())))
                .isEmpty();
    }

    /** One that gave its instance up, or never had one. */
    private static Claim bare(int number) {
        Claim whole = Samples.claim(number, ClaimState.FAILED, NOW);
        return new Claim(
                whole.token(),
                whole.owner(),
                whole.state(),
                whole.createdAt(),
                whole.stateSince(),
                whole.leaseUntil(),
                whole.home(),
                whole.attempt(),
                whole.reason(),
                whole.labels(),
                whole.holdings().stream()
                        .filter(held -> !held.part().equals(Claim.INSTANCE_PART))
                        .toList());
    }

    /** What has a claim's name and no mark may be left of it, if the claim has no instance. */
    @Test
    void remnantsAreFoundByTheNamesOfClaimsWithoutAnInstance() {
        Instance first = Instance.of("x", "app-2", InstanceState.STOPPED, Map.of());
        Instance left = Instance.of("y", "app-2", InstanceState.BROKEN, Map.of());
        Census census = census(first, left, Instance.of("z", "app-3", InstanceState.UNKNOWN, Map.of()));

        assertThat(census.remnants(List.of(bare(1), bare(2), claim(3))))
                .isEqualTo(Map.of(bare(2).id(), left.doubt(bare(2)).orElseThrow()));
        assertThat(census.remnants(List.of(claim(3)))).isEmpty();
    }

    @Test
    void twinsAreFoundByClaimOrNonce() {
        Instance byClaim = Samples.instance("other-1", 1);
        Claim adopted = new Claim(
                new Token(new UUID(9, 9), 1),
                Samples.owner(2),
                ClaimState.ACTIVE,
                NOW,
                NOW,
                Optional.empty(),
                Optional.of(NODE),
                Optional.empty(),
                Optional.empty(),
                Map.of(Mark.NONCE, "n-2"),
                List.of());
        Instance byNonce = Samples.instance("other-2", 2);
        Claim unmarked = new Claim(
                new Token(new UUID(9, 8), 1),
                Samples.owner(3),
                ClaimState.ACTIVE,
                NOW,
                NOW,
                Optional.empty(),
                Optional.of(NODE),
                Optional.empty(),
                Optional.empty(),
                Map.of(Mark.NONCE, ""),
                List.of());

        Map<UUID, Instance> twins = census(byClaim, byNonce, Samples.stranger("s", "app-1"), Samples.instance(7))
                .twins(List.of(claim(1), adopted, unmarked));

        assertThat(twins).containsOnly(Map.entry(claim(1).id(), byClaim), Map.entry(adopted.id(), byNonce));
        assertThat(census(byClaim).twins(List.of())).isEmpty();
    }

    // ------------------------------------------------------------------ roster

    @Test
    void aRosterKnowsClaimsAtTheirRevision() {
        Roster roster = Roster.of(Stream.of(Samples.token(2), Samples.token(1), Samples.token(3)));

        for (int number = 1; number <= 3; number++) {
            Token token = Samples.token(number);
            assertThat(roster.has(token)).isTrue();
            assertThat(roster.has(new Token(token.claim(), token.revision() + 1)))
                    .isFalse();
            assertThat(roster.has(new Token(token.claim(), token.revision() - 1)))
                    .isFalse();
        }
        assertThat(roster.has(Samples.token(4))).isFalse();
        assertThat(Roster.of(Stream.empty()).has(Samples.token(1))).isFalse();
    }

    /** A false "unchanged" would be as bad as no second reading. */
    @Test
    void rostersDoNotMixUpNeighbours() {
        Roster even = Roster.of(IntStream.range(0, 20_000).mapToObj(i -> new Token(new UUID(i, 2L * i), 1 + i % 7)));

        assertThat(IntStream.range(0, 20_000)
                        .filter(i -> !even.has(new Token(new UUID(i, 2L * i), 1 + i % 7)))
                        .count())
                .isZero();
        assertThat(IntStream.range(0, 20_000)
                        .filter(i -> even.has(new Token(new UUID(i, 2L * i + 1), 1 + i % 7))
                                || even.has(new Token(new UUID(i, 2L * i), 2 + i % 7))
                                || even.has(new Token(new UUID(2L * i + 1, i), 1)))
                        .count())
                .isZero();
    }
}
