package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares what one unit expects with what was read. */
final class UnitChecks {
    private final UnitReads reads;
    private final Instant at;
    private final Set<Resource> freed = new HashSet<>();
    private final Set<Owner> freedOwners = new HashSet<>();

    UnitChecks(UnitReads reads, Instant at) {
        this.reads = reads;
        this.at = at;
    }

    /** The resources that the unit gives back, once it was checked. */
    Set<Resource> freed() {
        return freed;
    }

    /** The owners whose claims the unit ends or renames, once it was checked. */
    Set<Owner> freedOwners() {
        return freedOwners;
    }

    /** Finds every expectation that does not hold. */
    List<Violation> check(Commit unit) {
        List<Violation> violations = new ArrayList<>();
        for (Commit.ClaimWrite write : unit.claims()) {
            Token expected = expected(write);
            if (expected == null) {
                continue;
            }
            Claim claim = reads.claim(write.claim());
            if (claim != null) {
                collectFreed(claim, write);
            }
            checkToken(expected, claim, guard(write), violations);
        }
        for (Commit.ClaimWrite write : unit.claims()) {
            checkOwnerAndTakes(write, violations);
        }
        for (Commit.BlockWrite write : unit.blocks()) {
            if (write instanceof Commit.PutBlock
                    && !freed.contains(write.resource())
                    && reads.occupant(write.resource()) instanceof Occupant.Holder holder) {
                violations.add(new Violation.Occupied(holder));
            }
        }
        unit.records().forEach(write -> checkRecord(write.name(), write.expected(), violations));
        unit.fences().forEach(fence -> checkRecord(fence.name(), fence.version(), violations));
        return violations;
    }

    private void checkToken(Token expected, @Nullable Claim claim, Commit.Guard guard, List<Violation> violations) {
        if (claim == null || !claim.token().equals(expected)) {
            violations.add(
                    new Violation.Stale(expected, Optional.ofNullable(claim).map(Claim::token)));
        } else if (!guard.holds(new Snapshot(claim, at))) {
            violations.add(new Violation.NotLapsed(expected));
        }
    }

    private static @Nullable Token expected(Commit.ClaimWrite write) {
        if (write instanceof Commit.Change change) {
            return change.expected();
        }
        if (write instanceof Commit.Touch touch) {
            return touch.expected();
        }
        return write instanceof Commit.Release release ? release.expected() : null;
    }

    private static Commit.Guard guard(Commit.ClaimWrite write) {
        if (write instanceof Commit.Change change) {
            return change.guard();
        }
        return write instanceof Commit.Release release ? release.guard() : Commit.Guard.NONE;
    }

    /** Collects what the write gives back: it counts as free for what the unit takes. */
    private void collectFreed(Claim claim, Commit.ClaimWrite write) {
        if (write instanceof Commit.Change change) {
            Set<Resource> held = held(claim);
            for (Commit.Give give : change.gives()) {
                if (held.contains(give.resource())) {
                    freed.add(give.resource());
                } else if (claim.token().equals(change.expected())) {
                    throw InvalidInputException.of("commit", give.resource(), "to give back what the claim holds");
                }
            }
            if (!change.owner().equals(claim.owner())) {
                freedOwners.add(claim.owner());
            }
        } else if (write instanceof Commit.Release) {
            freed.addAll(held(claim));
            freedOwners.add(claim.owner());
        }
    }

    private static Set<Resource> held(Claim claim) {
        Set<Resource> held = new HashSet<>();
        claim.holdings().forEach(holding -> held.add(holding.resource()));
        return held;
    }

    private void checkOwnerAndTakes(Commit.ClaimWrite write, List<Violation> violations) {
        Owner owner = owner(write);
        if (owner == null) {
            return;
        }
        Token present = reads.held(owner);
        boolean own = present != null
                && write instanceof Commit.Change
                && present.claim().equals(write.claim());
        if (present != null && !own && !freedOwners.contains(owner)) {
            violations.add(new Violation.OwnerClaimed(owner, present));
        }
        for (Commit.Take take : write.taken()) {
            Occupant occupant = freed.contains(take.resource()) ? null : reads.occupant(take.resource());
            if (occupant != null && !(occupant instanceof Occupant.Block block && block.lets(owner))) {
                violations.add(new Violation.Occupied(occupant));
            }
        }
    }

    private static @Nullable Owner owner(Commit.ClaimWrite write) {
        if (write instanceof Commit.Create create) {
            return create.owner();
        }
        return write instanceof Commit.Change change ? change.owner() : null;
    }

    private void checkRecord(String name, long expected, List<Violation> violations) {
        long version = RecordRows.version(reads.record(name), at);
        if (version != expected) {
            violations.add(new Violation.RecordMoved(name, expected, version));
        }
    }
}
