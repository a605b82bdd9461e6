package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What people do to guests at the web interface, and what Berth makes of it: on a fake cluster and on a real server alike,
 * since nothing of it needs a scripted fault. Scenarios 41, 43, 52, 57 and 59.
 */
@ResourceLock(Server.LOCK)
class PeopleTest {
    private static final Owner WEB = Owner.of("homelab", "web");

    private static InstanceState state(Homelab lab, String id) throws InterruptedException {
        return lab.runtime.look(id).seen().map(Instance::state).orElseThrow();
    }

    /** Our tags are taken off a guest that runs: nothing of it is given away, and all is well once they are back. */
    @ParameterizedTest
    @EnumSource
    void guestWhoseTagsWereEditedKeepsAllUntilTheyAreBack(Target.Kind kind) throws Exception {
        try (Homelab lab = new Homelab(kind.open())) {
            Provisioned made = lab.provision("web");
            Hands person = lab.target.person();
            String tags = person.tags(lab.first);
            person.tag(lab.first, "somebody");

            assertThatThrownBy(() -> lab.provisioner.remove(WEB))
                    .isInstanceOf(ProvisionException.class)
                    .hasMessageContaining("put the mark back");
            assertThat(state(lab, made.instance().id())).isEqualTo(InstanceState.RUNNING);
            assertThat(lab.number(lab.provision("other").claim())).isEqualTo(lab.first + 1);
            person.tag(lab.first, tags);

            assertThat(lab.provisioner.remove(WEB)).isTrue();
            assertThat(lab.runtime.look(made.instance().id())).isInstanceOf(Sighting.Absent.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void guestWithoutItsMarkIsAdoptedOnceItsClaimIsLetGo(Target.Kind kind) throws Exception {
        try (Homelab lab = new Homelab(kind.open())) {
            String id = lab.provision("web").instance().id();
            lab.target.person().tag(lab.first, "somebody");
            var request = ClaimRequest.by(Owner.of("homelab", "other")).in(lab.runtime.scope());

            assertThatThrownBy(() -> lab.provisioner.adopt(id, request)).isInstanceOf(ClaimRefusedException.class);
            assertThat(lab.provisioner.letGo(WEB)).isTrue();
            assertThat(lab.provisioner.adopt(id, request).instance()).contains(id);
            assertThat(state(lab, id)).isEqualTo(InstanceState.RUNNING);
        }
    }

    @ParameterizedTest
    @EnumSource
    void protectedGuestIsKeptUntilItIsNotProtected(Target.Kind kind) throws Exception {
        try (Homelab lab = new Homelab(kind.open())) {
            Provisioned made = lab.provision("web");
            Mark mark = made.instance().mark().orElseThrow();
            lab.target.person().protect(lab.first);

            assertThat(lab.runtime.remove(made.instance().id(), mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOfSatisfying(
                            Removal.Kept.class,
                            kept -> assertThat(kept.toString()).contains("protected"));
            assertThat(state(lab, made.instance().id())).isEqualTo(InstanceState.RUNNING);
            lab.target.person().unprotect(lab.first);

            assertThat(lab.runtime.remove(made.instance().id(), mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Removed.class);
        }
    }

    /** It is started again, and is the same guest. */
    @ParameterizedTest
    @EnumSource
    void guestThatWasStoppedByHandIsStartedAgain(Target.Kind kind) throws Exception {
        try (Homelab lab = new Homelab(kind.open())) {
            Provisioned made = lab.provision("web");
            lab.target.person().stop(lab.first);
            assertThat(state(lab, made.instance().id())).isEqualTo(InstanceState.STOPPED);

            assertThat(lab.provision("web").instance().mark())
                    .isEqualTo(made.instance().mark());
            assertThat(state(lab, made.instance().id())).isEqualTo(InstanceState.RUNNING);
        }
    }

    /** It is gone, and made anew under the number that its claim has; what was its mark is nobody's. */
    @ParameterizedTest
    @EnumSource
    void guestThatWasDestroyedByHandIsMadeAnewUnderItsNumber(Target.Kind kind) throws Exception {
        try (Homelab lab = new Homelab(kind.open())) {
            Provisioned made = lab.provision("web");
            lab.target.person().destroy(lab.first);
            assertThat(lab.runtime.look(made.instance().id())).isInstanceOf(Sighting.Absent.class);

            Provisioned anew = lab.provision("web");

            assertThat(anew.instance().id()).isEqualTo(made.instance().id());
            assertThat(anew.instance().mark()).isNotEqualTo(made.instance().mark());
            assertThat(lab.runtime.remove(
                            anew.instance().id(), made.instance().mark().orElseThrow(), Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Kept.class);
            assertThat(state(lab, anew.instance().id())).isEqualTo(InstanceState.RUNNING);
        }
    }

    /** Somebody's container has the number: it may be ours without its tags. Somebody's machine is certainly another. */
    @ParameterizedTest
    @EnumSource
    void numberThatSomebodyTookIsGivenUpOnlyWhereItIsCertain(Target.Kind kind) throws Exception {
        try (Homelab lab = new Homelab(kind.open())) {
            Mark mark = lab.provision("web").instance().mark().orElseThrow();
            lab.target.person().destroy(lab.first);
            String container = lab.target.stranger(lab.first, lab.host("somebodys"));

            assertThatThrownBy(() -> lab.provisioner.remove(WEB)).isInstanceOf(ProvisionException.class);
            assertThat(lab.runtime.remove(container, mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Kept.class);
            assertThat(state(lab, container)).isEqualTo(InstanceState.RUNNING);
            lab.target.person().destroy(lab.first);
            String machine = lab.target.machine(lab.first, lab.host("somebodys"));

            assertThat(lab.runtime.look(container)).isInstanceOf(Sighting.Absent.class);
            assertThat(lab.provisioner.remove(WEB)).isTrue();
            assertThat(state(lab, machine)).isEqualTo(InstanceState.RUNNING);
        }
    }

    /** A container of another ledger under the number carries another mark, which is proof. */
    @ParameterizedTest
    @EnumSource
    void numberThatAnotherLedgerTookIsGivenUp(Target.Kind kind) throws Exception {
        try (Homelab lab = new Homelab(kind.open());
                var other = Provisioner.of(ResourceLedger.inMemory(), lab.target.another())
                        .build()) {
            String id = lab.provision("web").instance().id();
            lab.target.person().destroy(lab.first);
            other.provision(lab.request("theirs"), granted -> lab.target.spec().hostName(granted.value("host")));

            assertThat(lab.provisioner.remove(WEB)).isTrue();
            assertThat(lab.ledger.find(WEB)).isEmpty();
            assertThat(state(lab, id)).isEqualTo(InstanceState.RUNNING);
        }
    }

    /** Several guests may have a name, in whatever case; one that was renamed has its new one. */
    @ParameterizedTest
    @EnumSource
    void guestsAreFoundByTheNamesThatTheyHaveNow(Target.Kind kind) throws Exception {
        try (Homelab lab = new Homelab(kind.open())) {
            String ours = lab.provision("web").instance().id();
            String name = lab.host("web");
            assertThat(found(lab, name)).containsExactly(ours);
            String machine = lab.target.machine(lab.first + 1, name);

            assertThat(found(lab, name.toUpperCase(Locale.ROOT))).containsExactlyInAnyOrder(ours, machine);
            lab.target.person().name(lab.first, lab.host("renamed"));

            assertThat(found(lab, name)).containsExactly(machine);
            assertThat(found(lab, lab.host("renamed"))).containsExactly(ours);
            assertThat(found(lab, lab.host("none"))).isEmpty();
        }
    }

    private static List<String> found(Homelab lab, String name) throws InterruptedException {
        return lab.runtime.findByName(name).found().stream().map(Guest::id).toList();
    }

    /**
     * One is destroyed by hand, one loses its tags, one is stopped, and one is well: the first alone is reaped. The ledger's
     * clock is not the server's, so nobody waits.
     */
    @ParameterizedTest
    @EnumSource
    void reaperTakesWhatWasDestroyedAndNothingElse(Target.Kind kind) throws Exception {
        var clock = ManualClock.at(Instant.parse("2026-11-22T00:00:00Z"));
        try (Homelab lab = new Homelab(kind.open(), clock);
                var reaper = GhostReaper.of(
                        lab.ledger,
                        lab.runtime,
                        ReaperPolicy.builder().ratio(50).build())) {
            for (String app : List.of("web", "edited", "halted", "well")) {
                lab.provision(app);
            }
            Hands person = lab.target.person();
            person.destroy(lab.first);
            person.tag(lab.first + 1, "somebody");
            person.stop(lab.first + 2);
            clock.advance(Duration.ofHours(1));

            ReapReport report = reaper.run();
            for (int i = 0; i < reaper.policy().sweepsUntilGone() && report.ghostsRemoved() == 0; i++) {
                assertThat(report.outcome())
                        .as(report.toString())
                        .isIn(ReapReport.Outcome.OBSERVED, ReapReport.Outcome.SWEPT);
                clock.advance(Duration.ofMinutes(5));
                report = reaper.run();
            }

            assertThat(report.ghostsRemoved()).as(report.toString()).isEqualTo(1);
            assertThat(report.count(Verdict.Kind.UNKNOWN)).isEqualTo(1);
            assertThat(lab.ledger.find(WEB)).isEmpty();
            for (int i = 1; i <= 3; i++) {
                String id = "lxc/" + (lab.first + i);
                assertThat(lab.runtime.look(id).seen()).isPresent();
                assertThat(lab.ledger
                                .claims(ClaimQuery.all())
                                .map(Claim::instance)
                                .flatMap(Optional::stream))
                        .contains(id);
            }
        }
    }
}
