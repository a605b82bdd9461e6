package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One unit of work for a {@link LedgerStore}: everything in it happens, or nothing. Every write carries what it expects;
 * all expectations are compared with the state before the commit, except that what the commit itself gives back or
 * releases of what the claims then hold, resources and owners, counts as free for what it takes, even where a token in
 * it turns out to be stale. Durations are turned into instants by the store's clock, read once.
 *
 * <p>The constructors copy their collections. They do not check again what the ledger has checked: texts within the
 * limits, given resources among the claim's holdings.
 *
 * @param claims what happens to claims, each claim at most once
 * @param blocks what happens to rows without a claim
 * @param records what happens to named records
 * @param fences records that must be current for the commit to happen
 */
public record Commit(List<ClaimWrite> claims, List<BlockWrite> blocks, List<RecordWrite> records, List<Fence> fences) {
    /**
     * Copies the lists.
     *
     * @param claims what happens to claims
     * @param blocks what happens to rows without a claim
     * @param records what happens to named records
     * @param fences records that must be current for the commit to happen
     * @throws InvalidInputException if a claim, a resource to take or to block, or a record is written twice, two claims
     *     are to have one owner, or a claim takes two resources for one role of a part
     */
    public Commit {
        claims = InvalidInputException.copyOf("claims", claims);
        blocks = InvalidInputException.copyOf("blocks", blocks);
        records = InvalidInputException.copyOf("records", records);
        fences = InvalidInputException.copyOf("fences", fences);
        if (claims.size() != 1 || claims.get(0).taken().size() > 1 || !blocks.isEmpty() || !records.isEmpty()) {
            checkOnce(claims, blocks, records);
        }
    }

    private static void checkOnce(List<ClaimWrite> claims, List<BlockWrite> blocks, List<RecordWrite> records) {
        var seen = new HashSet<Object>();
        for (ClaimWrite write : claims) {
            once(seen, write.claim());
            write.claimant().ifPresent(owner -> once(seen, owner));
            for (Take take : write.taken()) {
                once(seen, take.resource());
                once(seen, List.of(write.claim(), take.part(), take.role()));
            }
        }
        blocks.forEach(block -> once(seen, block.resource()));
        records.forEach(write -> once(seen, write.name()));
    }

    private static void once(Set<Object> seen, Object written) {
        if (!seen.add(written)) {
            throw InvalidInputException.of(
                    "commit", written, "each claim, owner, role, resource and record written once");
        }
    }

    /**
     * Makes a unit of claim writes alone.
     *
     * @param claims the writes
     * @return the unit
     */
    public static Commit of(ClaimWrite... claims) {
        return new Commit(
                Arrays.asList(InvalidInputException.requireNonNull("claim writes", claims)),
                List.of(),
                List.of(),
                List.of());
    }

    /**
     * Says whether this unit is plain: one write to one claim, of a form that a store can carry out for many such units by
     * the same few statements. That is a {@link Create}; a {@link Release} that blocks nothing and asks for no label; a {@link Touch} that
     * leaves the labels alone; a {@link Change} that restarts the state's clock and takes, gives, confirms and labels
     * nothing. Records and fences make no unit plain.
     *
     * <p>Whether a change names another owner than the claim has is not to be seen here. A rename that does nothing else
     * leaves the state's clock as it is and so is not plain; a store that carries out a plain change compares the owner
     * all the same.
     *
     * @return true if it is plain
     */
    public boolean isPlain() {
        return claims.size() == 1
                && blocks.isEmpty()
                && records.isEmpty()
                && fences.isEmpty()
                && isPlain(claims.get(0));
    }

    private static boolean isPlain(ClaimWrite write) {
        if (write instanceof Change change) {
            return change.clock() == StateClock.RESTART
                    && change.guard() != Guard.NOT_KEPT
                    && change.takes().isEmpty()
                    && change.gives().isEmpty()
                    && change.confirms().isEmpty()
                    && change.labels().isEmpty();
        }
        if (write instanceof Touch touch) {
            return touch.put().isEmpty() && touch.drop().isEmpty();
        }
        return !(write instanceof Release release) || (release.blocks().isEmpty() && release.guard() != Guard.NOT_KEPT);
    }

