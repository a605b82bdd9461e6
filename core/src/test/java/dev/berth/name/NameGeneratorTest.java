package dev.berth.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameGeneratorTest {

    private static final NameGenerator CONTAINERS = NameGenerator.of(NameRule.CONTAINER);
    private static final NameGenerator LABELS = NameGenerator.of(NameRule.DNS_LABEL);
    private static final NameGenerator PROJECTS = NameGenerator.of(NameRule.COMPOSE_PROJECT);
    private static final NameGenerator DESKTOPS = CONTAINERS.template("kasm-{user}-{type}");

    @Test
    void nameWithSuffixIsNeverAnotherName() {
        NameGenerator apps = CONTAINERS.template("{app}").leavingRoomFor("_backend", "_frontend");

        assertThat(apps.unique("app1")).isEqualTo("app1");
        assertThat(apps.unique("app1_backend")).matches("app1_backend-[0-7][0-9a-z]{15}");
        assertThat(apps.candidates("app1_backend")).doesNotContain("app1_backend");
        assertThat(CONTAINERS.template("{app}").unique("app1_backend")).isEqualTo("app1_backend");
    }

    @Test
    void candidatesAreReadableThenHashedThenSalted() {
        List<String> candidates = DESKTOPS.candidates("Müller, Jürgen", "Ubuntu Desktop (VS Code)");

        assertThat(candidates).hasSize(8).doesNotHaveDuplicates();
        assertThat(candidates.get(0)).isEqualTo("kasm-muller-jurgen-ubuntu-desktop-vs-code");
        assertThat(candidates.get(1)).isEqualTo(DESKTOPS.unique("Müller, Jürgen", "Ubuntu Desktop (VS Code)"));
        assertThat(candidates).isUnmodifiable();
    }

    @Test
    void noReadableCandidateWhereAPartReadsAsNothingOrTheNameIsReserved() {
        assertThat(DESKTOPS.candidates("日本", "ubuntu")).hasSize(7).allMatch(n -> n.matches("kasm-ubuntu-[0-7].{15}"));
        assertThat(LABELS.candidates("🙂")).hasSize(7).allMatch(n -> n.matches("x-[0-7].{15}"));
        assertThat(NameGenerator.of(NameRule.DOCKER_NETWORK).candidates("Host"))
                .hasSize(7)
                .doesNotContain("host");
        assertThat(NameGenerator.of(NameRule.INCUS_INSTANCE).unique("42")).matches("42-[0-7].{15}");
        assertThat(CONTAINERS.unique("a")).matches("a-[0-7].{15}");
    }

    @Test
    void readsLatinWithoutItsMarksComposedOrNot() {
        assertThat(readable("Jürgen", "Ju\u0308rgen")).containsOnly("jurgen");
        assertThat(readable("straße", "STRASSE", "STRAẞE")).containsOnly("strasse");
        assertThat(readable("Łódź")).containsOnly("lodz");
        assertThat(readable("smørrebrød", "SMØRREBRØD")).containsOnly("smorrebrod");
        assertThat(readable("Æsir", "æsir")).containsOnly("aesir");
        assertThat(readable("İstanbul", "ıstanbul", "Istanbul")).containsOnly("istanbul");
        assertThat(readable("Đặng Thị Hồng")).containsOnly("dang-thi-hong");
        assertThat(readable("ﬁle", "ＦＩＬＥ")).containsOnly("file");
        assertThat(readable("O'Brien", "--o//brien--")).containsOnly("o-brien");
        assertThat(readable("xn--mller-kva")).containsOnly("xn-mller-kva");
    }

    @Test
    void containerKeepsDotsAndUnderscoresWhereOthersDoNot() {
        assertThat(CONTAINERS.unique("julian.k_d", "x")).isEqualTo("julian.k_d-x");
        assertThat(NameGenerator.of(NameRule.PROXY_SEGMENT)
                        .candidates("julian.k_d")
                        .get(0))
                .isEqualTo("julian-k-d");
    }

    @Test
    void longestPartIsCutFirstAndNothingIsDoubledAtTheCut() {
        String name = LABELS.template("app-{model}-{user}").unique("m".repeat(34) + "-" + "m".repeat(99), "anna.b");

        assertThat(name).matches("app-m+-anna-b-[0-7][0-9a-z]{15}").hasSizeLessThanOrEqualTo(63);
        assertThat(LABELS.unique("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrs--------", "x"))
                .doesNotContain("--");
    }

    @Test
    void adjacentPlaceholdersAndLiteralsInsideParts() {
        NameGenerator adjacent = LABELS.template("{a}{b}");
        assertThat(namesOf(adjacent, List.of("ab", "c"), List.of("a", "bc")))
                .hasSize(2)
                .contains("abc");

        NameGenerator word = LABELS.template("{a}to{b}");
        assertThat(namesOf(word, List.of("x", "ytoz"), List.of("xtoy", "z")))
                .hasSize(2)
                .contains("xtoytoz");
        assertThat(namesOf(word, List.of("to", "to"), List.of("toto", "o"), List.of("t", "oto")))
                .hasSize(3);

        NameGenerator edged = LABELS.template("a{x}-{y}-a");
        assertThat(namesOf(edged, List.of("a", "a"), List.of("a-a", "a"), List.of("a", "a-a")))
                .hasSize(3);
    }

    @Test
    void templateTakesPartsByNameOrInOrder() {
        assertThat(DESKTOPS.unique(Map.of("type", "ubuntu-vscode", "user", "anna")))
                .isEqualTo("kasm-anna-ubuntu-vscode");
        assertThat(DESKTOPS.unique("anna", "ubuntu-vscode")).isEqualTo("kasm-anna-ubuntu-vscode");
        assertThat(DESKTOPS.candidates(Map.of("type", "b", "user", "a"))).isEqualTo(DESKTOPS.candidates("a", "b"));
        assertThat(DESKTOPS).hasToString("names for container name from kasm-{user}-{type}");
        assertThat(DESKTOPS.rule()).isSameAs(NameRule.CONTAINER);
    }

    @Test
    @SuppressWarnings("NullAway")
    void wrongValuesAreRefusedWithWhatTheTemplateAsksFor() {
        assertRefused(() -> DESKTOPS.unique("anna"), "number of parts of a name: given 1;", "[user, type]");
        assertRefused(() -> DESKTOPS.unique(Map.of("user", "a")), "given [user]", "[user, type]");
        assertRefused(() -> DESKTOPS.unique(Map.of("user", "a", "typ", "b")), "given [typ, user]");
        assertRefused(() -> DESKTOPS.unique(Map.of("user", "a", "type", "b", "x", "c")), "nothing else");
        assertRefused(() -> CONTAINERS.unique(Map.of("user", "a")), "without a template: given [user]");
        assertRefused(() -> DESKTOPS.unique((Map<String, String>) null), "given null");
        Map<String, String> nulls = new HashMap<>();
        nulls.put("user", null);
        nulls.put("type", "b");
        assertRefused(() -> DESKTOPS.unique(nulls), "value of {user}", "given null");
        nulls.put(null, "c");
        assertRefused(() -> DESKTOPS.unique(nulls), "given [null, type, user]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "fixed",
                "{",
                "}",
                "{user",
                "user}",
                "{}",
                "{1}",
                "{a b}",
                "{{user}}",
                "{user}-{user}",
                "a b-{user}",
                "Kasm-{user}",
                "-{user}",
                "{user}-ü",
                "{user}/x",
            })
    void templateThatCannotServeIsRefused(String template) {
        assertRefused(() -> CONTAINERS.template(template), "template: given");
    }

    @Test
    @SuppressWarnings("NullAway")
    void templateOrSuffixWithoutRoomIsRefused() {
        assertRefused(() -> CONTAINERS.template("a".repeat(46) + "{user}"), "given 63;", "at least 64");
        assertThat(CONTAINERS.template("a".repeat(45) + "{user}").unique("ÄÄ")).hasSize(63);
        assertRefused(() -> LABELS.template("ab--{user}"), "template");
        assertRefused(() -> LABELS.template("{user}-"), "template");
        assertRefused(() -> CONTAINERS.template(null), "template: given null");
        assertRefused(() -> CONTAINERS.leavingRoomFor("_" + "b".repeat(62)), "given 0;", "shorten");
        assertRefused(CONTAINERS::leavingRoomFor, "suffixes: given []");
        assertRefused(() -> CONTAINERS.leavingRoomFor((String[]) null), "suffixes: given null");
        assertRefused(() -> CONTAINERS.leavingRoomFor("_a", null), "suffix: given null");
        assertRefused(() -> CONTAINERS.leavingRoomFor("backend"), "suffix: given \"backend\"");
        assertRefused(() -> CONTAINERS.leavingRoomFor(""), "suffix");
        assertRefused(() -> LABELS.leavingRoomFor("_b"), "suffix: given \"_b\"");
        assertRefused(() -> LABELS.leavingRoomFor("-b-"), "suffix: given \"-b-\"");
        assertRefused(() -> CONTAINERS.leavingRoomFor("-0123456789abcdef"), "suffix");
        assertRefused(() -> CONTAINERS.leavingRoomFor("_b", "_a_b"), "none of which ends in another");
        assertRefused(() -> CONTAINERS.leavingRoomFor("_b", "_b"), "none of which ends in another");
        assertRefused(() -> NameGenerator.of(null), "rule of a generator: given null");
    }

    @Test
    @SuppressWarnings("NullAway")
    void partsAreRefusedAtTheDoor() {
        assertRefused(() -> CONTAINERS.unique((String[]) null), "number of parts of a name: given null");
        assertRefused(CONTAINERS::unique, "given 0;");
        assertRefused(() -> CONTAINERS.unique(new String[17]), "given 17;", "1 to 16");
        assertRefused(() -> CONTAINERS.unique("a", null), "part 2 of 2 of a name: given null");
        assertRefused(() -> CONTAINERS.unique("a\u0000b"), "with U+0000 at index 1", "control characters");
        assertRefused(() -> CONTAINERS.unique("a\nb"), "U+000A at index 1");
        assertRefused(() -> CONTAINERS.unique("a\u007f"), "U+007F at index 1");
        assertRefused(() -> CONTAINERS.unique("a\u0085"), "U+0085 at index 1");
        assertRefused(() -> CONTAINERS.unique("a\ud83d"), "U+D83D at index 1", "unpaired surrogates");
        assertRefused(() -> CONTAINERS.unique("\ude42a"), "U+DE42 at index 0");
        assertRefused(() -> CONTAINERS.unique("ü".repeat(513)), "of 1026 bytes", "1 to 1024 bytes");
        assertRefused(() -> CONTAINERS.unique("a".repeat(100_000_000)), "of over 1024 bytes", "(100000000 characters)");
        assertThat(CONTAINERS.unique("ü".repeat(512))).hasSizeLessThanOrEqualTo(63);
        assertThat(CONTAINERS.unique("🙂".repeat(256))).isNotEqualTo(CONTAINERS.unique("🙂".repeat(255)));
    }

    /** If one of these changes, an update of Berth renames what runs: never adapt them, fix the code. */
    @ParameterizedTest
    @CsvSource({
        "日本, x-190wsh2anx0kanf2",
        "julian.kiedaisch, julian-kiedaisch-1d3nrbpgsmpge7rq",
    })
    void goldenNames(String part, String name) {
        assertThat(LABELS.unique(part)).isEqualTo(name);
    }

    @Test
    void goldenNamesOfTemplatesAndSalts() {
        assertThat(PROJECTS.candidates("anthropic_claude-4.5-haiku-20251001", "app1"))
                .containsExactly(
                        "anthropic-claude-4-5-haiku-20251001-app1",
                        "anthropic-claude-4-5-haiku-20251001-app1-5b7gj3cewkd9cjpx",
                        "anthropic-claude-4-5-haiku-20251001-app1-17p7vara06hnfcqw",
                        "anthropic-claude-4-5-haiku-20251001-app1-5p51grpb3vfykntd",
                        "anthropic-claude-4-5-haiku-20251001-app1-42aevvdbc4kmek2h",
                        "anthropic-claude-4-5-haiku-20251001-app1-4cnhzkyb27myax71",
                        "anthropic-claude-4-5-haiku-20251001-app1-6rjy3tgkjnxc8290",
                        "anthropic-claude-4-5-haiku-20251001-app1-1wysanwfgmzvknt5");
        assertThat(DESKTOPS.unique("Müller, Jürgen", "Ubuntu Desktop (VS Code)"))
                .isEqualTo("kasm-muller-jurgen-ubuntu-desktop-vs-code-6tys9g8cn3xdp795");
        NameRule hex = NameRule.named("hex name").alphabet("a-f0-9-").build();
        assertThat(NameGenerator.of(hex).unique("🙂")).isEqualTo("a-338d833998eeed8039dc");
    }

    /** Every code point there is, so that a JDK with a newer Unicode cannot read one of them differently. */
    @Test
    void goldenReadingOfAllOfUnicode() {
        Cleaner cleaner = new Cleaner(NameRule.CONTAINER);
        Digest digest = new Digest("all of Unicode");
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            digest.add(cleaner.clean("a" + Character.toString(codePoint) + "b"));
        }
        assertThat(HexFormat.of().formatHex(digest.bytes()))
                .isEqualTo("d92fa0bd0e4f8ab9bb4aa8288a96857a0b2ac2f0d6a5f43d5789a18e5ca20058");
    }

    @Test
    void oneHashPerPartsUnderEveryRuleOfTheSameTemplate() {
        String container = DESKTOPS.unique("Ä", "b");
        String label = LABELS.template("kasm-{u}-{t}").unique("Ä", "b");

        assertThat(container).isEqualTo(label);
        assertThat(LABELS.template("kasm-{u}.{t}".replace('.', '-') + "-x").unique("Ä", "b"))
                .isNotEqualTo(label);
    }

    @Test
    @ResourceLock(Resources.LOCALE)
    void defaultLocaleChangesNothing() {
        List<String> parts = List.of("TITLE", "İI", "ıi", "Straße", "JULIAN");
        List<String> before = new ArrayList<>();
        parts.forEach(part -> before.addAll(PROJECTS.candidates(part, "INIT")));
        Locale locale = Locale.getDefault();
        try {
            for (String language : List.of("tr", "az", "lt", "ar", "th-TH-u-nu-thai")) {
                Locale.setDefault(Locale.forLanguageTag(language));
                List<String> after = new ArrayList<>();
                parts.forEach(part -> after.addAll(PROJECTS.candidates(part, "INIT")));
                assertThat(after).as(language).isEqualTo(before);
                assertThat(NameRule.named("t")
                                .alphabet("a-z0-9-")
                                .reserved("INIT")
                                .build()
                                .isValid("init"))
                        .isFalse();
            }
        } finally {
            Locale.setDefault(locale);
        }
    }

    private static List<String> readable(String... parts) {
        return Arrays.stream(parts).map(part -> LABELS.candidates(part).get(0)).toList();
    }

    @SafeVarargs
    private static Set<String> namesOf(NameGenerator generator, List<String>... parts) {
        Set<String> names = new HashSet<>();
        for (List<String> each : parts) {
            names.add(generator.unique(each.toArray(String[]::new)));
        }
        return names;
    }

    private static void assertRefused(ThrowingCallable call, String... messages) {
        assertThatThrownBy(call).isInstanceOf(InvalidInputException.class).hasMessageContainingAll(messages);
    }
}
