package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** {@code docs/laws.md} is what the suite says; {@code -Dlaws.rewrite} writes it anew. */
class LawsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "laws.md");

    private record Law(String group, String name, String sentence) {}

    @Test
    @DisplayName("docs/laws.md lists the laws of the suite as they are")
    void pageListsTheLaws() throws IOException {
        String wanted = page();
        if (System.getProperty("laws.rewrite") != null) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, wanted);
        }

        assertThat(PAGE)
                .as("out of date? Run: mvn -Dquick -pl testkit -am test -Dtest=LawsPageTest -Dlaws.rewrite "
                        + "-Dsurefire.failIfNoSpecifiedTests=false")
                .hasContent(wanted);
    }

    @Test
    @DisplayName("Every law is a sentence, and no two laws have one name")
    void everyLawIsASentence() {
        List<Law> laws =
                groups().stream().flatMap(group -> laws(group).stream()).toList();

        assertThat(laws).hasSizeGreaterThan(150).extracting(Law::name).doesNotHaveDuplicates();
        assertThat(laws).allMatch(law -> law.sentence().endsWith("."), "ends with a full stop");
    }

    private static List<Class<?>> groups() {
        // L1 to L7 first, the others by the alphabet: reflection knows no order of its own.
        return Arrays.stream(LedgerStoreContract.class.getDeclaredClasses())
                .filter(group -> group.isAnnotationPresent(Nested.class))
                .sorted(Comparator.comparing((Class<?> group) -> !title(group).matches("L\\d.*"))
                        .thenComparing(LawsPageTest::title))
                .toList();
    }

    private static String title(Class<?> group) {
        return group.getAnnotation(DisplayName.class).value();
    }

    private static List<Law> laws(Class<?> group) {
        List<Law> laws = new ArrayList<>();
        for (Method method : group.getSuperclass().getDeclaredMethods()) {
            if (method.isAnnotationPresent(Test.class)) {
                laws.add(new Law(
                        group.getSimpleName(),
                        method.getName(),
                        method.getAnnotation(DisplayName.class).value()));
            }
        }
        laws.sort(Comparator.comparing(Law::name));
        return laws;
    }

    private static String page() {
        var page = new StringBuilder("""
                # The laws of a ledger's store

                What every `LedgerStore` keeps, as `LedgerStoreContract` of `berth-testkit` checks it. A store of your own
                inherits all of it with one class of one method. Numbers in brackets are the cases of the field that a law
                comes from. This page is generated from the suite by `LawsPageTest`; do not edit it.
                """);
        for (Class<?> group : groups()) {
            page.append("\n## ").append(title(group)).append("\n\n");
            for (Law law : laws(group)) {
                page.append("- `")
                        .append(law.name())
                        .append("`: ")
                        .append(law.sentence())
                        .append('\n');
            }
        }
        return page.toString();
    }
}
