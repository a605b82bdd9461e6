package dev.berth.sync;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a leg reads: rows of its source, what the books say of them, and captured changes. Writes nothing. */
final class LegReads {
    private final SyncRun run;
    private final TablePlan plan;
    private final Direction direction;
    private final RowShape shape;
    private final LegBooks books;
    private final ChangeFeed feed;

    LegReads(SyncRun run, TablePlan plan, Direction direction, LegBooks books) {
        this.run = run;
        this.plan = plan;
        this.direction = direction;
        this.shape = plan.source(direction).shape();
        this.books = books;
        this.feed = run.books().feed(direction, shape.table(), run.rules().capture(direction));
    }

    private SyncStore source() {
        return direction == Direction.PUSH ? run.local() : run.remote();
    }

    /**
     * What is known of a page when its turn comes.
     *
     * @param items its rows, with what the books say of them
     * @param deleted how many others are marked as deleted
     */
    record Page(List<Item> items, int deleted) {}

    /** What books are to say of what has arrived and is not in them yet. */
    @FunctionalInterface
    private interface Unsettled {
        Unsettled UNKNOWN = (book, id) -> Optional.empty();

        Optional<Effects.Change> change(String book, Digest id);
    }

    /** Reads all rows of the source in pages. What comes from the remote store is read when its turn comes. */
    void eachPage(Consumer<Page> work) {
        boolean isFirst = Carrier.read(
                run.local(),
                session ->
                        session.notesAfter(books.agreed(), Optional.empty(), 1).isEmpty());
        var come = new FirstNotes();
        UnaryOperator<List<Digest>> perhaps = isFirst ? come::perhaps : ids -> ids;
        new PagesAhead<Page>(run.rules().batch(), this::page, rows -> prepared(rows, perhaps))
                .each(direction == Direction.PUSH ? run.beside() : null, page -> {
                    boolean isOld = page.items().stream().anyMatch(this::isOld);
                    List<SyncRow> rows =
                            page.items().stream().map(item -> item.row).toList();
                    work.accept(isOld ? new Page(items(rows, Map.of()), page.deleted()) : page);
                });
    }

    /** Whether more is known of a row than what the books said when it was read: it was carried in another place, too. */
    private boolean isOld(Item item) {
        return (captures() && item.aside.isPresent())
                || run.unsettled(books.agreed(), item.id).isPresent()
                || run.unsettled(books.aside(), item.id).isPresent();
    }

    private List<SyncRow> page(Optional<String> after, int limit) {
        return Carrier.read(source(), session -> session.page(shape, after, limit));
    }

    /** Nothing is asked here that belongs to the run's thread. */
    private Page prepared(List<SyncRow> rows, UnaryOperator<List<Digest>> perhaps) {
        List<SyncRow> living = rows.stream().filter(row -> !row.isDeleted()).toList();
        return new Page(items(living, Map.of(), Unsettled.UNKNOWN, perhaps), rows.size() - living.size());
    }

    /** Reads captured changes in pages, each row's together: so none comes twice. */
    void eachChange(Consumer<Map<String, List<RowChange>>> work) {
        Optional<String> after = Optional.empty();
        List<RowChange> changes = changes(after);
        while (!changes.isEmpty()) {
            after = Optional.of(changes.get(changes.size() - 1).locator());
            work.accept(byPlace(changes));
            changes = changes(after);
        }
    }

    private List<RowChange> changes(Optional<String> after) {
        int limit = run.rules().batch();
        return Carrier.run(source(), session -> session.changes(feed, after, limit));
    }

    private static Map<String, List<RowChange>> byPlace(List<RowChange> changes) {
        return changes.stream().collect(Collectors.groupingBy(RowChange::locator));
    }

    /** The captured changes of some rows. */
    Map<String, List<RowChange>> changesAt(Collection<String> places) {
        return places.isEmpty() ? Map.of() : byPlace(Carrier.run(source(), session -> session.changesAt(feed, places)));
    }

