package dev.berth.sync;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run: all tables, parents first, then deletes, children first, then what had to wait. Used once. */
final class SyncRun {
    private static final Logger LOG = LoggerFactory.getLogger(SyncRun.class);

    private final SyncStore local;
    private final SyncStore remote;
    private final List<TablePlan> plans;
    private final Rules rules;
    private final Kind kind;
    private final Clock clock;
    private final Watch watch;
    private Books books;
    private @Nullable Carrier carrier;
    private @Nullable Capturing capturing;
    private @Nullable Beside beside;
    private final List<Leg> legs = new ArrayList<>();
    private final Set<Digest> planned = new HashSet<>();
    private @Nullable RunClock time;

    /** Whether anything is written. */
    enum Kind {
        REAL,
        REHEARSED
    }

    /**
     * Who watches a run.
     *
     * @param listener is told of its progress
     * @param goesOn says before each batch whether it may go on
     */
    record Watch(Consumer<SyncReport.Table> listener, BooleanSupplier goesOn) {}

    /** It may not go on. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    SyncRun(
            SyncStore local,
            SyncStore remote,
            List<TablePlan> plans,
            Rules rules,
            Kind kind,
            Clock clock,
            Watch watch) {
        this.local = local;
        this.remote = remote;
        this.plans = plans;
        this.rules = rules;
        this.kind = kind;
        this.clock = clock;
        this.watch = watch;
        this.books = new Books(local.identity(), remote.identity());
    }

    SyncReport run(List<Direction> directions) {
        Instant started = clock.instant();
        long begin = System.nanoTime();
        var status = SyncReport.Status.SUCCESS;
        Optional<String> cause = Optional.empty();
        try (Beside threads = local.sessions() < Beside.SESSIONS ? null : new Beside()) {
            beside = threads;
            prepare();
            for (Direction direction : directions) {
                run(direction);
            }
        } catch (SyncUnavailableException failed) {
            if (failed.reason() == SyncUnavailableException.Reason.BUSY) {
                throw failed;
            }
            LOG.warn("the sync ends early: {}", failed.getMessage());
            status = failed.reason() == SyncUnavailableException.Reason.OFFLINE
                    ? SyncReport.Status.OFFLINE
                    : SyncReport.Status.FAILED;
            cause = Optional.ofNullable(failed.getMessage());
        } catch (IllegalStateException
                | IllegalArgumentException
                | ArithmeticException
                | DateTimeException
                | IndexOutOfBoundsException unexpected) {
            LOG.error("a sync ended by a fault of its own", unexpected);
            status = SyncReport.Status.FAILED;
            cause = Optional.of("a fault that should not be, please tell of it: " + unexpected);
        } catch (Stopped stopped) {
            status = SyncReport.Status.STOPPED;
            cause = Optional.of("it was asked to stop");
        }
        return new SyncReport(
                status,
                started,
                Duration.ofNanos(System.nanoTime() - begin),
                legs.stream().map(Leg::report).toList(),
                cause,
                0);
    }

    /** The report of a run that could not even read the tables' declarations. */
    static SyncReport unreached(SyncUnavailableException failed, Clock clock) {
        var status = failed.reason() == SyncUnavailableException.Reason.OFFLINE
                ? SyncReport.Status.OFFLINE
                : SyncReport.Status.FAILED;
        LOG.warn("no sync: {}", failed.getMessage());
        return new SyncReport(
                status, clock.instant(), Duration.ZERO, List.of(), Optional.ofNullable(failed.getMessage()), 0);
    }

    private void prepare() {
        if (isReal()) {
            carrier = Carrier.begin(local, remote, plans, rules.batch(), beside);
            books = carrier.books();
        } else {
            books = Books.of(local, remote);
        }
        var changes = new Capturing(local, remote, plans, rules, books, kind);
        if (isReal()) {
            changes.start();
        }
        capturing = changes;
    }

    Capturing capturing() {
        return Objects.requireNonNull(capturing);
    }

    private Carrier carrier() {
        return Objects.requireNonNull(carrier);
    }

    /** Notes what became of rows of which none is written. */
    void note(Direction direction, Effects effects) {
        if (isReal() && !effects.isEmpty()) {
            carrier().note(direction, effects);
        }
    }

    private void run(Direction direction) {
        capturing().begin(direction);
        List<Leg> these =
                plans.stream().map(plan -> new Leg(this, plan, direction)).toList();
        legs.addAll(these);
        these.forEach(Leg::carryRows);
        carryDeletes(direction, these);
        these.forEach(Leg::carryLater);
        // What lies behind it was noted by batches; so it needs no mark of its own.
        note(
                Direction.PUSH,
                capturing()
                        .compared(these.stream()
                                .filter(leg -> !leg.hasWaiting())
                                .map(Leg::plan)
                                .toList()));
    }

