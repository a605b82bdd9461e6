package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Attempts. */
abstract class AttemptLaws extends StoreLaws {
    AttemptLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private Claim pending(Duration span) {
        return made(NewClaim.by(ANNA).taking(port(1)).pending(NODE, "first", span));
    }

    private static ChangedClaim next(Claim seen) {
        return ChangedClaim.of(seen).guard(Commit.Guard.ATTEMPT_LAPSED).begin("next", LONG);
    }

    @Test
    @DisplayName("Attempts of one claim are numbered from 1 without a gap, each with its own nonce and time.")
    void attemptsAreNumbered() {
        Claim reservation = made(NewClaim.by(ANNA).taking(port(1)));
        assertThat(reservation.attempt()).isEmpty();
        Claim claim = reservation;
        for (int number = 1; number <= 3; number++) {
            Instant at = done(ChangedClaim.of(claim)
                    .state(ClaimState.PENDING, Commit.StateClock.RESTART)
                    .begin("nonce-" + number, LONG)
                    .write());
            claim = claim(ANNA);
            assertThat(claim.attempt()).contains(new Attempt(claim.id(), number, "nonce-" + number, at, at.plus(LONG)));
        }
    }

    @Test
    @DisplayName("While an attempt runs, another that asks for a lapsed one is refused: one at a time (20).")
    void runningAttemptIsNotReplaced() {
        Claim claim = pending(LONG);

        assertThat(refused(next(claim).write())).containsExactly(new Violation.NotLapsed(claim.token()));
        assertThat(claim(ANNA)).isEqualTo(claim);
    }

    @Test
    @DisplayName("An attempt that has run out gives way to the next.")
    void lapsedAttemptGivesWay() {
        Claim claim = pending(tick());
        pass();

        assertThat(changed(next(claim)).attempt().orElseThrow().number()).isEqualTo(2);
    }

    @Test
    @DisplayName("A claim that never had an attempt meets the guard for a lapsed one.")
    void noAttemptCountsAsLapsed() {
        Claim claim = made(NewClaim.by(ANNA).taking(port(1)));

        assertThat(changed(next(claim)).attempt().orElseThrow().number()).isEqualTo(1);
    }

    @Test
    @DisplayName("An attempt that is ended has lapsed at once; its number, nonce and begin stay to be looked up.")
    void endedAttemptHasLapsed() {
        Claim claim = pending(LONG);
        fixture.pass(Duration.ofMillis(2));
        Instant at = done(ChangedClaim.of(claim)
                .state(ClaimState.ACTIVE, Commit.StateClock.RESTART)
                .attempt(Commit.AttemptWrite.END)
                .write());

        Claim active = claim(ANNA);
        assertThat(active.attempt()).contains(new Attempt(claim.id(), 1, "first", claim.createdAt(), at));
        assertThat(changed(next(active)).attempt().orElseThrow().number()).isEqualTo(2);
    }

    @Test
    @DisplayName("Ending an attempt that had run out, or where there is none, never makes one run again.")
    void endingNeverProlongs() {
        Claim claim = pending(tick());
        pass();
        Claim ended = changed(ChangedClaim.of(claim).attempt(Commit.AttemptWrite.END));
        Claim none = made(NewClaim.by(BERT).taking(port(2)));

        assertThat(ended.attempt().orElseThrow().until()).isBeforeOrEqualTo(store.now());
        assertThat(changed(ChangedClaim.of(none).attempt(Commit.AttemptWrite.END))
                        .attempt())
                .isEmpty();
    }

    @Test
    @DisplayName("A change that leaves the attempt leaves all of it.")
    void attemptIsLeft() {
        Claim claim = pending(LONG);

        assertThat(changed(ChangedClaim.of(claim).label("k", "v")).attempt()).isEqualTo(claim.attempt());
    }

