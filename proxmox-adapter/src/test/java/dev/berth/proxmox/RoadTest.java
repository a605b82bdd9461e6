package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Sighting;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.Race;
import dev.berth.testkit.proxmox.FakeGuest;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole road on a cluster, as an application walks it: id, host name and ports, then the guest. */
@ResourceLock(Server.LOCK)
class RoadTest {
    private static Homelab homelab(Target.Kind kind) {
        return new Homelab(kind.open());
    }

    @ParameterizedTest
    @EnumSource
    void guestIsMadeWithIdHostNameAndMarkAndRemovedAgain(Target.Kind kind) throws Exception {
        try (Homelab lab = homelab(kind)) {
            Provisioned made = lab.provision("web");

            assertThat(made.claim().instance()).contains("lxc/" + lab.first);
            assertThat(made.instance().names()).containsExactly(lab.host("web"), Integer.toString(lab.first));
            assertThat(made.instance().state()).isEqualTo(InstanceState.RUNNING);
            assertThat(made.instance().claimed().map(ClaimRequest::parts).orElseThrow())
                    .contains("guest", "host", "http");
            assertThat(lab.provisioner.remove(Owner.of("homelab", "web"))).isTrue();
            assertThat(lab.runtime.look("lxc/" + lab.first)).isInstanceOf(Sighting.Absent.class);
            assertThat(lab.ledger.find(Owner.of("homelab", "web"))).isEmpty();
        }
    }

    /** Scenario 23: stop keeps id and port, the next start is of the same guest. */
    @ParameterizedTest
    @EnumSource
    void stoppedGuestIsStartedAgain(Target.Kind kind) throws Exception {
        try (Homelab lab = homelab(kind)) {
            Provisioned made = lab.provision("web");
            lab.provisioner.stop(Owner.of("homelab", "web"));
            assertThat(lab.runtime.look(made.instance().id()).seen().map(Instance::state))
                    .contains(InstanceState.STOPPED);

            Provisioned again = lab.provision("web");

            assertThat(again.instance().id()).isEqualTo(made.instance().id());
            assertThat(again.instance().mark()).isEqualTo(made.instance().mark());
        }
    }

    /** Scenario 22: the lowest id is held by a record, and the next is a stranger's: the claim goes on. */
    @ParameterizedTest
    @EnumSource
    void idThatARecordOrAStrangerHoldsIsPassedOver(Target.Kind kind) throws Exception {
        try (Homelab lab = homelab(kind)) {
            lab.ledger.claim(ClaimRequest.by(Owner.of("homelab", "record"))
                    .in(lab.runtime.scope())
                    .fixed("guest", ResourceKind.GUEST_ID, Integer.toString(lab.first)));
            String stranger = lab.target.stranger(lab.first + 1, lab.host("stranger"));

            Provisioned made = lab.provision("web");

            assertThat(lab.number(made.claim())).isEqualTo(lab.first + 2);
            assertThat(lab.runtime.look(stranger).seen().map(Instance::state)).contains(InstanceState.RUNNING);
        }
    }

    /** What guests have is left out at once: no try is lost on it, however many there are. */
    @ParameterizedTest
    @EnumSource
    void freeIdsAreWithoutThoseOfGuests(Target.Kind kind) throws Exception {
        try (Homelab lab = homelab(kind)) {
            lab.target.stranger(lab.first, lab.host("stranger"));
            GuestIds free = lab.runtime.freeIds(lab.first, lab.first + 9);

            assertThat(free.candidates(Owner.of("homelab", "web")).isExcluded(0))
                    .isTrue();
            assertThat(free.candidates(Owner.of("homelab", "web")).isExcluded(1))
                    .isFalse();
        }
    }

