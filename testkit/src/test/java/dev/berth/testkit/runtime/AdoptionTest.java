package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.BEN;
import static dev.berth.testkit.runtime.World.NODE;
import static dev.berth.testkit.runtime.World.request;
import static dev.berth.testkit.runtime.World.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.runtime.Instance;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Recovery;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.LedgerInvariants;
import dev.berth.testkit.Race;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What runs already is found, claimed, and let go again, without being touched. */
class AdoptionTest {
    private static final Pattern DYAD = Pattern.compile("dyad-app-([0-9]+)");

    private final World world = new World();

    /** A new ledger, on the same engine: the old one was lost, or never was. */
    private ResourceLedger fresh() {
        return ResourceLedger.on(new MemoryLedgerStore(world.clock, new UUID(8, 8)));
    }

    /** What the previews system knows of its containers: an exact name, and the ports that they open. */
    private static Optional<ClaimRequest> preview(Instance instance) {
        Matcher name = DYAD.matcher(instance.name());
        if (!name.matches()) {
            return Optional.empty();
        }
        ClaimRequest request = ClaimRequest.by(Owner.of("previews", "app-" + name.group(1)))
                .in(NODE)
                .fixed("container", ResourceKind.CONTAINER_NAME, instance.name());
        for (Publication port : instance.configured()) {
            request = request.fixed("preview", ResourceKind.TCP_PORT.in(NODE, port.port()));
        }
        return Optional.of(request);
    }

    /** SCENARIOS 60. */
    @Test
    void afterARestartPortsOfRunningAndStoppedInstancesAreTheirOwnersAgainAndNoneIsGivenTwice() {
        world.engine.stranger("dyad-app-5", new Publication(ResourceKind.TCP_PORT, 32_100, 3_000, Optional.of("::")));
        world.engine.stranger(
                "dyad-app-57", new Publication(ResourceKind.TCP_PORT, 32_101, 3_000, Optional.of("127.0.0.1")));
        String third = world.engine.stranger("dyad-app-58", Publication.tcp(32_102, 3_000));
        world.engine.stopInstance(third);
        world.engine.stranger("somebody-elses", Publication.tcp(9_000, 80));

        Recovery found = world.provisioner().recover(AdoptionTest::preview);

        assertThat(found.claimed()).hasSize(3);
        assertThat(found.ignored()).extracting(Instance::name).containsExactly("somebody-elses");
        assertThat(found.unclaimed()).isEmpty();
        assertThat(found.gap()).isEmpty();
        assertThat(world.claim(Owner.of("previews", "app-5")).orElseThrow().port("preview"))
                .isEqualTo(32_100);
        Claim stopped = world.claim(Owner.of("previews", "app-58")).orElseThrow();
        assertThat(stopped.state()).isEqualTo(ClaimState.STOPPED);
        assertThat(stopped.port("preview")).isEqualTo(32_102);

        var pool = PortPool.named("preview").onHost(NODE).range(32_100, 32_200).build();
        Claim next = world.ledger.claim(
                ClaimRequest.by(Owner.of("previews", "app-59")).choose("preview", pool));
        assertThat(next.port("preview")).isEqualTo(32_103);

        Recovery again = world.provisioner().recover(AdoptionTest::preview);
        assertThat(again.claimed()).isEmpty();
        assertThat(again.unchanged()).hasSize(3);
        assertThat(world.engine.removed()).isEmpty();
        assertThat(world.engine.running()).hasSize(3);
        LedgerInvariants.check(world.memory);
    }

    @Test
    void aLedgerThatLostItsClaimsIsToldByTheInstancesThemselves() {
        Provisioned desktop = world.provision(ANNA);
        world.ledger.release(desktop.claim());
        Recovery found = world.provisioner().recover(stranger -> Optional.empty());

        Claim claim = found.claimed().get(0);
        assertThat(claim.owner()).isEqualTo(ANNA);
        assertThat(claim.port("http")).isEqualTo(desktop.port("http"));
        assertThat(claim.value("container")).isEqualTo(desktop.claim().value("container"));
        Provisioned again = world.provision(ANNA);
        assertThat(again.instance().id()).isEqualTo(desktop.instance().id());
        world.check();

        assertThat(world.provisioner().remove(ANNA))
                .as("it was ours all the time")
                .isTrue();
        assertThat(world.engine.instances()).isEmpty();
    }

    @Test
    void instancesOfAnotherLedgerAreClaimedOnlyIfTheHostSaysSoAndAreNeverRemoved() {
        world.provision(ANNA);
        ResourceLedger other = fresh();
        Provisioner<FakeSpec> elsewhere = world.builder(other, world.runtime).build();

        assertThat(elsewhere.recover(instance -> Optional.empty()).ignored()).hasSize(1);
        Recovery found = elsewhere.recover(Instance::claimed);
        assertThat(found.claimed()).hasSize(1);
        assertThat(other.find(ANNA).orElseThrow().port("http")).isEqualTo(7_000);
        assertThat(elsewhere.remove(ANNA)).isTrue();
        assertThat(world.engine.running()).as("let go, not removed").hasSize(1);
    }

