package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.port.Port;
import dev.berth.port.PortSighting;
import dev.berth.runtime.Publication;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One listing answers for any number of ports. */
class DockerPortProbeTest {
    /** SCENARIOS 32: a range, an IPv6 and a loopback binding, of foreign containers; and of one that was stopped. */
    @ParameterizedTest
    @EnumSource
    void portsOfForeignContainersAreBusyWhateverTheirAddress(Engine engine) throws Exception {
        try (var site = new Site(engine);
                var probe = DockerPortProbe.on(site.runtime)) {
            int first = site.pool(16).ports().get(0).number();
            List<Publication> range = new ArrayList<>();
            for (int i = 0; i <= 10; i++) {
                range.add(Publication.tcp(first + i, 80 + i));
            }
            site.stranger(site.prefix + "-range", range.toArray(Publication[]::new));
            site.stranger(site.prefix + "-v6", on("::1", first + 11));
            String paused = site.stranger(site.prefix + "-loopback", on("127.0.0.1", first + 12));
            site.pause(paused);
            site.stranger(site.prefix + "-udp", Publication.udp(first + 13, 80));
            String stopped = site.stranger(site.prefix + "-stopped", Publication.tcp(first + 14, 80));
            site.runtime.stop(stopped);
            Set<Port> asked = new HashSet<>(Set.of(Port.udp(first), Port.udp(first + 13)));
            for (int i = 0; i < 16; i++) {
                asked.add(Port.tcp(first + i));
            }

            Map<Port, PortSighting> seen = probe.probe(site.runtime.scope(), asked);

            assertThat(seen.keySet()).isEqualTo(asked);
            for (int i = 0; i <= 12; i++) {
                assertThat(seen.get(Port.tcp(first + i))).as("port %d", i).isInstanceOf(PortSighting.Busy.class);
            }
            assertThat(seen.get(Port.udp(first + 13))).isInstanceOf(PortSighting.Busy.class);
            for (Port free :
                    List.of(Port.tcp(first + 13), Port.tcp(first + 14), Port.tcp(first + 15), Port.udp(first))) {
                assertThat(seen.get(free)).as("%s", free).isEqualTo(PortSighting.free());
            }
            assertThat(seen.get(Port.tcp(first)).toString()).contains(site.prefix + "-range");
        }
    }

    private static Publication on(String address, int port) {
        return new Publication(ResourceKind.TCP_PORT, port, 80, Optional.of(address));
    }

    /** SCENARIOS 30. */
    @Test
    void whereNobodyAnswersOrItIsAnotherHostPortsAreUnknown(@TempDir Path nothing) {
        Port port = Port.tcp(7_000);
        Scope scope = Scope.of("node-1");
        try (DockerRuntime runtime = DockerRuntime.at(scope)
                        .host(URI.create("unix://" + nothing.resolve("no.sock")))
                        .build();
                var probe = DockerPortProbe.on(runtime, Duration.ofSeconds(3))) {
            assertThat(probe.probe(scope, Set.of(port)).get(port)).isInstanceOf(PortSighting.Unknown.class);
            assertThat(probe.probe(Scope.of("node-2"), Set.of(port)).get(port))
                    .isInstanceOf(PortSighting.Unknown.class);
        }
    }
}
