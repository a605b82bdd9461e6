package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.port.Port;
import dev.berth.port.PortAllocator;
import dev.berth.port.PortPool;
import dev.berth.port.PortSighting;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The probe that tests tell what to see. */
class FakeProbeTest {
    private static final Scope HOST = Scope.of("node-1");

    @Test
    void usersTestNeedsNoNetworkNoDatabaseAndNoSleep() {
        var clock = ManualClock.at(Instant.parse("2026-05-04T12:00:00Z"));
        var previews = PortPool.named("previews").range(32_100, 32_200).build();
        var app57 = Owner.of("lab", "app-57");

        var ports = PortAllocator.on(ResourceLedger.inMemory(clock)).probing(FakeProbe.busy(32_100));

        assertThat(ports.allocate(app57, previews).port()).isEqualTo(32_101);
    }

    @Test
    void seesWhatItIsTold() {
        FakeProbe probe = FakeProbe.busy(Port.tcp(1), Port.udp(2));
        var all = Set.of(Port.tcp(1), Port.udp(2), Port.tcp(2), Port.tcp(3), Port.tcp(4));
        probe.hide("dark", Port.tcp(3)).omit(Port.tcp(4));

        assertThat(probe.probe(HOST, all))
                .hasSize(4)
                .containsEntry(Port.tcp(1), new PortSighting.Busy("1/tcp is held by an outsider"))
                .containsEntry(Port.udp(2), new PortSighting.Busy("2/udp is held by an outsider"))
                .containsEntry(Port.tcp(2), PortSighting.free())
                .containsEntry(Port.tcp(3), new PortSighting.Unknown("dark"));
        probe.vacate(1).vacate(Port.udp(2)).seize(2);
        assertThat(probe.probe(HOST, Set.of(Port.tcp(1), Port.tcp(2))))
                .containsEntry(Port.tcp(1), PortSighting.free())
                .containsEntry(Port.tcp(2), new PortSighting.Busy("2/tcp is held by an outsider"));
        assertThat(probe.calls()).isEqualTo(2);
        assertThat(probe.asked()).containsExactly(all, Set.of(Port.tcp(1), Port.tcp(2)));
        assertThat(FakeProbe.unknown("dark").probe(HOST, Set.of(Port.tcp(1))))
                .containsEntry(Port.tcp(1), new PortSighting.Unknown("dark"));
    }

    @Test
    void failsAndCrashesUntilItRecovers() {
        FakeProbe probe = FakeProbe.free().fail(new IllegalStateException("down"));
        assertThatThrownBy(() -> probe.probe(HOST, Set.of())).isInstanceOf(IllegalStateException.class);
        probe.crash(new AssertionError("killed"));
        assertThatThrownBy(() -> probe.probe(HOST, Set.of())).isInstanceOf(AssertionError.class);

        assertThat(probe.recover().probe(HOST, Set.of())).isEmpty();
        assertThat(probe.calls()).isEqualTo(3);
    }

    @Test
    void hangsUntilItIsLetGo() throws Exception {
        FakeProbe probe = FakeProbe.free();
        CompletableFuture<PortSighting> look;
        try (FakeProbe.Hang hang = probe.hang()) {
            assertThatThrownBy(() -> hang.awaitLook(Duration.ofMillis(1))).isInstanceOf(AssertionError.class);
            look = CompletableFuture.supplyAsync(
                    () -> probe.probe(HOST, Set.of(Port.tcp(1))).getOrDefault(Port.tcp(1), PortSighting.free()));
            hang.awaitLook(Duration.ofSeconds(20));
            assertThat(look.isDone()).isFalse();
            probe.seize(1);
        }
        assertThat(look.get(20, TimeUnit.SECONDS)).isInstanceOf(PortSighting.Busy.class);
        assertThat(probe.probe(HOST, Set.of())).isEmpty();
    }

    @Test
    void badInputIsRefused() {
        FakeProbe probe = FakeProbe.free();
        assertThatThrownBy(() -> FakeProbe.busy(0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> probe.seize(65_536)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> probe.fail(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> probe.seize((Port) null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> FakeProbe.unknown(null)).isInstanceOf(InvalidInputException.class);
    }
}
