package dev.berth.reaper;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.ResourceKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a reaper does, when, and how careful it is. Immutable.
 *
 * <p>Bounds hold under every configuration: a value outside of them is brought to the bound, and {@link #warnings} says so.
 */
public final class ReaperPolicy {
    /** What happens to instances that no claim has. */
    public enum Orphans {
        /** They are reported and left alone. */
        REPORT,
        /** Those that this ledger has made are claimed for their owners again, as their labels say. */
        ADOPT,
        /**
         * Those that this ledger has made, that do not run, and whose claim it remembers, are removed; also what {@code
         * Provisioner.letGo} has let go, unless it is labelled {@link GhostReaper#KEEP}.
         */
        REMOVE
    }

    private static final Duration LONGEST = Duration.ofDays(3_650);
    private static final int PERCENT = 100;
    private static final int TENTHS = 10;
    /** The jitter of the schedule makes a sweep come a tenth early at most. */
    private static final int EARLIEST = 9;

    private final Builder set;
    private final List<String> warnings;

    private ReaperPolicy(Builder set, List<String> warnings) {
        this.set = set;
        this.warnings = InvalidInputException.copyOf("warnings", warnings);
    }

    /**
     * Gives the defaults.
     *
     * @return errors are kept for 24 h, ghosts are reaped, a sweep every 60 min
     */
    public static ReaperPolicy defaults() {
        return builder().build();
    }

    /**
     * Gives a policy for a homelab where much comes and goes.
     *
     * @return errors are kept for 4 h, a sweep every 30 min
     */
    public static ReaperPolicy homelabBusy() {
        return of(4, 30);
    }

    /**
     * Gives a policy for a homelab where little happens.
     *
     * @return errors are kept for 72 h, a sweep every 120 min
     */
    public static ReaperPolicy homelabCalm() {
        return of(72, 120);
    }

    /**
     * Gives a policy for production.
     *
     * @return errors are kept for 168 h, a sweep every 240 min
     */
    public static ReaperPolicy production() {
        return of(168, 240);
    }

    /**
     * Gives a policy for development.
     *
     * @return errors are kept for 1 h, a sweep every 15 min
     */
    public static ReaperPolicy development() {
        return of(1, 15);
    }

    private static ReaperPolicy of(int hoursOfErrors, int minutesBetween) {
        return builder()
                .errorRetention(Duration.ofHours(hoursOfErrors))
                .interval(Duration.ofMinutes(minutesBetween))
                .build();
    }

    /**
     * Reads a policy from environment variables: {@code CLEANUP_ENABLED}, {@code ERROR_RETENTION_HOURS}, {@code
     * GHOST_CLEANUP_ENABLED}, {@code CLEANUP_INTERVAL_MINUTES}, {@code CLEANUP_DRY_RUN}. What is not set has its default.
     * Yes is {@code true}, {@code 1}, {@code yes}, {@code on}, {@code y} or {@code t} in whatever case, no is {@code false},
     * {@code 0}, {@code no}, {@code off}, {@code n} or {@code f}.
     *
     * <p>What cannot be read, and a variable whose name contains {@code CLEANUP_} or {@code _RETENTION_} and is none of
     * these, makes the policy a dry run, and {@link #warnings} says why: whoever has misspelt a safety setting wants it. What
     * is not meant for this library is to be left out of the map.
     *
     * @param environment the variables, such as {@link System#getenv()}
     * @return the policy
     */
    public static ReaperPolicy fromEnvironment(Map<String, String> environment) {
        return new EnvironmentPolicy(InvalidInputException.requireNonNull("environment", environment)).read();
    }

    /**
     * Begins a policy with the defaults.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Begins another policy with the settings of this one.
     *
     * @return the builder
     */
    public Builder but() {
        return new Builder(set);
    }

    /**
     * Says whether anything is done at all.
     *
     * @return true unless it was switched off
     */
    public boolean isEnabled() {
        return set.enabled;
    }

    /**
     * Says whether everything is done but the last step.
     *
     * @return true if nothing is freed, removed or adopted
     */
    public boolean isDryRun() {
        return set.dryRun;
    }

    /**
     * Says whether ghosts are reaped.
     *
     * @return true if they are; else they are reported
     */
    public boolean reapsGhosts() {
        return set.ghosts;
    }

    /**
     * Says how long failed claims are kept, from when they failed.
     *
     * @return the time
     */
    public Duration errorRetention() {
        return set.errorRetention;
    }

    /**
     * Says how long from one sweep to the next while nothing is missing.
     *
     * @return the time, give or take a tenth
     */
    public Duration interval() {
        return set.interval;
    }

    /**
     * Says how long from one sweep to the next while something is missing and not confirmed yet.
     *
     * @return the time, give or take a tenth
     */
    public Duration recheck() {
        return set.recheck;
    }

    /**
     * Says how young claims are that are not judged, counted from their last change of state.
     *
     * @return the time
     */
    public Duration creationGrace() {
        return set.creationGrace;
    }

    /**
     * Says how long an instance has to be missing at least.
     *
     * @return the time
     */
    public Duration absenceGrace() {
        return set.absenceGrace;
    }

    /**
     * Says in how many complete listings an instance has to be missing at least.
     *
     * @return the number
     */
    public int confirmations() {
        return set.confirmations;
    }

    /**
     * Says how soon a ghost is gone: after so many complete sweeps at most, at the pace of {@link #recheck}, the first of
     * them that finds it missing included. It holds where a claim is past its grace, no breaker stands against it, and not
     * more than the cap are due; of more, each further sweep frees as many as the cap.
     *
     * @return the number: that of the confirmations, or as many as the absence takes where each comes a tenth early
     */
    public int sweepsUntilGone() {
        long shortest = set.recheck.toMillis() * EARLIEST;
        long gaps = (set.absenceGrace.toMillis() * TENTHS + shortest - 1) / shortest;
        return (int) Math.max(set.confirmations, gaps + 1);
    }

    /**
     * Says after which time without an attempt a pending claim counts as failed.
     *
     * @return the time since it became pending
     */
    public Duration stuckAfter() {
        return set.stuckAfter;
    }

    /**
     * Says which part of a scope's claims may be missing before the breaker opens.
     *
     * @return the part in percent; never fewer than 3 claims open it
     */
    public int ratio() {
        return set.ratio;
    }

    /**
     * Says how many claims one run frees at most.
     *
     * @return the number
     */
    public int cap() {
        return set.cap;
    }

    /**
     * Says what happens to instances that no claim has.
     *
     * @return the policy
     */
    public Orphans orphans() {
        return set.orphans;
    }

    /**
     * Says how many instances one run removes at most.
     *
     * @return the number
     */
    public int orphanCap() {
        return set.orphanCap;
    }

    /**
     * Says how long a breaker stays open while just the same claims are missing, before it lets them go by the cap.
     *
     * @return the time
     */
    public Duration breakerRest() {
        return set.breakerRest;
    }

    /**
     * Says how long freed resources rest.
     *
     * @return the quarantine
     */
    public Quarantine quarantine() {
        return set.quarantine;
    }

    /**
     * Says what was brought to a bound, could not be read, or was not known.
     *
     * @return each in words; empty if all was as given
     */
    public List<String> warnings() {
        return warnings;
    }

    @Override
    public String toString() {
        return "enabled " + set.enabled + ", dry run " + set.dryRun + ", ghosts " + set.ghosts + ", error retention "
                + set.errorRetention + ", interval " + set.interval + ", recheck " + set.recheck + ", creation grace "
                + set.creationGrace + ", absence grace " + set.absenceGrace + ", confirmations " + set.confirmations
                + ", stuck after " + set.stuckAfter + ", ratio " + set.ratio + " %, cap " + set.cap + ", orphans "
                + set.orphans + " (cap " + set.orphanCap + "), breaker rest " + set.breakerRest + ", " + set.quarantine;
    }

    /** Collects a policy's settings. Not safe for use by many threads. */
    public static final class Builder {
        private boolean enabled = true;
        private boolean dryRun;
        private boolean ghosts = true;
        private Duration errorRetention = Duration.ofHours(24);
        private Duration interval = Duration.ofMinutes(60);
        private Duration recheck = Duration.ofMinutes(5);
        private Duration creationGrace = Duration.ofMinutes(10);
        private Duration absenceGrace = Duration.ofMinutes(15);
        private int confirmations = 3;
        private Duration stuckAfter = Duration.ofMinutes(60);
        private int ratio = 10;
        private int cap = 25;
        private Orphans orphans = Orphans.REPORT;
        private int orphanCap = 5;
        private Duration breakerRest = Duration.ofHours(24);
        private Quarantine quarantine = Quarantine.of(ResourceKind.TCP_PORT, Duration.ofMinutes(5))
                .and(ResourceKind.UDP_PORT, Duration.ofMinutes(5))
                .and(ResourceKind.CONTAINER_NAME, Duration.ofMinutes(15))
                .and(ResourceKind.DNS_NAME, Duration.ofMinutes(15))
                .and(ResourceKind.GUEST_ID, Duration.ofHours(24));

        private Builder() {}

        private Builder(Builder other) {
            enabled = other.enabled;
            dryRun = other.dryRun;
            ghosts = other.ghosts;
            errorRetention = other.errorRetention;
            interval = other.interval;
            recheck = other.recheck;
            creationGrace = other.creationGrace;
            absenceGrace = other.absenceGrace;
            confirmations = other.confirmations;
            stuckAfter = other.stuckAfter;
            ratio = other.ratio;
            cap = other.cap;
            orphans = other.orphans;
            orphanCap = other.orphanCap;
            breakerRest = other.breakerRest;
            quarantine = other.quarantine;
        }

        /**
         * Switches the reaper off.
         *
         * @return this builder
         */
        public Builder disabled() {
            enabled = false;
            return this;
        }

        /**
         * Does everything but the last step.
         *
         * @return this builder
         */
        public Builder dryRun() {
            dryRun = true;
            return this;
        }

        /**
         * Reports ghosts and leaves their claims alone.
         *
         * @return this builder
         */
        public Builder keepingGhosts() {
            ghosts = false;
            return this;
        }

        /**
         * Sets how long failed claims are kept, from when they failed; 24 h if it is not set.
         *
         * @param span 1 h to 3,650 days
         * @return this builder
         */
        public Builder errorRetention(Duration span) {
            errorRetention = InvalidInputException.requireNonNull("error retention", span);
            return this;
        }

        /**
         * Sets how long from one sweep to the next; 60 min if it is not set.
         *
         * @param span 5 min to 1 day
         * @return this builder
         */
        public Builder interval(Duration span) {
            interval = InvalidInputException.requireNonNull("interval", span);
            return this;
        }

        /**
         * Sets how long from one sweep to the next while something is missing and not confirmed yet; 5 min if it is not
         * set.
         *
         * @param span 1 min to the interval
         * @return this builder
         */
        public Builder recheck(Duration span) {
            recheck = InvalidInputException.requireNonNull("recheck", span);
            return this;
        }

        /**
         * Sets how young claims are that are not judged, counted from their last change of state; 10 min if it is not set.
         *
         * @param span 1 min to 1 day
         * @return this builder
         */
        public Builder creationGrace(Duration span) {
            creationGrace = InvalidInputException.requireNonNull("creation grace", span);
            return this;
        }

        /**
         * Sets how long an instance has to be missing at least; 15 min if it is not set.
         *
         * @param span twice the recheck to 30 days
         * @return this builder
         */
        public Builder absenceGrace(Duration span) {
            absenceGrace = InvalidInputException.requireNonNull("absence grace", span);
            return this;
        }

        /**
         * Sets in how many complete listings an instance has to be missing at least; 3 if it is not set.
         *
         * @param number 2 to 100
         * @return this builder
         */
        public Builder confirmations(int number) {
            confirmations = number;
            return this;
        }

        /**
         * Sets after which time without an attempt a pending claim counts as failed; 60 min if it is not set.
         *
         * @param span 10 min to 30 days
         * @return this builder
         */
        public Builder stuckAfter(Duration span) {
            stuckAfter = InvalidInputException.requireNonNull("stuck after", span);
            return this;
        }

        /**
         * Sets which part of a scope's claims may be missing before the breaker opens; 10 % if it is not set. Fewer than 3
         * never open it; two or more do if they are all.
         *
         * @param percent 1 to 50
         * @return this builder
         */
        public Builder ratio(int percent) {
            ratio = percent;
            return this;
        }

        /**
         * Sets how many claims one run frees at most; 25 if it is not set.
         *
         * @param number 1 to 1,000
         * @return this builder
         */
        public Builder cap(int number) {
            cap = number;
            return this;
        }

        /**
         * Sets what happens to instances that no claim has; {@link Orphans#REPORT} if it is not set.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder orphans(Orphans policy) {
            orphans = InvalidInputException.requireNonNull("orphans", policy);
            return this;
        }

        /**
         * Sets how many instances one run removes at most; 5 if it is not set.
         *
         * @param number 1 to 100
         * @return this builder
         */
        public Builder orphanCap(int number) {
            orphanCap = number;
            return this;
        }

        /**
         * Sets how long a breaker stays open while just the same claims are missing, before it lets them go by the cap; 24 h
         * if it is not set.
         *
         * @param span 1 h to 3,650 days
         * @return this builder
         */
        public Builder breakerRest(Duration span) {
            breakerRest = InvalidInputException.requireNonNull("breaker rest", span);
            return this;
        }

        /**
         * Sets how long freed resources rest before others than their former owner may have them; ports 5 min, container
         * names 15 min, guest ids 24 h if it is not set.
         *
         * @param spans the spans by kind
         * @return this builder
         */
        public Builder quarantine(Quarantine spans) {
            quarantine = InvalidInputException.requireNonNull("quarantine", spans);
            return this;
        }

        /**
         * Makes the policy. What is out of bounds is brought to the bound, with a warning.
         *
         * @return the policy
         */
        public ReaperPolicy build() {
            return build(List.of());
        }

        ReaperPolicy build(List<String> found) {
            var bounded = new Builder(this);
            List<String> warnings = new ArrayList<>(found);
            bounded.errorRetention = within("error retention", errorRetention, Duration.ofHours(1), LONGEST, warnings);
            bounded.interval = within("interval", interval, Duration.ofMinutes(5), Duration.ofDays(1), warnings);
            bounded.recheck = within("recheck", recheck, Duration.ofMinutes(1), bounded.interval, warnings);
            bounded.creationGrace =
                    within("creation grace", creationGrace, Duration.ofMinutes(1), Duration.ofDays(1), warnings);
            bounded.absenceGrace = within(
                    "absence grace", absenceGrace, bounded.recheck.multipliedBy(2), Duration.ofDays(30), warnings);
            bounded.confirmations = within("confirmations", confirmations, 2, PERCENT, warnings);
            bounded.stuckAfter =
                    within("stuck after", stuckAfter, Duration.ofMinutes(10), Duration.ofDays(30), warnings);
            bounded.ratio = within("ratio", ratio, 1, PERCENT / 2, warnings);
            bounded.cap = within("cap", cap, 1, 1_000, warnings);
            bounded.orphanCap = within("orphan cap", orphanCap, 1, PERCENT, warnings);
            bounded.breakerRest = within("breaker rest", breakerRest, Duration.ofHours(1), LONGEST, warnings);
            return new ReaperPolicy(bounded, warnings);
        }

        private static <T extends Comparable<T>> T within(
                String what, T given, T least, T most, List<String> warnings) {
            if (given.compareTo(least) < 0) {
                warnings.add(what + " " + given + " is too low; it is " + least + " now");
                return least;
            }
            if (given.compareTo(most) > 0) {
                warnings.add(what + " " + given + " is too high; it is " + most + " now");
                return most;
            }
            return given;
        }
    }
}
