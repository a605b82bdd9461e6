package dev.berth.jdbc;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Carries out units of work in one transaction, as if one after the other. Units that do not touch each other are read,
 * checked and written together, so that their number costs no round trips.
 */
final class LockingCommits {
    /** So much is read and written by one statement of each kind: within what servers take of values and bytes. */
    private static final int MOST_AT_ONCE = 5_000;

    private final ClaimRows claims;
    private final ResourceRows resources;
    private final RecordRows records;
    private final UnitWrites writes;

    LockingCommits(ClaimRows claims, ResourceRows resources, RecordRows records, HistoryRows history) {
        this.claims = claims;
        this.resources = resources;
        this.records = records;
        this.writes = new UnitWrites(claims, resources, records, history);
    }

    /** Carries out the units, and tells the hints what came and went. */
    List<CommitResult> run(Session session, List<Commit> units, FreeHints.News news) throws SQLException {
        List<CommitResult> results = new ArrayList<>(units.size());
        while (results.size() < units.size()) {
            List<Commit> apart = apart(units.subList(results.size(), units.size()));
            results.addAll(together(session, apart, news));
        }
        return List.copyOf(results);
    }

    /** The first of the units that write nothing which another of them writes or expects, and not too many of them. */
    private static List<Commit> apart(List<Commit> units) {
        Set<Object> written = new HashSet<>();
        Set<Object> fenced = new HashSet<>();
        for (int i = 0; i < units.size(); i++) {
            Commit unit = units.get(i);
            Set<Object> own = written(unit);
            if (i > 0 && written.size() + own.size() > MOST_AT_ONCE) {
                return units.subList(0, i);
            }
            List<RecordName> fences = unit.fences().stream()
                    .map(fence -> new RecordName(fence.name()))
                    .toList();
            if (own.stream().anyMatch(one -> written.contains(one) || fenced.contains(one))
                    || fences.stream().anyMatch(written::contains)) {
                return units.subList(0, i);
            }
            written.addAll(own);
            fenced.addAll(fences);
        }
        return units;
    }

    private record RecordName(String name) {}

    private static Set<Object> written(Commit unit) {
        Set<Object> written = new HashSet<>();
        for (Commit.ClaimWrite write : unit.claims()) {
            written.add(write.claim());
            if (write instanceof Commit.Create create) {
                written.add(create.owner());
            } else if (write instanceof Commit.Change change) {
                written.add(change.owner());
            }
            write.taken().forEach(take -> written.add(take.resource()));
        }
        unit.blocks().forEach(write -> written.add(write.resource()));
        unit.records().forEach(write -> written.add(new RecordName(write.name())));
        return written;
    }

    /**
     * Carries out units that are apart, up to one that needs what an earlier one gives back, or meets what it changes:
     * that is known only now.
     */
    private List<CommitResult> together(Session session, List<Commit> units, FreeHints.News news) throws SQLException {
        UnitReads reads = UnitReads.of(session, units, claims, resources, records);
        var doings = new Doings(reads);
        List<List<Violation>> found = new ArrayList<>();
        List<Commit> done = new ArrayList<>();
        for (Commit unit : units) {
            if (doings.concern(unit)) {
                break;
            }
            var checks = new UnitChecks(reads, session::at);
            List<Violation> violations = checks.check(unit);
            found.add(violations);
            if (violations.isEmpty()) {
                done.add(unit);
                doings.add(unit, checks);
            } else {
                news.refused(violations);
            }
        }
        List<Map<String, Long>> versions = carryOut(session, done, reads);
        news.gone(doings.freed);
        done.forEach(news::done);
        List<CommitResult> results = new ArrayList<>();
        int next = 0;
        for (List<Violation> violations : found) {
            results.add(
                    violations.isEmpty()
                            ? new CommitResult.Done(session.at(), versions.get(next++))
                            : new CommitResult.Refused(violations));
        }
        return results;
    }

    /** Carries out units whose expectations hold, and returns for each the new versions of the records that it puts. */
    private List<Map<String, Long>> carryOut(Session session, List<Commit> units, UnitReads reads) throws SQLException {
        if (units.isEmpty()) {
            return List.of();
        }
        boolean taken = writes.giveAndTake(session, units, reads);
        if (session.dialect().locksRows() && (taken || !reads.isTimed())) {
            // What is taken may have been held until just now: the unique key was waited for.
            session.readClock();
            if (reads.isTimed()) {
                checkAgain(session, units, reads);
            }
        }
        return writes.tell(session, units, reads);
    }

    /** A fence may have run out while a unique key was waited for. */
    private static void checkAgain(Session session, List<Commit> units, UnitReads reads) throws SQLException {
        for (Commit unit : units) {
            if (!new UnitChecks(reads, session::at).check(unit).isEmpty()) {
                throw Session.lostRace("what a unit expects has ended while it waited");
            }
        }
    }

    /** What units of this run have done so far: what they read was as it was before. */
    private static final class Doings {
        private final UnitReads reads;
        private final Set<Resource> freed = new HashSet<>();
        private final Set<Owner> freedOwners = new HashSet<>();
        private final Set<UUID> changed = new HashSet<>();

        Doings(UnitReads reads) {
            this.reads = reads;
        }

        void add(Commit unit, UnitChecks checks) {
            freed.addAll(checks.freed());
            freedOwners.addAll(checks.freedOwners());
            unit.claims().forEach(write -> changed.add(write.claim()));
        }

        /** Whether a unit wants what was given back, or would be told of a claim as it was before. */
        boolean concern(Commit unit) {
            for (Commit.ClaimWrite write : unit.claims()) {
                if (write.claimant().filter(this::concern).isPresent()
                        || write.taken().stream().anyMatch(take -> concern(take.resource()))) {
                    return true;
                }
            }
            return unit.blocks().stream().anyMatch(block -> concern(block.resource()));
        }

        private boolean concern(Owner owner) {
            Token held = reads.held(owner);
            return freedOwners.contains(owner) || (held != null && changed.contains(held.claim()));
        }

        private boolean concern(Resource resource) {
            return freed.contains(resource)
                    || (reads.occupant(resource) instanceof Occupant.Holder holder
                            && changed.contains(holder.token().claim()));
        }
    }
}
