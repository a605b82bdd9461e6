package dev.berth.jdbc;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.StoreUnavailableException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roads of a commit: plain units at once where the database has statements for that, all others in a transaction
 * that locks, reads, checks and writes; and what becomes of a commit whose answer was lost.
 */
final class CommitRoads {
    private static final Logger LOG = LoggerFactory.getLogger(CommitRoads.class);

    private final LedgerStore store;
    private final Supplier<Transactions> database;
    private final FreeHints hints;
    private final LockingCommits commits;
    private final @Nullable PlainCommits plain;

    /**
     * Makes the roads.
     *
     * @param store by which a lost answer is looked up
     * @param plain the statements for plain units, null where the database has none
     */
    CommitRoads(
            LedgerStore store,
            Supplier<Transactions> database,
            FreeHints hints,
            LockingCommits commits,
            @Nullable PlainCommits plain) {
        this.store = store;
        this.database = database;
        this.hints = hints;
        this.commits = commits;
        this.plain = plain;
    }

    /** Carries out units, each on its own, as {@link LedgerStore#commit} says. */
    List<CommitResult> commit(List<Commit> work) {
        if (plain == null || !work.stream().allMatch(Commit::isPlain)) {
            return commitLocking(work);
        }
        List<CommitResult> results = new ArrayList<>(work.size());
        while (results.size() < work.size()) {
            try {
                results.addAll(commitAtOnce(plain, work.subList(results.size(), work.size())));
            } catch (StoreUnavailableException e) {
                throw results.isEmpty() ? e : partly(e);
            }
        }
        return List.copyOf(results);
    }

    /** What a failure means for a call of which some units were carried out: of each of them nothing is told. */
    private static StoreUnavailableException partly(StoreUnavailableException failure) {
        return new StoreUnavailableException(
                failure.getMessage() + "; other units of the same call were carried out",
                StoreUnavailableException.Outcome.UNKNOWN,
                failure.isRetryable() ? StoreUnavailableException.Retry.LATER : StoreUnavailableException.Retry.NEVER,
                failure);
    }

    /** What a transaction is about to answer, and what it tells the hints then. */
    private record Carried(List<@Nullable CommitResult> results, FreeHints.News news) {}

    private List<CommitResult> commitLocking(List<Commit> units) {
        List<List<CommitResult>> planned = new ArrayList<>();
        try {
            return carryOut(units, planned);
        } catch (StoreUnavailableException e) {
            if (e.outcome() != StoreUnavailableException.Outcome.UNKNOWN) {
                throw e;
            }
            return lookedUp(units, planned.get(planned.size() - 1), e);
        }
    }

    /** Carries out units in one transaction, and leaves what it is about to answer before it commits. */
    private List<CommitResult> carryOut(List<Commit> units, List<List<CommitResult>> planned) {
        FreeHints.News told = database.get().write(session -> {
            FreeHints.News news = hints.news();
            planned.add(commits.run(session, units, news));
            return news;
        });
        told.tell();
        return planned.get(planned.size() - 1);
    }

    /** The answer of a transaction whose commit was not answered: by what it has left, or by doing it again. */
    private List<CommitResult> lookedUp(
            List<Commit> units, List<CommitResult> planned, StoreUnavailableException unknown) {
        LOG.debug("the outcome of a commit is looked up", unknown);
        var evidence = new Evidence(store);
        try {
            Evidence.Verdict verdict = evidence.of(units, planned);
            if (verdict == Evidence.Verdict.KEPT) {
                return planned;
            }
            if (verdict == Evidence.Verdict.NOT_KEPT) {
                List<CommitResult> again = carryOut(units, new ArrayList<>());
                // Where the first has arrived after all, it is what stands in the way of the second.
                return isAsPlanned(again, planned) || evidence.of(units, planned) != Evidence.Verdict.KEPT
                        ? again
                        : planned;
            }
        } catch (StoreUnavailableException still) {
            unknown.addSuppressed(still);
        }
        throw unknown;
    }