    /** Scenario 21: two at once with different host names both succeed; a duplicate names the host name. */
    @ParameterizedTest
    @EnumSource
    void twoAtOnceBothSucceedAndADuplicateNamesItsHost(Target.Kind kind) throws Exception {
        try (Homelab lab = homelab(kind);
                var other = lab.provisioner(lab.target.another())) {
            Race.of(2)
                    .rounds(1)
                    .<Integer>run(
                            (round, racer, random) -> {
                                String app = racer == 0 ? "web-a" : "web-b";
                                var own = racer == 0 ? lab.provisioner : other;
                                return lab.number(own.provision(
                                                lab.request(app),
                                                granted -> lab.target.spec().hostName(granted.value("host")))
                                        .claim());
                            },
                            (round, ids) -> assertThat(new HashSet<>(ids)).hasSize(2));

            assertThatThrownBy(() -> lab.provisioner.provision(
                            lab.request("third", lab.host("web-b")), granted -> lab.target.spec()))
                    .isInstanceOfSatisfying(
                            ClaimRefusedException.class,
                            refused -> assertThat(refused)
                                    .hasMessageContaining("dns-name")
                                    .hasMessageContaining(lab.host("web-b"))
                                    .hasMessageNotContaining("tcp-port"));
        }
    }

    /** Scenarios 19 and 17: what cannot be made is given back, once. */
    @ParameterizedTest
    @EnumSource
    void whatCannotBeMadeIsGivenBack(Target.Kind kind) {
        try (Homelab lab = homelab(kind)) {
            assertThatThrownBy(() -> lab.provisioner.provision(lab.request("web"), granted -> lab.target.rejected()))
                    .isInstanceOf(ProvisionException.class);

            assertThat(lab.ledger.find(Owner.of("homelab", "web"))).isEmpty();
            assertThat(lab.provision("other").claim().value("guest")).isEqualTo(Integer.toString(lab.first));
        }
    }

    /** Scenarios 57 and 59: adopted twice at once is one record; let go, it lives on and can be found again. */
    @ParameterizedTest
    @EnumSource
    void adoptedGuestIsOneRecordAndLivesOnWhenItIsLetGo(Target.Kind kind) throws Exception {
        try (Homelab lab = homelab(kind);
                var other = lab.provisioner(lab.target.another())) {
            String id = lab.target.stranger(lab.first, lab.host("existing-nginx-lxc-port80"));
            Owner owner = Owner.of("homelab", "nginx");
            var claim = ClaimRequest.by(owner)
                    .in(lab.runtime.scope())
                    .fixed("guest", ResourceKind.GUEST_ID, Integer.toString(lab.first))
                    .fixed("host", ResourceKind.DNS_NAME, lab.host("existing-nginx-lxc-port80"));
            Race.of(2)
                    .rounds(1)
                    .<Claim>run(
                            (round, racer, random) -> (racer == 0 ? lab.provisioner : other).adopt(id, claim),
                            (round, claims) -> assertThat(claims.stream().map(Claim::id))
                                    .containsOnly(claims.get(0).id()));
            assertThatThrownBy(() -> lab.provisioner.adopt(id, ClaimRequest.by(Owner.of("homelab", "other"))))
                    .isInstanceOf(ClaimRefusedException.class);
            assertThatThrownBy(() -> lab.provisioner.adopt("lxc/" + (lab.first + 9), claim))
                    .isInstanceOf(ProvisionException.class);

            assertThat(lab.provisioner.remove(owner)).isTrue();
            assertThat(lab.runtime.look(id).seen().map(Instance::state)).contains(InstanceState.RUNNING);
            assertThat(lab.provisioner
                            .recover(one -> one.id().equals(id) ? Optional.of(claim) : Optional.empty())
                            .claimed())
                    .extracting(Claim::owner)
                    .containsExactly(owner);
        }
    }

