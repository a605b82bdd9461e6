package dev.berth.docker;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Another Java process, which says {@code ready} first, is told lines and answers with lines. Ends with its test. */
final class OtherProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;
    private final Path complaints;

    private OtherProcess(Process process, Path complaints) {
        this.process = process;
        this.complaints = complaints;
        this.said = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts a process and does not wait for it. */
    static OtherProcess start(Path directory, Map<String, String> environment, Class<?> main, String... arguments)
            throws IOException {
        // The driver of the database unpacks its native library, and others keep settings in the home.
        String own = Files.createTempDirectory(directory, "process").toString();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Djava.io.tmpdir=" + own,
                "-Duser.home=" + own,
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "--enable-native-access=ALL-UNNAMED",
                "-classpath",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(List.of(arguments));
        Path complaints = Files.createTempFile(directory, "process", ".err");
        var builder = new ProcessBuilder(command).redirectError(Redirect.to(complaints.toFile()));
        builder.environment().putAll(environment);
        return new OtherProcess(builder.start(), complaints);
    }

    /** Waits until it is ready. */
    OtherProcess ready() throws IOException {
        String first = next();
        if (!"ready".equals(first)) {
            throw new AssertionError("the process did not start: " + first + " " + complaints());
        }
        return this;
    }

    void tell(String line) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).append(line).append("\n").flush();
    }

    /** The next line that it says, or null at the end. */
    @Nullable
    String next() throws IOException {
        return said.readLine();
    }

    /** The next line that it says, which there must be. */
    String answer() throws IOException {
        String line = next();
        if (line == null) {
            throw new AssertionError("the process has ended: " + complaints());
        }
        return line;
    }

    /** Sends it a signal, such as {@code CONT}. */
    void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill -" + name + " ended with " + kill.exitValue());
        }
    }

    /** Ends it with SIGKILL, and returns when it is gone. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the process lives on after SIGKILL");
        }
    }

    String complaints() throws IOException {
        return Files.readString(complaints);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
