package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.Verdict;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionFailure;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.proxmox.FakeGuest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Marks are tags, which anybody may edit, and which a guest has not yet while it is made and no more while it is destroyed. A
 * guest without its mark may be ours all the same, so nothing that its claim holds is given away for that (law L3).
 */
class LostMarksTest {
    private static final Owner WEB = Owner.of("homelab", "web");

    private final Target.Fake target = new Target.Fake();

    /** What an owner can ask for. */
    enum Call {
        REMOVE,
        PROVISION,
        STOP;

        void ask(Homelab lab) {
            switch (this) {
                case REMOVE -> lab.provisioner.remove(WEB);
                case PROVISION -> lab.provision("web");
                case STOP -> lab.provisioner.stop(WEB);
            }
        }
    }

    private static void isUnknown(Throwable thrown, String... words) {
        assertThat(((ProvisionException) thrown).outcome())
                .isInstanceOfSatisfying(ProvisionOutcome.Failed.class, failed -> {
                    assertThat(failed.failure().kind()).isEqualTo(ProvisionFailure.Kind.UNKNOWN);
                    assertThat(failed.failure().detail()).contains(words);
                });
    }

    /** Somebody takes our tags off a guest that runs: it keeps id, host name and ports, and the message says what to do. */
    @ParameterizedTest
    @EnumSource
    void editedTagsGiveNothingAway(Call call) {
        try (Homelab lab = new Homelab(target)) {
            Provisioned made = lab.provision("web");
            FakeGuest guest = target.lab.guest(lab.first).tagged("somebody");

            assertThatThrownBy(() -> call.ask(lab))
                    .isInstanceOf(ProvisionException.class)
                    .satisfies(thrown -> isUnknown(thrown, "no mark", "put the mark back", "let the claim go"));

            Claim claim = lab.ledger.find(WEB).orElseThrow();
            assertThat(claim.instance()).contains("lxc/" + lab.first);
            assertThat(claim.value("host")).isEqualTo(lab.host("web"));
            assertThat(lab.number(claim)).isEqualTo(lab.first);
            assertThat(guest.isRunning()).isTrue();
            Claim other = lab.provision("other").claim();
            assertThat(lab.number(other)).isEqualTo(lab.first + 1);
            assertThat(other.port("http")).isNotEqualTo(made.port("http"));
        }
    }

    /** As the message says: the mark is put back, and all is as it was. */
    @ParameterizedTest
    @EnumSource
    void markThatIsPutBackEndsTheDoubt(Call call) {
        try (Homelab lab = new Homelab(target)) {
            lab.provision("web");
            FakeGuest guest = target.lab.guest(lab.first);
            String tags = guest.config().getOrDefault("tags", "");
            guest.tagged("somebody");
            assertThatThrownBy(() -> call.ask(lab)).isInstanceOf(ProvisionException.class);
            guest.tagged(tags + ";somebody");

            call.ask(lab);

            assertThat(guest.exists()).isEqualTo(call != Call.REMOVE);
            assertThat(guest.exists() && guest.isRunning()).isEqualTo(call == Call.PROVISION);
        }
    }

    /** As the message says: the claim is let go, the guest lives on, and whoever wants it adopts it, but not before. */
    @Test
    void guestWithoutItsMarkIsAdoptedOnceItsClaimIsLetGo() {
        try (Homelab lab = new Homelab(target)) {
            String id = lab.provision("web").instance().id();
            FakeGuest guest = target.lab.guest(lab.first).tagged("somebody");
            Owner other = Owner.of("homelab", "other");
            var request = ClaimRequest.by(other).in(lab.runtime.scope());

            assertThatThrownBy(() -> lab.provisioner.adopt(id, request)).isInstanceOf(ClaimRefusedException.class);
            assertThat(lab.ledger.find(WEB).flatMap(Claim::instance)).contains(id);
            assertThat(lab.ledger.find(other)).isEmpty();
            assertThat(lab.provisioner.letGo(WEB)).isTrue();
            assertThat(lab.provisioner.adopt(id, request).instance()).contains(id);
            assertThat(guest.isRunning()).isTrue();
        }
    }

    /** Another mark is proof: the id was used again, and the claim's own guest is gone. */
    @Test
    void anotherMarkUnderTheIdIsAnotherGuest() {
        try (Homelab lab = new Homelab(target)) {
            lab.provision("web");
            target.lab.guest(lab.first).vanishes();
            try (var client = Labs.to(target.lab).build();
                    var other =
                            Provisioner.of(ResourceLedger.inMemory(), client).build()) {
                other.provision(lab.request("theirs"), granted -> target.spec());

                assertThat(lab.provisioner.remove(WEB)).isTrue();
                assertThat(lab.ledger.find(WEB)).isEmpty();
                assertThat(target.lab.guest(lab.first).isRunning()).isTrue();
            }
        }
    }

    // ------------------------------------------------------------------ half made, half destroyed

    /** A destruction was killed: no tags are left, and the guest is still there. Its id is not given away, ever so often asked. */
    @Test
    void halfDestroyedGuestKeepsItsIdUntilItIsGone() {
        try (Homelab lab = new Homelab(target)) {
            lab.provision("web");
            lab.provisioner.stop(WEB);
            target.lab.nextTaskEndsWith("unexpected status");
            assertThatThrownBy(() -> lab.provisioner.remove(WEB))
                    .satisfies(thrown -> isUnknown(thrown, "half destroyed"));
            assertThat(lab.ledger.find(WEB).orElseThrow().state()).isEqualTo(ClaimState.FAILED);
            assertThat(lab.ledger.find(WEB).orElseThrow().instance()).isEmpty();

            for (Call call : Call.values()) {
                assertThatThrownBy(() -> call.ask(lab))
                        .satisfies(thrown ->
                                isUnknown(thrown, Integer.toString(lab.first), "half destroyed", "remove it by hand"));
                assertThat(lab.number(lab.ledger.find(WEB).orElseThrow())).isEqualTo(lab.first);
            }
            target.lab.guest(lab.first).vanishes();

            assertThat(lab.provisioner.remove(WEB)).isTrue();
            assertThat(lab.ledger.find(WEB)).isEmpty();
        }
    }

