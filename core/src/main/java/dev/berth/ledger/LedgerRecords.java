package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Named compare-and-set records beside the claims: which runtime a scope had, a lease, a mark. Each change names the
 * version that its caller saw (law L5). Safe for use by many threads and processes; nothing is kept in memory.
 */
public final class LedgerRecords {
    private static final int PAGE = 1_000;

    private final LedgerStore store;
    private final CommitCombiner commits;

    LedgerRecords(LedgerStore store, CommitCombiner commits) {
        this.store = store;
        this.commits = commits;
    }

    /**
     * Reads a record.
     *
     * @param name its name, 1 to 512 bytes
     * @return the record; empty if it is absent, ended, or has run out by the store's clock
     */
    public Optional<LedgerRecord> find(String name) {
        return store.record(Limits.text("record name", name, Limits.RECORD_NAME));
    }

    /**
     * Streams the current records whose name starts with a prefix, reading them page by page; it holds nothing open and need
     * not be closed.
     *
     * @param prefix what the names start with, empty for all
     * @return the records, in the order of the names' UTF-8 bytes, each as of when its page was read
     */
    public Stream<LedgerRecord> starting(String prefix) {
        InvalidInputException.requireNonNull("prefix", prefix);
        return Stream.iterate(
                        page(prefix, Optional.empty()),
                        page -> !page.isEmpty(),
                        page -> page.size() < PAGE
                                ? List.of()
                                : page(
                                        prefix,
                                        Optional.of(page.get(page.size() - 1).name())))
                .flatMap(List::stream);
    }

    private List<LedgerRecord> page(String prefix, Optional<String> after) {
        return store.records(prefix, after, PAGE);
    }

    /**
     * Writes a record that stays.
     *
     * @param name its name, 1 to 512 bytes
     * @param expected the version that must be current, 0 for none
     * @param value its value, at most 65,535 bytes; of control characters only the line feed
     * @return its new version; empty if the record has moved on, and nothing was written
     */
    public Optional<Long> put(String name, long expected, String value) {
        return put(name, expected, value, null);
    }

    /**
     * Writes a record that runs out.
     *
     * @param name its name, 1 to 512 bytes
     * @param expected the version that must be current, 0 for none
     * @param value its value, at most 65,535 bytes; of control characters only the line feed
     * @param span how long it lives, 1 ms to 36,500 days
     * @return its new version; empty if the record has moved on, and nothing was written
     */
    public Optional<Long> putFor(String name, long expected, String value, Duration span) {
        return put(name, expected, value, Limits.span("record span", span));
    }

    private Optional<Long> put(String name, long expected, String value, @Nullable Duration span) {
        if (expected < 0) {
            throw InvalidInputException.of("expected version", expected, "a version, or 0 for none");
        }
        Limits.text("record name", name, Limits.RECORD_NAME);
        Limits.printable(
                "record value",
                InvalidInputException.requireNonNull("record value", value).replace('\n', ' '),
                Limits.RECORD_VALUE);
        return Optional.ofNullable(run(new Commit.PutRecord(name, expected, value, Optional.ofNullable(span))))
                .map(done -> done.versions().get(name));
    }

    /**
     * Lets a record live longer; its version stays.
     *
     * @param seen the record as the caller saw it
     * @param span how long from now, 1 ms to 36,500 days
     * @return true if it was still as the caller saw it
     */
    public boolean renew(LedgerRecord seen, Duration span) {
        InvalidInputException.requireNonNull("record", seen);
        return run(new Commit.RenewRecord(seen.name(), seen.version(), Limits.span("record span", span))) != null;
    }

    /**
     * Ends a record.
     *
     * @param seen the record as the caller saw it
     * @return true if it was still as the caller saw it
     */
    public boolean end(LedgerRecord seen) {
        InvalidInputException.requireNonNull("record", seen);
        return run(new Commit.EndRecord(seen.name(), seen.version())) != null;
    }

    private CommitResult.@Nullable Done run(Commit.RecordWrite write) {
        var unit = new Commit(List.of(), List.of(), List.of(write), List.of());
        return commits.commit(unit) instanceof CommitResult.Done done ? done : null;
    }
}
