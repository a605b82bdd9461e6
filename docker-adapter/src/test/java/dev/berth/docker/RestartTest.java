package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Recovery;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The daemon was killed and is back, and so is the application, with its ledger or without. */
@Timeout(180)
@Tag("alone")
class RestartTest {
    /** What was there when all went down. */
    private record Before(PortPool pool, Provisioned anna, Provisioned ben, String foreign) {
        static Before on(Site site) throws Exception {
            PortPool pool = site.pool(5);
            var provisioner = site.provisioner();
            Provisioned anna = provisioner.provision(site.request(site.owner("anna"), pool), site.spec());
            Provisioned ben = provisioner.provision(site.request(site.owner("ben"), pool), site.spec());
            provisioner.stop(site.owner("ben"));
            int third = pool.ports().get(2).number();
            String foreign = site.stranger(site.prefix + "-app", Publication.tcp(third, 80));
            site.engine.kill();
            site.engine.restart();
            return new Before(pool, anna, ben, foreign);
        }

        /** What a foreign container says of itself, for who wants to claim it. */
        Optional<ClaimRequest> claim(Site site, Instance instance) {
            return instance.id().equals(foreign)
                    ? Optional.of(ClaimRequest.by(site.owner("app"))
                            .fixed(
                                    "http",
                                    ResourceKind.TCP_PORT.in(
                                            site.runtime.scope(),
                                            instance.configured().get(0).port())))
                    : Optional.empty();
        }
    }

    /** SCENARIOS 60: the ledger was lost with its process. The labels say whose all is, and of the foreign one the host. */
    @ParameterizedTest
    @EnumSource
    void aNewLedgerRediscoversAllContainersWithTheirPorts(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            Before before = Before.on(site);
            var ledger = ResourceLedger.on(new MemoryLedgerStore(Clock.systemUTC(), site.id));
            var provisioner =
                    site.closing(Provisioner.of(ledger, site.another()).build());

            Recovery found = provisioner.recover(one -> before.claim(site, one));

            assertThat(found.gap()).isEmpty();
            assertThat(found.unclaimed()).isEmpty();
            assertThat(found.claimed()).hasSize(3);
            assertThat(ledger.find(site.owner("anna")).orElseThrow().port("http"))
                    .isEqualTo(before.anna().port("http"));
            assertThat(ledger.find(site.owner("ben")).orElseThrow().port("http"))
                    .isEqualTo(before.ben().port("http"));
            Claim adopted = ledger.find(site.owner("app")).orElseThrow();
            assertThat(adopted.instance()).contains(before.foreign());

            assertThat(provisioner.recover(one -> before.claim(site, one)).claimed())
                    .isEmpty();
            Provisioned carl = provisioner.provision(site.request(site.owner("carl"), before.pool()), site.spec());
            assertThat(Set.of(
                            before.anna().port("http"),
                            before.ben().port("http"),
                            before.pool().ports().get(2).number()))
                    .doesNotContain(carl.port("http"));
            assertGoesOn(site, provisioner, before);
            assertThat(provisioner.remove(site.owner("app"))).isTrue();
            assertThat(site.runtime.look(before.foreign()).seen()).isPresent();
        }
    }

    /** SCENARIOS 20, 60: the ledger is there still. */
    @ParameterizedTest
    @EnumSource
    void aLedgerThatIsThereStillGoesOnWithTheSameContainersAndPorts(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            Before before = Before.on(site);
            var provisioner = site.provisioner();

            Recovery found = provisioner.recover(one -> Optional.empty());

            assertThat(found.claimed()).isEmpty();
            assertThat(found.unchanged()).hasSize(2);
            assertGoesOn(site, provisioner, before);
        }
    }

    /** Docker's containers end with their daemon, Podman's run on; either way it is the same ones that are handed out. */
    private static void assertGoesOn(Site site, Provisioner<CreateContainerCmd> provisioner, Before before) {
        for (var one : List.of(before.anna(), before.ben())) {
            Owner owner = one.claim().owner();

            Provisioned again = provisioner.provision(site.request(owner, before.pool()), site.spec());

            assertThat(again.instance().id()).isEqualTo(one.instance().id());
            assertThat(again.port("http")).isEqualTo(one.port("http"));
            assertThat(again.claim().state()).isEqualTo(ClaimState.ACTIVE);
            assertThat(site.seen(again.instance().id()).published()).anyMatch(open -> open.port() == one.port("http"));
        }
    }
}
