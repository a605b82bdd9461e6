package dev.berth.ledger;

import dev.berth.ledger.MemorySpace.Blocked;
import dev.berth.ledger.MemorySpace.Cell;
import dev.berth.ledger.MemorySpace.Held;
import dev.berth.ledger.MemorySpace.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a ledger in memory and what a commit does to them. Not safe for use by many threads: the store holds its
 * lock around every call.
 */
final class MemoryTables {
    /** A space that is empty is soon used again or never; its slot indexes are dear to build and dear to keep. */
    private static final int EMPTY_SPACES = 64;
    /** So many expiries that nobody waits for are not worth a look. */
    private static final int UNAWAITED = 1_024;

    final TreeMap<UUID, Cell> claims = new TreeMap<>(MemoryTables::compareUnsigned);
    final Map<Owner, Cell> owners = new HashMap<>();
    final TreeMap<String, LedgerRecord> records = new TreeMap<>(Numbers::compareUtf8);
    final MemoryHistory history;
    private final Map<String, Map<Scope, MemorySpace>> spaces = new HashMap<>();
    private final Map<Owner, Set<Resource>> quarantines = new HashMap<>();
    private final PriorityQueue<Expiry> expiries = new PriorityQueue<>(Comparator.comparing(Expiry::at));

    /** How many expiries were awaited when those that nobody waits for were last dropped. */
    private int awaited;
    /** The spaces without a row, least recently emptied first. */
    private final Set<MemorySpace> empty = new LinkedHashSet<>();

    private record Expiry(Instant at, Resource resource) {}

    MemoryTables(MemoryHistory history) {
        this.history = history;
    }

