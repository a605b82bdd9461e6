package dev.berth.examples.appfactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.examples.cli.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class EnvFileTest {
    private static final String AWKWARD = "aZ09 #'\"\\$={}&;|<>*?!~`()[]:,.äß€🙂\n\t";

    @TempDir
    Path directory;

    static Stream<String> values() {
        return Stream.of(
                "",
                "plain",
                "5001",
                "with spaces",
                " on both ends ",
                "not # a comment",
                "don't",
                "\"said\"",
                "it's \"both\"",
                "C:\\Users\\app",
                "price $5",
                "two\nlines",
                "a=b=c",
                "{{not a placeholder",
                "Müller, Jürgen 🙂",
                "#first",
                "'");
    }

    @ParameterizedTest
    @MethodSource("values")
    void whatIsWrittenIsReadBack(String value) {
        assertThat(EnvFile.of("").with(Map.of("KEY", value)).values()).containsExactly(Map.entry("KEY", value));
    }

    /** The quoting is Compose's business, so Compose is asked. */
    @Test
    void composeReadsBackWhatIsWritten() throws IOException, InterruptedException {
        Map<String, String> written = new LinkedHashMap<>();
        values().forEach(value -> written.put("V" + written.size(), value));
        long seed = System.nanoTime();
        var random = new Random(seed);
        while (written.size() < 200) {
            String value = random.ints(random.nextInt(1, 12), 0, AWKWARD.codePointCount(0, AWKWARD.length()))
                    .collect(
                            StringBuilder::new,
                            (text, at) -> text.appendCodePoint(AWKWARD.codePointAt(AWKWARD.offsetByCodePoints(0, at))),
                            StringBuilder::append)
                    .toString();
            try {
                EnvFile.quoted("KEY", value);
                written.put("V" + written.size(), value);
            } catch (UsageException refused) {
                // It cannot be written for every Compose, and is not.
            }
        }
        EnvFile.of("").with(written).replace(directory.resolve(".env"));
        Files.writeString(
                directory.resolve("docker-compose.yml"), "services: {app: {image: busybox, env_file: .env}}\n");

        String shown = compose("config");

        Map<String, ?> config = new Yaml(new SafeConstructor(new LoaderOptions())).load(shown);
        Map<?, ?> environment = (Map<?, ?>) at(at(config, "services"), "app").get("environment");
        written.forEach((key, value) -> assertThat(environment.get(key))
                .as("%s = <%s> with seed %s", key, value, seed)
                .asString()
                .isEqualTo(value.replace("$", "$$")));
        assertThat(environment).hasSameSizeAs(written);
    }

    private static Map<?, ?> at(Map<?, ?> map, String key) {
        return (Map<?, ?>) map.get(key);
    }

    private String compose(String word) throws IOException, InterruptedException {
        for (List<String> command : List.of(List.of("docker", "compose"), List.of("docker-compose"))) {
            List<String> words = new ArrayList<>(command);
            words.add(word);
            try {
                Path errors = directory.resolve("errors");
                Process process = new ProcessBuilder(words)
                        .directory(directory.toFile())
                        .redirectError(errors.toFile())
                        .start();
                String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0) {
                    return text;
                }
                boolean noCompose = command.size() == 2;
                assertThat(noCompose).as(Files.readString(errors)).isTrue();
            } catch (IOException notInstalled) {
                // The next way to call it.
            }
        }
        String reason = "neither docker compose nor docker-compose is here to read what was written";
        if (Arrays.asList(System.getProperty("berth.engines", "").split(",")).contains("compose")) {
            throw new AssertionError(reason);
        }
        return Assumptions.abort("skipped: " + reason);
    }

    @ParameterizedTest
    @MethodSource("ambiguous")
    void whatComposesReadDifferentlyIsRefused(String value) {
        assertThatThrownBy(() -> EnvFile.of("").with(Map.of("SECRET", value)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("SECRET")
                .hasMessageContaining("leave")
                .hasMessageNotContaining(value);
    }

    static Stream<String> ambiguous() {
        return Stream.of("a${B}", "it's $5", "ends with \\", "line\r\nline");
    }

    @Test
    void placeholdersAreReplacedAndAllElseStays() {
        EnvFile example =
                EnvFile.of("# {{COMMENTS}} stay\n\nexport PORT={{PORT}}\nURL=http://localhost:{{ PORT }}/#top\n");

        assertThat(example.filled(Map.of("PORT", "5001")))
                .hasToString("# {{COMMENTS}} stay\n\nPORT=5001\nURL='http://localhost:5001/#top'\n");
    }

    @Test
    void aMissingValueIsAnErrorThatNamesEachPlaceholder() {
        EnvFile example = EnvFile.of("A={{ONE}}\nB={{TWO}}{{THREE}}\n");

        assertThatThrownBy(() -> example.filled(Map.of("TWO", "2")))
                .hasMessageContaining("{{ONE}}, {{THREE}}")
                .hasMessageContaining("there are values for TWO");
    }

    @Test
    void aFileIsReplacedWholeAndNothingIsLeftBeside() throws IOException {
        Path file = directory.resolve(".env");
        EnvFile.of("A=1").replace(file);
        EnvFile.of("A=2").replace(file);

        assertThat(file).hasContent("A=2\n");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }
}
