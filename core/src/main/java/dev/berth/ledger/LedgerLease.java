package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The right to do a work that only one may do at a time, for a while, and changes that happen only while that right lasts:
 * each names the lease in its commit, and the store compares. A holder that was paused, and wakes up after its lease has
 * run out, changes nothing, even if nobody else has taken the lease (law L5).
 *
 * <p>Safe for use by many threads. The lease is the ledger's: it goes by the store's clock and is seen by all processes.
 * Every method throws {@link StoreUnavailableException} if the store could not do its work.
 */
public final class LedgerLease {
    private static final int BATCH = 256;

    /** What became of a change. */
    public enum Outcome {
        /** It was done. */
        DONE,
        /** Nothing was done: what it names has moved on, or is gone. */
        MOVED,
        /** Nothing was done: the lease has run out, or is somebody else's. */
        LOST
    }

    /**
     * The end of a claim, if it is still as it was seen.
     *
     * @param seen the claim as it was seen
     * @param reason why it ends
     * @param guard what else must be true of it
     * @param quarantine how long its resources rest
     * @param blocks resources among its holdings that are blocked otherwise
     * @param records records that are written in the same commit; if one of them has moved on, nothing is done
     */
    public record Ending(
            Claim seen,
            EndReason reason,
            Commit.Guard guard,
            Quarantine quarantine,
            Map<Resource, Commit.BlockTerms> blocks,
            List<Commit.RecordWrite> records) {
        /**
         * Copies the collections.
         *
         * @param seen the claim as it was seen
         * @param reason why it ends
         * @param guard what else must be true of it
         * @param quarantine how long its resources rest
         * @param blocks resources among its holdings that are blocked otherwise
         * @param records records that are written in the same commit
         * @throws InvalidInputException if a part is null
         */
        public Ending {
            InvalidInputException.requireNonNull("claim", seen);
            InvalidInputException.requireNonNull("end reason", reason);
            InvalidInputException.requireNonNull("guard", guard);
            InvalidInputException.requireNonNull("quarantine", quarantine);
            blocks = InvalidInputException.copyOf("blocks", blocks);
            records = InvalidInputException.copyOf("records", records);
        }

        private Map<Resource, Commit.BlockTerms> allBlocks() {
            Map<Resource, Commit.BlockTerms> all = new HashMap<>(quarantine.blocks(seen.holdings()));
            all.putAll(blocks);
            return all;
        }
    }

    private final LedgerStore store;
    private final KnownOwners known;
    private final Events events;
    private final Commit.Fence fence;

    LedgerLease(LedgerStore store, KnownOwners known, Events events, Commit.Fence fence) {
        this.store = store;
        this.known = known;
        this.events = events;
        this.fence = fence;
    }

    /**
     * Names the lease.
     *
     * @return the name of its record
     */
    public String name() {
        return fence.name();
    }

    /**
     * Lets the lease live longer.
     *
     * @param span how long from now, 1 ms to 36,500 days
     * @return true if it was still held
     */
    public boolean renew(Duration span) {
        return commit(new Commit(
                        List.of(),
                        List.of(),
                        List.of(new Commit.RenewRecord(fence.name(), fence.version(), Limits.span("lease", span))),
                        List.of()))
                instanceof CommitResult.Done;
    }

    /**
     * Gives the lease back.
     *
     * @return true if it was still held
     */
    public boolean end() {
        return commit(new Commit(
                        List.of(), List.of(), List.of(new Commit.EndRecord(fence.name(), fence.version())), List.of()))
                instanceof CommitResult.Done;
    }

    /**
     * Writes records, all of them or none.
     *
     * @param writes the writes, each record once
     * @return the new versions of those that were put; empty if nothing was written, because one of them has moved on or the
     *     lease is not held any more
     */
    public Optional<Map<String, Long>> write(List<Commit.RecordWrite> writes) {
        InvalidInputException.requireNonNull("writes", writes);
        if (writes.isEmpty()) {
            return Optional.of(Map.of());
        }
        return commit(new Commit(List.of(), List.of(), writes, List.of(fence))) instanceof CommitResult.Done done
                ? Optional.of(done.versions())
                : Optional.empty();
    }

    /**
     * Ends claims, each by itself.
     *
     * @param endings what ends
     * @return what became of each, in the same order
     */
    public List<Outcome> release(List<Ending> endings) {
        InvalidInputException.requireNonNull("endings", endings);
        List<Outcome> outcomes = new ArrayList<>();
        for (int from = 0; from < endings.size(); from += BATCH) {
            List<Ending> some = endings.subList(from, Math.min(endings.size(), from + BATCH));
            List<CommitResult> results = commit(some.stream().map(this::unit).toList());
            for (int i = 0; i < some.size(); i++) {
                outcomes.add(released(some.get(i), results.get(i)));
            }
        }
        return outcomes;
    }

    private Commit unit(Ending ending) {
        var write = new Commit.Release(ending.seen().token(), ending.guard(), ending.reason(), ending.allBlocks());
        return new Commit(List.of(write), List.of(), ending.records(), List.of(fence));
    }

    private Outcome released(Ending ending, CommitResult result) {
        Outcome outcome = outcome(result);
        if (outcome == Outcome.DONE) {
            known.remove(ending.seen().owner());
            events.tell(new LedgerEvent.Released(ending.seen(), ending.reason()));
            events.tellBlocked(ending.allBlocks());
        }
        return outcome;
    }

    /**
     * Marks a claim as failed whose attempt has run out; it keeps everything.
     *
     * @param seen the claim as it was seen
     * @param reason why, for people; cut to 1,024 bytes
     * @return what became of it; moved also where the attempt was renewed
     */
    public Outcome fail(Claim seen, String reason) {
        InvalidInputException.requireNonNull("claim", seen);
        var write = new Commit.Change(
                seen.token(),
                Commit.Guard.ATTEMPT_LAPSED,
                seen.owner(),
                ClaimState.FAILED,
                Commit.StateClock.RESTART,
                seen.home(),
                Commit.LeaseWrite.KEEP,
                Commit.AttemptWrite.END,
                Optional.of(Limits.note(reason)).filter(note -> !note.isBlank()),
                List.of(),
                List.of(),
                Set.of(),
                Map.of());
        CommitResult result = commit(new Commit(List.of(write), List.of(), List.of(), List.of(fence)));
        if (result instanceof CommitResult.Done done) {
            events.tell(new LedgerEvent.StateChanged(ClaimForms.changed(seen, write, done.at()), seen.state()));
        }
        return outcome(result);
    }

    private Outcome outcome(CommitResult result) {
        if (result instanceof CommitResult.Refused refused) {
            boolean lost = refused.violations().stream()
                    .anyMatch(violation -> violation instanceof Violation.RecordMoved moved
                            && moved.name().equals(fence.name()));
            return lost ? Outcome.LOST : Outcome.MOVED;
        }
        return Outcome.DONE;
    }

    private CommitResult commit(Commit unit) {
        return store.commit(List.of(unit)).get(0);
    }

    /** Where one of many would have to wait for somebody else's lock, each is given the time that it needs. */
    private List<CommitResult> commit(List<Commit> units) {
        try {
            return store.commit(units);
        } catch (StoreUnavailableException failure) {
            if (units.size() == 1
                    || !failure.isRetryable()
                    || failure.outcome() != StoreUnavailableException.Outcome.NOT_DONE) {
                throw failure;
            }
            return units.stream().map(this::commit).toList();
        }
    }

    @Override
    public String toString() {
        return "lease " + fence.name() + " (" + fence.version() + ")";
    }
}
