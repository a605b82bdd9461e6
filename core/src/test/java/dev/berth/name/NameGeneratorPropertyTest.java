package dev.berth.name;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The laws of generated names, over parts that were chosen to break them. */
class NameGeneratorPropertyTest {

    private static final List<NameRule> RULES = rules();

    private static List<NameRule> rules() {
        List<NameRule> rules = new ArrayList<>(NameRuleTest.ALL);
        rules.add(NameRule.named("key")
                .alphabet("a-zA-Z0-9_-")
                .keeping("_")
                .keepingCase()
                .build());
        rules.add(NameRule.named("variable")
                .alphabet("A-Z0-9_")
                .first("A-Z")
                .separator('_')
                .build());
        rules.add(NameRule.named("hex name")
                .alphabet("a-f0-9.-")
                .keeping(".")
                .length(3, 30)
                .build());
        rules.add(NameRule.named("tight").alphabet("a-z0-9-").length(18, 18).build());
        rules.add(NameRule.named("odd label")
                .alphabet("a-z0-9_-")
                .separator('_')
                .keeping("-")
                .withoutIdnaPrefix()
                .reserved("ab", "a_b")
                .build());
        return rules;
    }

    @Provide
    Arbitrary<NameRule> rule() {
        return Arbitraries.of(RULES);
    }

