package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The whole road from a wish to a running instance: claim, create, start, verify, activate; and back again. Of any number
 * of callers for one owner, in whatever processes, one makes the instance and all get it. Whatever dies on the way leaves
 * something that the next caller, or the reaper, resolves.
 *
 * <p>Nothing is removed but what carries this ledger's mark and the same tenant, after a look at it, and only once no
 * claim has it. What is not known is never taken for gone.
 *
 * <p>Safe for use by many threads. Calls block on the ledger's store and on the runtime, each call of which has a deadline.
 * An interrupt ends a call soon, after it has taken back what it made; the flag stays set. Every method throws {@link
 * InvalidInputException} for input that is not allowed and {@link dev.berth.ledger.StoreUnavailableException} if the store
 * could not do its work; then asking again goes on where this call ended. {@link #close} ends the threads that it made, and
 * closes neither ledger nor runtime.
 *
 * @param <S> what the host hands over to say what to create, in the runtime's own terms
 */
public final class Provisioner<S> implements AutoCloseable {
    private final Kit<S> kit;
    private final Background background;

    private Provisioner(Builder<S> builder) {
        BoundedRuntime<S> bounded = builder.threads == null
                ? BoundedRuntime.of(builder.runtime, builder.deadlines)
                : BoundedRuntime.of(builder.runtime, builder.deadlines, builder.threads);
        kit = new Kit<>(
                builder.ledger, bounded, builder.policy, new Gate(builder.ledger.records(), bounded), builder.pacing);
        background = new Background(bounded.scope());
    }

    /**
     * Begins a provisioner.
     *
     * @param <S> what the host hands over to say what to create
     * @param ledger the ledger; it stays the caller's to close
     * @param runtime the runtime; it stays the caller's to close
     * @return the builder
     */
    public static <S> Builder<S> of(ResourceLedger ledger, ContainerRuntime<S> runtime) {
        return new Builder<>(
                InvalidInputException.requireNonNull("ledger", ledger),
                InvalidInputException.requireNonNull("runtime", runtime));
    }

    /**
     * Gets or makes the owner's instance: {@link #tryProvision} for callers who cannot go on without it. Waits for an
     * attempt of somebody else's as long as the {@linkplain Builder#patience patience} lasts.
     *
     * @param request what it needs
     * @param creator says what to create, with what was granted; called again for each try
     * @return the instance, running
     * @throws ClaimRefusedException if the ledger does not have what is asked for
     * @throws ProvisionException if the runtime does not have it, or somebody else is at it for too long
     */
    public Provisioned provision(ProvisionRequest request, Function<Grant, S> creator) {
        Asking<S> asking = asking(request, creator);
        var patience = Patience.of(kit);
        while (true) {
            ProvisionOutcome outcome = asking.run();
            if (!(outcome instanceof ProvisionOutcome.Joined) || !patience.rest()) {
                return provisioned(request.owner(), outcome);
            }
        }
    }

    private static Provisioned provisioned(Owner owner, ProvisionOutcome outcome) {
        if (outcome instanceof Provisioned provisioned) {
            return provisioned;
        }
        if (outcome instanceof ProvisionOutcome.Refused refused) {
            throw new ClaimRefusedException(refused.refusal());
        }
        throw new ProvisionException(owner, outcome);
    }

    /**
     * Gets or makes the owner's instance on threads of the provisioner's. While somebody else is at it no thread waits: the
     * ledger is asked now and then.
     *
     * @param request what it needs
     * @param creator says what to create, with what was granted; called again for each try
     * @return the instance; ends with what {@link #provision} throws. Cancelling it ends the waiting for somebody else, not
     *     work that is under way
     */
    public CompletableFuture<Provisioned> provisionAsync(ProvisionRequest request, Function<Grant, S> creator) {
        Asking<S> asking = asking(request, creator);
        var result = new CompletableFuture<Provisioned>();
        var patience = Patience.of(kit);
        background.begin(result, () -> step(asking, request.owner(), result, patience));
        return result;
    }

    private void step(Asking<S> asking, Owner owner, CompletableFuture<Provisioned> result, Patience patience) {
        if (result.isDone()) {
            return;
        }
        ProvisionOutcome outcome = asking.run();
        if (outcome instanceof ProvisionOutcome.Joined && !patience.isOver()) {
            background.later(result, patience.next(), () -> step(asking, owner, result, patience));
        } else {
            result.complete(provisioned(owner, outcome));
        }
    }

    /**
     * Gets or makes the owner's instance. Never waits for somebody else.
     *
     * @param request what it needs
     * @param creator says what to create, with what was granted; called again for each try. What it throws ends the call,
     *     which then takes back what it made
     * @return the instance, or why there is none
     */
    public ProvisionOutcome tryProvision(ProvisionRequest request, Function<Grant, S> creator) {
        return asking(request, creator).run();
    }

    private Asking<S> asking(ProvisionRequest request, Function<Grant, S> creator) {
        return new Asking<>(
                kit,
                InvalidInputException.requireNonNull("request", request),
                InvalidInputException.requireNonNull("creator", creator));
    }

    /**
     * Stops an owner's instance and keeps all that its claim holds, ports included. One that is gone counts as stopped; what
     * failed attempts have left is removed. An attempt of somebody else's that is under way is waited for as long as the
     * {@linkplain Builder#patience patience} lasts, and what came of it is stopped.
     *
     * @param owner the owner
     * @return the claim, stopped
     * @throws dev.berth.ledger.ClaimNotFoundException if the owner has no provisioned claim
     * @throws ProvisionException if somebody is at it for too long, or has gone on with it meanwhile, or the thread was
     *     interrupted while it waited, which changes nothing; or if it is not known whether it has stopped: then an active claim stays active, and any other keeps everything and says why
     */
    public Claim stop(Owner owner) {
        return new Ending(kit, InvalidInputException.requireNonNull("owner", owner)).stop();
    }

    /**
     * Removes an owner's instance, with what failed attempts may have left of it, and frees all that its claim holds. An
     * instance that was adopted is let go, untouched. An attempt of somebody else's that is under way is waited for as long as
     * the {@linkplain Builder#patience patience} lasts, and what came of it is removed.
     *
     * @param owner the owner
     * @return true if this call freed a claim, false if the owner has none
     * @throws ProvisionException if somebody is at it for too long, or has gone on with it meanwhile, or the thread was
     *     interrupted while it waited, which changes nothing; or if the instance could not be proven to be gone: then the
     *     claim keeps everything, and says why
     */
    public boolean remove(Owner owner) {
        return new Ending(kit, InvalidInputException.requireNonNull("owner", owner)).remove();
    }

    /**
     * Frees all that an owner's claim holds and leaves its instance alone. One that this library has made still carries the
     * ledger's mark: {@link #recover} claims it again, and {@link Stranger#REMOVE_IF_OURS} removes it where it is in the way.
     * An attempt of somebody else's that is under way is waited for as long as the {@linkplain Builder#patience patience}
     * lasts.
     *
     * @param owner the owner
     * @return true if this call freed a claim, false if the owner has none
     * @throws ProvisionException if somebody is at it for too long, or has gone on with it meanwhile, or the thread was
     *     interrupted while it waited, which changes nothing
     */
    public boolean letGo(Owner owner) {
        return new Ending(kit, InvalidInputException.requireNonNull("owner", owner)).letGo();
    }

    /**
     * Makes an instance that is there already an owner's own, with what the request claims for it. It is not touched, and
     * never removed by this library. Adopting twice is the same as once.
     *
     * @param instance its full id
     * @param claim what to claim for it: its name, its ports
     * @return the claim, active, or stopped where the instance does not run
     * @throws ClaimRefusedException if what is to be claimed is held by others, or the instance is another owner's
     * @throws ProvisionException if there is no such instance, it could not be seen, the owner has another one, or somebody
     *     is at it
     */
    public Claim adopt(String instance, ClaimRequest claim) {
        return new Adoption(kit)
                .adopt(
                        InvalidInputException.requireNonNull("instance id", instance),
                        InvalidInputException.requireNonNull("claim request", claim));
    }

    /**
     * Finds what runs already, or could, and claims it for its owners: for a ledger that was lost or is new, and after a
     * restart. An instance that carries this ledger's mark says by itself whose it is and what it holds; for others the host
     * says, of those that carry another ledger's mark perhaps just {@link Instance#claimed}. What has its claim is left as it is. Nothing is touched in the runtime, and where
     * it cannot be seen whole, what is seen is claimed all the same. Twice changes nothing.
     *
     * @param others says for an instance without this ledger's mark who owns it and what is to be claimed for it; empty leaves it
     *     alone
     * @return what was claimed, what was not, and why
     */
    public Recovery recover(Function<Instance, Optional<ClaimRequest>> others) {
        return new Adoption(kit).recover(InvalidInputException.requireNonNull("what is to be claimed", others));
    }

    /**
     * Removes an instance that this ledger has made and that no claim has: what {@link Recovery} calls a leftover. Kept is what
     * a claim has, in whichever scope; what was made for a claim of another scope; what the current attempt of a claim has
     * made; what somebody has copied from a claim's instance, with its mark; and what carries another mark or a guard.
     *
     * @param instance the instance, as it was listed
     * @param mode whether one that runs is removed, too
     * @return how it ended; kept, with the reason, where it may not be removed
     */
    public Removal discard(Instance instance, Removal.Mode mode) {
        InvalidInputException.requireNonNull("instance", instance);
        InvalidInputException.requireNonNull("mode", mode);
        Optional<ProvisionFailure> wrong = kit.gate().check();
        return wrong.<Removal>map(failure -> new Removal.Kept(failure.detail()))
                .orElseGet(() -> new Disposal(kit, new Steps(kit.pacing())).discard(instance, mode));
    }

    /**
     * Says why {@link #discard} would keep an instance, as far as the ledger knows.
     *
     * @param instance the instance, as it was listed
     * @return the reason; empty if it is left over
     */
    public Optional<String> keeps(Instance instance) {
        InvalidInputException.requireNonNull("instance", instance);
        return new Disposal(kit, new Steps(kit.pacing())).keeps(instance);
    }

    /**
     * Says whose instances they are.
     *
     * @return the runtime's scope
     */
    public Scope scope() {
        return kit.scope();
    }

    /**
     * Says why the runtime's word does not count: because another one answers than the one that this scope had, or because
     * it could not be asked. The first one that is ever met in a scope is taken at its word, for all processes.
     *
     * @return the reason; empty if its word counts
     */
    public Optional<String> doubt() {
        return kit.gate().check().map(ProvisionFailure::detail);
    }

    /**
     * Takes the runtime that answers now as the one of this scope: to be said after it was replaced on purpose.
     *
     * @return its fingerprint
     * @throws RuntimeFaultException if it could not be asked
     */
    public Fingerprint trustRuntime() {
        return kit.gate().trust();
    }

    /**
     * Ends the threads that it made. What {@link #provisionAsync} was at is interrupted and taken back, for which this waits
     * up to 10 s. Safe to repeat.
     */
    @Override
    public void close() {
        background.close();
        kit.runtime().close();
    }

    /**
     * Collects a provisioner's settings. Not safe for use by many threads.
     *
     * @param <S> what the host hands over to say what to create
     */
    public static final class Builder<S> {
        private static final Duration LEAST_SPAN = Duration.ofSeconds(1);
        private static final Duration MOST_SPAN = Duration.ofDays(1);
        private static final int MOST_TRIES = 1_000;

        private final ResourceLedger ledger;
        private final ContainerRuntime<S> runtime;
        private Deadlines deadlines = Deadlines.defaults();
        private Policy policy = Policy.defaults();
        private Pacing pacing = Pacing.system();
        private @Nullable Executor threads;

        private Builder(ResourceLedger ledger, ContainerRuntime<S> runtime) {
            this.ledger = ledger;
            this.runtime = runtime;
        }

        /**
         * Sets what happens where the owner's own instance lives already; {@link Mine#REUSE} if it is not set.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder<S> whenMineLives(Mine policy) {
            this.policy = this.policy.mine(InvalidInputException.requireNonNull("policy", policy));
            return this;
        }

        /**
         * Sets what happens where other claims hold what is asked for; {@link Held#REFUSE} if it is not set.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder<S> whenAnotherHolds(Held policy) {
            this.policy = this.policy.held(InvalidInputException.requireNonNull("policy", policy));
            return this;
        }

        /**
         * Sets what happens where an instance that no claim has is in the way, in order; {@link Stranger#REFUSE} if it is
         * not set, and where none of them works.
         *
         * @param policies the policies, at least one, none twice; {@link Stranger#REFUSE} only alone
         * @return this builder
         */
        public Builder<S> whenStrangerIsInTheWay(Stranger... policies) {
            List<Stranger> given = Arrays.stream(InvalidInputException.requireNonNull("policies", policies))
                    .map(one -> InvalidInputException.requireNonNull("policy", one))
                    .toList();
            boolean contradicts = given.contains(Stranger.REFUSE) && given.size() > 1;
            if (given.isEmpty() || contradicts || given.stream().distinct().count() < given.size()) {
                throw InvalidInputException.of(
                        "policies for strangers", given, "at least one, none twice, and REFUSE only alone");
            }
            this.policy = this.policy.strangers(given);
            return this;
        }

        /**
         * Sets what happens where a pool has nothing free; {@link Full#REFUSE} if it is not set.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder<S> whenPoolIsExhausted(Full policy) {
            this.policy = this.policy.full(InvalidInputException.requireNonNull("policy", policy));
            return this;
        }

        /**
         * Sets how many instances one call creates at most, one after the other; 8 if it is not set.
         *
         * @param most 1 to 1,000
         * @return this builder
         */
        public Builder<S> tries(int most) {
            if (most < 1 || most > MOST_TRIES) {
                throw InvalidInputException.of("tries", most, "1 to " + MOST_TRIES);
            }
            this.policy = this.policy.tries(most);
            return this;
        }

        /**
         * Sets how long an attempt lives unless it is renewed, which its caller does while it works; 60 s if it is not
         * set. So long others wait after a process has died.
         *
         * @param span 1 s to 1 day
         * @return this builder
         */
        public Builder<S> attemptsLive(Duration span) {
            InvalidInputException.requireNonNull("attempt span", span);
            if (span.compareTo(LEAST_SPAN) < 0 || span.compareTo(MOST_SPAN) > 0) {
                throw InvalidInputException.of("attempt span", span, "1 s to 1 day");
            }
            this.policy = this.policy.span(span);
            return this;
        }

        /**
         * Sets for how long a name or port is passed over that somebody else was found to have; 5 minutes if it is not
         * set.
         *
         * @param span 1 ms to 1 day
         * @return this builder
         */
        public Builder<S> decliningFor(Duration span) {
            InvalidInputException.requireNonNull("decline span", span);
            if (span.compareTo(Duration.ofMillis(1)) < 0 || span.compareTo(MOST_SPAN) > 0) {
                throw InvalidInputException.of("decline span", span, "1 ms to 1 day");
            }
            this.policy = this.policy.decline(span);
            return this;
        }

        /**
         * Sets how long {@link Provisioner#provision}, {@link Provisioner#provisionAsync}, {@link Provisioner#stop}, {@link
         * Provisioner#remove} and {@link Provisioner#letGo} wait for an attempt of somebody else's; 5 minutes if it is not
         * set. With zero they ask once.
         *
         * @param span zero to 1 day
         * @return this builder
         */
        public Builder<S> patience(Duration span) {
            InvalidInputException.requireNonNull("patience", span);
            if (span.isNegative() || span.compareTo(MOST_SPAN) > 0) {
                throw InvalidInputException.of("patience", span, "zero to 1 day");
            }
            this.policy = this.policy.patience(span);
            return this;
        }

        /**
         * Sets how long calls of the runtime may take.
         *
         * @param spans the deadlines
         * @return this builder
         */
        public Builder<S> deadlines(Deadlines spans) {
            this.deadlines = InvalidInputException.requireNonNull("deadlines", spans);
            return this;
        }

        /**
         * Sets how it waits between looks and tries, for simulations.
         *
         * @param pacing the pacing
         * @return this builder
         */
        public Builder<S> pacing(Pacing pacing) {
            this.pacing = InvalidInputException.requireNonNull("pacing", pacing);
            return this;
        }

        /**
         * Sets where calls of the runtime run; on threads of its own if it is not set. One that runs them at once, in the
         * calling thread, makes a simulation repeatable, and then no call is ended by its deadline.
         *
         * @param threads the executor; it stays the caller's
         * @return this builder
         */
        public Builder<S> callingOn(Executor threads) {
            this.threads = InvalidInputException.requireNonNull("threads", threads);
            return this;
        }

        /**
         * Makes the provisioner.
         *
         * @return the provisioner
         */
        public Provisioner<S> build() {
            return new Provisioner<>(this);
        }
    }
}
