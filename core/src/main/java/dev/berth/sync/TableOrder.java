package dev.berth.sync;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/** Parents before children; where tables refer to each other in a circle, links that take NULL are written last. */
final class TableOrder {
    private TableOrder() {}

    static List<TablePlan> sort(
            List<TablePlan> plans, BiPredicate<TablePlan, RowShape.Member> isNullable, List<String> reasons) {
        List<TablePlan> left = new ArrayList<>(plans);
        List<TablePlan> sorted = new ArrayList<>();
        Set<String> done = new HashSet<>();
        while (!left.isEmpty()) {
            Optional<TablePlan> next = left.stream()
                    .filter(plan ->
                            plan.parents().stream().map(TableOrder::folded).allMatch(done::contains))
                    .findFirst();
            if (next.isPresent()) {
                left.remove(next.get());
                sorted.add(next.get());
                done.add(folded(next.get().name()));
                continue;
            }
            Optional<TablePlan> broken = left.stream()
                    .flatMap(plan -> deferring(plan, done, isNullable).stream())
                    .findFirst();
            if (broken.isEmpty()) {
                reasons.add("the tables " + left.stream().map(TablePlan::name).toList()
                        + " refer to each other, and no column of it takes NULL: let one take it");
                return List.of();
            }
            left.replaceAll(plan -> plan.name().equals(broken.get().name()) ? broken.get() : plan);
        }
        return sorted;
    }

    /** The plan with one more link deferred, of those whose parents do not come before; empty if there is none. */
    private static Optional<TablePlan> deferring(
            TablePlan plan, Set<String> done, BiPredicate<TablePlan, RowShape.Member> isNullable) {
        RowShape shape = plan.local().shape();
        for (int i = 0; i < shape.members().size(); i++) {
            if (shape.members().get(i) instanceof RowShape.Link link
                    && !done.contains(folded(link.parent()))
                    && !plan.deferred().contains(i)
                    && !shape.key().contains(i)
                    && isNullable.test(plan, link)) {
                Set<Integer> deferred = new LinkedHashSet<>(plan.deferred());
                deferred.add(i);
                return Optional.of(new TablePlan(
                        plan.table(),
                        plan.local(),
                        plan.remote(),
                        plan.digits(),
                        plan.version(),
                        plan.numbers(),
                        plan.tombstone(),
                        deferred));
            }
        }
        return Optional.empty();
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
