package dev.berth.reaper;

/** What a reaper tells its listeners. */
public sealed interface ReaperEvent {
    /**
     * A claim was freed, or marked as failed.
     *
     * @param verdict the claim, and why
     */
    record Reaped(Verdict verdict) implements ReaperEvent {}

    /**
     * Something that this ledger has made runs, and nobody has a claim to it. Told once for each instance and reaper.
     *
     * @param orphan the instance
     */
    record Anomaly(Orphan orphan) implements ReaperEvent {}

    /**
     * Something was done with an instance that no claim had.
     *
     * @param orphan the instance, and what came of it
     */
    record OrphanHandled(Orphan orphan) implements ReaperEvent {}

    /**
     * A breaker has opened: nothing is freed until a person approves, or nothing has changed for long.
     *
     * @param breaker the breaker
     * @param plan what would go
     */
    record BreakerOpened(Breaker breaker, ReapPlan plan) implements ReaperEvent {}

    /**
     * A breaker has closed.
     *
     * @param breaker the breaker as it was
     */
    record BreakerClosed(Breaker breaker) implements ReaperEvent {}

    /**
     * A run has ended, whatever came of it.
     *
     * @param report its report
     */
    record Finished(ReapReport report) implements ReaperEvent {}
}