    /** A person's guest may have the claim's host name: it is no half destroyed one of the claim, whatever is known of it. */
    @Test
    void somebodysGuestOfTheSameHostNameIsNoDoubt() {
        try (Homelab lab = new Homelab(target)) {
            lab.provision("web");
            lab.provisioner.stop(WEB);
            target.lab.nextTaskEndsWith("unexpected status");
            assertThatThrownBy(() -> lab.provisioner.remove(WEB)).isInstanceOf(ProvisionException.class);
            target.lab.guest(lab.first).vanishes();
            target.lab.addContainer(300, "pve3").named(lab.host("web")).running();
            target.lab.statisticsArrive();
            target.lab.node("pve3").goesOffline();

            assertThat(lab.provisioner.remove(WEB)).isTrue();
            assertThat(lab.ledger.find(WEB)).isEmpty();
            assertThat(target.lab.guest(300).exists()).isTrue();
        }
    }

    /** The reaper does not give it away either, however long ago it failed, and does so once it is gone. */
    @Test
    void reaperSparesTheIdOfWhatIsHalfDestroyed() {
        try (Estate estate = new Estate()) {
            estate.settle(4);
            estate.guest("app-1").stopped();
            estate.lab.nextTaskEndsWith("unexpected status");
            assertThatThrownBy(() -> estate.remove("app-1")).satisfies(thrown -> isUnknown(thrown, "half destroyed"));

            estate.clock.advance(Duration.ofDays(2));
            assertThat(estate.quiet(8)).allSatisfy(report -> {
                assertThat(report.count(Verdict.Kind.UNKNOWN)).isEqualTo(1);
                assertThat(report.count(Verdict.Kind.MISSING)).isZero();
            });
            assertThat(estate.ledger.find(Estate.owner("app-1")).map(claim -> claim.value("guest")))
                    .contains(Integer.toString(estate.number("app-1")));

            estate.guest("app-1").vanishes();
            for (int i = 0; i < 8; i++) {
                var unused = estate.sweep();
            }
            assertThat(estate.ledger.find(Estate.owner("app-1"))).isEmpty();
        }
    }

    /** What was sure to be gone, and is half made again when it is confirmed, is spared at the last moment. */
    @Test
    void reaperSparesTheIdOfWhatIsBeingMadeAtTheLastMoment() {
        try (Estate estate = new Estate()) {
            estate.settle(4);
            estate.guest("app-1").stopped();
            estate.lab.nextTaskEndsWith("unexpected status");
            assertThatThrownBy(() -> estate.remove("app-1")).isInstanceOf(ProvisionException.class);
            var left = estate.guest("app-1").config();
            estate.guest("app-1").vanishes();
            estate.clock.advance(Duration.ofDays(2));
            // The listing of a sweep lacks it, and whatever is asked after that has it.
            estate.meanwhile(() -> {
                boolean listed = estate.lab.requests().stream()
                        .anyMatch(seen -> seen.path().endsWith("/cluster/resources"));
                if (listed && !estate.guest("app-1").exists()) {
                    estate.guest("app-1").isRestored("pve2", left);
                } else if (!listed && estate.guest("app-1").exists()) {
                    estate.guest("app-1").vanishes();
                }
            });

            List<ReapReport> reports = estate.quiet(8);

            assertThat(reports.stream()
                            .flatMap(report -> report.verdicts().stream())
                            .filter(verdict -> verdict.fate() == Verdict.Fate.SPARED))
                    .isNotEmpty()
                    .allSatisfy(verdict -> assertThat(verdict.reason()).contains("half destroyed"));
            assertThat(estate.ledger.find(Estate.owner("app-1")).map(claim -> claim.value("guest")))
                    .contains(Integer.toString(estate.number("app-1")));
        }
    }

    /** A create lost its answer, and nobody waits for it any more: while the guest is made its id is not given away. */
    @Test
    void guestInTheMakingKeepsItsId() {
        try (Homelab lab = new Homelab(target);
                var hasty = Provisioner.of(lab.ledger, lab.runtime)
                        .tries(1)
                        .deadlines(Deadlines.defaults().creates(Duration.ofSeconds(1)))
                        .build()) {
            target.lab.tasksHang();
            assertThatThrownBy(() -> hasty.provision(lab.request("web"), granted -> target.spec()))
                    .isInstanceOf(ProvisionException.class);
            assertThat(target.lab.guest(lab.first).exists()).isTrue();

            for (Call call : Call.values()) {
                assertThatThrownBy(() -> call.ask(lab))
                        .satisfies(thrown -> isUnknown(thrown, Integer.toString(lab.first), "half made", "ask again"));
                assertThat(lab.number(lab.ledger.find(WEB).orElseThrow())).isEqualTo(lab.first);
            }
            target.lab.tasksGoOn();
            Site.await("the guest to be made", () -> target.lab.guest(lab.first).hasDisk());

            assertThat(lab.provisioner.remove(WEB)).isTrue();
            assertThat(target.lab.guest(lab.first).exists()).isFalse();
        }
    }
}
