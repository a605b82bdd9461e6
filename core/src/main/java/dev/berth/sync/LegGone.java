package dev.berth.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Finds the rows of one table that were deleted in one place, and has them deleted in the other. */
final class LegGone {
    private final SyncRun run;
    private final Leg leg;
    private final Direction direction;
    private final LegBooks books;
    private final LegReads reads;
    private final Tally tally;
    private final LegDeletes deletes;
    private final Brake brake;
    /** Changes there by which rows are gone, until all of these were looked for. */
    private final List<Long> goneThere = new ArrayList<>();

    LegGone(SyncRun run, Leg leg, LegBooks books, LegReads reads, Stamps stamps, Tally tally) {
        this.run = run;
        this.leg = leg;
        this.direction = leg.direction();
        this.books = books;
        this.reads = reads;
        this.tally = tally;
        this.deletes = new LegDeletes(run, leg.plan(), direction, books, stamps, tally::deleted);
        this.brake = new Brake(run, leg.plan(), direction);
    }

    /** Carries what was deleted. */
    void carry() {
        if (!leg.isCaptured()) {
            if (tally.knownRows() != Carrier.run(run.local(), session -> session.countNotes(books.agreed()))) {
                countNoted();
                carryMissing(tally.notedChanges());
            }
        } else if (direction == Direction.PUSH) {
            carryGone();
        } else {
            carryGoneThere();
        }
    }

    /** Deletes what was referred to when its turn came; says whether there was any. */
    boolean carryHeld() {
        boolean freed = deletes.again();
        if (freed && deletes.isMore()) {
            carry();
        }
        return freed;
    }

    LegDeletes deletes() {
        return deletes;
    }

    /** Leaves deletes to the next run, which finds them by what is noted still, or by a comparison. */
    void leave(Set<Digest> waiting) {
        List<LegDeletes.Held> left = deletes.leave(waiting);
        left.forEach(one -> tally.deleted(Outcome.BLOCKED));
        if (left.stream().anyMatch(one -> one.changes().isEmpty())) {
            leg.lookEverywhere();
            goneThere.clear();
        }
    }

    private void countNoted() {
        if (run.rules().capture(direction) != Capture.COMPARISON) {
            reads.eachChange(changes ->
                    tally.noted(gone(changes, reads.marked(changes.keySet())).size()));
        }
    }

    /** Carries what is missing, unless it is so much that it may be something else than deleted; says whether it did. */
    private boolean carryMissing(long noted) {
        long agreed = Carrier.run(run.local(), session -> session.countNotes(books.agreed()));
        if (!brake.isReleased()) {
            long missing = brake.isFew(agreed)
                    ? 0
                    : run.isReal() && !leg.isCaptured() ? agreed - tally.knownRows() : countMissing();
            if (brake.holds(missing, noted, agreed)) {
                tally.read(missing);
                tally.add(Outcome.WITHHELD, missing);
                // The next run finds these again, whatever was captured.
                leg.lookEverywhere();
                run.progress(leg);
                return false;
            }
        }
        carryMissing();
        return true;
    }

    private long countMissing() {
        var count = new AtomicLong();
        reads.eachNote(books.agreed(), notes -> {
            LegReads.Missing missing =
                    reads.missing(notes.stream().map(Agreed::of).toList(), LegReads.InPlace.PERHAPS);
            count.addAndGet(missing.gone().size());
        });
        return count.get();
    }

    private void carryMissing() {
        reads.eachNote(
                books.agreed(),
                notes -> carryDeletes(notes.stream().map(Agreed::of).toList(), LegReads.InPlace.PERHAPS, Map.of()));
    }

    private void carryDeletes(List<Agreed> agreed, LegReads.InPlace inPlace, Map<String, List<Long>> changes) {
        LegReads.Missing missing = reads.missing(agreed, inPlace);
        // The row in the place of one of these could not go, and may be the same under another key.
        for (int i = 0; i < missing.stuck(); i++) {
            tally.deleted(Outcome.BLOCKED);
        }
        deletes.carry(missing.gone(), changes);
        run.progress(leg);
    }

    private void carryGone() {
        List<Long> truncated = new ArrayList<>();
        reads.eachChange(changes -> {
            Set<String> marked = reads.marked(changes.keySet());
            Map<String, List<Long>> gone = gone(changes, marked);
            if (gone.containsKey("")) {
                // All rows went at once.
                gone.values().forEach(truncated::addAll);
            } else if (!gone.isEmpty()) {
                carryDeletes(agreedAt(gone.keySet()), LegReads.InPlace.NEVER, gone);
            }
        });
        if (truncated.isEmpty()) {
            carryDeletes(agreedAt(Set.of("")), LegReads.InPlace.NEVER, Map.of());
        } else if (carryMissing(tally.notedChanges())) {
            goneThere.addAll(truncated);
        }
    }

    /** Which rows were at the places there is not known here; but whether any is gone at all. */
    private void carryGoneThere() {
        List<Long> gone = new ArrayList<>();
        reads.eachChange(changes ->
                gone(changes, reads.marked(changes.keySet())).values().forEach(gone::addAll));
        if (!gone.isEmpty() || tally.isMoved()) {
            if (carryMissing(Math.max(tally.notedChanges(), gone.size()))) {
                goneThere.addAll(gone);
            }
        }
    }

    /** When all deletes have had their turns. */
    void conclude() {
        deletes.conclude();
        brake.used();
        run.forget(direction, goneThere);
        goneThere.clear();
    }

    private static boolean isGone(RowChange change, Set<String> marked) {
        return change.kind() == RowChange.Kind.GONE || marked.contains(change.locator());
    }

    private static Map<String, List<Long>> gone(Map<String, List<RowChange>> changes, Set<String> marked) {
        return changes.values().stream()
                .flatMap(List::stream)
                .filter(change -> isGone(change, marked))
                .collect(Collectors.groupingBy(
                        RowChange::locator, Collectors.mapping(RowChange::number, Collectors.toList())));
    }

    private List<Agreed> agreedAt(Set<String> places) {
        return Carrier.run(run.local(), session -> session.notesAt(books.agreed(), places)).stream()
                .map(Agreed::of)
                .toList();
    }
}