    /** What happens to one claim, and what that expects and frees, so that stores need not say it again. */
    public sealed interface ClaimWrite {
        /**
         * Names the claim.
         *
         * @return its id
         */
        UUID claim();

        /**
         * Says which token the writer saw: the claim must have it still ({@link Violation.Stale}).
         *
         * @return the token; empty for a write that makes its claim
         */
        default Optional<Token> seen() {
            return Optional.empty();
        }

        /**
         * Says what else must be true of a claim that has the token ({@link Violation.NotLapsed}).
         *
         * @return the guard
         */
        default Guard guard() {
            return Guard.NONE;
        }

        /**
         * Says who is to hold the claim from now on: no other claim may be this owner's ({@link Violation.OwnerClaimed}), and
         * what is taken must be free for it.
         *
         * @return the owner; empty for a write that takes nothing and leaves the owner as it is
         */
        default Optional<Owner> claimant() {
            return Optional.empty();
        }

        /**
         * Says what becomes free by this write for what its unit takes and blocks. That counts even where the token turns
         * out to be stale, so that the refusal does not name as an occupant what the writer meant to end.
         *
         * @param before the claim as it is at the commit, whatever its token
         * @return the resources and the owner
         * @throws InvalidInputException if the claim has the token, but not a resource that the write gives back
         */
        default Freed freed(Claim before) {
            return Freed.NOTHING;
        }

        /**
         * Says what the claim takes.
         *
         * @return the resources, empty if it takes none
         */
        default List<Take> taken() {
            return List.of();
        }
    }

    /**
     * Makes a claim of revision 1. Expects that the owner holds no claim ({@link Violation.OwnerClaimed}) and that every
     * taken resource is free for it ({@link Violation.Occupied}).
     *
     * @param id the new claim's id
     * @param owner its owner
     * @param state its first state
     * @param home its home scope, empty for a reservation
     * @param lease how long it lives unless renewed, empty for as long as nobody releases it
     * @param attempt its first attempt, empty for a reservation
     * @param labels its labels
     * @param takes what it takes
     */
    public record Create(
            UUID id,
            Owner owner,
            ClaimState state,
            Optional<Scope> home,
            Optional<Duration> lease,
            Optional<NewAttempt> attempt,
            Map<String, String> labels,
            List<Take> takes)
            implements ClaimWrite {
        /**
         * Copies the collections.
         *
         * @param id the new claim's id
         * @param owner its owner
         * @param state its first state
         * @param home its home scope
         * @param lease how long it lives unless renewed
         * @param attempt its first attempt
         * @param labels its labels
         * @param takes what it takes
         */
        public Create {
            labels = InvalidInputException.copyOf("labels", labels);
            takes = InvalidInputException.copyOf("takes", takes);
        }

        /**
         * Says what this write makes, so that stores need not say it again.
         *
         * @param at the store's time of the commit
         * @return the claim, revision 1
         * @throws java.time.DateTimeException if a span ends after the last instant there is
         */
        public Claim after(Instant at) {
            return ClaimForms.created(this, InvalidInputException.requireNonNull("at", at));
        }

        @Override
        public UUID claim() {
            return id;
        }

        @Override
        public Optional<Owner> claimant() {
            return Optional.of(owner);
        }

        @Override
        public List<Take> taken() {
            return takes;
        }
    }

