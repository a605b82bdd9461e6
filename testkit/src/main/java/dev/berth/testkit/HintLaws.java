package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Hint. All laws hold for numbered and for listed candidates. */
abstract class HintLaws extends StoreLaws {
    HintLaws(LedgerStoreContract contract) {
        super(contract);
    }

    /** Pairs of ports: backend from 5001, frontend from 8001, step 2, without the pair that has 5003. */
    private static Candidates pairs(int start) {
        var first = new LinkedHashMap<String, Integer>();
        first.put("backend", 5_001);
        first.put("frontend", 8_001);
        return new Candidates.Numbered(
                new Candidates.Layout(ResourceKind.TCP_PORT, NODE, first, 2, 6, Set.of(5_003), "pairs"), start);
    }

    private static Candidates names() {
        List<Map<String, Resource>> groups = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            groups.add(Map.of("name", text("web-" + i), "path", text("/web-" + i)));
        }
        return new Candidates.Listed(groups, "names");
    }

    private static Resource any(Candidates candidates, int position) {
        Map<String, Resource> group = candidates.group(position);
        return group.getOrDefault(
                "frontend", group.getOrDefault("path", group.values().iterator().next()));
    }

    private List<Integer> free(Owner owner, Candidates candidates) {
        return store.free(owner, candidates, Set.of(), 100);
    }

    private static List<Integer> order(Candidates candidates) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            int position = (candidates.start() + i) % candidates.size();
            if (!candidates.isExcluded(position)) {
                order.add(position);
            }
        }
        return order;
    }

    private static List<Candidates> both() {
        return List.of(pairs(0), pairs(4), names());
    }

    @Test
    @DisplayName("Positions come in the candidates' order, from their start and around, within the limit, none twice.")
    void positionsComeInOrder() {
        for (Candidates candidates : both()) {
            List<Integer> order = order(candidates);
            for (int limit = 1; limit <= 7; limit++) {
                List<Integer> hint = store.free(ANNA, candidates, Set.of(), limit);
                assertThat(hint).isNotEmpty().hasSizeLessThanOrEqualTo(limit).doesNotHaveDuplicates();
                assertThat(order).containsSubsequence(hint);
            }
        }
    }

    @Test
    @DisplayName("Excluded positions are never hinted, and never count as free (36).")
    void excludedPositionsAreNeverHinted() {
        for (int start = 0; start < 6; start++) {
            assertThat(free(ANNA, pairs(start))).doesNotContain(1);
        }
        var only = new Candidates.Numbered(
                new Candidates.Layout(ResourceKind.TCP_PORT, NODE, Map.of("p", 7_000), 1, 2, Set.of(7_000, 7_001), "x"),
                0);
        assertThat(free(ANNA, only)).isEmpty();
    }

    @Test
    @DisplayName("A group is free when every one of its resources is: one that is taken spoils it (26).")
    void oneTakenResourceSpoilsItsGroup() {
        made(NewClaim.by(ANNA).taking(port(8_001), text("/web-0")));

        for (Candidates candidates : both()) {
            assertThat(free(BERT, candidates)).isNotEmpty().doesNotContain(0);
            assertThat(free(ANNA, candidates)).isNotEmpty().doesNotContain(0);
        }
    }

    @Test
    @DisplayName("A number that is taken is taken in every role that would have it (35).")
    void takenNumberIsTakenInEveryRole() {
        var first = new LinkedHashMap<String, Integer>();
        first.put("a", 5_000);
        first.put("b", 5_002);
        var meeting = new Candidates.Numbered(
                new Candidates.Layout(ResourceKind.TCP_PORT, NODE, first, 1, 5, Set.of(), "meeting"), 0);
        made(NewClaim.by(ANNA).taking(port(5_002)));

        assertThat(free(BERT, meeting)).isNotEmpty().doesNotContain(0, 2);
    }

    @Test
    @DisplayName("What the caller counts as taken is not hinted.")
    void exceptedResourcesAreNotHinted() {
        for (Candidates candidates : both()) {
            Set<Resource> except = Set.of(any(candidates, 0), any(candidates, 2), port(1));
            assertThat(store.free(ANNA, candidates, except, 100)).isNotEmpty().doesNotContain(0, 2);
        }
        Set<Resource> all = new java.util.HashSet<>();
        Candidates names = names();
        for (int i = 0; i < 6; i++) {
            all.add(any(names, i));
        }
        assertThat(store.free(ANNA, names, all, 100)).isEmpty();
    }

    @Test
    @DisplayName("As long as one position is free, wherever it is, the answer is not empty; it is when none is (31).")
    void emptyMeansExhausted() {
        for (Candidates candidates : both()) {
            List<Claim> held = new ArrayList<>();
            List<Integer> order = order(candidates);
            for (int position : order) {
                held.add(made(NewClaim.by(owner(position)).taking(any(candidates, position))));
            }
            assertThat(store.free(ANNA, candidates, Set.of(), 1)).isEmpty();
            for (int i = 0; i < held.size(); i++) {
                done(release(held.get(i)));
                assertThat(store.free(ANNA, candidates, Set.of(), 1)).containsExactly(order.get(i));
                held.set(i, made(NewClaim.by(owner(order.get(i))).taking(any(candidates, order.get(i)))));
            }
            assertThat(free(ANNA, candidates)).isEmpty();
            held.forEach(claim -> done(release(claim)));
        }
    }

    @Test
    @DisplayName("Exhaustion is never told from memory: what another handle freed is found.")
    void exhaustionIsReadAnew() {
        LedgerStore other = handles(2).get(1);
        for (Candidates candidates : both()) {
            NewClaim form = NewClaim.by(ANNA);
            for (int position : order(candidates)) {
                form.taking(any(candidates, position));
            }
            Claim all = made(form);
            assertThat(free(BERT, candidates)).isEmpty();
            assertThat(other.free(BERT, candidates, Set.of(), 5)).isEmpty();

            done(release(all));

            assertThat(other.free(BERT, candidates, Set.of(), 5)).isNotEmpty();
            assertThat(free(BERT, candidates)).isNotEmpty();
        }
    }

    @Test
    @DisplayName("In a quiet store the hint leads to a grant: what was committed through a handle is not hinted by it.")
    void quietHintLeadsToAGrant() {
        for (Candidates candidates : both()) {
            for (int i = 0; i < order(candidates).size(); i++) {
                int position = store.free(ANNA, candidates, Set.of(), 1).get(0);
                NewClaim form = NewClaim.by(Owner.of("fill", candidates.describe() + candidates.start() + i));
                candidates.group(position).values().forEach(form::taking);
                done(form.write());
            }
            assertThat(free(ANNA, candidates)).isEmpty();
            LedgerInvariants.claims(store).forEach(claim -> done(release(claim)));
        }
    }

    @Test
    @DisplayName(
            "Resources of a reservation whose lease has run out count as free, those of a running one do not (18).")
    void lapsedReservationsCountAsFree() {
        for (Candidates candidates : both()) {
            NewClaim form = NewClaim.by(ANNA).lease(tick());
            order(candidates).forEach(position -> form.taking(any(candidates, position)));
            Claim claim = made(form);
            assertThat(free(BERT, candidates)).isEmpty();
            pass();

            assertThat(free(BERT, candidates)).isEqualTo(order(candidates));
            done(new Commit.Touch(
                    claim.token(), new Commit.LeaseWrite.Run(LONG), java.util.Optional.empty(), Map.of(), Set.of()));
            assertThat(free(BERT, candidates)).isEmpty();
            done(release(claim));
        }
    }

    @Test
    @DisplayName("Resources of a provisioned claim never count as free, whatever has run out (46).")
    void provisionedClaimsNeverCountAsFree() {
        for (Candidates candidates : both()) {
            NewClaim form = NewClaim.by(ANNA).lease(tick()).pending(NODE, "n", tick());
            order(candidates).forEach(position -> form.taking(any(candidates, position)));
            Claim claim = made(form);
            pass();

            assertThat(free(BERT, candidates)).isEmpty();
            done(release(claim));
        }
    }

    @Test
    @DisplayName("A quarantine counts as free for its former owner only, other blocks for nobody until they run out.")
    void blocksCountAsTheyLet() {
        for (Candidates candidates : both()) {
            List<Integer> order = order(candidates);
            NewClaim form = NewClaim.by(ANNA);
            order.forEach(position -> form.taking(any(candidates, position)));
            Claim claim = made(form);
            ChangedClaim giving = ChangedClaim.of(claim);
            for (int i = 0; i < order.size(); i++) {
                Resource resource = any(candidates, order.get(i));
                giving.giving(resource, EndReason.SHRUNK, i % 2 == 0 ? quarantine(tick()) : decline(tick()));
            }
            done(giving.write());

            List<Integer> own = new ArrayList<>();
            for (int i = 0; i < order.size(); i += 2) {
                own.add(order.get(i));
            }
            assertThat(free(ANNA, candidates)).isEqualTo(own);
            assertThat(free(BERT, candidates)).isEmpty();
            pass();
            assertThat(free(BERT, candidates)).isEqualTo(order);
            done(release(claim(ANNA)));
        }
    }
}
