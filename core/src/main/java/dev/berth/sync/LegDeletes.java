package dev.berth.sync;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Carries the deletes of one table in one direction. A row that is referred to waits until all others have had their turn,
 * since what refers to it may be deleted, too: in a later batch, or in another table.
 */
final class LegDeletes {
    /** So many rows at most are remembered that are referred to; others are found again. */
    private static final int MOST_HELD = 50_000;

    private static final int LARGE = 10_000;

    private final SyncRun run;
    private final TablePlan plan;
    private final Direction direction;
    private final LegBooks books;
    private final Stamps stamps;
    private final Consumer<Outcome> tally;
    private List<Held> held = new ArrayList<>();
    private boolean isMore;

    /**
     * A row that is referred to.
     *
     * @param agreed what was agreed of it
     * @param changes by which it is known to be deleted; they are kept until it is
     */
    record Held(Agreed agreed, List<Long> changes) {}

    /** Whether what is referred to has another turn. */
    private enum Turn {
        FIRST,
        LAST
    }

    LegDeletes(
            SyncRun run, TablePlan plan, Direction direction, LegBooks books, Stamps stamps, Consumer<Outcome> tally) {
        this.run = run;
        this.plan = plan;
        this.direction = direction;
        this.books = books;
        this.stamps = stamps;
        this.tally = tally;
    }

    Burials burials() {
        return new Burials(plan, direction, run.rules(), stamps, run.rehearsal(direction), run.now());
    }

    /** Deletes rows. The captured changes, by their places, are forgotten with them. */
    void carry(List<Agreed> missing, Map<String, List<Long>> changes) {
        carry(missing, changes, Turn.FIRST);
    }

    private void carry(List<Agreed> missing, Map<String, List<Long>> changes, Turn turn) {
        if (missing.isEmpty()) {
            run.forget(direction, all(changes));
            return;
        }
        run.heedStop();
        run.expireDeleted(plan);
        var burials = burials();
        run.inTarget(direction, (session, early) -> {
            burials.judge(session, missing);
            burials.bury(session);
            if (turn == Turn.LAST) {
                burials.conclude();
            }
            burials.forgetStamps(session);
            Map<String, List<Long>> over = new HashMap<>(changes);
            burials.left().forEach(agreed -> agreed.place().ifPresent(over::remove));
            return effects(burials.done(), all(over));
        });
        burials.done().forEach(burial -> tally.accept(burial.outcome()));
        for (Agreed agreed : burials.left()) {
            if (held.size() < MOST_HELD) {
                held.add(new Held(agreed, agreed.place().map(changes::get).orElse(List.of())));
            } else {
                isMore = true;
            }
        }
    }

    private static List<Long> all(Map<String, List<Long>> changes) {
        return changes.values().stream().flatMap(List::stream).toList();
    }

    /** What the books say afterwards. */
    Effects effects(List<Burials.Burial> done, List<Long> changes) {
        var effects = new Effects();
        effects.forget(changes);
        for (Burials.Burial burial : done) {
            String kept = burial.outcome() == Outcome.DELETED ? books.deleted() : books.lost();
            burial.lost().ifPresent(lost -> effects.put(kept, books.lostNote(lost)));
            if (burial.outcome() == Outcome.CONFLICTED) {
                // It stays where it is unchanged, so nothing but a comparison brings it back.
                Direction back = direction == Direction.PUSH ? Direction.PULL : Direction.PUSH;
                effects.remove(books.whole(), books.wholeId(back, run.rules().capture(back)));
            }
            if (burial.outcome() != Outcome.FAILED) {
                stamps.forgetHere(burial.agreed().id(), effects);
                effects.remove(books.agreed(), burial.agreed().id());
            }
        }
        return effects;
    }

    List<Held> held() {
        return held;
    }

    /** Whether there are more than are remembered, and looking for them again is of use. */
    boolean isMore() {
        boolean more = isMore;
        isMore = false;
        return more;
    }

    /** Tries those again that were referred to; says whether some are not any more. */
    boolean again() {
        return turn(Turn.FIRST);
    }

    /** Takes out, and gives, those whose turn is in a later run. */
    List<Held> leave(Set<Digest> waiting) {
        List<Held> left =
                held.stream().filter(one -> waiting.contains(one.agreed().id())).toList();
        held.removeIf(one -> waiting.contains(one.agreed().id()));
        return left;
    }

    /** Leaves what is referred to where it is. */
    void conclude() {
        turn(Turn.LAST);
    }

    private boolean turn(Turn turn) {
        List<Held> before = held;
        held = new ArrayList<>();
        int batch = Math.max(LARGE, run.rules().batch());
        for (int from = 0; from < before.size(); from += batch) {
            List<Held> some = before.subList(from, Math.min(from + batch, before.size()));
            Map<String, List<Long>> changes = new HashMap<>();
            some.forEach(one -> one.agreed().place().ifPresent(at -> changes.put(at, one.changes())));
            carry(some.stream().map(Held::agreed).toList(), changes, turn);
        }
        return held.size() < before.size();
    }

    /** Counts what was deleted with others in a circle. */
    void done(List<Burials.Burial> done) {
        Set<Digest> ids = new HashSet<>();
        done.forEach(burial -> {
            ids.add(burial.agreed().id());
            tally.accept(burial.outcome());
        });
        held.removeIf(one -> ids.contains(one.agreed().id()));
    }
}
