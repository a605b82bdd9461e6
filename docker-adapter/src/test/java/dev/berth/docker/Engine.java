package dev.berth.docker;

import dev.berth.ledger.Scope;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Deadlines;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * The engines that tests run on: those that {@code engines.sh} has started, or those that {@code BERTH_TEST_DOCKERD_URL} and
 * {@code BERTH_TEST_PODMAN_URL} name. Tests share them, so each takes names of its own and removes what it makes.
 *
 * <p>A test that asks for an engine that does not answer is skipped, and says why. It fails instead if the system property
 * {@code berth.engines}, words with commas between, has the engine's word.
 */
enum Engine {
    DOCKERD,
    PODMAN;

    /** What {@code engines.sh} makes of the static busybox. */
    static final String IMAGE = "berth/busybox:latest";

    private static final Path SCRIPT = Path.of("engines.sh").toAbsolutePath();
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(5);

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The engine that answers; the test is skipped if none does. */
    Engine orSkip() {
        return orSkip(word(), failure(uri()));
    }

    private Engine orSkip(String word, Optional<String> failure) {
        if (failure.isPresent()) {
            String reason =
                    word + " does not answer at " + uri() + " (docker-adapter/engines.sh start): " + failure.get();
            if (isRequired()) {
                throw new AssertionError(reason);
            }
            Assumptions.abort("skipped: " + reason);
        }
        return this;
    }

    private boolean isRequired() {
        return Arrays.stream(System.getProperty("berth.engines", "").split(","))
                .map(String::trim)
                .anyMatch(word()::equals);
    }

    private static Optional<String> failure(URI address) {
        try (DockerRuntime runtime = DockerRuntime.at(Scope.of("engine"))
                        .host(address)
                        .beacon(Beacon.NOWHERE)
                        .build();
                BoundedRuntime<?> bounded = BoundedRuntime.of(runtime, Deadlines.all(ANSWERS_WITHIN))) {
            bounded.fingerprint();
            return Optional.empty();
        } catch (RuntimeException unable) {
            return Optional.of(unable.toString());
        }
    }

    private Optional<String> named() {
        Map<String, String> environment = System.getenv();
        return Optional.ofNullable(environment.get("BERTH_TEST_" + name() + "_URL"));
    }

    /** Where it listens. */
    URI uri() {
        return URI.create(named().orElseGet(() -> "unix://"
                + System.getenv().getOrDefault("BERTH_ENGINES", "/var/lib/berth-engines") + "/" + word()
                + "/engine.sock"));
    }

    Path socket() {
        return Path.of(uri().getPath());
    }

    /** The test is skipped if the engine is not one of {@code engines.sh}, with which a test may do what it likes. */
    void requireOurs() {
        if (named().isPresent()) {
            Assumptions.abort("skipped: the engine at " + uri() + " is not ours to harm");
        }
    }

    /** Kills the daemon with SIGKILL. */
    void kill() throws IOException, InterruptedException {
        requireOurs();
        run("kill");
    }

    /** Starts a daemon that was killed, and returns when it answers. */
    void restart() throws IOException, InterruptedException {
        run("start");
    }

    /** Starts another daemon of the same kind, with data of its own; closing it ends it. */
    Another another(Path home) throws IOException, InterruptedException {
        run("start", Map.of("BERTH_ENGINES", home.toString(), "BERTH_DOCKERD_IN", "unshare --net"));
        return new Another(home);
    }

    /** A daemon that is started for one test. */
    final class Another implements AutoCloseable {
        private final Path home;

        private Another(Path home) {
            this.home = home;
        }

        Path socket() {
            return home.resolve(word()).resolve("engine.sock");
        }

        @Override
        public void close() throws IOException {
            try {
                run("stop", Map.of("BERTH_ENGINES", home.toString()));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run(String command) throws IOException, InterruptedException {
        run(command, Map.of());
    }

    private void run(String command, Map<String, String> variables) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(SCRIPT.toString(), command, word()))
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "engines.log").toFile());
        builder.environment().putAll(variables);
        Process process = builder.start();
        if (!process.waitFor(90, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError("engines.sh " + command + " " + word() + ": "
                    + java.nio.file.Files.readString(Path.of("target", "engines.log"), StandardCharsets.UTF_8));
        }
    }
}
