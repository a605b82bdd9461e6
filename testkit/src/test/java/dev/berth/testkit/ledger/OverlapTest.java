package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.CARL;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.PROXY;
import static dev.berth.testkit.ledger.World.oneOf;
import static dev.berth.testkit.ledger.World.tree;
import static dev.berth.testkit.ledger.World.wild;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.OverlapRule;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.testkit.Race;
import dev.berth.testkit.StoreCall;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Overlap kinds: of two that overlap never both, however they race. */
class OverlapTest {
    private final World world = new World();

    @AfterEach
    void invariants() {
        world.check();
    }

    @ParameterizedTest
    @CsvSource({
        "/desk, /desk/a, true",
        "/desk, /desk/a/b/c, true",
        "/, /anything, true",
        "/stat, /status, false",
        "/stat, /stat-2, false",
        "/desk/a, /desk/b, false",
        "/desk/a, /desk/a, true",
        "/desk, /Desk/a, false",
        "/a%2Fb, /a/b/c, true",
    })
    void pathsOverlapByWholeSegments(String one, String two, boolean overlap) {
        assertBothWays(tree(one), tree(two), overlap);
    }

    @ParameterizedTest
    @CsvSource({
        "*.example.com, a.example.com, true",
        "*.example.com, A.EXAMPLE.com., true",
        "*.example.com, a.b.example.com, false",
        "*.example.com, example.com, false",
        "*.example.com, *.a.example.com, false",
        "*.example.com, a.example.org, false",
        "*.com, example.com, true",
        "a.example.com, b.example.com, false",
    })
    void wildcardsOverlapOneLabelBelow(String one, String two, boolean overlap) {
        assertBothWays(wild(one), wild(two), overlap);
    }

    private void assertBothWays(Resource one, Resource two, boolean overlap) {
        Claim first = world.ledger.claim(ClaimRequest.by(ANNA).fixed("it", one));
        assertThat(world.ledger.tryClaim(ClaimRequest.by(BERT).fixed("it", two)) instanceof ClaimOutcome.Refused)
                .isEqualTo(overlap);
        world.ledger.release(first);
        world.ledger.find(BERT).ifPresent(world.ledger::release);
        world.ledger.claim(ClaimRequest.by(BERT).fixed("it", two));
        assertThat(world.ledger.tryClaim(ClaimRequest.by(ANNA).fixed("it", one)) instanceof ClaimOutcome.Refused)
                .isEqualTo(overlap);
    }

    /** A user's kind whose values are not all paths still answers alike in both orders. */
    @Test
    void valuesThatAreNoPathsOverlapNothing() {
        ResourceKind route =
                ResourceKind.named("route").overlapping(OverlapRule.PATH_PREFIX).build();
        assertBothWays(route.in(Scope.GLOBAL, "/"), route.in(Scope.GLOBAL, "desk"), false);
    }

    @Test
    void everyOverlappedHolderIsNamed() {
        for (int i = 0; i < 5; i++) {
            world.ledger.claim(ClaimRequest.by(Owner.of("t", "app" + i)).fixed("path", tree("/desk/" + i)));
        }
        world.ledger.claim(ClaimRequest.by(CARL).fixed("path", tree("/other")));
        assertThat(world.refused(ClaimRequest.by(ANNA).fixed("path", tree("/desk"))))
                .hasSize(5)
                .allMatch(found -> found instanceof Obstacle.Overlapping);
    }

    @Test
    void moreThanAPageOfNeighboursIsLookedThrough() {
        for (int i = 0; i < 1_500; i++) {
            world.other.claim(ClaimRequest.by(Owner.of("t", "app" + i)).fixed("host", wild("h" + i + ".example.org")));
        }
        world.other.claim(ClaimRequest.by(CARL).fixed("host", wild("zz.example.com")));
        assertThat(world.refused(ClaimRequest.by(ANNA).fixed("host", wild("*.example.com"))))
                .hasSize(1);
        assertThat(world.refused(ClaimRequest.by(ANNA).fixed("host", wild("*.example.org"))))
                .hasSize(1_500);
    }

