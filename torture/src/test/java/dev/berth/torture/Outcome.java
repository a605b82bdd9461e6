package dev.berth.torture;

import dev.berth.torture.check.Answer;
import dev.berth.torture.check.Deed;
import dev.berth.torture.check.History;
import dev.berth.torture.check.Operation;
import dev.berth.torture.check.Violation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
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

    /** How often sweeps of workers ended how, and how many ghosts those freed that say so. */
    private Map<String, Long> swept() {
        Map<String, Long> ended = new TreeMap<>();
        for (Operation one : history.operations()) {
            if (one.deed() == Deed.REAP && !one.type().isEmpty()) {
                String[] words = one.type().split(" ", 2);
                ended.merge(words[0].toLowerCase(Locale.ROOT), 1L, Long::sum);
                if (words.length == 2) {
                    ended.merge("ghosts freed", Long.parseLong(words[1]), Long::sum);
                }
            }
        }
        return ended;
    }

    /** What the worker uses that is never killed. */
    Soak soak() {
        return new Soak(samples.stream().map(look -> look.get(0)).toList());
    }

    /** What the page of reliability says of it. */
    List<String> page(String engine, String version) {
        List<String> lines = new ArrayList<>();
        lines.add("### " + engine);
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "%s. Seed %d; %.1f minutes under fire; %d processes of %d threads, of which %d worked in all; %,d calls.",
                version,
                plan.seed(),
                plan.time().toMillis() / 60_000.0,
                plan.processes(),
                plan.claimers() + 2,
                history.deaths().size() + plan.processes(),
                history.operations().size()));
        lines.add("");
        lines.add("| call | done | nothing to do | refused | unknown |");
        lines.add("|---|---:|---:|---:|---:|");
        counts().forEach((deed, answers) -> lines.add(Arrays.stream(Answer.values())
                .map(answer -> String.format(Locale.ROOT, "%,d", answers.getOrDefault(answer, 0L)))
                .collect(Collectors.joining(" | ", "| " + deed.name().toLowerCase(Locale.ROOT) + " | ", " |"))));
        lines.add("");
        lines.add("Refused or unknown: " + listed(errors()) + ".");
        lines.add("");
        lines.add("How sweeps ended: " + listed(swept()) + ".");
        lines.add("");
        lines.add("What happened meanwhile: " + listed(struck) + ".");
        lines.add("");
        lines.add("The worker that is never killed: " + soak() + ".");
        lines.add("");
        lines.add("**Violations: " + violations.size() + ".**");
        violations.forEach(one -> lines.add("- " + one.kind() + ": " + one.what()));
        return lines;
    }

    private static String listed(Map<String, ? extends Number> counts) {
        return counts.entrySet().stream()
                .map(one -> one.getKey() + " " + one.getValue())
                .collect(Collectors.joining(", "));
    }

    /** All of it, for people. */
    String told() {
        return history.operations().size() + " calls " + counts() + "\nerrors " + errors() + "\nstruck " + struck
                + "\nsamples " + samples + "\n"
                + violations.stream().map(Violation::toString).collect(Collectors.joining("\n"));
    }
}
