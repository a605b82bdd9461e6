package dev.berth.sync;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The way of one table in one direction: reads, sorts out what is as it was, and has the rest carried. */
final class Leg {
    /** So many rows at most are remembered to be tried once more at the end of the run. */
    private static final int MOST_LATER = 50_000;

    private final SyncRun run;
    private final TablePlan plan;
    private final Direction direction;
    private final LegBooks books;
    private final LegReads reads;
    private final Stamps stamps;
    private final Tally tally = new Tally();
    private final List<Later> later = new ArrayList<>();
    private final LegGone gone;

    private boolean waiting;

    /** Whether what was captured is enough, or all rows are compared. */
    private boolean captured;

    /** A row that is tried once more, and whether it has been counted. */
    private record Later(SyncRow key, Counting counting) {}

    /** Whether outcomes are counted, and whether rows may be put off. */
    private enum Counting {
        FIRST,
        LAST,
        DONE
    }

    Leg(SyncRun run, TablePlan plan, Direction direction) {
        this.run = run;
        this.plan = plan;
        this.direction = direction;
        this.stamps = new Stamps(run, plan, direction);
        this.books = new LegBooks(plan, direction, run.books(), stamps, run::now);
        this.reads = new LegReads(run, plan, direction, books);
        this.gone = new LegGone(run, this, books, reads, stamps, tally);
    }

    TablePlan plan() {
        return plan;
    }

    Direction direction() {
        return direction;
    }

    SyncReport.Table report() {
        return new SyncReport.Table(plan.name(), direction, tally.outcomes());
    }

    /** What of it was deleted. */
    LegGone gone() {
        return gone;
    }

    boolean isCaptured() {
        return captured;
    }

    /** Whether rows were left that only a comparison would find again. */
    boolean hasWaiting() {
        return waiting;
    }

    /** Carries what was inserted or changed. */
    void carryRows() {
        captured = run.capturing().isEnough(plan);
        Set<String> carried = carryAside();
        if (captured) {
            carryChanges(carried);
        } else {
            run.settlingSome(() -> reads.eachPage(page -> {
                tally.noted(page.deleted());
                carry(page.items(), Counting.FIRST);
            }));
        }
    }

    /**
     * Forgets rows that were set aside and are no more, or have another key. Where changes are captured, what was set
     * aside is no change, so it is carried from here; gives where those rows are.
     */
    private Set<String> carryAside() {
        Set<String> carried = new HashSet<>();
        reads.eachNote(books.aside(), notes -> {
            List<AsideNote> asides = notes.stream().map(AsideNote::of).toList();
            Map<Digest, SyncRow> alive = reads.alive(asides);
            forgetAside(asides.stream()
                    .map(AsideNote::id)
                    .filter(id -> !alive.containsKey(id))
                    .toList());
            List<SyncRow> rows = asides.stream()
                    .flatMap(note -> Optional.ofNullable(alive.get(note.id())).stream())
                    .toList();
            if (captured && !rows.isEmpty()) {
                Set<String> places = places(rows);
                carried.addAll(places);
                carry(reads.items(rows, reads.changesAt(places)), Counting.FIRST);
            }
        });
        return carried;
    }

    private void forgetAside(List<Digest> gone) {
        // Whatever it was to come from: it was read here only.
        var effects = new Effects();
        gone.forEach(id -> effects.remove(books.aside(), id));
        run.note(Direction.PUSH, effects);
    }

    /** Carries what was captured. What was carried in this run already is left: it may have changed since. */
    private void carryChanges(Set<String> carried) {
        reads.eachChange(changes -> {
            tally.noted(changes.size());
            changes.keySet().removeAll(carried);
            List<SyncRow> all = reads.located(changes.keySet());
            List<SyncRow> rows = living(all);
            if (!rows.isEmpty()) {
                carry(reads.items(rows, changes), Counting.FIRST);
            }
            Set<String> there = places(all);
            changes.forEach((place, some) -> {
                boolean isGone = some.stream().anyMatch(change -> change.kind() == RowChange.Kind.GONE);
                if (!there.contains(place) && !isGone) {
                    lookEverywhere();
                }
            });
            forget(changes.values().stream()
                    .flatMap(List::stream)
                    .filter(change -> change.kind() != RowChange.Kind.GONE && !there.contains(change.locator()))
                    .map(RowChange::number)
                    .toList());
        });
    }

    /** A row that was changed is not where it was said to be: the next run compares. */
    void lookEverywhere() {
        waiting = true;
        var effects = new Effects();
        effects.remove(books.whole(), books.wholeId(direction, run.rules().capture(direction)));
        run.note(Direction.PUSH, effects);
    }

    private void forget(List<Long> numbers) {
        run.forget(direction, numbers);
    }

