package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A ledger's store in the memory of one process: the reference semantics of {@link LedgerStore}, and what a host
 * application's unit tests use. Nothing outlives the process.
 *
 * <p>Safe for use by many threads; one lock guards everything. It is held for microseconds, but for a page
 * of a query that few claims match it is held while all are looked through (a tenth of a second for 600,000). History and tombstones are
 * bounded: of each the latest 100,000 are kept.
 */
public final class MemoryLedgerStore implements LedgerStore {
    private static final int REMEMBERED = 100_000;

    private final Object lock = new Object();
    private final MemoryTables tables = new MemoryTables(new MemoryHistory(REMEMBERED));
    private final Clock clock;
    private Instant latest = Instant.EPOCH;
    private LedgerIdentity identity;
    private boolean closed;

    /**
     * Makes an empty store.
     *
     * @param clock tells the time; where it runs backwards, the store's clock stands still
     * @param ledger the ledger's id
     */
    public MemoryLedgerStore(Clock clock, UUID ledger) {
        this.clock = InvalidInputException.requireNonNull("clock", clock);
        String place = "memory of process " + ProcessHandle.current().pid();
        identity = new LedgerIdentity(InvalidInputException.requireNonNull("ledger id", ledger), place, place);
    }

    /** Microseconds since 1970, which is what versions of records are made of. */
    static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    @Override
    public List<CommitResult> commit(List<Commit> units) {
        return locked(at -> {
            List<CommitResult> results = new ArrayList<>(units.size());
            if (units.size() > 1) {
                units.forEach(tables::checkGives);
            }
            for (Commit unit : units) {
                List<Violation> violations = tables.violations(unit, at);
                if (violations.isEmpty()) {
                    results.add(new CommitResult.Done(at, tables.apply(unit, at)));
                } else {
                    results.add(new CommitResult.Refused(violations));
                }
            }
            return List.copyOf(results);
        });
    }

    @Override
    public Optional<Snapshot> find(Owner owner) {
        return locked(at -> snapshot(tables.owners.get(owner), at));
    }

    @Override
    public Optional<Snapshot> find(UUID claim) {
        return locked(at -> snapshot(tables.claims.get(claim), at));
    }

    private static Optional<Snapshot> snapshot(MemorySpace.@Nullable Cell cell, Instant at) {
        return cell == null ? Optional.empty() : Optional.of(new Snapshot(cell.claim, at));
    }

    @Override
    public Map<Resource, Occupant> occupants(Collection<Resource> resources) {
        return locked(at -> {
            Map<Resource, Occupant> found = new HashMap<>();
            for (Resource resource : resources) {
                Occupant occupant = tables.occupant(resource, at);
                if (occupant != null) {
                    found.put(resource, occupant);
                }
            }
            return Map.copyOf(found);
        });
    }

    @Override
    public List<Occupant> occupants(String kind, Scope scope, String prefix, Optional<String> after, int limit) {
        Limits.pageSize(limit);
        InvalidInputException.requireNonNull("kind", kind);
        InvalidInputException.requireNonNull("scope", scope);
        return locked(at -> {
            MemorySpace space = tables.present(kind, scope);
            if (space == null) {
                return List.of();
            }
            var rows = space.rows;
            List<Occupant> page = new ArrayList<>();
            for (String value : rows.from(after.orElse(prefix), after.isEmpty())) {
                if (!value.startsWith(prefix) || page.size() == limit) {
                    break;
                }
                Occupant occupant = MemoryTables.occupant(rows.get(value), at);
                if (occupant != null) {
                    page.add(occupant);
                }
            }
            return List.copyOf(page);
        });
    }

    @Override
    public List<Snapshot> claims(ClaimQuery query, Optional<UUID> after, int limit) {
        Limits.pageSize(limit);
        return locked(at -> {
            var rest = after.isPresent() ? tables.claims.tailMap(after.get(), false) : tables.claims;
            List<Snapshot> page = new ArrayList<>();
            for (var cell : rest.values()) {
                if (page.size() == limit) {
                    break;
                }
                if (query.matches(cell.claim)) {
                    page.add(new Snapshot(cell.claim, at));
                }
            }
            return List.copyOf(page);
        });
    }

    @Override
    public List<Integer> free(Owner owner, Candidates candidates, Set<Resource> except, int limit) {
        Limits.pageSize(limit);
        return locked(at -> candidates instanceof Candidates.Numbered numbered
                ? freeNumbers(owner, numbered, except, limit, at)
                : freeListed(owner, candidates, except, limit, at));
    }

    private List<Integer> freeListed(Owner owner, Candidates candidates, Set<Resource> except, int limit, Instant at) {
        List<Integer> found = new ArrayList<>();
        int size = candidates.size();
        for (int i = 0; i < size && found.size() < limit; i++) {
            int position = (candidates.start() + i) % size;
            if (!candidates.isExcluded(position) && isFree(owner, candidates, position, except, at)) {
                found.add(position);
            }
        }
        return List.copyOf(found);
    }

    private boolean isFree(Owner owner, Candidates candidates, int position, Set<Resource> except, Instant at) {
        return candidates.group(position).values().stream()
                .allMatch(resource -> !except.contains(resource) && tables.seemsFree(resource, owner, at));
    }

