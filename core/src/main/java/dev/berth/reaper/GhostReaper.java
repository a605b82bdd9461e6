package dev.berth.reaper;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.LedgerLease;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.reaper.ReapReport.Occasion;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Pacing;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees what claims hold whose instances are gone, and never touches what lives. Each reaper looks after one runtime's scope; of
 * any number of reapers of a scope, in whatever processes, one sweeps at a time.
 *
 * <p>A claim is freed when its instance was missing in {@linkplain ReaperPolicy#confirmations several} complete listings,
 * spaced apart and over {@linkplain ReaperPolicy#absenceGrace some time}, each of them between two readings of the ledger that
 * held the claim unchanged; when the runtime, asked for the instance by its id, says that it does not exist; when the runtime
 * that answers is, before and after, the one that the scope had; and when, in the commit that frees it, claim, mark and this
 * sweep's lease are what they were. What is not known is never taken for gone (law L3). The first complete sweep after a start,
 * a long pause, or a sweep that could not see everything, only observes. Reservations are not judged.
 *
 * <p>A {@linkplain Breaker breaker} holds everything back where too much is missing, or what was missing came back.
 *
 * <p>Safe for use by many threads; runs of one reaper wait for each other. What goes wrong in a run is in its {@linkplain
 * ReapReport#errors report}, and is not thrown. {@link #close} ends the threads that it made, and closes neither ledger nor
 * runtime.
 */
public final class GhostReaper implements AutoCloseable {
    /** A claim, or an instance, with this label is kept, unless the label says {@code false}. */
    public static final String KEEP = Claim.KEEP;

    private static final Logger LOG = LoggerFactory.getLogger(GhostReaper.class);
    private static final Duration LEAST_LEASE = Duration.ofSeconds(60);

    private final ReaperKit kit;
    private final List<ReaperListener> listeners;
    private final Memory memory = new Memory();
    private final ReentrantLock running = new ReentrantLock();
    private final Schedule schedule;
    private volatile @Nullable ReapReport last;

    private GhostReaper(Builder builder) {
        Deadlines deadlines = builder.deadlines;
        Provisioner<?> provisioner = builder.provisioner();
        BoundedRuntime<?> runtime = builder.threads == null
                ? BoundedRuntime.of(builder.runtime, deadlines)
                : BoundedRuntime.of(builder.runtime, deadlines, builder.threads);
        Duration calls = deadlines.read().compareTo(deadlines.remove()) > 0 ? deadlines.read() : deadlines.remove();
        Duration needed = calls.multipliedBy(2);
        kit = new ReaperKit(
                builder.ledger,
                runtime,
                provisioner,
                builder.policy,
                builder.pacing,
                needed.compareTo(LEAST_LEASE) > 0 ? needed : LEAST_LEASE);
        listeners = List.copyOf(builder.listeners);
        schedule = new Schedule(
                this::scheduled,
                builder.policy.interval(),
                builder.policy.recheck(),
                "berth-reaper-" + kit.scope(),
                running::isHeldByCurrentThread,
                builder.timer);
        builder.policy.warnings().forEach(warning -> LOG.warn("Reaper of {}: {}", kit.scope(), warning));
    }

    /**
     * Makes a reaper with every other setting at its default.
     *
     * @param ledger the ledger; it stays the caller's to close
     * @param runtime the runtime; it stays the caller's to close
     * @param policy what it does, when, and how careful it is
     * @return the reaper; it does nothing until it is told to
     */
    public static GhostReaper of(ResourceLedger ledger, ContainerRuntime<?> runtime, ReaperPolicy policy) {
        return builder(ledger, runtime).policy(policy).build();
    }

    /**
     * Begins a reaper with settings.
     *
     * @param ledger the ledger; it stays the caller's to close
     * @param runtime the runtime; it stays the caller's to close
     * @return the builder
     */
    public static Builder builder(ResourceLedger ledger, ContainerRuntime<?> runtime) {
        return new Builder(
                InvalidInputException.requireNonNull("ledger", ledger),
                InvalidInputException.requireNonNull("runtime", runtime));
    }

    // ------------------------------------------------------------------ runs

    /**
     * Sweeps now, through all gates.
     *
     * @return what was seen and done
     */
    public ReapReport run() {
        return sweep(Occasion.REQUEST, kit, Optional.empty());
    }

    /**
     * Says what would go, and why, with nothing freed, removed or adopted: the same sweep without its last step. What is missing
     * is counted all the same, so that plans and runs may take turns.
     *
     * @return what was seen, and what would have been done
     */
    public ReapReport plan() {
        return sweep(Occasion.DRY_RUN, dry(), Optional.empty());
    }

    private ReaperKit dry() {
        return new ReaperKit(
                kit.ledger(),
                kit.runtime(),
                kit.provisioner(),
                kit.policy().but().dryRun().build(kit.policy().warnings()),
                kit.pacing(),
                kit.leaseSpan());
    }

    /**
     * Carries out a plan that a person has looked at, whole: ratio, cap and an open breaker do not stand against it, every other
     * gate does. It is made anew first, and if it is not the same any more nothing is done; a plan from before something came
     * back that opened the breaker is not.
     *
     * @param plan the plan, from a report
     * @return what was done; skipped if the plan has changed, observed if this reaper has not lately seen the runtime whole
     */
    public ReapReport approve(ReapPlan plan) {
        InvalidInputException.requireNonNull("plan", plan);
        if (!plan.scope().equals(kit.scope())) {
            throw InvalidInputException.of("plan", plan, "a plan for " + kit.scope());
        }
        return sweep(Occasion.APPROVAL, kit, Optional.of(plan));
    }

    private boolean scheduled() {
        ReapReport report = sweep(Occasion.SCHEDULE, kit, Optional.empty());
        // What kept it from looking may be over soon: a lease of a process that died, an engine that comes up after us.
        boolean looked = report.outcome() != Outcome.BLIND
                && report.outcome() != Outcome.FAILED
                && (report.outcome() != Outcome.SKIPPED || !kit.policy().isEnabled());
        return report.outcome() != Outcome.HELD
                && (!looked
                        || report.outcome() == Outcome.OBSERVED
                        || report.count(Verdict.Kind.MISSING) > 0
                        || report.verdicts().stream().anyMatch(verdict -> verdict.fate() == Verdict.Fate.POSTPONED));
    }

    private ReapReport sweep(Occasion occasion, ReaperKit with, Optional<ReapPlan> approved) {
        running.lock();
        try {
            ReapReport report = attempt(with.policy().isDryRun() ? Occasion.DRY_RUN : occasion, with, approved);
            last = report;
            log(report);
            report.verdicts().stream()
                    .filter(verdict -> verdict.fate() == Verdict.Fate.DONE && occasionCounts(report))
                    .forEach(verdict -> tell(new ReaperEvent.Reaped(verdict)));
            tell(new ReaperEvent.Finished(report));
            return report;
        } finally {
            running.unlock();
        }
    }

    private static boolean occasionCounts(ReapReport report) {
        return report.occasion() != Occasion.DRY_RUN;
    }

    private ReapReport attempt(Occasion occasion, ReaperKit with, Optional<ReapPlan> approved) {
        var found = new Findings(kit.scope());
        Instant startedAt = Instant.EPOCH;
        try {
            startedAt = kit.ledger().now();
            found.kept(breaker(), totals());
            if (!with.policy().isEnabled()) {
                found.ends(Outcome.SKIPPED, "the reaper is switched off by its policy");
            } else {
                sweep(occasion, with, approved, found);
            }
            return found.report(occasion, startedAt, kit.ledger().now(), with.policy());
        } catch (RuntimeException failure) {
            memory.sawLess();
            String what = failure.getClass().getSimpleName() + ": " + failure.getMessage();
            found.error(what);
            found.ends(Outcome.FAILED, what);
            return found.report(occasion, startedAt, lastKnown(found, startedAt), with.policy());
        }
    }

    /** What was done before it failed is done, and counted: reads once more what is kept, and the time, if that can be had. */
    private Instant lastKnown(Findings found, Instant startedAt) {
        try {
            Instant now = kit.ledger().now();
            found.kept(breaker(), totals());
            return now;
        } catch (RuntimeException again) {
            LOG.debug("The ledger of {} cannot be read after a failed run", kit.scope(), again);
            return startedAt;
        }
    }

    private void sweep(Occasion occasion, ReaperKit with, Optional<ReapPlan> approved, Findings found) {
        String name = with.records().lease();
        Optional<LedgerLease> lease = kit.ledger().lease(name, "reaper " + occasion, with.leaseSpan());
        if (lease.isEmpty()) {
            Optional<LedgerRecord> other = kit.ledger().records().find(name);
            found.ends(
                    Outcome.SKIPPED,
                    "another sweep of " + kit.scope() + " is under way"
                            + other.flatMap(LedgerRecord::until)
                                    .map(until -> ", or was until it died: its lease runs until " + until)
                                    .orElse(""));
            return;
        }
        var grip = new Grip(lease.get(), with.leaseSpan(), with.pacing());
        try {
            new Sweep(with, approved, memory, grip, this::tell, schedule::mayGoOn, found).run();
        } finally {
            giveBack(lease.get());
        }
    }

    private static void giveBack(LedgerLease lease) {
        try {
            lease.end();
        } catch (RuntimeException failure) {
            LOG.debug("{} runs out by itself", lease, failure);
        }
    }

    private static void log(ReapReport report) {
        boolean serious = report.totalRemoved() > 0
                || !report.errors().isEmpty()
                || report.breaker().isPresent();
        if (serious) {
            LOG.warn("Reaper: {}", report);
        } else {
            LOG.debug("Reaper: {}", report);
        }
    }

    private void tell(ReaperEvent event) {
        for (ReaperListener listener : listeners) {
            try {
                listener.on(event);
            } catch (RuntimeException failure) {
                LOG.warn("A listener of the reaper of {} failed on {}", kit.scope(), event, failure);
            }
        }
    }

    // ------------------------------------------------------------------ the schedule

    /**
     * Sweeps in the background: once now, and then by the policy's interval, or its recheck while something is missing. A run
     * that fails does not end it. Twice is once; after {@link #stop} it can be started again, after {@link #close} it does
     * not start any more.
     */
    public void start() {
        LOG.info("Reaper of {} starts: {}", kit.scope(), kit.policy());
        schedule.start();
    }

    /**
     * Ends the background sweeps, and waits for the one that runs to come to an end at its next step; said by a listener, it does
     * not wait. Safe to repeat.
     */
    public void stop() {
        schedule.stop();
    }

    /**
     * Stops, waits for a run that is under way, and ends the threads that it made. Safe to repeat. A run that begins later sees
     * nothing: it is {@linkplain Outcome#BLIND blind}.
     */
    @Override
    public void close() {
        schedule.close();
        running.lock();
        try {
            kit.provisioner().close();
            kit.runtime().close();
        } finally {
            running.unlock();
        }
    }

    // ------------------------------------------------------------------ telling

    /**
     * Says whose claims this reaper looks after.
     *
     * @return the runtime's scope
     */
    public Scope scope() {
        return kit.scope();
    }

    /**
     * Gives the effective policy.
     *
     * @return the policy
     */
    public ReaperPolicy policy() {
        return kit.policy();
    }

    /**
     * Gives the report of this reaper's last run.
     *
     * @return the report; empty before the first run
     */
    public Optional<ReapReport> lastReport() {
        return Optional.ofNullable(last);
    }

    /**
     * Reads what all sweeps of this scope have done, whichever process ran them.
     *
     * @return the totals
     */
    public ReapTotals totals() {
        return kit.records().state().value().map(RunState::totals).orElse(ReapTotals.NONE);
    }

    /**
     * Reads the scope's breaker.
     *
     * @return the breaker; empty if it is closed
     */
    public Optional<Breaker> breaker() {
        return kit.records().breaker().value();
    }

    /**
     * Judges one claim now, by a look at its instance alone, and changes nothing. An instance with another id that carries its
     * mark is not looked for, nor one without a mark that may be left of its own: where a sweep finds a {@linkplain
     * Verdict.Kind#CONFLICT conflict} or does not know, this finds it missing.
     *
     * @param owner whose claim it is
     * @return what it is, and why; empty if the owner has no provisioned claim in this scope
     */
    public Optional<Verdict> explain(Owner owner) {
        return kit.ledger()
                .find(InvalidInputException.requireNonNull("owner", owner))
                .filter(claim -> claim.home().equals(Optional.of(kit.scope())))
                .map(this::explain);
    }

    private Verdict explain(Claim claim) {
        Optional<String> away = kit.ledger().identity().isHome()
                ? Optional.empty()
                : Optional.of("the ledger's database is not where it was made: say moved() or fork() first");
        Sighting sighting = away.or(kit.provisioner()::doubt)
                .<Sighting>map(Sighting.Unknown::new)
                .orElseGet(() -> claim.instance()
                        .map(kit.runtime()::look)
                        .orElseGet(() -> new Sighting.Absent("it has no instance")));
        Sighting own =
                sighting.seen().map(instance -> instance.sightingOf(claim)).orElse(sighting);
        // What this look finds is not counted: sightings are what sweeps see.
        return Judge.looking(kit.policy(), kit.ledger().now())
                .judge(
                        claim,
                        own,
                        Optional.empty(),
                        kit.records().mark(claim.id()),
                        kit.records().missing(claim.id()))
                .verdict();
    }

    /** Collects a reaper's settings. Not safe for use by many threads. */
    public static final class Builder {
        private final ResourceLedger ledger;
        private final ContainerRuntime<?> runtime;
        private final List<ReaperListener> listeners = new ArrayList<>();
        private ReaperPolicy policy = ReaperPolicy.defaults();
        private Deadlines deadlines = Deadlines.defaults();
        private Pacing pacing = Pacing.system();
        private @Nullable Executor threads;
        private @Nullable ScheduledExecutorService timer;

        private Builder(ResourceLedger ledger, ContainerRuntime<?> runtime) {
            this.ledger = ledger;
            this.runtime = runtime;
        }

        /**
         * Sets what it does, when, and how careful it is.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder policy(ReaperPolicy policy) {
            this.policy = InvalidInputException.requireNonNull("policy", policy);
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param listener hears every event
         * @return this builder
         */
        public Builder listener(ReaperListener listener) {
            listeners.add(InvalidInputException.requireNonNull("listener", listener));
            return this;
        }

        /**
         * Sets how long calls of the runtime may take.
         *
         * @param spans the deadlines
         * @return this builder
         */
        public Builder deadlines(Deadlines spans) {
            deadlines = InvalidInputException.requireNonNull("deadlines", spans);
            return this;
        }

        /**
         * Sets the clock that measures how long a run takes, for simulations.
         *
         * @param pacing the pacing
         * @return this builder
         */
        public Builder pacing(Pacing pacing) {
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
        public Builder callingOn(Executor threads) {
            this.threads = InvalidInputException.requireNonNull("threads", threads);
            return this;
        }

        /**
         * Sets what the background sweeps run on; on a thread of its own if it is not set.
         *
         * @param timer the executor; it stays the caller's
         * @return this builder
         */
        public Builder scheduledOn(ScheduledExecutorService timer) {
            this.timer = InvalidInputException.requireNonNull("timer", timer);
            return this;
        }

        private Provisioner<?> provisioner() {
            var builder = Provisioner.of(ledger, runtime).deadlines(deadlines).pacing(pacing);
            return (threads == null ? builder : builder.callingOn(threads)).build();
        }

        /**
         * Makes the reaper.
         *
         * @return the reaper; it does nothing until it is told to
         */
        public GhostReaper build() {
            return new GhostReaper(this);
        }
    }
}
