package dev.berth.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The naming cases of the field, each with its number. */
class NameScenarioTest {

    private static final NameGenerator CONTAINERS = NameGenerator.of(NameRule.CONTAINER);
    private static final NameGenerator LABELS = NameGenerator.of(NameRule.DNS_LABEL);
    private static final NameGenerator PROJECTS = NameGenerator.of(NameRule.COMPOSE_PROJECT);

    @Test
    @DisplayName("scenario 3: session ids that share their first 8 characters get different names")
    void scenario3SharedPrefixOfSessionIds() {
        NameGenerator sessions = CONTAINERS.template("kasm-{user}-{type}-{session}");

        String a = sessions.unique("julian.kiedaisch", "ubuntu-desktop", "cfe02614-1d1c-4f0e-9d5a-0c6a1f6b7a01");
        String b = sessions.unique("julian.kiedaisch", "ubuntu-desktop", "cfe02614-1d1c-4f0e-9d5a-0c6a1f6b7a02");

        assertThat(a).isNotEqualTo(b).startsWith("kasm-julian.kiedai-ubuntu-deskto-cfe02614-");
        assertThat(b).startsWith("kasm-julian.kiedai-ubuntu-deskto-cfe02614-");
        assertThat(sessions.unique("julian", "ubuntu", "cfe02614")).isEqualTo("kasm-julian-ubuntu-cfe02614");
    }

    @Test
    @DisplayName("scenario 5: julian.kiedaisch and julian-kiedaisch get different, stable DNS-safe paths")
    void scenario5DotAndHyphen() {
        String dotted = LABELS.unique("julian.kiedaisch");

        assertThat(dotted).isEqualTo("julian-kiedaisch-1d3nrbpgsmpge7rq");
        assertThat(LABELS.template("{user}").unique("julian-kiedaisch")).isEqualTo("julian-kiedaisch");
        assertThat(LABELS.candidates("julian.kiedaisch")).startsWith("julian-kiedaisch", dotted);
        assertThat(LABELS.unique("julian-kiedaisch")).isNotEqualTo(dotted);
    }

    @Test
    @DisplayName("scenario 6: (anna, b-c) and (anna-b, c) get different names")
    void scenario6CutBetweenParts() {
        NameGenerator pairs = LABELS.template("{user}-{type}");

        assertThat(pairs.unique("anna", "b-c")).isEqualTo("anna-b-c");
        assertThat(pairs.unique("anna-b", "c")).matches("anna-b-c-[0-7][0-9a-z]{15}");
        assertThat(LABELS.unique("anna", "b-c")).isNotEqualTo(LABELS.unique("anna-b", "c"));
        assertThat(LABELS.unique("a-b")).isNotEqualTo(LABELS.unique("a", "b"));
    }

    @Test
    @DisplayName("scenario 7: names that differ in case only are different under every rule, whatever the case")
    void scenario7Case() {
        for (NameRule rule : NameRuleTest.ALL) {
            NameGenerator generator = NameGenerator.of(rule);
            assertThat(generator.unique("Julian.Kiedaisch"))
                    .isNotEqualToIgnoringCase(generator.unique("julian.kiedaisch"));
            assertThat(generator.candidates("Julian.Kiedaisch").get(0))
                    .isEqualTo(generator.candidates("julian.kiedaisch").get(0));
        }
    }

    @Test
    @DisplayName("scenario 8: hostile types and users are valid, in length, deterministic and distinct")
    void scenario8HostileParts() {
        List<String> hostile = List.of(
                "Ubuntu Desktop (VS Code)",
                "Müller, Jürgen",
                "Mu\u0308ller, Ju\u0308rgen",
                "u".repeat(128),
                "u".repeat(129),
                "🙂",
                "🙃",
                "日本",
                "---",
                "...",
                "_",
                "a.b",
                "a_b",
                "a-b",
                "ab",
                "A-B",
                "ß",
                "ss",
                "ẞ",
                "İ",
                "I",
                "ı",
                "i",
                "ﬁ",
                "fi",
                "ａ",
                "a",
                "xn--mller-kva",
                "0",
                "00",
                "../..",
                "%2F",
                "a\u200db",
                "ø",
                "o",
                "\u202eab",
                "a b",
                "a  b",
                " a",
                "a ",
                "a\u00a0b");
        for (NameRule rule : NameRuleTest.ALL) {
            NameGenerator generator = NameGenerator.of(rule);
            Set<String> names = new HashSet<>();
            for (String part : hostile) {
                String name = generator.unique(part, "app");
                assertThat(rule.isValid(name)).as("%s for %s", name, rule).isTrue();
                assertThat(generator.unique(part, "app")).isEqualTo(name);
                assertThat(names.add(name)).as("%s is new", name).isTrue();
            }
        }
    }

