package dev.berth.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a claim becomes by a write: the one place that says so, for the store in memory and for callers' answers. */
final class ClaimForms {
    private ClaimForms() {}

    static Claim created(Commit.Create write, Instant at) {
        return new Claim(
                new Token(write.id(), 1),
                write.owner(),
                write.state(),
                at,
                at,
                write.lease().map(at::plus),
                write.home(),
                write.attempt().map(attempt -> attempt(write.claim(), 1, attempt, at)),
                Optional.empty(),
                write.labels(),
                taken(write.takes(), at));
    }

    static Claim changed(Claim before, Commit.Change write, Instant at) {
        boolean renamed = !write.owner().equals(before.owner());
        Set<Resource> given = write.gives().stream().map(Commit.Give::resource).collect(Collectors.toSet());
        List<Holding> holdings = new ArrayList<>(taken(write.takes(), at));
        for (Holding held : before.holdings()) {
            if (!given.contains(held.resource())) {
                holdings.add(new Holding(
                        held.part(),
                        held.role(),
                        held.resource(),
                        renamed ? at : held.since(),
                        held.confirmed() || write.confirms().contains(held.part())));
            }
        }
        return new Claim(
                new Token(before.id(), before.token().revision() + 1),
                write.owner(),
                write.state(),
                before.createdAt(),
                write.clock() == Commit.StateClock.RESTART ? at : before.stateSince(),
                lease(before.leaseUntil(), write.lease(), at),
                write.home(),
                attempt(before, write.attempt(), at),
                write.reason(),
                labels(before.labels(), write.labels(), Set.of()),
                holdings);
    }

    static Claim touched(Claim before, Commit.Touch write, Instant at) {
        return new Claim(
                before.token(),
                before.owner(),
                before.state(),
                before.createdAt(),
                before.stateSince(),
                lease(before.leaseUntil(), write.lease(), at),
                before.home(),
                before.attempt().map(attempt -> renewed(attempt, write.attempt(), at)),
                before.reason(),
                labels(before.labels(), write.put(), write.drop()),
                before.holdings());
    }

    private static List<Holding> taken(List<Commit.Take> takes, Instant at) {
        List<Holding> holdings = new ArrayList<>(takes.size());
        for (Commit.Take take : takes) {
            holdings.add(new Holding(take.part(), take.role(), take.resource(), at, take.confirmed()));
        }
        return holdings;
    }

    private static Optional<Instant> lease(Optional<Instant> before, Commit.LeaseWrite write, Instant at) {
        if (write instanceof Commit.LeaseWrite.Run run) {
            return Optional.of(at.plus(run.span()));
        }
        return write instanceof Commit.LeaseWrite.Lift ? Optional.empty() : before;
    }

    private static Optional<Attempt> attempt(Claim before, Commit.AttemptWrite write, Instant at) {
        if (write instanceof Commit.AttemptWrite.Begin begin) {
            int number = before.attempt().map(Attempt::number).orElse(0) + 1;
            return Optional.of(attempt(before.id(), number, begin.attempt(), at));
        }
        return write instanceof Commit.AttemptWrite.End
                ? before.attempt().map(old -> until(old, at.isBefore(old.until()) ? at : old.until()))
                : before.attempt();
    }

    private static Attempt attempt(java.util.UUID claim, int number, Commit.NewAttempt attempt, Instant at) {
        return new Attempt(claim, number, attempt.nonce(), at, at.plus(attempt.span()));
    }

    private static Attempt renewed(Attempt attempt, Optional<Duration> span, Instant at) {
        return span.map(longer -> until(attempt, at.plus(longer))).orElse(attempt);
    }

    private static Attempt until(Attempt attempt, Instant until) {
        return new Attempt(attempt.claim(), attempt.number(), attempt.nonce(), attempt.since(), until);
    }

    private static Map<String, String> labels(Map<String, String> before, Map<String, String> put, Set<String> drop) {
        if (put.isEmpty() && drop.isEmpty()) {
            return before;
        }
        var labels = new TreeMap<>(before);
        labels.keySet().removeAll(drop);
        labels.putAll(put);
        return labels;
    }
}
