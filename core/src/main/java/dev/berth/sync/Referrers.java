package dev.berth.sync;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells which deleted rows are referred to, in the target, by what the source has deleted or turned to another row, too. Its
 * tables were read before that happened, so a later run takes the referrers away: no conflict, and the rows wait until
 * then; and so do rows that waiting ones refer to. What others refer to by rows of their own, or by rows that they have
 * changed, is a conflict. Used once, when all deletes of a run have had their turns.
 */
final class Referrers {
    /** So many rows are asked about at once. */
    private static final int LARGE = 10_000;

    /** So many of those that refer to one row are looked at: one that leaves is found by the next run, too. */
    private static final int EACH = 10;

    private final SyncRun run;
    private final List<Leg> legs;
    private final Direction direction;
    private final Map<Leg, Set<Digest>> held = new HashMap<>();
    private final Set<Row> waiting = new HashSet<>();
    /** Which held rows a held row refers to. */
    private final Map<Row, List<Row>> referred = new HashMap<>();

    /** A row of a table. */
    private record Row(Leg leg, Digest id) {}

    /** A row of the target that refers to a deleted one, as it is there. */
    private record Referrer(Row deleted, SyncRow there, Digest id) {}

    Referrers(SyncRun run, List<Leg> legs, Direction direction) {
        this.run = run;
        this.legs = legs;
        this.direction = direction;
        for (Leg leg : legs) {
            held.put(
                    leg,
                    leg.gone().deletes().held().stream()
                            .map(one -> one.agreed().id())
                            .collect(Collectors.toSet()));
        }
        legs.forEach(this::look);
        spread();
    }

    /** Those of a table whose turn is in a later run. */
    Set<Digest> waiting(Leg leg) {
        return waiting.stream().filter(row -> row.leg.equals(leg)).map(Row::id).collect(Collectors.toSet());
    }

    private SyncStore source() {
        return direction == Direction.PUSH ? run.local() : run.remote();
    }

    private SyncStore target() {
        return direction == Direction.PUSH ? run.remote() : run.local();
    }

    private void look(Leg parent) {
        List<Agreed> deleted = parent.gone().deletes().held().stream()
                .map(LegDeletes.Held::agreed)
                .toList();
        for (int from = 0; from < deleted.size(); from += LARGE) {
            List<Agreed> some = deleted.subList(from, Math.min(from + LARGE, deleted.size()));
            for (Leg child : legs) {
                List<RowShape.Member> members = child.plan().local().shape().members();
                for (int i = 0; i < members.size(); i++) {
                    if (members.get(i) instanceof RowShape.Link link
                            && TablePlan.folded(link.parent())
                                    .equals(parent.plan().folded())) {
                        look(child, i, referrers(parent, child, i, some));
                    }
                }
            }
        }
    }