    @Test
    @DisplayName("A touch renews the attempt from its commit on, leaving number, nonce, begin and revision.")
    void touchRenewsTheAttempt() {
        Claim claim = pending(tick());
        Instant at =
                done(new Commit.Touch(claim.token(), Commit.LeaseWrite.KEEP, Optional.of(LONG), Map.of(), Set.of()));
        pass();

        Claim renewed = claim(ANNA);
        assertThat(renewed.attempt()).contains(new Attempt(claim.id(), 1, "first", claim.createdAt(), at.plus(LONG)));
        assertThat(renewed.token()).isEqualTo(claim.token());
        assertThat(refused(next(renewed).write())).containsExactly(new Violation.NotLapsed(claim.token()));
    }

    @Test
    @DisplayName("A touch that renews no attempt, or finds none, leaves it as it is.")
    void touchIgnoresAMissingAttempt() {
        Claim none = made(NewClaim.by(BERT).taking(port(2)));
        done(new Commit.Touch(none.token(), Commit.LeaseWrite.KEEP, Optional.of(LONG), Map.of(), Set.of()));
        assertThat(claim(BERT)).isEqualTo(none);

        Claim claim = pending(LONG);
        done(new Commit.Touch(claim.token(), Commit.LeaseWrite.KEEP, Optional.empty(), Map.of(), Set.of()));
        assertThat(claim(ANNA)).isEqualTo(claim);
    }

    @Test
    @DisplayName("A release that asks for a lapsed attempt is refused while one runs, and done after.")
    void releaseWaitsForTheAttempt() {
        Claim claim = pending(tick());
        var reap = new Commit.Release(claim.token(), Commit.Guard.ATTEMPT_LAPSED, EndReason.REAPED, Map.of());
        done(new Commit.Touch(claim.token(), Commit.LeaseWrite.KEEP, Optional.of(LONG), Map.of(), Set.of()));
        assertThat(refused(reap)).containsExactly(new Violation.NotLapsed(claim.token()));

        done(new Commit.Touch(claim.token(), Commit.LeaseWrite.KEEP, Optional.of(tick()), Map.of(), Set.of()));
        pass();
        done(reap);
    }

    @Test
    @DisplayName("A release that asks that nobody keeps the claim is refused while a label says so, at the same token.")
    void releaseHeedsTheLabelThatKeeps() {
        Claim claim = pending(LONG);
        var reap = new Commit.Release(claim.token(), Commit.Guard.NOT_KEPT, EndReason.REAPED, Map.of());
        done(new Commit.Touch(
                claim.token(), Commit.LeaseWrite.KEEP, Optional.empty(), Map.of(Claim.KEEP, "true"), Set.of()));
        assertThat(refused(reap)).containsExactly(new Violation.NotLapsed(claim.token()));

        done(new Commit.Touch(
                claim.token(), Commit.LeaseWrite.KEEP, Optional.empty(), Map.of(Claim.KEEP, "false"), Set.of()));
        done(reap);
    }

    @Test
    @DisplayName("Of several that ask for the next attempt at once, exactly one is granted it (20).")
    void raceForTheNextAttemptHasOneWinner() {
        int racers = 5;
        var handles = handles(racers);
        made(NewClaim.by(ANNA).taking(port(1)));
        Race.of(racers)
                .rounds(fixture.rounds() / 2 + 1)
                .<CommitResult>run(
                        (round, racer, random) -> commit(
                                handles.get(racer),
                                Commit.of(ChangedClaim.of(handles.get(racer)
                                                .find(ANNA)
                                                .orElseThrow()
                                                .claim())
                                        .guard(Commit.Guard.ATTEMPT_LAPSED)
                                        .begin("nonce-" + racer, LONG)
                                        .write())),
                        (round, results) -> {
                            assertThat(results).filteredOn(StoreLaws::isDone).hasSize(1);
                            Claim claim = claim(ANNA);
                            assertThat(claim.attempt().orElseThrow().number()).isEqualTo(round + 1);
                            done(ChangedClaim.of(claim)
                                    .attempt(Commit.AttemptWrite.END)
                                    .write());
                        });
    }
}