    @Test
    void oneOwnerMayHoldWhatOverlaps() {
        world.ledger.claim(ClaimRequest.by(ANNA).fixed("a", tree("/desk")).fixed("b", tree("/desk/a")));
        Claim more = world.ledger.claim(ClaimRequest.by(ANNA).fixed("c", tree("/desk/a/b")));
        assertThat(more.holdings()).hasSize(3);
    }

    /** The readable name first, and the next where a stranger's tree covers it. */
    @Test
    void aChoiceGoesOnPastACandidateThatOverlaps() {
        world.ledger.claim(ClaimRequest.by(BERT).fixed("path", tree("/anna")));
        Claim claim = world.ledger.claim(
                ClaimRequest.by(ANNA).choose("path", oneOf(tree("/anna/desk"), tree("/anna"), tree("/anna-2"))));
        assertThat(claim.value("path")).isEqualTo("/anna-2");
    }

    @Test
    void aChoiceWhoseCandidatesAllOverlapNamesThem() {
        world.ledger.claim(ClaimRequest.by(BERT).fixed("path", tree("/")));
        List<Obstacle> obstacles = world.refused(ClaimRequest.by(ANNA).choose("path", oneOf(tree("/a"), tree("/b"))));
        assertThat(obstacles)
                .filteredOn(found -> found instanceof Obstacle.Overlapping)
                .hasSize(2);
        assertThat(obstacles)
                .filteredOn(found -> found instanceof Obstacle.Exhausted)
                .hasSize(1);
    }

    @Test
    void aLapsedOverlappingReservationGivesWay() {
        world.ledger.claim(ClaimRequest.by(BERT).fixed("path", tree("/desk")).lease(MINUTE));
        world.clock.advance(MINUTE);
        world.ledger.claim(ClaimRequest.by(ANNA).fixed("path", tree("/desk/a")));
        assertThat(world.ledger.find(BERT)).isEmpty();
    }

    @Test
    void anOverlapThatAppearsBeforeTheCommitIsSeen() {
        world.store.before(
                StoreCall.COMMIT, () -> world.other.claim(ClaimRequest.by(BERT).fixed("path", tree("/desk"))));
        assertThat(world.refused(ClaimRequest.by(ANNA).fixed("path", tree("/desk/a"))))
                .singleElement()
                .isInstanceOf(Obstacle.Overlapping.class);
    }

    @Test
    void anOverlapThatAppearsBeforeTheCommitIsSeenByARoundThatLooked() {
        world.remembers(ANNA);
        world.store.before(
                StoreCall.COMMIT, () -> world.other.claim(ClaimRequest.by(BERT).fixed("path", tree("/desk"))));
        assertThat(world.refused(ClaimRequest.by(ANNA).fixed("path", tree("/desk/a"))))
                .singleElement()
                .isInstanceOf(Obstacle.Overlapping.class);
    }

    @Test
    void anOverlapThatAppearsBetweenGuardAndLookIsSeen() {
        world.store.before(
                StoreCall.OCCUPANTS,
                () -> world.other.claim(ClaimRequest.by(BERT).fixed("path", tree("/desk"))));
        assertThat(world.refused(ClaimRequest.by(ANNA).fixed("path", tree("/desk/a"))))
                .hasSize(1);
        assertThat(world.store.happened()).isTrue();
    }

    @Test
    void anOverlapThatAppearsBetweenGuardAndLookIsSeenByARoundThatLooked() {
        world.remembers(ANNA);
        world.store.before(
                StoreCall.OCCUPANTS,
                () -> world.other.claim(ClaimRequest.by(BERT).fixed("path", tree("/desk"))));
        assertThat(world.refused(ClaimRequest.by(ANNA).fixed("path", tree("/desk/a"))))
                .hasSize(1);
        assertThat(world.store.happened()).isTrue();
    }

    @Test
    void aMigrationIntoATreeThatAppearsIsRefused() {
        Claim before = world.ledger.claim(ClaimRequest.by(ANNA).fixed("path", tree("/x")));
        world.store.before(
                StoreCall.COMMIT, () -> world.other.claim(ClaimRequest.by(BERT).fixed("path", tree("/desk"))));
        assertThatThrownBy(() -> world.ledger.migrate(ANNA, tree("/x"), tree("/desk/a")))
                .isInstanceOf(ClaimRefusedException.class);
        assertThat(world.ledger.find(ANNA)).contains(before);
    }

