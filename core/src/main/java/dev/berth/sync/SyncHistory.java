package dev.berth.sync;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The reports of past runs, kept in the local store under ascending numbers. */
final class SyncHistory {
    private static final Logger LOG = LoggerFactory.getLogger(SyncHistory.class);
    private static final int MOST = 100;

    private final SyncStore local;
    private final String book;
    private final Supplier<Optional<String>> where;
    private final Consumer<SyncReport> listener;
    private volatile @Nullable SyncReport last;

    /**
     * A report as it is kept.
     *
     * @param where the remote store; empty if the run has not reached it
     */
    private record Kept(SyncReport report, Optional<String> where) {}

    /** The remote store may never have been there, so the tables tell whose reports these are, and it tells if it can. */
    SyncHistory(
            SyncStore local, List<SyncTable> tables, Supplier<Optional<String>> where, Consumer<SyncReport> listener) {
        this.local = local;
        this.where = where;
        this.listener = listener;
        this.book = tables.stream()
                .map(table -> table.name().toLowerCase(Locale.ROOT))
                .sorted()
                .collect(Collectors.joining("/", "history/", ""));
    }

    /** Runs, and keeps the report, also of what failed with an exception; of a run that was busy there is none. */
    SyncReport recorded(Clock clock, Supplier<SyncReport> run) {
        Instant started = clock.instant();
        try {
            return keep(run.get());
        } catch (RuntimeException failed) {
            boolean busy = failed instanceof SyncUnavailableException unavailable
                    && unavailable.reason() == SyncUnavailableException.Reason.BUSY;
            if (!busy) {
                String why = failed.getMessage() == null ? failed.toString() : failed.getMessage();
                keep(new SyncReport(
                        SyncReport.Status.FAILED, started, Duration.ZERO, List.of(), Optional.ofNullable(why), 0));
            }
            throw failed;
        }
    }

    /** Gives the report with its number. */
    private SyncReport keep(SyncReport made) {
        SyncReport report = made;
        try {
            report = made.numbered(Carrier.run(local, session -> {
                session.lock(book);
                List<Note> notes = session.notesAfter(book, Optional.empty(), 2 * MOST);
                long next =
                        notes.isEmpty() ? 1 : notes.get(notes.size() - 1).id().high() + 1;
                session.remove(
                        book,
                        notes.stream()
                                .limit(Math.max(0, notes.size() + 1 - MOST))
                                .map(Note::id)
                                .toList());
                session.put(book, List.of(Note.of(new Digest(next, 0), encode(new Kept(made, where.get())))));
                return next;
            }));
        } catch (SyncUnavailableException failed) {
            LOG.warn("the report of a sync is not kept: {}", failed.getMessage());
        }
        last = report;
        try {
            listener.accept(report);
        } catch (RuntimeException thrown) {
            LOG.warn("a listener of a sync failed", thrown);
        }
        return report;
    }

    /** The last report: of this process, else the last that was kept and is not known to be of another remote store. */
    Optional<SyncReport> last() {
        return Optional.ofNullable(last).or(() -> {
            Optional<String> here = where.get();
            return kept().stream()
                    .filter(one -> here.isEmpty()
                            || one.where().isEmpty()
                            || one.where().equals(here))
                    .map(Kept::report)
                    .findFirst();
        });
    }

    /** The newest first. */
    List<SyncReport> reports() {
        return kept().stream().map(Kept::report).toList();
    }

    private List<Kept> kept() {
        List<Kept> all = new ArrayList<>();
        Carrier.run(local, session -> session.notesAfter(book, Optional.empty(), 2 * MOST))
                .forEach(note -> all.add(decode(note)));
        Collections.reverse(all);
        return all;
    }

    private static byte[] encode(Kept kept) {
        SyncReport report = kept.report();
        List<@Nullable Object> values = new ArrayList<>();
        values.add(kept.where().orElse(null));
        values.add(report.status().name());
        values.add(report.started());
        values.add(report.duration().toNanos());
        values.add(report.cause().orElse(null));
        for (SyncReport.Table table : report.tables()) {
            values.add(table.table());
            values.add(table.direction().name());
            for (Outcome outcome : Outcome.values()) {
                values.add(table.count(outcome));
            }
        }
        return RowCodec.encode(values.toArray());
    }

    private static Kept decode(Note note) {
        Iterator<@Nullable Object> in =
                Arrays.asList(RowCodec.decode(note.text())).iterator();
        Optional<String> where = Optional.ofNullable((String) in.next());
        var status = SyncReport.Status.valueOf(String.valueOf(in.next()));
        Instant started = (Instant) Objects.requireNonNull(in.next());
        Duration duration = Duration.ofNanos((Long) Objects.requireNonNull(in.next()));
        Optional<String> cause = Optional.ofNullable((String) in.next());
        List<SyncReport.Table> tables = new ArrayList<>();
        while (in.hasNext()) {
            String name = String.valueOf(in.next());
            Direction direction = Direction.valueOf(String.valueOf(in.next()));
            Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
            for (Outcome outcome : Outcome.values()) {
                outcomes.put(outcome, (Long) Objects.requireNonNull(in.next()));
            }
            tables.add(new SyncReport.Table(name, direction, outcomes));
        }
        return new Kept(
                new SyncReport(
                        status, started, duration, tables, cause, note.id().high()),
                where);
    }
}
