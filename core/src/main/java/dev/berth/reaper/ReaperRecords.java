package dev.berth.reaper;

import dev.berth.BerthException;
import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerRecords;
import dev.berth.ledger.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** What the sweeps of a scope keep in the ledger: marks, the breaker, totals. Written under the lease only. */
final class ReaperRecords {
    private static final int BATCH = 250;
    /** Longer than any engine's ids; a record's name has an end. */
    private static final int LONGEST = 128;

    private static final int LONGEST_SCOPE = 300;

    private final LedgerRecords records;
    private final String prefix;

    ReaperRecords(LedgerRecords records, Scope scope) {
        this.records = records;
        // A scope may have slashes, and must not look like a record of another one.
        String plain = scope.toString().replace("%", "%25").replace("/", "%2F");
        // A record's name has an end; no plain one has such a sign.
        this.prefix = "reaper/" + (plain.length() <= LONGEST_SCOPE ? plain : "%~" + ReapPlan.sha256(plain)) + "/";
    }

    String lease() {
        return prefix + "lease";
    }

    String missing(UUID claim) {
        return prefix + "missing/" + claim;
    }

    String orphan(String instance) {
        return prefix + "orphan/" + (instance.length() <= LONGEST ? instance : ReapPlan.sha256(instance));
    }

    /** All marks of claims, by their names. */
    Map<String, Missing> allMissing() {
        return marks(prefix + "missing/");
    }

    /** All marks of instances without a claim, by their names. */
    Map<String, Missing> allOrphans() {
        return marks(prefix + "orphan/");
    }

    private Map<String, Missing> marks(String under) {
        Map<String, Missing> marks = new HashMap<>();
        records.starting(under).forEach(found -> marks.put(found.name(), read(found, Missing::read)));
        return marks;
    }

    Optional<Missing> mark(UUID claim) {
        return records.find(missing(claim)).map(found -> read(found, Missing::read));
    }

    Kept<Breaker> breaker() {
        return kept(prefix + "breaker", Breaker::read);
    }

    Kept<RunState> state() {
        return kept(prefix + "state", RunState::read);
    }

    private <T> Kept<T> kept(String name, Function<String, T> reading) {
        Optional<LedgerRecord> found = records.find(name);
        return new Kept<>(
                name,
                found.map(LedgerRecord::version).orElse(0L),
                found.map(record -> read(record, same -> reading.apply(same.value()))));
    }

    /** What this version cannot read was written by another one, and may say that nothing must be done. */
    private static <T> T read(LedgerRecord record, Function<LedgerRecord, T> reading) {
        try {
            return reading.apply(record);
        } catch (RuntimeException unreadable) {
            throw new BerthException(
                    "cannot read the record " + record.name() + ": given \""
                            + record.value().replace('\n', ' ')
                            + "\", which no sweep of this version writes; let the version sweep that has written it, or, if"
                            + " there is none, end the record by LedgerRecords.end",
                    unreadable);
        }
    }

    /**
     * A record as it was read.
     *
     * @param name its name
     * @param version its version, 0 if it is not there
     * @param value what it says; empty if it is not there
     */
    record Kept<T>(String name, long version, Optional<T> value) {
        Commit.PutRecord put(String text) {
            return new Commit.PutRecord(name, version, text, Optional.empty());
        }

        Optional<Commit.RecordWrite> end() {
            return version == 0 ? Optional.empty() : Optional.of(new Commit.EndRecord(name, version));
        }
    }

    /**
     * Writes what has changed of marks, and gives them back with their new versions.
     *
     * @param before the marks as they were, by their names
     * @param after the marks as they are to be, by their names
     */
    static Map<String, Missing> write(Grip grip, Map<String, Missing> before, Map<String, Missing> after) {
        List<Commit.RecordWrite> writes = new ArrayList<>();
        before.forEach((name, mark) -> {
            if (!after.containsKey(name)) {
                writes.add(new Commit.EndRecord(name, mark.version()));
            }
        });
        after.forEach((name, mark) -> {
            if (!mark.equals(before.get(name))) {
                writes.add(new Commit.PutRecord(name, mark.version(), mark.written(), Optional.empty()));
            }
        });
        Map<String, Missing> written = new HashMap<>(after);
        for (int from = 0; from < writes.size(); from += BATCH) {
            grip.tighten();
            grip.lease()
                    .write(writes.subList(from, Math.min(writes.size(), from + BATCH)))
                    .orElseThrow(Grip.Lost::new)
                    .forEach((name, version) -> written.computeIfPresent(
                            name,
                            (same, mark) -> new Missing(
                                    name, version, mark.seen(), mark.since(), mark.last(), mark.sightings())));
        }
        return written;
    }
}