    static int compareUnsigned(UUID a, UUID b) {
        int order = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
        return order == 0 ? Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits()) : order;
    }

    MemorySpace space(String kind, Scope scope) {
        MemorySpace space = present(kind, scope);
        if (space == null) {
            space = new MemorySpace(kind, scope);
            spaces.computeIfAbsent(kind, key -> new HashMap<>()).put(scope, space);
            emptied(space);
        }
        return space;
    }

    /** The space if there is one: whoever only reads must not make one, or what is asked for would be kept for good. */
    @Nullable
    MemorySpace present(String kind, Scope scope) {
        return spaces.getOrDefault(kind, Map.of()).get(scope);
    }

    /** Notes that a space has no row; where there are many such, the one that has been so for longest goes. */
    private void emptied(MemorySpace space) {
        empty.add(space);
        if (empty.size() > EMPTY_SPACES) {
            MemorySpace eldest = empty.iterator().next();
            empty.remove(eldest);
            spaces.computeIfPresent(eldest.kind, (kind, scopes) -> {
                scopes.remove(eldest.scope);
                return scopes.isEmpty() ? null : scopes;
            });
        }
    }

    private @Nullable Row row(Resource resource) {
        MemorySpace space = present(resource.kind(), resource.scope());
        return space == null ? null : space.rows.get(resource.value());
    }

    /** Puts a row and returns the one before. */
    private @Nullable Row putRow(Resource resource, Row row) {
        MemorySpace space = space(resource.kind(), resource.scope());
        if (space.rows.isEmpty()) {
            empty.remove(space);
        }
        return space.rows.put(resource.value(), row);
    }

    private void removeRow(Resource resource) {
        MemorySpace space = present(resource.kind(), resource.scope());
        if (space != null && space.rows.remove(resource.value()) && space.rows.isEmpty()) {
            emptied(space);
        }
    }

    @Nullable
    Occupant occupant(Resource resource, Instant at) {
        return occupant(row(resource), at);
    }

    static @Nullable Occupant occupant(@Nullable Row row, Instant at) {
        if (row instanceof Held held) {
            Claim claim = held.cell().claim;
            Holding holding = held.holding();
            return new Occupant.Holder(
                    holding.resource(),
                    holding.part(),
                    holding.role(),
                    holding.since(),
                    claim.owner(),
                    claim.token(),
                    claim.state(),
                    claim.leaseUntil(),
                    claim.home(),
                    new Snapshot(claim, at).isLapsed());
        }
        return row instanceof Blocked blocked && blocked.block().until().isAfter(at) ? blocked.block() : null;
    }

    /** Whether the resource seems free for the owner, as the hint understands it: lapsed holders do not count. */
    boolean seemsFree(Resource resource, Owner owner, Instant at) {
        Occupant occupant = occupant(resource, at);
        return occupant == null
                || (occupant instanceof Occupant.Holder holder && holder.lapsed())
                || (occupant instanceof Occupant.Block block && block.lets(owner));
    }

    Set<Resource> quarantinesOf(Owner owner) {
        return quarantines.getOrDefault(owner, Set.of());
    }

    @Nullable
    LedgerRecord current(String name, Instant at) {
        LedgerRecord record = records.get(name);
        return record == null || record.until().map(until -> !until.isAfter(at)).orElse(false) ? null : record;
    }

    /** Lets what has run out by now count as free: blocks go, lapsed reservations' numbers become candidates. */
    void expire(Instant at) {
        for (Expiry next = expiries.peek(); next != null && !next.at().isAfter(at); next = expiries.peek()) {
            expiries.poll();
            Resource resource = next.resource();
            if (row(resource) instanceof Blocked blocked
                    && !blocked.block().until().isAfter(at)) {
                forget(blocked.block());
                removeRow(resource);
            }
            mark(resource, at);
        }
    }

    /**
     * Sees to it that a resource is looked at when it may become free. Each renewal and each early end leaves an entry
     * that nobody waits for; all of them go whenever they may be the greater part, so the queue stays in proportion to
     * what is held and blocked.
     */
    private void await(Instant until, Resource resource) {
        expiries.add(new Expiry(until, resource));
        if (expiries.size() > 2 * awaited + UNAWAITED) {
            Set<Expiry> kept = new HashSet<>();
            expiries.removeIf(expiry -> !isAwaited(expiry) || !kept.add(expiry));
            awaited = expiries.size();
        }
    }

    private boolean isAwaited(Expiry expiry) {
        Row row = row(expiry.resource());
        return row instanceof Held held
                ? held.cell().claim.leaseUntil().equals(Optional.of(expiry.at()))
                : row instanceof Blocked blocked && blocked.block().until().equals(expiry.at());
    }

    /** Counts what is kept for resources that nobody holds, and for times that may come. */
    int kept() {
        return expiries.size() + spaces.values().stream().mapToInt(Map::size).sum();
    }

    // ------------------------------------------------------------------ checking

    List<Violation> violations(Commit unit, Instant at) {
        List<Violation> violations = new ArrayList<>();
        Set<Resource> freed = new HashSet<>();
        Set<Owner> freedOwners = new HashSet<>();
        for (Commit.ClaimWrite write : unit.claims()) {
            checkToken(write, at, violations);
            // What a release frees concerns only other writes of the same unit.
            if (unit.claims().size() > 1 || !unit.blocks().isEmpty() || !(write instanceof Commit.Release)) {
                Commit.Freed one = freed(write);
                freed.addAll(one.resources());
                one.owner().ifPresent(freedOwners::add);
            }
        }
        for (Commit.ClaimWrite write : unit.claims()) {
            checkOwnerAndTakes(write, at, freed, freedOwners, violations);
        }
        for (Commit.BlockWrite write : unit.blocks()) {
            if (write instanceof Commit.PutBlock
                    && !freed.contains(write.resource())
                    && occupant(write.resource(), at) instanceof Occupant.Holder holder) {
                violations.add(new Violation.Occupied(holder));
            }
        }
        for (Commit.RecordWrite write : unit.records()) {
            checkRecord(write.name(), write.expected(), at, violations);
        }
        for (Commit.Fence fence : unit.fences()) {
            checkRecord(fence.name(), fence.version(), at, violations);
        }
        return violations;
    }

    private void checkToken(Commit.ClaimWrite write, Instant at, List<Violation> violations) {
        Token expected = write.seen().orElse(null);
        if (expected == null) {
            return;
        }
        Cell cell = claims.get(expected.claim());
        if (cell == null || !cell.claim.token().equals(expected)) {
            violations.add(
                    new Violation.Stale(expected, Optional.ofNullable(cell).map(found -> found.claim.token())));
        } else if (!write.guard().holds(new Snapshot(cell.claim, at))) {
            violations.add(new Violation.NotLapsed(expected));
        }
    }

    private Commit.Freed freed(Commit.ClaimWrite write) {
        Cell cell = claims.get(write.claim());
        return cell == null ? Commit.Freed.NOTHING : write.freed(cell.claim);
    }

    /** Throws at a unit that gives back what its claim does not hold, before any unit of its call is carried out. */
    void checkGives(Commit unit) {
        unit.claims().forEach(this::freed);
    }

    private void checkOwnerAndTakes(
            Commit.ClaimWrite write,
            Instant at,
            Set<Resource> freed,
            Set<Owner> freedOwners,
            List<Violation> violations) {
        Owner owner = write.claimant().orElse(null);
        if (owner == null) {
            return;
        }
        Cell present = owners.get(owner);
        boolean own = present != null
                && write.seen().isPresent()
                && present.claim.id().equals(write.claim());
        if (present != null && !own && !freedOwners.contains(owner)) {
            violations.add(new Violation.OwnerClaimed(owner, present.claim.token()));
        }
        for (Commit.Take take : write.taken()) {
            Occupant occupant = freed.contains(take.resource()) ? null : occupant(take.resource(), at);
            if (occupant != null && !(occupant instanceof Occupant.Block block && block.lets(owner))) {
                violations.add(new Violation.Occupied(occupant));
            }
        }
    }

    private void checkRecord(String name, long expected, Instant at, List<Violation> violations) {
        LedgerRecord record = current(name, at);
        long version = record == null ? 0 : record.version();
        if (version != expected) {
            violations.add(new Violation.RecordMoved(name, expected, version));
        }
    }

    // ------------------------------------------------------------------ doing

    /**
     * Carries out a unit whose expectations all hold: first what is given back, then what is taken. Returns the new
     * versions of the records that were put.
     */
    Map<String, Long> apply(Commit unit, Instant at) {
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Release release) {
                release(release, at);
            } else if (write instanceof Commit.Change change) {
                give(change, at);
            }
        }
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Create create) {
                put(new Cell(ClaimForms.created(create, at)), at);
            } else if (write instanceof Commit.Change change) {
                Cell cell = java.util.Objects.requireNonNull(claims.get(change.claim()));
                cell.claim = ClaimForms.changed(cell.claim, change, at);
                put(cell, at);
            } else if (write instanceof Commit.Touch touch) {
                Cell cell = java.util.Objects.requireNonNull(claims.get(touch.claim()));
                cell.claim = ClaimForms.touched(cell.claim, touch, at);
                watch(cell.claim, at);
            }
        }
        unit.blocks().forEach(write -> block(write, at));
        Map<String, Long> versions = new HashMap<>();
        for (Commit.RecordWrite write : unit.records()) {
            long version = record(write, at);
            if (write instanceof Commit.PutRecord) {
                versions.put(write.name(), version);
            }
        }
        return versions;
    }

    private void release(Commit.Release write, Instant at) {
        Cell cell = java.util.Objects.requireNonNull(claims.remove(write.claim()));
        Claim claim = cell.claim;
        owners.remove(claim.owner());
        for (Holding held : claim.holdings()) {
            history.add(claim, held, at, write.reason());
            vacate(
                    held.resource(),
                    claim.owner(),
                    Optional.ofNullable(write.blocks().get(held.resource())),
                    at);
        }
        if (!claim.isReservation()) {
            history.add(new Tombstone(claim, at, write.reason()));
        }
    }

    private void give(Commit.Change write, Instant at) {
        Claim before = java.util.Objects.requireNonNull(claims.get(write.claim())).claim;
        Map<Resource, Commit.Give> gives = new HashMap<>();
        write.gives().forEach(give -> gives.put(give.resource(), give));
        boolean renamed = !write.owner().equals(before.owner());
        if (renamed) {
            owners.remove(before.owner());
        }
        for (Holding held : before.holdings()) {
            Commit.Give give = gives.get(held.resource());
            if (give != null) {
                history.add(before, held, at, give.reason());
                vacate(held.resource(), before.owner(), give.block(), at);
            } else if (renamed) {
                history.add(before, held, at, EndReason.RENAMED);
            }
        }
    }

    private void vacate(Resource resource, Owner former, Optional<Commit.BlockTerms> terms, Instant at) {
        if (terms.isPresent()) {
            block(resource, terms.get(), Optional.of(former), at);
        } else {
            removeRow(resource);
            mark(resource, at);
        }
    }

    private void put(Cell cell, Instant at) {
        Claim claim = cell.claim;
        claims.put(claim.id(), cell);
        owners.put(claim.owner(), cell);
        for (Holding held : claim.holdings()) {
            Resource resource = held.resource();
            if (putRow(resource, new Held(cell, held)) instanceof Blocked blocked) {
                forget(blocked.block());
            }
        }
        watch(claim, at);
    }

    /** Brings the hints for a claim's resources up to date, and sees to it that they are again when its lease ends. */
    private void watch(Claim claim, Instant at) {
        boolean mayLapse = claim.isReservation() && claim.leaseUntil().isPresent();
        for (Holding held : claim.holdings()) {
            mark(held.resource(), at);
            if (mayLapse && held.resource().number().isPresent()) {
                await(claim.leaseUntil().orElseThrow(), held.resource());
            }
        }
    }

    private void mark(Resource resource, Instant at) {
        var number = resource.number();
        MemorySpace space = number.isPresent() ? present(resource.kind(), resource.scope()) : null;
        if (space != null) {
            space.mark(number.getAsInt(), isTaken(space.rows.get(resource.value()), at));
        }
    }

    private static boolean isTaken(@Nullable Row row, Instant at) {
        return row instanceof Held held
                ? !new Snapshot(held.cell().claim, at).isLapsed()
                : row instanceof Blocked blocked && blocked.block().until().isAfter(at);
    }

    private void block(Commit.BlockWrite write, Instant at) {
        Resource resource = write.resource();
        if (write instanceof Commit.PutBlock put) {
            block(resource, put.terms(), Optional.empty(), at);
        } else if (row(resource) instanceof Blocked blocked) {
            forget(blocked.block());
            removeRow(resource);
            mark(resource, at);
        }
    }

    private void block(Resource resource, Commit.BlockTerms terms, Optional<Owner> former, Instant at) {
        var block = new Occupant.Block(resource, terms.reason(), former, terms.note(), at, at.plus(terms.span()));
        if (putRow(resource, new Blocked(block)) instanceof Blocked before) {
            forget(before.block());
        }
        former.ifPresent(owner ->
                quarantines.computeIfAbsent(owner, key -> new HashSet<>()).add(resource));
        await(block.until(), resource);
        mark(resource, at);
    }

    private void forget(Occupant.Block block) {
        block.formerOwner()
                .ifPresent(owner -> quarantines.computeIfPresent(owner, (key, resources) -> {
                    resources.remove(block.resource());
                    return resources.isEmpty() ? null : resources;
                }));
    }

    /** Writes a record and returns its version. */
    private long record(Commit.RecordWrite write, Instant at) {
        LedgerRecord before = records.get(write.name());
        long last = before == null ? 0 : before.version();
        if (write instanceof Commit.PutRecord put) {
            long version = Math.max(last + 1, MemoryLedgerStore.micros(at));
            records.put(
                    put.name(),
                    new LedgerRecord(
                            put.name(), version, put.value(), put.span().map(at::plus)));
            return version;
        }
        if (before != null) {
            Instant until = write instanceof Commit.RenewRecord renew ? at.plus(renew.span()) : at;
            records.put(write.name(), new LedgerRecord(write.name(), last, before.value(), Optional.of(until)));
        }
        return last;
    }
}
