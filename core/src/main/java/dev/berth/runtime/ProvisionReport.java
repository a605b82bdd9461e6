package dev.berth.runtime;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Everything that was tried on the way, in order.
 *
 * @param steps the steps
 */
public record ProvisionReport(List<Step> steps) {
    private static final int SHOWN = 5;

    /**
     * Copies the list.
     *
     * @param steps the steps
     */
    public ProvisionReport {
        steps = InvalidInputException.copyOf("steps", steps);
    }

    /**
     * One thing that was tried.
     *
     * @param action what
     * @param subject on what
     * @param result how it ended
     * @param after how long after the beginning it ended
     */
    public record Step(Action action, String subject, String result, Duration after) {
        @Override
        public String toString() {
            return action + " " + subject + ": " + result;
        }
    }

    /** What can be tried. */
    public enum Action {
        /** The ledger was asked for the claim and the attempt. */
        CLAIM,
        /** The runtime was asked whether it is the one that it was. */
        CHECK_RUNTIME,
        /** One instance was looked at. */
        LOOK,
        /** What earlier attempts left behind was looked for. */
        SURVEY,
        /** An instance was created. */
        CREATE,
        /** An instance was started. */
        START,
        /** It was seen whether it runs with all its ports. */
        VERIFY,
        /** It was waited for until it is healthy. */
        AWAIT_HEALTH,
        /** The claim was made active. */
        ACTIVATE,
        /** A name or port moved to its next candidate. */
        MOVE,
        /** The claim gave its instance up, for it to be removed. */
        DETACH,
        /** An instance was removed. */
        REMOVE,
        /** Another owner's claim was taken over from. */
        TAKE_OVER,
        /** The claim was given back whole. */
        RELEASE,
        /** The claim was marked as failed, and keeps everything. */
        FAIL,
        /** Somebody else is at it. */
        JOIN
    }

    /**
     * Counts the steps of a kind.
     *
     * @param action the kind
     * @return how many there are
     */
    public long count(Action action) {
        return steps.stream().filter(step -> step.action() == action).count();
    }

    /** The last steps, which tell most of why it ended. */
    String last() {
        return steps.stream()
                .skip(Math.max(0, steps.size() - SHOWN))
                .map(Step::toString)
                .collect(Collectors.joining("; "));
    }

    @Override
    public String toString() {
        return steps.stream().map(Step::toString).collect(Collectors.joining("; "));
    }
}
