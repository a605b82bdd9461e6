package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.berth.ledger.Owner;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Mine;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What carries a mark and is not to be removed all the same; and who an engine is. */
class GuardTest {
    @ParameterizedTest
    @EnumSource
    void whatOthersLookAfterIsGuarded(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            var mark = new Mark(site.id, UUID.randomUUID(), "nonce", Owner.of("lab", "anna"));
            for (String label : Owners.labels()) {
                Map<String, String> labels = new HashMap<>(mark.labels());
                labels.put(label, "web");
                String id = site.stranger(
                        DockerFixture.sleeper(site.runtime.docker()).withLabels(labels));

                assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING))
                        .isInstanceOf(Removal.Kept.class);
                assertThat(site.seen(id).guard()).isPresent();
                assertThat(site.runtime.inventory().sight(id).seen().flatMap(Instance::guard))
                        .isPresent();
            }
        }
    }

    /** Compose labels the images that it builds, and whatever is made from them inherits that. */
    @ParameterizedTest
    @EnumSource
    void oneFromAnImageThatComposeBuiltIsOursToRemove(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            DockerClient docker = site.runtime.docker();
            Map<String, String> labels = Map.of(
                    "com.docker.compose.project", "shop",
                    "com.docker.compose.service", "web",
                    "com.docker.compose.version", "2.29.1");
            // Podman's image has the container's labels, Docker's those that it is told.
            String base = site.stranger(DockerFixture.sleeper(docker).withLabels(labels));
            String image = docker.commitCmd(base)
                    .withRepository(site.prefix)
                    .withTag("1")
                    .withLabels(labels)
                    .exec();
            try {
                Owner anna = site.owner("anna");
                var provisioner = site.provisioner();
                Provisioned made = provisioner.provision(
                        site.request(anna, site.pool(2)),
                        granted -> docker.createContainerCmd(site.prefix + ":1")
                                .withCmd("/bin/sh", "-c", "trap 'exit 0' TERM; sleep 36000 & wait"));
                assertThat(made.instance().labels()).containsEntry("com.docker.compose.service", "web");

                assertThat(provisioner.remove(anna)).isTrue();
                assertThat(site.ours()).isEmpty();
            } finally {
                site.ours()
                        .forEach(one -> docker.removeContainerCmd(one.id())
                                .withForce(true)
                                .exec());
                docker.removeImageCmd(image).withForce(true).exec();
            }
        }
    }

    /** An image that somebody made of a container of ours hands the mark down. */
    @ParameterizedTest
    @EnumSource
    void aMarkThatCameWithTheImageIsNoMark(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            DockerClient docker = site.runtime.docker();
            var mark = new Mark(site.id, UUID.randomUUID(), "nonce", Owner.of("lab", "anna"));
            String ours = site.stranger(DockerFixture.sleeper(docker).withLabels(mark.labels()));
            String image = docker.commitCmd(ours)
                    .withRepository(site.prefix)
                    .withTag("1")
                    .withLabels(mark.labels())
                    .exec();
            try {
                String theirs = site.stranger(docker.createContainerCmd(image).withCmd("/bin/true"));
                assertThat(site.seen(theirs).mark()).contains(mark);

                assertThat(site.runtime.remove(theirs, mark, Removal.Mode.EVEN_IF_RUNNING))
                        .isInstanceOf(Removal.Kept.class);
                assertThat(site.runtime.remove(ours, mark, Removal.Mode.EVEN_IF_RUNNING))
                        .isInstanceOf(Removal.Removed.class);
                docker.removeContainerCmd(theirs).exec();
            } finally {
                docker.removeImageCmd(image).withForce(true).exec();
            }
        }
    }

    /** With another name, and with none: what was added the first time is gone. */
    @ParameterizedTest
    @EnumSource
    void aHostsCommandMayBeUsedAgain(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            CreateContainerCmd command = DockerFixture.sleeper(site.runtime.docker());
            var mark = new Mark(site.id, UUID.randomUUID(), "nonce", Owner.of("lab", "anna"));
            int port = site.pool(1).ports().get(0).number();

            String first = site.runtime.create(new Deployment<>(
                    command, Optional.of(site.prefix), List.of(Publication.tcp(port, 80)), mark, Map.of("a", "b")));
            String second = site.runtime.create(new Deployment<>(command, Optional.empty(), List.of(), mark, Map.of()));

            assertThat(site.seen(first).names()).containsExactly(site.prefix);
            assertThat(site.seen(second).names()).doesNotContain(site.prefix).hasSize(1);
            assertThat(site.seen(second).configured()).isEmpty();
            assertThat(site.seen(second).labels()).doesNotContainKey("a");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBeaconTellsEnginesApartAndProvesAnEmptyListing(Engine engine) throws Exception {
        try (var site = new Site(engine);
                DockerRuntime everywhere =
                        DockerRuntime.on(site.runtime.docker(), site.runtime.scope(), Beacon.EVERYWHERE)) {
            Fingerprint fingerprint = everywhere.fingerprint();

            assertThat(fingerprint.parts()).containsKeys("engine", "driver", "root", "beacon");
            assertThat(everywhere.fingerprint()).isEqualTo(fingerprint);
            assertThat(site.runtime.fingerprint().parts().containsKey("beacon")).isEqualTo(engine == Engine.PODMAN);
            if (everywhere.inventory().instances().isEmpty()) {
                assertThat(everywhere.inventory().coverage().proof()).isPresent();
                try (DockerRuntime nowhere =
                        DockerRuntime.on(site.runtime.docker(), site.runtime.scope(), Beacon.NOWHERE)) {
                    assertThat(nowhere.inventory().coverage()).isEqualTo(Coverage.complete());
                }
            }
        }
    }

    /** L3: who prunes volumes takes the beacon with them. Then nobody knows who answers, and nothing is removed. */
    @ParameterizedTest
    @EnumSource
    @Tag("alone")
    void whereTheBeaconWasPrunedAwayNothingIsRemovedUntilSomebodySaysSo(Engine engine) throws Exception {
        try (var site = new Site(engine);
                DockerRuntime marked =
                        DockerRuntime.on(site.runtime.docker(), site.runtime.scope(), Beacon.EVERYWHERE)) {
            site.engine.requireOurs();
            Owner anna = site.owner("anna");
            var provisioner = site.closing(
                    site.builder(marked).whenMineLives(Mine.REPLACE).build());
            var made = provisioner.provision(site.request(anna, site.pool(2)), site.spec());
            String before = marked.fingerprint().parts().get("beacon");

            // What a `volume prune` does: docker's leaves named volumes alone from 23 on, podman's does not.
            marked.docker().removeVolumeCmd(Identity.VOLUME).exec();

            assertThat(marked.fingerprint().parts()).doesNotContainEntry("beacon", before);
            assertThatThrownBy(() -> provisioner.remove(anna))
                    .isInstanceOf(ProvisionException.class)
                    .hasMessageContaining("trustRuntime()");
            assertThat(provisioner.tryProvision(site.request(anna, site.pool(2)), site.spec()))
                    .isInstanceOf(ProvisionOutcome.Failed.class);
            assertThat(site.ours())
                    .extracting(Instance::id)
                    .containsExactly(made.instance().id());

            provisioner.trustRuntime();
            assertThat(provisioner.remove(anna)).isTrue();
            assertThat(site.ours()).isEmpty();
        }
    }
}
