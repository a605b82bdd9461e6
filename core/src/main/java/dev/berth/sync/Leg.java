package dev.berth.sync;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The way of one table in one direction: reads, sorts out what is as it was, and has the rest carried. */
final class Leg {
    /** So many rows at most are remembered to be tried once more at the end of the run. */
    private static final int MOST_LATER = 50_000;

    private final SyncRun run;
    private final TablePlan plan;
    private final Direction direction;
    private final TablePlan.Side sourceSide;
    private final LegBooks books;
    private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    private final List<Later> later = new ArrayList<>();
    private long read;
    /** How many of the rows that were read are among the agreed. */
    private long known;

    private boolean waiting;

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
        this.sourceSide = plan.source(direction);
        this.books = new LegBooks(plan, direction, run.books(), run::now);
    }

    TablePlan plan() {
        return plan;
    }

    Direction direction() {
        return direction;
    }

    SyncReport.Table report() {
        return new SyncReport.Table(plan.name(), direction, outcomes);
    }

    private SyncStore source() {
        return direction == Direction.PUSH ? run.local() : run.remote();
    }

    /** Whether rows were left that only a comparison would find again. */
    boolean hasWaiting() {
        return waiting;
    }

    /** Whether changes of the source are noted, and were compared whole before. */
    private boolean isCaptured() {
        return direction == Direction.PUSH && run.isCaptured(plan);
    }

    /** Carries what was inserted or changed. */
    void carryRows() {
        if (isCaptured()) {
            carryAside();
            carryChanges();
        } else {
            carryAll();
        }
    }

    private void carryAll() {
        Optional<String> after = Optional.empty();
        int limit = run.rules().batch();
        int size = limit;
        while (size == limit) {
            Optional<String> from = after;
            List<SyncRow> rows = Carrier.run(source(), session -> session.page(sourceSide.shape(), from, limit));
            size = rows.size();
            if (size > 0) {
                after = rows.get(size - 1).locator();
                carry(items(rows, Map.of()), Counting.FIRST);
            }
        }
    }

    /** In the captured way what was set aside is no change, so it is read from where it was set aside. */
    private void carryAside() {
        eachPage(books.aside(), notes -> {
            Set<String> places = notes.stream()
                    .map(AsideNote::of)
                    .filter(note -> note.attempts() < AsideNote.MOST_ATTEMPTS)
                    .flatMap(note -> note.place().stream())
                    .collect(Collectors.toSet());
            List<SyncRow> rows = Carrier.run(run.local(), session -> session.located(sourceSide.shape(), places));
            carry(items(rows, Map.of()), Counting.FIRST);
        });
    }

    private void carryChanges() {
        long after = 0;
        int limit = run.rules().batch();
        List<RowChange> changes = changes(after, limit);
        while (!changes.isEmpty()) {
            after = changes.get(changes.size() - 1).number();
            Map<String, List<RowChange>> byPlace = changes.stream().collect(Collectors.groupingBy(RowChange::locator));
            List<SyncRow> rows =
                    Carrier.run(run.local(), session -> session.located(sourceSide.shape(), byPlace.keySet()));
            carry(items(rows, byPlace), Counting.FIRST);
            Set<String> there =
                    rows.stream().flatMap(row -> row.locator().stream()).collect(Collectors.toSet());
            forget(changes.stream()
                    .filter(change -> change.kind() == RowChange.Kind.WRITTEN && !there.contains(change.locator()))
                    .map(RowChange::number)
                    .toList());
            changes = changes(after, limit);
        }
    }

    private List<RowChange> changes(long after, int limit) {
        return Carrier.run(
                run.local(), session -> session.changes(sourceSide.shape().table(), after, limit));
    }

    private void forget(List<Long> numbers) {
        if (!numbers.isEmpty() && run.isReal()) {
            Carrier.run(run.local(), session -> {
                session.forget(numbers);
                return true;
            });
        }
    }

    /** With what the books say of them. */
    private List<Item> items(List<SyncRow> rows, Map<String, List<RowChange>> changes) {
        List<SyncRow> canonical = rows.stream().map(plan::canonical).toList();
        List<Digest> ids = canonical.stream().map(row -> Item.idOf(plan, row)).toList();
        return Carrier.run(run.local(), session -> {
            Map<Digest, Note> agreed = byId(session.notes(books.agreed(), ids));
            Map<Digest, Note> aside = byId(session.notes(books.aside(), ids));
            Map<String, Note> renamed = renamed(session, canonical, ids, agreed, changes);
            List<Item> items = new ArrayList<>();
            for (int i = 0; i < canonical.size(); i++) {
                SyncRow row = canonical.get(i);
                Digest id = ids.get(i);
                var item = new Item(
                        plan,
                        row,
                        Optional.ofNullable(agreed.get(id)).map(Agreed::of),
                        row.locator().map(renamed::get).map(Agreed::of),
                        Optional.ofNullable(aside.get(id)).map(AsideNote::of));
                row.locator().map(at -> changes.getOrDefault(at, List.of())).orElse(List.of()).stream()
                        .filter(change -> change.kind() == RowChange.Kind.WRITTEN)
                        .forEach(change -> item.changes.add(change.number()));
                items.add(item);
            }
            return items;
        });
    }

    /**
     * What was agreed of these places under other keys. Only captured changes tell a row that was renamed from a new one
     * in the place of a deleted one: SQLite gives the highest id again.
     */
    private Map<String, Note> renamed(
            SyncSession session,
            List<SyncRow> rows,
            List<Digest> ids,
            Map<Digest, Note> agreed,
            Map<String, List<RowChange>> changes) {
        Set<String> places = new HashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            String at = rows.get(i).locator().orElse("");
            boolean stayed = changes.getOrDefault(at, List.of()).stream()
                    .allMatch(change -> change.kind() == RowChange.Kind.WRITTEN);
            if (changes.containsKey(at) && stayed && !agreed.containsKey(ids.get(i))) {
                places.add(at);
            }
        }
        return session.notesAt(books.agreed(), places).stream()
                .collect(Collectors.toMap(note -> note.place().orElse(""), note -> note, (one, other) -> one));
    }

    private static Map<Digest, Note> byId(List<Note> notes) {
        return notes.stream().collect(Collectors.toMap(Note::id, note -> note));
    }

    private void carry(List<Item> items, Counting counting) {
        List<Item> changed = new ArrayList<>();
        var unchanged = new Effects();
        boolean hasEffects = false;
        for (Item item : items) {
            if (isAsAgreed(item)) {
                item.staysAgreed = true;
                item.end(Outcome.SKIPPED);
                if (!item.changes.isEmpty() || item.aside.isPresent()) {
                    unchanged.forget(item.changes);
                    item.aside.ifPresent(note -> unchanged.remove(books.aside(), note.id()));
                    hasEffects = true;
                }
                count(item, counting);
            } else {
                changed.add(item);
            }
        }
        if (hasEffects && run.isReal()) {
            Carrier.run(run.local(), session -> {
                unchanged.apply(session);
                return true;
            });
        }
        if (!changed.isEmpty()) {
            run.carry(direction, new Batch(plan, direction, run.rules(), run.rehearsal(direction)), changed, done -> {
                var effects = new Effects();
                done.forEach(item ->
                        books.note(item, effects, isPutOff(item, counting) ? LegBooks.PutOff.YES : LegBooks.PutOff.NO));
                return effects;
            });
            changed.forEach(item -> count(item, counting));
        }
        run.progress(this);
    }

    private boolean isAsAgreed(Item item) {
        return item.row.fault().isEmpty()
                && item.agreed.isPresent()
                && item.agreed.get().content().equals(item.content)
                && (direction == Direction.PULL || item.agreed.get().place().equals(item.row.locator()));
    }

    /** Whether a row is tried again in this run, when its parents or its values may have become free. */
    private boolean isPutOff(Item item, Counting counting) {
        boolean waits = item.outcome == Outcome.BLOCKED || item.reason == SetAside.Reason.UNIQUE_HELD;
        return counting == Counting.FIRST && waits && later.size() < MOST_LATER && run.isReal();
    }

    private void count(Item item, Counting counting) {
        if (item.agreed.isPresent() || !Batch.LEFT.contains(item.ended())) {
            known++;
        }
        boolean putOff = isPutOff(item, counting);
        waiting |= item.changes.isEmpty()
                && (counting == Counting.FIRST ? later.size() >= MOST_LATER : true)
                && (item.outcome == Outcome.BLOCKED || item.isPartial);
        if (putOff || (item.isPartial && counting == Counting.FIRST && later.size() < MOST_LATER)) {
            later.add(new Later(plan.rowOfKey(plan.keyOf(item.row)), putOff ? Counting.LAST : Counting.DONE));
        }
        if (!putOff && counting != Counting.DONE) {
            tally(item.ended());
        }
    }

    private void tally(Outcome outcome) {
        read++;
        outcomes.merge(outcome, 1L, Long::sum);
    }

    /** Carries what was deleted. */
    void carryDeletes() {
        if (isCaptured()) {
            carryGone();
        } else if (known != Carrier.run(run.local(), session -> session.countNotes(books.agreed()))) {
            eachPage(
                    books.agreed(),
                    notes -> carryDeletes(missing(notes.stream().map(Agreed::of).toList()), List.of()));
        }
    }

    private void carryGone() {
        long after = 0;
        int limit = run.rules().batch();
        List<RowChange> changes = changes(after, limit);
        while (!changes.isEmpty()) {
            after = changes.get(changes.size() - 1).number();
            List<RowChange> gone = changes.stream()
                    .filter(change -> change.kind() == RowChange.Kind.GONE)
                    .toList();
            Set<String> places = gone.stream().map(RowChange::locator).collect(Collectors.toSet());
            List<Note> notes = Carrier.run(run.local(), session -> session.notesAt(books.agreed(), places));
            carryDeletes(
                    missing(notes.stream().map(Agreed::of).toList()),
                    gone.stream().map(RowChange::number).toList());
            changes = changes(after, limit);
        }
        List<Note> nowhere = Carrier.run(run.local(), session -> session.notesAt(books.agreed(), Set.of("")));
        carryDeletes(missing(nowhere.stream().map(Agreed::of).toList()), List.of());
    }

    /** Of the agreed rows those that the source has no more. */
    private List<Agreed> missing(List<Agreed> agreed) {
        if (agreed.isEmpty()) {
            return List.of();
        }
        List<SyncRow> keys =
                agreed.stream().map(one -> plan.rowOfKey(one.keyValues())).toList();
        List<Lookup> found =
                Carrier.run(source(), session -> session.find(sourceSide.shape(), keys, SyncSession.Locking.NONE));
        List<Agreed> missing = new ArrayList<>();
        for (int i = 0; i < agreed.size(); i++) {
            Digest id = agreed.get(i).id();
            boolean there = found.get(i)
                    .found()
                    .map(plan::canonical)
                    .filter(row -> Item.idOf(plan, row).equals(id))
                    .isPresent();
            if (!there && !isStuckInPlace(agreed.get(i))) {
                missing.add(agreed.get(i));
            }
        }
        return missing;
    }

    /** The row has got a key under which it could not be carried: what is there under the old one stays. */
    private boolean isStuckInPlace(Agreed agreed) {
        if (direction == Direction.PULL || agreed.place().isEmpty()) {
            return false;
        }
        return Carrier.run(run.local(), session -> {
            List<SyncRow> rows =
                    session.located(sourceSide.shape(), List.of(agreed.place().orElseThrow()));
            return !rows.isEmpty()
                    && session.notes(books.agreed(), List.of(Item.idOf(plan, plan.canonical(rows.get(0)))))
                            .isEmpty();
        });
    }

    private void carryDeletes(List<Agreed> missing, List<Long> changes) {
        if (missing.isEmpty()) {
            forget(changes);
            return;
        }
        var burials = new Burials(plan, direction, run.rules(), run.rehearsal(direction));
        run.carryDeletes(direction, burials, missing, done -> {
            var effects = new Effects();
            effects.forget(changes);
            for (Burials.Burial burial : done) {
                burial.lost().ifPresent(lost -> effects.put(books.lost(), books.lostNote(lost)));
                if (burial.outcome() != Outcome.FAILED) {
                    effects.remove(books.agreed(), burial.agreed().id());
                }
            }
            return effects;
        });
        burials.done().forEach(burial -> tally(burial.outcome()));
        run.progress(this);
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
                List<SyncRow> rows = new ArrayList<>();
                for (Lookup found : Carrier.run(
                        source(), session -> session.find(sourceSide.shape(), some, SyncSession.Locking.NONE))) {
                    found.found().ifPresent(rows::add);
                }
                carry(items(rows, laterChanges(rows)), counting);
                // What was deleted meanwhile is no row any more, but it was read.
                for (int i = rows.size(); counting == Counting.LAST && i < some.size(); i++) {
                    tally(Outcome.SKIPPED);
                }
            }
        }
        later.clear();
        long sum = outcomes.values().stream().mapToLong(Long::longValue).sum();
        if (sum != read) {
            throw new IllegalStateException(
                    plan.name() + ": " + read + " rows were read, and " + sum + " have an outcome");
        }
    }

    /** Captured changes that were kept while their rows waited. */
    private Map<String, List<RowChange>> laterChanges(List<SyncRow> rows) {
        if (!isCaptured()) {
            return Map.of();
        }
        Set<String> places =
                rows.stream().flatMap(row -> row.locator().stream()).collect(Collectors.toSet());
        Map<String, List<RowChange>> found = new HashMap<>();
        long after = 0;
        List<RowChange> changes = changes(after, run.rules().batch());
        while (!changes.isEmpty()) {
            after = changes.get(changes.size() - 1).number();
            changes.stream()
                    .filter(change -> places.contains(change.locator()))
                    .forEach(change -> found.computeIfAbsent(change.locator(), at -> new ArrayList<>())
                            .add(change));
            changes = changes(after, run.rules().batch());
        }
        return found;
    }

    private void eachPage(String book, Consumer<List<Note>> work) {
        Optional<Digest> after = Optional.empty();
        int limit = run.rules().batch();
        int size = limit;
        while (size == limit) {
            Optional<Digest> from = after;
            List<Note> notes = Carrier.run(run.local(), session -> session.notesAfter(book, from, limit));
            size = notes.size();
            if (size > 0) {
                after = Optional.of(notes.get(size - 1).id());
                work.accept(notes);
            }
        }
    }
}
