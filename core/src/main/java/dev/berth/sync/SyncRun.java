package dev.berth.sync;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
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
    private @Nullable Beside beside;
    private final List<Leg> legs = new ArrayList<>();
    private final Set<Digest> planned = new HashSet<>();
    private Set<Digest> whole = Set.of();
    private Direction way = Direction.PUSH;
    private boolean refusedThere;
    private @Nullable RunClock time;

    /** Tables whose rows are to be compared though their changes are captured. */
    private final Set<String> toCompare = new HashSet<>();

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
            capture();
        } else {
            books = Books.of(local, remote);
        }
    }

    private Carrier carrier() {
        return Objects.requireNonNull(carrier);
    }

    /** Notes what became of rows of which none is written. */
    void note(Direction direction, Effects effects) {
        if (isReal() && !effects.isEmpty()) {
            carrier().note(direction, session -> effects);
        }
    }

    /** What was not captured before this moment is compared whole once more. */
    private void capture() {
        if (rules.capture() == Capture.TRIGGERS) {
            capture(Direction.PUSH, local, books.remote());
        }
        if (rules.remoteCapture() == Capture.TRIGGERS) {
            try {
                capture(Direction.PULL, remote, books.local());
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

    private void capture(Direction direction, SyncStore store, UUID reader) {
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
    private boolean isCapturing(Direction direction) {
        return rules.capture(direction) != Capture.COMPARISON && !(direction == Direction.PULL && refusedThere);
    }

    private Set<Digest> whole(Direction direction) {
        if (!isCapturing(direction)) {
            return Set.of();
        }
        Map<Digest, byte[]> said = new HashMap<>();
        plans.forEach(plan -> said.put(wholeId(direction, plan.name()), plan.declared()));
        return Carrier.run(local, session -> session.notes(books.whole(), said.keySet())).stream()
                .filter(note -> Arrays.equals(note.text(), said.get(note.id())))
                .map(Note::id)
                .collect(Collectors.toSet());
    }

    private void run(Direction direction) {
        way = direction;
        whole = whole(direction);
        toCompare.clear();
        List<Leg> these =
                plans.stream().map(plan -> new Leg(this, plan, direction)).toList();
        legs.addAll(these);
        these.forEach(Leg::carryRows);
        carryDeletes(direction, these);
        these.forEach(Leg::carryLater);
        if (isCapturing(direction) && isReal()) {
            List<TablePlan> seen = these.stream()
                    .filter(leg ->
                            !leg.hasWaiting() && !toCompare.contains(leg.plan().name()))
                    .map(Leg::plan)
                    .filter(plan -> !whole.contains(wholeId(direction, plan.name())))
                    .toList();
            var effects = new Effects();
            for (TablePlan plan : seen) {
                effects.put(books.whole(), Note.of(wholeId(direction, plan.name()), plan.declared()));
                if (direction == Direction.PUSH) {
                    effects.put(Books.CAPTURED, PendingWrites.captured(plan));
                }
            }
            // What lies behind it was noted by batches; so it needs no mark of its own.
            note(Direction.PUSH, effects);
        }
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
            noteBack(direction, batch.plan(), items, session);
            forgetEchoes(direction, batch.plan(), items, session);
            Effects soon = decided.get();
            return soon != null && batch.isAsDecided() ? soon : effects.apply(items);
        });
    }

    /**
     * Where the source has lost, what won is to come from the target; and so is what was made of both, where nobody but
     * this run could note it. Nothing else says that these rows are to be read there.
     */
    private void noteBack(Direction direction, TablePlan plan, List<Item> items, SyncSession target) {
        Direction back = direction == Direction.PUSH ? Direction.PULL : Direction.PUSH;
        if (!isReal() || !isCapturing(back)) {
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
    private void forgetEchoes(Direction direction, TablePlan plan, List<Item> items, SyncSession here) {
        if (!isReal() || direction == Direction.PUSH || rules.capture() != Capture.TRIGGERS) {
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

    /** Children first; then what was referred to, while that frees others; then circles; the rest stays. */
    private void carryDeletes(Direction direction, List<Leg> these) {
        List<Leg> childrenFirst = new ArrayList<>(these);
        Collections.reverse(childrenFirst);
        childrenFirst.forEach(Leg::carryDeletes);
        boolean frees = true;
        while (frees) {
            frees = false;
            for (Leg leg : childrenFirst) {
                frees |= leg.carryHeldDeletes();
            }
        }
        var circles = new Circles(childrenFirst.stream().map(Leg::deletes).toList());
        if (!circles.isEmpty() && isReal()) {
            inTarget(direction, (session, early) -> circles.carry(session));
            circles.tell();
        }
        childrenFirst.forEach(Leg::concludeDeletes);
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

    /** What a book says of what has arrived in this run, as far as it does not say it yet. */
    Optional<Note> unsettled(String book, Digest id) {
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
                if (plans.stream().anyMatch(one -> refersTo(one, Set.of(folded(plan.name()))))) {
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

    /** Whether a table's captured changes are all that is to be read of it, as its turn comes. */
    boolean beginsCaptured(TablePlan plan) {
        return !toCompare.remove(plan.name()) && whole.contains(wholeId(way, plan.name()));
    }

    /**
     * A row's key was changed. Rows that refer to it are other ones by that, and so are those that refer to these, but
     * nobody has written them: so their tables are compared, in this run where their turn is yet to come.
     */
    void compareThoseOf(TablePlan plan, Direction direction) {
        if (!isCapturing(direction)) {
            return;
        }
        Set<String> reached = new HashSet<>(Set.of(folded(plan.name())));
        Set<String> found = new HashSet<>();
        boolean grows = true;
        while (grows) {
            grows = false;
            for (TablePlan one : plans) {
                if (!found.contains(one.name()) && refersTo(one, reached)) {
                    found.add(one.name());
                    grows |= reached.add(folded(one.name()));
                }
            }
        }
        if (!found.isEmpty() && isReal()) {
            Carrier.run(local, session -> {
                session.remove(
                        books.whole(),
                        found.stream().map(name -> wholeId(direction, name)).toList());
                return true;
            });
        }
        toCompare.addAll(found);
    }

    private static boolean refersTo(TablePlan plan, Set<String> tables) {
        return plan.local().shape().members().stream()
                .anyMatch(member -> member instanceof RowShape.Link link && tables.contains(folded(link.parent())));
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
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
