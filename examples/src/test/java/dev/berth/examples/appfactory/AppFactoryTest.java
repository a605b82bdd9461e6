package dev.berth.examples.appfactory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.examples.ExampleProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppFactoryTest {
    private static final List<String> MODELS =
            List.of("anthropic_claude-4.5-haiku-20251001", "openai_gpt-5-mini-2025-08-07", "deepseek/chat:free");

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @TempDir
    Path apps;

    private int run(String... words) throws IOException {
        printed.reset();
        return AppFactory.run(
                List.of(words),
                Map.of("APPFACTORY_APPS", apps.toString()),
                new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private Path env(String model, int number) {
        return new App(model, number).folder(apps).resolve(".env");
    }

    private void existing(String model, int number, String env) throws IOException {
        Files.createDirectories(env(model, number).getParent());
        Files.writeString(env(model, number), env);
    }

    /** Scenarios 9, 11 and 26. */
    @Test
    void sixAppsGetPairsInOrderAndTheSameWhenTheyAskAgain() throws IOException {
        for (int round = 0; round < 2; round++) {
            int backend = 5001;
            for (String model : MODELS) {
                for (int number = 1; number <= 2; number++) {
                    assertThat(run("allocate", model, Integer.toString(number))).isZero();
                    assertThat(text()).contains("backend " + backend + ", frontend " + (backend + 3000));
                    backend += 2;
                }
            }
        }
        assertThat(EnvFile.read(env(MODELS.get(0), 1)).values())
                .containsEntry("PROJECT_NAME", "anthropic-claude-4-5-haiku-20251001-app1")
                .containsEntry("COMPOSE_PROJECT_NAME", "anthropic-claude-4-5-haiku-20251001-app1")
                .containsEntry("BACKEND_PORT", "5001")
                .containsEntry("FRONTEND_PORT", "8001");
        assertThat(EnvFile.read(env(MODELS.get(2), 1)).values())
                .containsEntry("PROJECT_NAME", "deepseek-chat-free-app1");
        assertThat(run("check")).isZero();
        assertThat(text()).contains("Total allocations: 6", "No port conflicts detected");
    }

    /** Scenarios 34 and 35: whichever role a number has in another app. */
    @Test
    void aConflictIsToldWithTheAppsAndMendedWithoutMovingTheOthers() throws IOException {
        existing("a", 1, "BACKEND_PORT=5001\nFRONTEND_PORT=8001\n");
        existing("b", 1, "BACKEND_PORT=5001\nFRONTEND_PORT=8003\nSECRET='it stays'\n");
        existing("c", 1, "BACKEND_PORT=8003\nFRONTEND_PORT=8005\n");

        assertThat(run("check")).isEqualTo(1);
        assertThat(text())
                .contains(
                        "Backend port 5001 used by multiple apps: a/app1, b/app1",
                        "Backend and frontend port 8003 used by multiple apps: b/app1, c/app1")
                .doesNotContain("No port conflicts");
        assertThat(run("fix")).isZero();
        assertThat(run("check")).as(text()).isZero();
        assertThat(EnvFile.read(env("a", 1)).values()).containsEntry("BACKEND_PORT", "5001");
        assertThat(EnvFile.read(env("c", 1)).values()).containsEntry("BACKEND_PORT", "8003");
        assertThat(EnvFile.read(env("b", 1)).values()).containsEntry("SECRET", "it stays");
        assertThat(env("b", 1).resolveSibling(".env.bak")).content().contains("BACKEND_PORT=5001");
    }

    /** Scenario 36. */
    @Test
    void fixingTwiceChangesNothingTheSecondTime() throws IOException {
        existing("a", 1, "BACKEND_PORT=6001\nFRONTEND_PORT=9001\nPROJECT_NAME=mine\n");
        existing("a", 2, "");
        run("fix");
        String first = EnvFile.read(env("a", 1)).toString() + EnvFile.read(env("a", 2));

        assertThat(run("fix")).isZero();

        assertThat(text()).contains("created 0", "Fixed 0 of 2 apps");
        assertThat(EnvFile.read(env("a", 1)).toString() + EnvFile.read(env("a", 2)))
                .isEqualTo(first)
                .contains("6001", "mine", "a-app2");
    }

    @Test
    void anEnvThatSaysSomethingElseIsNotOverwrittenSilently() throws IOException {
        existing("a", 1, "BACKEND_PORT=7\nSECRET=kept\n");

        assertThat(run("allocate", "a", "1")).isEqualTo(2);
        assertThat(text()).contains("BACKEND_PORT 7 -> 5001", "--overwrite");
        assertThat(env("a", 1)).content().isEqualTo("BACKEND_PORT=7\nSECRET=kept\n");
        assertThat(run("list")).isZero();
        assertThat(text()).contains("Total allocations: 0");

        assertThat(run("allocate", "a", "1", "--overwrite")).isZero();
        assertThat(EnvFile.read(env("a", 1)).values()).containsEntry("BACKEND_PORT", "5001");
        assertThat(env("a", 1).resolveSibling(".env.bak")).content().contains("SECRET=kept");
    }

    /** Scenario 14: what is unset is refused, and nothing is kept for it. */
    @Test
    void aPlaceholderWithoutAValueIsNamedAndNothingIsAllocated() throws IOException {
        existing("a", 1, "");
        Files.delete(env("a", 1));
        Files.writeString(env("a", 1).resolveSibling(".env.example"), "PORT={{BACKEND_PORT}}\nKEY={{API_KEY}}\n");

        assertThat(run("allocate", "a", "1")).isEqualTo(2);
        assertThat(text()).contains("no value for {{API_KEY}}");
        run("list");
        assertThat(text()).contains("Total allocations: 0");

        assertThat(run("allocate", "a", "1", "--set", "API_KEY=it's secret")).isZero();
        assertThat(EnvFile.read(env("a", 1)).values()).containsEntry("KEY", "it's secret");
    }

    /** Scenario 12: exact, never a prefix. */
    @Test
    void releasingAppOneLeavesAppTen() throws IOException {
        run("allocate", "a", "1");
        run("allocate", "a", "10");

        assertThat(run("release", "a", "1")).isZero();

        run("list");
        assertThat(text()).contains("a/app10").doesNotContain("a/app1 ");
        assertThat(env("a", 1)).doesNotExist();
        assertThat(env("a", 10)).exists();
    }

    @Test
    void modelsThatReadTheSameShareNothing() throws IOException {
        run("allocate", "a/b", "1");
        run("allocate", "a_b", "1");
        run("allocate", "a b", "1");

        assertThat(run("check")).isZero();
        assertThat(text()).contains("Total allocations: 3");
        assertThat(List.of(env("a/b", 1), env("a_b", 1), env("a b", 1)))
                .allSatisfy(file -> assertThat(file).exists())
                .extracting(file -> EnvFile.read(file).values().get("PROJECT_NAME"))
                .doesNotHaveDuplicates();
    }

    @Test
    void whatIsNotUnderstoodIsToldAndChangesNothing() throws IOException {
        assertThat(run("allocate", "a", "zero")).isEqualTo(2);
        assertThat(text()).contains("give a model and a number from 1");
        assertThat(run("allocate", "a", "1", "--overwite")).isEqualTo(2);
        assertThat(text()).contains("unknown option --overwite");
        assertThat(run("help")).isEqualTo(2);
        assertThat(text()).contains("usage: appfactory");
        run("list");
        assertThat(text()).contains("Total allocations: 0");
    }

    @Test
    void theTourRunsAsAProcess() throws IOException, InterruptedException {
        var tour = ExampleProcess.run(apps, Map.of(), "", "appfactory");

        assertThat(tour.code()).as(tour.text()).isZero();
        assertThat(tour.text())
                .contains(
                        "Total allocations: 6",
                        "Backend port 5001 used by multiple apps: anthropic_claude-4.5-haiku-20251001/app1, old_model/app1,"
                                + " old_model/app2")
                .endsWith("Conflicts were found and mended; nobody else's ports moved.\n");
    }

    @Test
    void oneProcessGoesOnWhereAnotherEnded() throws IOException, InterruptedException {
        var environment = Map.of("APPFACTORY_APPS", apps.toString());
        var first = ExampleProcess.run(apps, environment, "", "appfactory", "allocate", "a", "1");
        var second = ExampleProcess.run(apps, environment, "", "appfactory", "check");

        assertThat(first.text()).isEqualTo("a/app1: a-app1, backend 5001, frontend 8001\n");
        assertThat(second.text()).contains("Total allocations: 1", "No port conflicts detected");
        assertThat(second.code()).isZero();
    }
}
