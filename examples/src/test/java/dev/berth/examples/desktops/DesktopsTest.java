package dev.berth.examples.desktops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.examples.ExampleProcess;
import dev.berth.examples.RealEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DesktopsTest {
    @TempDir
    Path directory;

    private ExampleProcess run(Map<String, String> environment, String typed, String... words)
            throws IOException, InterruptedException {
        String[] all = new String[words.length + 1];
        all[0] = "desktops";
        System.arraycopy(words, 0, all, 1, words.length);
        return ExampleProcess.run(directory, environment, typed, all);
    }

    @Test
    void theTourRunsAsAProcess() throws IOException, InterruptedException {
        ExampleProcess tour = run(Map.of(), "");

        assertThat(tour.code()).as(tour.text()).isZero();
        assertThat(tour.text())
                .contains(
                        "a fake one in this process",
                        "/anna-ubuntu-vscode",
                        "{\"stopped_count\": 4}",
                        "{\"removed_count\": 4}")
                .contains("is held by julian.kiedaisch:ubuntu-vscode/cfe02614-a");
    }

    @Test
    void theConsoleTakesOneCommandALine() throws IOException, InterruptedException {
        ExampleProcess console = run(Map.of(), """
                start "Müller, Jürgen" "Ubuntu Desktop" 1
                start anna vscode 1 refuse
                status anna vscode
                remove anna vscode
                list
                exit
                """, "console");

        assertThat(console.code()).isEqualTo(2);
        assertThat(console.text())
                .contains("kasm-muller-jurgen-ubuntu-desktop-1 was started: http://localhost:7000")
                .contains("\"refuse\" is not reuse, replace or reject")
                .contains("anna has no vscode")
                .containsPattern("Müller, Jürgen +Ubuntu Desktop +ACTIVE +RUNNING +7000");
    }

    @Test
    void oneCommandOnAnEngineThatWouldBeGoneIsRefused() throws IOException, InterruptedException {
        ExampleProcess refused = run(Map.of(), "", "list");

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.text()).contains("the fake engine ends with this process", "usage: desktops");
        assertThat(run(Map.of("BERTH_ENGINE", "dockre"), "", "list").text()).contains("BERTH_ENGINE is \"dockre\"");
    }

    @ParameterizedTest
    @EnumSource
    void processesGoOnWhereOthersEndedOnARealEngine(RealEngine engine) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(engine.orSkip());
        environment.put("DESKTOPS_IMAGE", RealEngine.IMAGE);
        environment.put("DESKTOPS_COMMAND", "sleep 600");
        try {
            ExampleProcess started = run(environment, "", "start", "anna", "ex-desktop", "one");
            assertThat(started.text()).contains("kasm-anna-ex-desktop-one was started");
            assertThat(run(environment, "", "start", "anna", "ex-desktop", "two")
                            .text())
                    .contains("is there (reused)");
            assertThat(run(environment, "", "start", "anna", "ex-desktop", "two", "reject")
                            .code())
                    .isEqualTo(1);
            assertThat(run(environment, "", "stop-all").text()).contains("{\"stopped_count\": 1}");
            assertThat(run(environment, "", "list").text()).containsPattern("anna +ex-desktop +STOPPED +STOPPED");
        } finally {
            assertThat(run(environment, "", "cleanup-stopped").text()).contains("{\"removed_count\": 1}");
        }
        assertThat(run(environment, "", "status", "anna", "ex-desktop").code()).isEqualTo(2);
    }
}
