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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.LedgerListener;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StaleTokenException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners hear every event after the commit, on the acting thread, without a lock, and break nothing. */
class ListenerTest {
    private final World world = new World();

    private List<String> heard() {
        List<String> names = world.listener.events().stream()
                .map(event -> event.getClass().getSimpleName())
                .toList();
        world.listener.clear();
        return names;
    }

    @Test
    void everyEventIsHeard() {
        ResourceLedger ledger = world.ledger;
        Claim claim = ledger.claim(by(ANNA).fixed("a", port(1)).unconfirmed("a"));
        assertThat(heard()).containsExactly("Claimed");
        ledger.claim(by(ANNA).fixed("a", port(1)));
        assertThat(heard()).isEmpty();
        ledger.claim(by(ANNA).fixed("a", port(1)).lease(MINUTE));
        assertThat(heard()).containsExactly("Renewed");
        ledger.claim(by(ANNA).fixed("a", port(1)).label("k", "v"));
        assertThat(heard()).containsExactly("Noted");
        ledger.tryClaim(by(BERT).fixed("a", port(1)));
        assertThat(heard()).containsExactly("Refused");
        ledger.renew(claim.token(), MINUTE);
        assertThat(heard()).containsExactly("Renewed");
        ledger.relabel(claim.token(), Map.of("k", "w"), Set.of());
        assertThat(heard()).containsExactly("Noted");
        claim = ledger.confirm(claim.token(), "a");
        assertThat(heard()).containsExactly("Noted");
        ledger.reassign(claim.token(), Reassignment.of("a", port(2)).declining(List.of(port(1)), "", MINUTE));
        assertThat(heard()).containsExactly("Given", "Blocked", "Claimed");
        ledger.unblock(port(1));
        assertThat(heard()).containsExactly("Unblocked");
        ledger.migrate(ANNA, port(2), port(3));
        assertThat(heard()).containsExactly("Given", "Claimed");
        ledger.rename(ANNA, CARL);
        assertThat(heard()).containsExactly("Renamed");
        AttemptOutcome.Granted granted =
                (AttemptOutcome.Granted) ledger.attempt(ClaimRequest.by(CARL).fixed("b", port(9)), NODE, MINUTE);
        assertThat(heard()).containsExactly("Claimed", "Attempted");
        ledger.attempt(ClaimRequest.by(CARL), NODE, MINUTE);
        assertThat(heard()).isEmpty();
        ledger.renew(granted.attempt(), MINUTE);
        assertThat(heard()).containsExactly("Renewed");
        claim = ledger.activate(granted.attempt(), "i");
        assertThat(heard()).containsExactly("StateChanged");
        claim = ledger.stop(claim.token());
        claim = ledger.fail(claim.token(), "x");
        assertThat(heard()).containsExactly("StateChanged", "StateChanged");
        claim = ledger.shrink(claim.token(), "b");
        assertThat(heard()).containsExactly("Given");
        ledger.release(claim.token(), Quarantine.of(ResourceKind.TCP_PORT, MINUTE));
        assertThat(heard()).containsExactly("Released", "Blocked");
        ledger.markForeign(port(77), "", MINUTE);
        assertThat(heard()).containsExactly("Blocked");
    }

    @Test
    void lapsedAndSupersededClaimsAreHeardOf() {
        world.other.claim(by(BERT).fixed("a", port(1)).lease(MINUTE));
        world.clock.advance(MINUTE);
        Claim anna = world.ledger.claim(by(ANNA).fixed("a", port(1)));
        assertThat(heard()).containsExactly("Released", "Claimed");
        world.ledger.claim(by(CARL).fixed("a", port(1)).superseding(anna.token()));
        assertThat(heard()).containsExactly("Released", "Claimed");
    }

    @Test
    void whatFailsIsNotHeardOf() {
        Claim claim = world.holds(ANNA, 1);
        world.other.release(claim);
        assertThatThrownBy(() -> world.ledger.renew(claim.token(), MINUTE)).isInstanceOf(StaleTokenException.class);
        world.ledger.release(claim);
        assertThat(heard()).isEmpty();
    }

