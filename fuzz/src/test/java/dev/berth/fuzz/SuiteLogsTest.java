package dev.berth.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the tests of all modules logged, printed or reported before this one, no secret is in it. */
class SuiteLogsTest {
    @TempDir
    Path project;

    @Test
    void noSecretIsInWhatTheSuiteLeft() throws Exception {
        List<Path> left = Secrets.leftBy(Path.of("").toAbsolutePath().getParent());
        assumeTrue(!left.isEmpty(), "skipped: no module has run its tests here");
        List<String> found = new ArrayList<>();
        for (Path file : left) {
            found.addAll(Secrets.in(file));
        }
        assertThat(found).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user=berth, key=" + Secrets.MARK,
                "Authorization: PVEAPIToken=a@pve!b=01234567-89ab-cdef-0123-456789abcdef",
                "Cookie: PVEAuthCookie=PVE:anna@pve:65F00000::abc",
                "jdbc:postgresql://127.0.0.1/x?user=a&password=abc",
                "connecting to https://anna:abc@pve1:8006/"
            })
    void plantedSecretIsFoundWithFileAndLine(String line) throws Exception {
        Path reports = Files.createDirectories(project.resolve("module/target/surefire-reports"));
        Path report =
                Files.writeString(reports.resolve("dev.berth.SomeTest-output.txt"), "all is well\n" + line + "\n");

        assertThat(Secrets.leftBy(project)).containsExactly(report);
        assertThat(Secrets.in(report)).isNotEmpty().allMatch(found -> found.startsWith(report + ":2: "));
    }

    @Test
    void whatIsNoSecretIsNotTakenForOne() throws Exception {
        Path log = Files.writeString(project.resolve("some.log"), """
                jdbc:postgresql://127.0.0.1:5432/berth?user=a&password=***
                https://pve1:8006/api2/json and user@host:22
                PVEAPIToken=berth@pve!main=<masked>
                """);

        assertThat(Secrets.in(log)).isEmpty();
    }
}
