package dev.berth.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Where a ledger is kept. A store is small and dumb: it compares, writes and reads; retry, choice, policy, combining of
 * callers and events live once, above it, in {@link ResourceLedger}. There are no optional methods, and the contract
 * suite of {@code berth-testkit} checks every sentence here; the law that does so is named in brackets.
 *
 * <p>Safe for use by many threads [Concurrency]. Methods may block on the store's medium. Every read and every commit is
 * linearizable: it takes effect at one instant between call and return, and a read sees every commit that returned
 * before it [L1, Concurrency]; {@link #free} and {@link #prune} are the only exceptions. A failure of the medium is a
 * {@link StoreUnavailableException}, never an answer [Faults]. Texts are compared and kept byte for byte [Keys]. Results
 * are immutable.
 */
public interface LedgerStore extends AutoCloseable {
    /** The largest page that a read is asked for. */
    int PAGE_LIMIT = 10_000;

    /**
     * Carries out units of work, each on its own: one that is refused or done does not touch the outcome of another. The
     * outcome is as if they were carried out one after the other in the order given, though others may come between
     * [Batch].
     *
     * <p>Within one unit either everything happens or nothing [L6]; a refusal returns all violations and writes nothing
     * [L6]. A resource is free for an owner if no row is there, or a block that has run out, or a block that {@link
     * Occupant.Block#lets lets} the owner pass [L1, Blocks]; a reservation whose lease has run out still holds, and its
     * {@link Occupant.Holder#lapsed} is true [Clock]. When the call returns, what is done is durable as far as the
     * medium is.
     *
     * <p>Whatever is thrown but {@link StoreUnavailableException} means that not one unit of the call was carried out, so
     * that those that are not to blame can be handed over again [Batch].
     *
     * @param units the units, at least one
     * @return one result for each unit, in the same order
     * @throws StoreUnavailableException if the medium failed; whether units were carried out is told by {@link
     *     StoreUnavailableException#outcome}. A call of several units may fail soon where one of them would have to
     *     wait for somebody else's lock; handed over by itself, each is given the time that it needs
     * @throws dev.berth.InvalidInputException if a unit gives back what its claim does not hold
     */
    List<CommitResult> commit(List<Commit> units);

    /**
     * Finds the claim of an owner. Exact [Reads].
     *
     * @param owner the owner
     * @return the claim with all its holdings, as of one instant; empty if the owner holds none
     */
    Optional<Snapshot> find(Owner owner);

    /**
     * Finds a claim by its id.
     *
     * @param claim the id
     * @return the claim with all its holdings, as of one instant; empty if it was released or never was
     */
    Optional<Snapshot> find(UUID claim);

    /**
     * Says what sits on resources. Blocks that have run out are left out [Blocks].
     *
     * @param resources the resources; a large collection may be read in several steps, each of one instant
     * @return the occupants of those that are occupied
     */
    Map<Resource, Occupant> occupants(Collection<Resource> resources);

    /**
     * Reads the occupants of one kind and scope whose value starts with a prefix, in the order of the values' UTF-8
     * bytes [Reads]. Blocks that have run out are left out.
     *
     * @param kind the kind's name
     * @param scope the scope
     * @param prefix what the values start with, empty for all
     * @param after the last value of the page before, empty for the first page
     * @param limit how many at most, 1 to {@link #PAGE_LIMIT}
     * @return the page; one that is shorter than the limit is the last
     */
    List<Occupant> occupants(String kind, Scope scope, String prefix, Optional<String> after, int limit);

    /**
     * Reads claims in the order of their ids, which is about the order of their creation. Paging is stable: a claim that
     * is there all the while is returned exactly once, whatever happens to others between the pages [Reads].
     *
     * @param query which claims
     * @param after the last id of the page before, empty for the first page
     * @param limit how many at most, 1 to {@link #PAGE_LIMIT}
     * @return the page; one that is shorter than the limit is the last
     */
    List<Snapshot> claims(ClaimQuery query, Optional<UUID> after, int limit);

    /**
     * Looks for candidates that seem free, in the candidates' order. This is a hint: what it returns may be taken
     * already, and what it leaves out may be free. But an empty answer is from a complete read that began after the call
     * did, so that exhaustion is never reported from memory [Hint]. Resources of reservations whose lease has run out,
     * blocks that have run out and blocks that let the owner pass count as free.
     *
     * @param owner for whom
     * @param candidates the candidates; excluded ones are never returned
     * @param except resources that count as taken
     * @param limit how many positions at most, 1 to {@link #PAGE_LIMIT}
     * @return positions, without duplicates
     */
    List<Integer> free(Owner owner, Candidates candidates, Set<Resource> except, int limit);

    /**
     * Reads a named record.
     *
     * @param name its name
     * @return the record; empty if it is absent, ended, or has run out by the store's clock [Records]
     */
    Optional<LedgerRecord> record(String name);

    /**
     * Reads the current records whose name starts with a prefix, in the order of the names' UTF-8 bytes [Records].
     *
     * @param prefix what the names start with, empty for all
     * @param after the last name of the page before, empty for the first page
     * @param limit how many at most, 1 to {@link #PAGE_LIMIT}
     * @return the page; one that is shorter than the limit is the last
     */
    List<LedgerRecord> records(String prefix, Optional<String> after, int limit);

    /**
     * Reads the ended holdings of a resource that touch a span of time, latest end first [History]. A holding that lasts
     * is not among them; {@link #occupants(Collection)} tells it.
     *
     * @param resource the resource
     * @param from the span's begin
     * @param to the span's end
     * @param limit how many at most, 1 to {@link #PAGE_LIMIT}
     * @return the entries
     */
    List<HistoryEntry> history(Resource resource, Instant from, Instant to, int limit);

    /**
     * Finds what is remembered of a released provisioned claim [History].
     *
     * @param claim its id
     * @return the tombstone; empty if there was no such claim, it was a reservation, or it is forgotten
     */
    Optional<Tombstone> tombstone(UUID claim);

    /**
     * Reads tombstones in the order of their claims' ids [History].
     *
     * @param home the home scope whose tombstones are wanted, empty for all
     * @param after the last id of the page before, empty for the first page
     * @param limit how many at most, 1 to {@link #PAGE_LIMIT}
     * @return the page; one that is shorter than the limit is the last
     */
    List<Tombstone> tombstones(Optional<Scope> home, Optional<UUID> after, int limit);

    /**
     * Forgets history and tombstones that ended longer ago than the given time, and blocks and records that ran out
     * longer ago than that. Nothing that is current is touched [History]. A store may also forget history and
     * tombstones by a limit of its own that its documentation names.
     *
     * @param keep how long to remember
     * @param limit how many rows at most, 1 to {@link #PAGE_LIMIT}; so that no call holds the medium for long
     * @return how many rows were forgotten; the limit means that there may be more
     */
    int prune(Duration keep, int limit);

    /**
     * Reads the store's clock: never behind a time that this store has returned before [Clock]. In whole microseconds.
     *
     * @return the present time
     */
    Instant now();

    /**
     * Says which ledger this is and where it is.
     *
     * @return the identity
     */
    LedgerIdentity identity();

    /**
     * Confirms that the ledger is where it finds itself now, under its old or a new id. Compare-and-set [Identity].
     *
     * @param seen the identity that the caller saw
     * @param ledger the ledger's id from now on
     * @return the identity after the call; its id and recorded place are unchanged if {@code seen} was not current
     */
    LedgerIdentity settle(LedgerIdentity seen, UUID ledger);

    /**
     * Says how callers of one process should be combined for this store.
     *
     * @return the advice; constant for the life of the store
     */
    Combining combining();

    /** Ends what the store itself opened. Safe to repeat; other calls then fail with {@link StoreUnavailableException}. */
    @Override
    void close();

    /**
     * When units of work of several threads are handed over in one call.
     *
     * @param direct while fewer commits than this are under way, each thread carries out its own
     * @param most at most so many units go into one call
     * @param leaders at most so many combined calls are under way at once; all but one of them are full
     * @param units which units gain by it; the others are carried out at once by their own threads, however many those are
     */
    record Combining(int direct, int most, int leaders, Units units) {
        /** Never: each thread carries out its own commit. */
        public static final Combining NEVER = new Combining(Integer.MAX_VALUE, 1, 1, Units.ANY);

        /**
         * Checks the numbers.
         *
         * @param direct below how many each thread carries out its own
         * @param most at most so many units go into one call
         * @param leaders at most so many combined calls are under way at once
         * @param units which units gain by it
         * @throws dev.berth.InvalidInputException if a number is below 1, or units is null
         */
        public Combining {
            if (direct < 1 || most < 1 || leaders < 1) {
                throw dev.berth.InvalidInputException.of(
                        "combining", direct + ", " + most + ", " + leaders, "numbers of 1 or more");
            }
            dev.berth.InvalidInputException.requireNonNull("units", units);
        }
    }

    /** Which units of work gain by being handed over together with others. */
    enum Units {
        /** All: a call costs the same for one unit as for many, as where each call waits for one sync of a disk. */
        ANY,
        /** Those that are {@linkplain Commit#isPlain() plain}: the store has statements that carry out many of them. */
        PLAIN
    }
}
