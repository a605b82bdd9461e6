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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pages of laws are what the suites say; {@code -Dlaws.rewrite} writes them anew. */
class LawsPageTest {
    private static final Path DOCS = Path.of("..", "docs");

    /** A suite, and what its page begins with. */
    private enum Suite {
        STORE(LedgerStoreContract.class, "laws.md", 150, """
                # The laws of a ledger's store

                What every `LedgerStore` keeps, as `LedgerStoreContract` of `berth-testkit` checks it. A store of your own
                inherits all of it with one class of one method. Numbers in brackets are the cases of the field that a law
                comes from. This page is generated from the suite by `LawsPageTest`; do not edit it.
                """),
        RUNTIME(ContainerRuntimeContract.class, "runtime-laws.md", 60, """
                # The laws of a container runtime

                What every `ContainerRuntime` keeps, as `ContainerRuntimeContract` of `berth-testkit` checks it. An adapter of
                your own inherits all of it with one class of one method and a `RuntimeFixture`. This page is generated from
                the suite by `LawsPageTest`; do not edit it.
                """),
        SYNC(SyncStoreContract.class, "sync-laws.md", 60, """
                # The laws of a sync's store

                What every `SyncStore` keeps, as `SyncStoreContract` of `berth-testkit` checks it. A store of your own
                inherits all of it with one class of one method and a `SyncFixture`. This page is generated from the suite by
                `LawsPageTest`; do not edit it.
                """);

        private final Class<?> contract;
        private final String page;
        private final int atLeast;
        private final String head;

        Suite(Class<?> contract, String page, int atLeast, String head) {
            this.contract = contract;
            this.page = page;
            this.atLeast = atLeast;
            this.head = head;
        }
    }

    private record Law(String group, String name, String sentence) {}

    @ParameterizedTest
    @EnumSource(Suite.class)
    @DisplayName("A page of docs lists the laws of its suite as they are")
    void pageListsTheLaws(Suite suite) throws IOException {
        String wanted = page(suite);
        Path page = DOCS.resolve(suite.page);
        if (System.getProperty("laws.rewrite") != null) {
            Files.createDirectories(DOCS);
            Files.writeString(page, wanted);
        }

        assertThat(page)
                .as("out of date? Run: mvn -Dquick -pl testkit -am test -Dtest=LawsPageTest -Dlaws.rewrite "
                        + "-Dsurefire.failIfNoSpecifiedTests=false")
                .hasContent(wanted);
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    @DisplayName("Every law is a sentence, and no two laws of a suite have one name")
    void everyLawIsASentence(Suite suite) {
        List<Law> laws =
                groups(suite).stream().flatMap(group -> laws(group).stream()).toList();

        assertThat(laws).hasSizeGreaterThan(suite.atLeast).extracting(Law::name).doesNotHaveDuplicates();
        assertThat(laws).allMatch(law -> law.sentence().endsWith("."), "ends with a full stop");
    }

    private static List<Class<?>> groups(Suite suite) {
        // L1 to L7 first, the others by the alphabet: reflection knows no order of its own.
        return Arrays.stream(suite.contract.getDeclaredClasses())
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

    private static String page(Suite suite) {
        var page = new StringBuilder(suite.head);
        for (Class<?> group : groups(suite)) {
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