    /** What is in some places; nothing is in the empty one, which says that something is gone. */
    List<SyncRow> located(Collection<String> places) {
        List<String> some = places.stream().filter(place -> !place.isEmpty()).toList();
        return some.isEmpty() ? List.of() : Carrier.run(source(), session -> session.located(shape, some));
    }

    /** Of some places those whose rows are marked as deleted by what does not travel. */
    Set<String> marked(Collection<String> places) {
        if (shape.tombstone().isEmpty()) {
            return Set.of();
        }
        return located(places).stream()
                .filter(SyncRow::isDeleted)
                .flatMap(row -> row.locator().stream())
                .collect(Collectors.toSet());
    }

    /** The rows of some keys that the source has. */
    List<SyncRow> found(List<SyncRow> keys) {
        List<SyncRow> rows = new ArrayList<>();
        for (Lookup lookup : Carrier.run(source(), session -> session.find(shape, keys, SyncSession.Locking.NONE))) {
            lookup.found().filter(row -> !row.isDeleted()).ifPresent(rows::add);
        }
        return rows;
    }

    /** Of the rows that were set aside those that the source has still, under the same key. */
    Map<Digest, SyncRow> alive(List<AsideNote> asides) {
        Map<Digest, SyncRow> alive = new HashMap<>();
        List<SyncRow> rows = direction == Direction.PUSH
                ? located(asides.stream().flatMap(note -> note.place().stream()).collect(Collectors.toSet()))
                : found(asides.stream().map(note -> note.row().in(plan, null)).toList());
        rows.stream()
                .filter(row -> !row.isDeleted())
                .map(plan::canonical)
                .forEach(row -> alive.put(Item.idOf(plan, row), row));
        alive.keySet().retainAll(asides.stream().map(AsideNote::id).collect(Collectors.toSet()));
        return alive;
    }

    /** With what the books say of them. */
    List<Item> items(List<SyncRow> rows, Map<String, List<RowChange>> changes) {
        return items(rows, changes, run::unsettled, ids -> ids);
    }

