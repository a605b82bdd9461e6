package dev.berth.examples.previews;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.examples.ExampleProcess;
import dev.berth.examples.RealEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PreviewsTest {
    private static final Pattern STARTED = Pattern.compile("dyad-app-\\d+: http://localhost:(\\d+)");

    @TempDir
    Path directory;

    private ExampleProcess run(Map<String, String> environment, String... words)
            throws IOException, InterruptedException {
        String[] all = new String[words.length + 1];
        all[0] = "previews";
        System.arraycopy(words, 0, all, 1, words.length);
        return ExampleProcess.run(directory, environment, "", all);
    }

    @Test
    void theTourRunsAsAProcess() throws IOException, InterruptedException {
        ExampleProcess tour = run(Map.of());

        assertThat(tour.code()).as(tour.text()).isZero();
        assertThat(tour.text())
                .contains(
                        "dyad-app-58: http://localhost:32102 (created)",
                        "dyad-app-57: http://localhost:32101 (resumed)",
                        "used 3, free 98, total 101 (3.0 %)")
                .endsWith("0 taken up, 3 known, 0 not to be had, 0 of others\n");
    }

    /** Scenarios 23, 24, 33 and 60, on an engine that others use, too. */
    @ParameterizedTest
    @EnumSource
    void processesGoOnWhereOthersEndedOnARealEngine(RealEngine engine) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(engine.orSkip());
        environment.put("PREVIEWS_IMAGE", RealEngine.IMAGE);
        environment.put("PREVIEWS_COMMAND", "sleep 600");
        String app = "90157";
        try {
            int port = port(run(environment, "start", app));
            assertThat(port).isBetween(32100, 32200);
            assertThat(port(run(environment, "start", app))).isEqualTo(port);
            int other = port(run(environment, "start", "90158"));
            assertThat(other).isNotEqualTo(port);
            assertThat(run(environment, "containers").text())
                    .contains("\"dyad-app-" + app + "\"", "\"RUNNING\"", "" + port);
            assertThat(run(environment, "stop", app).text()).contains("its port stays its own");
            // Another ledger, as after the loss of the file.
            environment.put("BERTH_DB", "jdbc:sqlite:" + directory.resolve("new.db"));
            assertThat(run(environment, "ports").text()).contains("\"" + port + "\" : \"dyad-app-" + app + "\"");
            environment.remove("BERTH_DB");
        } finally {
            assertThat(run(environment, "remove", app).text()).contains("its port is free");
            assertThat(run(environment, "remove", "90158").text()).contains("its port is free");
        }
    }

    private static int port(ExampleProcess started) {
        Matcher told = STARTED.matcher(started.text());
        assertThat(told.find()).as(started.text()).isTrue();
        return Integer.parseInt(told.group(1));
    }
}
