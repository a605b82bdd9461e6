package dev.berth.benchmarks;

import java.awt.Color;
import java.awt.Dimension;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * How a cost grows with something: points of one line or several, the exponent of the power that fits each best, and a figure.
 *
 * @param name the figure's name
 * @param with what it grows with
 * @param cost what the cost is, with its unit
 * @param axes how the axes are divided
 * @param lines what was measured
 */
record Growth(String name, String with, String cost, Axes axes, List<Line> lines) {
    private static final String SVG = "http://www.w3.org/2000/svg";
    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    /** A logarithmic axis of costs that hardly differ would make hills of noise: it has room for a factor of ten. */
    private static final double ROOM = 10;

    /** How the axes are divided. */
    enum Axes {
        /** A share, and a cost that may stay as it is. */
        LINEAR,
        /** Many sizes, and a cost that may stay as it is. */
        LOGARITHMIC_SIZES,
        /** Many sizes, and a cost that grows with them: a straight line is one of slope 1. */
        LOGARITHMIC
    }

    /**
     * One measurement.
     *
     * @param x the size
     * @param cost the cost
     * @param others the share of the machine that others used meanwhile; not a number if that was not looked at
     */
    record Point(double x, double cost, double others) {
        Point(double x, double cost) {
            this(x, cost, Double.NaN);
        }
    }

    /**
     * The measurements of one thing.
     *
     * @param of what was measured
     * @param points at least two, with rising sizes
     */
    record Line(String of, List<Point> points) {
        private boolean isWatched() {
            return points.stream().noneMatch(point -> Double.isNaN(point.others()));
        }

        /** The slope of the straight line through the logarithms, by least squares: 1 is a straight line, 0 is no growth. */
        double exponent() {
            double n = points.size();
            double x = points.stream().mapToDouble(point -> Math.log(point.x())).sum() / n;
            double y =
                    points.stream().mapToDouble(point -> Math.log(point.cost())).sum() / n;
            double above = 0;
            double below = 0;
            for (Point point : points) {
                above += (Math.log(point.x()) - x) * (Math.log(point.cost()) - y);
                below += (Math.log(point.x()) - x) * (Math.log(point.x()) - x);
            }
            return above / below;
        }
    }

    /** Draws the figure into a directory, and returns what is to be written into the page beside it. */
    List<String> draw(Path directory) throws IOException {
        Files.createDirectories(directory);
        String file = "growth-" + name + ".svg";
        try (Writer writer = Files.newBufferedWriter(directory.resolve(file))) {
            SVGGeneratorContext context = SVGGeneratorContext.createDefault(empty());
            // Letters are drawn as shapes, and a hundredth of a pixel is enough for them.
            context.setPrecision(2);
            var pen = new SVGGraphics2D(context, false);
            pen.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
            chart().paint(pen, WIDTH, HEIGHT);
            Element drawn = pen.getRoot();
            drawn.insertBefore(titled(drawn.getOwnerDocument()), drawn.getFirstChild());
            pen.stream(drawn, writer);
        }
        List<String> told = new ArrayList<>();
        told.add("### " + title());
        told.add("");
        told.add("![" + title() + "](figures/" + file + ")");
        told.add("");
        told.addAll(Table.of(rows()));
        told.add("");
        lines.forEach(line -> told.add(String.format(Locale.ROOT, "Exponent %.2f: %s.", line.exponent(), line.of())));
        told.add("");
        return told;
    }

    private static Document empty() throws IOException {
        try {
            return DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument(SVG, "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IOException("no document to draw into", e);
        }
    }

    /** What the figure shows, for those who cannot see it. */
    private Element titled(Document document) {
        Element element = document.createElementNS(SVG, "title");
        element.setTextContent(title());
        return element;
    }

    private String title() {
        return cost + ", with " + with;
    }

    private XYChart chart() {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title())
                .xAxisTitle(with)
                .yAxisTitle(cost)
                .build();
        var styler = chart.getStyler();
        styler.setXAxisLogarithmic(axes != Axes.LINEAR);
        styler.setYAxisLogarithmic(axes == Axes.LOGARITHMIC);
        styler.setXAxisDecimalPattern("#,##0").setYAxisDecimalPattern("#,##0.###");
        styler.setLegendVisible(lines.size() > 1).setLegendPosition(LegendPosition.OutsideE);
        styler.setChartBackgroundColor(Color.WHITE);
        if (axes == Axes.LOGARITHMIC) {
            double least = costs().min().orElseThrow();
            double most = costs().max().orElseThrow();
            styler.setYAxisMin(Math.pow(10, Math.floor(Math.log10(least))));
            styler.setYAxisMax(Math.pow(10, Math.ceil(Math.log10(Math.max(most, least * ROOM)))));
        } else {
            // Some room above the highest point, which is half a point otherwise.
            styler.setYAxisMin(0.0).setYAxisMax(costs().max().orElseThrow() * 1.1);
        }
        for (Line line : lines) {
            chart.addSeries(
                    line.of(),
                    line.points().stream().mapToDouble(Point::x).toArray(),
                    line.points().stream().mapToDouble(Point::cost).toArray());
        }
        return chart;
    }

    private DoubleStream costs() {
        return lines.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::cost);
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(with));
        for (Line line : lines) {
            head.add(line.of());
            if (line.isWatched()) {
                head.add("others");
            }
        }
        rows.add(head);
        lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::x)
                .distinct()
                .sorted()
                .forEach(x -> rows.add(row(x)));
        return rows;
    }

    private List<String> row(double x) {
        List<String> row = new ArrayList<>(List.of(String.format(Locale.ROOT, "%,.0f", x)));
        for (Line line : lines) {
            Optional<Point> found =
                    line.points().stream().filter(point -> point.x() == x).findFirst();
            row.add(found.map(point -> String.format(Locale.ROOT, "%,.1f", point.cost()))
                    .orElse(""));
            if (line.isWatched()) {
                row.add(found.map(point -> String.format(Locale.ROOT, "%.0f %%", 100 * point.others()))
                        .orElse(""));
            }
        }
        return row;
    }
}
