package dev.berth.jdbc;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a commit has left, looked for after its answer was lost. The units of a commit were carried out together or not at
 * all, so the traces of one tell of all. A repetition is safe where there are none: it has the same ids and expects the
 * same tokens, so it is refused if the first commit arrives after all.
 */
final class Evidence {
    private final LedgerStore store;

    /** What the traces say. */
    enum Verdict {
        /** The unit was carried out. */
        KEPT,
        /** What the unit expected is still so, or it has left nothing: it was not carried out, at least not yet. */
        NOT_KEPT,
        /** Others have been there since, and its traces would be gone. */
        UNCLEAR
    }

    Evidence(LedgerStore store) {
        this.store = store;
    }

    /** What the traces of some units say together: only those count that were to be done. */
    Verdict of(List<Commit> units, List<CommitResult> planned) {
        boolean unclear = false;
        for (int i = 0; i < units.size(); i++) {
            if (planned.get(i) instanceof CommitResult.Done done) {
                Verdict verdict = of(units.get(i), done);
                if (verdict == Verdict.KEPT) {
                    return verdict;
                }
                unclear |= verdict == Verdict.UNCLEAR;
            }
        }
        return unclear ? Verdict.UNCLEAR : Verdict.NOT_KEPT;
    }

    /** What a release has left is told last: that its claim is gone says that somebody ended it. */
    private Verdict of(Commit unit, CommitResult.Done done) {
        boolean unclear = false;
        for (Commit.RecordWrite write : unit.records()) {
            Verdict verdict = of(write, done);
            if (verdict != Verdict.UNCLEAR) {
                return verdict;
            }
            unclear = true;
        }
        List<Commit.ClaimWrite> writes = new ArrayList<>(unit.claims());
        writes.sort(Comparator.comparing(Commit.Release.class::isInstance));
        for (Commit.ClaimWrite write : writes) {
            if (unclear && write instanceof Commit.Release) {
                break;
            }
            Verdict verdict = of(write, done.at());
            if (verdict != Verdict.UNCLEAR) {
                return verdict;
            }
            unclear = true;
        }
        // What is left are blocks: to put or lift them twice is to do it once.
        return unclear ? Verdict.UNCLEAR : Verdict.NOT_KEPT;
    }

    private Verdict of(Commit.ClaimWrite write, Instant at) {
        if (write instanceof Commit.Create create) {
            return made(create).isPresent() ? Verdict.KEPT : Verdict.NOT_KEPT;
        }
        Optional<Claim> now = store.find(write.claim()).map(Snapshot::claim);
        if (write instanceof Commit.Release release) {
            return now.map(Claim::token).equals(Optional.of(release.expected()))
                    ? Verdict.NOT_KEPT
                    : now.isEmpty() ? Verdict.KEPT : Verdict.UNCLEAR;
        }
        if (now.isEmpty()) {
            return Verdict.UNCLEAR;
        }
        if (write instanceof Commit.Change change) {
            long steps = now.get().token().revision() - change.expected().revision();
            if (steps != 1) {
                return steps == 0 ? Verdict.NOT_KEPT : Verdict.UNCLEAR;
            }
            return isAfter(now.get(), change, at) ? Verdict.KEPT : Verdict.NOT_KEPT;
        }
        // A lease that is renewed twice is renewed once, and so are labels.
        return Verdict.NOT_KEPT;
    }

    /** When a claim was made; empty if it never was, or nobody remembers. */
    Optional<Instant> made(Commit.Create create) {
        UUID id = create.id();
        Optional<Instant> living = store.find(id).map(found -> found.claim().createdAt());
        if (living.isPresent()) {
            return living;
        }
        Optional<Instant> ended =
                store.tombstone(id).map(tombstone -> tombstone.claim().createdAt());
        if (ended.isPresent()) {
            return ended;
        }
        return create.takes().stream()
                .findFirst()
                .flatMap(take -> store
                        .history(
                                take.resource(),
                                Instant.EPOCH,
                                store.now().plus(1, ChronoUnit.DAYS),
                                LedgerStore.PAGE_LIMIT)
                        .stream()
                        .filter(entry -> entry.claim().equals(id))
                        .map(entry -> entry.from())
                        .findFirst());
    }

    /** When a plain change was made, by the state that it has left; empty if it was not. */
    Optional<Instant> changed(Commit.Change change) {
        return store.find(change.claim())
                .map(Snapshot::claim)
                .filter(now -> now.token().revision() == change.expected().revision() + 1)
                .filter(now -> isAfter(now, change, now.stateSince()))
                .map(Claim::stateSince);
    }

    /** Whether others have changed or ended a claim since a change of it could have been made. */
    boolean isOverwritten(Commit.Change change) {
        return store.find(change.claim())
                .map(found ->
                        found.claim().token().revision() > change.expected().revision() + 1)
                .orElse(true);
    }

    /** Whether the claim is as the change makes it, at the change's own time. */
    private static boolean isAfter(Claim now, Commit.Change change, Instant at) {
        return now.owner().equals(change.owner())
                && now.state() == change.state()
                && now.home().equals(change.home())
                && now.reason().equals(change.reason())
                && (change.clock() == Commit.StateClock.KEEP || now.stateSince().equals(at))
                && (!(change.lease() instanceof Commit.LeaseWrite.Run run) || runsFrom(now, at, run.span()))
                && (!(change.attempt() instanceof Commit.AttemptWrite.Begin begin)
                        || now.attempt()
                                .map(Attempt::nonce)
                                .equals(Optional.of(begin.attempt().nonce())))
                && change.takes().stream()
                        .allMatch(take -> now.holdings().stream()
                                .anyMatch(held -> held.resource().equals(take.resource())
                                        && held.since().equals(at)));
    }

    private static boolean runsFrom(Claim now, Instant at, Duration span) {
        return now.leaseUntil().equals(Optional.of(at.plus(span)));
    }

    private Verdict of(Commit.RecordWrite write, CommitResult.Done done) {
        long now = store.record(write.name()).map(LedgerRecord::version).orElse(0L);
        Long made = done.versions().get(write.name());
        if (made != null && made == now) {
            return Verdict.KEPT;
        }
        return now == write.expected() ? Verdict.NOT_KEPT : Verdict.UNCLEAR;
    }
}
