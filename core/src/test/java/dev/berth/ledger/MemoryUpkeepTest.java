package dev.berth.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A store in memory that lives for months keeps what is held, and no trace of what was only asked for or renewed. */
class MemoryUpkeepTest {
    private static final Owner ANNA = Owner.of("t", "anna");
    private static final int MANY = 50_000;
    private static final int BOUND = 3_000;

    private final Clock clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
    private final MemoryLedgerStore store = new MemoryLedgerStore(clock, new UUID(1, 1));
    private final ResourceLedger ledger = ResourceLedger.on(store);

    private static ClaimRequest port(Owner owner, Scope scope) {
        return ClaimRequest.by(owner).fixed("port", ResourceKind.TCP_PORT.in(scope, 5001));
    }

    @Test
    void renewalsLeaveNothingBehind() {
        Claim claim = ledger.claim(port(ANNA, Scope.GLOBAL).lease(Duration.ofDays(30)));
        for (int i = 1; i <= MANY; i++) {
            ledger.renew(claim.token(), Duration.ofDays(30).plusMillis(i));
        }
        assertThat(store.kept()).isLessThan(BOUND);
    }

    @Test
    void renewalsWhileTheClockStandsStillLeaveNothingBehind() {
        Claim claim = ledger.claim(port(ANNA, Scope.GLOBAL).lease(Duration.ofDays(30)));
        for (int i = 1; i <= MANY; i++) {
            ledger.renew(claim.token(), Duration.ofDays(30));
        }
        assertThat(store.kept()).isLessThan(BOUND);
    }

    @Test
    void releasedLeasesAndLiftedBlocksLeaveNothingBehind() {
        Resource port = ResourceKind.TCP_PORT.in(Scope.GLOBAL, 5001);
        for (int i = 1; i <= MANY; i++) {
            ledger.release(ledger.claim(port(ANNA, Scope.GLOBAL).lease(Duration.ofDays(365))));
            ledger.markForeign(port, "seen", Duration.ofDays(365));
            ledger.unblock(port);
        }
        assertThat(store.kept()).isLessThan(BOUND);
    }

    @Test
    void scopesThatNobodyHoldsAnythingInAreForgotten() {
        for (int i = 1; i <= MANY; i++) {
            Scope scope = Scope.of("host-" + i);
            ledger.release(ledger.claim(port(ANNA, scope)));
            ledger.explain(ResourceKind.CONTAINER_NAME.in(scope, "web"));
        }
        assertThat(store.kept()).isLessThan(BOUND);
    }

    @Test
    void aScopeThatIsHeldInIsNotForgotten() {
        Claim held = ledger.claim(port(ANNA, Scope.of("held")));
        for (int i = 1; i <= 1_000; i++) {
            ledger.release(ledger.claim(port(Owner.of("t", "bert"), Scope.of("host-" + i))));
        }
        assertThat(ledger.holder(ResourceKind.TCP_PORT.in(Scope.of("held"), 5001)))
                .contains(held);
    }

    @Test
    void aRenewedLeaseStillEndsWhereItsOldEntriesWereDropped() {
        var now = new Instant[] {clock.instant()};
        var moving = new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now[0];
            }
        };
        var candidates = new Candidates.Numbered(
                new Candidates.Layout(
                        ResourceKind.TCP_PORT,
                        Scope.GLOBAL,
                        java.util.Map.of("-", 5001),
                        1,
                        1,
                        java.util.Set.of(),
                        "one"),
                0);
        try (var renewed = ResourceLedger.inMemory(moving)) {
            Claim claim = renewed.claim(
                    ClaimRequest.by(ANNA).choose("port", owner -> candidates).lease(Duration.ofHours(1)));
            for (int i = 1; i <= 10_000; i++) {
                now[0] = now[0].plusSeconds(1);
                renewed.renew(claim.token(), Duration.ofHours(1));
            }
            ClaimRequest bert = ClaimRequest.by(Owner.of("t", "bert")).choose("port", owner -> candidates);
            assertThat(renewed.tryClaim(bert)).isInstanceOf(ClaimOutcome.Refused.class);
            now[0] = now[0].plusSeconds(3_600);
            assertThat(renewed.tryClaim(bert)).isInstanceOf(ClaimOutcome.Granted.class);
        }
    }
}
