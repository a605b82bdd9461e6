package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Violation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Blocks. */
abstract class BlockLaws extends StoreLaws {
    BlockLaws(LedgerStoreContract contract) {
        super(contract);
    }

    /** Anna had the port, and released it into quarantine. */
    private Instant quarantined(int number, java.time.Duration span) {
        Claim claim = made(NewClaim.by(ANNA).taking(port(number)));
        return done(new Commit.Release(
                claim.token(), Commit.Guard.NONE, EndReason.RELEASED, Map.of(port(number), quarantine(span))));
    }

    @Test
    @DisplayName("A block stands in everybody's way, and says why, since when and until when (29).")
    void blockIsRefusedAndDescribed() {
        Instant at = done(unit(new Commit.PutBlock(port(32_100), decline(LONG))));
        var block = new Occupant.Block(
                port(32_100), BlockReason.DECLINE, Optional.empty(), "nginx listens there", at, at.plus(LONG));

        assertThat(on(port(32_100))).contains(block);
        assertThat(refused(NewClaim.by(ANNA).taking(port(32_100)).write()))
                .containsExactly(new Violation.Occupied(block));
    }

    @Test
    @DisplayName("A released resource that was to be blocked names its former owner and rests from the release on.")
    void releaseCanBlockWhatItFrees() {
        Claim claim = made(NewClaim.by(ANNA).taking(port(1), port(2)));
        Instant at = done(new Commit.Release(
                claim.token(), Commit.Guard.NONE, EndReason.RELEASED, Map.of(port(1), quarantine(LONG))));

        assertThat(on(port(1)))
                .contains(new Occupant.Block(
                        port(1), BlockReason.QUARANTINE, Optional.of(ANNA), "resting", at, at.plus(LONG)));
        assertThat(on(port(2))).isEmpty();
    }

    @Test
    @DisplayName("A former owner passes its own quarantine, and the block is gone then.")
    void formerOwnerPassesItsQuarantine() {
        quarantined(1, LONG);

        Claim again = made(NewClaim.by(ANNA).taking(port(1)));

        assertThat(holder(port(1)).token()).isEqualTo(again.token());
        done(release(again));
        assertThat(on(port(1))).isEmpty();
        made(NewClaim.by(BERT).taking(port(1)));
    }

    @Test
    @DisplayName("Nobody else passes a quarantine.")
    void nobodyElsePassesAQuarantine() {
        quarantined(1, LONG);

        assertThat(refused(NewClaim.by(BERT).taking(port(1)).write()))
                .containsExactly(new Violation.Occupied(block(port(1))));
        Claim bert = made(NewClaim.by(BERT).taking(port(2)));
        assertThat(refused(ChangedClaim.of(bert).taking(port(1)).write()))
                .containsExactly(new Violation.Occupied(block(port(1))));
    }

    @Test
    @DisplayName("A former owner passes nothing but a quarantine: no decline, no foreign mark.")
    void formerOwnerPassesOnlyAQuarantine() {
        for (BlockReason reason : List.of(BlockReason.DECLINE, BlockReason.FOREIGN)) {
            Claim claim = made(NewClaim.by(ANNA).taking(port(1), port(2)));
            var terms = new Commit.BlockTerms(reason, "", LONG);
            done(ChangedClaim.of(claim)
                    .giving(port(1), EndReason.DECLINED, terms)
                    .write());

            assertThat(refused(ChangedClaim.of(claim(ANNA)).taking(port(1)).write()))
                    .containsExactly(new Violation.Occupied(block(port(1))));
            done(release(claim(ANNA)));
            done(unit(new Commit.LiftBlock(port(1))));
        }
    }

    @Test
    @DisplayName("A quarantine that was put without a claim has no former owner: nobody passes it.")
    void putQuarantineHasNoFormerOwner() {
        done(unit(new Commit.PutBlock(port(1), quarantine(LONG))));

        assertThat(block(port(1)).formerOwner()).isEmpty();
        refused(NewClaim.by(ANNA).taking(port(1)).write());
    }

    @Test
    @DisplayName(
            "A claim that goes to another owner passes the new owner's quarantine in that commit, not the old one's.")
    void newOwnersQuarantineCounts() {
        quarantined(1, LONG);
        Claim bert = made(NewClaim.by(BERT).taking(port(2)));
        refused(ChangedClaim.of(bert).taking(port(1)).write());

        Claim renamed = changed(ChangedClaim.of(bert).owner(ANNA).taking(port(1)));

        assertThat(renamed.holdings()).hasSize(2);
        assertThat(holder(port(1)).owner()).isEqualTo(ANNA);
    }