    private static boolean isAsPlanned(List<CommitResult> again, List<CommitResult> planned) {
        return IntStream.range(0, planned.size())
                .allMatch(i -> again.get(i).getClass() == planned.get(i).getClass());
    }

    /** Carries out the first of plain units, those that are not plain after all by the locking road. */
    private List<CommitResult> commitAtOnce(PlainCommits statements, List<Commit> units) {
        Carried carried;
        try {
            Transactions.Waiting waiting =
                    units.size() == 1 ? Transactions.Waiting.PATIENT : Transactions.Waiting.BRIEF;
            carried = database.get().writeAtOnce(waiting, session -> {
                FreeHints.News news = hints.news();
                return new Carried(statements.run(session, units, news), news);
            });
        } catch (StoreUnavailableException e) {
            if (e.outcome() != StoreUnavailableException.Outcome.UNKNOWN) {
                throw e;
            }
            return lookedUp(units, e);
        }
        carried.news().tell();
        return completed(units, carried.results());
    }

    /**
     * Carries out by the locking road what was left out, and after it what was refused behind it: that may have needed
     * what the other gives back.
     */
    private List<CommitResult> completed(List<Commit> units, List<@Nullable CommitResult> results) {
        int left = results.indexOf(null);
        if (left < 0) {
            return results;
        }
        List<CommitResult> all = new ArrayList<>(results);
        List<Integer> open = IntStream.range(left, results.size())
                .filter(i -> !(results.get(i) instanceof CommitResult.Done))
                .boxed()
                .toList();
        List<CommitResult> rest;
        try {
            rest = commitLocking(open.stream().map(units::get).toList());
        } catch (StoreUnavailableException e) {
            throw open.size() == results.size() ? e : partly(e);
        }
        for (int i = 0; i < rest.size(); i++) {
            all.set(open.get(i), rest.get(i));
        }
        return all;
    }

    /**
     * The answers of plain units whose statement was not answered, which tells no plan: each is looked up, and what has
     * left nothing is done again. A release that finds its claim gone is answered as done; that it was another that ended
     * the same claim, of the same token, in the same moment, or before where nobody has read it, cannot be told apart, and
     * comes to the same.
     */
    private List<CommitResult> lookedUp(List<Commit> units, StoreUnavailableException unknown) {
        LOG.debug("the outcome of a statement is looked up", unknown);
        try {
            List<CommitResult> results = new ArrayList<>();
            for (Commit unit : units) {
                results.add(lookedUp(unit, unknown));
            }
            return results;
        } catch (StoreUnavailableException still) {
            if (still != unknown) {
                unknown.addSuppressed(still);
            }
            throw unknown;
        }
    }

    private CommitResult lookedUp(Commit unit, StoreUnavailableException unknown) {
        var evidence = new Evidence(store);
        Commit.ClaimWrite write = unit.claims().get(0);
        Optional<CommitResult> kept = kept(evidence, write);
        if (kept.isPresent()) {
            return kept.get();
        }
        if ((write instanceof Commit.Change change && evidence.isOverwritten(change))
                || (write instanceof Commit.Create && mayArriveLate(unknown))) {
            throw unknown;
        }
        CommitResult again = commitLocking(List.of(unit)).get(0);
        return again instanceof CommitResult.Refused ? kept(evidence, write).orElse(again) : again;
    }

    /**
     * Whether a request that was given up may still be on its way. A release or a change would then find its token
     * gone; but a claim that was made again, and released, would be made once more.
     */
    private static boolean mayArriveLate(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }

    private Optional<CommitResult> kept(Evidence evidence, Commit.ClaimWrite write) {
        if (write instanceof Commit.Create create) {
            return evidence.made(create).map(CommitResult.Done::new);
        }
        if (write instanceof Commit.Change change) {
            return evidence.changed(change).map(CommitResult.Done::new);
        }
        // What is renewed twice is renewed once.
        return write instanceof Commit.Release && store.find(write.claim()).isEmpty()
                ? Optional.of(new CommitResult.Done(store.now()))
                : Optional.empty();
    }
}
