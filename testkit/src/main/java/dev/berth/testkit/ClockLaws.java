package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Violation;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Clock. */
abstract class ClockLaws extends StoreLaws {
    ClockLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private static Commit.Release reap(Claim seen) {
        return new Commit.Release(seen.token(), Commit.Guard.LEASE_LAPSED, EndReason.LAPSED, Map.of());
    }

    private static Commit.Touch renewal(Claim seen, Commit.LeaseWrite lease) {
        return new Commit.Touch(seen.token(), lease, Optional.empty(), Map.of(), Set.of());
    }

    @Test
    @DisplayName("Every time that the store tells is in whole microseconds.")
    void timesAreWholeMicroseconds() {
        Instant at = done(NewClaim.by(ANNA).taking(port(1)).lease(LONG).write());

        for (Instant told : List.of(
                store.now(),
                at,
                claim(ANNA).createdAt(),
                claim(ANNA).leaseUntil().orElseThrow())) {
            assertThat(told).isEqualTo(told.truncatedTo(ChronoUnit.MICROS));
        }
    }

    @Test
    @DisplayName("Instants keep their microseconds, and leases of 36,500 days their end.")
    void instantsKeepTheirMicroseconds() {
        Duration odd = Duration.ofSeconds(7_201, 654_321_000);
        Duration longest = Duration.ofDays(36_500);
        Instant first = done(NewClaim.by(ANNA).taking(port(1)).lease(odd).write());
        Instant second = done(NewClaim.by(BERT).taking(port(2)).lease(longest).write());

        assertThat(claim(ANNA).createdAt()).isEqualTo(first);
        assertThat(claim(ANNA).leaseUntil()).contains(first.plus(odd));
        assertThat(claim(BERT).leaseUntil()).contains(second.plus(longest));
    }

    @Test
    @DisplayName("The store's clock never goes back, across reads and commits.")
    void clockNeverGoesBack() {
        Instant last = store.now();
        for (int i = 1; i <= 50; i++) {
            Instant at = done(unit(put("r" + i, 0, "v")));
            assertThat(at).isAfterOrEqualTo(last);
            Instant now = store.now();
            assertThat(now).isAfterOrEqualTo(at);
            last = now;
        }
        fixture.pass(Duration.ofMillis(5));
        assertThat(store.now()).isAfterOrEqualTo(last.plusMillis(5));
    }

    @Test
    @DisplayName(
            "Where the clock behind the store is set back, the store's time stands still, and nothing lives again.")
    void clockThatIsSetBackStandsStill() {
        assumeTrue(fixture.clock().isPresent(), "skipped: this store's clock is not in the test's hands");
        made(NewClaim.by(ANNA).taking(port(1)).lease(tick()));
        pass();
        Instant before = store.now();

        fixture.clock().orElseThrow().advance(LONG.negated());

        assertThat(store.now()).isEqualTo(before);
        assertThat(store.find(ANNA).orElseThrow().isLapsed()).isTrue();
        assertThat(done(unit(put("r", 0, "v")))).isEqualTo(before);
        done(reap(claim(ANNA)));
    }

    @Test
    @DisplayName("A snapshot tells the time of its read, which no commit that it shows is after.")
    void snapshotTellsItsTime() {
        Instant at = done(NewClaim.by(ANNA).taking(port(1)).write());
        Snapshot seen = store.find(ANNA).orElseThrow();

        assertThat(seen.at()).isAfterOrEqualTo(at).isBeforeOrEqualTo(store.now());
    }

