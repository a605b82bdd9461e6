package dev.berth.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Empties the local tables, children first, and all that the books say of them but for lost rows. Used once. */
final class CacheClearing {
    private final SyncStore local;
    private final List<TablePlan> plans;
    private final Books books;
    private final int batch;
    private List<Books> all = List.of();

    CacheClearing(SyncStore local, List<TablePlan> plans, Books books, int batch) {
        this.local = local;
        this.plans = plans;
        this.books = books;
        this.batch = batch;
    }

    long clear(Unsent unsent) {
        try {
            return local.transact(session -> {
                all = books.all(session);
                if (unsent == Unsent.KEEP) {
                    checkSent(session);
                }
                return clear(session);
            });
        } catch (RowFaultException fault) {
            throw refused("the local database keeps a row: " + fault.getMessage());
        }
    }

    /** Rows that a second remote store has otherwise, by fewer columns or digits, cannot be told from unsent ones. */
    private void checkSent(SyncSession session) {
        for (Books one : all) {
            boolean isOther = !one.remote().equals(books.remote());
            List<TablePlan> synced = plans.stream()
                    .filter(plan -> !isOther || session.countNotes(one.agreed(plan.name())) > 0)
                    .toList();
            long pending = PendingWrites.exact(session, synced, one, batch);
            if (pending > 0) {
                throw refused(pending + " local changes have not reached "
                        + (isOther ? "another remote database that this one is synced with" : "the remote database")
                        + ": push first, or clear with " + Unsent.GIVE_UP);
            }
        }
    }

    private static SyncRefusedException refused(String why) {
        return new SyncRefusedException(List.of(why));
    }

    private long clear(SyncSession session) throws RowFaultException {
        for (Books one : all) {
            // Another process in the midst of a run finds that it is not the last one, and leaves the books alone.
            Meeting.take(session, one, UUID.randomUUID().toString());
            Meeting.keepLost(session, one);
            session.remove(one.state(), Books.UNDER_WAY);
        }
        long removed = 0;
        for (TablePlan plan : plans) {
            unlink(session, plan);
        }
        for (int i = plans.size() - 1; i >= 0; i--) {
            removed += empty(session, plans.get(i));
        }
        all.forEach(one -> forget(session, one));
        return removed;
    }

    /** To every remote store these rows would be deleted ones. */
    private void forget(SyncSession session, Books one) {
        session.clear(one.whole());
        for (TablePlan plan : plans) {
            session.clear(one.agreed(plan.name()));
            session.clear(one.aside(Direction.PUSH, plan.name()));
            session.clear(one.aside(Direction.PULL, plan.name()));
            forgetChanges(session, one, plan.local().shape().table());
        }
    }

    /** Rows that refer to each other in a circle could not be deleted one after the other. */
    private void unlink(SyncSession session, TablePlan plan) throws RowFaultException {
        if (plan.deferred().isEmpty()) {
            return;
        }
        List<Integer> links = List.copyOf(plan.deferred());
        Optional<String> after = Optional.empty();
        int size = batch;
        while (size == batch) {
            List<SyncRow> rows = session.page(plan.local().shape(), after, batch);
            size = rows.size();
            after = size == 0 ? after : rows.get(size - 1).locator();
            List<SyncRow> unlinked = rows.stream()
                    .filter(row -> row.fault().isEmpty())
                    .map(row -> plan.without(links, row))
                    .toList();
            if (!unlinked.isEmpty()) {
                session.update(plan.local().shape(), unlinked);
            }
        }
    }

    private long empty(SyncSession session, TablePlan plan) throws RowFaultException {
        TablePlan.Side side = plan.local();
        long removed = 0;
        List<SyncRow> rows = session.page(side.shape(), Optional.empty(), batch);
        while (!rows.isEmpty()) {
            List<String> places =
                    rows.stream().flatMap(row -> row.locator().stream()).toList();
            Set<String> referred =
                    side.referrers().isEmpty() ? Set.of() : session.referred(side.shape(), side.referrers(), places);
            if (!referred.isEmpty()) {
                throw refused(referred.size() + " rows of " + plan.name()
                        + " are referred to by tables that are not synced: remove those rows first");
            }
            if (session.delete(side.shape(), places) == 0) {
                throw refused("no row of " + plan.name()
                        + " goes when it is deleted: see to its triggers and its primary key");
            }
            removed += places.size();
            rows = session.page(side.shape(), Optional.empty(), batch);
        }
        return removed;
    }

    /** Those of the deletions themselves too. */
    private void forgetChanges(SyncSession session, Books one, String table) {
        for (Capture capture : List.of(Capture.TRIGGERS, Capture.CALLS)) {
            forgetChanges(session, one.feed(Direction.PUSH, table, capture));
        }
    }

    private void forgetChanges(SyncSession session, ChangeFeed feed) {
        List<RowChange> changes = session.changes(feed, Optional.empty(), batch);
        while (!changes.isEmpty()) {
            List<Long> numbers = new ArrayList<>();
            changes.forEach(change -> numbers.add(change.number()));
            session.forget(numbers);
            changes = session.changes(feed, Optional.empty(), batch);
        }
    }
}
