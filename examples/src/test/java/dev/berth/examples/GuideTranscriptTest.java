package dev.berth.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every command of the guides' transcripts is typed, in order, and what is printed is what the guide says. In a guide
 * {@code …} stands for anything within a line, alone on a line for any lines.
 */
class GuideTranscriptTest {
    private static final Path GUIDES = Path.of("..", "docs", "guides");
    private static final Pattern CONSOLE =
            Pattern.compile("^```console\\R(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern SHELL = Pattern.compile("^```sh\\R(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);

    @TempDir
    Path directory;

    /** One command, and the lines that it is said to print. */
    private record Step(String command, List<String> expected) {}

    private static List<Step> steps(String guide, String prompt) throws IOException {
        List<Step> steps = new ArrayList<>();
        Matcher block = CONSOLE.matcher(Files.readString(GUIDES.resolve(guide + ".md")));
        while (block.find()) {
            for (String line : block.group(1).lines().toList()) {
                if (line.startsWith(prompt)) {
                    steps.add(new Step(line.substring(prompt.length()), new ArrayList<>()));
                } else {
                    steps.get(steps.size() - 1).expected().add(line);
                }
            }
        }
        assertThat(steps).as("commands of " + guide).hasSizeGreaterThan(5);
        return steps;
    }

    private static void compare(List<Step> steps, List<String> printed) {
        assertThat(printed).hasSameSizeAs(steps);
        for (int at = 0; at < steps.size(); at++) {
            String expected = steps.get(at).expected().stream()
                    .map(line -> line.strip().equals("…") ? "(.*\n)*?" : pattern(line) + "\n")
                    .collect(Collectors.joining());
            assertThat(spaced(printed.get(at))).as(steps.get(at).command()).matches(expected);
        }
    }

    private static String pattern(String line) {
        return Stream.of(spaced(line).split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    }

    /** Columns are as wide as what is in them. */
    private static String spaced(String text) {
        return text.replaceAll(" +", " ").replaceAll("(?m) $", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"desktops", "previews"})
    void whatIsTypedIntoTheConsoleIsAnsweredAsTheGuideSays(String guide) throws IOException, InterruptedException {
        String prompt = guide + "> ";
        List<Step> steps = steps(guide, prompt);
        String typed = steps.stream().map(Step::command).collect(Collectors.joining("\n", "", "\n"));

        ExampleProcess console = ExampleProcess.run(directory, Map.of(), typed, guide, "console");

        List<String> answers = Arrays.asList(console.text().split(Pattern.quote(prompt), -1));
        compare(steps, answers.subList(1, answers.size() - 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"appfactory", "inventory"})
    void whatIsTypedIntoAShellIsAnsweredAsTheGuideSays(String guide) throws IOException, InterruptedException {
        List<Step> steps = steps(guide, "$ ");

        compare(steps, shell(steps, Map.of()));
    }

    @Test
    void theHomelabAnswersAsItsGuideSays() throws IOException, InterruptedException {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Map<String, String> environment = Map.of("HOMELAB_PORT", Integer.toString(port), "HOMELAB_TOKEN", "a-token");
        ProcessBuilder builder = new ProcessBuilder(java("homelab", "serve"))
                .directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process server = builder.start();
        try (var said = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            List<String> lines = new ArrayList<>();
            String line = said.readLine();
            while (line != null && !line.startsWith("http://localhost:" + port)) {
                lines.add(line);
                line = said.readLine();
            }
            assertThat(line).as(lines.toString()).isNotNull();
            List<Step> steps = steps("homelab", "$ ");

            compare(steps, shell(steps, environment));
        } finally {
            server.destroyForcibly();
        }
    }

    private static List<String> java(String... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Examples.class.getName()));
        command.addAll(Arrays.asList(words));
        return command;
    }

    /** Types the commands into one shell, in which each example is a command; an exit code that is not 0 is shown. */
    private List<String> shell(List<Step> steps, Map<String, String> environment)
            throws IOException, InterruptedException {
        String mark = "-- next --";
        var script = new StringBuilder("shopt -s expand_aliases\n");
        for (String example : List.of("appfactory", "desktops", "inventory", "previews", "homelab")) {
            script.append(example)
                    .append("() { '")
                    .append(String.join("' '", java(example)))
                    .append("' \"$@\"; }\n");
        }
        for (Step step : steps) {
            script.append("echo '")
                    .append(mark)
                    .append("'\n")
                    .append(step.command())
                    .append("\ncode=$?; [ $code = 0 ] || echo \"[$code]\"\n");
        }
        Path file = Files.writeString(directory.resolve("typed.sh"), script);
        Path printed = directory.resolve("printed");
        ProcessBuilder builder = new ProcessBuilder("bash", file.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        List<String> answers = Arrays.asList(Files.readString(printed).split(mark + "\n", -1));
        return answers.subList(1, answers.size()).stream()
                .map(answer -> answer.isEmpty() || answer.endsWith("\n") ? answer : answer + "\n")
                .toList();
    }

    /** The commands that need a build are the same in each guide, and CI runs them. */
    @ParameterizedTest
    @ValueSource(strings = {"desktops", "previews", "appfactory", "homelab", "inventory"})
    void theFirstTwoCommandsBuildAndStartTheExample(String guide) throws IOException {
        Matcher block = SHELL.matcher(Files.readString(GUIDES.resolve(guide + ".md")));
        assertThat(block.find()).isTrue();
        List<String> commands =
                block.group(1).lines().map(line -> line.replaceAll(" +#.*", "")).toList();

        assertThat(commands).hasSize(2);
        assertThat(commands.get(0)).isEqualTo("mvn -q -Pquickstart -Dexample=" + guide + " -pl examples -am package");
        assertThat(commands.get(1)).startsWith("java -jar examples/target/berth-examples.jar " + guide + " ");
    }
}