    /**
     * Changes a claim and adds one to its revision. Expects the token ({@link Violation.Stale}), the guard ({@link
     * Violation.NotLapsed}), every taken resource free for the new owner, and, where the owner changes, that the new
     * owner holds no claim. Where the owner changes, every holding's {@code since} begins anew and history keeps the
     * former owner's time ({@link EndReason#RENAMED}).
     *
     * @param expected the token that the claim must have
     * @param guard what else must be true of it
     * @param owner its owner from now on
     * @param state its state from now on
     * @param clock whether {@code stateSince} begins anew
     * @param home its home scope from now on
     * @param lease what happens to its lease
     * @param attempt what happens to its attempt
     * @param reason why it is in this state, for people; empty for none
     * @param gives what it gives back; each must be among its holdings
     * @param takes what it takes
     * @param confirms the parts whose holdings count as confirmed from now on
     * @param labels labels to set; the others stay
     */
    public record Change(
            Token expected,
            Guard guard,
            Owner owner,
            ClaimState state,
            StateClock clock,
            Optional<Scope> home,
            LeaseWrite lease,
            AttemptWrite attempt,
            Optional<String> reason,
            List<Give> gives,
            List<Take> takes,
            Set<String> confirms,
            Map<String, String> labels)
            implements ClaimWrite {
        /**
         * Copies the collections.
         *
         * @param expected the token that the claim must have
         * @param guard what else must be true of it
         * @param owner its owner from now on
         * @param state its state from now on
         * @param clock whether {@code stateSince} begins anew
         * @param home its home scope from now on
         * @param lease what happens to its lease
         * @param attempt what happens to its attempt
         * @param reason why it is in this state, for people
         * @param gives what it gives back
         * @param takes what it takes
         * @param confirms the parts whose holdings count as confirmed from now on
         * @param labels labels to set
         */
        public Change {
            gives = InvalidInputException.copyOf("gives", gives);
            takes = InvalidInputException.copyOf("takes", takes);
            confirms = InvalidInputException.copyOf("confirms", confirms);
            labels = InvalidInputException.copyOf("labels", labels);
        }

        /**
         * Says what a claim becomes by this write, so that stores need not say it again.
         *
         * @param before the claim as it is, at the expected token
         * @param at the store's time of the commit
         * @return the claim, its revision one higher
         */
        public Claim after(Claim before, Instant at) {
            return ClaimForms.changed(before, this, at);
        }

        @Override
        public UUID claim() {
            return expected.claim();
        }

        @Override
        public Optional<Token> seen() {
            return Optional.of(expected);
        }

        @Override
        public Optional<Owner> claimant() {
            return Optional.of(owner);
        }

        @Override
        public Freed freed(Claim before) {
            return new Freed(
                    given(before), owner.equals(before.owner()) ? Optional.empty() : Optional.of(before.owner()));
        }

        private Set<Resource> given(Claim before) {
            if (gives.isEmpty()) {
                return Set.of();
            }
            Set<Resource> held = resources(before);
            Set<Resource> given = new HashSet<>();
            for (Give give : gives) {
                if (held.contains(give.resource())) {
                    given.add(give.resource());
                } else if (before.token().equals(expected)) {
                    throw InvalidInputException.of("commit", give.resource(), "to give back what the claim holds");
                }
            }
            return given;
        }

        @Override
        public List<Take> taken() {
            return takes;
        }
    }

    /**
     * Renews leases and sets labels, leaving the revision as it is. Expects the token ({@link Violation.Stale}).
     *
     * @param expected the token that the claim must have
     * @param lease what happens to the claim's lease
     * @param attempt how long the current attempt lives from now on, empty to leave it; ignored if there is none
     * @param put labels to set
     * @param drop label keys to remove
     */
    public record Touch(
            Token expected, LeaseWrite lease, Optional<Duration> attempt, Map<String, String> put, Set<String> drop)
            implements ClaimWrite {
        /**
         * Copies the collections.
         *
         * @param expected the token that the claim must have
         * @param lease what happens to the claim's lease
         * @param attempt how long the current attempt lives from now on
         * @param put labels to set
         * @param drop label keys to remove
         */
        public Touch {
            put = InvalidInputException.copyOf("put", put);
            drop = InvalidInputException.copyOf("drop", drop);
        }

        /**
         * Says what a claim becomes by this write, so that stores need not say it again.
         *
         * @param before the claim as it is, at the expected token
         * @param at the store's time of the commit
         * @return the claim, its revision unchanged
         */
        public Claim after(Claim before, Instant at) {
            return ClaimForms.touched(before, this, at);
        }

        @Override
        public UUID claim() {
            return expected.claim();
        }

        @Override
        public Optional<Token> seen() {
            return Optional.of(expected);
        }
    }

