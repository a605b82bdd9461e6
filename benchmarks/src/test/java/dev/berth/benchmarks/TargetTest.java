package dev.berth.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TargetTest {
    @Test
    void lineIsOfOneShapeAndHasNoUnknownName() {
        assertThat(Target.ratio("pg-port-1000-32-to-naive", 12.345))
                .isEqualTo("RATIO pg-port-1000-32-to-naive 12.35 25.00");
        assertThat(Target.ratio("sync-second-compared", 2)).isEqualTo("RATIO sync-second-compared 2.00 -");
        assertThatThrownBy(() -> Target.ratio("pg-port-to-moon", 1)).hasMessageContaining("no such target");
        assertThatThrownBy(() -> Target.ratio("sync-to-limit", Double.NaN)).hasMessageContaining("not measured");
    }

    @Test
    void namesHaveNoBlanksAndAreThereOnce() {
        assertThat(Target.ALL).extracting(Target::name).doesNotHaveDuplicates().allMatch(name -> name.matches("\\S+"));
    }

    @Test
    void everyGoalOfACellIsATargetAndEveryOtherTargetOfDatabasesIsOfABulk() {
        List<String> goals = Cell.all().stream()
                .flatMap(cell -> cell.goals().stream().map(goal -> cell.name() + "-" + goal.name()))
                .toList();

        assertThat(Target.ALL)
                .filteredOn(target -> target.where() == Target.Where.DATABASE)
                .extracting(Target::name)
                .containsAll(goals)
                .allMatch(name -> goals.contains(name) || name.contains("-bulk-"));
    }

    /** A line that is put together elsewhere would escape the table. */
    @Test
    void onlyTheTableKnowsHowALineLooks() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            List<Path> knowing = sources.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> read(file).contains("\"RATIO %"))
                    .toList();

            assertThat(knowing)
                    .extracting(file -> file.getFileName().toString())
                    .containsExactly("Target.java");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void quickModeFindsWhatIsMissingTwiceOrUnknown() {
        List<String> all = Target.ALL.stream()
                .map(target -> Target.ratio(target.name(), 1))
                .toList();

        assertThat(QuickReport.missing(all)).isEmpty();
        assertThat(QuickReport.missing(all.subList(1, all.size())))
                .containsExactly(Target.ALL.get(0).name());
        assertThatThrownBy(() -> QuickReport.missing(List.of(all.get(0), all.get(0))))
                .hasMessageContaining("printed twice");
        assertThatThrownBy(() -> QuickReport.missing(List.of("RATIO unknown 1 1")))
                .hasMessageContaining("unknown");
    }
}
