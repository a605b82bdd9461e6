package dev.berth.name;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An attacker knows every name of a victim, and may choose parts freely. */
class NameForgingTest {

    static List<NameRule> rules() {
        return NameRuleTest.ALL;
    }

    @ParameterizedTest
    @MethodSource("rules")
    void noChoiceOfPartsLeadsToAHashedNameOfAnother(NameRule rule) {
        NameGenerator generator = NameGenerator.of(rule);
        List<String> victims = generator.candidates("Müller, Jürgen", "Ubuntu Desktop (VS Code)");
        Set<String> hashed = new HashSet<>(victims.subList(1, victims.size()));

        for (String target : victims.subList(1, 3)) {
            for (List<String> parts : attacks(target)) {
                String[] array = parts.toArray(String[]::new);
                assertThat(generator.unique(array)).as("%s", parts).isNotIn(hashed);
                assertThat(generator.candidates(array)).as("%s", parts).doesNotContainAnyElementsOf(hashed);
                assertForgedByNoTemplate(rule, hashed, array);
            }
        }
    }

    private static void assertForgedByNoTemplate(NameRule rule, Set<String> hashed, String... parts) {
        List<String> templates = parts.length == 1
                ? List.of("{a}", "m{a}")
                : parts.length == 2 ? List.of("{a}-{b}", "{a}{b}", "muller-{a}{b}") : List.of();
        for (String template : templates) {
            NameGenerator generator = NameGenerator.of(rule).template(template);
            assertThat(generator.unique(parts)).isNotIn(hashed);
            assertThat(generator.candidates(parts)).doesNotContainAnyElementsOf(hashed);
        }
    }

    /** The name itself and its look-alikes, whole, cut in two at every place, and split at every separator. */
    private static List<List<String>> attacks(String target) {
        List<String> spellings = List.of(
                target,
                target.toUpperCase(Locale.ROOT),
                target.replace('-', '_'),
                target.replace('-', ' '),
                target.replace('-', '/'),
                target + "-",
                "-" + target,
                target + "\u0301",
                "\u200b" + target,
                fullWidth(target),
                target.substring(1),
                target.replace("-", "--"),
                "x" + target);
        List<List<String>> attacks = new ArrayList<>();
        for (String spelling : spellings) {
            attacks.add(List.of(spelling));
            attacks.add(List.of(spelling.split("[-_ /]+", -1)).stream()
                    .filter(s -> !s.isBlank())
                    .toList());
            for (int at = 1; at < spelling.length(); at++) {
                String head = spelling.substring(0, at);
                String tail = spelling.substring(at);
                if (!tail.isBlank() && !head.isBlank() && !head.equals("\u200b")) {
                    attacks.add(List.of(head, tail));
                }
                if (tail.startsWith("-") && tail.length() > 1) {
                    attacks.add(List.of(head, tail.substring(1)));
                }
            }
        }
        return attacks;
    }

    private static String fullWidth(String text) {
        StringBuilder wide = new StringBuilder();
        text.chars().forEach(c -> wide.append((char) (c + 0xFEE0)));
        return wide.toString();
    }
}
