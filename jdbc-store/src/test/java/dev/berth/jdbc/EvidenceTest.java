package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Token;
import dev.berth.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the traces of a commit say whose answer was lost; the store here is what was found afterwards. */
class EvidenceTest {
    private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final MemoryLedgerStore store = new MemoryLedgerStore(clock, UUID.randomUUID());
    private final Evidence evidence = new Evidence(store);
    private final CommitResult done = new CommitResult.Done(clock.instant());

    private Commit create(UUID id, String owner, int port) {
        return Commit.of(SqliteStores.reservation(id, Owner.of("lab", owner), SqliteStores.port(port)));
    }

    private static Commit release(UUID id) {
        return Commit.of(new Commit.Release(new Token(id, 1), Commit.Guard.NONE, EndReason.RELEASED, Map.of()));
    }

    private static Commit renewal(UUID id) {
        return Commit.of(new Commit.Touch(
                new Token(id, 1),
                new Commit.LeaseWrite.Run(Duration.ofSeconds(9)),
                Optional.empty(),
                Map.of(),
                Set.of()));
    }

    private Evidence.Verdict verdict(Commit... units) {
        return evidence.of(List.of(units), java.util.Collections.nCopies(units.length, done));
    }

    /** Somebody else has ended the claim meanwhile; who was to be granted another must not be told that it was. */
    @Test
    void aClaimThatIsGoneDoesNotSpeakForOneThatWasNeverMade() {
        Commit ended = release(UUID.randomUUID());
        Commit never = create(UUID.randomUUID(), "anna", 1);
        assertThat(verdict(ended, never)).isEqualTo(Evidence.Verdict.NOT_KEPT);
        assertThat(verdict(never, ended)).isEqualTo(Evidence.Verdict.NOT_KEPT);
        assertThat(verdict(ended)).isEqualTo(Evidence.Verdict.KEPT);
    }

    @Test
    void aClaimThatWasMadeSpeaksForAllOfItsTransaction() {
        UUID anna = UUID.randomUUID();
        Commit made = create(anna, "anna", 1);
        store.commit(List.of(made));
        assertThat(verdict(release(UUID.randomUUID()), renewal(UUID.randomUUID()), made))
                .isEqualTo(Evidence.Verdict.KEPT);
        store.commit(List.of(release(anna)));
        assertThat(verdict(made)).as("released since").isEqualTo(Evidence.Verdict.KEPT);
    }

    @Test
    void aClaimThatIsThereAsItWasExpectedWasNotReleased() {
        UUID anna = UUID.randomUUID();
        store.commit(List.of(create(anna, "anna", 1)));
        assertThat(verdict(release(UUID.randomUUID()), release(anna))).isEqualTo(Evidence.Verdict.NOT_KEPT);
    }

    /** A renewal leaves nothing that tells, so it hides no release that was done. */
    @Test
    void aRenewalTellsNothing() {
        UUID anna = UUID.randomUUID();
        store.commit(List.of(create(anna, "anna", 1)));
        assertThat(verdict(renewal(anna))).isEqualTo(Evidence.Verdict.NOT_KEPT);
        assertThat(verdict(renewal(anna), release(UUID.randomUUID()))).isEqualTo(Evidence.Verdict.KEPT);
    }

    @Test
    void whatWasRefusedIsNoTrace() {
        List<CommitResult> planned = List.of(new CommitResult.Refused(List.of()), done);
        Commit refused = create(UUID.randomUUID(), "anna", 1);
        assertThat(evidence.of(List.of(refused, release(UUID.randomUUID())), planned))
                .isEqualTo(Evidence.Verdict.KEPT);
    }
}
