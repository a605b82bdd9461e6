package dev.berth.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short run on each database, while processes, servers and connections die. */
class FireTest {
    private static final Duration TIME = Duration.ofSeconds(12);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql", "mariadb", "postgresql-pair", "galera"})
    void whatCallersAreToldIsSoWhateverBreaks(String engine) throws Exception {
        long seed = Long.getLong("torture.seed", System.nanoTime());
        System.out.println("torture of " + engine + ", seed " + seed);
        try (Arena arena = Arena.of(engine, directory)) {
            Outcome outcome = Torture.run(Plan.of(TIME, seed), arena, directory);
            System.out.println(outcome.told());
            assertThat(outcome.violations()).as("seed %d", seed).isEmpty();
        }
    }
}