    @Test
    @DisplayName("A reservation whose lease has run out still holds, and says of itself that it has lapsed.")
    void lapsedReservationStillHolds() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).lease(tick()));
        assertThat(holder(port(1)).lapsed()).isFalse();
        pass();

        assertThat(holder(port(1)).lapsed()).isTrue();
        assertThat(store.find(ANNA).orElseThrow().isLapsed()).isTrue();
        assertThat(claim(ANNA)).isEqualTo(anna);
        assertThat(refused(NewClaim.by(BERT).taking(port(1)).write()))
                .containsExactly(new Violation.Occupied(holder(port(1))));
    }

    @Test
    @DisplayName("A lease runs out at its very instant.")
    void leaseRunsOutAtItsInstant() {
        assumeTrue(fixture.clock().isPresent(), "skipped: this store's clock is not in the test's hands");
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).lease(Duration.ofMillis(5)));
        fixture.clock().orElseThrow().set(anna.leaseUntil().orElseThrow().minusNanos(1_000));
        assertThat(holder(port(1)).lapsed()).isFalse();
        assertThat(refused(reap(anna))).containsExactly(new Violation.NotLapsed(anna.token()));

        fixture.clock().orElseThrow().set(anna.leaseUntil().orElseThrow());

        assertThat(holder(port(1)).lapsed()).isTrue();
        done(reap(anna));
    }

    @Test
    @DisplayName("A beating holder is never robbed: a release for lapse is refused while the lease runs.")
    void runningLeaseIsNotReaped() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).lease(LONG));

        assertThat(refused(reap(anna))).containsExactly(new Violation.NotLapsed(anna.token()));
        assertThat(refused(reap(anna), NewClaim.by(BERT).taking(port(1)).write()))
                .containsExactly(new Violation.NotLapsed(anna.token()));
        assertThat(claim(ANNA)).isEqualTo(anna);
    }

    @Test
    @DisplayName("A holder that renewed in time is not reaped by one who saw it lapse, though its token is the same.")
    void renewedLeaseIsNotReaped() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).lease(tick()));
        pass();
        assertThat(store.find(ANNA).orElseThrow().isLapsed()).isTrue();
        Instant at = done(renewal(anna, new Commit.LeaseWrite.Run(LONG)));

        assertThat(claim(ANNA).leaseUntil()).contains(at.plus(LONG));
        assertThat(refused(reap(anna))).containsExactly(new Violation.NotLapsed(anna.token()));
    }

    @Test
    @DisplayName("A claim without a lease never lapses.")
    void claimWithoutLeaseNeverLapses() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)));
        pass();

        assertThat(holder(port(1)).lapsed()).isFalse();
        assertThat(refused(reap(anna))).containsExactly(new Violation.NotLapsed(anna.token()));
    }

    @Test
    @DisplayName("A provisioned claim never lapses, whatever its lease: it is a candidate for the reaper only.")
    void provisionedClaimNeverLapses() {
        Claim anna = made(
                NewClaim.by(ANNA).taking(port(1)).pending(NODE, "n", tick()).lease(tick()));
        pass();

        assertThat(holder(port(1)).lapsed()).isFalse();
        assertThat(refused(reap(anna))).containsExactly(new Violation.NotLapsed(anna.token()));
        Claim active = changed(ChangedClaim.of(anna).state(ClaimState.ACTIVE, Commit.StateClock.RESTART));
        assertThat(refused(reap(active))).containsExactly(new Violation.NotLapsed(active.token()));
    }

    @Test
    @DisplayName("A lifted lease is gone, a lease that is kept stays as it is stored.")
    void leaseIsLiftedOrKept() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).lease(tick()));
        Claim kept = changed(ChangedClaim.of(anna).lease(Commit.LeaseWrite.KEEP));
        assertThat(kept.leaseUntil()).isEqualTo(anna.leaseUntil());
        done(renewal(kept, Commit.LeaseWrite.KEEP));
        assertThat(claim(ANNA).leaseUntil()).isEqualTo(anna.leaseUntil());

        Claim lifted = changed(ChangedClaim.of(kept).lease(Commit.LeaseWrite.LIFT));
        pass();

        assertThat(lifted.leaseUntil()).isEmpty();
        assertThat(holder(port(1)).lapsed()).isFalse();
        Claim again = changed(ChangedClaim.of(lifted).lease(new Commit.LeaseWrite.Run(LONG)));
        assertThat(again.leaseUntil()).isPresent();
        done(renewal(again, Commit.LeaseWrite.LIFT));
        assertThat(claim(ANNA).leaseUntil()).isEmpty();
    }

    @Test
    @DisplayName("The guard counts beside the token: a stale token is told as stale alone.")
    void staleTokenIsNotAlsoNotLapsed() {
        Claim seen = made(NewClaim.by(ANNA).taking(port(1)).lease(LONG));
        Claim now = changed(ChangedClaim.of(seen));

        assertThat(refused(reap(seen))).containsExactly(new Violation.Stale(seen.token(), Optional.of(now.token())));
    }
}
