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

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Explanation;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Page;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.testkit.FaultyLedgerStore;
import dev.berth.testkit.Race;
import dev.berth.testkit.StoreCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Exact lookups, pages that are stable, and who had what when. */
class ReadingTest {
    private final World world = new World();

    @Test
    void lookupsAreExact() {
        Claim claim = world.ledger.claim(by(ANNA).fixed("port", port(5001)).fixed("path", tree("/desk")));
        assertThat(world.ledger.find(claim.id())).contains(claim);
        assertThat(world.ledger.holder(port(5001))).contains(claim);
        assertThat(world.ledger.holder(port(500))).isEmpty();
        assertThat(world.ledger.holder(tree("/desk/a"))).isEmpty();
        assertThat(world.ledger.holder(ResourceKind.UDP_PORT.in(NODE, 5001))).isEmpty();
        assertThat(world.ledger.holder(ResourceKind.TCP_PORT.in(Scope.of("node-2"), 5001)))
                .isEmpty();
        assertThat(world.ledger.occupants(Set.of(port(5001), port(5002))).keySet())
                .containsExactly(port(5001));
    }

    /** Between the two reads the resource goes from one claim to another in one commit. */
    @Test
    void aResourceThatChangesHandsIsNeverHeldByNobody() {
        Claim bert = world.holds(BERT, 5001);
        world.store.before(
                StoreCall.FIND_CLAIM,
                () -> world.other.claim(by(ANNA).fixed("port", port(5001)).superseding(bert.token())));
        assertThat(world.ledger.holder(port(5001))).map(Claim::owner).contains(ANNA);
    }

    @Test
    void queriesNarrowByEveryCondition() {
        Claim anna = world.ledger.claim(by(ANNA).fixed("port", port(5001)).label("app", "web"));
        // Ids are ordered by the millisecond.
        world.clock.advance(MINUTE);
        Claim bert = world.ledger.claim(
                by(Owner.of("other", "bert")).fixed("host", host("b")).label("app", "web"));
        world.clock.advance(MINUTE);
        AttemptOutcome.Granted carl =
                (AttemptOutcome.Granted) world.ledger.attempt(by(CARL).fixed("port", port(5002)), NODE, MINUTE);
        assertThat(world.ledger.claims(ClaimQuery.all())).hasSize(3);
        assertThat(world.ledger.claims(ClaimQuery.all().tenant("lab"))).containsExactly(anna, carl.claim());
        assertThat(world.ledger.claims(ClaimQuery.all().kind(ResourceKind.DNS_NAME)))
                .containsExactly(bert);
        assertThat(world.ledger.claims(ClaimQuery.all().in(NODE))).containsExactly(anna, carl.claim());
        assertThat(world.ledger.claims(ClaimQuery.all().home(NODE))).containsExactly(carl.claim());
        assertThat(world.ledger.claims(ClaimQuery.all().state(ClaimState.RESERVED)))
                .containsExactly(anna, bert);
        assertThat(world.ledger.claims(ClaimQuery.all().label("app", "web"))).containsExactly(anna, bert);
        assertThat(world.ledger.claims(ClaimQuery.all().label("app", "we"))).isEmpty();
        assertThat(world.ledger.claims(ClaimQuery.all().tenant("lab").label("app", "web")))
                .containsExactly(anna);
    }

