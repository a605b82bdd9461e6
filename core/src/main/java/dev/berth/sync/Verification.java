package dev.berth.sync;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compares a table of both sides in memory that does not grow with it: rows fall into buckets by the digest of their key,
 * and of each bucket the number and the sum of the contents' digests are compared. A sum, not an exclusive or: equal
 * changes of two rows would cancel out. Only buckets that differ are read once more.
 */
final class Verification {
    private static final int BUCKETS = 4_096;
    private static final int MOST_FOUND = 10_000;

    private final TablePlan plan;
    private final SyncStore local;
    private final SyncStore remote;
    private final int limit;

    /** Of each bucket the number of rows, and the sum of their digests in two halves. */
    private static final class Sums {
        private final long[] counts = new long[BUCKETS];
        private final long[] highs = new long[BUCKETS];
        private final long[] lows = new long[BUCKETS];

        void add(int bucket, Digest content) {
            counts[bucket]++;
            highs[bucket] += content.high();
            lows[bucket] += content.low();
        }

        boolean isSame(Sums other, int bucket) {
            return counts[bucket] == other.counts[bucket]
                    && highs[bucket] == other.highs[bucket]
                    && lows[bucket] == other.lows[bucket];
        }
    }

    /** A row of a bucket that differs. */
    private record Seen(List<@Nullable Object> key, Digest content) {}

    Verification(TablePlan plan, SyncStore local, SyncStore remote, int limit) {
        this.plan = plan;
        this.local = local;
        this.remote = remote;
        this.limit = limit;
    }

    List<Divergence> run() {
        Sums here = sums(local, plan.local());
        Sums there = sums(remote, plan.remote());
        boolean[] differ = new boolean[BUCKETS];
        IntStream.range(0, BUCKETS).forEach(bucket -> differ[bucket] = !here.isSame(there, bucket));
        List<Divergence> found = new ArrayList<>();
        int from = 0;
        while (from < BUCKETS && found.size() < MOST_FOUND) {
            // As many buckets at once as hold a bounded number of rows.
            int to = from;
            long rows = 0;
            while (to < BUCKETS && (rows == 0 || rows < 10L * MOST_FOUND)) {
                rows += differ[to] ? Math.max(1, here.counts[to] + there.counts[to]) : 0;
                to++;
            }
            if (rows > 0) {
                compare(differ, from, to, found);
            }
            from = to;
        }
        return found.subList(0, Math.min(found.size(), MOST_FOUND));
    }

    private static int bucket(Digest id) {
        return (int) (id.high() >>> 52);
    }

    private Sums sums(SyncStore store, TablePlan.Side side) {
        var sums = new Sums();
        each(store, side, row -> sums.add(bucket(Item.idOf(plan, row)), RowCodec.digest(row.values())));
        return sums;
    }

    private void each(SyncStore store, TablePlan.Side side, Consumer<SyncRow> work) {
        Optional<String> after = Optional.empty();
        var room = new PageRoom(limit);
        int asked = 0;
        int size = 0;
        while (size == asked) {
            Optional<String> from = after;
            int most = room.next();
            asked = most;
            List<SyncRow> rows = Carrier.run(store, session -> session.page(side.shape(), from, most));
            room.saw(rows);
            size = rows.size();
            if (size > 0) {
                after = rows.get(size - 1).locator();
                rows.stream()
                        .filter(row -> !row.isDeleted())
                        .map(plan::canonical)
                        .forEach(work);
            }
        }
    }

    private void compare(boolean[] differ, int from, int to, List<Divergence> found) {
        Map<Digest, Seen> here = seen(local, plan.local(), differ, from, to);
        Map<Digest, Seen> there = seen(remote, plan.remote(), differ, from, to);
        here.forEach((id, row) -> {
            Seen other = there.get(id);
            if (other == null) {
                found.add(divergence(row, Divergence.Kind.MISSING_REMOTE));
            } else if (!other.content().equals(row.content())) {
                found.add(divergence(row, Divergence.Kind.DIFFERENT));
            }
        });
        there.forEach((id, row) -> {
            if (!here.containsKey(id)) {
                found.add(divergence(row, Divergence.Kind.MISSING_LOCAL));
            }
        });
    }

    private Divergence divergence(Seen row, Divergence.Kind kind) {
        return new Divergence(plan.name(), Collections.unmodifiableList(row.key()), kind);
    }

    private Map<Digest, Seen> seen(SyncStore store, TablePlan.Side side, boolean[] differ, int from, int to) {
        Map<Digest, Seen> seen = new HashMap<>();
        each(store, side, row -> {
            Digest id = Item.idOf(plan, row);
            int bucket = bucket(id);
            if (bucket >= from && bucket < to && differ[bucket]) {
                seen.put(id, new Seen(Arrays.asList(plan.keyOf(row)), RowCodec.digest(row.values())));
            }
        });
        return seen;
    }
}