    /** Scenario 60, in a homelab: a ledger that was lost is told by the guests themselves. */
    @ParameterizedTest
    @EnumSource
    void lostLedgerIsToldByTheGuests(Target.Kind kind) throws Exception {
        try (Homelab lab = homelab(kind)) {
            Provisioned made = lab.provision("web");
            var fresh = ResourceLedger.inMemory();
            try (var anew = Provisioner.of(fresh, lab.runtime).build()) {
                anew.recover(one -> one.id().equals(made.instance().id()) ? one.claimed() : Optional.empty());
            }

            assertThat(fresh.find(Owner.of("homelab", "web")).map(claim -> claim.value("guest")))
                    .contains(Integer.toString(lab.first));
            assertThat(fresh.find(Owner.of("homelab", "web")).map(claim -> claim.port("http")))
                    .contains(made.port("http"));
        }
    }

    // ------------------------------------------------------------------ on the fake alone

    private static Homelab fake(Target.Fake target) {
        return new Homelab(target);
    }

    /** Scenario 18: the process died before the guest was made; the next call is not blocked. */
    @Test
    void deploymentThatDiedBeforeItsGuestWasMadeBlocksNothing() {
        var target = new Target.Fake();
        try (Homelab lab = fake(target)) {
            target.lab.next("POST", "/nodes/pve1/lxc").neverArrives();
            try (var died = Provisioner.of(lab.ledger, lab.runtime).tries(1).build()) {
                assertThat(died.tryProvision(lab.request("web"), granted -> target.spec()))
                        .isInstanceOf(ProvisionOutcome.Failed.class);
            }

            assertThat(lab.provision("web").claim().value("guest")).isEqualTo(Integer.toString(lab.first));
            assertThat(lab.provision("other").instance().state()).isEqualTo(InstanceState.RUNNING);
        }
    }

    /** Scenario 20: the guest was made and nobody heard; asked again it is that one, and there is no second. */
    @Test
    void createWithoutAnAnswerMakesOneGuest() {
        var target = new Target.Fake();
        try (Homelab lab = fake(target)) {
            target.lab.next("POST", "/nodes/pve1/lxc").isTimeoutThoughExecuted();
            target.lab
                    .next("POST", "/nodes/pve1/lxc/" + lab.first + "/status/start")
                    .isLost();

            Provisioned made = lab.provision("web");

            assertThat(lab.number(made.claim())).isEqualTo(lab.first);
            assertThat(target.lab.guestIds()).containsExactlyInAnyOrder(Labs.CANARY, lab.first);
        }
    }

    /** A create that never arrived is repeated with the same id, so that a late one would meet it. */
    @Test
    void createThatNeverArrivedIsRepeatedUnderTheSameId() {
        var target = new Target.Fake();
        try (Homelab lab = fake(target)) {
            target.lab.next("POST", "/nodes/pve1/lxc").neverArrives();

            assertThat(lab.number(lab.provision("web").claim())).isEqualTo(lab.first);
            assertThat(target.lab.guestIds()).hasSize(2);
        }
    }

    /** An id whose guest the credentials may not see is passed over like any other. */
    @Test
    void idOfAnUnseenGuestIsPassedOver() {
        var target = new Target.Fake();
        try (Homelab lab = fake(target)) {
            target.lab.addContainer(lab.first, "pve2");
            target.lab.user("berth@pve").may("/vms/" + lab.first);

            assertThat(lab.number(lab.provision("web").claim())).isEqualTo(lab.first + 1);
        }
    }

