package dev.berth.sync;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares a table of both sides in memory that does not grow with it, by sums of the rows' digests. A store that can sums
 * up where the rows are. Only where the sums differ, rows are grouped by the digest of their key, and only groups that
 * differ are read.
 */
final class Verification {
    private static final int BITS = 12;
    private static final int MOST_FOUND = 10_000;

    private final TablePlan plan;
    private final SyncStore local;
    private final SyncStore remote;
    private final int limit;
    private final List<ValueType> types;
    private final List<Integer> key;
    private final RowText text = new RowText();

    /** Of each bucket the number of rows, and the sum of their digests' first 60 bits in two halves. */
    private static final class Sums {
        private static final long HALF = (1L << 30) - 1;
        private final long[] counts = new long[1 << BITS];
        private final long[] highs = new long[1 << BITS];
        private final long[] lows = new long[1 << BITS];

        void add(int bucket, Digest content) {
            counts[bucket]++;
            highs[bucket] += content.high() >>> 34;
            lows[bucket] += content.high() >>> 4 & HALF;
        }

        Map<Integer, RowSum> all() {
            Map<Integer, RowSum> all = new HashMap<>();
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] > 0) {
                    BigInteger sum = BigInteger.valueOf(highs[i]).shiftLeft(30).add(BigInteger.valueOf(lows[i]));
                    all.put(i, new RowSum(i, counts[i], sum));
                }
            }
            return all;
        }
    }

    /** A row of a bucket that differs. */
    private record Seen(List<@Nullable Object> key, Digest content) {}

    Verification(TablePlan plan, SyncStore local, SyncStore remote, int limit) {
        this.plan = plan;
        this.local = local;
        this.remote = remote;
        this.limit = limit;
        this.types = plan.local().shape().types();
        this.key = plan.local().shape().keyValues();
    }

    List<Divergence> run() {
        Optional<Map<Integer, RowSum>> sumHere = summed(local, plan.local(), 0);
        Optional<Map<Integer, RowSum>> tsumHere = summed(remote, plan.remote(), 0);
        // Who has to read the rows gets all groups by it.
        Map<Integer, RowSum> here = sumHere.orElseGet(() -> read(local, plan.local()));
        Map<Integer, RowSum> there = tsumHere.orElseGet(() -> read(remote, plan.remote()));
        if (total(here).equals(total(there))) {
            return List.of();
        }
        Map<Integer, RowSum> heres = sumHere.isPresent() ? grouped(local, plan.local()) : here;
        Map<Integer, RowSum> theres = tsumHere.isPresent() ? grouped(remote, plan.remote()) : there;
        return differences(heres, theres);
    }

    private List<Divergence> differences(Map<Integer, RowSum> here, Map<Integer, RowSum> there) {
        Set<Integer> differ = new TreeSet<>(here.keySet());
        differ.addAll(there.keySet());
        differ.removeIf(bucket -> here.containsKey(bucket) && here.get(bucket).equals(there.get(bucket)));
        List<Divergence> found = new ArrayList<>();
        Set<Integer> some = new HashSet<>();
        long rows = 0;
        for (int bucket : differ) {
            // As many groups at once as hold a bounded number of rows.
            some.add(bucket);
            rows += count(here.get(bucket)) + count(there.get(bucket));
            if (rows >= 10L * MOST_FOUND) {
                compare(some, found);
                some.clear();
                rows = 0;
            }
            if (found.size() >= MOST_FOUND) {
                return found.subList(0, MOST_FOUND);
            }
        }
        if (!some.isEmpty()) {
            compare(some, found);
        }
        return found.subList(0, Math.min(found.size(), MOST_FOUND));
    }

    private static long count(@Nullable RowSum sum) {
        return sum == null ? 0 : sum.count();
    }

    private static RowSum total(Map<Integer, RowSum> sums) {
        return new RowSum(
                0,
                sums.values().stream().mapToLong(RowSum::count).sum(),
                sums.values().stream().map(RowSum::sum).reduce(BigInteger.ZERO, BigInteger::add));
    }

    private Optional<Map<Integer, RowSum>> summed(SyncStore store, TablePlan.Side side, int bits) {
        Optional<List<RowSum>> sums = Carrier.run(store, session -> session.sums(side.shape(), plan.digits(), bits));
        return sums.map(all -> {
            Map<Integer, RowSum> byBucket = new HashMap<>();
            all.forEach(sum -> byBucket.put(sum.bucket(), sum));
            return byBucket;
        });
    }

    private Map<Integer, RowSum> grouped(SyncStore store, TablePlan.Side side) {
        return summed(store, side, BITS).orElseGet(() -> read(store, side));
    }

    private int bucket(SyncRow row) {
        return (int) (text.of(types, key, row.values()).high() >>> (Long.SIZE - BITS));
    }

    private Map<Integer, RowSum> read(SyncStore store, TablePlan.Side side) {
        var sums = new Sums();
        each(store, side, row -> sums.add(bucket(row), text.of(types, row.values())));
        return sums.all();
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

    private void compare(Set<Integer> buckets, List<Divergence> found) {
        Map<Digest, Seen> here = seen(local, plan.local(), buckets);
        Map<Digest, Seen> there = seen(remote, plan.remote(), buckets);
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

    private Map<Digest, Seen> seen(SyncStore store, TablePlan.Side side, Set<Integer> buckets) {
        Map<Digest, Seen> seen = new LinkedHashMap<>();
        Consumer<SyncRow> look = row ->
                seen.put(Item.idOf(plan, row), new Seen(Arrays.asList(plan.keyOf(row)), RowCodec.digest(row.values())));
        Optional<List<SyncRow>> rows =
                Carrier.run(store, session -> session.rowsOf(side.shape(), plan.digits(), buckets));
        if (rows.isPresent()) {
            rows.get().stream().map(plan::canonical).forEach(look);
        } else {
            each(store, side, row -> {
                if (buckets.contains(bucket(row))) {
                    look.accept(row);
                }
            });
        }
        return seen;
    }
}
