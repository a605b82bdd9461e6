package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.NODE;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Choice;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.LedgerListener;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.OverlapRule;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.ledger.StaleTokenException;
import dev.berth.ledger.Token;
import dev.berth.testkit.FaultyLedgerStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input is refused at the door, with what was given and what is allowed, and nothing is read or written. */
@SuppressWarnings({"NullAway", "DataFlowIssue", "NullArgumentForNonNullParameter"})
class BadInputTest {
    private static final ResourceKind TEXT = ResourceKind.named("text").build();
    private static final Token SOME = new Token(new UUID(1, 2), 1);
    private static final Attempt ATTEMPT =
            new Attempt(new UUID(1, 2), 1, "nonce", Instant.EPOCH, Instant.EPOCH.plusSeconds(1));

    static Stream<String> unusableTexts() {
        return Stream.of("", " ", "\t", "\u2003", "a\u0000b", "a\nb", "a\u007fb", "a\u0085b", "\ud800", "a\udc00b");
    }

    private static String bytes(int count) {
        return "x".repeat(count);
    }

    private static void refuses(Executable call) {
        assertThatThrownBy(call::execute).isInstanceOfSatisfying(InvalidInputException.class, refused -> {
            assertThat(refused.what()).isNotBlank();
            assertThat(refused.allowed()).isNotBlank();
            assertThat(refused).hasMessageContainingAll(refused.what(), refused.given(), refused.allowed());
            assertThat(refused.getMessage().chars()).noneMatch(c -> c < 0x20);
        });
    }

    @ParameterizedTest
    @MethodSource("unusableTexts")
    void unusableTextIsRefusedEverywhere(String text) {
        refuses(() -> Owner.of(text, "a"));
        refuses(() -> Owner.of("a", text));
        refuses(() -> Scope.of(text));
        refuses(() -> ResourceKind.named(text));
        refuses(() -> TEXT.in(NODE, text));
        refuses(() -> Resource.stored("text", NODE, text));
        refuses(() -> Resource.stored(text, NODE, "a"));
        refuses(() -> by(ANNA).fixed(text, port(1)));
        refuses(() -> by(ANNA).choose(text, pool(1, 1)));
        refuses(() -> by(ANNA).fixed("p", Map.of(text, port(1))));
        refuses(() -> by(ANNA).label(text, "v"));
        refuses(() -> ClaimQuery.all().tenant(text));
        refuses(() -> Reassignment.of(text, port(1)));
        var world = new World();
        AttemptOutcome.Granted granted =
                (AttemptOutcome.Granted) world.ledger.attempt(ClaimRequest.by(ANNA), NODE, MINUTE);
        refuses(() -> world.ledger.activate(granted.attempt(), text));
        assertThat(world.ledger.find(ANNA)).contains(granted.claim());
    }

    @Test
    void lengthsAreBytes() {
        Owner.of(bytes(128), bytes(512));
        refuses(() -> Owner.of(bytes(129), "a"));
        refuses(() -> Owner.of("a", bytes(513)));
        refuses(() -> Owner.of("ü".repeat(65), "a"));
        refuses(() -> Owner.of("\uD83D\uDE80".repeat(33), "a"));
        Owner.of("\uD83D\uDE80".repeat(32), "a");
        Scope.of(bytes(255));
        refuses(() -> Scope.of(bytes(256)));
        TEXT.in(NODE, bytes(1024));
        refuses(() -> TEXT.in(NODE, bytes(1025)));
        refuses(() -> ResourceKind.PROXY_PATH.in(NODE, "/" + "ü".repeat(400)));
        refuses(() -> by(ANNA).fixed(bytes(65), port(1)));
        refuses(() -> by(ANNA).label(bytes(129), "v"));
        refuses(() -> by(ANNA).label("k", bytes(1025)));
        refuses(() -> ResourceKind.named(bytes(49)));
    }

