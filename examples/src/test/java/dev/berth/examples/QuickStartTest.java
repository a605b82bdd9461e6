package dev.berth.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The quick start as a newcomer runs it: a process of its own. */
class QuickStartTest {
    @Test
    void itProvesWhatItSaysAndExitsWithZero() throws Exception {
        var command = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dfile.encoding=UTF-8",
                        "-Dstdout.encoding=UTF-8",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        QuickStart.class.getName())
                .redirectErrorStream(true);
        // As on a machine that was set up a minute ago.
        command.environment().put("LC_ALL", "C");
        Process process = command.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            assertThat(output).contains("Müller, Jürgen", "muller-jurgen-ubuntu-desktop-vs-code", "🙂");
            List<String> lines = output.lines().toList();
            assertThat(lines.get(lines.size() - 1))
                    .startsWith("Proven: 8 apps in 2 processes at once got 8 names, 8 paths and 16 ports, none twice;")
                    .endsWith("a rerun gave the same assignments.");
            assertThat(lines).filteredOn(line -> line.startsWith("  freed ")).hasSize(4);
        } finally {
            process.destroyForcibly();
        }
    }
}