    @Test
    void otherScopesAndKindsAreNotGuarded() {
        world.ledger.claim(ClaimRequest.by(BERT).fixed("path", tree("/desk")));
        world.ledger.claim(ClaimRequest.by(ANNA)
                .in(Scope.of("other.org"))
                .fixed("a", ResourceKind.PROXY_PREFIX, "/desk/a")
                .in(PROXY)
                .fixed("b", ResourceKind.PROXY_PATH, "/desk/a"));
    }

    @Test
    void twoThreadsNeverHoldWhatOverlaps() {
        String[] paths = {"/", "/a", "/a/b", "/a/b/c", "/a/c", "/b"};
        for (int repeat = 0; repeat < 10; repeat++) {
            Race.of(6)
                    .rounds(40)
                    .<ClaimOutcome>run(
                            (round, racer, random) -> {
                                String path = paths[random.nextInt(paths.length)];
                                return (racer % 2 == 0 ? world.ledger : world.other)
                                        .tryClaim(ClaimRequest.by(Owner.of("t", "racer" + racer))
                                                .fixed("path", tree(path)));
                            },
                            (round, outcomes) -> {
                                List<Claim> held = outcomes.stream()
                                        .filter(outcome -> outcome instanceof ClaimOutcome.Granted)
                                        .map(outcome -> ((ClaimOutcome.Granted) outcome).claim())
                                        .toList();
                                assertThat(held).isNotEmpty();
                                for (Claim one : held) {
                                    for (Claim two : held) {
                                        assertThat(!one.equals(two) && covers(one.value("path"), two.value("path")))
                                                .as("%s and %s", one, two)
                                                .isFalse();
                                    }
                                }
                                held.forEach(world.ledger::release);
                            });
        }
    }

    private static boolean covers(String one, String two) {
        return one.equals(two) || two.startsWith(one.equals("/") ? "/" : one + "/");
    }

    @Test
    void manyWhoClaimInOneScopeAllSucceed() {
        Race.of(12)
                .rounds(20)
                .<Integer>run(
                        (round, racer, random) -> {
                            for (int i = 0; i < 10; i++) {
                                var owner = Owner.of("t", round + "/" + racer + "/" + i);
                                world.ledger.claim(ClaimRequest.by(owner)
                                        .fixed("path", tree("/" + round + "/" + racer + "/" + i)));
                            }
                            return 10;
                        },
                        (round, done) -> assertThat(done).hasSize(12));
    }

    @ParameterizedTest
    @CsvSource({
        "desk, /desk",
        "/desk/, /desk",
        "//a///b//, /a/b",
        "/a/./b, /a/b",
        "/a/../b, /b",
        "/a/b/.., /a",
        "/%61%2f%62, /a/b",
        "/%2e%2e/a/../b, REFUSED",
        "/a/%2e%2e/b, /b",
        "/.., REFUSED",
        "/a/../.., REFUSED",
        "/%7euser, /~user",
        "/a%2fb, /a/b",
        "/%c3%bc, /%C3%BC",
        "/ü, /%C3%BC",
        "/a b, /a%20b",
        "/a%20b, /a%20b",
        "/%252f, /%252f",
        "/%25, /%25",
        "/%, REFUSED",
        "/%4, REFUSED",
        "/%zz, REFUSED",
        "/a?b, REFUSED",
        "/a#b, REFUSED",
        "/a%00b, REFUSED",
        "/a%0ab, REFUSED",
        "/a%5cb, REFUSED",
        "/..., /...",
        "/, /",
        "//, /",
        "/., /",
        "/A, /A",
        "/a;b=c, /a;b=c",
        "/%3c, /%3C",
    })
    void pathsHaveOneCanonicalForm(String given, String canonical) {
        if (canonical.equals("REFUSED")) {
            assertThatThrownBy(() -> tree(given)).isInstanceOf(dev.berth.InvalidInputException.class);
        } else {
            String form = tree(given).value();
            assertThat(form).isEqualTo(canonical);
            assertThat(tree(form).value()).isEqualTo(form);
            assertThat(ResourceKind.PROXY_PATH.in(PROXY, given).value()).isEqualTo(form);
        }
    }
}
