package dev.berth.testkit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** {@code docs/road.md} names a test for each arrow, and each of them is there. */
class RoadPageTest {
    private static final Path PAGE = Path.of("..", "docs", "road.md");
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w*Test)\\.(\\w+)`");
    private static final Pattern ARROW = Pattern.compile("(?m)^ +\\S+ --> \\S+: ([A-Z]) ");

    @Test
    void everyTestThatThePageNamesIsThere() throws Exception {
        List<String> named = NAMED.matcher(Files.readString(PAGE))
                .results()
                .map(found -> found.group(1) + "." + found.group(2))
                .toList();

        assertThat(named).hasSizeGreaterThan(20);
        for (String one : named) {
            String[] names = one.split("\\.", 2);
            Class<?> tests = Class.forName(getClass().getPackageName() + "." + names[0]);
            assertThat(Arrays.stream(tests.getDeclaredMethods())
                            .filter(RoadPageTest::isTest)
                            .map(Method::getName))
                    .as(one)
                    .contains(names[1]);
        }
    }

    private static boolean isTest(Method method) {
        return method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class);
    }

    @Test
    void everyArrowHasItsRow() throws IOException {
        String page = Files.readString(PAGE);
        List<String> arrows =
                ARROW.matcher(page).results().map(found -> found.group(1)).toList();

        assertThat(arrows).hasSizeGreaterThan(10).doesNotHaveDuplicates();
        assertThat(arrows)
                .allMatch(arrow -> Pattern.compile("(?m)^\\| " + arrow + " .*`\\w+Test\\.\\w+`")
                        .matcher(page)
                        .find());
    }
}
