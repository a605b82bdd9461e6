package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerIdentity;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Faults, among them L3: unknown is a third answer. */
abstract class FaultLaws extends StoreLaws {
    FaultLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private Map<String, ThrowingCallable> calls(LedgerIdentity identity) {
        var pool = new Candidates.Listed(List.of(Map.of("p", port(7))), "one");
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put(
                "commit",
                () -> store.commit(
                        List.of(Commit.of(NewClaim.by(CLEO).taking(port(7)).write()))));
        calls.put("find owner", () -> store.find(ANNA));
        calls.put("find claim", () -> store.find(UUID.randomUUID()));
        calls.put("occupants", () -> store.occupants(List.of(port(1))));
        calls.put("occupants by page", () -> store.occupants("tcp-port", NODE, "", Optional.empty(), 5));
        calls.put("claims", () -> store.claims(ClaimQuery.all(), Optional.empty(), 5));
        calls.put("free", () -> store.free(ANNA, pool, Set.of(), 5));
        calls.put("record", () -> store.record("r"));
        calls.put("records", () -> store.records("", Optional.empty(), 5));
        calls.put("history", () -> store.history(port(1), Instant.EPOCH, Instant.now(), 5));
        calls.put("tombstone", () -> store.tombstone(UUID.randomUUID()));
        calls.put("tombstones", () -> store.tombstones(Optional.empty(), Optional.empty(), 5));
        calls.put("prune", () -> store.prune(Duration.ofDays(1), 5));
        calls.put("identity", () -> store.identity());
        calls.put("settle", () -> store.settle(identity, UUID.randomUUID()));
        return calls;
    }

    private StoreFixture.Medium medium() {
        assumeTrue(fixture.medium().isPresent(), "skipped: this store's medium cannot be broken");
        return fixture.medium().orElseThrow();
    }

    @Test
    @DisplayName("A closed store fails at every call, says that nothing happened, and that trying again is in vain.")
    void closedStoreFailsEveryCall() {
        Map<String, ThrowingCallable> calls = calls(store.identity());
        calls.put("now", store::now);
        store.close();

        calls.forEach((name, call) -> assertThatExceptionOfType(StoreUnavailableException.class)
                .as(name)
                .isThrownBy(call)
                .satisfies(failure -> {
                    assertThat(failure.outcome()).isEqualTo(StoreUnavailableException.Outcome.NOT_DONE);
                    assertThat(failure.isRetryable()).isFalse();
                }));
    }

    @Test
    @DisplayName("Closing is safe to repeat.")
    void closingIsSafeToRepeat() {
        store.close();
        store.close();
    }

    @Test
    @DisplayName("Closing one handle leaves the others open.")
    void closingOneHandleLeavesTheOthers() {
        LedgerStore other = anotherHandle();
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        other.close();

        assertThat(claim(ANNA)).isEqualTo(anna);
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> other.find(ANNA));
    }

    @Test
    @DisplayName(
            "L3: a medium that fails is an error at every call, never an answer: not free, not absent, not refused (43).")
    void brokenMediumIsNeverAnAnswer() {
        StoreFixture.Medium medium = medium();
        made(NewClaim.by(ANNA).taking(port(1)));
        Map<String, ThrowingCallable> calls = calls(store.identity());
        medium.fail();
        try {
            calls.forEach((name, call) -> assertThatExceptionOfType(StoreUnavailableException.class)
                    .as(name)
                    .isThrownBy(call));
        } finally {
            medium.mend();
        }
    }

    @Test
    @DisplayName(
            "A store whose medium was mended goes on with all that was answered before, and nothing that was not done.")
    void mendedMediumGoesOn() {
        StoreFixture.Medium medium = medium();
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        medium.fail();
        StoreUnavailableException.Outcome outcome = StoreUnavailableException.Outcome.UNKNOWN;
        try {
            store.commit(List.of(Commit.of(NewClaim.by(BERT).taking(port(2)).write())));
        } catch (StoreUnavailableException failure) {
            outcome = failure.outcome();
        } finally {
            medium.mend();
        }

        assertThat(claim(ANNA)).isEqualTo(anna);
        if (outcome == StoreUnavailableException.Outcome.NOT_DONE) {
            assertThat(store.find(BERT)).isEmpty();
            made(NewClaim.by(BERT).taking(port(2)));
        }
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("A page's limit outside 1 to 10,000 is refused at the door.")
    void limitsOutOfRangeAreRefused() {
        var pool = new Candidates.Listed(List.of(Map.of("p", port(7))), "one");
        for (int limit : new int[] {Integer.MIN_VALUE, -1, 0, LedgerStore.PAGE_LIMIT + 1, Integer.MAX_VALUE}) {
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> store.occupants("tcp-port", NODE, "", Optional.empty(), limit),
                    () -> store.claims(ClaimQuery.all(), Optional.empty(), limit),
                    () -> store.free(ANNA, pool, Set.of(), limit),
                    () -> store.records("", Optional.empty(), limit),
                    () -> store.history(port(1), Instant.EPOCH, store.now(), limit),
                    () -> store.tombstones(Optional.empty(), Optional.empty(), limit),
                    () -> store.prune(Duration.ofDays(1), limit))) {
                assertThatExceptionOfType(InvalidInputException.class).isThrownBy(call);
            }
        }
    }

    @Test
    @DisplayName("A thread that is interrupted gets a whole answer or an error, keeps its flag, and breaks nothing.")
    void interruptedThreadBreaksNothing() {
        boolean finished = false;
        Thread.currentThread().interrupt();
        try {
            store.commit(
                    List.of(Commit.of(NewClaim.by(ANNA).taking(port(1), port(2)).write())));
            finished = true;
        } catch (StoreUnavailableException failure) {
            assertThat(failure.outcome()).isNotNull();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }

        Optional<Claim> left = store.find(ANNA).map(snapshot -> snapshot.claim());
        assertThat(!finished || left.isPresent()).isTrue();
        left.ifPresent(claim -> assertThat(claim.holdings()).hasSize(2));
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("The advice on combining callers is constant.")
    void combiningIsConstant() {
        LedgerStore.Combining advice = store.combining();
        made(NewClaim.by(ANNA).taking(port(1)));

        assertThat(store.combining()).isEqualTo(advice);
    }
}
