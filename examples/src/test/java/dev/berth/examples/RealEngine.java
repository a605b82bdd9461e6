package dev.berth.examples;

import dev.berth.docker.Beacon;
import dev.berth.docker.DockerRuntime;
import dev.berth.ledger.Scope;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Deadlines;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * The engines that {@code docker-adapter/engines.sh} starts, or those that {@code BERTH_TEST_DOCKERD_URL} and
 * {@code BERTH_TEST_PODMAN_URL} name. A test on one that does not answer is skipped, and says so; it fails if
 * {@code berth.engines} has its word.
 */
public enum RealEngine {
    DOCKERD,
    PODMAN;

    /** What {@code engines.sh} makes of the static busybox. */
    public static final String IMAGE = "berth/busybox:latest";

    /** The environment that leads an example to it. */
    public Map<String, String> orSkip() {
        String word = name().toLowerCase(Locale.ROOT);
        String home = System.getenv().getOrDefault("BERTH_ENGINES", "/var/lib/berth-engines");
        String address = System.getenv()
                .getOrDefault("BERTH_TEST_" + name() + "_URL", "unix://" + home + "/" + word + "/engine.sock");
        try (DockerRuntime runtime = DockerRuntime.at(Scope.of("engine"))
                        .host(URI.create(address))
                        .beacon(Beacon.NOWHERE)
                        .build();
                BoundedRuntime<?> bounded = BoundedRuntime.of(runtime, Deadlines.all(Duration.ofSeconds(5)))) {
            bounded.fingerprint();
        } catch (RuntimeException silent) {
            String reason = word + " does not answer at " + address + ": " + silent.getMessage();
            if (Arrays.asList(System.getProperty("berth.engines", "").split(","))
                    .contains(word)) {
                throw new AssertionError(reason, silent);
            }
            Assumptions.abort("skipped: " + reason);
        }
        return Map.of("BERTH_ENGINE", address);
    }
}
