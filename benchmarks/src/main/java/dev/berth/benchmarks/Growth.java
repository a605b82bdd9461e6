package dev.berth.benchmarks;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/**
 * How a cost grows with something: points, the exponent of the power that fits them best, and a figure.
 *
 * @param name the figure's name
 * @param with what it grows with
 * @param cost what the cost is, with its unit
 * @param points what was measured
 */
record Growth(String name, String with, String cost, List<Point> points) {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;

    /** One measurement. */
    record Point(double x, double cost) {}

    /** The slope of the straight line through the logarithms, by least squares: 1 is a straight line, 0 is no growth. */
    double exponent() {
        double n = points.size();
        double x = points.stream().mapToDouble(point -> Math.log(point.x())).sum() / n;
        double y = points.stream().mapToDouble(point -> Math.log(point.cost())).sum() / n;
        double above = 0;
        double below = 0;
        for (Point point : points) {
            above += (Math.log(point.x()) - x) * (Math.log(point.cost()) - y);
            below += (Math.log(point.x()) - x) * (Math.log(point.x()) - x);
        }
        return above / below;
    }

    /** Draws the figure into a directory, and returns what is to be written into the page beside it. */
    List<String> draw(Path directory) throws IOException {
        Files.createDirectories(directory);
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(cost + ", with " + with)
                .xAxisTitle(with)
                .yAxisTitle(cost)
                .build();
        chart.getStyler().setXAxisLogarithmic(true).setLegendVisible(false);
        chart.getStyler().setYAxisMin(0.0);
        chart.addSeries(
                name,
                points.stream().mapToDouble(Point::x).toArray(),
                points.stream().mapToDouble(Point::cost).toArray());
        String file = "growth-" + name + ".png";
        var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        chart.paint(pen, WIDTH, HEIGHT);
        pen.dispose();
        ImageIO.write(image, "png", directory.resolve(file).toFile());
        List<List<String>> rows = new ArrayList<>(List.of(List.of(with, cost)));
        points.forEach(point -> rows.add(List.of(
                String.format(Locale.ROOT, "%,.0f", point.x()), String.format(Locale.ROOT, "%,.1f", point.cost()))));
        List<String> lines = new ArrayList<>();
        lines.add("### " + cost + ", with " + with);
        lines.add("");
        lines.add("![" + cost + ", with " + with + "](figures/" + file + ")");
        lines.add("");
        lines.addAll(Table.of(rows));
        lines.add("");
        lines.add(String.format(Locale.ROOT, "Exponent %.2f.", exponent()));
        lines.add("");
        return lines;
    }
}