    /** Few letters, so that different parts meet often; all that cleaning folds, drops, doubles and cuts. */
    @Provide
    Arbitrary<List<String>> parts() {
        Arbitrary<String> pieces = Arbitraries.of(
                "a",
                "b",
                "A",
                "ab",
                "0",
                "1",
                "-",
                "--",
                "_",
                ".",
                " ",
                "/",
                "ß",
                "ss",
                "ü",
                "u\u0308",
                "u",
                "İ",
                "i",
                "ı",
                "ﬁ",
                "fi",
                "🙂",
                "日",
                "xn--",
                "{",
                "}",
                "backend",
                "0123456789abcdef",
                "-0123456789abcdef",
                "0123456789abcdef0123",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "\u200d",
                "\u0301",
                "%2F",
                "..");
        Arbitrary<String> part = Arbitraries.oneOf(
                pieces.list().ofMinSize(1).ofMaxSize(4).map(list -> String.join("", list)),
                Arbitraries.strings().ascii().ofMinLength(1).ofMaxLength(80),
                Arbitraries.strings().all().ofMinLength(1).ofMaxLength(40));
        return part.filter(NameGeneratorPropertyTest::isAdmitted)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<List<List<String>>> manyParts() {
        return parts().list().ofMinSize(2).ofMaxSize(30);
    }

    private static boolean isAdmitted(String part) {
        try {
            Parts.admit("part", part);
            return true;
        } catch (InvalidInputException refused) {
            return false;
        }
    }

    @Property(tries = 2000)
    void everyNameIsValidForItsTargetAndStable(@ForAll("rule") NameRule rule, @ForAll("parts") List<String> parts) {
        String[] array = parts.toArray(String[]::new);
        for (NameGenerator generator : generators(rule, parts.size())) {
            String unique = generator.unique(array);
            List<String> candidates = generator.candidates(array);

            assertThat(rule.isValid(unique)).as(unique).isTrue();
            assertThat(candidates)
                    .allMatch(rule::isValid)
                    .doesNotHaveDuplicates()
                    .hasSizeBetween(7, 8);
            assertThat(candidates).contains(candidates.size() == 8 ? candidates.get(1) : unique);
            assertThat(generator.unique(array)).isEqualTo(unique);
            assertThat(generator.candidates(array)).isEqualTo(candidates);
            assertThat(unique).doesNotStartWith("xn--");
        }
    }

    @Property(tries = 1000)
    void differentPartsHaveDifferentUniqueNames(
            @ForAll("rule") NameRule rule, @ForAll("manyParts") List<List<String>> many) {
        Map<String, Map<String, List<String>>> owners = new HashMap<>();
        for (List<String> parts : many) {
            for (NameGenerator generator : generators(rule, parts.size())) {
                String name = generator.unique(parts.toArray(String[]::new));
                List<String> before = owners.computeIfAbsent(generator.toString(), g -> new HashMap<>())
                        .putIfAbsent(name, parts);
                assertThat(before == null ? parts : before).as(name).isEqualTo(parts);
            }
        }
    }

    @Property(tries = 1000)
    void plainAndHashedNamesHaveNothingInCommon(
            @ForAll("rule") NameRule rule, @ForAll("manyParts") List<List<String>> many) {
        Set<String> plain = new HashSet<>();
        Set<String> hashed = new HashSet<>();
        for (List<String> parts : many) {
            for (NameGenerator generator : generators(rule, parts.size())) {
                String[] array = parts.toArray(String[]::new);
                List<String> candidates = new ArrayList<>(generator.candidates(array));
                if (candidates.size() == 8) {
                    plain.add(candidates.remove(0));
                }
                hashed.addAll(candidates);
                if (!candidates.contains(generator.unique(array))) {
                    plain.add(generator.unique(array));
                }
            }
        }
        assertThat(plain).noneMatch(rule.token()::occursIn).doesNotContainAnyElementsOf(hashed);
        assertThat(hashed).allMatch(rule.token()::occursIn);
    }

    /** Each list of parts beside the one whose last part goes on with the suffix, which reads the same. */
    @Property(tries = 1000)
    void nameWithSuffixIsNoOtherName(@ForAll("manyParts") List<List<String>> many) {
        List<String> suffixes = List.of("-b", "_backend", ".a");
        NameGenerator generator = NameGenerator.of(NameRule.CONTAINER).leavingRoomFor(suffixes.toArray(String[]::new));
        Set<List<String>> all = new HashSet<>(many);
        all.add(List.of("a"));
        for (List<String> parts : List.copyOf(all)) {
            for (String suffix : suffixes) {
                List<String> longer = new ArrayList<>(parts);
                longer.set(parts.size() - 1, parts.get(parts.size() - 1) + suffix);
                all.add(longer);
            }
        }
        Set<String> names = new HashSet<>();
        for (List<String> parts : all) {
            String name = generator.unique(parts.toArray(String[]::new));
            names.add(NameRule.CONTAINER.check(name));
            suffixes.forEach(suffix -> names.add(NameRule.CONTAINER.check(name + suffix)));
        }
        assertThat(names).hasSize(all.size() * (1 + suffixes.size()));
    }

    /** All splits of one short text into parts, under templates whose literals occur in it. */
    @Property(tries = 500)
    void everyCutOfATextHasANameOfItsOwn(@ForAll("shortText") String text) {
        for (String template :
                List.of("{a}{b}", "{a}-{b}", "{a}a{b}", "a{a}b{b}a", "{a}-a-{b}-{c}", "{a}ab{b}{c}", "{a}")) {
            NameGenerator generator = NameGenerator.of(NameRule.DNS_LABEL).template(template);
            int places = template.split("\\{", -1).length - 1;
            Set<String> names = new HashSet<>();
            List<List<String>> cuts = cuts(text, places);
            cuts.forEach(cut -> names.add(generator.unique(cut.toArray(String[]::new))));
            assertThat(names).as(template).hasSameSizeAs(cuts);
        }
        Set<String> joined = new HashSet<>();
        int cuts = 0;
        for (int places = 1; places <= 3; places++) {
            for (List<String> cut : cuts(text, places)) {
                joined.add(NameGenerator.of(NameRule.DNS_LABEL).unique(cut.toArray(String[]::new)));
                cuts++;
            }
        }
        assertThat(joined).hasSize(cuts);
    }

    @Provide
    Arbitrary<String> shortText() {
        return Arbitraries.strings().withChars("ab-").ofMinLength(4).ofMaxLength(9);
    }

    private static List<List<String>> cuts(String text, int places) {
        if (places == 1) {
            return List.of(List.of(text));
        }
        List<List<String>> cuts = new ArrayList<>();
        for (int at = 1; at <= text.length() - places + 1; at++) {
            for (List<String> rest : cuts(text.substring(at), places - 1)) {
                List<String> cut = new ArrayList<>(List.of(text.substring(0, at)));
                cut.addAll(rest);
                cuts.add(cut);
            }
        }
        return cuts;
    }

    /** Joined, and in templates with as many places as there are parts. */
    private static List<NameGenerator> generators(NameRule rule, int parts) {
        String[] places = new String[parts];
        Arrays.setAll(places, i -> "{p" + i + "}");
        NameGenerator joined = NameGenerator.of(rule);
        return rule.maxLength() < 2 * parts + 1 + rule.tailLength()
                ? List.of(joined)
                : List.of(
                        joined,
                        joined.template(String.join(String.valueOf(rule.separator()), places)),
                        joined.template(String.join("", places)),
                        joined.template(rule.stem() + String.join("", places) + rule.stem()));
    }
}
