package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.RestartPolicy;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Owner;
import dev.berth.port.PortPool;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Stranger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who has a name or a port on a real engine, in states that come seldom, and behind everybody's back. */
@Timeout(180)
class HoldersTest {
    private static CreateContainerCmd publishing(CreateContainerCmd command, String name, int port) {
        HostConfig host = command.getHostConfig() == null ? HostConfig.newHostConfig() : command.getHostConfig();
        return command.withName(name)
                .withExposedPorts(ExposedPort.tcp(80))
                .withHostConfig(host.withPortBindings(PortBinding.parse(port + ":80")));
    }

    /** SCENARIOS 32, 33: a port is claimed by the start, so who never started, or has ended, does not have it. */
    @ParameterizedTest
    @EnumSource
    void whatDoesNotRunHasNoPortAndSurvives(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            DockerClient docker = site.runtime.docker();
            PortPool pool = site.pool(2);
            int first = pool.ports().get(0).number();
            String created = site.stranger(publishing(DockerFixture.sleeper(docker), site.prefix + "-created", first));
            String ended = site.stranger(publishing(DockerFixture.sleeper(docker), site.prefix + "-ended", first + 1));
            docker.startContainerCmd(ended).exec();
            site.runtime.stop(ended);

            Provisioned anna = site.provisioner().provision(site.request(site.owner("anna"), pool), site.spec());
            Provisioned ben = site.provisioner().provision(site.request(site.owner("ben"), pool), site.spec());

            assertThat(List.of(anna.port("http"), ben.port("http"))).containsExactlyInAnyOrder(first, first + 1);
            assertThat(site.seen(created).state()).isEqualTo(InstanceState.CREATED);
            assertThat(site.seen(ended).state()).isEqualTo(InstanceState.STOPPED);
        }
    }

    /** SCENARIOS 29, 33: one that fails and is started again and again has its port now and then. */
    @ParameterizedTest
    @EnumSource
    void whatRestartsOnThePortSurvivesAndWhatIsHandedOutHasItsPort(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            DockerClient docker = site.runtime.docker();
            PortPool pool = site.pool(3);
            int first = pool.ports().get(0).number();
            String restarting = site.stranger(publishing(
                    docker.createContainerCmd(Engine.IMAGE)
                            .withCmd("/bin/sh", "-c", "sleep 0.2; exit 1")
                            .withHostConfig(
                                    HostConfig.newHostConfig().withRestartPolicy(RestartPolicy.alwaysRestart())),
                    site.prefix + "-restarting",
                    first));
            docker.startContainerCmd(restarting).exec();
            Owner anna = site.owner("anna");

            for (int round = 0; round < 3; round++) {
                Provisioned made = site.provisioner().provision(site.request(anna, pool), site.spec());

                assertThat(site.seen(made.instance().id()).published())
                        .anyMatch(open -> open.port() == made.port("http"));
                assertThat(site.ours()).hasSize(1);
                assertThat(site.provisioner().remove(anna)).isTrue();
            }
            assertThat(site.seen(restarting).mark()).isEmpty();
        }
    }

    /** SCENARIOS 15, L4: ours was renamed, and somebody else has its name. */
    @ParameterizedTest
    @EnumSource
    void whoTookTheNameOfARenamedOneIsNotTakenForIt(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            DockerClient docker = site.runtime.docker();
            Owner anna = site.owner("anna");
            PortPool pool = site.pool(2);
            Provisioner<CreateContainerCmd> provisioner = site.closing(site.builder()
                    .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                    .build());
            Provisioned made = provisioner.provision(site.request(anna, pool), site.spec());
            docker.renameContainerCmd(made.instance().id())
                    .withName(site.prefix + "-elsewhere")
                    .exec();
            String impostor = site.stranger(site.prefix + "-impostor");
            docker.renameContainerCmd(impostor).withName(anna.name()).exec();

            Provisioned again = provisioner.provision(site.request(anna, pool), site.spec());
            assertThat(again.instance().id()).isEqualTo(made.instance().id());
            assertThat(provisioner.remove(anna)).isTrue();
            assertThat(site.ours()).isEmpty();
            ProvisionOutcome outcome = provisioner.tryProvision(site.request(anna, pool), site.spec());

            assertThat(outcome).isInstanceOf(ProvisionOutcome.Failed.class);
            assertThat(((ProvisionOutcome.Failed) outcome).failure().kind()).isEqualTo(Kind.NAME_HELD);
            assertThat(site.seen(impostor).state()).isEqualTo(InstanceState.RUNNING);
        }
    }

    /** L4: whatever one ledger does on an engine, nothing of another's goes, or is claimed. */
    @ParameterizedTest
    @EnumSource
    void whatOneLedgerDoesLeavesTheOthersContainersAlone(Engine engine) throws Exception {
        try (var site = new Site(engine);
                var neighbour = new Site(engine)) {
            Provisioned theirs =
                    site.provisioner().provision(site.request(site.owner("anna"), site.pool(2)), site.spec());
            PortPool pool = neighbour.pool(4);
            Owner ben = neighbour.owner("ben");
            Provisioner<CreateContainerCmd> provisioner = neighbour.provisioner();

            provisioner.provision(neighbour.request(ben, pool), neighbour.spec());
            provisioner.stop(ben);
            provisioner.provision(neighbour.request(ben, pool), neighbour.spec());
            assertThat(provisioner.recover(one -> Optional.empty()).claimed()).isEmpty();
            assertThat(provisioner.remove(ben)).isTrue();
            assertThat(provisioner.remove(site.owner("anna"))).isFalse();

            assertThat(site.ours())
                    .extracting(Instance::id)
                    .containsExactly(theirs.instance().id());
            assertThat(site.seen(theirs.instance().id()).state()).isEqualTo(InstanceState.RUNNING);
            assertThat(neighbour.ours()).isEmpty();
        }
    }

    /**
     * SCENARIOS 15, 17: a container that the engine has given up half-removed is dead, and has its name still. A file that
     * cannot be deleted makes one.
     */
    @Test
    void aDeadHolderHasItsNameAndARemovalThatFailsKeepsTheClaimAndNamesTheContainer() throws Exception {
        try (var site = new Site(Engine.DOCKERD)) {
            site.engine.requireOurs();
            Owner anna = site.owner("anna");
            PortPool pool = site.pool(2);
            Provisioner<CreateContainerCmd> provisioner = site.provisioner();
            Provisioned made = provisioner.provision(site.request(anna, pool), site.spec());
            String id = made.instance().id();
            try (var undeletable = new Undeletable(site, id)) {
                assertThat(undeletable.file()).exists();
                assertThatThrownBy(() -> provisioner.remove(anna))
                        .isInstanceOf(ProvisionException.class)
                        .hasMessageContaining(id);

                assertThat(site.seen(id).state()).isEqualTo(InstanceState.BROKEN);
                Claim kept = site.ledger.find(anna).orElseThrow();
                assertThat(kept.port("http")).isEqualTo(made.port("http"));
                var outcome = site.closing(site.builder(site.another()).build())
                        .tryProvision(
                                site.request(site.owner("ben"), pool),
                                granted -> DockerFixture.sleeper(site.runtime.docker()));
                assertThat(outcome).isInstanceOf(Provisioned.class);
                assertThat(((Provisioned) outcome).port("http")).isNotEqualTo(made.port("http"));
                assertThat(nameIsTaken(site, anna.name())).isTrue();
            }

            assertThat(provisioner.remove(anna)).isTrue();
            assertThat(site.runtime.look(id).seen()).isEmpty();
            assertThat(nameIsTaken(site, anna.name())).isFalse();
        }
    }

    private static boolean nameIsTaken(Site site, String name) {
        try {
            site.stranger(DockerFixture.sleeper(site.runtime.docker()).withName(name));
            return false;
        } catch (DockerException taken) {
            assertThat(taken).hasMessageContaining("already in use");
            return true;
        }
    }

    /** A file among a container's own that not even its engine may delete. */
    private static final class Undeletable implements AutoCloseable {
        private final Path file;

        Undeletable(Site site, String container) throws Exception {
            String root = site.runtime.docker().infoCmd().exec().getDockerRootDir();
            file = Path.of(root, "containers", container, "kept");
            Files.writeString(file, "kept");
            if (!change("+i")) {
                Assumptions.abort("skipped: no file here can be made undeletable (chattr +i " + file + ")");
            }
        }

        private boolean change(String attribute) throws IOException {
            Process chattr = new ProcessBuilder("chattr", attribute, file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return chattr.onExit().orTimeout(10, TimeUnit.SECONDS).join().exitValue() == 0;
        }

        Path file() {
            return file;
        }

        @Override
        public void close() throws IOException {
            assertThat(change("-i")).isTrue();
        }
    }
}