    private void carry(List<Item> items, Counting counting) {
        run.heedStop();
        if (counting == Counting.FIRST) {
            tally.read(items.size());
        }
        if (items.stream().anyMatch(item -> item.isMoved)) {
            run.capturing().compareThoseOf(plan, direction);
        }
        List<Item> changed = new ArrayList<>();
        var unchanged = new Effects();
        for (Item item : items) {
            if (isAsAgreed(item)) {
                item.staysAgreed = true;
                item.end(Outcome.SKIPPED);
                unchanged.forget(item.changes);
                item.aside.ifPresent(note -> unchanged.remove(books.aside(), note.id()));
                count(item, counting);
            } else {
                changed.add(item);
            }
        }
        run.note(direction, unchanged);
        if (!changed.isEmpty()) {
            stamps.stamp(changed);
            changed.forEach(item -> item.isAgain = counting != Counting.FIRST);
            var batch = new Batch(plan, direction, run.rules(), stamps, run.rehearsal(direction), run.now());
            run.carry(direction, batch, changed, done -> {
                var effects = new Effects();
                for (Item item : done) {
                    item.isPutOff = batch.broken().isEmpty() && isPutOff(item, counting);
                    books.note(item, effects, item.isPutOff ? LegBooks.PutOff.YES : LegBooks.PutOff.NO);
                }
                return effects;
            });
            carryRenamed(changed, counting);
            changed.forEach(item -> count(item, counting));
            batch.broken().ifPresent(broken -> {
                throw broken;
            });
        }
        run.progress(this);
    }

    /** Rows whose unique values are held by what was agreed of their own places are those rows, under new keys. */
    private void carryRenamed(List<Item> items, Counting counting) {
        List<Item> held = items.stream()
                .filter(item -> item.heldBy != null && item.renamed.isEmpty() && item.agreed.isEmpty())
                .toList();
        if (held.isEmpty() || direction == Direction.PULL || !run.isReal()) {
            return;
        }
        Map<Digest, Item> renamed = reads.renamed(held);
        if (renamed.isEmpty()) {
            return;
        }
        run.capturing().compareThoseOf(plan, direction);
        List<Item> again = List.copyOf(renamed.values());
        stamps.stamp(again);
        var batch = new Batch(plan, direction, run.rules(), stamps, run.rehearsal(direction), run.now());
        run.carry(direction, batch, again, done -> {
            var effects = new Effects();
            for (Item item : done) {
                item.isPutOff = isPutOff(item, counting);
                books.note(item, effects, item.isPutOff ? LegBooks.PutOff.YES : LegBooks.PutOff.NO);
                if (!Batch.LEFT.contains(item.ended())) {
                    effects.remove(books.aside(), item.id);
                }
            }
            return effects;
        });
        items.replaceAll(item -> renamed.getOrDefault(item.id, item));
    }

    private boolean isAsAgreed(Item item) {
        return item.row.fault().isEmpty()
                && item.left.isEmpty()
                && item.agreed.isPresent()
                && item.agreed.get().ofSource(direction).equals(item.content)
                && (direction == Direction.PULL || item.agreed.get().place().equals(item.row.locator()));
    }

    /** Whether a row is tried again in this run, when its parents or its values may have become free. */
    private boolean isPutOff(Item item, Counting counting) {
        // A database that holds a value for some rows only refuses what comes before the row that gives it up.
        boolean waits = item.outcome == Outcome.BLOCKED
                || item.reason == SetAside.Reason.UNIQUE_HELD
                || (item.reason == SetAside.Reason.REFUSED && !item.isResting);
        return counting == Counting.FIRST && waits && later.size() < MOST_LATER && run.isReal();
    }

    private void count(Item item, Counting counting) {
        if (item.isMoved) {
            tally.moved();
        }
        if (item.agreed.isPresent() || !Batch.LEFT.contains(item.ended())) {
            tally.known();
        }
        boolean putOff = item.isPutOff;
        boolean isRemembered = putOff || (item.isPartial && counting == Counting.FIRST && later.size() < MOST_LATER);
        waiting |= item.changes.isEmpty() && !isRemembered && (item.outcome == Outcome.BLOCKED || item.isPartial);
        if (isRemembered) {
            later.add(new Later(plan.rowOfKey(plan.keyOf(item.row)), putOff ? Counting.LAST : Counting.DONE));
        }
        if (!putOff && counting != Counting.DONE) {
            tally.add(item.ended(), 1);
        }
    }

    /** Tries once more what may have become possible by what came after it. */
    void carryLater() {
        int batch = run.rules().batch();
        for (Counting counting : List.of(Counting.LAST, Counting.DONE)) {
            List<SyncRow> keys = later.stream()
                    .filter(one -> one.counting() == counting)
                    .map(Later::key)
                    .toList();
            for (int from = 0; from < keys.size(); from += batch) {
                List<SyncRow> some = keys.subList(from, Math.min(from + batch, keys.size()));
                List<SyncRow> rows = reads.found(some);
                carry(reads.items(rows, captured ? reads.changesAt(places(rows)) : Map.of()), counting);
                // What was deleted meanwhile is no row any more, but it was read.
                for (int i = rows.size(); counting == Counting.LAST && i < some.size(); i++) {
                    tally.add(Outcome.SKIPPED, 1);
                }
            }
        }
        later.clear();
        tally.check(plan.name());
    }

    private static List<SyncRow> living(List<SyncRow> rows) {
        return rows.stream().filter(row -> !row.isDeleted()).toList();
    }

    private static Set<String> places(List<SyncRow> rows) {
        return rows.stream().flatMap(row -> row.locator().stream()).collect(Collectors.toSet());
    }
}
