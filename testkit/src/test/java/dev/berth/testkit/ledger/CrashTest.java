package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.ANNA;
import static dev.berth.testkit.ledger.World.BERT;
import static dev.berth.testkit.ledger.World.CARL;
import static dev.berth.testkit.ledger.World.MINUTE;
import static dev.berth.testkit.ledger.World.NODE;
import static dev.berth.testkit.ledger.World.by;
import static dev.berth.testkit.ledger.World.pool;
import static dev.berth.testkit.ledger.World.port;
import static dev.berth.testkit.ledger.World.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Token;
import dev.berth.testkit.CrashPoints;
import dev.berth.testkit.LedgerInvariants;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** L2 and L6: a process that dies at any step leaves a claim held whole or not at all, and asking again goes on. */
class CrashTest {
    private final AtomicReference<World> world = new AtomicReference<>();

    /** A fresh world: Bert's reservation has lapsed, Carl is to be superseded. */
    private World begin() {
        var fresh = new World();
        fresh.other.claim(
                by(BERT).fixed("port", port(5001)).fixed("path", tree("/desk")).lease(MINUTE));
        fresh.clock.advance(MINUTE);
        fresh.holds(CARL, 6001);
        world.set(fresh);
        return fresh;
    }

    private World here() {
        return Optional.ofNullable(world.get()).orElseThrow();
    }

    private ClaimRequest everything() {
        return by(ANNA).fixed("path", tree("/desk/a"))
                .fixed("superseded", port(6001))
                .choose("chosen", pool(5001, 3))
                .superseding(here().other.find(CARL).map(Claim::token).stream().toArray(Token[]::new));
    }

    @Test
    void aClaimIsHeldWholeOrNotAtAll() {
        int points = CrashPoints.check(
                () -> begin().memory, dying -> ResourceLedger.on(dying).claim(everything()), (survivor, point) -> {
                    LedgerInvariants.check(survivor);
                    Optional<Claim> anna = here().other.find(ANNA);
                    anna.ifPresent(claim -> assertThat(claim.holdings()).hasSize(3));
                    assertThat(here().other.find(BERT).isEmpty()).isEqualTo(anna.isPresent());
                    assertThat(here().other.find(CARL).isEmpty()).isEqualTo(anna.isPresent());
                    Claim again = here().other.claim(everything());
                    assertThat(again.holdings()).hasSize(3);
                    anna.ifPresent(claim -> assertThat(again).isEqualTo(claim));
                });
        assertThat(points).isGreaterThan(10);
    }

    /** Scenario 18: dead between the attempt and its end, the next process goes on when the attempt has run out. */
    @Test
    void anAttemptThatDiesIsTakenUpByTheNextProcess() {
        CrashPoints.check(
                () -> begin().memory,
                dying -> {
                    var ledger = ResourceLedger.on(dying);
                    var granted = (AttemptOutcome.Granted)
                            ledger.attempt(by(ANNA).choose("port", pool(7001, 3)), NODE, MINUTE);
                    ledger.stop(ledger.activate(granted.attempt(), "instance").token());
                },
                (survivor, point) -> {
                    LedgerInvariants.check(survivor);
                    here().clock.advance(MINUTE);
                    var outcome = here().other.attempt(by(ANNA).choose("port", pool(7001, 3)), NODE, MINUTE);
                    if (outcome instanceof AttemptOutcome.Granted granted) {
                        assertThat(here().other
                                        .activate(granted.attempt(), "instance")
                                        .state())
                                .isEqualTo(ClaimState.ACTIVE);
                    } else {
                        assertThat(outcome).isInstanceOf(AttemptOutcome.Held.class);
                    }
                    assertThat(here().other.find(ANNA).orElseThrow().port("port"))
                            .isEqualTo(7001);
                });
    }

    @Test
    void changesHappenWholeOrNotAtAll() {
        CrashPoints.check(
                () -> begin().memory,
                dying -> {
                    var ledger = ResourceLedger.on(dying);
                    Claim claim =
                            ledger.claim(by(ANNA).choose("port", pool(7001, 3)).fixed("x", port(9000)));
                    claim = ledger.reassign(
                            claim.token(),
                            Reassignment.of("port", pool(7001, 3)).declining(List.of(port(7001)), "busy", MINUTE));
                    claim = ledger.shrink(claim.token(), "x");
                    ledger.migrate(ANNA, port(7002), port(7009));
                    ledger.rename(ANNA, Owner.of("lab", "new"));
                },
                (survivor, point) -> {
                    LedgerInvariants.check(survivor);
                    here().other.migrate(CARL, port(6001), port(6002));
                    here().clock.advance(Duration.ofDays(1));
                    assertThat(here().other.tryClaim(by(BERT).choose("more", pool(7001, 3))))
                            .isInstanceOf(ClaimOutcome.Granted.class);
                });
    }

    @Test
    void aReleaseThatDiesIsRepeatedHarmlessly() {
        CrashPoints.check(
                () -> begin().memory,
                dying -> {
                    var ledger = ResourceLedger.on(dying);
                    ledger.release(
                            ledger.find(CARL).orElseThrow().token(), Quarantine.of(ResourceKind.TCP_PORT, MINUTE));
                },
                (survivor, point) -> {
                    LedgerInvariants.check(survivor);
                    boolean there = here().other.find(CARL).isPresent();
                    assertThat(here().other
                                    .find(CARL)
                                    .map(here().other::release)
                                    .orElse(false))
                            .isEqualTo(there);
                    // Back with its former owner, whether it rests or is free.
                    here().holds(CARL, 6001);
                });
    }
}
