package dev.berth.sync;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Notes rows as changed, so that a run looks at them though nothing was captured of them. Used once. */
final class Recomparison {
    private final TablePlan plan;
    private final SyncStore local;
    private final SyncStore remote;
    private final Books books;
    private final Rules rules;

    Recomparison(TablePlan plan, SyncStore local, SyncStore remote, Books books, Rules rules) {
        this.plan = plan;
        this.local = local;
        this.remote = remote;
        this.books = books;
        this.rules = rules;
    }

    void note(Collection<Divergence> some) {
        List<SyncRow> keys = some.stream()
                .filter(one -> one.table().equalsIgnoreCase(plan.name()))
                .map(one -> plan.rowOfKey(one.key().toArray()))
                .toList();
        for (Direction direction : Direction.values()) {
            for (int from = 0;
                    rules.capture(direction) != Capture.COMPARISON && from < keys.size();
                    from += rules.batch()) {
                note(direction, keys.subList(from, Math.min(from + rules.batch(), keys.size())));
            }
        }
    }

    private void note(Direction direction, List<SyncRow> keys) {
        RowShape shape = plan.source(direction).shape();
        ChangeFeed feed = books.feed(direction, shape.table(), rules.capture(direction));
        Map<Digest, Agreed> agreed = agreed(keys);
        Carrier.run(direction == Direction.PUSH ? local : remote, session -> {
            List<Lookup> found = session.find(shape, keys, SyncSession.Locking.NONE);
            for (int i = 0; i < keys.size(); i++) {
                Digest id = Item.idOf(plan, keys.get(i));
                Optional<String> place = found.get(i)
                        .found()
                        .filter(row -> Item.idOf(plan, plan.canonical(row)).equals(id))
                        .flatMap(SyncRow::locator);
                if (place.isPresent()) {
                    session.note(feed, place.get(), RowChange.Kind.UPDATED);
                } else if (agreed.containsKey(id)) {
                    // Places are the local store's; of the other one it is enough that something is gone.
                    String was = agreed.get(id).place().orElse("");
                    session.note(feed, direction == Direction.PUSH ? was : "", RowChange.Kind.GONE);
                }
            }
            return true;
        });
    }

    private Map<Digest, Agreed> agreed(List<SyncRow> keys) {
        List<Digest> ids = new ArrayList<>();
        keys.forEach(key -> ids.add(Item.idOf(plan, key)));
        return Carrier.run(local, session -> session.notes(books.agreed(plan.name()), ids)).stream()
                .map(Agreed::of)
                .collect(Collectors.toMap(Agreed::id, Function.identity()));
    }
}
