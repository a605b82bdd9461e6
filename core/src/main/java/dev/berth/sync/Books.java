package dev.berth.sync;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * The names of the books of one pair of stores. All are kept in the local store but for the checkpoint.
 *
 * @param local the local store
 * @param remote the remote store
 */
record Books(UUID local, UUID remote) {
    static final Digest CHECKPOINT = Digest.of("checkpoint".getBytes(StandardCharsets.UTF_8));

    /** The most batches that are under way, or have arrived and are not in the books yet. */
    static final int MOST_UNDER_WAY = 64;

    /** In the local store: the batches under way, in their order. */
    static final List<Digest> UNDER_WAY = IntStream.range(0, MOST_UNDER_WAY)
            .mapToObj(number -> Digest.of(("under way/" + number).getBytes(StandardCharsets.UTF_8)))
            .toList();

    /** In the local store: changes when its tables are emptied. */
    static final Digest ERA = Digest.of("era".getBytes(StandardCharsets.UTF_8));

    /** In the local store: the run that began last, the only one that may go on. */
    static final Digest RUN = Digest.of("run".getBytes(StandardCharsets.UTF_8));

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

    /** In the local store: the last batch that is known to be in the remote, and the one under way. */
    String state() {
        return "state/" + remote;
    }

    /** In the local store: the tables that were compared whole since their changes are captured. */
    String whole() {
        return "whole/" + remote;
    }

    /** In the remote store: the last batch of this local store that it has. */
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
