package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger: an owner asks for what must be unique and gets all of it or a refusal that names everything in the way,
 * and the same answer when it asks again.
 *
 * <p>Safe for use by many threads and, on a store that is shared, by many processes. Calls block on the store only; none
 * waits for another owner's claim. An interrupt ends no call, because its outcome must be known; the flag stays set.
 * There are no threads and no static state behind it, and nothing is answered from memory: that an owner was lately seen
 * to hold a claim, and what callers are about to pick, is kept in mind to save calls to the store, which decides.
 *
 * <p>Every method throws {@link InvalidInputException} for input that is not allowed, before anything is read or
 * written, and {@link StoreUnavailableException} if the store could not do its work; these are not repeated below.
 * Where a method throws anything else, nothing was changed.
 *
 * <p>Changes name the {@linkplain Claim#token() token} of the claim that their caller saw. If the claim has moved on they
 * fail with {@link StaleTokenException}, so that a holder that slept cannot harm its successor.
 */
public final class ResourceLedger implements AutoCloseable {
    private static final int PAGE = 1_000;
    private static final int EXPLAINED = 10;
    private static final int ROUNDS = 256;
    private static final Logger LOG = LoggerFactory.getLogger(ResourceLedger.class);

    private final LedgerStore store;
    private final CommitCombiner commits;
    private final KnownOwners known;
    private final Claiming claiming;
    private final Changes changes;
    private final Overlaps overlaps;
    private final Events events;
    private final LedgerRecords records;

    private ResourceLedger(Builder builder) {
        store = builder.store;
        commits = new CommitCombiner(store);
        events = new Events(builder.listeners);
        var ids = new Ids(builder.clock, builder.random);
        known = new KnownOwners();
        claiming = new Claiming(store, commits, new Picks(store, builder.random), known, ids, events);
        changes = new Changes(store, commits, known, ids, events);
        overlaps = new Overlaps(store);
        records = new LedgerRecords(store, commits);
    }

    /**
     * Opens a ledger on a store, with every setting at its default.
     *
     * @param store the store; {@link #close} closes it
     * @return the ledger
     */
    public static ResourceLedger on(LedgerStore store) {
        return builder(store).build();
    }

    /**
     * Opens a ledger in memory, for tests and for applications whose claims need not outlive the process.
     *
     * @param clock tells the time of leases and history
     * @return the ledger, empty
     */
    public static ResourceLedger inMemory(Clock clock) {
        var random = new SecureRandom();
        return builder(new MemoryLedgerStore(clock, new UUID(random.nextLong(), random.nextLong())))
                .clock(clock)
                .build();
    }

    /**
     * Opens a ledger in memory by the system's clock.
     *
     * @return the ledger, empty
     */
    public static ResourceLedger inMemory() {
        return inMemory(Clock.systemUTC());
    }

    /**
     * Begins a ledger with settings.
     *
     * @param store the store; {@link #close} closes it
     * @return the builder
     */
    public static Builder builder(LedgerStore store) {
        return new Builder(InvalidInputException.requireNonNull("store", store));
    }

    // ------------------------------------------------------------------ claiming

    /**
     * Claims what a request asks for: {@link #tryClaim} for callers who cannot go on without it.
     *
     * @param request the request
     * @return the claim as the ledger stores it
     * @throws ClaimRefusedException if it was not granted
     * @throws ContentionException if others were quicker hundreds of times in a row
     */
    public Claim claim(ClaimRequest request) {
        ClaimOutcome outcome = tryClaim(request);
        if (outcome instanceof ClaimOutcome.Granted granted) {
            return granted.claim();
        }
        throw new ClaimRefusedException(((ClaimOutcome.Refused) outcome).refusal());
    }

    /**
     * Claims what a request asks for, all of it or nothing. Converges: parts that the owner holds stay as they are,
     * whatever today's candidates would be; missing ones are taken together; parts that are not mentioned stay. Asking
     * again, from however many threads or hosts, yields the one claim that the ledger stores. A lease that is asked for
     * is renewed, labels are set.
     *
     * <p>A lapsed reservation in the way is released in the same commit. If the process dies in here, the claim is held
     * whole or not at all, and asking again tells.
     *
     * @param request the request, for at least one part
     * @return granted, or refused with everything in the way
     * @throws ContentionException if others were quicker hundreds of times in a row
     */
    public ClaimOutcome tryClaim(ClaimRequest request) {
        Claiming.Result result = claiming.claim(requireParts(request), null);
        return result instanceof Claiming.Result.Reserved reserved
                ? reserved.granted()
                : new ClaimOutcome.Refused(((Claiming.Result.Refused) result).refusal());
    }

    private static ClaimRequest requireParts(ClaimRequest request) {
        if (InvalidInputException.requireNonNull("request", request).parts().isEmpty()) {
            throw InvalidInputException.of("request", request, "at least one part");
        }
        return request;
    }

    /**
     * Claims what a request asks for and asks for the right to make the instance. Of any number of callers exactly one
     * is granted the attempt, which is stored before this method returns; the claim is a provisioned one from then on,
     * judged by its home scope.
     *
     * @param request the request; it may be for no part
     * @param home the scope whose runtime is to have the instance
     * @param span how long the attempt lives unless renewed, 1 ms to 36,500 days
     * @return granted, joined, held, or refused
     * @throws ContentionException if others were quicker hundreds of times in a row
     */
    public AttemptOutcome attempt(ClaimRequest request, Scope home, Duration span) {
        InvalidInputException.requireNonNull("request", request);
        var provision = new Claiming.Provision(
                InvalidInputException.requireNonNull("home", home), Limits.span("attempt", span));
        Claiming.Result result = claiming.claim(request, provision);
        return result instanceof Claiming.Result.Attempted attempted
                ? attempted.outcome()
                : new AttemptOutcome.Refused(((Claiming.Result.Refused) result).refusal());
    }

    /**
     * Begins a new attempt on a claim in whatever state, to replace its instance.
     *
     * @param token the claim as the caller saw it
     * @param home the scope whose runtime is to have the instance
     * @param span how long the attempt lives unless renewed, 1 ms to 36,500 days
     * @return granted; joined if an attempt is under way; refused if the claim's home is another scope
     * @throws StaleTokenException if the claim has moved on or is gone
     */
    public AttemptOutcome attempt(Token token, Scope home, Duration span) {
        InvalidInputException.requireNonNull("token", token);
        return changes.restart(token, InvalidInputException.requireNonNull("home", home), span);
    }

    /**
     * Claims assignments that exist already. Each request is claimed on its own; importing twice changes nothing the
     * second time.
     *
     * @param requests the assignments; all are read and checked before the first is claimed, in their order
     * @return what became of each
     */
    public ImportReport importAll(Iterable<ClaimRequest> requests) {
        List<Claim> created = new ArrayList<>();
        List<Claim> extended = new ArrayList<>();
        List<Claim> unchanged = new ArrayList<>();
        List<Claim> differing = new ArrayList<>();
        List<Refusal> refused = new ArrayList<>();
        List<ClaimRequest> checked = new ArrayList<>();
        InvalidInputException.requireNonNull("requests", requests)
                .forEach(request -> checked.add(requireParts(request)));
        for (ClaimRequest request : checked) {
            ClaimOutcome outcome = tryClaim(request);
            if (outcome instanceof ClaimOutcome.Refused no) {
                refused.add(no.refusal());
            } else if (outcome instanceof ClaimOutcome.Granted granted) {
                boolean same = request.wants().entrySet().stream()
                        .allMatch(want -> agrees(want.getKey(), want.getValue(), granted.claim()));
                if (!same) {
                    differing.add(granted.claim());
                } else if (granted.acquired().isEmpty()) {
                    unchanged.add(granted.claim());
                } else {
                    (granted.origin() == ClaimOutcome.Origin.CREATED ? created : extended).add(granted.claim());
                }
            }
        }
        return new ImportReport(created, extended, unchanged, differing, refused);
    }

    private static boolean agrees(String part, ClaimRequest.Want want, Claim claim) {
        return !(want instanceof ClaimRequest.Want.Fixed fixed)
                || Picks.named(part, fixed.group()).equals(claim.part(part));
    }

    // ------------------------------------------------------------------ changing what is held

    /**
     * Lets a claim's lease run anew from now. It also saves a lapsed reservation that nobody has taken yet.
     *
     * @param token the claim as the caller saw it; it stays valid
     * @param span how long from now, 1 ms to 36,500 days
     * @return the claim
     * @throws StaleTokenException if the claim has moved on or is gone
     */
    public Claim renew(Token token, Duration span) {
        return changes.renew(token, span);
    }

    /**
     * Lets an attempt run anew from now.
     *
     * @param attempt the attempt
     * @param span how long from now, 1 ms to 36,500 days
     * @return the claim, with the attempt's new end
     * @throws StaleTokenException if it is not the claim's current attempt any more
     */
    public Claim renew(Attempt attempt, Duration span) {
        return changes.renew(attempt, span);
    }

    /**
     * Makes a claim active with its instance, which is claimed with it. Twice changes nothing.
     *
     * @param attempt the attempt that made the instance
     * @param instance the instance's full id, 1 to 1,024 bytes
     * @return the claim
     * @throws StaleTokenException if it is not the claim's current attempt any more
     * @throws ClaimRefusedException if another claim has this instance
     */
    public Claim activate(Attempt attempt, String instance) {
        return changes.activate(attempt, instance, Map.of());
    }

    /**
     * Makes a claim active with its instance, which is claimed with it, and sets labels in the same commit. Twice changes
     * nothing.
     *
     * @param attempt the attempt that made the instance
     * @param instance the instance's full id, 1 to 1,024 bytes
     * @param labels labels to set; the others stay
     * @return the claim
     * @throws StaleTokenException if it is not the claim's current attempt any more
     * @throws ClaimRefusedException if another claim has this instance
     */
    public Claim activate(Attempt attempt, String instance, Map<String, String> labels) {
        return changes.activate(attempt, instance, labels);
    }

    /**
     * Gives up the instance that a claim has from before, and keeps the rest: to be called before the instance is removed,
     * so that no later attempt takes it up again while it is on its way out. Twice changes nothing.
     *
     * @param attempt the current attempt
     * @return the claim, pending and without an instance
     * @throws StaleTokenException if it is not the claim's current attempt any more
     */
    public Claim detach(Attempt attempt) {
        return changes.detach(attempt);
    }

    /**
     * Marks an attempt as failed; the claim keeps everything. Twice changes nothing.
     *
     * @param attempt the attempt
     * @param reason why, for people; cut to 1,024 bytes
     * @return the claim
     * @throws StaleTokenException if it is not the claim's current attempt any more
     */
    public Claim fail(Attempt attempt, String reason) {
        return changes.fail(attempt, reason);
    }

    /**
     * Marks a provisioned claim as failed; it keeps everything.
     *
     * @param token the claim as the caller saw it
     * @param reason why, for people; cut to 1,024 bytes
     * @return the claim
     * @throws StaleTokenException if the claim has moved on or is gone
     */
    public Claim fail(Token token, String reason) {
        return changes.fail(token, reason);
    }

    /**
     * Gives a failed attempt's claim back whole, once its instance is proven absent.
     *
     * @param attempt the attempt
     * @return true if this call released the claim, false if it was gone already
     * @throws StaleTokenException if it is not the claim's current attempt any more
     */
    public boolean abandon(Attempt attempt) {
        return changes.abandon(InvalidInputException.requireNonNull("attempt", attempt));
    }

    /**
     * Marks an active or failed claim as stopped; it keeps everything. A stopped claim stays as it is.
     *
     * @param token the claim as the caller saw it
     * @return the claim
     * @throws StaleTokenException if the claim has moved on or is gone
     */
    public Claim stop(Token token) {
        return changes.stop(token);
    }

    /**
     * Marks a part as confirmed: the world outside was asked, and its resources are really free for the owner. Twice
     * changes nothing.
     *
     * @param token the claim as the caller saw it
     * @param part a part that it holds
     * @return the claim
     * @throws StaleTokenException if the claim has moved on or is gone
     */
    public Claim confirm(Token token, String part) {
        return changes.confirm(token, part);
    }

    /**
     * Sets and removes labels. The token stays valid.
     *
     * @param token the claim as the caller saw it
     * @param put labels to set; the others stay
     * @param drop keys of labels to remove
     * @return the claim
     * @throws StaleTokenException if the claim has moved on or is gone
     */
    public Claim relabel(Token token, Map<String, String> put, Set<String> drop) {
        return changes.relabel(token, put, drop);
    }

    /**
     * Gives parts back and keeps the rest. Parts that are not held are none to give back.
     *
     * @param token the claim as the caller saw it
     * @param parts the parts; not {@link Claim#INSTANCE_PART}, which goes with the claim
     * @return the claim
     * @throws StaleTokenException if the claim has moved on or is gone
     */
    public Claim shrink(Token token, String... parts) {
        return changes.shrink(
                token, Limits.set("parts", Arrays.asList(InvalidInputException.requireNonNull("parts", parts))));
    }

    /**
     * Moves a part to other resources: the new ones are taken and the old ones given back in one commit.
     *
     * @param token the claim as the caller saw it
     * @param reassignment which part, whereto
     * @return the claim
     * @throws StaleTokenException if the claim has moved on or is gone
     * @throws ClaimRefusedException if there is nothing to move to; the part stays as it was
     */
    public Claim reassign(Token token, Reassignment reassignment) {
        String part = InvalidInputException.requireNonNull("reassignment", reassignment).part;
        Resource target = reassignment.resource;
        if (target != null && reassignment.declined.contains(target)) {
            throw InvalidInputException.of(
                    "reassignment of " + part, target, "another resource than those that are declined");
        }
        Claim before = changes.current("reassign", token);
        Map<String, Resource> held = before.part(part);
        if (held.isEmpty() || !held.values().containsAll(reassignment.declined)) {
            throw InvalidInputException.of(
                    "reassignment of " + part,
                    reassignment.declined,
                    "a held part and, to decline, resources of it; the claim holds " + before.holdings());
        }
        var request = ClaimRequest.by(before.owner());
        if (reassignment.want != null) {
            request = request.with(part, reassignment.want);
        } else if (reassignment.choice != null) {
            request = request.choose(part, reassignment.choice);
        } else if (target != null) {
            if (held.containsValue(target) && held.size() == 1) {
                return before;
            }
            request = request.fixed(part, target);
        }
        List<Commit.Give> gives = held.values().stream()
                .map(resource -> reassignment.declined.contains(resource)
                        ? new Commit.Give(resource, EndReason.DECLINED, Optional.ofNullable(reassignment.decline))
                        : new Commit.Give(resource, EndReason.REASSIGNED, Optional.empty()))
                .toList();
        return moved(
                reassignment.unconfirmed ? request.unconfirmed(part) : request, new ClaimPlan.Move(token, gives, null));
    }

    /**
     * Gives parts back because the world outside has one of their resources, or could not be asked. A reservation that
     * holds nothing else is released with them.
     *
     * @param token the claim as the caller saw it
     * @param parts held parts
     * @param declined which of their resources an outsider was found on: nobody gets them for a while; the others are
     *     free at once
     * @param note what was seen, for people; cut to 1,024 bytes
     * @param span for how long, 1 ms to 36,500 days
     * @throws StaleTokenException if the claim has moved on or is gone
     */
    public void decline(Token token, Set<String> parts, Set<Resource> declined, String note, Duration span) {
        Set<String> given = Limits.set("parts", parts);
        Set<Resource> refused = Limits.set("declined resources", declined);
        var terms = new Commit.BlockTerms(BlockReason.DECLINE, note, span);
        Claim before = changes.current("give back " + given, token);
        Set<Resource> held = new HashSet<>();
        given.forEach(part -> held.addAll(before.part(part).values()));
        if (!given.stream().allMatch(before::holds) || given.isEmpty() || !held.containsAll(refused)) {
            throw InvalidInputException.of(
                    "decline of " + refused + " in " + given,
                    before.holdings(),
                    "held parts, at least one, and resources of them");
        }
        changes.decline(token, given, refused, terms);
    }

    /**
     * Replaces one resource of a claim by another in the same part and role, such as a name whose spelling changed.
     * Twice changes nothing.
     *
     * @param owner who holds the claim
     * @param from the resource that it holds
     * @param to the resource that it is to hold instead
     * @return the claim
     * @throws ClaimNotFoundException if the owner holds no claim
     * @throws ClaimRefusedException if the new resource is not free
     * @throws ContentionException if the claim was changed by others hundreds of times in a row
     */
    public Claim migrate(Owner owner, Resource from, Resource to) {
        InvalidInputException.requireNonNull("from", from);
        InvalidInputException.requireNonNull("to", to);
        for (int round = 0; round < ROUNDS; round++) {
            Claim before = find(owner).orElseThrow(() -> new ClaimNotFoundException(owner, "migrate " + from));
            try {
                return migrate(before, from, to);
            } catch (StaleTokenException movedOn) {
                LOG.debug("Migrating {} of {} again", from, owner, movedOn);
            }
        }
        throw new ContentionException("migrate " + from, ROUNDS);
    }

    private Claim migrate(Claim before, Resource from, Resource to) {
        Optional<Holding> held = before.holdings().stream()
                .filter(holding -> holding.resource().equals(from))
                .findFirst();
        boolean arrived = before.holdings().stream()
                .anyMatch(holding -> holding.resource().equals(to));
        if (from.equals(to) || (held.isEmpty() && arrived)) {
            return before;
        }
        Holding old = held.filter(holding -> !holding.part().equals(Claim.INSTANCE_PART))
                .orElseThrow(() -> InvalidInputException.of(
                        "migration of " + before.owner(),
                        from,
                        "a resource that the claim holds, other than its instance: " + before.holdings()));
        var take = new Commit.Take(to, old.part(), old.role(), old.confirmed());
        var give = new Commit.Give(from, EndReason.MIGRATED, Optional.empty());
        return moved(ClaimRequest.by(before.owner()), new ClaimPlan.Move(before.token(), List.of(give), take));
    }

    private Claim moved(ClaimRequest request, ClaimPlan.Move move) {
        Claiming.Result result = claiming.move(request, move);
        if (result instanceof Claiming.Result.Reserved reserved) {
            return reserved.granted().claim();
        }
        throw new ClaimRefusedException(((Claiming.Result.Refused) result).refusal());
    }

    /**
     * Gives a claim to another owner's name, with all that it holds. Twice changes nothing: where the old owner holds no
     * claim, the new one's claim is returned.
     *
     * @param from who holds the claim
     * @param to who is to hold it; it must not hold a claim of its own
     * @return the claim
     * @throws ClaimNotFoundException if neither holds a claim
     */
    public Claim rename(Owner from, Owner to) {
        return changes.rename(
                InvalidInputException.requireNonNull("from", from), InvalidInputException.requireNonNull("to", to));
    }

    // ------------------------------------------------------------------ releasing

    /**
     * Releases a claim and frees all that it holds at once. Idempotent, and exactly once in effect: a claim that came
     * after is never touched.
     *
     * @param token the claim as the caller saw it
     * @return true if this call released it, false if it was gone already
     * @throws StaleTokenException if the claim has moved on
     */
    public boolean release(Token token) {
        return release(token, Quarantine.NONE);
    }

    /**
     * Releases a claim and lets resources of some kinds rest before others may have them.
     *
     * @param token the claim as the caller saw it
     * @param quarantine how long resources rest
     * @return true if this call released it, false if it was gone already
     * @throws StaleTokenException if the claim has moved on
     */
    public boolean release(Token token, Quarantine quarantine) {
        InvalidInputException.requireNonNull("token", token);
        InvalidInputException.requireNonNull("quarantine", quarantine);
        return changes.release(token, EndReason.RELEASED, quarantine);
    }

    /**
     * Releases a claim that the caller has read, without reading it again: the token in it decides.
     *
     * @param claim the claim as the caller saw it
     * @return true if this call released it, false if it was gone already; where the database's answer was lost and the
     *     claim is gone, true, though it may have been gone before
     * @throws StaleTokenException if the claim has moved on
     */
    public boolean release(Claim claim) {
        return changes.release(
                InvalidInputException.requireNonNull("claim", claim), EndReason.RELEASED, Quarantine.NONE);
    }

    // ------------------------------------------------------------------ reading

    /**
     * Finds the claim of an owner. Exact: no other owner's claim is ever returned.
     *
     * @param owner the owner
     * @return the claim, empty if the owner holds none; a lapsed reservation is returned until somebody takes it
     */
    public Optional<Claim> find(Owner owner) {
        Optional<Claim> claim =
                store.find(InvalidInputException.requireNonNull("owner", owner)).map(Snapshot::claim);
        claim.ifPresent(found -> known.add(found.owner()));
        return claim;
    }

    /**
     * Finds a claim by its id.
     *
     * @param claim the id
     * @return the claim, empty if it was released or never was
     */
    public Optional<Claim> find(UUID claim) {
        return store.find(InvalidInputException.requireNonNull("claim id", claim))
                .map(Snapshot::claim);
    }

    /**
     * Finds the claim that holds a resource. Exact.
     *
     * @param resource the resource
     * @return the claim, empty if nobody holds it
     * @throws ContentionException if its holder changed hundreds of times in a row
     */
    public Optional<Claim> holder(Resource resource) {
        for (int round = 0; round < ROUNDS; round++) {
            Optional<Occupant> occupant = occupant(resource);
            if (!(occupant.orElse(null) instanceof Occupant.Holder holder)) {
                return Optional.empty();
            }
            Optional<Claim> claim = find(holder.token().claim())
                    .filter(found -> found.holdings().stream()
                            .anyMatch(held -> held.resource().equals(resource)));
            if (claim.isPresent()) {
                return claim;
            }
            // It went from one claim to another between the two reads: that is not an answer of "nobody".
        }
        throw new ContentionException("find the holder of " + resource, ROUNDS);
    }

    private Optional<Occupant> occupant(Resource resource) {
        InvalidInputException.requireNonNull("resource", resource);
        return Optional.ofNullable(store.occupants(List.of(resource)).get(resource));
    }

    /**
     * Says what sits on resources: claims, or blocks that have not run out.
     *
     * @param resources the resources
     * @return the occupants of those that are occupied
     */
    public Map<Resource, Occupant> occupants(Set<Resource> resources) {
        return store.occupants(Limits.set("resources", resources));
    }

    /**
     * Reads claims page by page, in the order of their ids. A claim that is there all the while is read exactly once,
     * whatever happens to others meanwhile.
     *
     * @param query which claims
     * @param after {@link Page#next} of the page before, empty for the first page
     * @param limit how many at most, 1 to 10,000
     * @return the page
     */
    public Page page(ClaimQuery query, Optional<UUID> after, int limit) {
        InvalidInputException.requireNonNull("query", query);
        InvalidInputException.requireNonNull("after", after);
        List<Claim> claims = store.claims(query, after, Limits.pageSize(limit)).stream()
                .map(Snapshot::claim)
                .toList();
        return new Page(
                claims,
                claims.size() < limit
                        ? Optional.empty()
                        : Optional.of(claims.get(limit - 1).id()));
    }

    /**
     * Streams claims in bounded memory, reading them page by page as the stream is consumed; it holds nothing open and
     * need not be closed.
     *
     * @param query which claims
     * @return the claims, in the order of their ids, each as of when its page was read
     */
    public Stream<Claim> claims(ClaimQuery query) {
        return Stream.iterate(
                        Optional.of(page(query, Optional.empty(), PAGE)),
                        Optional::isPresent,
                        read -> read.flatMap(Page::next).map(next -> page(query, Optional.of(next), PAGE)))
                .flatMap(read -> read.map(Page::claims).orElse(List.of()).stream());
    }

    /**
     * Explains a resource: who holds it since when and in what state, or what else keeps it from being granted, and who
     * held it before.
     *
     * @param resource the resource
     * @return the explanation
     */
    public Explanation explain(Resource resource) {
        Optional<Occupant> occupant = occupant(resource);
        Instant at = store.now();
        return new Explanation(
                resource,
                at,
                occupant,
                overlaps.overlapping(resource),
                store.history(resource, Instant.EPOCH, at, EXPLAINED));
    }

    /**
     * Says who held a resource in a span of time and does not hold it any more, latest first. Who holds it now, and since
     * when, is told by {@link #explain} and {@link #occupants}.
     *
     * @param resource the resource
     * @param from the span's begin
     * @param to the span's end
     * @param limit how many ended holdings at most, 1 to 10,000
     * @return the ended holdings that touch the span
     */
    public List<HistoryEntry> history(Resource resource, Instant from, Instant to, int limit) {
        InvalidInputException.requireNonNull("resource", resource);
        InvalidInputException.requireNonNull("from", from);
        InvalidInputException.requireNonNull("to", to);
        return store.history(resource, from, to, Limits.pageSize(limit));
    }

    /**
     * Finds what is remembered of a provisioned claim that was released.
     *
     * @param claim the claim's id
     * @return the tombstone, empty if there is none or it is forgotten
     */
    public Optional<Tombstone> tombstone(UUID claim) {
        return store.tombstone(InvalidInputException.requireNonNull("claim id", claim));
    }

    /**
     * Forgets history, tombstones, and blocks and records that have run out, of longer ago than the given time.
     *
     * @param keep how long to remember, 1 ms to 36,500 days
     * @return how many rows were forgotten
     */
    public long prune(Duration keep) {
        Duration span = Limits.span("retention", keep);
        long forgotten = 0;
        int step;
        do {
            step = store.prune(span, PAGE);
            forgotten += step;
        } while (step == PAGE);
        return forgotten;
    }

    // ------------------------------------------------------------------ blocks and identity

    /**
     * Blocks a resource that no claim holds, because something outside this ledger has it. An earlier block is replaced.
     *
     * @param resource the resource
     * @param note what was seen, for people; cut to 1,024 bytes
     * @param span for how long, 1 ms to 36,500 days
     * @throws ClaimRefusedException if a claim holds the resource
     */
    public void markForeign(Resource resource, String note, Duration span) {
        InvalidInputException.requireNonNull("resource", resource);
        var terms = new Commit.BlockTerms(BlockReason.FOREIGN, note, span);
        var unit = new Commit(List.of(), List.of(new Commit.PutBlock(resource, terms)), List.of(), List.of());
        if (commits.commit(unit) instanceof CommitResult.Refused refused) {
            List<Obstacle> obstacles = new ArrayList<>();
            Owner holder = null;
            for (Violation violation : refused.violations()) {
                if (violation instanceof Violation.Occupied occupied
                        && occupied.occupant() instanceof Occupant.Holder found) {
                    holder = found.owner();
                    obstacles.add(new Obstacle.Taken(found.part(), found));
                }
            }
            throw new ClaimRefusedException(
                    new Refusal(InvalidInputException.requireNonNull("holder", holder), obstacles));
        }
        events.tell(new LedgerEvent.Blocked(resource, terms));
    }

    /**
     * Ends a block before its time; where there is none, nothing happens.
     *
     * @param resource the resource
     */
    public void unblock(Resource resource) {
        if (occupant(resource).orElse(null) instanceof Occupant.Block) {
            commits.commit(new Commit(List.of(), List.of(new Commit.LiftBlock(resource)), List.of(), List.of()));
            events.tell(new LedgerEvent.Unblocked(resource));
        }
    }

    /**
     * Gives the named records beside the claims.
     *
     * @return the records of this ledger
     */
    public LedgerRecords records() {
        return records;
    }

    /**
     * Takes a named lease: the right to a work that only one may do at a time.
     *
     * @param name the name of its record, 1 to 512 bytes
     * @param holder who takes it, for people, at most 65,535 bytes
     * @param span how long it lasts unless renewed, 1 ms to 36,500 days
     * @return the lease; empty if somebody has it, this process perhaps
     */
    public Optional<LedgerLease> lease(String name, String holder, Duration span) {
        return records.putFor(name, 0, holder, span)
                .map(version -> new LedgerLease(store, known, events, new Commit.Fence(name, version)));
    }

    /**
     * Reads the ledger's clock, by which leases and expiries go.
     *
     * @return the present time; never behind one that this ledger has told before
     */
    public Instant now() {
        return store.now();
    }

    /**
     * Says which ledger this is, and whether it is where it was made.
     *
     * @return the identity
     */
    public LedgerIdentity identity() {
        return store.identity();
    }

    /**
     * Says that the database was moved here: the ledger keeps its id, and removals may go on.
     *
     * @return the identity
     */
    public LedgerIdentity moved() {
        LedgerIdentity seen = store.identity();
        return store.settle(seen, seen.ledger());
    }

    /**
     * Says that this database is a copy of one that lives on: the ledger gets an id of its own, and what carries the old
     * id is not ours.
     *
     * @return the identity
     */
    public LedgerIdentity fork() {
        var random = new SecureRandom();
        return store.settle(store.identity(), new UUID(random.nextLong(), random.nextLong()));
    }

    /** Closes the store. Safe to repeat. */
    @Override
    public void close() {
        store.close();
    }

    /** Collects a ledger's settings. Not safe for use by many threads. */
    public static final class Builder {
        private final LedgerStore store;
        private final List<LedgerListener> listeners = new ArrayList<>();
        private Clock clock = Clock.systemUTC();
        private RandomGenerator random = new SecureRandom();

        private Builder(LedgerStore store) {
            this.store = store;
        }

        /**
         * Adds a listener.
         *
         * @param listener hears every event
         * @return this builder
         */
        public Builder listener(LedgerListener listener) {
            listeners.add(InvalidInputException.requireNonNull("listener", listener));
            return this;
        }

        /**
         * Sets the clock that orders new claims' ids. Leases and expiries go by the store's clock, not by this one.
         *
         * @param clock the clock
         * @return this builder
         */
        public Builder clock(Clock clock) {
            this.clock = InvalidInputException.requireNonNull("clock", clock);
            return this;
        }

        /**
         * Sets where ids and nonces come from, so that a simulation can be repeated. In production leave the default, a
         * {@link SecureRandom}: nonces tell ours from foreign.
         *
         * @param random the source; safe for use by many threads if the ledger is used so
         * @return this builder
         */
        public Builder random(RandomGenerator random) {
            this.random = InvalidInputException.requireNonNull("random", random);
            return this;
        }

        /**
         * Opens the ledger.
         *
         * @return the ledger
         */
        public ResourceLedger build() {
            return new ResourceLedger(this);
        }
    }
}
