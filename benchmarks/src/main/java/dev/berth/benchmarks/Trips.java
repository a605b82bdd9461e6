package dev.berth.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * What is sent to the database for each claim and for each release: statements, and round trips, those that end transactions
 * among them.
 */
record Trips(double claimStatements, double claimTrips, double releaseStatements, double releaseTrips) {
    static final List<String> HEAD =
            List.of("cell", "contender", "a claim: statements", "round trips", "a release: statements", "round trips");

    /** In the columns of {@link #HEAD}; a driver that nothing was seen of has connections that are not counted. */
    List<String> row(String cell, String contender) {
        return claimTrips == 0
                ? List.of(cell, contender, "not counted", "", "", "")
                : List.of(
                        cell,
                        contender,
                        told(claimStatements),
                        told(claimTrips),
                        told(releaseStatements),
                        told(releaseTrips));
    }

    private static String told(double each) {
        return Double.isNaN(each) ? "" : String.format(Locale.ROOT, "%.2f", each);
    }
}
