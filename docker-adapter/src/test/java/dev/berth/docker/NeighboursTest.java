package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.port.Port;
import dev.berth.port.PortPool;
import dev.berth.port.PortSighting;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Stranger;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** Another library on the same engine: Testcontainers, in a process of its own, since it is configured by the environment. */
@Timeout(180)
class NeighboursTest {
    @TempDir
    private Path directory;

    /** The other process: starts a container, says its id, name and port, and ends it when it is told to. */
    static final class Other {
        private Other() {}

        public static void main(String... arguments) throws Exception {
            System.out.println("ready");
            try (var web = new GenericContainer<>(DockerImageName.parse(Engine.IMAGE))) {
                web.withCommand("httpd", "-f", "-p", "80")
                        .withExposedPorts(80)
                        .waitingFor(Wait.forHttp("/").forStatusCode(404))
                        .start();
                System.out.println(web.getContainerId());
                System.out.println(web.getContainerName().substring(1));
                System.out.println(web.getMappedPort(80));
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
                System.out.println(web.isRunning());
            }
        }
    }

    /** L4, SCENARIOS 15, 29, 32, 33: its ports are busy, its name is taken, and it survives everything. */
    @ParameterizedTest
    @EnumSource
    void aContainerOfTestcontainersIsAStrangerThatSurvives(Engine engine) throws Exception {
        try (var site = new Site(engine);
                var probe = DockerPortProbe.on(site.runtime);
                OtherProcess other = OtherProcess.start(
                        directory,
                        Map.of(
                                "DOCKER_HOST", engine.uri().toString(),
                                "TESTCONTAINERS_RYUK_DISABLED", "true",
                                "TESTCONTAINERS_CHECKS_DISABLE", "true",
                                "TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1"),
                        Other.class)) {
            other.ready();
            String id = site.removing(other.answer());
            String name = other.answer();
            int port = Integer.parseInt(other.answer());

            Map<Port, PortSighting> seen = probe.probe(site.runtime.scope(), Set.of(Port.tcp(port)));
            assertThat(seen.get(Port.tcp(port))).isInstanceOf(PortSighting.Busy.class);

            PortPool pool = PortPool.named("http")
                    .onHost(site.runtime.scope())
                    .range(port, port + 20)
                    .build();
            var provisioner = site.closing(site.builder()
                    .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                    .build());
            Provisioned made = provisioner.provision(site.request(site.owner("anna"), pool), site.spec());
            assertThat(made.port("http")).isGreaterThan(port);
            assertThat(provisioner.tryProvision(site.request(Owner.of("lab", name), pool), site.spec()))
                    .isNotInstanceOf(Provisioned.class);
            assertThat(provisioner
                            .recover(one -> Optional.<ClaimRequest>empty())
                            .ignored())
                    .anyMatch(one -> one.id().equals(id));
            assertThat(provisioner.remove(site.owner("anna"))).isTrue();

            assertThat(site.seen(id).state()).isEqualTo(InstanceState.RUNNING);
            other.tell("end");
            assertThat(other.answer()).isEqualTo("true");
        }
    }
}
