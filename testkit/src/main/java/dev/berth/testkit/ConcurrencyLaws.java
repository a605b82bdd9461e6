package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Concurrency. */
abstract class ConcurrencyLaws extends StoreLaws {
    ConcurrencyLaws(LedgerStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("A read sees every commit that returned before it, through whatever handle.")
    void readSeesEveryCommitThatReturned() {
        List<LedgerStore> handles = handles(4);
        made(NewClaim.by(ANNA).taking(port(1)));
        var returned = new AtomicLong(1);
        Race.of(4)
                .rounds(3)
                .<Boolean>run(
                        (round, racer, random) -> {
                            LedgerStore own = handles.get(racer);
                            for (int i = 0; i < fixture.rounds(); i++) {
                                long before = returned.get();
                                Claim seen = own.find(ANNA).orElseThrow().claim();
                                assertThat(seen.token().revision()).isGreaterThanOrEqualTo(before);
                                if (racer == 0) {
                                    var write = ChangedClaim.of(seen).write();
                                    assertThat(isDone(commit(own, Commit.of(write))))
                                            .isTrue();
                                    returned.set(seen.token().revision() + 1);
                                }
                            }
                            return true;
                        },
                        (round, results) -> assertThat(results).hasSize(4));
    }

    @Test
    @DisplayName("A read sees a commit whole or not at all, and all that it returns is of one instant.")
    void readIsOfOneInstant() {
        List<LedgerStore> handles = handles(4);
        made(NewClaim.by(ANNA).taking(port(1), port(2), port(3)).label("at", "1"));
        Race.of(4)
                .rounds(2)
                .<Boolean>run(
                        (round, racer, random) -> {
                            LedgerStore own = handles.get(racer);
                            for (int i = 0; i < fixture.rounds(); i++) {
                                Claim seen = own.find(ANNA).orElseThrow().claim();
                                assertWhole(seen);
                                assertOneHolder(own);
                                if (racer == 0) {
                                    assertThat(isDone(commit(own, Commit.of(moved(seen)))))
                                            .isTrue();
                                }
                            }
                            return true;
                        },
                        (round, results) -> LedgerInvariants.check(store));
    }

    /** The claim holds three neighbours, the first of which its label tells. */
    private static void assertWhole(Claim seen) {
        int first = Integer.parseInt(seen.labels().get("at"));
        assertThat(seen.holdings())
                .extracting(held -> held.resource())
                .containsExactlyInAnyOrder(port(first), port(first + 1), port(first + 2));
    }

    private static void assertOneHolder(LedgerStore own) {
        List<Resource> all = new ArrayList<>();
        for (int number = 1; number <= 7; number++) {
            all.add(port(number));
        }
        Map<Resource, Occupant> occupants = own.occupants(all);
        assertThat(occupants).hasSize(3);
        assertThat(occupants.values().stream().map(StoreLaws::token).distinct()).hasSize(1);
    }

    /** From the lower three ports to the upper ones, or back. */
    private static Commit.Change moved(Claim seen) {
        int from = Integer.parseInt(seen.labels().get("at"));
        int to = from == 1 ? 5 : 1;
        ChangedClaim form = ChangedClaim.of(seen).label("at", Integer.toString(to));
        for (int i = 0; i < 3; i++) {
            form.giving(port(from + i), dev.berth.ledger.EndReason.REASSIGNED)
                    .taking(port(to + i), "part-" + i, "part-" + i);
        }
        return form.write();
    }

    @Test
    @DisplayName("Two that want the same resources in opposite orders never wait for each other for ever; one wins.")
    void oppositeOrdersNeverDeadlock() {
        int racers = 4;
        List<LedgerStore> handles = handles(racers);
        Race.of(racers)
                .rounds(fixture.rounds())
                .<CommitResult>run(
                        (round, racer, random) -> {
                            List<Resource> wanted = new ArrayList<>();
                            for (int i = 0; i < 6; i++) {
                                wanted.add(port(1 + round * 6 + i));
                            }
                            if (racer % 2 == 0) {
                                Collections.reverse(wanted);
                            }
                            return commit(
                                    handles.get(racer),
                                    Commit.of(NewClaim.by(owner(round * racers + racer))
                                            .taking(wanted.toArray(Resource[]::new))
                                            .write()));
                        },
                        (round, results) -> assertThat(results)
                                .filteredOn(StoreLaws::isDone)
                                .hasSize(1));
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Many that fill a range by hint and claim get every number once and no failure (25, 31).")
    void rangeIsFilledWithoutDuplicates() {
        int racers = 6;
        int each = 8;
        List<LedgerStore> handles = handles(racers);
        var pool = new Candidates.Numbered(
                new Candidates.Layout(
                        ResourceKind.TCP_PORT, NODE, Map.of("port", 32_100), 1, racers * each, Set.of(), "previews"),
                0);
        Race.of(racers)
                .rounds(1)
                .<List<Integer>>run(
                        (round, racer, random) -> {
                            List<Integer> got = new ArrayList<>();
                            LedgerStore own = handles.get(racer);
                            while (got.size() < each) {
                                List<Integer> free = own.free(ANNA, pool, Set.of(), 4);
                                assertThat(free).isNotEmpty();
                                int position = free.get(random.nextInt(free.size()));
                                NewClaim form = NewClaim.by(owner(racer * 100 + got.size()))
                                        .taking(port(32_100 + position));
                                if (isDone(commit(own, Commit.of(form.write())))) {
                                    got.add(position);
                                }
                            }
                            return got;
                        },
                        (round, results) -> assertThat(results.stream().flatMap(List::stream))
                                .hasSize(racers * each)
                                .doesNotHaveDuplicates());
        // A hint may be of the past, but what it leads to is refused, and so it comes to an end.
        int misled = 0;
        for (List<Integer> free = store.free(ANNA, pool, Set.of(), 4);
                !free.isEmpty();
                free = store.free(ANNA, pool, Set.of(), 4)) {
            for (int position : free) {
                assertThat(commit(
                                store,
                                Commit.of(NewClaim.by(ANNA)
                                        .taking(port(32_100 + position))
                                        .write())))
                        .isInstanceOf(CommitResult.Refused.class);
            }
            misled += free.size();
            assertThat(misled).isLessThanOrEqualTo(racers * each);
        }
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Additions to a record by compare-and-set, from many threads and handles, are never lost.")
    void recordAdditionsAreNeverLost() {
        int racers = 4;
        int each = Math.max(5, fixture.rounds() / 4);
        List<LedgerStore> handles = handles(racers);
        done(unit(put("count", 0, "0")));
        Race.of(racers)
                .rounds(1)
                .<Boolean>run(
                        (round, racer, random) -> {
                            LedgerStore own = handles.get(racer);
                            for (int added = 0; added < each; ) {
                                var seen = own.record("count").orElseThrow();
                                String next = Integer.toString(Integer.parseInt(seen.value()) + 1);
                                if (isDone(commit(own, unit(put("count", seen.version(), next))))) {
                                    added++;
                                }
                            }
                            return true;
                        },
                        (round, results) ->
                                assertThat(record("count").value()).isEqualTo(Integer.toString(racers * each)));
    }

    @Test
    @DisplayName("Claims that are made, moved and released by many at random leave a ledger whose every view agrees.")
    void randomWorkLeavesOneTruth() {
        int racers = 4;
        List<LedgerStore> handles = handles(racers);
        Race.of(racers)
                .rounds(4)
                .<Boolean>run(
                        (round, racer, random) -> {
                            LedgerStore own = handles.get(racer);
                            for (int i = 0; i < fixture.rounds() / 4 + 1; i++) {
                                var who = owner(random.nextInt(5));
                                Resource what = port(1 + random.nextInt(8));
                                Optional<Snapshot> seen = own.find(who);
                                commit(own, Commit.of(next(who, what, seen, random.nextBoolean())));
                            }
                            return true;
                        },
                        (round, results) -> LedgerInvariants.check(store));
    }

    private static Commit.ClaimWrite next(
            dev.berth.ledger.Owner who, Resource what, Optional<Snapshot> seen, boolean releases) {
        if (seen.isEmpty()) {
            return NewClaim.by(who).taking("p", "p", what, true).write();
        }
        Claim claim = seen.get().claim();
        if (releases || claim.holds("q")) {
            return release(claim);
        }
        return ChangedClaim.of(claim).taking(what, "q", "q").write();
    }
}
