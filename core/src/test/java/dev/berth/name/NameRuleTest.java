package dev.berth.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NameRuleTest {

    static final List<NameRule> ALL = List.of(
            NameRule.CONTAINER,
            NameRule.DOCKER_NETWORK,
            NameRule.DNS_LABEL,
            NameRule.COMPOSE_PROJECT,
            NameRule.PROXY_SEGMENT,
            NameRule.PROXMOX_HOSTNAME,
            NameRule.INCUS_INSTANCE);

    /** Rule, valid names, invalid names; the sources are with the constants of NameRule. */
    static Stream<Arguments> table() {
        String longest = "a".repeat(63);
        return Stream.of(
                Arguments.of(
                        NameRule.CONTAINER,
                        List.of("ab", "Web_1.x-", "0a", longest, "a--b", "xn--a", "12"),
                        List.of("", "a", "-ab", ".ab", "_ab", "a b", "a/b", "a\u00e9", "ab\n", longest + "a")),
                Arguments.of(
                        NameRule.DOCKER_NETWORK,
                        List.of("ab", "bridge2", "Web_1"),
                        List.of("bridge", "host", "none", "default", "Host", "a")),
                Arguments.of(
                        NameRule.DNS_LABEL,
                        List.of("a", "0", "a-b", "a--b", "123", "abc--d", longest),
                        List.of("", "A", "-a", "a-", "a.b", "a_b", "ab--c", "xn--mller-kva", "\u00fc", longest + "a")),
                Arguments.of(
                        NameRule.COMPOSE_PROJECT,
                        List.of("a", "0_", "a-_b", "app1_backend", longest),
                        List.of("", "_a", "-a", "A", "a.b", "a b", longest + "a")),
                Arguments.of(
                        NameRule.PROXY_SEGMENT,
                        List.of("a", "a.b~c_d", "Anna", "1", longest),
                        List.of("", ".", "..", "~a", "a.", "a%2Fb", "a/b", "a:b", "a+b", longest + "a")),
                Arguments.of(
                        NameRule.PROXMOX_HOSTNAME,
                        List.of("web-b", "Web", "1", longest),
                        List.of("", "-a", "a-", "a_b", "a.b", "xn--a", longest + "a")),
                Arguments.of(
                        NameRule.INCUS_INSTANCE,
                        List.of("a", "c1", "1a", "A-b", longest),
                        List.of("", "1", "42", "007", "-a", "a-", "a_b", "a.b", longest + "a")));
    }

    @ParameterizedTest
    @MethodSource("table")
    void acceptsWhatTheTargetAccepts(NameRule rule, List<String> valid, List<String> invalid) {
        assertThat(valid).allSatisfy(name -> {
            assertThat(rule.isValid(name)).isTrue();
            assertThat(rule.check(name)).isEqualTo(name);
        });
        assertThat(invalid).allSatisfy(name -> {
            assertThat(rule.isValid(name)).isFalse();
            assertThatThrownBy(() -> rule.check(name)).isInstanceOf(InvalidInputException.class);
        });
    }

    @Test
    void refusalSaysWhatIsWrongWhereAndWhatIsAllowed() {
        assertThatThrownBy(() -> NameRule.CONTAINER.check("a b"))
                .hasMessageContaining("container name")
                .hasMessageContaining("given \"a b\"")
                .hasMessageContaining("2 to 63 characters of [a-zA-Z0-9_.-]")
                .hasMessageContaining("it has ' ' at index 1");
        assertThatThrownBy(() -> NameRule.DNS_LABEL.check("a".repeat(1_000_000)))
                .hasMessageContaining("it has 1000000 characters")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
        assertThatThrownBy(() -> NameRule.DNS_LABEL.check("b\u202e\u0000c"))
                .hasMessageContaining("it has U+202E at index 1")
                .hasMessageNotContaining("\u0000");
        assertThatThrownBy(() -> NameRule.DOCKER_NETWORK.check("host")).hasMessageContaining("it is reserved");
        assertThatThrownBy(() -> NameRule.INCUS_INSTANCE.check("42")).hasMessageContaining("it is a number");
    }

    @Test
    @SuppressWarnings("NullAway")
    void nullIsNoValidName() {
        assertThat(NameRule.CONTAINER.isValid(null)).isFalse();
        assertThatThrownBy(() -> NameRule.CONTAINER.check(null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("container name: given null;");
    }

    @Test
    void builtRuleSaysWhatItAllows() {
        NameRule bucket = NameRule.named("bucket name")
                .alphabet("a-z0-9.-")
                .length(3, 63)
                .notOnlyDigits()
                .withoutIdnaPrefix()
                .reserved("Admin")
                .build();

        assertThat(bucket)
                .hasToString(
                        "bucket name: 3 to 63 characters of [a-z0-9.-], the first of [0-9a-z], the last of [0-9a-z], "
                                + "without \"--\" as third and fourth, not a number, none of [admin]");
        assertThat(bucket.name()).isEqualTo("bucket name");
        assertThat(bucket.maxLength()).isEqualTo(63);
        assertThat(bucket.isValid("admin")).isFalse();
        assertThat(bucket.isValid("my.bucket")).isTrue();
    }

    @Test
    void readableNamesFollowTheCaseOfTheRule() {
        NameRule kept =
                NameRule.named("key").alphabet("a-zA-Z0-9-").keepingCase().build();
        NameRule upper = NameRule.named("variable")
                .alphabet("A-Z0-9_")
                .separator('_')
                .first("A-Z")
                .build();

        assertThat(NameGenerator.of(kept).unique("FooBar")).isEqualTo("FooBar");
        assertThat(NameGenerator.of(kept).unique("foobar")).isEqualTo("foobar");
        assertThat(NameGenerator.of(upper).candidates("my", "ßeta").get(0)).isEqualTo("MY_SSETA");
        assertThat(NameGenerator.of(upper).unique("9")).matches("X_[0-7][0-9A-Z]{15}");
    }

    @Test
    void ruleOfSixteenCharactersHasItsHashInBaseSixteen() {
        NameRule hex = NameRule.named("hex name").alphabet("a-f0-9-").build();

        assertThat(NameGenerator.of(hex).unique("cafe")).isEqualTo("cafe");
        assertThat(NameGenerator.of(hex).unique("zzz")).matches("a-[0-3][0-9a-f]{19}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a-z-        | separator of thing",
                "''          | alphabet of thing",
                "a-z 0-9     | alphabet of thing",
                "z-a         | alphabet of thing",
                "+-.         | alphabet of thing",
                "a-zé        | alphabet of thing",
                "a-e0-9-     | at least 16 different letters and digits",
                "_a-z0-9     | separator of thing",
            })
    void alphabetThatCannotServeIsRefused(String alphabet, String message) {
        NameRuleBuilder builder = NameRule.named("thing").separator(alphabet.equals("a-z-") ? '_' : '-');

        assertThatThrownBy(() -> builder.alphabet(alphabet).build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void contradictingSettingsAreRefusedNamingBoth() {
        assertRefused(thing().first("A-Z"), "first of thing: given [A-Z]", "alphabet [a-z0-9-]");
        assertRefused(thing().last("."), "last of thing: given [.]", "alphabet [a-z0-9-]");
        assertRefused(thing().keeping("._"), "keeping of thing: given [._]", "alphabet [a-z0-9-]");
        assertRefused(thing().keepingCase(), "keepingCase of thing", "both cases");
        assertRefused(thing().length(0, 63), "length of thing: given \"0 to 63\"");
        assertRefused(thing().length(9, 8), "length of thing: given \"9 to 8\"");
        assertRefused(thing().length(1, Integer.MAX_VALUE), "length of thing");
        assertRefused(thing().length(1, 17), "length of thing: given \"1 to 17\"", "a hash of 16 characters");
        assertRefused(thing().length(19, 63), "length of thing: given \"19 to 63\"", "holds 18");
        assertRefused(thing().first("-"), "first character of thing", "letter or digit");
        assertRefused(thing().last("a-e"), "at least 16 different letters and digits");
        assertRefused(thing().separator('a'), "separator of thing: given a;");
        assertRefused(thing().separator('_'), "separator of thing: given _;", "alphabet [a-z0-9-]");
        assertRefused(thing().reserved("a b"), "reserved word of thing: given \"a b\"");
        assertRefused(thing().reserved("x-0123456789abcdef"), "reserved word of thing");
        assertRefused(NameRule.named("thing"), "alphabet of thing: given null");
    }

    @Test
    @SuppressWarnings("NullAway")
    void nullIsRefusedByEverySetting() {
        assertThatThrownBy(() -> NameRule.named(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> NameRule.named("\t")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> thing().alphabet(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> thing().first(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> thing().last(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> thing().keeping(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> thing().reserved((String[]) null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> thing().reserved("a", null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> thing().reserved("")).isInstanceOf(InvalidInputException.class);
    }

    private static NameRuleBuilder thing() {
        return NameRule.named("thing").alphabet("a-z0-9-");
    }

    private static void assertRefused(NameRuleBuilder builder, String... messages) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(messages);
    }
}