    @Test
    void oneThatThrowsBreaksNothing() {
        for (Throwable thrown : List.of(
                new IllegalStateException("listener"),
                new AssertionError("listener"),
                new StackOverflowError("listener"))) {
            var hearing = new World();
            List<LedgerEvent> after = new ArrayList<>();
            LedgerListener throwing = event -> sneak(thrown);
            var ledger = ResourceLedger.builder(hearing.memory)
                    .listener(throwing)
                    .listener(after::add)
                    .build();
            Claim claim = ledger.claim(by(ANNA).fixed("a", port(1)));
            assertThat(ledger.find(ANNA)).contains(claim);
            assertThat(ledger.release(claim)).isTrue();
            assertThat(after).hasSize(2);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void itIsCalledOnTheActingThreadAfterTheCommit() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        AtomicReference<Boolean> stored = new AtomicReference<>();
        var ledger = ResourceLedger.builder(world.memory)
                .listener(event -> {
                    thread.set(Thread.currentThread());
                    stored.set(world.other.find(ANNA).isPresent());
                })
                .build();
        ledger.claim(by(ANNA).fixed("a", port(1)));
        assertThat(thread.get()).isSameAs(Thread.currentThread());
        assertThat(stored.get()).isTrue();
    }

    @Test
    void itMayCallTheLedgerBack() {
        AtomicReference<ResourceLedger> ledger = new AtomicReference<>();
        List<Claim> followers = new ArrayList<>();
        ledger.set(ResourceLedger.builder(world.memory)
                .listener(event -> {
                    if (event instanceof LedgerEvent.Claimed claimed
                            && claimed.claim().owner().equals(ANNA)) {
                        followers.add(ledger.get().claim(by(BERT).choose("port", pool(5001, 9))));
                    }
                    if (event instanceof LedgerEvent.Released) {
                        followers.add(ledger.get().claim(by(CARL).choose("port", pool(5001, 9))));
                    }
                })
                .build());
        Claim anna = ledger.get().claim(by(ANNA).choose("port", pool(5001, 9)));
        ledger.get().release(anna);
        assertThat(followers).extracting(one -> one.port("port")).containsExactly(5002, 5001);
    }

    /** A listener that hangs keeps nobody else from claiming, and nothing that others could have. */
    @Test
    @Timeout(30)
    void oneThatHangsHoldsNothing() throws Exception {
        var heard = new CompletableFuture<LedgerEvent>();
        var goOn = new CompletableFuture<Boolean>();
        var ledger = ResourceLedger.builder(world.memory)
                .listener(event -> {
                    if (event instanceof LedgerEvent.Claimed claimed
                            && claimed.claim().owner().equals(ANNA)) {
                        heard.complete(event);
                        goOn.join();
                    }
                })
                .build();
        var slow = CompletableFuture.runAsync(() -> ledger.claim(by(ANNA).choose("port", pool(5001, 9))));
        heard.get(10, TimeUnit.SECONDS);
        world.other.release(world.other.find(ANNA).orElseThrow());
        assertThat(ledger.claim(by(BERT).choose("port", pool(5001, 9))).port("port"))
                .isEqualTo(5001);
        assertThat(slow).isNotDone();
        goOn.complete(true);
        slow.get(10, TimeUnit.SECONDS);
    }

    @Test
    void anInterruptEndsNoCallAndStays() {
        Thread.currentThread().interrupt();
        Claim claim = world.ledger.claim(by(ANNA).choose("port", pool(5001, 9)).fixed("path", tree("/x")));
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        world.ledger.renew(claim.token(), Duration.ofDays(1));
        world.ledger.tryClaim(by(Owner.of("t", "x")).fixed("path", tree("/x/y")));
        assertThat(world.ledger.release(claim)).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }
}
