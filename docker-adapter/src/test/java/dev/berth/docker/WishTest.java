package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Ports.Binding;
import com.github.dockerjava.api.model.Volume;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Berth adds to the host's command, and what it refuses before an engine is asked. */
class WishTest {
    private static final Mark MARK = new Mark(UUID.randomUUID(), UUID.randomUUID(), "nonce", Owner.of("lab", "anna"));

    private final DockerRuntime runtime = DockerRuntime.connect(Scope.of("node-1"));
    private final CreateContainerCmd command = runtime.docker().createContainerCmd("web:1");

    @AfterEach
    void close() {
        runtime.close();
    }

    private Deployment<CreateContainerCmd> deployment(Publication... ports) {
        return new Deployment<>(command, Optional.of("web-1"), List.of(ports), MARK, Map.of("app", "web"));
    }

    private void assertRefused(Deployment<CreateContainerCmd> deployment, String reason) {
        assertThatThrownBy(() -> runtime.create(deployment))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void nameLabelsAndPortsAreAddedAndTheHostsOwnStay() {
        HostConfig host = HostConfig.newHostConfig()
                .withMemory(64L << 20)
                .withPortBindings(new PortBinding(Binding.bindIpAndPort("127.0.0.1", 7_000), ExposedPort.tcp(90)));
        command.withHostConfig(host).withLabels(Map.of("mine", "yes")).withExposedPorts(ExposedPort.tcp(90));

        try (Wish wish = Wish.of(deployment(Publication.tcp(8_080, 80), Publication.udp(8_080, 80)))) {
            assertThat(wish).isNotNull();
            assertThat(command.getName()).isEqualTo("web-1");
            assertThat(command.getLabels()).containsEntry("mine", "yes").containsEntry("app", "web");
            assertThat(Mark.of(command.getLabels())).contains(MARK);
            assertThat(command.getHostConfig().getMemory()).isEqualTo(64L << 20);
            assertThat(command.getHostConfig().getPortBindings().getBindings())
                    .containsOnlyKeys(ExposedPort.tcp(90), ExposedPort.tcp(80), ExposedPort.udp(80));
            assertThat(command.getExposedPorts())
                    .contains(ExposedPort.tcp(90), ExposedPort.tcp(80), ExposedPort.udp(80));
        }
        assertThat(command.getLabels()).containsOnly(Map.entry("mine", "yes"));
        assertThat(command.getHostConfig()).isSameAs(host);
        assertThat(host.getPortBindings().getBindings()).containsOnlyKeys(ExposedPort.tcp(90));
        assertThat(command.getExposedPorts()).containsExactly(ExposedPort.tcp(90));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-web", "w", "/web", "wéb", "web 1", ""})
    void aNameThatEnginesDoNotAllTakeIsRefused(String name) {
        assertRefused(new Deployment<>(command, Optional.of(name), List.of(), MARK, Map.of()), "no container's name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not-an-ip",
                "localhost",
                "1.2.3",
                "1.2.3.4.5",
                "256.1.1.1",
                "1.2.3.4.",
                "[::1]",
                ":::",
                "1:2:3:4:5:6:7:8:9",
                ".::1",
                "1.2:3"
            })
    void anAddressThatIsNoLiteralOneIsRefused(String ip) {
        assertRefused(
                deployment(new Publication(ResourceKind.TCP_PORT, 8_080, 80, Optional.of(ip))), "no literal address");
    }

    @Test
    void literalAddressesAreTaken() {
        for (String ip : List.of("127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "fe80::1")) {
            Wish.of(deployment(new Publication(ResourceKind.TCP_PORT, 8_080, 80, Optional.of(ip))))
                    .close();
        }
    }

    @Test
    void aPortOfTheHostsOwnThatIsNoneIsRefused() {
        command.withHostConfig(HostConfig.newHostConfig()
                .withPortBindings(new PortBinding(Binding.bindPort(70_000), ExposedPort.tcp(80))));
        assertRefused(deployment(), "no port to publish");
    }

    @Test
    void aPortThatIsToBePublishedTwiceIsRefused() {
        command.withHostConfig(HostConfig.newHostConfig()
                .withPortBindings(new Ports(new PortBinding(Binding.bindPort(8_080), ExposedPort.tcp(81)))));
        assertRefused(deployment(Publication.tcp(8_080, 80)), "published twice");
    }

    @Test
    void keysOfLabelsThatNobodyCanFilterAreRefused() {
        command.withLabels(Map.of("a=b", "c"));
        assertRefused(deployment(), "no key of a label");
    }

    @Test
    void aContainerThatBerthCouldNeverRemoveIsRefused() {
        command.withLabels(Map.of("com.docker.compose.config-hash", "0a1b2c"));
        assertRefused(deployment(), "somebody else looks after");
    }

    /** The engine would remove what is stopped to be kept. */
    @Test
    void aContainerThatTheEngineRemovesByItselfIsRefused() {
        command.withHostConfig(HostConfig.newHostConfig().withAutoRemove(true));
        assertRefused(deployment(), "auto-remove");
    }

    /** A host that has its limits in one place gives one host configuration to many commands. */
    @Test
    void commandsThatShareAHostConfigurationHaveTheirOwnPorts() {
        HostConfig shared = HostConfig.newHostConfig().withMemory(64L << 20).withCapDrop(Capability.ALL);
        CreateContainerCmd other = runtime.docker().createContainerCmd("web:1").withHostConfig(shared);
        command.withHostConfig(shared);

        Wish first = Wish.of(deployment(Publication.tcp(7_000, 80)));
        Wish second = Wish.of(
                new Deployment<>(other, Optional.of("web-2"), List.of(Publication.tcp(7_001, 80)), MARK, Map.of()));

        assertThat(ports(command)).containsExactly(Publication.tcp(7_000, 80));
        assertThat(ports(other)).containsExactly(Publication.tcp(7_001, 80));
        assertThat(command.getHostConfig().getMemory()).isEqualTo(64L << 20);
        assertThat(command.getHostConfig().getCapDrop()).containsExactly(Capability.ALL);
        assertThat(shared.getPortBindings()).isNull();
        first.close();
        second.close();
        assertThat(command.getHostConfig()).isSameAs(shared);
        assertThat(other.getHostConfig()).isSameAs(shared);
        assertThat(shared)
                .isEqualTo(HostConfig.newHostConfig().withMemory(64L << 20).withCapDrop(Capability.ALL));
    }

    private static List<Publication> ports(CreateContainerCmd command) {
        return Publications.of(command.getHostConfig().getPortBindings());
    }

    private static final class Special extends HostConfig {
        private static final long serialVersionUID = 1L;
    }

    /** What docker-java comes to know of a host in a later version is copied, too. */
    @Test
    void aCopyOfAHostConfigurationIsEqualAndApart() {
        HostConfig given = HostConfig.newHostConfig()
                .withBinds(new Bind("/a", new Volume("/b")))
                .withPrivileged(true);
        HostConfig copy = HostConfigCopy.of(given);

        assertThat(copy).isEqualTo(given).isNotSameAs(given);
        HostConfig special = new Special().withPrivileged(true);
        assertThat(HostConfigCopy.of(special)).isInstanceOf(Special.class).isEqualTo(special);
        HostConfig nameless = new HostConfig() {
            {
                withPrivileged(true);
            }
        };
        assertThat(HostConfigCopy.of(nameless).getPrivileged()).isTrue();
        copy.withPrivileged(false);
        assertThat(given.getPrivileged()).isTrue();
    }

    @Test
    void portsWithoutANetworkToPublishFromAreRefused() {
        command.withHostConfig(HostConfig.newHostConfig().withNetworkMode("host"));
        assertRefused(deployment(Publication.tcp(8_080, 80)), "no ports are published");
        Wish.of(deployment()).close();
    }
}