    @Test
    @DisplayName("scenario 9: the models' apps, with room for _backend and _frontend")
    void scenario9ModelsAndServices() {
        NameGenerator projects = PROJECTS.leavingRoomFor("_backend", "_frontend");

        assertThat(projects.candidates("anthropic_claude-4.5-haiku-20251001", "app1")
                        .get(0))
                .isEqualTo("anthropic-claude-4-5-haiku-20251001-app1");
        assertThat(projects.candidates("openai_gpt-5-mini-2025-08-07", "app1").get(0))
                .isEqualTo("openai-gpt-5-mini-2025-08-07-app1");
        assertThat(projects.candidates("m".repeat(500), "app1")).allSatisfy(name -> {
            assertThat(name).contains("-app1").hasSizeLessThanOrEqualTo(54);
            assertThat(NameRule.COMPOSE_PROJECT.isValid(name + "_frontend")).isTrue();
        });
        assertThat(PROJECTS.template("{model}-{app}_backend")
                        .candidates("openai_gpt-5-mini-2025-08-07", "app1")
                        .get(0))
                .isEqualTo("openai-gpt-5-mini-2025-08-07-app1_backend");
    }

    @ParameterizedTest
    @DisplayName("scenario 11: slugs with slash, colon and upper case become legal compose project names")
    @CsvSource({
        "deepseek/deepseek-chat-v3-0324:free, deepseek-deepseek-chat-v3-0324-free",
        "Qwen/Qwen3-Coder, qwen-qwen3-coder",
        "META_LLAMA, meta-llama",
    })
    void scenario11Slugs(String slug, String readable) {
        assertThat(PROJECTS.candidates(slug).get(0)).isEqualTo(readable);
        assertThat(PROJECTS.unique(slug)).startsWith(readable + "-").satisfies(NameRule.COMPOSE_PROJECT::check);
    }

    @Test
    @DisplayName("scenario 12: app1 is not app10, dyad-app-5 is not dyad-app-57")
    void scenario12Prefixes() {
        assertThat(PROJECTS.unique("m", "app1")).isEqualTo("m-app1");
        assertThat(PROJECTS.unique("m", "app10")).isEqualTo("m-app10");
        assertThat(PROJECTS.template("dyad-app-{id}").unique("5")).isEqualTo("dyad-app-5");
        assertThat(PROJECTS.template("dyad-app-{id}").unique("57")).isEqualTo("dyad-app-57");
        assertThat(PROJECTS.unique("m".repeat(80), "app1")).isNotEqualTo(PROJECTS.unique("m".repeat(80), "app10"));
    }

    @Test
    @DisplayName("scenario 13: another template renames, the old generator still gives the old name")
    void scenario13RuleChanges() {
        String before = LABELS.template("{user}").unique("julian.kiedaisch");
        String after = LABELS.template("{user}-build7").unique("julian.kiedaisch");

        assertThat(after).isNotEqualTo(before);
        assertThat(LABELS.template("{user}").unique("julian.kiedaisch")).isEqualTo(before);
        assertThat(LABELS.template("{owner}").unique("julian.kiedaisch")).isEqualTo(before);
    }

    @ParameterizedTest
    @DisplayName("scenario 14: an unset PROJECT_NAME is refused, never app_backend for everybody")
    @ValueSource(strings = {"", " ", "\u00a0", "\u2003", "\u200b", "\ufeff", " \u3000 "})
    void scenario14BlankPart(String blank) {
        NameGenerator backends = PROJECTS.template("{project}_backend");

        assertRefused(() -> backends.unique(blank), " that is blank", "default an unset value");
        assertRefused(() -> backends.candidates(Map.of("project", blank)), "value of {project}");
        assertRefused(() -> PROJECTS.candidates("app", blank), "part 2 of 2");
    }

    private static void assertRefused(ThrowingCallable call, String... messages) {
        assertThatThrownBy(call).isInstanceOf(InvalidInputException.class).hasMessageContainingAll(messages);
    }
}
