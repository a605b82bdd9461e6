package dev.berth.sync;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What captured changes tell a run, so that it need not compare all rows: of which tables they tell everything, what must
 * be noted for the way back since nobody else notes it, and which of them are the run's own.
 */
final class Capturing {
    private static final Logger LOG = LoggerFactory.getLogger(Capturing.class);

    private final SyncStore local;
    private final SyncStore remote;
    private final List<TablePlan> plans;
    private final Rules rules;
    private final Books books;
    private final boolean isReal;
    private Set<Digest> whole = Set.of();
    private Direction way = Direction.PUSH;
    private boolean refusedThere;

    /** Tables whose rows are to be compared though their changes are captured. */
    private final Set<String> toCompare = new HashSet<>();

    Capturing(SyncStore local, SyncStore remote, List<TablePlan> plans, Rules rules, Books books, SyncRun.Kind kind) {
        this.local = local;
        this.remote = remote;
        this.plans = plans;
        this.rules = rules;
        this.books = books;
        this.isReal = kind == SyncRun.Kind.REAL;
    }

    /** Sees to it that changes are captured. What was not before this moment is compared whole once more. */
    void start() {
        if (rules.capture() == Capture.TRIGGERS) {
            start(Direction.PUSH, local, books.remote());
        }
        if (rules.remoteCapture() == Capture.TRIGGERS) {
            try {
                start(Direction.PULL, remote, books.local());
            } catch (SyncUnavailableException refused) {
                if (refused.reason() != SyncUnavailableException.Reason.BROKEN) {
                    throw refused;
                }
                LOG.warn(
                        "no triggers can be made in {}, so its rows are compared: {}",
                        remote.describe(),
                        refused.getMessage());
                Carrier.run(local, session -> {
                    session.remove(
                            books.whole(),
                            plans.stream()
                                    .map(plan -> wholeId(Direction.PULL, plan.name()))
                                    .toList());
                    return true;
                });
                refusedThere = true;
            }
        }
    }

    private void start(Direction direction, SyncStore store, UUID reader) {
        List<Digest> fresh =
                store
                        .startCapture(
                                plans.stream()
                                        .map(plan -> plan.source(direction).shape())
                                        .toList(),
                                reader)
                        .stream()
                        .map(table -> wholeId(direction, table))
                        .toList();
        if (!fresh.isEmpty()) {
            Carrier.run(local, session -> {
                session.remove(books.whole(), fresh);
                return true;
            });
        }
    }

    private Digest wholeId(Direction direction, String table) {
        return Books.wholeId(direction, rules.capture(direction), table);
    }

    /** Whether what was compared whole once need not be again. */
    boolean isOn(Direction direction) {
        return rules.capture(direction) != Capture.COMPARISON && !(direction == Direction.PULL && refusedThere);
    }

    /** Begins with one direction. */
    void begin(Direction direction) {
        way = direction;
        whole = whole(direction);
        toCompare.clear();
    }

    private Set<Digest> whole(Direction direction) {
        if (!isOn(direction)) {
            return Set.of();
        }
        Map<Digest, byte[]> said = new HashMap<>();
        plans.forEach(plan -> said.put(wholeId(direction, plan.name()), plan.declared()));
        return Carrier.run(local, session -> session.notes(books.whole(), said.keySet())).stream()
                .filter(note -> Arrays.equals(note.text(), said.get(note.id())))
                .map(Note::id)
                .collect(Collectors.toSet());
    }

    /** Whether a table's captured changes are all that is to be read of it, as its turn comes. */
    boolean isEnough(TablePlan plan) {
        return !toCompare.remove(plan.name()) && whole.contains(wholeId(way, plan.name()));
    }

    /**
     * A row's key was changed. Rows that refer to it are other ones by that, and so are those that refer to these, but
     * nobody has written them: so their tables are compared, in this run where their turn is yet to come.
     */
    void compareThoseOf(TablePlan plan, Direction direction) {
        if (!isOn(direction)) {
            return;
        }
        Set<String> reached = new HashSet<>(Set.of(plan.folded()));
        Set<String> found = new HashSet<>();
        boolean grows = true;
        while (grows) {
            grows = false;
            for (TablePlan one : plans) {
                if (!found.contains(one.name()) && one.refersTo(reached)) {
                    found.add(one.name());
                    grows |= reached.add(one.folded());
                }
            }
        }
        if (!found.isEmpty() && isReal) {
            Carrier.run(local, session -> {
                session.remove(
                        books.whole(),
                        found.stream().map(name -> wholeId(direction, name)).toList());
                return true;
            });
        }
        toCompare.addAll(found);
    }

    /** What the books say when rows of these tables were compared, of which none was left that only that would find again. */
    Effects compared(List<TablePlan> tables) {
        var effects = new Effects();
        if (isOn(way)) {
            for (TablePlan plan : tables) {
                Digest id = wholeId(way, plan.name());
                if (!toCompare.contains(plan.name()) && !whole.contains(id)) {
                    effects.put(books.whole(), Note.of(id, plan.declared()));
                }
            }
        }
        return effects;
    }

    /**
     * Where the source has lost, what won is to come from the target; and so is what was made of both, where nobody but
     * this run could note it. Nothing else says that these rows are to be read there.
     */
    void noteBack(Direction direction, TablePlan plan, List<Item> items, SyncSession target) {
        Direction back = direction == Direction.PUSH ? Direction.PULL : Direction.PUSH;
        if (!isReal || !isOn(back)) {
            return;
        }
        boolean byCalls = rules.capture(back) == Capture.CALLS;
        List<String> places = items.stream()
                .filter(item -> item.outcome == Outcome.CONFLICTED)
                .filter(item -> item.isWritten() ? byCalls && item.toWrite != item.row : item.there != null)
                .flatMap(item -> Optional.ofNullable(item.there).flatMap(SyncRow::locator).stream())
                .toList();
        if (!places.isEmpty()) {
            target.noteChanges(feed(back, plan), places);
        }
    }

    /** What triggers note of rows that are written as they came is no news for where they came from. */
    void forgetEchoes(Direction direction, TablePlan plan, List<Item> items, SyncSession here) {
        if (!isReal || direction == Direction.PUSH || rules.capture() != Capture.TRIGGERS) {
            return;
        }
        List<String> places = items.stream()
                .filter(item -> item.isWritten() && item.toWrite == item.row && item.placeThere != null)
                .map(item -> String.valueOf(item.placeThere))
                .toList();
        if (places.isEmpty()) {
            return;
        }
        Map<String, List<RowChange>> noted = here.changesAt(feed(Direction.PUSH, plan), places).stream()
                .collect(Collectors.groupingBy(RowChange::locator));
        List<Long> echoes = noted.values().stream()
                .filter(some -> some.stream()
                        .allMatch(one -> one.kind() == RowChange.Kind.INSERTED || one.kind() == RowChange.Kind.UPDATED))
                .flatMap(List::stream)
                .map(RowChange::number)
                .toList();
        if (!echoes.isEmpty()) {
            here.forget(echoes);
        }
    }

    private ChangeFeed feed(Direction direction, TablePlan plan) {
        return books.feed(direction, plan.source(direction).shape().table(), rules.capture(direction));
    }
}
