package dev.berth.sync;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a batch leaves in the books of the local store. */
final class Effects {
    private final Map<String, Map<Digest, Note>> puts = new LinkedHashMap<>();
    private final Map<String, Set<Digest>> removes = new LinkedHashMap<>();
    private final List<Long> forgotten = new ArrayList<>();
    private long bytes;

    void put(String book, Note note) {
        bytes += note.text().length;
        puts.computeIfAbsent(book, name -> new LinkedHashMap<>()).put(note.id(), note);
    }

    void remove(String book, Digest id) {
        removes.computeIfAbsent(book, name -> new LinkedHashSet<>()).add(id);
    }

    void forget(List<Long> changes) {
        forgotten.addAll(changes);
    }

    /** What these leave, and afterwards those of a later batch. */
    void then(Effects later) {
        later.removes.forEach((book, ids) -> {
            Map<Digest, Note> noted = puts.get(book);
            ids.forEach(id -> {
                if (noted != null) {
                    noted.remove(id);
                }
                remove(book, id);
            });
        });
        later.puts.forEach((book, notes) -> notes.values().forEach(note -> put(book, note)));
        forgotten.addAll(later.forgotten);
    }

    /**
     * What a book is to say of something.
     *
     * @param note the note; empty if it is to say nothing
     */
    record Change(Optional<Note> note) {}

    /** What a book is to say; empty if that is left as it is. */
    Optional<Change> change(String book, Digest id) {
        Note put = puts.getOrDefault(book, Map.of()).get(id);
        return put != null || removes.getOrDefault(book, Set.of()).contains(id)
                ? Optional.of(new Change(Optional.ofNullable(put)))
                : Optional.empty();
    }

    /** Whether others change something that these change. */
    boolean meet(Effects others) {
        return others.removes.entrySet().stream()
                        .anyMatch(book -> book.getValue().stream()
                                .anyMatch(id -> change(book.getKey(), id).isPresent()))
                || others.puts.entrySet().stream()
                        .anyMatch(book -> book.getValue().keySet().stream()
                                .anyMatch(id -> change(book.getKey(), id).isPresent()));
    }

    boolean isEmpty() {
        return size() == 0 && removes.isEmpty() && forgotten.isEmpty();
    }

    /** How many notes are to be written. */
    int size() {
        return puts.values().stream().mapToInt(Map::size).sum();
    }

    /** About how many bytes these hold: rows that lost or were set aside are in them whole. */
    long bytes() {
        return bytes;
    }

    /** Notes what is put into some books, and nothing else. */
    void note(SyncSession local, Predicate<String> some) {
        puts.forEach((book, notes) -> {
            if (some.test(book)) {
                local.put(book, notes.values());
            }
        });
    }

    /** Removes come first: a key may be taken by another row. */
    void note(SyncSession local) {
        removes.forEach(local::remove);
        puts.forEach((book, notes) -> local.put(book, notes.values()));
    }

    /** The captured changes that need not be read again. */
    List<Long> forgotten() {
        return List.copyOf(forgotten);
    }

    /** Where the changes were captured in the local store. */
    void apply(SyncSession local) {
        note(local);
        if (!forgotten.isEmpty()) {
            local.forget(forgotten);
        }
    }

    /** The same as {@link #apply}, one part after the other, each of so many notes at most in the order of their ids. */
    List<Consumer<SyncSession>> parts(int most) {
        List<Consumer<SyncSession>> parts = new ArrayList<>();
        parts.add(session -> removes.forEach(session::remove));
        puts.forEach((book, notes) -> {
            List<Note> sorted = new ArrayList<>(notes.values());
            sorted.sort(Comparator.comparing(Note::id));
            for (int from = 0; from < sorted.size(); from += Math.min(most, sorted.size() - from)) {
                List<Note> some = sorted.subList(from, from + Math.min(most, sorted.size() - from));
                parts.add(session -> session.put(book, some));
            }
        });
        if (!forgotten.isEmpty()) {
            parts.add(session -> session.forget(forgotten));
        }
        return parts;
    }

    byte[] encode() {
        List<@Nullable Object> all = new ArrayList<>();
        all.add((long) removes.size());
        removes.forEach((book, ids) -> {
            all.add(book);
            all.add((long) ids.size());
            ids.forEach(id -> all.add(id.bytes()));
        });
        all.add((long) puts.size());
        puts.forEach((book, notes) -> {
            all.add(book);
            all.add((long) notes.size());
            notes.values().forEach(note -> {
                all.add(note.id().bytes());
                all.add(note.place().orElse(null));
                all.add(note.text());
            });
        });
        forgotten.forEach(all::add);
        return RowCodec.encode(all.toArray());
    }

    static Effects decode(byte[] text) {
        var effects = new Effects();
        var in = Arrays.asList(RowCodec.decode(text)).iterator();
        for (long books = (Long) Objects.requireNonNull(in.next()); books > 0; books--) {
            String book = String.valueOf(in.next());
            for (long ids = (Long) Objects.requireNonNull(in.next()); ids > 0; ids--) {
                effects.remove(book, Digest.from((byte[]) Objects.requireNonNull(in.next())));
            }
        }
        for (long books = (Long) Objects.requireNonNull(in.next()); books > 0; books--) {
            String book = String.valueOf(in.next());
            for (long notes = (Long) Objects.requireNonNull(in.next()); notes > 0; notes--) {
                Digest id = Digest.from((byte[]) Objects.requireNonNull(in.next()));
                String place = (String) in.next();
                byte[] said = (byte[]) Objects.requireNonNull(in.next());
                effects.put(book, place == null ? Note.of(id, said) : Note.at(id, place, said));
            }
        }
        in.forEachRemaining(number -> effects.forgotten.add((Long) Objects.requireNonNull(number)));
        return effects;
    }
}
