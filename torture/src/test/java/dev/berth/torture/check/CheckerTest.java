package dev.berth.torture.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Token;
import dev.berth.torture.check.Violation.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Each violation, planted in a history in which all is well, is found, and nothing else is; and what is allowed is not. */
class CheckerTest {
    private static final String PORT = "tcp-port:node-1:5000";
    private static final String OTHER_PORT = "tcp-port:node-1:5001";
    private static final String EXTRA = "tcp-port:node-1:8000";
    private static final Duration LEASE = Duration.ofSeconds(2);

    private final Story story = new Story();
    private final UUID one = UUID.randomUUID();
    private final UUID two = UUID.randomUUID();

    // ------------------------------------------------------------------ what is well

    @Test
    void whatIsWellIsLeftAlone() {
        lives();
        assertThat(story.check()).isEmpty();
    }

    /** A port goes from one to the other, a claim grows and shrinks, an instance comes and goes. */
    private void lives() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.call("w0", Deed.EXTEND, "lab:a", 120, 130, holding(one, 2, PORT, EXTRA));
        story.naming("w0", Deed.SHRINK, "lab:a", new Token(one, 2), 140, 150, holding(one, 3, PORT));
        story.call("w1", Deed.FIND, "lab:a", 155, 158, holding(one, 3, PORT));
        story.naming("w0", Deed.RELEASE, "lab:a", new Token(one, 3), 160, 170, null);
        story.call("w1", Deed.CLAIM, "lab:b", 162, 168, holding(two, 1, PORT));
        story.left("lab:b", ClaimState.RESERVED, holding(two, 1, PORT));
        story.runs("i-1", "lab:c", 200, 300);
        story.runs("i-2", "lab:c", 300, Operation.NEVER);
        UUID instance = UUID.randomUUID();
        story.left(
                "lab:c",
                ClaimState.ACTIVE,
                new Seen(new Token(instance, 5), Map.of("instance:node-1:i-2", "instance")));
        story.there("i-2", instance, "lab:c", true);
        story.gone("i-1", 1_000);
    }

    @Test
    void aLeasedHoldMayEndWhenItsLeaseHasRunOut() {
        long late = LEASE.toNanos() + 200;
        story.leased("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.call("w1", Deed.CLAIM, "lab:b", late, late + 10, holding(two, 1, PORT));
        story.left("lab:b", ClaimState.RESERVED, holding(two, 1, PORT));
        assertThat(story.check()).isEmpty();
    }

    @Test
    void aReleaseOfUnknownOutcomeMayHaveHappenedAtAnyTime() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.dies("w0", Deed.RELEASE, "lab:a", new Token(one, 1), 120);
        story.call("w1", Deed.CLAIM, "lab:b", 500, 510, holding(two, 1, PORT));
        story.left("lab:b", ClaimState.RESERVED, holding(two, 1, PORT));
        assertThat(story.check()).isEmpty();
    }

    @Test
    void whatOverlapsOnlyInTheDoubtfulPartsIsLeftAlone() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.naming("w0", Deed.RELEASE, "lab:a", new Token(one, 1), 150, 300, null);
        story.call("w1", Deed.CLAIM, "lab:b", 140, 160, holding(two, 1, PORT));
        story.left("lab:b", ClaimState.RESERVED, holding(two, 1, PORT));
        assertThat(story.check()).isEmpty();
    }

    // ------------------------------------------------------------------ held twice

    @Test
    void oneResourceHeldByTwoAtOnceIsFound() {
        lives();
        UUID third = UUID.randomUUID();
        story.call("w2", Deed.CLAIM, "lab:x", 180, 190, holding(third, 1, PORT));
        story.left("lab:x", ClaimState.RESERVED, holding(third, 1, OTHER_PORT));
        assertThat(story.kinds()).containsOnly(Kind.HELD_TWICE, Kind.LOST);
        assertThat(story.only(Kind.HELD_TWICE).proof()).hasSize(4).allMatch(line -> line.startsWith("w"));
    }

    @Test
    void aHoldThatASecondOneSawWithinAnothersIsFound() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        // It is released at once, perhaps before the call has returned; but somewhere between it was held.
        story.call("w1", Deed.CLAIM, "lab:b", 200, 220, holding(two, 1, PORT));
        story.naming("w2", Deed.RELEASE, "lab:b", new Token(two, 1), 210, 230, null);
        story.left("lab:a", ClaimState.RESERVED, holding(one, 1, PORT));
        assertThat(story.kinds()).containsExactly(Kind.HELD_TWICE);
    }

    @Test
    void aLeasedHoldIsHeldUntilItsLeaseMayHaveRunOut() {
        story.leased("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        long later = LEASE.toNanos() / 2;
        story.call("w1", Deed.CLAIM, "lab:b", later, later + 10, holding(two, 1, PORT));
        story.left("lab:b", ClaimState.RESERVED, holding(two, 1, PORT));
        assertThat(story.kinds()).containsExactly(Kind.HELD_TWICE);
    }

    @Test
    void aRenewedHoldIsHeldFromItsFirstWordToItsLast() {
        long later = 5 * LEASE.toNanos();
        story.leased("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.naming("w0", Deed.RENEW, "lab:a", new Token(one, 1), later, later + 10, holding(one, 1, PORT));
        // The lease had run out by then, but whoever is renewed was not robbed meanwhile.
        story.call("w1", Deed.CLAIM, "lab:b", later / 2, later / 2 + 10, holding(two, 1, PORT));
        story.naming("w1", Deed.RELEASE, "lab:b", new Token(two, 1), later / 2 + 100, later / 2 + 110, null);
        assertThat(story.kinds()).containsExactly(Kind.HELD_TWICE);
    }

    @Test
    void twoClaimsOfOneOwnerAreFound() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.call("w1", Deed.CLAIM, "lab:a", 120, 130, holding(two, 1, OTHER_PORT));
        story.naming("w1", Deed.RELEASE, "lab:a", new Token(two, 1), 140, 150, null);
        story.left("lab:a", ClaimState.RESERVED, holding(one, 1, PORT));
        assertThat(story.kinds()).containsExactly(Kind.TWO_CLAIMS);
    }

    // ------------------------------------------------------------------ lost

    @Test
    void anAcknowledgedClaimThatIsNotThereInTheEndIsFound() {
        lives();
        story.call("w2", Deed.CLAIM, "lab:x", 180, 190, holding(UUID.randomUUID(), 1, OTHER_PORT));
        assertThat(story.kinds()).containsExactly(Kind.LOST);
        assertThat(story.only(Kind.LOST).proof()).anyMatch(line -> line.contains("lab:x"));
    }

    @Test
    void anAcknowledgedClaimThatItsOwnerDoesNotFindIsFound() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.nothing("w1", Deed.FIND, "lab:a", 120, 130);
        story.left("lab:a", ClaimState.RESERVED, holding(one, 1, PORT));
        assertThat(story.kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void anAcknowledgedClaimThatIsGoneForItsHolderIsFound() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.refused("w0", Deed.SHRINK, "lab:a", new Token(one, 1), 120, "StaleTokenException gone");
        story.left("lab:a", ClaimState.RESERVED, holding(one, 1, PORT));
        assertThat(story.kinds()).containsExactly(Kind.LOST);
    }

    @Test
    void anAcknowledgedChangeThatIsUndoneIsFound() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.call("w0", Deed.EXTEND, "lab:a", 120, 130, holding(one, 2, PORT, EXTRA));
        story.call("w1", Deed.FIND, "lab:a", 140, 150, holding(one, 1, PORT));
        story.left("lab:a", ClaimState.RESERVED, holding(one, 2, PORT, EXTRA));
        assertThat(story.kinds()).containsExactly(Kind.LOST);
    }

    // ------------------------------------------------------------------ tokens

    @Test
    void aTokenThatIsToldInTwoWaysIsFound() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.call("w1", Deed.CLAIM, "lab:a", 105, 115, holding(one, 1, PORT, EXTRA));
        story.left("lab:a", ClaimState.RESERVED, holding(one, 1, PORT, EXTRA));
        assertThat(story.kinds()).containsExactly(Kind.TOLD_DIFFERENTLY);
    }

    @Test
    void anOldTokenThatIsTakenIsFound() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.call("w1", Deed.EXTEND, "lab:a", 120, 130, holding(one, 2, PORT, EXTRA));
        story.naming("w0", Deed.RELEASE, "lab:a", new Token(one, 1), 140, 150, null);
        story.left("lab:a", ClaimState.RESERVED, holding(one, 2, PORT, EXTRA));
        assertThat(story.kinds()).containsExactly(Kind.OLD_TOKEN_TAKEN);
    }

    @Test
    void aClaimThatIsReleasedTwiceIsFound() {
        story.call("w0", Deed.CLAIM, "lab:a", 100, 110, holding(one, 1, PORT));
        story.naming("w0", Deed.RELEASE, "lab:a", new Token(one, 1), 120, 130, null);
        story.naming("w1", Deed.RELEASE, "lab:a", new Token(one, 1), 135, 145, null);
        assertThat(story.kinds()).containsExactly(Kind.RELEASED_TWICE);
    }

    // ------------------------------------------------------------------ instances, and the end

    @Test
    void twoInstancesOfOneOwnerAreFound() {
        lives();
        story.runs("i-3", "lab:c", 250, 400);
        assertThat(story.kinds()).containsOnly(Kind.TWO_INSTANCES);
    }

    @Test
    void aLivingInstanceWhoseClaimWasReapedIsFound() {
        lives();
        story.reaped("lab:d", "i-4", 2_000);
        story.gone("i-4", 3_000);
        assertThat(story.kinds()).containsExactly(Kind.LIVING_REAPED);
    }

    @Test
    void anInstanceThatWasGoneBeforeItsClaimWasReapedIsLeftAlone() {
        lives();
        story.reaped("lab:d", "i-4", 2_000);
        story.gone("i-4", 1_000);
        assertThat(story.check()).isEmpty();
    }

    @Test
    void aGhostThatIsLeftIsFound() {
        lives();
        story.left(
                "lab:d",
                ClaimState.ACTIVE,
                new Seen(new Token(UUID.randomUUID(), 5), Map.of("instance:node-1:i-9", "instance")));
        assertThat(story.kinds()).containsExactly(Kind.LEAK);
    }

    @Test
    void aDeadAttemptThatIsLeftIsFound() {
        lives();
        story.left("lab:d", ClaimState.PENDING, holding(UUID.randomUUID(), 1, OTHER_PORT));
        assertThat(story.kinds()).containsExactly(Kind.LEAK);
    }

    @Test
    void anInstanceThatNoClaimHasIsFound() {
        lives();
        story.there("i-7", UUID.randomUUID(), "lab:d", false);
        assertThat(story.kinds()).containsExactly(Kind.LEAK);
    }

    @Test
    void aStoppedInstanceOfAnActiveClaimIsFound() {
        UUID claim = UUID.randomUUID();
        story.left(
                "lab:c", ClaimState.ACTIVE, new Seen(new Token(claim, 5), Map.of("instance:node-1:i-2", "instance")));
        story.there("i-2", claim, "lab:c", false);
        assertThat(story.kinds()).containsExactly(Kind.UNEQUAL);
    }

    @Test
    void anErrorThatNobodyShouldSeeIsFound() {
        lives();
        story.refused("w0", Deed.FIND, "lab:a", null, 500, "DataAccessException");
        assertThat(story.kinds()).containsExactly(Kind.FORBIDDEN_ERROR);
    }

    @Test
    void aLedgerThatDisagreesWithItselfIsFound() {
        lives();
        story.broken.add("a claim is paged twice");
        assertThat(story.kinds()).containsExactly(Kind.BROKEN_LEDGER);
    }

    // ------------------------------------------------------------------ how it is told

    private static Seen holding(UUID claim, long revision, String... resources) {
        Map<String, String> held = new TreeMap<>();
        for (String resource : resources) {
            held.put(resource, resource.equals(EXTRA) ? "extra" : "port");
        }
        return new Seen(new Token(claim, revision), held);
    }

    /** A history, written and read as a worker's is. */
    private static final class Story {
        private final Map<String, List<String>> lines = new HashMap<>();
        private final List<Ran> ran = new ArrayList<>();
        private final List<EndState.Left> left = new ArrayList<>();
        private final List<EndState.Stone> stones = new ArrayList<>();
        private final List<EndState.Thing> things = new ArrayList<>();
        private final Map<String, Instant> removed = new HashMap<>();
        private final List<String> broken = new ArrayList<>();
        private long number;

        void call(String process, Deed deed, String owner, long begun, long ended, Seen seen) {
            write(process, deed, owner, Optional.empty(), Optional.empty(), begun);
            answer(process, ended, Answer.OK, "", Optional.of(seen));
        }

        void leased(String process, Deed deed, String owner, long begun, long ended, Seen seen) {
            write(process, deed, owner, Optional.empty(), Optional.of(LEASE), begun);
            answer(process, ended, Answer.OK, "", Optional.of(seen));
        }

        void naming(String process, Deed deed, String owner, Token token, long begun, long ended, Seen seen) {
            Optional<Duration> lease = deed == Deed.RENEW ? Optional.of(LEASE) : Optional.empty();
            write(process, deed, owner, Optional.of(token), lease, begun);
            answer(process, ended, Answer.OK, "", Optional.ofNullable(seen));
        }

        void nothing(String process, Deed deed, String owner, long begun, long ended) {
            write(process, deed, owner, Optional.empty(), Optional.empty(), begun);
            answer(process, ended, Answer.NOTHING, "", Optional.empty());
        }

        void refused(String process, Deed deed, String owner, Token token, long begun, String type) {
            write(process, deed, owner, Optional.ofNullable(token), Optional.empty(), begun);
            answer(process, begun + 5, Answer.REFUSED, type, Optional.empty());
        }

        /** The process does not live to hear. */
        void dies(String process, Deed deed, String owner, Token token, long begun) {
            write(process, deed, owner, Optional.of(token), Optional.empty(), begun);
        }

        private void write(
                String process, Deed deed, String owner, Optional<Token> token, Optional<Duration> lease, long begun) {
            Optional<String> part =
                    deed == Deed.SHRINK || deed == Deed.EXTEND ? Optional.of("extra") : Optional.empty();
            of(process).add(Lines.intent(++number, begun, deed, owner, token, part, lease));
        }

        private void answer(String process, long ended, Answer answer, String type, Optional<Seen> seen) {
            of(process).add(Lines.outcome(number, ended, answer, type, seen));
        }

        private List<String> of(String process) {
            return lines.computeIfAbsent(process, any -> new ArrayList<>());
        }

        void runs(String instance, String owner, long from, long to) {
            ran.add(new Ran(instance, owner, from, to));
        }

        void left(String owner, ClaimState state, Seen seen) {
            left.add(new EndState.Left(owner, state, false, seen));
        }

        void there(String id, UUID claim, String owner, boolean running) {
            things.add(new EndState.Thing(id, Optional.of(claim), owner, running));
        }

        void gone(String id, long at) {
            removed.put(id, Instant.ofEpochMilli(at));
        }

        void reaped(String owner, String instance, long at) {
            stones.add(new EndState.Stone(
                    UUID.randomUUID(), owner, Optional.of(instance), Instant.ofEpochMilli(at), true));
        }

        List<Violation> check() {
            List<Operation> operations = new ArrayList<>();
            lines.forEach((process, said) -> operations.addAll(Lines.read(process, said)));
            long end = LEASE.toNanos() * 100;
            var state = new EndState(end, left, left, stones, things, removed, broken);
            return Checker.check(new History(operations, ran, Map.of("w0", end), state));
        }

        Set<Kind> kinds() {
            return Set.copyOf(check().stream().map(Violation::kind).toList());
        }

        Violation only(Kind kind) {
            List<Violation> found =
                    check().stream().filter(one -> one.kind() == kind).toList();
            assertThat(found).hasSize(1);
            return found.get(0);
        }
    }
}
