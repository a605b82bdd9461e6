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

    CacheClearing(SyncStore local, List<TablePlan> plans, Books books, int batch) {
        this.local = local;
        this.plans = plans;
        this.books = books;
        this.batch = batch;
    }

    long clear(Unsent unsent) {
        try {
            return local.transact(session -> {
                long pending = unsent == Unsent.KEEP ? new PendingWrites(local).exact(session, plans, books, batch) : 0;
                if (pending > 0) {
                    throw refused(
                            pending + " local changes have not reached the remote database: push first, or clear with "
                                    + Unsent.GIVE_UP);
                }
                return clear(session);
            });
        } catch (RowFaultException fault) {
            throw refused("the local database keeps a row: " + fault.getMessage());
        }
    }

    private static SyncRefusedException refused(String why) {
        return new SyncRefusedException(List.of(why));
    }

    private long clear(SyncSession session) throws RowFaultException {
        // Another process in the midst of a run finds another era, and leaves the books alone.
        session.put(
                books.state(),
                List.of(Note.of(Books.ERA, RowCodec.encode(UUID.randomUUID().toString()))));
        session.remove(books.state(), Books.UNDER_WAY);
        long removed = 0;
        for (TablePlan plan : plans) {
            unlink(session, plan);
        }
        for (int i = plans.size() - 1; i >= 0; i--) {
            removed += empty(session, plans.get(i));
        }
        session.clear(books.whole());
        for (TablePlan plan : plans) {
            session.clear(books.agreed(plan.name()));
            session.clear(books.aside(Direction.PUSH, plan.name()));
            session.clear(books.aside(Direction.PULL, plan.name()));
            forgetChanges(session, plan.local().shape().table());
        }
        return removed;
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
    private void forgetChanges(SyncSession session, String table) {
        for (Capture capture : List.of(Capture.TRIGGERS, Capture.CALLS)) {
            forgetChanges(session, books.feed(Direction.PUSH, table, capture));
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
