package dev.berth.benchmarks;

import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.ListStatistics;
import org.openjdk.jmh.util.Statistics;

/**
 * What was measured of one contender in one situation, over all its iterations.
 *
 * @param perSecond operations in a second, one value an iteration
 * @param bytes what one operation allocates, one value an iteration
 */
record Measured(Statistics perSecond, Statistics bytes) {
    private static final String BYTES = "gc.alloc.rate.norm";

    static Measured of(Collection<RunResult> runs) {
        var perSecond = new ListStatistics();
        var bytes = new ListStatistics();
        runs.stream()
                .flatMap(run -> run.getBenchmarkResults().stream())
                .flatMap(result -> result.getIterationResults().stream())
                .forEach(iteration -> {
                    perSecond.addValue(iteration.getPrimaryResult().getScore());
                    Result<?> allocated = iteration.getSecondaryResults().get(BYTES);
                    if (allocated != null) {
                        bytes.addValue(allocated.getScore());
                    }
                });
        return new Measured(perSecond, bytes);
    }

    /** The median, which one disturbed iteration does not move. */
    double rate() {
        return perSecond.getPercentile(50);
    }

    String rateInWords() {
        return String.format(Locale.ROOT, "%,.0f", rate());
    }

    /** The standard deviation of the iterations, as a share of their mean. */
    String spread() {
        return String.format(Locale.ROOT, "%.0f %%", 100 * perSecond.getStandardDeviation() / perSecond.getMean());
    }

    String bytesInWords() {
        return String.format(Locale.ROOT, "%,.0f", bytes.getPercentile(50));
    }
}
