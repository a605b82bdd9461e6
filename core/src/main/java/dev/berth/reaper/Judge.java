package dev.berth.reaper;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.reaper.Verdict.Kind;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Says of one claim what it is. Knows nothing but what it is given, so that every sentence of it can be tested. */
final class Judge {
    private final ReaperPolicy policy;
    private final Instant now;
    private final Optional<Instant> counted;

    private Judge(ReaperPolicy policy, Instant now, Optional<Instant> counted) {
        this.policy = policy;
        this.now = now;
        this.counted = counted;
    }

    /** Judges what a sweep has listed between two times: what is missing is counted. */
    static Judge counting(ReaperPolicy policy, Instant begun, Instant ended) {
        return new Judge(policy, begun, Optional.of(ended));
    }

    /** When what is judged was begun to be looked at. */
    Instant now() {
        return now;
    }

    /** Judges what somebody looked at in between: sweeps alone count. */
    static Judge looking(ReaperPolicy policy, Instant now) {
        return new Judge(policy, now, Optional.empty());
    }

    /**
     * What a claim is, and the mark that it has from now on.
     *
     * @param verdict what it is
     * @param mark its mark; empty if it has none
     */
    record Judgement(Verdict verdict, Optional<Missing> mark) {}

    /**
     * Judges a claim.
     *
     * @param claim the claim, as it was after the listing
     * @param sighting what is known of its instance; absent where it has none
     * @param twin an instance that was made for it and has another id
     * @param mark its mark from the sweeps before
     * @param name what a mark of it is called
     */
    Judgement judge(Claim claim, Sighting sighting, Optional<Instance> twin, Optional<Missing> mark, String name) {
        if (claim.state() == ClaimState.PENDING) {
            return new Judgement(pending(claim), Optional.empty());
        }
        if (sighting instanceof Sighting.Present present) {
            return new Judgement(present(claim, present.instance()), Optional.empty());
        }
        if (sighting instanceof Sighting.Unknown unknown) {
            return new Judgement(Verdict.of(claim, Kind.UNKNOWN, unknown.reason()), mark);
        }
        if (twin.isPresent()) {
            Instance other = twin.get();
            return new Judgement(
                    claim.state() == ClaimState.FAILED
                            ? Verdict.of(claim, Kind.ERROR_LIVES, "its attempt has left " + other)
                            : Verdict.of(claim, Kind.CONFLICT, "its instance is missing, but it has made " + other),
                    Optional.empty());
        }
        String evidence = ((Sighting.Absent) sighting).evidence();
        Optional<String> young = young(claim);
        if (young.isPresent()) {
            return new Judgement(Verdict.of(claim, Kind.YOUNG, young.get() + "; " + evidence), Optional.empty());
        }
        if (isPinned(claim)) {
            return new Judgement(
                    Verdict.of(claim, Kind.PINNED, "it is labelled " + GhostReaper.KEEP + "; " + evidence),
                    Optional.empty());
        }
        return missing(claim, evidence, mark, name);
    }

    private Verdict pending(Claim claim) {
        Optional<Instant> until = claim.attempt().map(attempt -> attempt.until());
        if (until.isPresent() && until.get().isAfter(now)) {
            return Verdict.of(claim, Kind.BUSY, "an attempt is under way until " + until.get());
        }
        Duration age = Duration.between(claim.stateSince(), now);
        return age.compareTo(policy.stuckAfter()) >= 0
                ? Verdict.of(
                        claim, Kind.STUCK, "pending since " + claim.stateSince() + ", and nobody has been at it lately")
                : Verdict.of(
                        claim,
                        Kind.YOUNG,
                        "pending since " + claim.stateSince() + ", not for " + policy.stuckAfter() + " yet");
    }

    private Verdict present(Claim claim, Instance instance) {
        if (claim.state() == ClaimState.FAILED) {
            return Verdict.of(
                    claim, Kind.ERROR_LIVES, "it failed at " + claim.stateSince() + ", and " + instance + " is there");
        }
        boolean overdue = claim.leaseUntil().map(until -> !until.isAfter(now)).orElse(false);
        return overdue
                ? Verdict.of(
                        claim,
                        Kind.OVERDUE,
                        "its lease ran out at " + claim.leaseUntil().get() + ", and " + instance + " is there")
                : Verdict.of(claim, Kind.PRESENT, instance + " is there");
    }

    /** Why it is too early to judge a claim without an instance. */
    private Optional<String> young(Claim claim) {
        boolean failed = claim.state() == ClaimState.FAILED;
        Duration grace = failed ? policy.errorRetention() : policy.creationGrace();
        return Duration.between(claim.stateSince(), now).compareTo(grace) < 0
                ? Optional.of(claim.state() + " since " + claim.stateSince() + ", not for " + grace + " yet")
                : Optional.empty();
    }

    private static boolean isPinned(Claim claim) {
        return claim.isKept();
    }

    private Judgement missing(Claim claim, String evidence, Optional<Missing> mark, String name) {
        String token = claim.token().toString();
        if (counted.isEmpty()) {
            return mark.filter(before -> before.seen().equals(token))
                    .map(before -> missing(claim, evidence, before))
                    .orElseGet(() -> new Judgement(
                            Verdict.of(claim, Kind.MISSING, evidence + "; no sweep has seen it so yet"), mark));
        }
        return missing(
                claim,
                evidence,
                mark.map(before -> before.again(token, now, counted.get(), policy))
                        .orElseGet(() -> Missing.first(name, 0, token, counted.get())));
    }

    private Judgement missing(Claim claim, String evidence, Missing next) {
        boolean failed = claim.state() == ClaimState.FAILED;
        // Whoever renews its lease is there, and may be about to make its instance anew.
        Optional<Instant> beating = claim.leaseUntil().filter(until -> until.isAfter(now));
        boolean due = next.isDue(policy) && beating.isEmpty();
        Kind kind = !due ? Kind.MISSING : failed ? Kind.OLD_ERROR : Kind.GHOST;
        String reason = evidence + "; so it was " + next.sightings() + " times since " + next.since()
                + beating.map(until -> "; its lease runs until " + until).orElse("");
        return new Judgement(
                new Verdict(claim, kind, reason, Optional.of(next.since()), next.sightings(), Verdict.Fate.LEFT),
                Optional.of(next));
    }
}
