package dev.berth.torture;

import dev.berth.torture.check.Answer;
import dev.berth.torture.check.Deed;
import dev.berth.torture.check.History;
import dev.berth.torture.check.Operation;
import dev.berth.torture.check.Violation;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What came of a run.
 *
 * @param plan what it was told
 * @param history what was asked and told
 * @param violations what must never be, and was
 * @param struck how often what broke
 * @param samples what the workers used, time after time
 * @param sweeps how the last sweeps went
 */
record Outcome(
        Plan plan,
        History history,
        List<Violation> violations,
        Map<String, Integer> struck,
        List<List<Worker.Sample>> samples,
        List<String> sweeps) {
    /** How often what was asked for ended how. */
    Map<Deed, Map<Answer, Long>> counts() {
        return history.operations().stream()
                .collect(Collectors.groupingBy(
                        Operation::deed,
                        () -> new EnumMap<>(Deed.class),
                        Collectors.groupingBy(
                                Operation::answer, () -> new EnumMap<>(Answer.class), Collectors.counting())));
    }

    /** How often a caller was refused, or left in doubt, by what. */
    Map<String, Long> errors() {
        return history.operations().stream()
                .filter(one -> one.answer() == Answer.REFUSED || one.answer() == Answer.UNKNOWN)
                .collect(Collectors.groupingBy(
                        one -> one.answer() + " " + (one.type().isEmpty() ? "killed" : one.type()),
                        TreeMap::new,
                        Collectors.counting()));
    }

    /** All of it, for people. */
    String told() {
        return history.operations().size() + " calls " + counts() + "\nerrors " + errors() + "\nstruck " + struck
                + "\nsamples " + samples + "\n"
                + violations.stream().map(Violation::toString).collect(Collectors.joining("\n"));
    }
}
