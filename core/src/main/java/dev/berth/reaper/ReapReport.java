package dev.berth.reaper;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one run saw and did. In a dry run the counts say what would have been done.
 *
 * @param scope the runtime's scope
 * @param occasion why it ran
 * @param outcome how it went
 * @param detail why it went so, for people; empty text if there is nothing to say
 * @param startedAt when it began, by the ledger's clock
 * @param finishedAt when it ended, by the ledger's clock
 * @param judged how many provisioned claims were judged
 * @param present of how many of them the instance was there
 * @param verdicts all of them but those that are just present, and the reservations whose lease has run out
 * @param orphans the instances that no claim has
 * @param plan all that was due
 * @param portsFreed how many ports became free
 * @param breaker the breaker after the run; empty if it is closed
 * @param errors what went wrong, each in words
 * @param totals what all runs have done so far
 * @param policy the effective policy
 */
public record ReapReport(
        Scope scope,
        Occasion occasion,
        Outcome outcome,
        String detail,
        Instant startedAt,
        Instant finishedAt,
        int judged,
        int present,
        List<Verdict> verdicts,
        List<Orphan> orphans,
        ReapPlan plan,
        int portsFreed,
        Optional<Breaker> breaker,
        List<String> errors,
        ReapTotals totals,
        ReaperPolicy policy) {
    /** Why a run ran. */
    public enum Occasion {
        /** By the schedule. */
        SCHEDULE,
        /** Somebody said {@link GhostReaper#run}. */
        REQUEST,
        /** Somebody said {@link GhostReaper#plan}, or the policy says so: nothing is freed, removed or adopted. */
        DRY_RUN,
        /** Somebody said {@link GhostReaper#approve}. */
        APPROVAL
    }

    /** How a run went. */
    public enum Outcome {
        /** What was due, and might go, is gone. */
        SWEPT,
        /** It only observed: it was the first complete one after a start, a long pause, or one that saw nothing. */
        OBSERVED,
        /** A breaker is open that holds claims back; one for failing removals does not, and is in the report all the same. */
        HELD,
        /** The runtime could not be seen whole, or is not the one that it should be: nobody counts as missing. */
        BLIND,
        /** It did not begin: another runner is at it, the reaper is switched off, or a plan does not hold any more. */
        SKIPPED,
        /** Something broke on the way; what was done is reported. */
        FAILED
    }

    /**
     * Copies the lists.
     *
     * @param scope the runtime's scope
     * @param occasion why it ran
     * @param outcome how it went
     * @param detail why it went so
     * @param startedAt when it began
     * @param finishedAt when it ended
     * @param judged how many provisioned claims were judged
     * @param present of how many of them the instance was there
     * @param verdicts all of them but those that are just present
     * @param orphans the instances that no claim has
     * @param plan all that was due
     * @param portsFreed how many ports became free
     * @param breaker the breaker after the run
     * @param errors what went wrong
     * @param totals what all runs have done so far
     * @param policy the effective policy
     * @throws InvalidInputException if a part is null
     */
    public ReapReport {
        InvalidInputException.requireNonNull("scope", scope);
        InvalidInputException.requireNonNull("occasion", occasion);
        InvalidInputException.requireNonNull("outcome", outcome);
        InvalidInputException.requireNonNull("detail", detail);
        InvalidInputException.requireNonNull("started at", startedAt);
        InvalidInputException.requireNonNull("finished at", finishedAt);
        verdicts = InvalidInputException.copyOf("verdicts", verdicts);
        orphans = InvalidInputException.copyOf("orphans", orphans);
        InvalidInputException.requireNonNull("plan", plan);
        InvalidInputException.requireNonNull("breaker", breaker);
        errors = InvalidInputException.copyOf("errors", errors);
        InvalidInputException.requireNonNull("totals", totals);
        InvalidInputException.requireNonNull("policy", policy);
    }

    /**
     * Counts the ghosts that were freed.
     *
     * @return how many
     */
    public int ghostsRemoved() {
        return done(Verdict.Kind.GHOST);
    }

    /**
     * Counts the old errors that were freed.
     *
     * @return how many
     */
    public int errorsRemoved() {
        return done(Verdict.Kind.OLD_ERROR);
    }

    /**
     * Counts the claims that were freed because they were ghosts or old errors.
     *
     * @return how many
     */
    public int totalRemoved() {
        return ghostsRemoved() + errorsRemoved();
    }

    /**
     * Counts the stuck claims that were marked as failed.
     *
     * @return how many
     */
    public int stuckFailed() {
        return done(Verdict.Kind.STUCK);
    }

    /**
     * Counts the reservations that were freed because their lease had run out.
     *
     * @return how many
     */
    public int reservationsReleased() {
        return done(Verdict.Kind.LAPSED);
    }

    /**
     * Counts the verdicts of one kind.
     *
     * @param kind the kind
     * @return how many
     */
    public int count(Verdict.Kind kind) {
        return (int) verdicts.stream().filter(verdict -> verdict.kind() == kind).count();
    }

    /**
     * Counts what came of orphans.
     *
     * @param fate what came of them
     * @return how many
     */
    public int count(Orphan.Fate fate) {
        return (int) orphans.stream().filter(orphan -> orphan.fate() == fate).count();
    }

    private int done(Verdict.Kind kind) {
        return (int) verdicts.stream()
                .filter(verdict -> verdict.kind() == kind && verdict.fate() == Verdict.Fate.DONE)
                .count();
    }

    @Override
    public String toString() {
        return scope + " " + outcome + (detail.isEmpty() ? "" : " (" + detail + ")") + ": " + judged + " judged, "
                + present + " present, " + ghostsRemoved() + " ghosts and " + errorsRemoved() + " errors removed, "
                + portsFreed + " ports freed, " + plan
                + breaker.map(open -> ", breaker " + open.cause()).orElse("")
                + (errors.isEmpty() ? "" : ", errors " + errors);
    }
}
