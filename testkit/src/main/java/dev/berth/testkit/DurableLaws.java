package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Violation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** L2. */
abstract class DurableLaws extends StoreLaws {
    DurableLaws(LedgerStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("An attempt is stored, with its nonce, before the commit that grants it answers (18).")
    void attemptIsStoredBeforeTheAnswer() {
        NewClaim form = NewClaim.by(ANNA).taking(port(30_001)).pending(NODE, "nonce-108", LONG);
        var at = done(form.write());

        assertThat(claim(form).attempt()).contains(new Attempt(form.id(), 1, "nonce-108", at, at.plus(LONG)));
    }

    @Test
    @DisplayName("What a commit answered is there for another handle at once.")
    void anotherHandleSeesWhatWasAnswered() {
        LedgerStore other = anotherHandle();
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).pending(NODE, "n", LONG));
        done(unit(put("r", 0, "v")));

        assertThat(other.find(ANNA).map(Snapshot::claim)).contains(anna);
        assertThat(other.occupants(List.of(port(1)))).containsValue(holder(port(1)));
        assertThat(other.record("r")).isEqualTo(store.record("r"));
        LedgerInvariants.check(other);
    }

    @Test
    @DisplayName("What a commit answered outlives the handle that made it.")
    void commitOutlivesItsHandle() {
        NewClaim form = NewClaim.by(ANNA).taking(port(1)).pending(NODE, "n", LONG);
        try (LedgerStore brief = anotherHandle()) {
            assertThat(isDone(commit(brief, Commit.of(form.write())))).isTrue();
        }

        assertThat(claim(form).attempt().orElseThrow().nonce()).isEqualTo("n");
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName(
            "A process that dies before or after any call leaves a whole claim or none, and the next goes on (18, 19).")
    void crashBetweenStepsLeavesAWholeClaimOrNone() {
        CrashPoints.check(
                this::fresh,
                dying -> {
                    NewClaim form =
                            NewClaim.by(ANNA).taking(text("web"), port(1)).pending(NODE, "n", tick());
                    dying.commit(List.of(Commit.of(form.write())));
                    Claim granted = dying.find(ANNA).orElseThrow().claim();
                    ChangedClaim active = ChangedClaim.of(granted)
                            .state(dev.berth.ledger.ClaimState.ACTIVE, Commit.StateClock.RESTART)
                            .attempt(Commit.AttemptWrite.END)
                            .taking(text("instance-1"), Claim.INSTANCE_PART, Claim.INSTANCE_PART);
                    dying.commit(List.of(Commit.of(active.write())));
                },
                (next, point) -> {
                    LedgerInvariants.check(next);
                    Optional<Claim> left = next.find(ANNA).map(Snapshot::claim);
                    if (left.isPresent()) {
                        assertThat(left.get().attempt()).isPresent();
                        assertThat(left.get().holdings()).hasSizeBetween(2, 3);
                        assertThat(isDone(commit(next, Commit.of(release(left.get())))))
                                .isTrue();
                    }
                    assertThat(isDone(commit(
                                    next,
                                    Commit.of(NewClaim.by(BERT)
                                            .taking(text("web"), port(1), text("instance-1"))
                                            .write()))))
                            .isTrue();
                    LedgerInvariants.check(next);
                });
    }

    @Test
    @DisplayName(
            "A caller whose answer was lost finds by its owner whether the commit happened, and repeats it in vain.")
    void lostAnswerIsLookedUpByOwner() {
        var faulty = new FaultyLedgerStore(store);
        NewClaim form = NewClaim.by(ANNA).taking(port(1));
        faulty.loseAnswers(1);
        try {
            faulty.commit(List.of(Commit.of(form.write())));
        } catch (dev.berth.ledger.StoreUnavailableException lost) {
            assertThat(lost.outcome()).isEqualTo(dev.berth.ledger.StoreUnavailableException.Outcome.UNKNOWN);
        }

        Claim found = faulty.find(ANNA).orElseThrow().claim();
        CommitResult repeated = commit(faulty, Commit.of(form.write()));
        assertThat(repeated).isInstanceOf(CommitResult.Refused.class);
        assertThat(((CommitResult.Refused) repeated).violations())
                .contains(new Violation.OwnerClaimed(ANNA, found.token()));
        assertThat(claim(ANNA)).isEqualTo(found);
        LedgerInvariants.check(store);
    }
}
