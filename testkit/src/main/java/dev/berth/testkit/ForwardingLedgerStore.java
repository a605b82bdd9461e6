package dev.berth.testkit;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.LedgerIdentity;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Tombstone;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A store that hands every call on to another: the base of fakes. What happens before, after or instead of all calls
 * goes into {@link #around}, what happens to one into an override of its method.
 */
public abstract class ForwardingLedgerStore implements LedgerStore {
    private final LedgerStore next;

    /**
     * Wraps a store.
     *
     * @param next the store that does the work
     */
    protected ForwardingLedgerStore(LedgerStore next) {
        this.next = InvalidInputException.requireNonNull("store", next);
    }

    /**
     * Surrounds a call that reaches the medium.
     *
     * @param <T> what the call gives
     * @param call which call
     * @param work the call to the next store
     * @return what the caller gets
     */
    protected <T> T around(StoreCall call, Supplier<T> work) {
        return work.get();
    }

    @Override
    public List<CommitResult> commit(List<Commit> units) {
        return around(StoreCall.COMMIT, () -> next.commit(units));
    }

    @Override
    public Optional<Snapshot> find(Owner owner) {
        return around(StoreCall.FIND_OWNER, () -> next.find(owner));
    }

    @Override
    public Optional<Snapshot> find(UUID claim) {
        return around(StoreCall.FIND_CLAIM, () -> next.find(claim));
    }

    @Override
    public Map<Resource, Occupant> occupants(Collection<Resource> resources) {
        return around(StoreCall.OCCUPANTS, () -> next.occupants(resources));
    }

    @Override
    public List<Occupant> occupants(String kind, Scope scope, String prefix, Optional<String> after, int limit) {
        return around(StoreCall.OCCUPANT_PAGE, () -> next.occupants(kind, scope, prefix, after, limit));
    }

    @Override
    public List<Snapshot> claims(ClaimQuery query, Optional<UUID> after, int limit) {
        return around(StoreCall.CLAIMS, () -> next.claims(query, after, limit));
    }

    @Override
    public List<Integer> free(Owner owner, Candidates candidates, Set<Resource> except, int limit) {
        return around(StoreCall.FREE, () -> next.free(owner, candidates, except, limit));
    }

    @Override
    public Optional<LedgerRecord> record(String name) {
        return around(StoreCall.RECORD, () -> next.record(name));
    }

    @Override
    public List<LedgerRecord> records(String prefix, Optional<String> after, int limit) {
        return around(StoreCall.RECORDS, () -> next.records(prefix, after, limit));
    }

    @Override
    public List<HistoryEntry> history(Resource resource, Instant from, Instant to, int limit) {
        return around(StoreCall.HISTORY, () -> next.history(resource, from, to, limit));
    }

    @Override
    public Optional<Tombstone> tombstone(UUID claim) {
        return around(StoreCall.TOMBSTONE, () -> next.tombstone(claim));
    }

    @Override
    public List<Tombstone> tombstones(Optional<Scope> home, Optional<UUID> after, int limit) {
        return around(StoreCall.TOMBSTONES, () -> next.tombstones(home, after, limit));
    }

    @Override
    public int prune(Duration keep, int limit) {
        return around(StoreCall.PRUNE, () -> next.prune(keep, limit));
    }

    @Override
    public Instant now() {
        return around(StoreCall.NOW, next::now);
    }

    @Override
    public LedgerIdentity identity() {
        return around(StoreCall.IDENTITY, next::identity);
    }

    @Override
    public LedgerIdentity settle(LedgerIdentity seen, UUID ledger) {
        return around(StoreCall.SETTLE, () -> next.settle(seen, ledger));
    }

    @Override
    public Combining combining() {
        return next.combining();
    }

    /** Closes the next store. */
    @Override
    public void close() {
        next.close();
    }
}