    /**
     * Removes a claim, frees or blocks all that it held, writes its history and, unless it was a reservation, its
     * tombstone. Expects the token ({@link Violation.Stale}) and the guard ({@link Violation.NotLapsed}).
     *
     * @param expected the token that the claim must have
     * @param guard what else must be true of it
     * @param reason why it ends
     * @param blocks the resources among its holdings that are blocked from now on
     */
    public record Release(Token expected, Guard guard, EndReason reason, Map<Resource, BlockTerms> blocks)
            implements ClaimWrite {
        /**
         * Copies the map.
         *
         * @param expected the token that the claim must have
         * @param guard what else must be true of it
         * @param reason why it ends
         * @param blocks the resources among its holdings that are blocked from now on
         */
        public Release {
            blocks = InvalidInputException.copyOf("blocks", blocks);
        }

        @Override
        public UUID claim() {
            return expected.claim();
        }

        @Override
        public Optional<Token> seen() {
            return Optional.of(expected);
        }

        @Override
        public Freed freed(Claim before) {
            return new Freed(resources(before), Optional.of(before.owner()));
        }
    }

    private static Set<Resource> resources(Claim claim) {
        Set<Resource> held = new HashSet<>();
        claim.holdings().forEach(holding -> held.add(holding.resource()));
        return held;
    }

    /**
     * What a write frees.
     *
     * @param resources what its claim gives back
     * @param owner who holds no claim any more; empty if that stays as it is
     */
    public record Freed(Set<Resource> resources, Optional<Owner> owner) {
        /** Nothing at all. */
        public static final Freed NOTHING = new Freed(Set.of(), Optional.empty());

        /**
         * Copies the set.
         *
         * @param resources what its claim gives back
         * @param owner who holds no claim any more
         */
        public Freed {
            resources = InvalidInputException.copyOf("resources", resources);
        }
    }

    /**
     * Takes a resource for the claim.
     *
     * @param resource the resource
     * @param part the part it is taken for
     * @param role its role within the part
     * @param confirmed whether it counts as confirmed at once
     */
    public record Take(Resource resource, String part, String role, boolean confirmed) {}

    /**
     * Gives a resource back.
     *
     * @param resource the resource
     * @param reason why it ends
     * @param block how it is blocked from now on, empty to free it
     */
    public record Give(Resource resource, EndReason reason, Optional<BlockTerms> block) {}

    /**
     * How a resource is blocked.
     *
     * @param reason why
     * @param note what was seen, for people; may be empty
     * @param span for how long from the commit on
     */
    public record BlockTerms(BlockReason reason, String note, Duration span) {
        /**
         * Checks the terms; the note is cut to 1,024 bytes.
         *
         * @param reason why
         * @param note what was seen, for people
         * @param span for how long from the commit on
         * @throws InvalidInputException if the span is not between 1 ms and 36,500 days
         */
        public BlockTerms {
            InvalidInputException.requireNonNull("block reason", reason);
            note = Limits.note(note);
            span = Limits.span("block span", span);
        }
    }

    /**
     * The attempt that a claim gets.
     *
     * @param nonce its random name
     * @param span how long it lives unless renewed
     */
    public record NewAttempt(String nonce, Duration span) {}

    /** What must be true of a claim beyond its token, compared by the store's clock at the commit. */
    public enum Guard {
        /** Nothing more. */
        NONE,
        /** It is a reservation whose lease has run out. */
        LEASE_LAPSED,
        /** It has no attempt, or its attempt has run out. */
        ATTEMPT_LAPSED,
        /** No {@linkplain Claim#KEEP label} says that it is to be kept: labels do not change the token. */
        NOT_KEPT;

