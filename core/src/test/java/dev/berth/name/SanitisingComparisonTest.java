package dev.berth.name;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the usual one-liner would have merged; {@code docs/guides/names.md} quotes the figures. */
class SanitisingComparisonTest {

    private static final List<String> GIVEN =
            List.of("Jürgen", "Julian", "Zoë", "Łukasz", "Søren", "Anna-Lena", "İbrahim", "François", "Đorđe", "Siân");
    private static final List<String> FAMILY = List.of(
            "Müller",
            "Kiedaisch",
            "O'Brien",
            "Nowak",
            "Ångström",
            "García Márquez",
            "Yılmaz",
            "Strauß",
            "Kovačević",
            "de la Fontaine-Montmorency");
    /** As people name what they start: type, edition, version. */
    private static final List<String> TYPES = List.of(
            "ubuntu-vscode",
            "ubuntu_vscode",
            "ubuntu.vscode",
            "Ubuntu VSCode",
            "Ubuntu Desktop (VS Code)",
            "anthropic_claude-4.5-haiku-20251001",
            "anthropic/claude-4.5-haiku:20251001",
            "c",
            "c++",
            "c#");

    @Test
    void uniqueMergesNothingOfWhatPlainSanitisingMerges() {
        NameGenerator generator = NameGenerator.of(NameRule.DNS_LABEL).template("{user}-{type}");
        Set<String> sanitised = new HashSet<>();
        Set<String> unique = new HashSet<>();
        Set<List<String>> owners = new HashSet<>();
        Set<String> readable = new HashSet<>();
        for (String user : users()) {
            for (String type : TYPES) {
                owners.add(List.of(user, type));
                sanitised.add(sanitise(user + "-" + type));
                unique.add(generator.unique(user, type));
                readable.add(generator.candidates(user, type).get(0));
            }
        }

        assertThat(owners.size()).isEqualTo(10_000);
        assertThat(unique.size()).isEqualTo(10_000);
        assertThat(10_000 - sanitised.size()).isEqualTo(7_315);
        assertThat(readable.size()).isEqualTo(1_951);
    }

    private static String sanitise(String text) {
        String slug = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return slug.substring(0, Math.min(63, slug.length()));
    }

    /** 100 people, each known to ten systems (mail, directory, a Mac's file names ...) by ten spellings: 1,000 users. */
    private static List<String> users() {
        List<String> users = new ArrayList<>();
        for (String given : GIVEN) {
            for (String family : FAMILY) {
                users.add(given + " " + family);
                users.add(given + "." + family);
                users.add(given + "_" + family);
                users.add((given + "." + family).toLowerCase(Locale.ROOT));
                users.add((given + "-" + family).toLowerCase(Locale.ROOT));
                users.add((given + family).toUpperCase(Locale.ROOT));
                users.add(family + ", " + given);
                users.add(given.substring(0, 2) + "." + family);
                users.add(given + "." + family + "@lab.example.org");
                users.add(Normalizer.normalize(given + "-" + family, Normalizer.Form.NFD));
            }
        }
        return users;
    }
}
