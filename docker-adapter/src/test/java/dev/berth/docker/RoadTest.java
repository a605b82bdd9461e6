package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.RestartPolicy;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.port.PortPool;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mine;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Recovery;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.Race;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole road on real engines: others have the name, or the port, or are at it at the same time. */
class RoadTest {
    /** SCENARIOS 15. */
    @ParameterizedTest
    @EnumSource
    void aForeignContainerOnTheNameIsNamedAndSurvives(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            Owner anna = site.owner("anna");
            String stranger = site.stranger(anna.name());

            var failed = failed(site.closing(site.builder()
                            .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                            .build())
                    .tryProvision(site.request(anna, site.pool(2)), site.spec()));

            assertThat(failed.failure().kind()).isEqualTo(Kind.NAME_HELD);
            assertThat(failed.failure().inTheWay().map(Instance::id)).contains(stranger);
            assertThat(site.seen(stranger).state()).isEqualTo(InstanceState.RUNNING);
            assertThat(site.ledger.find(anna)).isEmpty();
        }
    }

    /** SCENARIOS 15: whatever the state of the one who has the name. */
    @ParameterizedTest
    @EnumSource
    void aHolderInWhateverStateHasTheName(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            DockerClient docker = site.runtime.docker();
            for (InstanceState state : List.of(
                    InstanceState.CREATED, InstanceState.PAUSED, InstanceState.STOPPED, InstanceState.STARTING)) {
                Owner owner = site.owner("holder-" + state.name().toLowerCase(Locale.ROOT));
                String holder = holder(site, docker, owner.name(), state);

                var failed = failed(site.provisioner().tryProvision(site.request(owner, site.pool(2)), site.spec()));

                assertThat(failed.failure().kind()).as(state.toString()).isEqualTo(Kind.NAME_HELD);
                assertThat(failed.failure().inTheWay().map(Instance::id)).contains(holder);
                assertThat(site.runtime.look(holder).seen()).isPresent();
            }
        }
    }

    private static String holder(Site site, DockerClient docker, String name, InstanceState state) throws Exception {
        var command = state == InstanceState.STARTING
                ? docker.createContainerCmd(Engine.IMAGE)
                        .withCmd("/bin/false")
                        .withHostConfig(HostConfig.newHostConfig().withRestartPolicy(RestartPolicy.alwaysRestart()))
                : DockerFixture.sleeper(docker);
        String holder = site.stranger(command.withName(name));
        if (state != InstanceState.CREATED) {
            docker.startContainerCmd(holder).exec();
        }
        if (state == InstanceState.PAUSED) {
            site.pause(holder);
        }
        if (state == InstanceState.STOPPED) {
            docker.stopContainerCmd(holder).withTimeout(1).exec();
        }
        if (state != InstanceState.STARTING) {
            assertThat(site.seen(holder).state()).isEqualTo(state);
        }
        return holder;
    }

    /** SCENARIOS 33: the foreign container survives, and the next port is taken. */
    @ParameterizedTest
    @EnumSource
    void aForeignContainerOnThePortSurvivesAndTheNextPortIsTaken(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            PortPool pool = site.pool(3);
            int first = pool.ports().get(0).number();
            String running = site.stranger(site.prefix + "-stranger", Publication.tcp(first, 80));
            String paused = site.stranger(site.prefix + "-paused", Publication.tcp(first + 1, 80));
            site.pause(paused);

            Provisioned made = site.provisioner().provision(site.request(site.owner("anna"), pool), site.spec());

            assertThat(made.port("http")).isEqualTo(first + 2);
            assertThat(site.seen(running).state()).isEqualTo(InstanceState.RUNNING);
            assertThat(site.seen(paused).state()).isEqualTo(InstanceState.PAUSED);
            assertThat(site.ours()).hasSize(1);
        }
    }

    /** SCENARIOS 29. */
    @ParameterizedTest
    @EnumSource
    void aProcessOfTheHostOnThePortIsPassedOver(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            PortPool pool = site.pool(2);
            int first = pool.ports().get(0).number();
            try (var process = new ServerSocket(first)) {
                Provisioned made = site.provisioner().provision(site.request(site.owner("anna"), pool), site.spec());

                assertThat(process.isBound()).isTrue();
                assertThat(made.port("http")).isEqualTo(first + 1);
                assertThat(site.ours()).hasSize(1);
            }
        }
    }

    /** L1, SCENARIOS 25, 31: eight get a port each, and the others are told that the pool is exhausted. */
    @ParameterizedTest
    @EnumSource
    void sixteenThreadsShareEightPorts(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            int racers = 16;
            PortPool pool = site.pool(8);
            List<Provisioner<com.github.dockerjava.api.command.CreateContainerCmd>> provisioners = new ArrayList<>();
            for (int i = 0; i < racers; i++) {
                provisioners.add(site.provisioner());
            }
            Race.of(racers)
                    .rounds(1)
                    .<Optional<Integer>>run(
                            (round, racer, random) -> {
                                ProvisionOutcome outcome = provisioners
                                        .get(racer)
                                        .tryProvision(site.request(site.owner("r" + racer), pool), site.spec());
                                return outcome instanceof Provisioned made
                                        ? Optional.of(made.port("http"))
                                        : refused(outcome);
                            },
                            (round, results) -> {
                                List<Integer> ports = results.stream()
                                        .flatMap(Optional::stream)
                                        .toList();
                                assertThat(ports).hasSize(8).doesNotHaveDuplicates();
                            });
            assertThat(site.ours()).hasSize(8).allMatch(one -> one.state() == InstanceState.RUNNING);
        }
    }

    private static Optional<Integer> refused(ProvisionOutcome outcome) {
        assertThat(outcome).isInstanceOf(ProvisionOutcome.Refused.class);
        return Optional.empty();
    }

    /** L7, SCENARIOS 20, 25: two provisioners on clients of their own, and several threads in each. */
    @ParameterizedTest
    @EnumSource
    void callersForOneOwnerGetOneContainer(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            PortPool pool = site.pool(4);
            var first = site.provisioner();
            var second = site.closing(site.builder(site.another()).build());
            Set<String> made = new HashSet<>();
            Race.of(6)
                    .rounds(1)
                    .<String>run(
                            (round, racer, random) -> (racer % 2 == 0 ? first : second)
                                    .provision(site.request(site.owner("anna"), pool), site.spec())
                                    .instance()
                                    .id(),
                            (round, results) -> made.addAll(results));
            assertThat(made).hasSize(1);
            assertThat(site.ours()).extracting(Instance::id).containsExactlyElementsOf(made);
        }
    }

    /** SCENARIOS 20: names are hints. */
    @ParameterizedTest
    @EnumSource
    void oneThatWasRenamedBehindOurBackIsStillOurs(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            Owner anna = site.owner("anna");
            PortPool pool = site.pool(2);
            Provisioned made = site.provisioner().provision(site.request(anna, pool), site.spec());
            site.runtime
                    .docker()
                    .renameContainerCmd(made.instance().id())
                    .withName(site.prefix + "-other")
                    .exec();

            Provisioned again = site.provisioner().provision(site.request(anna, pool), site.spec());

            assertThat(again.instance().id()).isEqualTo(made.instance().id());
            assertThat(site.provisioner().remove(anna)).isTrue();
            assertThat(site.ours()).isEmpty();
        }
    }

    /** L4, SCENARIOS 15: not even under the same owner and name. */
    @ParameterizedTest
    @EnumSource
    void twoLedgersOnOneEngineLeaveEachOtherAlone(Engine engine) throws Exception {
        try (var site = new Site(engine);
                var neighbour = new Site(engine)) {
            Owner anna = site.owner("anna");
            Provisioned made = site.provisioner().provision(site.request(anna, site.pool(2)), site.spec());

            var failed = failed(neighbour
                    .closing(neighbour
                            .builder()
                            .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS)
                            .build())
                    .tryProvision(neighbour.request(anna, neighbour.pool(2)), neighbour.spec()));

            assertThat(failed.failure().kind()).isEqualTo(Kind.NAME_HELD);
            assertThat(site.seen(made.instance().id()).state()).isEqualTo(InstanceState.RUNNING);
        }
    }

    /** SCENARIOS 38: the old build still has the port. */
    @ParameterizedTest
    @EnumSource
    void aRebuildKeepsItsPort(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            Owner anna = site.owner("anna");
            PortPool pool = site.pool(3);
            Provisioned old = site.provisioner().provision(site.request(anna, pool), site.spec());

            Provisioned made = site.closing(
                            site.builder().whenMineLives(Mine.REPLACE).build())
                    .provision(site.request(anna, pool), site.spec());

            assertThat(made.port("http")).isEqualTo(old.port("http"));
            assertThat(made.instance().id()).isNotEqualTo(old.instance().id());
            assertThat(site.ours())
                    .extracting(Instance::id)
                    .containsExactly(made.instance().id());
        }
    }

    /** SCENARIOS 23. */
    @ParameterizedTest
    @EnumSource
    void stopKeepsThePortAndRemoveFreesIt(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            Owner anna = site.owner("anna");
            PortPool pool = site.pool(1);
            Provisioner<?> provisioner = site.provisioner();
            Provisioned made = site.provisioner().provision(site.request(anna, pool), site.spec());

            Claim stopped = provisioner.stop(anna);
            assertThat(stopped.port("http")).isEqualTo(made.port("http"));
            assertThat(site.seen(made.instance().id()).state()).isEqualTo(InstanceState.STOPPED);
            site.runtime
                    .docker()
                    .removeContainerCmd(made.instance().id())
                    .withForce(true)
                    .exec();
            provisioner.stop(anna);
            assertThat(provisioner.remove(anna)).isTrue();
            assertThat(site.provisioner()
                            .provision(site.request(site.owner("ben"), pool), site.spec())
                            .port("http"))
                    .isEqualTo(made.port("http"));
        }
    }

    /** SCENARIOS 60: two that run and one that was stopped, with IPv6 and loopback bindings. */
    @ParameterizedTest
    @EnumSource
    void afterARestartThePortsOfAllContainersAreKnownAgain(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            int first = site.pool(3).ports().get(0).number();
            site.stranger(site.prefix + "-app-1", Publication.tcp(first, 80));
            site.stranger(site.prefix + "-app-2", on("::1", first + 1));
            String stopped = site.stranger(site.prefix + "-app-3", on("127.0.0.1", first + 2));
            site.runtime.stop(stopped);

            Recovery found = site.provisioner().recover(instance -> claimed(site, instance));

            assertThat(found.unclaimed()).isEmpty();
            for (int i = 1; i <= 3; i++) {
                Claim claim = site.ledger.find(site.owner("app-" + i)).orElseThrow();
                assertThat(claim.holdings())
                        .as("what app-%d holds", i)
                        .anyMatch(held -> held.resource().kind().equals(ResourceKind.TCP_PORT.name()));
            }
            Claim third = site.ledger.find(site.owner("app-3")).orElseThrow();
            assertThat(third.holdings().toString()).contains(String.valueOf(first + 2));
        }
    }

    private static Optional<ClaimRequest> claimed(Site site, Instance instance) {
        if (!instance.name().startsWith(site.prefix)) {
            return Optional.empty();
        }
        ClaimRequest request = ClaimRequest.by(Owner.of("lab", instance.name()));
        for (Publication port : instance.configured()) {
            request =
                    request.fixed("port-" + port.inner(), ResourceKind.TCP_PORT.in(site.runtime.scope(), port.port()));
        }
        return Optional.of(request);
    }

    private static Publication on(String address, int port) {
        return new Publication(ResourceKind.TCP_PORT, port, 80, Optional.of(address));
    }

    private static ProvisionOutcome.Failed failed(ProvisionOutcome outcome) {
        assertThat(outcome).isInstanceOf(ProvisionOutcome.Failed.class);
        return (ProvisionOutcome.Failed) outcome;
    }
}