    void carry(Direction direction, Batch batch, List<Item> items, Function<List<Item>, Effects> effects) {
        inTarget(direction, (session, early) -> {
            var decided = new AtomicReference<@Nullable Effects>();
            batch.carry(session, items, () -> {
                if (direction == Direction.PUSH) {
                    Effects soon = effects.apply(items);
                    decided.set(soon);
                    early.accept(soon);
                }
            });
            capturing().noteBack(direction, batch.plan(), items, session);
            capturing().forgetEchoes(direction, batch.plan(), items, session);
            Effects soon = decided.get();
            return soon != null && batch.isAsDecided() ? soon : effects.apply(items);
        });
    }

    /**
     * Children first; then what was referred to, while that frees others; then circles. Of the rest that waits which is
     * referred to by what was deleted after it was read; and what others refer to stays.
     */
    private void carryDeletes(Direction direction, List<Leg> these) {
        List<Leg> childrenFirst = new ArrayList<>(these);
        Collections.reverse(childrenFirst);
        childrenFirst.forEach(leg -> leg.gone().carry());
        boolean frees = true;
        while (frees) {
            frees = false;
            for (Leg leg : childrenFirst) {
                frees |= leg.gone().carryHeld();
            }
        }
        var circles = new Circles(
                childrenFirst.stream().map(leg -> leg.gone().deletes()).toList());
        if (!circles.isEmpty() && isReal()) {
            inTarget(direction, (session, early) -> circles.carry(session));
            circles.tell();
        }
        if (isReal()) {
            var referrers = new Referrers(this, these, direction);
            childrenFirst.forEach(leg -> leg.gone().leave(referrers.waiting(leg)));
        }
        childrenFirst.forEach(leg -> leg.gone().conclude());
    }

    void forget(Direction direction, List<Long> changes) {
        var effects = new Effects();
        effects.forget(changes);
        note(direction, effects);
    }

    /** Does work whose batches touch no row twice, so that what it leaves in the books need not be there at once. */
    void settlingSome(Runnable work) {
        if (isReal()) {
            carrier().settlingSome(work);
        } else {
            work.run();
        }
    }

    /** What a book is to say of what has arrived in this run, as far as it does not say it yet. */
    Optional<Effects.Change> unsettled(String book, Digest id) {
        return carrier == null ? Optional.empty() : carrier.unsettled(book, id);
    }

    void inTarget(Direction direction, Carrier.Work work) {
        if (isReal()) {
            carrier().carry(direction, work);
        } else {
            Carrier.run(direction == Direction.PUSH ? remote : local, session -> work.run(session, early -> {}));
        }
    }

    /** The first rows that are deleted in a week take the place of those that were deleted long ago. */
    void expireDeleted(TablePlan plan) {
        String book = books.deleted(plan.name(), KeptRows.week(now()));
        if (isReal()) {
            Carrier.run(local, session -> {
                if (session.notesAfter(book, Optional.empty(), 1).isEmpty()) {
                    KeptRows.expire(session, books, plan.name(), now());
                }
                return true;
            });
        }
    }

    Batch.Rehearsal rehearsal(Direction direction) {
        return new Batch.Rehearsal() {
            @Override
            public boolean isReal() {
                return SyncRun.this.isReal();
            }

            @Override
            public boolean needsPlaces() {
                return direction == Direction.PULL;
            }

            @Override
            public void planned(TablePlan plan, Item item) {
                if (plans.stream().anyMatch(one -> one.refersTo(Set.of(plan.folded())))) {
                    planned.add(keyOf(direction, plan.name(), plan.keyOf(item.row)));
                }
            }

            @Override
            public boolean isPlanned(RowShape shape, int link, SyncRow row) {
                if (planned.isEmpty() || !(shape.members().get(link) instanceof RowShape.Link to)) {
                    return false;
                }
                int from = shape.offset(link);
                return planned.contains(
                        keyOf(direction, to.parent(), Arrays.copyOfRange(row.values(), from, from + to.width())));
            }
        };
    }

    private static Digest keyOf(Direction direction, String table, @Nullable Object[] key) {
        return RowCodec.digest(direction.name(), table.toLowerCase(Locale.ROOT), RowCodec.encode(key));
    }

    SyncStore local() {
        return local;
    }

    SyncStore remote() {
        return remote;
    }

    /** The threads that work beside the run's; null where the local store may not be able to work for two. */
    @Nullable
    Beside beside() {
        return beside;
    }

    Rules rules() {
        return rules;
    }

    Books books() {
        return books;
    }

    Instant now() {
        return clock.instant();
    }

    /** The time that rows are stamped by. */
    RunClock time() {
        RunClock found = time;
        if (found == null) {
            found = RunClock.between(local, remote);
            time = found;
        }
        return found;
    }

    boolean isReal() {
        return kind == Kind.REAL;
    }

    /** Between two batches a run can end with nothing half done. */
    void heedStop() {
        if (!watch.goesOn().getAsBoolean()) {
            throw new Stopped();
        }
    }

    /** A listener that throws ends nothing. */
    void progress(Leg leg) {
        try {
            watch.listener().accept(leg.report());
        } catch (RuntimeException thrown) {
            LOG.warn("a listener of a sync failed", thrown);
        }
    }
}
