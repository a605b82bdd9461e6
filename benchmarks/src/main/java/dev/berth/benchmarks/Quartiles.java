package dev.berth.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** The median of some figures, and between which values the middle half of them lies. */
record Quartiles(double low, double median, double high) {
    static Quartiles of(DoubleStream figures) {
        double[] ascending = figures.toArray();
        Arrays.sort(ascending);
        return new Quartiles(at(ascending, 0.25), at(ascending, 0.5), at(ascending, 0.75));
    }

    private static double at(double[] ascending, double share) {
        if (ascending.length == 0) {
            return Double.NaN;
        }
        double place = share * (ascending.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, ascending.length - 1);
        return ascending[below] + (place - below) * (ascending[above] - ascending[below]);
    }

    String inWords() {
        return Double.isNaN(median) ? "" : String.format(Locale.ROOT, "%.2f (%.2f–%.2f)", median, low, high);
    }
}