    /** The books are asked about those of the rows' ids that may be in them. */
    private List<Item> items(
            List<SyncRow> rows,
            Map<String, List<RowChange>> changes,
            Unsettled unsettled,
            UnaryOperator<List<Digest>> perhaps) {
        List<SyncRow> canonical = rows.stream().map(plan::canonical).toList();
        List<Encoded> keys = canonical.stream()
                .map(row -> Encoded.of(RowCodec.encode(plan.keyOf(row))))
                .toList();
        List<Digest> ids = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            SyncRow row = canonical.get(i);
            ids.add(plan.isNamed(row) ? Digest.of(keys.get(i).bytes()) : Item.idOf(plan, row));
        }
        Set<Digest> all = new HashSet<>(ids);
        List<Digest> known = perhaps.apply(ids);
        return Carrier.read(run.local(), session -> {
            Map<Digest, Note> agreed = noted(session, books.agreed(), known, unsettled);
            Map<Digest, Note> aside = books.hasNoAside() ? Map.of() : noted(session, books.aside(), ids, unsettled);
            Map<String, List<Agreed>> before = before(session, canonical, ids, aside, changes, unsettled);
            List<Item> items = new ArrayList<>();
            for (int i = 0; i < canonical.size(); i++) {
                SyncRow row = canonical.get(i);
                Digest id = ids.get(i);
                String at = row.locator().orElse("");
                // What another row of these has is that row's.
                List<Agreed> left = before.getOrDefault(at, List.of()).stream()
                        .filter(one -> !all.contains(one.id()))
                        .toList();
                // A row that was inserted there is another one, or has been carried by a comparison since; then the row
                // of the other key is gone all the same.
                boolean isRenamed = !left.isEmpty() && !agreed.containsKey(id) && !isNew(changes, at);
                var item = new Item(
                        keys.get(i),
                        id,
                        row,
                        Optional.ofNullable(agreed.get(id)).map(Agreed::of),
                        isRenamed ? Optional.of(left.get(0)) : Optional.empty(),
                        isRenamed ? left.subList(1, left.size()) : left,
                        Optional.ofNullable(aside.get(id)).map(AsideNote::of));
                List<RowChange> noted = changes.getOrDefault(at, List.of());
                noted.stream()
                        .filter(change -> change.kind() != RowChange.Kind.GONE)
                        .forEach(item::comesFrom);
                item.isMoved |= before.containsKey(at) || (!noted.isEmpty() && isMoved(item, noted));
                items.add(item);
            }
            return items;
        });
    }

    /**
     * What was agreed of these places under other keys. Only captured changes tell a row that was renamed from a new one
     * in the place of a deleted one: SQLite gives the highest id again. One that was set aside has been told of already.
     */
    private Map<String, List<Agreed>> before(
            SyncSession session,
            List<SyncRow> rows,
            List<Digest> ids,
            Map<Digest, Note> aside,
            Map<String, List<RowChange>> changes,
            Unsettled unsettled) {
        if (direction == Direction.PULL) {
            // Agreed states know local places only.
            return Map.of();
        }
        Map<String, Digest> keys = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            String at = rows.get(i).locator().orElse("");
            boolean stayed = changes.getOrDefault(at, List.of()).stream()
                    .allMatch(change -> change.kind() != RowChange.Kind.GONE);
            // SQLite's INSERT OR REPLACE puts another row there, and tells of no delete.
            if (stayed && (changes.containsKey(at) || (captures() && aside.containsKey(ids.get(i))))) {
                keys.put(at, ids.get(i));
            }
        }
        return keys.isEmpty()
                ? Map.of()
                : session.notesAt(books.agreed(), keys.keySet()).stream()
                        .flatMap(note -> unsettled
                                .change(books.agreed(), note.id())
                                .map(change -> change.note().stream())
                                .orElse(Stream.of(note)))
                        .map(Agreed::of)
                        .filter(one -> one.place()
                                .map(keys::get)
                                .filter(id -> !id.equals(one.id()))
                                .isPresent())
                        .collect(Collectors.groupingBy(one -> one.place().orElseThrow()));
    }

    private static boolean isNew(Map<String, List<RowChange>> changes, String at) {
        return changes.getOrDefault(at, List.of()).stream()
                .anyMatch(change -> change.kind() == RowChange.Kind.INSERTED);
    }

    private boolean captures() {
        return run.rules().capture(direction) != Capture.COMPARISON;
    }

    /** Where changes are noted without saying so, or the number of a deleted row was given again. */
    private boolean isMoved(Item item, List<RowChange> noted) {
        boolean isAnother = noted.stream().anyMatch(change -> change.kind() == RowChange.Kind.GONE);
        boolean isElsewhere = direction == Direction.PUSH
                && item.agreed
                        .flatMap(Agreed::place)
                        .filter(place -> !Optional.of(place).equals(item.row.locator()))
                        .isPresent();
        return isAnother || isElsewhere;
    }

    /** With what has arrived in this run: a row may have got another place since it was read. */
    private Map<Digest, Note> noted(SyncSession session, String book, List<Digest> ids, Unsettled unsettled) {
        Map<Digest, Note> noted = new HashMap<>();
        session.notes(book, ids).forEach(note -> noted.put(note.id(), note));
        ids.forEach(id -> unsettled
                .change(book, id)
                .ifPresent(
                        change -> change.note().ifPresentOrElse(note -> noted.put(id, note), () -> noted.remove(id))));
        return noted;
    }

    /** Whether a row that is in the place of a missing one may be that row. */
    enum InPlace {
        PERHAPS,
        /** The row that was there is known to be gone. */
        NEVER
    }

    /**
     * Rows that the source has no more.
     *
     * @param gone they are deleted
     * @param stuck how many may be there under other keys, that could not go
     */
    record Missing(List<Agreed> gone, int stuck) {}

    /** Of rows that want what another holds those that are that other one, by their places, under a new key. */
    Map<Digest, Item> renamed(List<Item> held) {
        Map<String, Item> places = new HashMap<>();
        held.forEach(item -> item.row.locator().ifPresent(at -> places.put(at, item)));
        List<Agreed> before =
                Carrier.run(run.local(), session -> session.notesAt(books.agreed(), places.keySet())).stream()
                        .map(Agreed::of)
                        .filter(one -> one.place()
                                .map(places::get)
                                .filter(item -> one.id().equals(item.heldBy))
                                .isPresent())
                        .toList();
        Map<Digest, Item> renamed = new HashMap<>();
        for (Agreed one : missing(before, InPlace.NEVER).gone()) {
            Item item = places.get(one.place().orElseThrow());
            if (item != null) {
                renamed.put(item.id, item.as(one));
            }
        }
        return renamed;
    }

    /** Of the agreed rows those that the source has no more. */
    Missing missing(List<Agreed> agreed, InPlace inPlace) {
        if (agreed.isEmpty()) {
            return new Missing(List.of(), 0);
        }
        List<SyncRow> keys =
                agreed.stream().map(one -> plan.rowOfKey(one.keyValues())).toList();
        List<Lookup> found = Carrier.run(source(), session -> session.find(shape, keys, SyncSession.Locking.NONE));
        List<Agreed> missing = new ArrayList<>();
        for (int i = 0; i < agreed.size(); i++) {
            Digest id = agreed.get(i).id();
            boolean there = found.get(i)
                    .found()
                    .filter(row -> !row.isDeleted())
                    .map(plan::canonical)
                    .filter(row -> Item.idOf(plan, row).equals(id))
                    .isPresent();
            if (!there) {
                missing.add(agreed.get(i));
            }
        }
        if (inPlace == InPlace.NEVER || direction == Direction.PULL) {
            return new Missing(missing, 0);
        }
        Set<String> stuck = stuck(missing);
        List<Agreed> gone = missing.stream()
                .filter(one -> one.place().filter(stuck::contains).isEmpty())
                .toList();
        return new Missing(gone, missing.size() - gone.size());
    }

    /** Places whose rows have got keys under which they could not be carried: what is there under the old ones stays. */
    private Set<String> stuck(List<Agreed> missing) {
        Set<String> places =
                missing.stream().flatMap(one -> one.place().stream()).collect(Collectors.toSet());
        List<SyncRow> rows = located(places).stream()
                .filter(row -> !row.isDeleted())
                .map(plan::canonical)
                .toList();
        if (rows.isEmpty()) {
            return Set.of();
        }
        Set<Digest> known = Carrier.run(
                        run.local(),
                        session -> session.notes(
                                books.agreed(),
                                rows.stream().map(row -> Item.idOf(plan, row)).collect(Collectors.toSet())))
                .stream()
                .map(Note::id)
                .collect(Collectors.toSet());
        return rows.stream()
                .filter(row -> !known.contains(Item.idOf(plan, row)))
                .flatMap(row -> row.locator().stream())
                .collect(Collectors.toSet());
    }

    /** Reads a book of the local store in pages. */
    void eachNote(String book, Consumer<List<Note>> work) {
        Optional<Digest> after = Optional.empty();
        int limit = run.rules().batch();
        int size = limit;
        while (size == limit) {
            Optional<Digest> from = after;
            List<Note> notes = Carrier.run(run.local(), session -> session.notesAfter(book, from, limit));
            size = notes.size();
            if (size == 0 && after.isEmpty() && book.equals(books.aside())) {
                books.seenNoAside();
            }
            if (size > 0) {
                after = Optional.of(notes.get(size - 1).id());
                work.accept(notes);
            }
        }
    }
}
