package dev.berth.benchmarks;

import java.util.List;
import java.util.function.Supplier;

/**
 * One of the ways that are compared.
 *
 * @param name its name
 * @param outcomes what its caller learns of the rows
 * @param sites how many sites it carries with their devices; 0 if all
 * @param applies what of the rows it brings to the remote database
 * @param way makes it
 */
record UpsertContender(String name, String outcomes, int sites, Applies applies, Supplier<SyncWay> way) {
    /** The one to which the others are compared. */
    static final String LIMIT = "limit: COPY and merge";

    static final String BERTH = "Berth";

    static final String ROW_BY_ROW = "SELECT and write, row by row";

    /** What of the rows arrives. */
    enum Applies {
        ALL,
        NO_UPDATES
    }

    private static UpsertContender whole(String name, String outcomes, Supplier<SyncWay> way) {
        return new UpsertContender(name, outcomes, 0, Applies.ALL, way);
    }

    private static String first(int sites) {
        return " WHERE %s <= " + sites;
    }

    /** Where ids are mapped already. What is slow does the first so many sites, and its rate is taken for that of all. */
    static List<UpsertContender> ofSpeed(int sample) {
        return List.of(
                whole(LIMIT, "totals", RawMerge::new),
                whole(BERTH, "exact", BerthPush::new),
                whole("jOOQ batch", "none", () -> JooqWays.batch(SyncWay.Identity.KEY)),
                new UpsertContender(
                        "jOOQ Loader, ignoring duplicates",
                        "totals",
                        0,
                        Applies.NO_UPDATES,
                        () -> JooqWays.loader(JooqWays.Present.IGNORED, "")),
                new UpsertContender(
                        "jOOQ Loader, updating duplicates",
                        "totals",
                        sample,
                        Applies.ALL,
                        () -> JooqWays.loader(JooqWays.Present.UPDATED, first(sample))),
                whole("Spring Batch writer", "none", () -> new SpringWriter(SyncWay.Identity.KEY)),
                new UpsertContender(ROW_BY_ROW, "exact", sample, Applies.ALL, () -> new SelectAndWrite(first(sample))));
    }

    /** Where strangers have given the same ids to other rows. */
    static List<UpsertContender> ofCollisions() {
        return List.of(
                whole(LIMIT, "totals", RawMerge::new),
                whole(BERTH, "exact", BerthPush::new),
                whole("jOOQ batch, by id", "none", () -> JooqWays.batch(SyncWay.Identity.ID)),
                whole("jOOQ batch, by natural key", "none", () -> JooqWays.batch(SyncWay.Identity.KEY)),
                whole(
                        "jOOQ Loader, ignoring duplicates",
                        "totals",
                        () -> JooqWays.loader(JooqWays.Present.IGNORED, "")),
                whole(
                        "jOOQ Loader, updating duplicates",
                        "totals",
                        () -> JooqWays.loader(JooqWays.Present.UPDATED, "")),
                whole("Spring Batch writer, by id", "none", () -> new SpringWriter(SyncWay.Identity.ID)),
                whole("Spring Batch writer, by natural key", "none", () -> new SpringWriter(SyncWay.Identity.KEY)),
                whole(ROW_BY_ROW, "exact", () -> new SelectAndWrite("")));
    }
}