    @Test
    void labelsAreLimited() {
        ClaimRequest request = by(ANNA);
        for (int i = 0; i < 64; i++) {
            request = request.label("k" + i, "");
        }
        ClaimRequest full = request.label("k0", "again");
        refuses(() -> full.label("k64", ""));
        refuses(() -> by(ANNA).label("k", "a\u0000"));
        refuses(() -> by(ANNA).label(null, "v"));
        refuses(() -> by(ANNA).label("k", null));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void noSuchPort(int number) {
        refuses(() -> ResourceKind.TCP_PORT.in(NODE, number));
        refuses(() -> ResourceKind.UDP_PORT.in(NODE, number));
        refuses(() -> ResourceKind.TCP_PORT.in(NODE, Integer.toString(number)));
        refuses(() -> pool(number, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"05001", "+5001", "5001 ", "5,001", "0x10", "\u0665", "1e3", "99999999999999999999"})
    void numbersHaveOneSpelling(String number) {
        refuses(() -> ResourceKind.TCP_PORT.in(NODE, number));
    }

    @Test
    void valuesMustBeOfTheirKind() {
        refuses(() -> ResourceKind.GUEST_ID.in(NODE, 99));
        refuses(() -> ResourceKind.GUEST_ID.in(NODE, 1_000_000_000));
        refuses(() -> ResourceKind.DNS_NAME.in(NODE, 5));
        refuses(() -> ResourceKind.CONTAINER_NAME.in(NODE, "-web"));
        refuses(() -> ResourceKind.CONTAINER_NAME.in(NODE, "a b"));
        refuses(() -> ResourceKind.COMPOSE_PROJECT.in(NODE, "Web"));
        refuses(() -> ResourceKind.DNS_NAME.in(NODE, "a..b"));
        refuses(() -> ResourceKind.DNS_NAME.in(NODE, "-a.b"));
        refuses(() -> ResourceKind.DNS_NAME.in(NODE, "m\u00fcller.de"));
        refuses(() -> ResourceKind.DNS_NAME.in(NODE, "\u212aelvin.de"));
        refuses(() -> ResourceKind.DNS_NAME.in(NODE, "*.a.b"));
        refuses(() -> ResourceKind.DNS_NAME.in(NODE, bytes(64)));
        refuses(() -> ResourceKind.DNS_NAME.in(NODE, "a.".repeat(127) + "a"));
        refuses(() -> ResourceKind.DNS_WILDCARD.in(NODE, "a.*.b"));
        refuses(() -> ResourceKind.DNS_WILDCARD.in(NODE, "*"));
        refuses(() -> ResourceKind.DNS_NAME.in(NODE, "."));
    }

    @Test
    void kindsOfTheUsersOwnAreChecked() {
        refuses(() -> ResourceKind.named("a/b"));
        refuses(() -> ResourceKind.named("n").numbers(5, 4));
        refuses(() -> ResourceKind.named("n").numbers(-1, 4));
        refuses(() -> ResourceKind.named("n").numbers(0, 1_000_000_000));
        refuses(() -> ResourceKind.named("n").matching("[", "brackets"));
        refuses(() -> ResourceKind.named("n").matching(null, "x"));
        refuses(() -> ResourceKind.named("n").canonical(null));
        refuses(() -> ResourceKind.named("n")
                .numbers(1, 5)
                .overlapping(OverlapRule.PATH_PREFIX)
                .build());
        ResourceKind growing = ResourceKind.named("n").canonical(v -> v + "x").build();
        refuses(() -> growing.in(NODE, "a"));
        ResourceKind nothing = ResourceKind.named("n").canonical(v -> null).build();
        refuses(() -> nothing.in(NODE, "a"));
    }

    @Test
    void spansAreLimited() {
        var world = new World();
        Claim claim = world.holds(ANNA, 1);
        for (Duration span : Arrays.asList(
                null,
                Duration.ZERO,
                Duration.ofNanos(999_999),
                Duration.ofSeconds(-1),
                Duration.ofDays(36_501),
                Duration.ofSeconds(Long.MAX_VALUE))) {
            refuses(() -> by(ANNA).lease(span));
            refuses(() -> world.ledger.renew(claim.token(), span));
            refuses(() -> world.ledger.renew(ATTEMPT, span));
            refuses(() -> world.ledger.attempt(ClaimRequest.by(ANNA), NODE, span));
            refuses(() -> world.ledger.attempt(claim.token(), NODE, span));
            refuses(() -> Quarantine.of(ResourceKind.TCP_PORT, span));
            refuses(() -> world.ledger.markForeign(port(2), "", span));
            refuses(() -> world.ledger.prune(span));
            refuses(() -> Reassignment.of("p", port(1)).declining(List.of(port(2)), "", span));
        }
        assertThat(world.ledger.find(ANNA)).contains(claim);
        assertThat(world.ledger.occupants(Set.of(port(2)))).isEmpty();
        by(ANNA).lease(Duration.ofDays(36_500)).lease(Duration.ofMillis(1));
    }

    @Test
    void requestsAreWellFormed() {
        var world = new World();
        refuses(() -> world.ledger.tryClaim(by(ANNA)));
        refuses(() -> by(ANNA).fixed("instance", port(1)));
        refuses(() -> by(ANNA).choose("instance", pool(1, 1)));
        refuses(() -> by(ANNA).fixed("a", port(1)).fixed("a", port(2)));
        refuses(() -> by(ANNA).fixed("a", port(1)).fixed("b", port(1)));
        refuses(() -> by(ANNA).fixed("a", Map.of("x", port(1), "y", port(1))));
        refuses(() -> by(ANNA).fixed("a", Map.of()));
        refuses(() -> by(ANNA).fixed("a", port(1)).unconfirmed("b"));
        refuses(() -> by(ANNA).unconfirmed("b"));
        refuses(() -> by(ANNA).name("a", ResourceKind.TCP_PORT, "x"));
        refuses(() -> by(ANNA).name("a", ResourceKind.CONTAINER_NAME));
        refuses(() -> by(ANNA).fixed("a", ResourceKind.DNS_NAME, "a..b"));
        assertThat(world.ledger.find(ANNA)).isEmpty();
    }

    @Test
    void aChoiceThatGivesNothingIsRefused() {
        var world = new World();
        Choice none = owner -> null;
        refuses(() -> world.ledger.tryClaim(by(ANNA).fixed("a", port(1)).choose("b", none)));
        assertThat(world.ledger.find(ANNA)).isEmpty();
    }

    @Test
    void layoutsAreWellFormed() {
        refuses(() -> pool(5001, 0));
        refuses(() -> pool(5001, -1));
        refuses(() -> pool(5001, 65_536));
        refuses(() -> pool(Map.of("a", 5001), 0, 5));
        refuses(() -> pool(Map.of("a", 5001), Integer.MAX_VALUE, 5));
        refuses(() -> pool(Map.of("a", 5001, "b", 5001), 1, 5));
        refuses(() -> pool(Map.of(), 1, 5));
        Map<String, Integer> hole = new HashMap<>();
        hole.put("a", null);
        refuses(() -> pool(hole, 1, 5));
        refuses(() -> new Candidates.Layout(ResourceKind.DNS_NAME, NODE, Map.of("a", 1), 1, 1, Set.of(), "x"));
        refuses(() ->
                new Candidates.Layout(ResourceKind.GUEST_ID, NODE, Map.of("a", 100), 1, 900_000_000, Set.of(), "x"));
        refuses(() -> new Candidates.Listed(List.of(), "none"));
    }

    @Test
    void nullIsRefusedByEveryMethodOfARequest() {
        refuses(() -> ClaimRequest.by(null));
        refuses(() -> by(ANNA).in(null));
        refuses(() -> by(ANNA).fixed(null, port(1)));
        refuses(() -> by(ANNA).fixed("a", (Resource) null));
        refuses(() -> by(ANNA).fixed("a", (Map<String, Resource>) null));
        refuses(() -> by(ANNA).fixed(null, Map.of("a", port(1))));
        refuses(() -> by(ANNA).fixed("a", null, "x"));
        refuses(() -> by(ANNA).fixed("a", ResourceKind.DNS_NAME, null));
        Map<String, Resource> hole = new LinkedHashMap<>();
        hole.put("a", null);
        refuses(() -> by(ANNA).fixed("a", hole));
        hole.clear();
        hole.put(null, port(1));
        refuses(() -> by(ANNA).fixed("a", hole));
        refuses(() -> by(ANNA).choose(null, pool(1, 1)));
        refuses(() -> by(ANNA).choose("a", null));
        refuses(() -> by(ANNA).choose("a", pool(1, 1), (Choice) null));
        refuses(() -> by(ANNA).choose("a", pool(1, 1), (Choice[]) null));
        refuses(() -> by(ANNA).name("a", null, "x"));
        refuses(() -> by(ANNA).name("a", ResourceKind.CONTAINER_NAME, (String[]) null));
        refuses(() -> by(ANNA).name("a", ResourceKind.CONTAINER_NAME, (String) null));
        refuses(() -> by(ANNA).unconfirmed(null));
        refuses(() -> by(ANNA).lease(null));
        refuses(() -> by(ANNA).superseding((Token) null));
        refuses(() -> by(ANNA).superseding((Token[]) null));
        refuses(() -> Owner.of(null, "a"));
        refuses(() -> Owner.of("a", null));
        refuses(() -> Scope.of(null));
        refuses(() -> new Token(null, 1));
        refuses(() -> new Token(new UUID(1, 1), 0));
        refuses(() -> Reassignment.of(null, port(1)));
        refuses(() -> Reassignment.of("a", (Resource) null));
        refuses(() -> Reassignment.of("a", (Choice) null));
        refuses(() -> Reassignment.of("a", port(1)).declining(null, "", MINUTE));
        refuses(() -> Reassignment.of("a", port(1)).declining(Arrays.asList(port(2), null), "", MINUTE));
        refuses(() -> Reassignment.of("a", port(1)).declining(List.of(), "", MINUTE));
        refuses(() -> Quarantine.of(null, MINUTE));
        refuses(() -> ClaimQuery.all().kind(null));
        refuses(() -> ClaimQuery.all().in(null));
        refuses(() -> ClaimQuery.all().home(null));
        refuses(() -> ClaimQuery.all().state(null));
        refuses(() -> ClaimQuery.all().state(ClaimState.ACTIVE, (ClaimState) null));
        refuses(() -> ClaimQuery.all().state(ClaimState.ACTIVE, (ClaimState[]) null));
        refuses(() -> ClaimQuery.all().label(null, ""));
        refuses(() -> ClaimQuery.all().label("a", null));
    }

    @Test
    void nullIsRefusedByEveryMethodOfTheLedgerBeforeTheStoreIsAsked() {
        var world = new World();
        var counted = new FaultyLedgerStore(world.memory);
        ResourceLedger ledger = ResourceLedger.on(counted);
        counted.resetCalls();
        List<Executable> calls = List.of(
                () -> ledger.claim(null),
                () -> ledger.tryClaim(null),
                () -> ledger.attempt((ClaimRequest) null, NODE, MINUTE),
                () -> ledger.attempt(by(ANNA), null, MINUTE),
                () -> ledger.attempt((Token) null, NODE, MINUTE),
                () -> ledger.attempt(SOME, null, MINUTE),
                () -> ledger.importAll(null),
                () -> ledger.renew((Token) null, MINUTE),
                () -> ledger.renew((Attempt) null, MINUTE),
                () -> ledger.activate(null, "i"),
                () -> ledger.activate(ATTEMPT, null),
                () -> ledger.activate(ATTEMPT, bytes(1025)),
                () -> ledger.fail((Attempt) null, "x"),
                () -> ledger.fail((Token) null, "x"),
                () -> ledger.abandon(null),
                () -> ledger.stop(null),
                () -> ledger.confirm(null, "a"),
                () -> ledger.confirm(SOME, null),
                () -> ledger.relabel(null, Map.of(), Set.of()),
                () -> ledger.relabel(SOME, null, Set.of()),
                () -> ledger.relabel(SOME, Map.of(), null),
                () -> ledger.relabel(SOME, Map.of(), new HashSet<>(Arrays.asList("a", null))),
                () -> ledger.relabel(SOME, Map.of("", "v"), Set.of()),
                () -> ledger.shrink(null, "a"),
                () -> ledger.shrink(SOME, (String[]) null),
                () -> ledger.shrink(SOME, "a", null),
                () -> ledger.reassign(null, Reassignment.of("a", port(1))),
                () -> ledger.reassign(SOME, null),
                () -> ledger.migrate(null, port(1), port(2)),
                () -> ledger.migrate(ANNA, null, port(2)),
                () -> ledger.migrate(ANNA, port(1), null),
                () -> ledger.rename(null, ANNA),
                () -> ledger.rename(ANNA, null),
                () -> ledger.release((Token) null),
                () -> ledger.release((Claim) null),
                () -> ledger.release(SOME, null),
                () -> ledger.find((Owner) null),
                () -> ledger.find((UUID) null),
                () -> ledger.holder(null),
                () -> ledger.occupants(null),
                () -> ledger.occupants(new HashSet<>(Arrays.asList(port(1), null))),
                () -> ledger.page(null, Optional.empty(), 1),
                () -> ledger.page(ClaimQuery.all(), null, 1),
                () -> ledger.page(ClaimQuery.all(), Optional.empty(), 0),
                () -> ledger.page(ClaimQuery.all(), Optional.empty(), 10_001),
                () -> ledger.claims(null),
                () -> ledger.explain(null),
                () -> ledger.history(null, Instant.EPOCH, Instant.EPOCH, 1),
                () -> ledger.history(port(1), null, Instant.EPOCH, 1),
                () -> ledger.history(port(1), Instant.EPOCH, null, 1),
                () -> ledger.history(port(1), Instant.EPOCH, Instant.EPOCH, 0),
                () -> ledger.tombstone(null),
                () -> ledger.prune(null),
                () -> ledger.markForeign(null, "", MINUTE),
                () -> ledger.markForeign(port(1), "", null),
                () -> ledger.unblock(null));
        calls.forEach(BadInputTest::refuses);
        assertThat(counted.calls()).isZero();
    }

    @Test
    void nullIsRefusedByTheBuilder() {
        refuses(() -> ResourceLedger.on(null));
        refuses(() -> ResourceLedger.builder((LedgerStore) null));
        refuses(() -> ResourceLedger.inMemory((Clock) null));
        var world = new World();
        refuses(() -> ResourceLedger.builder(world.memory).clock(null));
        refuses(() -> ResourceLedger.builder(world.memory).listener((LedgerListener) null));
        refuses(() -> ResourceLedger.builder(world.memory).random((RandomGenerator) null));
    }

    @Test
    void aTokenOfNothingIsStaleOrGoneNotABug() {
        var world = new World();
        assertThat(world.ledger.release(SOME)).isFalse();
        assertThat(world.ledger.abandon(ATTEMPT)).isFalse();
        for (Executable call : List.<Executable>of(
                () -> world.ledger.renew(SOME, MINUTE),
                () -> world.ledger.stop(SOME),
                () -> world.ledger.fail(SOME, ""),
                () -> world.ledger.confirm(SOME, "a"),
                () -> world.ledger.relabel(SOME, Map.of("a", "b"), Set.of()),
                () -> world.ledger.shrink(SOME, "a"),
                () -> world.ledger.reassign(SOME, Reassignment.of("a", port(1))),
                () -> world.ledger.attempt(SOME, NODE, MINUTE),
                () -> world.ledger.activate(ATTEMPT, "i"),
                () -> world.ledger.fail(ATTEMPT, ""),
                () -> world.ledger.renew(ATTEMPT, MINUTE))) {
            assertThatThrownBy(call::execute)
                    .isInstanceOf(StaleTokenException.class)
                    .hasMessageContaining("gone");
        }
    }

    /** A secret has no place in a message, but what was given is shown so that it can be found: cut and escaped. */
    @Test
    void aRefusalShowsWhatWasGivenCutAndEscaped() {
        assertThatThrownBy(() -> Owner.of("a\u0000b" + bytes(500), "x"))
                .hasMessageContaining("a\\u0000b")
                .satisfies(refused -> assertThat(refused.getMessage().length()).isLessThan(300));
    }

    @Test
    void declineRefusesNullsAndBadSpansBeforeItReads() {
        try (var ledger = ResourceLedger.inMemory()) {
            var nullPart = new HashSet<>(Arrays.asList((String) null));
            var nullResource = new HashSet<>(Arrays.asList((Resource) null));
            refuses(() -> ledger.decline(SOME, nullPart, Set.of(), "", MINUTE));
            refuses(() -> ledger.decline(SOME, Set.of("p"), nullResource, "", MINUTE));
            refuses(() -> ledger.decline(SOME, Set.of("p"), Set.of(), "", Duration.ZERO));
        }
    }
}