    @Test
    @DisplayName("A block that has run out is gone from every read, and the next claim takes the resource.")
    void blockThatRanOutIsGone() {
        done(unit(new Commit.PutBlock(port(1), decline(tick()))));
        assertThat(on(port(1))).isPresent();
        pass();

        assertThat(on(port(1))).isEmpty();
        assertThat(store.occupants("tcp-port", NODE, "", Optional.empty(), 10)).isEmpty();
        made(NewClaim.by(ANNA).taking(port(1)));
    }

    @Test
    @DisplayName("A block that has run out does not come back when its taker releases.")
    void blockThatRanOutNeverComesBack() {
        quarantined(1, tick());
        pass();
        Claim bert = made(NewClaim.by(BERT).taking(port(1)));
        done(release(bert));

        assertThat(on(port(1))).isEmpty();
        made(NewClaim.by(CLEO).taking(port(1)));
    }

    @Test
    @DisplayName("A block is not put on what a claim holds; the refusal names the holder.")
    void heldResourceIsNotBlocked() {
        made(NewClaim.by(ANNA).taking(port(1)));

        assertThat(refused(unit(new Commit.PutBlock(port(1), decline(LONG)))))
                .containsExactly(new Violation.Occupied(holder(port(1))));
    }

    @Test
    @DisplayName("A block is not put on what a claim holds even when the claim's lease has run out.")
    void lapsedHoldersResourceIsNotBlocked() {
        made(NewClaim.by(ANNA).taking(port(1)).lease(tick()));
        pass();

        assertThat(refused(unit(new Commit.PutBlock(port(1), decline(LONG)))))
                .containsExactly(new Violation.Occupied(holder(port(1))));
        assertThat(holder(port(1)).lapsed()).isTrue();
    }

    @Test
    @DisplayName("A block that is put on a block replaces it: reason, note, former owner and time.")
    void blockReplacesABlock() {
        quarantined(1, tick());
        Instant at = done(unit(new Commit.PutBlock(port(1), decline(LONG))));
        pass();

        assertThat(on(port(1)))
                .contains(new Occupant.Block(
                        port(1), BlockReason.DECLINE, Optional.empty(), "nginx listens there", at, at.plus(LONG)));
        refused(NewClaim.by(ANNA).taking(port(1)).write());
    }

    @Test
    @DisplayName("A shorter block that is put on a longer one ends sooner.")
    void shorterBlockReplacesALongerOne() {
        done(unit(new Commit.PutBlock(port(1), decline(LONG))));
        done(unit(new Commit.PutBlock(port(1), decline(tick()))));
        pass();

        assertThat(on(port(1))).isEmpty();
        made(NewClaim.by(ANNA).taking(port(1)));
    }

    @Test
    @DisplayName("A lifted block is gone at once.")
    void liftedBlockIsGone() {
        quarantined(1, LONG);
        done(unit(new Commit.LiftBlock(port(1))));

        assertThat(on(port(1))).isEmpty();
        made(NewClaim.by(BERT).taking(port(1)));
    }

    @Test
    @DisplayName("Lifting expects nothing: it is done where there is no block, and leaves a claim's holding alone.")
    void liftingExpectsNothing() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));

        done(unit(new Commit.LiftBlock(port(1)), new Commit.LiftBlock(port(2))));

        assertThat(claim(ANNA)).isEqualTo(anna);
        assertThat(holder(port(1)).owner()).isEqualTo(ANNA);
        refused(NewClaim.by(BERT).taking(port(1)).write());
    }

    @Test
    @DisplayName("A resource that a commit gives back can be blocked in it.")
    void givenResourceCanBeBlockedInTheSameCommit() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));

        done(new Commit(
                List.of(release(anna)), List.of(new Commit.PutBlock(port(1), decline(LONG))), List.of(), List.of()));

        assertThat(block(port(1)).reason()).isEqualTo(BlockReason.DECLINE);
        assertThat(store.find(ANNA)).isEmpty();
    }

    @Test
    @DisplayName("A note is kept as it is, up to 1,024 bytes of any characters, and may be empty.")
    void noteIsKeptAsItIs() {
        String longest = "ü".repeat(500) + "😀".repeat(6);
        done(unit(
                new Commit.PutBlock(port(1), new Commit.BlockTerms(BlockReason.FOREIGN, longest, LONG)),
                new Commit.PutBlock(port(2), new Commit.BlockTerms(BlockReason.FOREIGN, "", LONG)),
                new Commit.PutBlock(port(3), new Commit.BlockTerms(BlockReason.FOREIGN, " 'a' \"b\" \\ %_ ", LONG))));

        assertThat(block(port(1)).note()).isEqualTo(longest);
        assertThat(block(port(2)).note()).isEmpty();
        assertThat(block(port(3)).note()).isEqualTo(" 'a' \"b\" \\ %_ ");
    }
}