    private List<Referrer> referrers(Leg parent, Leg child, int link, List<Agreed> deleted) {
        TablePlan plan = child.plan();
        RowShape shape = plan.target(direction).shape();
        List<SyncRow> referring = deleted.stream()
                .map(one -> referringTo(shape, link, one.keyValues()))
                .toList();
        List<List<SyncRow>> found = Carrier.run(target(), session -> session.referring(shape, link, referring, EACH));
        List<Referrer> referrers = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            var row = new Row(parent, deleted.get(i).id());
            for (SyncRow one : found.get(i)) {
                SyncRow there = plan.canonical(one);
                Digest id = Item.idOf(plan, there);
                if (there.fault().isEmpty() && !new Row(child, id).equals(row)) {
                    referrers.add(new Referrer(row, there, id));
                }
            }
        }
        return referrers;
    }

    private static SyncRow referringTo(RowShape shape, int link, @Nullable Object[] parent) {
        @Nullable Object[] values = new @Nullable Object[shape.width()];
        System.arraycopy(parent, 0, values, shape.offset(link), parent.length);
        return SyncRow.of(values);
    }

    private void look(Leg child, int link, List<Referrer> referrers) {
        Set<Digest> tried = held.getOrDefault(child, Set.of());
        referrers.stream()
                .filter(one -> tried.contains(one.id))
                .forEach(one -> referred.computeIfAbsent(new Row(child, one.id), row -> new ArrayList<>())
                        .add(one.deleted));
        List<Referrer> leaving = leaving(
                child,
                link,
                asAgreed(
                        child,
                        referrers.stream()
                                .filter(one -> !tried.contains(one.id))
                                .toList()));
        leaving.forEach(one -> waiting.add(one.deleted));
        compare(child, leaving.stream().map(Referrer::id).collect(Collectors.toSet()));
    }

    /** What a row that waits refers to waits, too. */
    private void spread() {
        Deque<Row> next = new ArrayDeque<>(waiting);
        while (!next.isEmpty()) {
            for (Row row : referred.getOrDefault(next.remove(), List.of())) {
                if (waiting.add(row)) {
                    next.add(row);
                }
            }
        }
    }

    /**
     * Nobody may have noted that they leave: a parent that was renamed changes the keys of its children, too. What is set aside
     * is tried again in any case.
     */
    private void compare(Leg leg, Set<Digest> leaving) {
        String aside = run.books().aside(direction, leg.plan().name());
        if (!leaving.isEmpty()
                && Carrier.run(run.local(), session -> session.notes(aside, leaving))
                                .size()
                        < leaving.size()) {
            leg.lookEverywhere();
        }
    }

    private Map<Digest, Agreed> agreed(Leg leg, Collection<Referrer> referrers) {
        Set<Digest> ids = referrers.stream().map(Referrer::id).collect(Collectors.toSet());
        String book = run.books().agreed(leg.plan().name());
        return Carrier.run(run.local(), session -> session.notes(book, ids)).stream()
                .map(Agreed::of)
                .collect(Collectors.toMap(Agreed::id, one -> one));
    }

    /** Those that nobody has changed in the target. */
    private List<Referrer> asAgreed(Leg leg, List<Referrer> referrers) {
        if (referrers.isEmpty()) {
            return List.of();
        }
        Map<Digest, Agreed> agreed = agreed(leg, referrers);
        return referrers.stream()
                .filter(one -> Optional.ofNullable(agreed.get(one.id))
                        .filter(note -> note.ofTarget(direction).equals(RowCodec.digest(one.there.values())))
                        .isPresent())
                .toList();
    }

    /** Those that the source has not, or that refer to something else there. */
    private List<Referrer> leaving(Leg leg, int link, List<Referrer> referrers) {
        if (referrers.isEmpty()) {
            return List.of();
        }
        TablePlan plan = leg.plan();
        RowShape shape = plan.source(direction).shape();
        List<SyncRow> keys = referrers.stream()
                .map(one -> plan.rowOfKey(plan.keyOf(one.there)))
                .toList();
        Map<Digest, SyncRow> source = new HashMap<>();
        Carrier.run(source(), session -> session.find(shape, keys, SyncSession.Locking.NONE))
                .forEach(lookup -> lookup.found()
                        .filter(row -> !row.isDeleted())
                        .map(plan::canonical)
                        .ifPresent(row -> source.put(Item.idOf(plan, row), row)));
        Set<Digest> stuck = stuck(leg, shape, referrers);
        int from = shape.offset(link);
        int to = from + shape.members().get(link).width();
        return referrers.stream()
                .filter(one -> {
                    SyncRow row = source.get(one.id);
                    if (row == null) {
                        return !stuck.contains(one.id);
                    }
                    return row.fault().isEmpty()
                            && !Arrays.deepEquals(
                                    Arrays.copyOfRange(row.values(), from, to),
                                    Arrays.copyOfRange(one.there.values(), from, to));
                })
                .toList();
    }

    /** Those in whose places is a row that cannot go: where references are not enforced, it may refer to the deleted one. */
    private Set<Digest> stuck(Leg leg, RowShape shape, List<Referrer> referrers) {
        if (direction == Direction.PULL) {
            // Agreed states know local places only.
            return Set.of();
        }
        Map<String, Digest> places = new HashMap<>();
        agreed(leg, referrers).values().forEach(one -> one.place().ifPresent(at -> places.put(at, one.id())));
        if (places.isEmpty()) {
            return Set.of();
        }
        return Carrier.run(source(), session -> session.located(shape, places.keySet())).stream()
                .filter(row -> row.fault().isPresent())
                .flatMap(row -> row.locator().map(places::get).stream())
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }
}