    /**
     * The index answers for what is free to everybody; what only this owner may pass, its own quarantines, are few and
     * are merged in at their places.
     */
    private List<Integer> freeNumbers(
            Owner owner, Candidates.Numbered candidates, Set<Resource> except, int limit, Instant at) {
        Candidates.Layout layout = candidates.layout();
        SlotIndex index = tables.space(layout.kind().name(), layout.scope()).index(layout);
        Set<Integer> skipped = positionsOf(except, layout, index);
        Set<Integer> own = positionsOf(tables.quarantinesOf(owner), layout, index);
        int size = layout.count();
        if (own.isEmpty()) {
            List<Integer> free = new ArrayList<>(Math.min(limit, 16));
            collect(index, candidates.start(), size, skipped, limit, free);
            collect(index, 0, candidates.start(), skipped, limit - free.size(), free);
            return Collections.unmodifiableList(free);
        }
        var found = new TreeSet<Integer>(
                Comparator.comparingInt(position -> Math.floorMod(position - candidates.start(), size)));
        for (int position : own) {
            if (!candidates.isExcluded(position) && isFree(owner, candidates, position, except, at)) {
                found.add(position);
            }
        }
        collect(index, candidates.start(), size, skipped, limit, found);
        collect(index, 0, candidates.start(), skipped, limit, found);
        return found.stream().limit(limit).toList();
    }

    private static void collect(
            SlotIndex index, int from, int to, Set<Integer> skipped, int limit, Collection<Integer> found) {
        int added = 0;
        for (int position = index.next(from);
                position >= 0 && position < to && added < limit;
                position = index.next(position + 1)) {
            if (!skipped.contains(position)) {
                found.add(position);
                added++;
            }
        }
    }

    private static Set<Integer> positionsOf(Collection<Resource> resources, Candidates.Layout layout, SlotIndex index) {
        if (resources.isEmpty()) {
            return Set.of();
        }
        Set<Integer> positions = new HashSet<>();
        for (Resource resource : resources) {
            if (resource.kind().equals(layout.kind().name()) && resource.scope().equals(layout.scope())) {
                resource.number().ifPresent(number -> index.positionsOf(number, positions));
            }
        }
        return positions;
    }

    @Override
    public Optional<LedgerRecord> record(String name) {
        return locked(at -> Optional.ofNullable(tables.current(name, at)));
    }

    @Override
    public List<LedgerRecord> records(String prefix, Optional<String> after, int limit) {
        Limits.pageSize(limit);
        return locked(at -> {
            var rest = after.isPresent()
                    ? tables.records.tailMap(after.get(), false)
                    : tables.records.tailMap(prefix, true);
            List<LedgerRecord> page = new ArrayList<>();
            for (String name : rest.keySet()) {
                if (!name.startsWith(prefix) || page.size() == limit) {
                    break;
                }
                LedgerRecord record = tables.current(name, at);
                if (record != null) {
                    page.add(record);
                }
            }
            return List.copyOf(page);
        });
    }

    @Override
    public List<HistoryEntry> history(Resource resource, Instant from, Instant to, int limit) {
        Limits.pageSize(limit);
        return locked(at -> tables.history.of(resource, from, to, limit));
    }

    @Override
    public Optional<Tombstone> tombstone(UUID claim) {
        return locked(at -> Optional.ofNullable(tables.history.tombstones.get(claim)));
    }

    @Override
    public List<Tombstone> tombstones(Optional<Scope> home, Optional<UUID> after, int limit) {
        Limits.pageSize(limit);
        return locked(at -> {
            var all = tables.history.tombstones;
            var rest = after.isPresent() ? all.tailMap(after.get(), false) : all;
            return rest.values().stream()
                    .filter(tombstone ->
                            home.isEmpty() || home.equals(tombstone.claim().home()))
                    .limit(limit)
                    .toList();
        });
    }

    @Override
    public int prune(Duration keep, int limit) {
        Limits.span("retention", keep);
        Limits.pageSize(limit);
        return locked(at -> {
            Instant before = at.minus(keep);
            int forgotten = tables.history.prune(before, limit);
            var ended = tables.records.values().iterator();
            while (forgotten < limit && ended.hasNext()) {
                LedgerRecord record = ended.next();
                // A version ahead of the clock is kept, else the name's next version could be one that was used.
                boolean behind = record.version() < micros(at);
                if (behind
                        && record.until().map(until -> until.isBefore(before)).orElse(false)) {
                    ended.remove();
                    forgotten++;
                }
            }
            return forgotten;
        });
    }

    @Override
    public Instant now() {
        return locked(at -> at);
    }

    @Override
    public LedgerIdentity identity() {
        return locked(at -> identity);
    }

    @Override
    public LedgerIdentity settle(LedgerIdentity seen, UUID ledger) {
        InvalidInputException.requireNonNull("ledger id", ledger);
        return locked(at -> {
            if (identity.equals(seen)) {
                identity = new LedgerIdentity(ledger, identity.current(), identity.current());
            }
            return identity;
        });
    }

    /** Counts what is kept besides claims, records and history: bounded by what is held and blocked. */
    int kept() {
        return locked(at -> tables.kept());
    }

    @Override
    public Combining combining() {
        return Combining.NEVER;
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
    }

    /** Runs one operation at one instant of the store's clock, which never runs backwards. */
    private <T> T locked(Function<Instant, T> operation) {
        synchronized (lock) {
            if (closed) {
                throw new StoreUnavailableException(
                        "this store in memory is closed; open another",
                        StoreUnavailableException.Outcome.NOT_DONE,
                        StoreUnavailableException.Retry.NEVER,
                        null);
            }
            Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
            if (now.isAfter(latest)) {
                latest = now;
            }
            tables.expire(latest);
            return operation.apply(latest);
        }
    }
}
