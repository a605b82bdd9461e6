package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** L5. */
abstract class TokenLaws extends StoreLaws {
    TokenLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private static Commit.Touch touch(Token token) {
        return new Commit.Touch(token, Commit.LeaseWrite.LIFT, Optional.empty(), Map.of("late", "yes"), Set.of());
    }

    @Test
    @DisplayName("A new claim has revision 1, and every change adds one.")
    void revisionCountsChanges() {
        Claim first = made(NewClaim.by(ANNA).taking(port(1)));
        Claim second = changed(ChangedClaim.of(first).taking(port(2)));
        Claim third = changed(ChangedClaim.of(second));

        assertThat(first.token().revision()).isEqualTo(1);
        assertThat(second.token()).isEqualTo(new Token(first.id(), 2));
        assertThat(third.token()).isEqualTo(new Token(first.id(), 3));
    }

    @Test
    @DisplayName("A change of an old view is refused and names the present token.")
    void lateChangeIsRefused() {
        Claim seen = made(NewClaim.by(ANNA).taking(port(1)));
        Claim now = changed(ChangedClaim.of(seen).reason(Optional.of("newer")));

        assertThat(refused(ChangedClaim.of(seen).reason(Optional.of("older")).write()))
                .containsExactly(new Violation.Stale(seen.token(), Optional.of(now.token())));
        assertThat(claim(ANNA)).isEqualTo(now);
    }

    @Test
    @DisplayName("A release of an old view is refused: what was claimed meanwhile stays.")
    void lateReleaseIsRefused() {
        Claim seen = made(NewClaim.by(ANNA).taking(port(1)));
        Claim now = changed(ChangedClaim.of(seen).taking(port(2)));

        assertThat(refused(release(seen))).containsExactly(new Violation.Stale(seen.token(), Optional.of(now.token())));
        assertThat(claim(ANNA)).isEqualTo(now);
    }

    @Test
    @DisplayName("A renewal of an old view is refused.")
    void lateRenewalIsRefused() {
        Claim seen = made(NewClaim.by(ANNA).taking(port(1)).lease(LONG));
        Claim now = changed(ChangedClaim.of(seen));

        assertThat(refused(touch(seen.token())))
                .containsExactly(new Violation.Stale(seen.token(), Optional.of(now.token())));
        assertThat(claim(ANNA)).isEqualTo(now);
    }

    @Test
    @DisplayName("A renewal leaves the revision: whoever saw the token before can still change and release.")
    void renewalLeavesTheRevision() {
        Claim seen = made(NewClaim.by(ANNA).taking(port(1)).lease(LONG));
        done(touch(seen.token()));

        assertThat(claim(ANNA).token()).isEqualTo(seen.token());
        done(release(seen));
    }

    @Test
    @DisplayName("A claim that is gone, or never was, is stale with no present token.")
    void goneClaimIsStaleWithoutPresentToken() {
        Claim gone = made(NewClaim.by(ANNA).taking(port(1)));
        done(release(gone));
        var never = new Token(UUID.randomUUID(), 1);

        assertThat(refused(release(gone))).containsExactly(new Violation.Stale(gone.token(), Optional.empty()));
        assertThat(refused(ChangedClaim.of(gone).write()))
                .containsExactly(new Violation.Stale(gone.token(), Optional.empty()));
        assertThat(refused(touch(never))).containsExactly(new Violation.Stale(never, Optional.empty()));
    }

    @Test
    @DisplayName("A token of a revision that is yet to come is as stale as an old one.")
    void tokenFromTheFutureIsStale() {
        Claim seen = made(NewClaim.by(ANNA).taking(port(1)));
        var ahead = new Token(seen.id(), 2);

        assertThat(refused(release(ahead))).containsExactly(new Violation.Stale(ahead, Optional.of(seen.token())));
    }

    @Test
    @DisplayName("A holder that slept past its lease cannot release, change or renew its successor.")
    void sleepingHolderCannotReleaseSuccessor() {
        Claim sleeper = made(NewClaim.by(ANNA).taking(port(80)).lease(tick()));
        pass();
        done(
                new Commit.Release(sleeper.token(), Commit.Guard.LEASE_LAPSED, EndReason.LAPSED, Map.of()),
                NewClaim.by(BERT).taking(port(80)).write());
        Claim successor = claim(BERT);

        var stale = new Violation.Stale(sleeper.token(), Optional.empty());
        assertThat(refused(release(sleeper))).containsExactly(stale);
        assertThat(refused(touch(sleeper.token()))).containsExactly(stale);
        assertThat(refused(ChangedClaim.of(sleeper).label("late", "yes").write()))
                .containsExactly(stale);
        assertThat(claim(BERT)).isEqualTo(successor);
        assertThat(holder(port(80)).owner()).isEqualTo(BERT);
    }

    @Test
    @DisplayName(
            "A sleeping holder's late release fails even when its successor is the same owner, on the same resource.")
    void sleepingHolderCannotReleaseItsOwnSuccessor() {
        Claim sleeper = made(NewClaim.by(ANNA).taking(port(80)).lease(tick()));
        pass();
        done(
                new Commit.Release(sleeper.token(), Commit.Guard.LEASE_LAPSED, EndReason.LAPSED, Map.of()),
                NewClaim.by(ANNA).taking(port(80)).lease(LONG).write());
        Claim successor = claim(ANNA);

        assertThat(refused(release(sleeper))).containsExactly(new Violation.Stale(sleeper.token(), Optional.empty()));
        assertThat(claim(ANNA)).isEqualTo(successor);
    }

    @Test
    @DisplayName("An attempt that slept cannot activate, fail or release after the next one has begun.")
    void sleepingAttemptCannotActAfterTheNext() {
        Claim slept = made(NewClaim.by(ANNA).taking(port(80)).pending(NODE, "first", tick()));
        pass();
        Claim next = changed(
                ChangedClaim.of(slept).guard(Commit.Guard.ATTEMPT_LAPSED).begin("second", LONG));

        var stale = new Violation.Stale(slept.token(), Optional.of(next.token()));
        assertThat(refused(ChangedClaim.of(slept)
                        .state(ClaimState.ACTIVE, Commit.StateClock.RESTART)
                        .write()))
                .containsExactly(stale);
        assertThat(refused(release(slept))).containsExactly(stale);
        assertThat(claim(ANNA)).isEqualTo(next);
    }

    @Test
    @DisplayName("Of several changes at once that name the same token, exactly one happens.")
    void raceOnOneTokenHasExactlyOneWinner() {
        int racers = 6;
        var handles = handles(racers);
        made(NewClaim.by(ANNA).taking(port(80)));
        Race.of(racers)
                .rounds(fixture.rounds())
                .<CommitResult>run(
                        (round, racer, random) -> {
                            // Read alone before, so that all name the token of the round.
                            Claim base =
                                    handles.get(racer).find(ANNA).orElseThrow().claim();
                            var token = new Token(base.id(), round + 1L);
                            return commit(
                                    handles.get(racer),
                                    Commit.of(ChangedClaim.of(base)
                                            .expecting(token)
                                            .label("winner", "racer-" + racer)
                                            .write()));
                        },
                        (round, results) -> {
                            Claim now = claim(ANNA);
                            assertThat(now.token().revision()).isEqualTo(round + 2L);
                            List<Integer> winners = new java.util.ArrayList<>();
                            for (int racer = 0; racer < racers; racer++) {
                                if (isDone(results.get(racer))) {
                                    winners.add(racer);
                                }
                            }
                            assertThat(winners).hasSize(1);
                            assertThat(now.labels()).containsEntry("winner", "racer-" + winners.get(0));
                        });
    }
}
