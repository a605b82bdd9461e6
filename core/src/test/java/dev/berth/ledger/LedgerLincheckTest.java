package dev.berth.ledger;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What threads see of one ledger can be put in one order that each of them could have seen alone. Answers are given
 * without ids and without candidates' order, which are the ledger's own business: a loser may get another free number.
 */
public class LedgerLincheckTest {
    private final ResourceLedger ledger = ResourceLedger.on(
            new MemoryLedgerStore(Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC), new UUID(1, 1)));

    private static Owner owner(int number) {
        return Owner.of("t", "o" + number);
    }

    private static Resource resource(int number) {
        return ResourceKind.TCP_PORT.in(Scope.GLOBAL, number + 1);
    }

    /** Fixed: granted, or refused with the owners in the way. */
    @Operation
    public String claim(
            @Param(gen = IntGen.class, conf = "0:1") int owner, @Param(gen = IntGen.class, conf = "0:1") int resource) {
        return told(ledger.tryClaim(ClaimRequest.by(owner(owner)).fixed("p" + resource, resource(resource))));
    }

    @Operation
    public String claimBoth(@Param(gen = IntGen.class, conf = "0:1") int owner) {
        return told(ledger.tryClaim(
                ClaimRequest.by(owner(owner)).fixed("p0", resource(0)).fixed("p1", resource(1))));
    }

    /**
     * Paths that overlap, so that the guard is in play. What a refusal names is read in several steps, each true when it
     * was read; that there is one is the answer of one instant.
     */
    @Operation
    public String claimPath(
            @Param(gen = IntGen.class, conf = "0:1") int owner, @Param(gen = IntGen.class, conf = "0:1") int depth) {
        ClaimOutcome outcome = ledger.tryClaim(ClaimRequest.by(owner(owner))
                .fixed("path" + depth, ResourceKind.PROXY_PREFIX.in(Scope.GLOBAL, depth == 0 ? "/a" : "/a/b")));
        return outcome instanceof ClaimOutcome.Granted ? told(outcome) : "refused";
    }

    private static String told(ClaimOutcome outcome) {
        if (outcome instanceof ClaimOutcome.Granted granted) {
            return "granted " + granted.acquired().stream().sorted().toList() + " of " + holdings(granted.claim());
        }
        return "refused by "
                + ((ClaimOutcome.Refused) outcome)
                        .refusal().obstacles().stream()
                                .map(LedgerLincheckTest::blamed)
                                .sorted()
                                .collect(Collectors.joining(", "));
    }

    private static String blamed(Obstacle obstacle) {
        Occupant occupant = ((Obstacle.Taken) obstacle).occupant();
        return ((Occupant.Holder) occupant).owner() + " on "
                + occupant.resource().value();
    }

    private static List<String> holdings(Claim claim) {
        return claim.holdings().stream()
                .filter(held -> !held.part().equals("chosen"))
                .map(held -> held.part() + "=" + held.resource().value())
                .toList();
    }

    /** A choice of two numbers, told by how many its owner now holds: which one is the ledger's business. */
    @Operation
    public String choose(@Param(gen = IntGen.class, conf = "0:2") int owner) {
        var candidates = new Candidates.Listed(
                List.of(
                        Map.of(Candidates.SOLE_ROLE, ResourceKind.UDP_PORT.in(Scope.GLOBAL, 1)),
                        Map.of(Candidates.SOLE_ROLE, ResourceKind.UDP_PORT.in(Scope.GLOBAL, 2))),
                "two");
        return ledger.tryClaim(ClaimRequest.by(owner(owner)).choose("chosen", any -> candidates))
                        instanceof ClaimOutcome.Granted
                ? "granted"
                : "exhausted";
    }

    /** Which of two numbers was chosen is not told here either. */
    @Operation
    public String find(@Param(gen = IntGen.class, conf = "0:1") int owner) {
        return ledger.find(owner(owner))
                .map(claim -> new TreeSet<>(claim.holdings().stream()
                                .filter(held -> !held.part().equals("chosen"))
                                .map(held -> held.resource().toString())
                                .toList())
                        .toString())
                .orElse("nothing");
    }

    @Operation
    public @Nullable String holder(@Param(gen = IntGen.class, conf = "0:1") int resource) {
        return ledger.holder(resource(resource))
                .map(claim -> claim.owner().toString())
                .orElse(null);
    }

    /** Releases whatever the owner holds; its commit is the instant at which it happens. */
    @Operation
    public boolean release(@Param(gen = IntGen.class, conf = "0:1") int owner) {
        while (true) {
            Optional<Claim> seen = ledger.find(owner(owner));
            if (seen.isEmpty()) {
                return false;
            }
            try {
                if (ledger.release(seen.get().token())) {
                    return true;
                }
            } catch (StaleTokenException movedOn) {
                // It was extended meanwhile: read again.
            }
        }
    }

    @Test
    void theLedgerIsLinearizable() {
        new StressOptions()
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(2)
                .iterations(20)
                .invocationsPerIteration(500)
                .check(LedgerLincheckTest.class);
    }

    @Test
    @Tag("deep")
    void theLedgerIsLinearizableForLong() {
        new StressOptions()
                .threads(3)
                .actorsPerThread(4)
                .actorsBefore(2)
                .actorsAfter(2)
                .iterations(100)
                .invocationsPerIteration(2_000)
                .check(LedgerLincheckTest.class);
    }
}
