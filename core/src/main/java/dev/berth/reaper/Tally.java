package dev.berth.reaper;

import dev.berth.ledger.Commit;
import dev.berth.reaper.ReaperRecords.Kept;
import dev.berth.reaper.Verdict.Fate;
import dev.berth.reaper.Verdict.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Counts what a run frees, and writes it down batch by batch: one that dies on the way has been counted but for the last. */
final class Tally {
    private final ReaperKit kit;
    private final Grip grip;
    private final RunState before;
    private final String name;
    private RunState now;
    private long version;

    Tally(ReaperKit kit, Grip grip, Kept<RunState> kept) {
        this.kit = kit;
        this.grip = grip;
        this.name = kept.name();
        this.version = kept.version();
        this.before = kept.value().orElse(RunState.NONE);
        this.now = before;
    }

    /**
     * Counts all that this run has freed so far.
     *
     * @param expected whether a person has approved it, or a breaker has let it go: that is no reason to open the next one
     */
    void count(List<Verdict> results, int ports, boolean expected, Instant at) {
        if (!kit.policy().isDryRun()) {
            int ghosts = done(results, Kind.GHOST);
            int errors = done(results, Kind.OLD_ERROR);
            now = before.after(before.totals().plus(ghosts, errors, ports), expected ? 0 : ghosts + errors, at);
            write();
        }
    }

    /** Counts the run itself. */
    ReapTotals end(Instant at) {
        if (!kit.policy().isDryRun()) {
            now = now.after(now.totals().ended(at), 0, at);
            write();
        }
        return now.totals();
    }

    private static int done(List<Verdict> results, Kind kind) {
        return (int) results.stream()
                .filter(verdict -> verdict.kind() == kind && verdict.fate() == Fate.DONE)
                .count();
    }

    private void write() {
        var put = new Commit.PutRecord(name, version, now.written(), Optional.empty());
        version = grip.lease().write(List.of(put)).map(done -> done.get(name)).orElseThrow(Grip.Lost::new);
    }
}