    @Test
    void pagesAreStableWhileOthersComeAndGo() {
        List<Claim> stay = new ArrayList<>();
        List<Claim> go = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Claim claim = world.other.claim(by(Owner.of("t", "app" + i)).fixed("p", port(1_000 + i)));
            (i % 2 == 0 ? stay : go).add(claim);
            world.clock.advance(Duration.ofMillis(1));
        }
        List<Claim> read = new ArrayList<>();
        Optional<UUID> after = Optional.empty();
        int round = 0;
        do {
            Page page = world.ledger.page(ClaimQuery.all(), after, 7);
            read.addAll(page.claims());
            after = page.next();
            for (int i = 0; i < 3 && !go.isEmpty(); i++) {
                world.other.release(go.remove(0));
            }
            world.other.claim(by(Owner.of("new", "app" + round)).fixed("p", port(9_000 + round)));
            round++;
        } while (after.isPresent());
        assertThat(read).doesNotHaveDuplicates().containsAll(stay);
    }

    @Test
    void aLastPageThatIsJustFullIsFollowedByAnEmptyOne() {
        for (int i = 0; i < 4; i++) {
            world.holds(Owner.of("t", "app" + i), 1_000 + i);
        }
        Page first = world.ledger.page(ClaimQuery.all(), Optional.empty(), 4);
        assertThat(first.next()).isPresent();
        Page second = world.ledger.page(ClaimQuery.all(), first.next(), 4);
        assertThat(second.claims()).isEmpty();
        assertThat(second.next()).isEmpty();
    }

    @Test
    void streamingReadsAPageAtATime() {
        for (int i = 0; i < 2_500; i++) {
            world.holds(Owner.of("t", "app" + i), 1_000 + i);
        }
        var counted = new FaultyLedgerStore(world.memory);
        var ledger = ResourceLedger.on(counted);
        assertThat(ledger.claims(ClaimQuery.all()).limit(10)).hasSize(10);
        assertThat(counted.calls(StoreCall.CLAIMS)).isEqualTo(1);
        counted.resetCalls();
        assertThat(ledger.claims(ClaimQuery.all()).map(Claim::id).distinct().count())
                .isEqualTo(2_500);
        assertThat(counted.calls(StoreCall.CLAIMS)).isEqualTo(3);
    }

    /** The heap holds the store and a page, not a second copy of everything that was read. */
    @Test
    @Tag("deep")
    void aMillionClaimsAreStreamedInBoundedMemory() {
        stream(1_000_000);
    }

    @Test
    @Tag("slow")
    void manyClaimsAreStreamedInBoundedMemory() {
        stream(50_000);
    }

    private void stream(int count) {
        Scope[] nodes = new Scope[count / 50_000 + 1];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = Scope.of("node-" + i);
        }
        for (int i = 0; i < count; i++) {
            world.other.claim(ClaimRequest.by(Owner.of("t", "app" + i))
                    .fixed("p", ResourceKind.TCP_PORT.in(nodes[i / 50_000], 1 + i % 50_000)));
        }
        long before = used();
        long[] seen = {0};
        long[] most = {0};
        world.ledger.claims(ClaimQuery.all()).forEach(claim -> {
            if (++seen[0] % (count / 10) == 0) {
                most[0] = Math.max(most[0], used());
            }
        });
        assertThat(seen[0]).isEqualTo(count);
        assertThat(most[0] - before).isLessThan(32L << 20);
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    // ------------------------------------------------------------------ explain and history

    @Test
    void explainSaysWhoSinceWhenAndInWhatState() {
        AttemptOutcome.Granted granted =
                (AttemptOutcome.Granted) world.ledger.attempt(by(ANNA).fixed("port", port(5003)), NODE, MINUTE);
        world.clock.advance(MINUTE);
        Explanation held = world.ledger.explain(port(5003));
        Occupant.Holder holder = (Occupant.Holder) held.occupant().orElseThrow();
        assertThat(holder.token()).isEqualTo(granted.claim().token());
        assertThat(holder.state()).isEqualTo(ClaimState.PENDING);
        assertThat(holder.since()).isEqualTo(granted.claim().createdAt());
        assertThat(held.isGrantableTo(BERT)).isFalse();
        assertThat(held.isGrantableTo(ANNA)).isTrue();
        assertThat(held).asString().contains("lab:anna", "PENDING", "2026-03-02T08:00:00Z");
        assertThat(world.ledger.explain(port(1)).isGrantableTo(BERT)).isTrue();
        assertThat(world.ledger.explain(port(1))).asString().contains("is free");
    }

    @Test
    void explainSaysWhatOverlaps() {
        world.ledger.claim(ClaimRequest.by(ANNA).fixed("path", tree("/desk")));
        Explanation around = world.ledger.explain(tree("/desk/a"));
        assertThat(around.occupant()).isEmpty();
        assertThat(around.overlapping()).hasSize(1);
        assertThat(around.isGrantableTo(BERT)).isFalse();
        assertThat(around.isGrantableTo(ANNA)).isTrue();
    }

    /** "Who had 5003 on Tuesday?" */
    @Test
    void historySaysWhoHadItOnTuesday() {
        Instant monday = Instant.parse("2026-03-02T08:00:00Z");
        Instant tuesday = Instant.parse("2026-03-03T00:00:00Z");
        Instant wednesday = Instant.parse("2026-03-04T00:00:00Z");
        Claim anna = world.holds(ANNA, 5003);
        world.clock.set(Instant.parse("2026-03-02T20:00:00Z"));
        world.ledger.release(anna);
        world.clock.set(Instant.parse("2026-03-03T09:00:00Z"));
        Claim bert = world.holds(BERT, 5003);
        world.clock.set(Instant.parse("2026-03-03T17:00:00Z"));
        world.ledger.release(bert);
        world.clock.set(Instant.parse("2026-03-04T09:00:00Z"));
        Claim carl = world.holds(CARL, 5003);
        assertThat(world.ledger.history(port(5003), tuesday, wednesday, 10))
                .extracting(HistoryEntry::owner)
                .containsExactly(BERT);
        assertThat(world.ledger.history(port(5003), monday, wednesday, 10))
                .extracting(HistoryEntry::owner)
                .containsExactly(BERT, ANNA);
        assertThat(world.ledger.history(port(5003), monday, wednesday, 1))
                .extracting(HistoryEntry::owner)
                .containsExactly(BERT);
        assertThat(world.ledger.history(port(5004), monday, wednesday, 10)).isEmpty();
        Explanation now = world.ledger.explain(port(5003));
        assertThat(now.history()).extracting(HistoryEntry::reason).containsOnly(EndReason.RELEASED);
        assertThat(now.occupant().map(Occupant::since)).contains(carl.createdAt());
    }

    @Test
    void whatIsPrunedIsForgottenAndNothingElse() {
        world.ledger.release(world.holds(ANNA, 5003));
        Claim kept = world.holds(BERT, 5003);
        world.clock.advance(Duration.ofDays(2));
        world.ledger.release(world.holds(CARL, 5004));
        assertThat(world.ledger.prune(Duration.ofDays(1))).isEqualTo(1);
        assertThat(world.ledger.explain(port(5003)).history()).isEmpty();
        assertThat(world.ledger.explain(port(5004)).history()).hasSize(1);
        assertThat(world.ledger.find(BERT)).contains(kept);
        assertThat(world.ledger.prune(Duration.ofDays(1))).isZero();
    }

    /** Scenario 40: of 101, 2 are used; the rest is free. */
    @Test
    void usageIsCounted() {
        world.ledger.claim(by(ANNA).choose("port", pool(32100, 101)));
        world.ledger.claim(by(BERT).choose("port", pool(32100, 101)));
        Set<Resource> all = new HashSet<>();
        for (int i = 0; i < 101; i++) {
            all.add(port(32100 + i));
        }
        assertThat(world.ledger.occupants(all)).hasSize(2);
    }

    // ------------------------------------------------------------------ identity and end

    @Test
    void aLedgerKnowsItself() {
        var identity = world.ledger.identity();
        assertThat(identity.ledger()).isEqualTo(new UUID(1, 1));
        assertThat(identity.isHome()).isTrue();
        assertThat(world.ledger.moved()).isEqualTo(identity);
        assertThat(world.ledger.fork().ledger()).isNotEqualTo(identity.ledger());
    }

    @Test
    void aClosedLedgerAnswersNothing() {
        Claim claim = world.holds(ANNA, 5001);
        world.ledger.close();
        world.ledger.close();
        assertThatThrownBy(() -> world.ledger.find(ANNA))
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        closed -> assertThat(closed.isRetryable()).isFalse());
        assertThatThrownBy(() -> world.ledger.release(claim)).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> world.ledger.claim(by(BERT).choose("p", pool(1, 5))))
                .isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void ledgersInMemoryShareNothing() {
        try (var one = ResourceLedger.inMemory();
                var two = ResourceLedger.inMemory(world.clock)) {
            one.claim(by(ANNA).fixed("p", port(1)));
            two.claim(by(BERT).fixed("p", port(1)));
            assertThat(one.identity().ledger()).isNotEqualTo(two.identity().ledger());
        }
    }

    @Test
    void readersNeverSeeHalfAClaim() {
        Race.of(4)
                .rounds(30)
                .<Boolean>run(
                        (round, racer, random) -> {
                            for (int i = 0; i < 50; i++) {
                                if (racer == 0) {
                                    world.ledger.release(world.ledger.claim(
                                            by(ANNA).fixed("a", port(1)).fixed("b", port(2))));
                                } else {
                                    assertThat(world.other
                                                    .find(ANNA)
                                                    .map(claim ->
                                                            claim.holdings().size())
                                                    .orElse(2))
                                            .isEqualTo(2);
                                }
                            }
                            return true;
                        },
                        (round, results) -> {});
    }
}
