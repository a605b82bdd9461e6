package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a unit of work expects with what is stored. The caller's transaction has the only right to write, so
 * what was found here is still true when the unit is carried out.
 */
final class CommitChecks {
    private final ClaimRows claims;
    private final ResourceRows resources;
    private final RecordRows records;

    /** What was found: the claims before the unit, and every expectation that does not hold. */
    record Findings(Map<UUID, Claim> before, List<Violation> violations) {}

    CommitChecks(ClaimRows claims, ResourceRows resources, RecordRows records) {
        this.claims = claims;
        this.resources = resources;
        this.records = records;
    }

    Findings check(Session session, Commit unit) throws SQLException {
        Map<UUID, Claim> before = new HashMap<>();
        List<Violation> violations = new ArrayList<>();
        Set<Resource> freed = new HashSet<>();
        Set<Owner> freedOwners = new HashSet<>();
        for (Commit.ClaimWrite write : unit.claims()) {
            Token expected = expected(write);
            if (expected == null) {
                continue;
            }
            Claim claim = claims.find(session, write.claim()).orElse(null);
            if (claim != null) {
                before.put(claim.id(), claim);
                collectFreed(claim, write, freed, freedOwners);
            }
            checkToken(expected, claim, guard(write), session, violations);
        }
        for (Commit.ClaimWrite write : unit.claims()) {
            checkOwnerAndTakes(session, write, freed, freedOwners, violations);
        }
        for (Commit.BlockWrite write : unit.blocks()) {
            if (write instanceof Commit.PutBlock
                    && !freed.contains(write.resource())
                    && resources.occupant(session, write.resource()).orElse(null) instanceof Occupant.Holder holder) {
                violations.add(new Violation.Occupied(holder));
            }
        }
        for (Commit.RecordWrite write : unit.records()) {
            checkRecord(session, write.name(), write.expected(), violations);
        }
        for (Commit.Fence fence : unit.fences()) {
            checkRecord(session, fence.name(), fence.version(), violations);
        }
        return new Findings(before, violations);
    }

    private static void checkToken(
            Token expected, @Nullable Claim claim, Commit.Guard guard, Session session, List<Violation> violations) {
        if (claim == null || !claim.token().equals(expected)) {
            violations.add(
                    new Violation.Stale(expected, Optional.ofNullable(claim).map(Claim::token)));
        } else if (!guard.holds(new Snapshot(claim, session.at()))) {
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
    private static void collectFreed(
            Claim claim, Commit.ClaimWrite write, Set<Resource> freed, Set<Owner> freedOwners) {
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

    private void checkOwnerAndTakes(
            Session session,
            Commit.ClaimWrite write,
            Set<Resource> freed,
            Set<Owner> freedOwners,
            List<Violation> violations)
            throws SQLException {
        Owner owner = owner(write);
        if (owner == null) {
            return;
        }
        Token present = claims.token(session, owner).orElse(null);
        boolean own = present != null
                && write instanceof Commit.Change
                && present.claim().equals(write.claim());
        if (present != null && !own && !freedOwners.contains(owner)) {
            violations.add(new Violation.OwnerClaimed(owner, present));
        }
        for (Commit.Take take : write.taken()) {
            Optional<Occupant> occupant =
                    freed.contains(take.resource()) ? Optional.empty() : resources.occupant(session, take.resource());
            if (occupant.isPresent() && !(occupant.get() instanceof Occupant.Block block && block.lets(owner))) {
                violations.add(new Violation.Occupied(occupant.get()));
            }
        }
    }

    private static @Nullable Owner owner(Commit.ClaimWrite write) {
        if (write instanceof Commit.Create create) {
            return create.owner();
        }
        return write instanceof Commit.Change change ? change.owner() : null;
    }

    private void checkRecord(Session session, String name, long expected, List<Violation> violations)
            throws SQLException {
        long version = records.current(session, name).map(LedgerRecord::version).orElse(0L);
        if (version != expected) {
            violations.add(new Violation.RecordMoved(name, expected, version));
        }
    }
}
