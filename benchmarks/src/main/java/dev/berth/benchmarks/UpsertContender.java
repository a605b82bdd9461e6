package dev.berth.benchmarks;

import java.util.List;
import java.util.function.Supplier;

/**
 * One of the ways that are compared.
 *
 * @param name its name
 * @param outcomes what its caller learns of the rows
 * @param sites how many sites it carries with their devices; 0 if all
 * @param applies whether it brings the remote rows to what they should be
 * @param way makes it
 */
record UpsertContender(String name, String outcomes, int sites, Applies applies, Supplier<SyncWay> way) {
    /** The first, to which the others are compared. */
    static final String LIMIT = "limit: COPY and merge";

    static final String BERTH = "Berth";

    /** What is slow does a part, whose rate is taken for that of the whole. */
    static final int SAMPLE = 2_000;

    static final String ROW_BY_ROW = "SELECT and write, row by row";

    /** What of the rows arrives. */
    enum Applies {
        ALL,
        NO_UPDATES
    }

    private static UpsertContender whole(String name, String outcomes, Supplier<SyncWay> way) {
        return new UpsertContender(name, outcomes, 0, Applies.ALL, way);
    }

    private static String sample() {
        return " WHERE %s <= " + SAMPLE;
    }

    /** Those of the comparison of speed. */
    static List<UpsertContender> all() {
        return List.of(
                whole(LIMIT, "totals", RawMerge::new),
                whole(BERTH, "of each row", BerthPush::new),
                whole("jOOQ batch", "none", () -> JooqWays.batch(SyncWay.Identity.KEY)),
                new UpsertContender(
                        "jOOQ Loader, ignoring",
                        "totals, wrong",
                        0,
                        Applies.NO_UPDATES,
                        () -> JooqWays.loader(JooqWays.Present.IGNORED, "")),
                new UpsertContender(
                        "jOOQ Loader, updating",
                        "totals",
                        SAMPLE,
                        Applies.ALL,
                        () -> JooqWays.loader(JooqWays.Present.UPDATED, sample())),
                whole("Spring Batch writer", "none", () -> new SpringWriter(SyncWay.Identity.KEY)),
                new UpsertContender(
                        ROW_BY_ROW, "of each row", SAMPLE, Applies.ALL, () -> new SelectAndWrite(sample())));
    }
}
