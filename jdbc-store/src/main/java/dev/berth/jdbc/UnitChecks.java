package dev.berth.jdbc;

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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Compares what one unit expects with what was read, and asks the clock only where the answer goes by it. */
final class UnitChecks {
    private final UnitReads reads;
    private final Supplier<Instant> clock;
    private final Set<Resource> freed = new HashSet<>();
    private final Set<Owner> freedOwners = new HashSet<>();

    UnitChecks(UnitReads reads, Supplier<Instant> clock) {
        this.reads = reads;
        this.clock = clock;
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
            Token expected = write.seen().orElse(null);
            if (expected == null) {
                continue;
            }
            Claim claim = reads.claim(write.claim());
            if (claim != null) {
                Commit.Freed one = write.freed(claim);
                freed.addAll(one.resources());
                one.owner().ifPresent(freedOwners::add);
            }
            checkToken(expected, claim, write.guard(), violations);
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
        } else if (guard != Commit.Guard.NONE && !guard.holds(new Snapshot(claim, clock.get()))) {
            violations.add(new Violation.NotLapsed(expected));
        }
    }

    private void checkOwnerAndTakes(Commit.ClaimWrite write, List<Violation> violations) {
        Owner owner = write.claimant().orElse(null);
        if (owner == null) {
            return;
        }
        Token present = reads.held(owner);
        boolean own =
                present != null && write.seen().isPresent() && present.claim().equals(write.claim());
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

    private void checkRecord(String name, long expected, List<Violation> violations) {
        long version = RecordRows.version(reads.record(name), clock);
        if (version != expected) {
            violations.add(new Violation.RecordMoved(name, expected, version));
        }
    }
}
