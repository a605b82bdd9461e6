package dev.berth.sync;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells which deleted rows are referred to, in the target, by nothing but what the source has deleted or turned to another
 * row, too. Its tables were read before that happened, so a later run takes the referrers away: no conflict, and the rows
 * wait until then. What others refer to by rows of their own, or by rows that they have changed, is one.
 */
final class Referrers {
    private final SyncRun run;
    private final List<Leg> legs;
    private final Direction direction;
    /** Referrers for which a comparison was ordered. */
    private final Set<Digest> compared = new HashSet<>();

    Referrers(SyncRun run, List<Leg> legs, Direction direction) {
        this.run = run;
        this.legs = legs;
        this.direction = direction;
    }

    /** A row of the target that refers to a deleted one, as it is there. */
    private record Referrer(Agreed deleted, SyncRow there, Digest id) {}

    /** Of rows that the source has not, and that are referred to in the target, those that wait. */
    Set<Digest> waiting(TablePlan plan, List<Agreed> referred) {
        Set<Digest> waiting = new HashSet<>();
        for (Leg leg : legs) {
            List<RowShape.Member> members = leg.plan().local().shape().members();
            for (int i = 0; i < members.size(); i++) {
                if (members.get(i) instanceof RowShape.Link link
                        && TablePlan.folded(link.parent()).equals(plan.folded())) {
                    List<Referrer> leaving = leaving(leg, i, asAgreed(leg, referrers(leg, i, referred)));
                    leaving.forEach(one -> waiting.add(one.deleted.id()));
                    compare(leg, leaving);
                }
            }
        }
        return waiting;
    }

    /**
     * Nobody may have noted that they leave: a parent that was renamed changes the keys of its children, too. What is set aside
     * is tried again in any case.
     */
    private void compare(Leg leg, List<Referrer> leaving) {
        Set<Digest> ids = leaving.stream().map(Referrer::id).collect(Collectors.toSet());
        ids.removeAll(compared);
        if (ids.isEmpty()) {
            return;
        }
        compared.addAll(ids);
        String aside = run.books().aside(direction, leg.plan().name());
        if (Carrier.run(run.local(), session -> session.notes(aside, ids)).size() < ids.size()) {
            leg.lookEverywhere();
        }
    }

    /** One of those that refer to each row: if that one leaves, the next run asks about the others. */
    private List<Referrer> referrers(Leg leg, int link, List<Agreed> referred) {
        TablePlan plan = leg.plan();
        RowShape shape = plan.target(direction).shape();
        List<String> columns = shape.members().get(link).columns();
        List<SyncRow> referring = referred.stream()
                .map(one -> referringTo(shape, link, one.keyValues()))
                .toList();
        List<Optional<SyncRow>> found = Carrier.run(
                direction == Direction.PUSH ? run.remote() : run.local(),
                session -> session.holders(
                        shape,
                        new StoreTable.Unique(String.join(",", columns), columns, StoreTable.Reach.PARTIAL),
                        referring));
        Map<Digest, Referrer> referrers = new HashMap<>();
        for (int i = 0; i < found.size(); i++) {
            Agreed deleted = referred.get(i);
            found.get(i)
                    .filter(row -> !row.isDeleted() && row.fault().isEmpty())
                    .map(plan::canonical)
                    .ifPresent(row -> referrers.put(deleted.id(), new Referrer(deleted, row, Item.idOf(plan, row))));
        }
        return List.copyOf(referrers.values());
    }

    private static SyncRow referringTo(RowShape shape, int link, @Nullable Object[] parent) {
        @Nullable Object[] values = new @Nullable Object[shape.width()];
        System.arraycopy(parent, 0, values, shape.offset(link), parent.length);
        return SyncRow.of(values);
    }

    /** Those that nobody has changed in the target, and whose own delete has not been tried in vain. */
    private List<Referrer> asAgreed(Leg leg, List<Referrer> referrers) {
        if (referrers.isEmpty()) {
            return List.of();
        }
        Set<Digest> ids = new HashSet<>();
        referrers.forEach(one -> ids.add(one.id));
        Map<Digest, Digest> agreed = new HashMap<>();
        String book = run.books().agreed(leg.plan().name());
        Carrier.run(run.local(), session -> session.notes(book, ids)).stream()
                .map(Agreed::of)
                .forEach(one -> agreed.put(one.id(), one.ofTarget(direction)));
        leg.deletes().held().forEach(one -> agreed.remove(one.agreed().id()));
        return referrers.stream()
                .filter(one -> RowCodec.digest(one.there.values()).equals(agreed.get(one.id)))
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
        List<Lookup> found = Carrier.run(
                direction == Direction.PUSH ? run.local() : run.remote(),
                session -> session.find(shape, keys, SyncSession.Locking.NONE));
        Map<Digest, SyncRow> source = new HashMap<>();
        found.forEach(lookup -> lookup.found()
                .filter(row -> !row.isDeleted())
                .map(plan::canonical)
                .ifPresent(row -> source.put(Item.idOf(plan, row), row)));
        int from = shape.offset(link);
        int to = from + shape.members().get(link).width();
        return referrers.stream()
                .filter(one -> {
                    SyncRow row = source.get(one.id);
                    return row == null
                            || (row.fault().isEmpty()
                                    && !Arrays.deepEquals(
                                            Arrays.copyOfRange(row.values(), from, to),
                                            Arrays.copyOfRange(one.there.values(), from, to)));
                })
                .toList();
    }
}