    /**
     * The number is that of somebody's guest which can be seen and not read: its node is off, or it is being restored, for
     * minutes, also on the node that is asked for. It cannot be what the claim's own attempt has made, so nobody waits.
     */
    @ParameterizedTest
    @ValueSource(strings = {"off", "restored elsewhere", "restored here", "a machine that is made here"})
    void idOfAGuestThatCannotBeReadIsPassedOverAtOnce(String how) {
        var target = new Target.Fake();
        try (Homelab lab = fake(target)) {
            String node = how.endsWith("here") ? "pve1" : "pve3";
            FakeGuest somebodys = how.startsWith("a machine")
                    ? target.lab.addMachine(lab.first, node)
                    : target.lab.addContainer(lab.first, node).named("somebodys");
            if (how.equals("off")) {
                somebodys.running();
                target.lab.node(node).goesOffline();
            } else {
                somebodys.locked("create");
            }
            long begun = System.nanoTime();

            assertThat(lab.number(lab.provision("web").claim())).isEqualTo(lab.first + 1);
            assertThat(lab.number(lab.provision("other").claim())).isEqualTo(lab.first + 2);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(40));
            assertThat(somebodys.exists()).isTrue();
        }
    }

    /** The number was ours once, long ago, and its node remembers: somebody restores a guest under it now. */
    @Test
    void numberThatWasOursOnceAndIsRestoredBySomebodyIsPassedOverAtOnce() {
        var target = new Target.Fake();
        try (Homelab lab = fake(target)) {
            lab.provision("web");
            assertThat(lab.provisioner.remove(Owner.of("homelab", "web"))).isTrue();
            target.lab.addContainer(lab.first, "pve1").locked("create");
            long begun = System.nanoTime();

            assertThat(lab.number(lab.provision("web").claim())).isEqualTo(lab.first + 1);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(40));
        }
    }

    /** Two ledgers that know nothing of one another share a range: one has the id first, and the loser moves on. */
    @Test
    void loserOfACreationTakesTheNextId() throws Exception {
        var target = new Target.Fake();
        try (Homelab lab = fake(target);
                var client = Labs.to(target.lab).build();
                var other = Provisioner.of(ResourceLedger.inMemory(), client)
                        .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS, Stranger.NEXT_CANDIDATE)
                        .build()) {
            target.lab.nextCreationsCollide(2);
            Race.of(2)
                    .rounds(1)
                    .<Integer>run(
                            (round, racer, random) -> lab.number((racer == 0 ? lab.provisioner : other)
                                    .provision(
                                            lab.request("web-" + racer),
                                            granted -> target.spec().hostName(granted.value("host")))
                                    .claim()),
                            (round, ids) -> assertThat(ids).containsExactlyInAnyOrder(lab.first, lab.first + 1));
            assertThat(target.lab.guestIds()).containsExactlyInAnyOrder(Labs.CANARY, lab.first, lab.first + 1);
        }
    }

    /** A guest that somebody cloned from ours is not cleared away as a leftover. */
    @Test
    void cloneOfOursSurvives() throws Exception {
        var target = new Target.Fake();
        try (Homelab lab = fake(target)) {
            Provisioned made = lab.provision("web");
            FakeProxmox cluster = target.lab;
            cluster.guest(lab.first + 5)
                    .isRestored("pve2", cluster.guest(lab.first).config());
            cluster.guest(lab.first).vanishes();

            Provisioned anew = lab.provision("web");

            assertThat(anew.instance().mark()).isNotEqualTo(made.instance().mark());
            assertThat(cluster.guest(lab.first + 5).exists()).isTrue();
            assertThat(lab.provisioner.remove(Owner.of("homelab", "web"))).isTrue();
            assertThat(cluster.guest(lab.first + 5).exists()).isTrue();
        }
    }

    /** Ten at once on ten ids, two clients: all get one, each another. */
    @Test
    void allIdsOfARangeAreGivenOutOnce() throws Exception {
        var target = new Target.Fake();
        try (Homelab lab = fake(target);
                var other = lab.provisioner(target.another())) {
            Race.of(10)
                    .rounds(1)
                    .<Integer>run(
                            (round, racer, random) -> {
                                var own = racer % 2 == 0 ? lab.provisioner : other;
                                return lab.number(own.provision(
                                                lab.request("app" + racer),
                                                granted -> target.spec().hostName(granted.value("host")))
                                        .claim());
                            },
                            (round, ids) -> assertThat(new HashSet<>(ids)).hasSize(10));
            assertThat(lab.tryProvision("eleventh")).isInstanceOf(ProvisionOutcome.Refused.class);
            assertThat(List.copyOf(target.lab.guestIds())).hasSize(11);
        }
    }
}
