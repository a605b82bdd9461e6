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
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    /** What one write has left, the strongest first. */
    private enum Trace {
        /** What only this write can have left. */
        OWN,
        /** What the write expected, untouched. */
        NONE,
        /** What others have left since. */
        OVERWRITTEN,
        /** What it would have left, and others could have: a claim that is gone, a state that both wanted. */
        LIKE,
        /** Nothing that tells: to do it twice is to do it once. */
        SILENT
    }

    Evidence(LedgerStore store) {
        this.store = store;
    }

    /**
     * What the traces of some units say together: only those count that were to be done. The strongest trace of all
     * decides, whichever write it is of: that a claim is gone says nothing beside another that was never made.
     */
    Verdict of(List<Commit> units, List<CommitResult> planned) {
        Set<Trace> traces = EnumSet.of(Trace.SILENT);
        for (int i = 0; i < units.size(); i++) {
            if (planned.get(i) instanceof CommitResult.Done done) {
                units.get(i).claims().forEach(write -> traces.add(of(write, done.at())));
                units.get(i).records().forEach(write -> traces.add(of(write, done)));
            }
        }
        return switch (traces.iterator().next()) {
            case OWN, LIKE -> Verdict.KEPT;
            case OVERWRITTEN -> Verdict.UNCLEAR;
            case NONE, SILENT -> Verdict.NOT_KEPT;
        };
    }

    private Trace of(Commit.ClaimWrite write, Instant at) {
        if (write instanceof Commit.Create create) {
            return made(create).isPresent() ? Trace.OWN : Trace.NONE;
        }
        if (write instanceof Commit.Touch) {
            return Trace.SILENT;
        }
        Optional<Claim> now = store.find(write.claim()).map(Snapshot::claim);
        if (now.map(Claim::token).equals(write.seen())) {
            return Trace.NONE;
        }
        if (write instanceof Commit.Change change) {
            return now.map(claim -> of(change, claim, at)).orElse(Trace.OVERWRITTEN);
        }
        return now.isEmpty() ? Trace.LIKE : Trace.OVERWRITTEN;
    }

    private static Trace of(Commit.Change change, Claim now, Instant at) {
        if (now.token().revision() != change.expected().revision() + 1) {
            return Trace.OVERWRITTEN;
        }
        if (!isAfter(now, change, at)) {
            // Somebody else's change took the token that this one expected.
            return Trace.NONE;
        }
        boolean signed = change.clock() == Commit.StateClock.RESTART
                || change.lease() instanceof Commit.LeaseWrite.Run
                || change.attempt() instanceof Commit.AttemptWrite.Begin
                || !change.takes().isEmpty();
        return signed ? Trace.OWN : Trace.LIKE;
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

    private Trace of(Commit.RecordWrite write, CommitResult.Done done) {
        long now = store.record(write.name()).map(LedgerRecord::version).orElse(0L);
        Long made = done.versions().get(write.name());
        if (made != null && made == now) {
            return Trace.OWN;
        }
        if (write instanceof Commit.RenewRecord) {
            return now == write.expected() ? Trace.SILENT : Trace.OVERWRITTEN;
        }
        return now == write.expected() ? Trace.NONE : Trace.OVERWRITTEN;
    }
}
