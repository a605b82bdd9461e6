package dev.berth.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @TempDir
    Path directory;

    @Test
    void sectionIsReplacedAndTheRestOfThePageStays() throws IOException {
        Path page = directory.resolve("page.md");
        String begin = "<!-- begin core: written by the command above, never by hand -->\n";
        Files.writeString(page, "above\n" + begin + "old\n<!-- end core -->\nbelow\n");

        new Section(page, "core").write(List.of("new", "lines"));

        assertThat(page).hasContent("above\n" + begin + "\nnew\nlines\n\n<!-- end core -->\nbelow\n");
        assertThatThrownBy(() -> new Section(page, "other").write(List.of())).hasMessageContaining("no section other");
    }

    @Test
    void columnsAreAligned() {
        assertThat(Table.of(List.of(List.of("what", "n"), List.of("ports", "1,000"))))
                .containsExactly("| what  |     n |", "|-------|------:|", "| ports | 1,000 |");
    }
}
