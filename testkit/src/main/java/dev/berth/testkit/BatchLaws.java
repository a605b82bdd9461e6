package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Batch. */
abstract class BatchLaws extends StoreLaws {
    BatchLaws(LedgerStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("A call of several units answers each of them, in their order.")
    void everyUnitIsAnsweredInOrder() {
        made(NewClaim.by(ANNA).taking(port(1)));

        List<CommitResult> results = store.commit(List.of(
                Commit.of(NewClaim.by(BERT).taking(port(1)).write()),
                Commit.of(NewClaim.by(CLEO).taking(port(2)).write()),
                unit(put("r", 9, "v"))));

        assertThat(results).hasSize(3);
        assertThat(results.get(0))
                .isEqualTo(new CommitResult.Refused(List.of(new Violation.Occupied(holder(port(1))))));
        assertThat(results.get(1)).isInstanceOf(CommitResult.Done.class);
        assertThat(results.get(2)).isEqualTo(new CommitResult.Refused(List.of(new Violation.RecordMoved("r", 9, 0))));
    }

    @Test
    @DisplayName("A unit that is refused takes no other with it, whether it comes first, in the middle or last.")
    void refusedUnitLeavesTheOthersAlone() {
        made(NewClaim.by(ANNA).taking(port(1)));
        for (int place = 0; place < 3; place++) {
            List<Commit> units = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int number = 10 * (place + 1) + i;
                units.add(Commit.of(NewClaim.by(owner(number))
                        .taking(i == place ? port(1) : port(number), port(1_000 + number))
                        .write()));
            }
            List<CommitResult> results = store.commit(units);
            for (int i = 0; i < 3; i++) {
                int number = 10 * (place + 1) + i;
                assertThat(isDone(results.get(i))).isEqualTo(i != place);
                assertThat(store.find(owner(number)).isPresent()).isEqualTo(i != place);
                assertThat(on(port(1_000 + number)).isPresent()).isEqualTo(i != place);
            }
        }
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("A unit sees what those before it in the call have done: it may use what they freed or made.")
    void unitsAreCarriedOutOneAfterTheOther() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        NewClaim bert = NewClaim.by(BERT).taking(port(1));
        var bertsToken = new Token(bert.id(), 1);

        List<CommitResult> results = store.commit(List.of(
                Commit.of(release(anna)),
                Commit.of(bert.write()),
                Commit.of(NewClaim.by(CLEO).taking(port(1)).write()),
                Commit.of(release(bertsToken)),
                Commit.of(NewClaim.by(ANNA).taking(port(1)).write())));

        assertThat(results).extracting(StoreLaws::isDone).containsExactly(true, true, false, true, true);
        assertThat(holder(port(1)).owner()).isEqualTo(ANNA);
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Two units of one call that want the same are answered as if one came after the other.")
    void secondOfTwoEqualUnitsIsRefused() {
        NewClaim first = NewClaim.by(ANNA).taking(port(1));
        NewClaim second = NewClaim.by(ANNA).taking(port(2));

        List<CommitResult> results = store.commit(List.of(Commit.of(first.write()), Commit.of(second.write())));

        assertThat(isDone(results.get(0))).isTrue();
        assertThat(results.get(1))
                .isEqualTo(
                        new CommitResult.Refused(List.of(new Violation.OwnerClaimed(ANNA, new Token(first.id(), 1)))));
        assertThat(on(port(2))).isEmpty();
    }

    @Test
    @DisplayName("Changes of one claim in one call follow each other's tokens.")
    void changesFollowEachOther() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        List<Commit> units = new ArrayList<>();
        for (int revision = 1; revision <= 20; revision++) {
            units.add(Commit.of(ChangedClaim.of(anna)
                    .expecting(new Token(anna.id(), revision))
                    .label("last", Integer.toString(revision))
                    .write()));
        }

        assertThat(store.commit(units)).allMatch(StoreLaws::isDone);
        assertThat(claim(ANNA).token().revision()).isEqualTo(21);
        assertThat(claim(ANNA).labels()).containsEntry("last", "20");
        assertThat(store.commit(units.subList(0, 1)))
                .containsExactly(new CommitResult.Refused(List.of(new Violation.Stale(
                        anna.token(), Optional.of(claim(ANNA).token())))));
    }

    @Test
    @DisplayName("A unit that gives back what its claim does not hold is an error, and no unit of its call is done.")
    void senselessUnitLeavesNothingBehind() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        Commit senseless = Commit.of(
                ChangedClaim.of(anna).giving(port(2), EndReason.SHRUNK).write());
        Commit good = Commit.of(NewClaim.by(BERT).taking(port(3)).write());

        for (List<Commit> units : List.of(List.of(senseless), List.of(good, senseless), List.of(senseless, good))) {
            assertThatThrownBy(() -> store.commit(units)).isInstanceOf(InvalidInputException.class);
            assertThat(store.find(BERT)).isEmpty();
            assertThat(on(port(3))).isEmpty();
            assertThat(claim(ANNA)).isEqualTo(anna);
        }
        assertThat(isDone(store.commit(List.of(good)).get(0))).isTrue();
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("The times of one call's units never go back.")
    void timesOfOneCallNeverGoBack() {
        List<Commit> units = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            units.add(unit(put("r" + i, 0, "v")));
        }
        Instant last = store.now();
        for (CommitResult result : store.commit(units)) {
            Instant at = ((CommitResult.Done) result).at();
            assertThat(at).isAfterOrEqualTo(last);
            last = at;
        }
        assertThat(store.now()).isAfterOrEqualTo(last);
    }

    @Test
    @DisplayName("A call of 500 units is as good as 500 calls.")
    void longBatchIsDone() {
        List<Commit> units = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            units.add(Commit.of(NewClaim.by(owner(i / 2)).taking(port(1 + i)).write()));
        }
        List<CommitResult> results = store.commit(units);

        for (int i = 0; i < 500; i++) {
            assertThat(isDone(results.get(i))).isEqualTo(i % 2 == 0);
        }
        assertThat(LedgerInvariants.claims(store)).hasSize(250);
        LedgerInvariants.check(store);
    }
}
