package dev.berth.sync;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds back deletes that nobody has noted: rows that are missing may have been deleted, but so many at once may as well
 * be a table that was made anew, or is just being filled again.
 */
final class Brake {
    private static final Logger LOG = LoggerFactory.getLogger(Brake.class);
    private static final int HUNDRED = 100;

    private final SyncRun run;
    private final TablePlan plan;
    private final Direction direction;
    private boolean isReleased;

    /**
     * How many deletes are carried without evidence.
     *
     * @param rows so many always
     * @param percent more if they are no greater share of the table's rows
     */
    record Limit(int rows, int percent) {
        static final Limit USUAL = new Limit(20, 50);
    }

    Brake(SyncRun run, TablePlan plan, Direction direction) {
        this.run = run;
        this.plan = plan;
        this.direction = direction;
    }

    /** Whether so many are few at any rate. */
    boolean isFew(long missing) {
        return missing <= run.rules().limit().rows();
    }

    /** Whether missing rows are left where they are; so many of them somebody has noted as deleted. */
    boolean holds(long missing, long noted, long agreed) {
        long unexplained = missing - noted;
        if (isFew(unexplained)
                || unexplained * HUNDRED <= agreed * run.rules().limit().percent()) {
            return false;
        }
        if (missing <= allowed()) {
            isReleased = true;
            return false;
        }
        LOG.warn(
                "{} of {} rows of {} are missing ({}), and nobody has noted that they were deleted: they stay where they"
                        + " are until that is allowed",
                missing,
                agreed,
                plan.name(),
                direction);
        return true;
    }

    private long allowed() {
        return Carrier.run(run.local(), session -> session.notes(run.books().state(), List.of(id(plan, direction))))
                .stream()
                .mapToLong(note -> RowCodec.decode(note.text())[0] instanceof Long rows ? rows : 0)
                .sum();
    }

    /** Whether deletes of this run go, however many come to light. */
    boolean isReleased() {
        return isReleased;
    }

    /** What was allowed was for once. */
    void used() {
        if (isReleased) {
            var effects = new Effects();
            effects.remove(run.books().state(), id(plan, direction));
            run.note(Direction.PUSH, effects);
        }
    }

    static Note allowing(TablePlan plan, Direction direction, long rows) {
        return Note.of(id(plan, direction), RowCodec.encode(rows));
    }

    private static Digest id(TablePlan plan, Direction direction) {
        String name = "deletes/" + direction + "/" + plan.name().toLowerCase(Locale.ROOT);
        return Digest.of(name.getBytes(StandardCharsets.UTF_8));
    }
}
