package dev.berth.reaper;

import dev.berth.BerthException;
import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.IdleReport.Fate;
import dev.berth.reaper.IdleReport.Finding;
import dev.berth.runtime.Provisioner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops instances that nobody uses, and keeps what they hold, so that they come up again under the same name and ports.
 *
 * <p>An instance is idle if every source knows when it was last used, and the latest of these times, and the time at which
 * its claim became active, are long enough ago. One source that cannot tell is enough to leave it alone (law L3). Between the
 * last question and the stop somebody may come back: then the instance is stopped all the same, and asking for it anew
 * brings it up.
 *
 * <p>Safe for use by many threads; runs wait for each other. {@link #close} ends the thread that it made, and closes
 * neither ledger nor provisioner.
 */
public final class IdleStopper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IdleStopper.class);
    private static final Duration LEAST_AFTER = Duration.ofMinutes(1);
    private static final Duration LEAST_EVERY = Duration.ofSeconds(10);
    private static final Duration MOST = Duration.ofDays(3_650);

    private final ResourceLedger ledger;
    private final Provisioner<?> provisioner;
    private final Duration after;
    private final List<ActivitySource> sources;
    private final Schedule schedule;
    private final ReentrantLock running = new ReentrantLock();

    private IdleStopper(Builder builder) {
        ledger = builder.ledger;
        provisioner = builder.provisioner;
        after = builder.after;
        sources = List.copyOf(builder.sources);
        schedule = new Schedule(
                () -> {
                    run();
                    return false;
                },
                builder.every,
                builder.every,
                "berth-idle-" + provisioner.scope(),
                running::isHeldByCurrentThread,
                builder.timer);
    }

    /**
     * Begins one.
     *
     * @param ledger the ledger; it stays the caller's to close
     * @param provisioner stops instances; it stays the caller's to close
     * @return the builder
     */
    public static Builder of(ResourceLedger ledger, Provisioner<?> provisioner) {
        return new Builder(
                InvalidInputException.requireNonNull("ledger", ledger),
                InvalidInputException.requireNonNull("provisioner", provisioner));
    }

    /**
     * Looks at every active claim of the provisioner's scope now, and stops what is idle.
     *
     * @return what was seen and done
     * @throws dev.berth.ledger.StoreUnavailableException if the ledger could not be read; what was stopped before stays so
     */
    public IdleReport run() {
        running.lock();
        try {
            Instant now = ledger.now();
            List<Finding> findings = new ArrayList<>();
            ledger.claims(ClaimQuery.all().home(provisioner.scope()).state(ClaimState.ACTIVE))
                    .takeWhile(claim -> schedule.mayGoOn())
                    .forEach(claim ->
                            claim.instance().ifPresent(instance -> findings.add(judged(claim, instance, now))));
            return new IdleReport(now, findings);
        } finally {
            running.unlock();
        }
    }

    private Finding judged(Claim claim, String instance, Instant now) {
        if (claim.isKept()) {
            return new Finding(claim, Fate.KEPT, "it is labelled " + GhostReaper.KEEP);
        }
        Instant latest = claim.stateSince();
        Optional<String> unknown = Optional.empty();
        for (ActivitySource source : sources) {
            Activity activity = ask(source, claim, instance);
            if (activity instanceof Activity.Now) {
                return new Finding(claim, Fate.ACTIVE, "it is being used");
            }
            if (activity instanceof Activity.Unknown why) {
                unknown = unknown.or(() -> Optional.of(why.reason()));
            } else if (activity instanceof Activity.Last last && last.at().isAfter(latest)) {
                latest = last.at();
            }
        }
        if (unknown.isPresent()) {
            return new Finding(claim, Fate.UNKNOWN, unknown.get());
        }
        return Duration.between(latest, now).compareTo(after) < 0
                ? new Finding(claim, Fate.ACTIVE, "it was last used, or came up, at " + latest)
                : stop(claim, "it was last used, or came up, at " + latest);
    }

    private static Activity ask(ActivitySource source, Claim claim, String instance) {
        try {
            Activity answer = source.activity(claim, instance);
            return answer == null ? new Activity.Unknown("a source gave no answer") : answer;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new Activity.Unknown("interrupted");
        } catch (Exception failure) {
            return new Activity.Unknown(failure.getClass().getSimpleName() + ": " + failure.getMessage());
        }
    }

    private Finding stop(Claim claim, String why) {
        boolean same = ledger.find(claim.id())
                .filter(now -> now.token().equals(claim.token()))
                .isPresent();
        if (!same) {
            return new Finding(claim, Fate.SPARED, "it has changed meanwhile; " + why);
        }
        try {
            provisioner.stop(claim.owner());
            LOG.info("{} was idle and is stopped: {}", claim.owner(), why);
            return new Finding(claim, Fate.STOPPED, why);
        } catch (BerthException failure) {
            LOG.warn("{} is idle and could not be stopped", claim.owner(), failure);
            return new Finding(claim, Fate.FAILED, why + "; " + failure.getMessage());
        }
    }

    /**
     * Looks in the background: now, and then again and again. A run that fails does not end it. Twice is once; after {@link
     * #stop} it can be started again, after {@link #close} it does not start any more.
     */
    public void start() {
        schedule.start();
    }

    /** Ends the background runs, and waits for the one that runs to come to an end at its next claim. Safe to repeat. */
    public void stop() {
        schedule.stop();
    }

    /** Stops, and ends the thread that it made. Safe to repeat. */
    @Override
    public void close() {
        schedule.close();
    }

    /** Collects the settings. Not safe for use by many threads. */
    public static final class Builder {
        private final ResourceLedger ledger;
        private final Provisioner<?> provisioner;
        private final List<ActivitySource> sources = new ArrayList<>();
        private Duration after = Duration.ofMinutes(15);
        private Duration every = Duration.ofMinutes(1);
        private @Nullable ScheduledExecutorService timer;

        private Builder(ResourceLedger ledger, Provisioner<?> provisioner) {
            this.ledger = ledger;
            this.provisioner = provisioner;
        }

        /**
         * Sets how long an instance must not have been used; 15 min if it is not set.
         *
         * @param span 1 min to 3,650 days
         * @return this builder
         * @throws InvalidInputException if it is out of range
         */
        public Builder after(Duration span) {
            after = within("idle span", span, LEAST_AFTER, "1 min to 3,650 days");
            return this;
        }

        /**
         * Sets how long from one background run to the next, give or take a tenth; 1 min if it is not set.
         *
         * @param span 10 s to 3,650 days
         * @return this builder
         * @throws InvalidInputException if it is out of range
         */
        public Builder every(Duration span) {
            every = within("span between runs", span, LEAST_EVERY, "10 s to 3,650 days");
            return this;
        }

        private static Duration within(String what, Duration span, Duration least, String allowed) {
            InvalidInputException.requireNonNull(what, span);
            if (span.compareTo(least) < 0 || span.compareTo(MOST) > 0) {
                throw InvalidInputException.of(what, span, allowed);
            }
            return span;
        }

        /**
         * Adds a source. All are asked, and all must agree.
         *
         * @param source knows when instances were last used
         * @return this builder
         */
        public Builder asking(ActivitySource source) {
            sources.add(InvalidInputException.requireNonNull("activity source", source));
            return this;
        }

        /**
         * Sets what the background runs run on; on a thread of its own if it is not set.
         *
         * @param executor the executor; it stays the caller's
         * @return this builder
         */
        public Builder scheduledOn(ScheduledExecutorService executor) {
            timer = InvalidInputException.requireNonNull("timer", executor);
            return this;
        }

        /**
         * Makes it.
         *
         * @return the stopper; it does nothing until it is told to
         * @throws InvalidInputException if there is no source: then nothing would be known of anything
         */
        public IdleStopper build() {
            if (sources.isEmpty()) {
                throw InvalidInputException.of("activity sources", sources, "at least one");
            }
            return new IdleStopper(this);
        }
    }
}
