package dev.berth.torture.check;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds what must never be in a history. It reasons with intervals: a hold surely begins when the call that was granted it
 * has returned, and surely ends when the first call begins that may end it, or its lease may have run out. What is between
 * is not judged.
 */
public final class Checker {
    private Checker() {}

    /**
     * Judges a history.
     *
     * @param history the history
     * @return all that was found; empty if every promise was kept
     */
    public static List<Violation> check(History history) {
        Holds holds = Holds.of(history);
        List<Violation> found = new ArrayList<>();
        found.addAll(Errors.check(history));
        found.addAll(Tokens.check(history));
        found.addAll(Exclusion.check(history, holds));
        found.addAll(Losses.check(history, holds));
        found.addAll(Instances.check(history));
        found.addAll(Ends.check(history.end()));
        return found;
    }
}
