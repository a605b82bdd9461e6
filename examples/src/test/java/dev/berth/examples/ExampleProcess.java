package dev.berth.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What an example printed that was run as a process of its own, on a machine that was set up a minute ago.
 *
 * @param code its exit code
 * @param text all that it printed
 */
public record ExampleProcess(int code, String text) {
    /** Runs {@code words}, the example first, with what is typed into it, in a directory. */
    public static ExampleProcess run(Path directory, Map<String, String> environment, String typed, String... words)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dfile.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                Examples.class.getName()));
        command.addAll(Arrays.asList(words));
        var builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        builder.environment().keySet().removeIf(name -> name.startsWith("BERTH_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            try (OutputStream in = process.getOutputStream()) {
                in.write(typed.getBytes(StandardCharsets.UTF_8));
            }
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(text).isTrue();
            return new ExampleProcess(process.exitValue(), text);
        } finally {
            process.destroyForcibly();
        }
    }
}
