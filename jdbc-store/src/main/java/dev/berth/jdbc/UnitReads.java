package dev.berth.jdbc;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Token;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the units of a transaction expect and touch, read so that it holds until the transaction ends, as far as a lock
 * can see to that: rows that are there are locked, in one order for all transactions. What is not there may still be made
 * by another; then a unique key is violated, and the whole transaction begins again.
 */
final class UnitReads {
    /** The order in which resources are locked, and taken. */
    static final Comparator<Resource> BY_KEY = Comparator.comparing(Resource::kind)
            .thenComparing(resource -> resource.scope().name())
            .thenComparing(Resource::value);

    private final Map<UUID, Claim> claims;
    private final Map<Owner, Token> owners;
    private final Map<Resource, ResourceRows.Seen> rows;
    private final Map<String, LedgerRecord> records;
    private final boolean timed;

    private UnitReads(
            Map<UUID, Claim> claims,
            Map<Owner, Token> owners,
            Map<Resource, ResourceRows.Seen> rows,
            Map<String, LedgerRecord> records,
            boolean timed) {
        this.claims = claims;
        this.owners = owners;
        this.rows = rows;
        this.records = records;
        this.timed = timed;
    }

    /** Locks and reads what the units touch, and the clock where something of that goes by it. */
    static UnitReads of(
            Session session, List<Commit> units, ClaimRows claims, ResourceRows resources, RecordRows records)
            throws SQLException {
        SortedSet<String> names = new TreeSet<>();
        Set<UUID> ids = new HashSet<>();
        SortedSet<Resource> wanted = new TreeSet<>(BY_KEY);
        for (Commit unit : units) {
            unit.records().forEach(write -> names.add(write.name()));
            unit.fences().forEach(fence -> names.add(fence.name()));
            for (Commit.ClaimWrite write : unit.claims()) {
                if (!(write instanceof Commit.Create)) {
                    ids.add(write.claim());
                }
                write.taken().forEach(take -> wanted.add(take.resource()));
            }
            unit.blocks().stream()
                    .filter(Commit.PutBlock.class::isInstance)
                    .forEach(write -> wanted.add(write.resource()));
        }
        Map<String, LedgerRecord> stored = records.locked(session, names);
        if (session.dialect().locksRows()) {
            claims.lock(session, ids);
        }
        Map<UUID, Claim> before = claims.find(session, ids);
        Map<Resource, ResourceRows.Seen> rows = rows(session, wanted, resources);
        Map<Owner, Token> held = claims.tokens(session, owners(units, before));
        boolean timed = goByTheClock(units, stored.values());
        if (timed && session.dialect().locksRows()) {
            session.readClock();
        }
        return new UnitReads(before, held, rows, stored, timed);
    }

    private static boolean goByTheClock(List<Commit> units, Collection<LedgerRecord> stored) {
        return stored.stream().anyMatch(record -> record.until().isPresent())
                || units.stream()
                        .flatMap(unit -> unit.claims().stream())
                        .anyMatch(write -> write.guard() != Commit.Guard.NONE);
    }

    /** Whether what the units expect goes by the clock, which was read for that. */
    boolean isTimed() {
        return timed;
    }

    /** Reads what is on resources; blocks, which are seldom there, are locked and read again. */
    private static Map<Resource, ResourceRows.Seen> rows(
            Session session, SortedSet<Resource> wanted, ResourceRows resources) throws SQLException {
        List<ResourceRows.Seen> seen = resources.rows(session, wanted);
        if (session.dialect().locksRows() && seen.stream().anyMatch(one -> one.occupant() instanceof Occupant.Block)) {
            resources.lockBlocks(session, wanted);
            seen = resources.rows(session, wanted);
        }
        Map<Resource, ResourceRows.Seen> rows = new HashMap<>();
        seen.forEach(one -> rows.put(one.occupant().resource(), one));
        return rows;
    }

    /** The owners that claims are to get. */
    private static Collection<Owner> owners(List<Commit> units, Map<UUID, Claim> before) {
        Set<Owner> owners = new HashSet<>();
        for (Commit unit : units) {
            for (Commit.ClaimWrite write : unit.claims()) {
                if (write instanceof Commit.Create create) {
                    owners.add(create.owner());
                } else if (write instanceof Commit.Change change) {
                    Claim claim = before.get(change.claim());
                    if (claim == null || !claim.owner().equals(change.owner())) {
                        owners.add(change.owner());
                    }
                }
            }
        }
        return owners;
    }

    /** The claim as it is, null if there is none. */
    @Nullable
    Claim claim(UUID id) {
        return claims.get(id);
    }

    /** The claim that an owner holds, null if there is none. */
    @Nullable
    Token held(Owner owner) {
        return owners.get(owner);
    }

    /** What sits on a resource, null if nothing does or it is a block that has run out. */
    @Nullable
    Occupant occupant(Resource resource) {
        ResourceRows.Seen seen = rows.get(resource);
        return seen == null ? null : seen.current().orElse(null);
    }

    /** What sits on a resource, be it a block that has run out; null if nothing does. */
    @Nullable
    Occupant row(Resource resource) {
        ResourceRows.Seen seen = rows.get(resource);
        return seen == null ? null : seen.occupant();
    }

    /** The record as it is stored, ended or not, null if there is none. */
    @Nullable
    LedgerRecord record(String name) {
        return records.get(name);
    }
}
