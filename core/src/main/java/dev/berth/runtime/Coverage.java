package dev.berth.runtime;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How much of a runtime a listing shows. Taken together, coverages can only shrink, so that one that is incomplete is
 * never forgotten on the way (law L3).
 *
 * @param level how much
 * @param gaps what is missing and why, in words; empty if nothing is
 * @param proof why even an empty listing would be believed, in words: a beacon that was seen; empty if nothing proves it
 */
public record Coverage(Level level, List<String> gaps, Optional<String> proof) {
    /** How much is seen, the least first. */
    public enum Level {
        /** Nothing: the runtime did not answer, or is not the one that it should be. */
        NONE,
        /** Some: what is listed is there, what is not listed is unknown. */
        PARTIAL,
        /** All: what is not listed was not there. */
        COMPLETE
    }

    /**
     * Checks the parts.
     *
     * @param level how much
     * @param gaps what is missing and why
     * @param proof why even an empty listing would be believed
     * @throws InvalidInputException if a part is null, or gaps contradict the level
     */
    public Coverage {
        InvalidInputException.requireNonNull("coverage level", level);
        gaps = InvalidInputException.copyOf("coverage gaps", gaps);
        InvalidInputException.requireNonNull("coverage proof", proof);
        if (gaps.isEmpty() != (level == Level.COMPLETE)) {
            throw InvalidInputException.of(
                    "coverage " + level, gaps, "reasons for a gap, and none where the coverage is complete");
        }
    }

    /**
     * Says that everything is listed.
     *
     * @return the coverage; an empty listing of it proves nothing
     */
    public static Coverage complete() {
        return new Coverage(Level.COMPLETE, List.of(), Optional.empty());
    }

    /**
     * Says that everything is listed, and why even an empty listing would be believed.
     *
     * @param proof the proof, for people
     * @return the coverage
     */
    public static Coverage complete(String proof) {
        return new Coverage(
                Level.COMPLETE, List.of(), Optional.of(InvalidInputException.requireNonNull("proof", proof)));
    }

    /**
     * Says that something is missing.
     *
     * @param gap what is missing and why, for people
     * @return the coverage
     */
    public static Coverage partial(String gap) {
        return new Coverage(Level.PARTIAL, List.of(InvalidInputException.requireNonNull("gap", gap)), Optional.empty());
    }

    /**
     * Says that nothing is seen.
     *
     * @param reason why, for people
     * @return the coverage
     */
    public static Coverage none(String reason) {
        return new Coverage(
                Level.NONE, List.of(InvalidInputException.requireNonNull("reason", reason)), Optional.empty());
    }

    /**
     * Takes two together: the lesser level, all gaps, and a proof only if both have one.
     *
     * @param other the other coverage
     * @return the lesser of both
     */
    public Coverage and(Coverage other) {
        InvalidInputException.requireNonNull("other coverage", other);
        List<String> all = new ArrayList<>(gaps);
        other.gaps.stream().filter(gap -> !all.contains(gap)).forEach(all::add);
        return new Coverage(
                level.compareTo(other.level) <= 0 ? level : other.level,
                all,
                proof.flatMap(mine -> other.proof.map(its -> mine.equals(its) ? mine : mine + "; " + its)));
    }

    /**
     * Says whether what is not listed was not there.
     *
     * @return true if the level is {@link Level#COMPLETE}
     */
    public boolean isComplete() {
        return level == Level.COMPLETE;
    }
}