    /** SCENARIOS 57. */
    @Test
    void adoptingTwiceAtOnceIsOneRecordAndOneThatIsManagedOrMissingIsAConflict() {
        String id = world.engine.stranger("existing-nginx-lxc-port80", Publication.tcp(8_080, 80));
        Owner owner = Owner.of("homelab", "existing-nginx-lxc-port80");
        var wish = ClaimRequest.by(owner).in(NODE).fixed("name", ResourceKind.DNS_NAME, "existing-nginx");
        Race.of(2)
                .rounds(1)
                .<Claim>run(
                        (round, racer, random) -> Provisioner.of(world.ledger, world.runtime)
                                .build()
                                .adopt(id, wish),
                        (round, claims) -> assertThat(claims.get(0).id())
                                .isEqualTo(claims.get(1).id()));
        assertThat(LedgerInvariants.claims(world.memory)).hasSize(1);

        assertThatThrownBy(() -> world.provisioner().adopt(id, ClaimRequest.by(BEN)))
                .isInstanceOf(ClaimRefusedException.class)
                .hasMessageContaining(owner.toString());
        assertThat(world.claim(BEN)).as("nothing is kept of it").isEmpty();
        assertThatThrownBy(() -> world.provisioner().adopt("999", ClaimRequest.by(BEN)))
                .isInstanceOfSatisfying(
                        ProvisionException.class, no -> assertThat(kind(no)).isEqualTo(Kind.NOT_THERE));
        String second = world.engine.stranger("second");
        assertThatThrownBy(() -> world.provisioner().adopt(second, wish))
                .isInstanceOfSatisfying(
                        ProvisionException.class, no -> assertThat(kind(no)).isEqualTo(Kind.LIVES_ALREADY));
    }

    private static Kind kind(ProvisionException no) {
        return ((ProvisionOutcome.Failed) no.outcome()).failure().kind();
    }

    /** SCENARIOS 58: an inner port is no claim on the host. */
    @Test
    void twoThatListenOnTheSameInnerPortAreBothAdopted() {
        String one = world.engine.stranger("one");
        String two = world.engine.stranger("two");
        world.provisioner().adopt(one, ClaimRequest.by(ANNA));
        world.provisioner().adopt(two, ClaimRequest.by(BEN));
        assertThat(LedgerInvariants.claims(world.memory)).hasSize(2);
    }

    /** SCENARIOS 59. */
    @Test
    void whatWasAdoptedIsDeletedFromTheLedgerOnlyAndCanBeFoundAgain() {
        String id = world.engine.stranger("dyad-app-7", Publication.tcp(32_100, 3_000));
        world.provisioner().recover(AdoptionTest::preview);
        Owner owner = Owner.of("previews", "app-7");

        assertThat(world.provisioner().remove(owner)).isTrue();
        assertThat(world.claim(owner)).isEmpty();
        assertThat(world.ledger.holder(ResourceKind.TCP_PORT.in(NODE, 32_100))).isEmpty();
        assertThat(world.instance(id).state().isLiving()).isTrue();
        assertThat(world.provisioner().recover(AdoptionTest::preview).claimed()).hasSize(1);
        assertThat(world.provisioner().letGo(owner)).isTrue();
        assertThat(world.provisioner().letGo(owner)).isFalse();
        assertThat(world.engine.removed()).isEmpty();
    }

    @Test
    void whatWasAdoptedCanBeStoppedAndStartedByItsOwner() {
        String id = world.engine.stranger("kasm-anna-desktop", Publication.tcp(7_001, 6_901));
        world.provisioner()
                .adopt(id, ClaimRequest.by(ANNA).in(NODE).fixed("http", ResourceKind.TCP_PORT.in(NODE, 7_001)));
        assertThat(world.provisioner().stop(ANNA).state()).isEqualTo(ClaimState.STOPPED);
        Provisioned again = world.provision(ANNA);

        assertThat(again.instance().id()).isEqualTo(id);
        assertThat(again.port("http")).isEqualTo(7_001);
    }

    @Test
    void whatCannotBeClaimedIsReportedAndTheOthersGoOn() {
        world.ledger.claim(ClaimRequest.by(BEN).in(NODE).fixed("p", ResourceKind.TCP_PORT.in(NODE, 32_100)));
        world.engine.stranger("dyad-app-5", Publication.tcp(32_100, 3_000));
        world.engine.stranger("dyad-app-6", Publication.tcp(32_101, 3_000));
        Recovery found = world.provisioner().recover(AdoptionTest::preview);

        assertThat(found.claimed()).extracting(claim -> claim.owner().name()).containsExactly("app-6");
        assertThat(found.unclaimed()).hasSize(1);
        assertThat(found.unclaimed().get(0).reason()).contains("32100").contains(BEN.toString());
        LedgerInvariants.check(world.memory);
    }

    @Test
    void whatIsSeenIsClaimedThoughNotAllIsSeenAndTheGapIsTold() {
        world.engine.stranger("dyad-app-5", Publication.tcp(32_100, 3_000));
        world.engine.stranger("dyad-app-6", Publication.tcp(32_101, 3_000));
        world.engine.lie(FakeEngine.Lie.PARTIAL);
        Recovery found = world.provisioner().recover(AdoptionTest::preview);

        assertThat(found.claimed()).hasSize(1);
        assertThat(found.gap()).isPresent();
    }

    @Test
    void whatAFailedAttemptLeftIsNobodysUntilItsOwnerAsks() {
        Provisioned first = world.provision(ANNA);
        world.ledger.attempt(first.claim().token(), NODE, java.time.Duration.ofSeconds(60));
        Claim pending = world.claim(ANNA).orElseThrow();
        world.ledger.detach(pending.attempt().orElseThrow());
        Recovery found = world.provisioner().recover(stranger -> Optional.empty());

        assertThat(found.leftovers())
                .extracting(Instance::id)
                .containsExactly(first.instance().id());
        assertThat(found.claimed()).isEmpty();
        world.clock.advance(java.time.Duration.ofMinutes(2));
        world.provisioner().provision(request(ANNA), spec());
        world.check();
        assertThat(List.copyOf(world.engine.instances())).hasSize(1);
    }
}