        /**
         * Says whether this is true of a claim, so that stores need not say it again.
         *
         * @param seen the claim as it is at the commit, with the store's time of the commit
         * @return true if the guard holds
         */
        public boolean holds(Snapshot seen) {
            return switch (this) {
                case NONE -> true;
                case LEASE_LAPSED -> seen.isLapsed();
                case ATTEMPT_LAPSED ->
                    seen.claim()
                            .attempt()
                            .map(attempt -> !attempt.until().isAfter(seen.at()))
                            .orElse(true);
                case NOT_KEPT -> !seen.claim().isKept();
            };
        }
    }

    /** Whether a claim's {@code stateSince} begins anew. */
    public enum StateClock {
        /** It stays. */
        KEEP,
        /** It becomes the time of the commit. */
        RESTART
    }

    /** What happens to a claim's lease. */
    public sealed interface LeaseWrite {
        /** It stays as it is stored. */
        record Keep() implements LeaseWrite {}

        /** There is none from now on. */
        record Lift() implements LeaseWrite {}

        /**
         * It runs anew.
         *
         * @param span for how long from the commit on
         */
        record Run(Duration span) implements LeaseWrite {}

        /** It stays as it is stored. */
        LeaseWrite KEEP = new Keep();
        /** There is none from now on. */
        LeaseWrite LIFT = new Lift();
    }

    /** What happens to a claim's attempt. */
    public sealed interface AttemptWrite {
        /** It stays as it is stored. */
        record Leave() implements AttemptWrite {}

        /**
         * It is over: its {@code until} becomes the time of the commit, unless it was earlier; number and nonce stay to
         * be looked up.
         */
        record End() implements AttemptWrite {}

        /**
         * A new one begins, its number one above the last, from 1.
         *
         * @param attempt the new attempt
         */
        record Begin(NewAttempt attempt) implements AttemptWrite {}

        /** It stays as it is stored. */
        AttemptWrite LEAVE = new Leave();
        /** It is over. */
        AttemptWrite END = new End();
    }

    /** What happens to one row without a claim. */
    public sealed interface BlockWrite {
        /**
         * Names the resource.
         *
         * @return the resource
         */
        Resource resource();
    }

    /**
     * Blocks a resource that no claim holds, or changes the block that is there. Expects that no claim holds it ({@link
     * Violation.Occupied}), not even a lapsed one.
     *
     * @param resource the resource
     * @param terms how
     */
    public record PutBlock(Resource resource, BlockTerms terms) implements BlockWrite {}

    /**
     * Ends a block if there is one. Expects nothing; a claim's holding is left alone.
     *
     * @param resource the resource
     */
    public record LiftBlock(Resource resource) implements BlockWrite {}

    /** What happens to one named record. */
    public sealed interface RecordWrite {
        /**
         * Names the record.
         *
         * @return the name
         */
        String name();

        /**
         * Says what version is expected.
         *
         * @return the version that the record must have and be current; 0 if it must be absent or have run out
         */
        long expected();
    }

    /**
     * Writes a record. Its new version is the greater of the last one plus one and the commit's time in microseconds since
     * 1970, so that no version is used twice under a name even when an ended record was forgotten. Expects the version
     * ({@link Violation.RecordMoved}).
     *
     * @param name the record's name
     * @param expected the version that must be current, or 0 for absent or run out
     * @param value the new value
     * @param span how long it lives, empty for ever
     */
    public record PutRecord(String name, long expected, String value, Optional<Duration> span) implements RecordWrite {}

    /**
     * Lets a record live longer, leaving its version as it is. Expects the version ({@link Violation.RecordMoved}).
     *
     * @param name the record's name
     * @param expected the version that must be current, 1 or more
     * @param span how long it lives from the commit on
     */
    public record RenewRecord(String name, long expected, Duration span) implements RecordWrite {}

    /**
     * Ends a record: it counts as absent from now on, but its version is never used again. Expects the version ({@link
     * Violation.RecordMoved}).
     *
     * @param name the record's name
     * @param expected the version that must be current, 1 or more
     */
    public record EndRecord(String name, long expected) implements RecordWrite {}

    /**
     * A record that must be current, at this version, at the time of the commit ({@link Violation.RecordMoved}).
     *
     * @param name the record's name
     * @param version the version, 1 or more
     */
    public record Fence(String name, long version) {}
}
