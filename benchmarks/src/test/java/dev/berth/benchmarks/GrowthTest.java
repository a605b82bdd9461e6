package dev.berth.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.berth.benchmarks.Growth.Axes;
import dev.berth.benchmarks.Growth.Line;
import dev.berth.benchmarks.Growth.Point;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GrowthTest {
    private static final Line CUBIC =
            new Line("cubic", List.of(new Point(1, 2), new Point(10, 2_000), new Point(100, 2_000_000)));
    private static final Line FLAT = new Line("flat", List.of(new Point(1, 7), new Point(10, 7)));

    @TempDir
    Path directory;

    @Test
    void exponentIsThatOfThePower() {
        assertThat(CUBIC.exponent()).isCloseTo(3, within(1e-9));
        assertThat(FLAT.exponent()).isCloseTo(0, within(1e-9));
    }

    @ParameterizedTest
    @EnumSource(Axes.class)
    void figureIsTitledAndMarksEachPoint(Axes axes) throws Exception {
        new Growth("test", "rows of a test", "Seconds", axes, List.of(CUBIC, FLAT)).draw(directory);

        Path figure = directory.resolve("growth-test.svg");
        var parsers = DocumentBuilderFactory.newDefaultInstance();
        // The figure names its document type, which would be fetched.
        parsers.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        var drawn =
                parsers.newDocumentBuilder().parse(Files.newInputStream(figure)).getDocumentElement();
        assertThat(drawn.getTagName()).isEqualTo("svg");
        assertThat(drawn.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("Seconds, with rows of a test");
        // XChart marks the first line with circles, and its legend has one, too.
        assertThat(drawn.getElementsByTagName("circle").getLength())
                .isEqualTo(CUBIC.points().size() + 1);
    }

    @Test
    void pageShowsEachSizeOnceAndNothingWhereALineHasNoPoint() throws Exception {
        List<String> lines =
                new Growth("test", "rows", "Seconds", Axes.LOGARITHMIC, List.of(CUBIC, FLAT)).draw(directory);

        assertThat(lines)
                .contains("![Seconds, with rows](figures/growth-test.svg)")
                .contains("| rows |       cubic | flat |", "| 100  | 2,000,000.0 |      |")
                .contains("Exponent 3.00: cubic.", "Exponent 0.00: flat.");
    }
}
