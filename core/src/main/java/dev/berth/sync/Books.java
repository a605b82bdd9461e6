package dev.berth.sync;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * The names of the books of one pair of stores. All are kept in the local store but for the checkpoint.
 *
 * @param local as whom the local store meets the remote one; no two files have one, copies of each other or not
 * @param remote the remote store
 */
record Books(UUID local, UUID remote) {
    private static final int MOST_REMOTES = 1_000;

    /** In both stores: the last batch, see {@link Mark}. */
    static final Digest CHECKPOINT = Digest.of("checkpoint".getBytes(StandardCharsets.UTF_8));

    /** The most batches that are under way, or have arrived and are not in the books yet. */
    static final int MOST_UNDER_WAY = 64;

    /** In the local store: the batches under way, in their order. */
    static final List<Digest> UNDER_WAY = IntStream.range(0, MOST_UNDER_WAY)
            .mapToObj(number -> Digest.of(("under way/" + number).getBytes(StandardCharsets.UTF_8)))
            .toList();

    /** In the local store: the run that may write the books; another's when its tables are emptied. */
    static final Digest RUN = Digest.of("run".getBytes(StandardCharsets.UTF_8));

    /** In the local store: as whom it meets the remote one. */
    private static final Digest CLIENT = Digest.of("client".getBytes(StandardCharsets.UTF_8));

    /** In the local store: the remote stores that it has met. */
    private static final String REMOTES = "remotes";

    /** As which pair two stores have met last. */
    static Books of(SyncStore local, SyncStore remote) {
        var first = new Books(local.identity(), remote.identity());
        return Carrier.run(local, first::asNoted);
    }

    private Books asNoted(SyncSession local) {
        return local.notes(state(), List.of(CLIENT)).stream()
                .findFirst()
                .map(note -> new Books(uuid(note), remote))
                .orElse(this);
    }

    private static UUID uuid(Note note) {
        return UUID.fromString(String.valueOf(RowCodec.decode(note.text())[0]));
    }

    private static Note note(Digest id, UUID uuid) {
        return Note.of(id, RowCodec.encode(uuid.toString()));
    }

    /** The same remote store, met by another client than before. */
    Books asAnother(SyncSession local) {
        UUID client = UUID.randomUUID();
        local.put(state(), List.of(note(CLIENT, client)));
        return new Books(client, remote);
    }

    /** A remote store that was met, where, and as the how manieth. */
    private record Encounter(UUID remote, String where, long number) {
        static Encounter of(Note note) {
            var said = RowCodec.decode(note.text());
            return said.length == 3 && said[2] instanceof Long number
                    ? new Encounter(uuid(note), String.valueOf(said[1]), number)
                    : new Encounter(uuid(note), "", 0);
        }
    }

    private static List<Encounter> encounters(SyncSession session) {
        return session.notesAfter(REMOTES, Optional.empty(), MOST_REMOTES).stream()
                .map(Encounter::of)
                .sorted(Comparator.comparing(Encounter::number).reversed())
                .toList();
    }

    /** Notes that the two have met, and where, so that {@link #all} and {@link #met} find these books. */
    void remember(SyncSession session, String where) {
        List<Encounter> all = encounters(session);
        boolean isKnown = all.stream()
                .filter(one -> one.where.equals(where))
                .findFirst()
                .filter(one -> one.remote.equals(remote))
                .isPresent();
        if (!isKnown) {
            Digest id = Digest.of(remote.toString().getBytes(StandardCharsets.UTF_8));
            long number = all.isEmpty() ? 1 : all.get(0).number + 1;
            session.put(REMOTES, List.of(Note.of(id, RowCodec.encode(remote.toString(), where, number))));
        }
    }

    /**
     * The books of a remote store that is not asked: the one that was met there last, or where nothing is said of that, if
     * all were met in one place. Empty if there is none.
     */
    static Optional<Books> met(SyncSession session, UUID local, Optional<String> where) {
        List<Encounter> all = encounters(session).stream()
                .filter(one -> where.isEmpty() || where.get().equals(one.where))
                .toList();
        return all.stream()
                .findFirst()
                .filter(last -> all.stream().allMatch(one -> one.where.equals(last.where)))
                .map(last -> new Books(local, last.remote));
    }

    /** The books of all remote stores that a local one has met. */
    List<Books> all(SyncSession session) {
        List<Books> all = new ArrayList<>(List.of(this));
        session.notesAfter(REMOTES, Optional.empty(), MOST_REMOTES).stream()
                .map(Books::uuid)
                .filter(other -> !other.equals(remote))
                .forEach(other -> all.add(new Books(local, other).asNoted(session)));
        return all;
    }

    private static String folded(String table) {
        return table.toLowerCase(Locale.ROOT);
    }

    /** In the local store: the states that were agreed. */
    String agreed(String table) {
        return "agreed/" + remote + "/" + folded(table);
    }

    String aside(Direction direction, String table) {
        return "aside/" + remote + "/" + direction + "/" + folded(table);
    }

    String lost(String table) {
        return "lost/" + remote + "/" + folded(table);
    }

    /** In both stores: how new the rows are of a table that has no version. */
    String stamps(String table) {
        return "stamp/" + folded(table);
    }

    /** Whether a book keeps rows whole that lost a conflict or were deleted. */
    static boolean isOfKeptRows(String book) {
        return book.startsWith("lost/") || book.startsWith("deleted/");
    }

    /** In the local store: rows that were deleted in a week, whole. */
    String deleted(String table, long week) {
        return "deleted/" + remote + "/" + folded(table) + "/" + week;
    }

    /** In the local store: the last batch that is known to be in the remote, and the one under way. */
    String state() {
        return "state/" + remote;
    }

    /** In the local store: the tables that were compared whole since their changes are captured. */
    String whole() {
        return "whole/" + remote;
    }

    /** In the remote store: the last batches of this client. */
    String checkpoint() {
        return "checkpoint/" + local;
    }

    /** In the book of whole tables. */
    static Digest wholeId(Direction direction, Capture capture, String table) {
        return Digest.of((direction + "/" + capture + "/" + folded(table)).getBytes(StandardCharsets.UTF_8));
    }

    /** Where the changes of a table are that travel one way. */
    ChangeFeed feed(Direction direction, String table, Capture capture) {
        UUID reader = direction == Direction.PUSH ? remote : local;
        return new ChangeFeed(table, capture == Capture.TRIGGERS ? Optional.of(reader) : Optional.empty());
    }
}
