package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.proxmox.FakeNode;
import dev.berth.testkit.proxmox.FakeProxmox;
import dev.berth.testkit.proxmox.FakeToken;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a cluster tells in bad days, and that nothing living is ever taken for gone. */
class ReadingTrapsTest {
    private static FakeProxmox lab(ManualClock clock) {
        FakeProxmox lab = FakeProxmox.cluster("lab")
                .nodes("pve1", "pve2", "pve3")
                .clock(clock)
                .start();
        lab.addContainer(Labs.CANARY, "pve1");
        return lab;
    }

    private static Instance listed(Inventory inventory, String id) {
        return inventory.instances().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** 595: the guests of a node that is off are listed, with their marks, and nothing of them is gone. */
    @Test
    void guestOfANodeThatIsOffIsThere() throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            String id = site.create(103, mark, "pve3");
            site.runtime.start(id);
            site.lab.node("pve3").goesOffline();

            Inventory inventory = site.runtime.inventory();
            assertThat(inventory.coverage().level()).isEqualTo(Coverage.Level.COMPLETE);
            assertThat(listed(inventory, id).mark()).contains(mark);
            assertThat(listed(inventory, id).state()).isEqualTo(InstanceState.UNKNOWN);
            assertThat(site.runtime.look(id).seen().flatMap(Instance::mark)).contains(mark);
            assertThat(site.runtime.guests().doubts()).contains("node pve3 is off");
            assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Unknown.class);
            assertThat(site.fault(() -> site.runtime.start(id))).isInstanceOf(Fault.Unreachable.class);
            assertThat(site.lab.guest(103).exists()).isTrue();
        }
    }

    /** Five minutes after a node has gone, the list has no names: a host name that is not found is not free. */
    @Test
    void nameThatIsMissingAfterFiveMinutesProvesNothing() throws Exception {
        var clock = ManualClock.at(Instant.parse("2026-11-22T00:00:00Z"));
        try (var site = new Site(lab(clock))) {
            site.create(103, site.mark(), "pve3");
            clock.advance(Duration.ofSeconds(20));
            site.lab.node("pve3").goesOffline();
            clock.advance(Duration.ofMinutes(6));

            assertThat(site.runtime.guests().guests())
                    .filteredOn(guest -> guest.number() == 103)
                    .singleElement()
                    .satisfies(guest -> assertThat(guest.name()).isEmpty());
            NameSearch search = site.runtime.findByName("app-103");
            assertThat(search.found()).isEmpty();
            assertThat(search.isProvenFree()).isFalse();
            assertThat(search.gaps()).anyMatch(gap -> gap.contains("lxc/103"));
            assertThat(site.runtime.look("lxc/103")).isInstanceOf(Sighting.Present.class);
        }
    }

    /** Names are found whatever their case, several of one name too; and one that nobody has is proven to be free. */
    @Test
    void nameIsFoundOrProvenFree() throws Exception {
        try (var site = new Site()) {
            site.lab.addContainer(201, "pve2").named("Web.example.test");
            site.lab.addMachine(202, "pve3").named("web.example.test");

            assertThat(site.runtime.findByName("WEB.example.test").found())
                    .extracting(Guest::id)
                    .containsExactly("lxc/201", "qemu/202");
            assertThat(site.runtime.findByName("other.example.test").isProvenFree())
                    .isTrue();
        }
    }

    /** An empty list, 200, for a token without rights: not empty but unseen. */
    @Test
    void emptyListOfATokenWithoutRightsIsPartial() throws Exception {
        FakeProxmox lab = Labs.three();
        lab.addContainer(103, "pve2");
        FakeToken blind = lab.user("berth@pve").mayEverything("/").separatedToken("blind");
        blind.may("/", "Sys.Audit");
        try (var site = new Site(lab, Labs.to(lab, blind).build())) {
            Inventory inventory = site.runtime.inventory();

            assertThat(inventory.instances()).isEmpty();
            assertThat(inventory.coverage().isComplete()).isFalse();
            assertThat(inventory.sight("lxc/103")).isInstanceOf(Sighting.Unknown.class);
            assertThat(site.runtime.look("lxc/103")).isInstanceOf(Sighting.Unknown.class);
            assertThat(site.runtime.findByName("nobody").isProvenFree()).isFalse();
            assertThatThrownBy(() -> Labs.to(lab, blind).open())
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("VM.Audit on /vms")
                    .hasMessageNotContaining(blind.secret());
        }
    }

    /** The same when rights are taken away in the midst of the day. */
    @Test
    void rightThatIsTakenAwayEndsCoverage() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark());
            assertThat(site.runtime.inventory().coverage().isComplete()).isTrue();

            site.lab.operator().loses("VM.Audit");

            assertThat(site.runtime.inventory().coverage().isComplete()).isFalse();
            assertThat(site.runtime.look(id)).isInstanceOf(Sighting.Unknown.class);
        }
    }

    /** 403 comes for ids that are not there as well: it says neither. The cluster's own word needs no right. */
    @Test
    void refusalSaysNothingOfAnId() throws Exception {
        FakeProxmox lab = Labs.three();
        lab.addContainer(103, "pve2");
        FakeToken half = lab.user("half@pve").may("/", "Sys.Audit").token("half");
        try (var site = new Site(lab, Labs.to(lab, half).canary(Labs.CANARY).build());
                var alone = Labs.to(lab, half).build()) {
            assertThat(site.runtime.look("lxc/103")).isInstanceOf(Sighting.Unknown.class);
            assertThat(site.runtime.look("lxc/999")).isInstanceOf(Sighting.Absent.class);
            assertThat(alone.look("lxc/103")).isInstanceOf(Sighting.Unknown.class);
            assertThat(alone.look("lxc/999"))
                    .as("who sees nothing knows of nothing that would have to be seen")
                    .isInstanceOf(Sighting.Unknown.class);
        }
    }

    /** A node without quorum answers from its old copy: what the majority made since is "free" for it. */
    @Test
    void staleMinoritySaysNothing() throws Exception {
        try (var site = new Site()) {
            site.lab.node("pve3").isCutOff();
            String id = site.create(132, site.mark());

            try (var minority = Labs.through(site.lab, "pve3").build()) {
                assertThat(minority.look(id)).isInstanceOf(Sighting.Unknown.class);
                assertThatThrownBy(minority::inventory).isInstanceOf(Trouble.class);
                assertThatThrownBy(minority::guests).hasMessageContaining("quorum");
            }
            try (var both = Labs.through(site.lab, "pve3", "pve1").build()) {
                assertThat(both.look(id)).isInstanceOf(Sighting.Present.class);
                assertThat(both.look("lxc/999")).isInstanceOf(Sighting.Absent.class);
            }
        }
    }

    /** There is no 404: 500 means "not on this node" as well as "not at all", and never decides. */
    @Test
    void serverErrorIsNoAbsence() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark());
            site.lab.guest(103).migratesTo("pve2");
            assertThat(site.runtime.look(id)).isInstanceOf(Sighting.Present.class);

            site.lab.guest(103).vanishes();
            site.lab.every("GET", "/cluster/nextid").is(500, "got timeout");
            assertThat(site.runtime.look(id)).isInstanceOf(Sighting.Unknown.class);
            site.lab.answersAsUsual();
            assertThat(site.runtime.look(id)).isInstanceOf(Sighting.Absent.class);
        }
    }

    /** Lists are empty with 200 and every id is free: a guest known to be there gives the lie to it. */
    @Test
    void listThatGotLostProvesNothing() throws Exception {
        try (var site = new Site();
                var sure = Labs.through(site.lab, "pve1").canary(Labs.CANARY).build();
                var stranger = Labs.through(site.lab, "pve1").build()) {
            String id = site.create(103, site.mark());
            site.lab.node("pve1").losesItsGuestList();

            assertThat(sure.look(id)).isNotInstanceOf(Sighting.Absent.class);
            assertThat(sure.inventory().coverage().isComplete()).isFalse();
            assertThat(stranger.look(id)).isNotInstanceOf(Sighting.Absent.class);
            assertThat(stranger.inventory().sight(id)).isNotInstanceOf(Sighting.Absent.class);
        }
    }

    /** A node that has lost the list, and a guest on a node that is off: silence is no proof. */
    @Test
    void silenceOfANodeProvesNothingWhereTheListGotLost() throws Exception {
        try (var site = new Site();
                var stranger = Labs.through(site.lab, "pve1").build()) {
            String id = site.create(103, site.mark(), "pve3");
            site.lab.node("pve3").goesOffline();
            site.lab.node("pve1").losesItsGuestList();

            assertThat(stranger.look(id)).isInstanceOf(Sighting.Unknown.class);
        }
    }

    /** What was there before is asked for by its id; that it is there must not vouch for a list that lacks it. */
    @Test
    void aWitnessThatIsNotListedVouchesForNothing() throws Exception {
        try (var site = new Site();
                var sure = Labs.through(site.lab, "pve1").canary(Labs.CANARY).build()) {
            assertThat(sure.inventory().coverage().isComplete()).isTrue();
            site.lab.node("pve1").losesItsGuestList();
            assertThat(sure.inventory().coverage().isComplete()).isFalse();
            assertThat(sure.inventory().coverage().isComplete()).as("again").isFalse();
        }
    }

    /** An empty listing is believed only where a guest that is always there is in it. */
    @Test
    void emptyListingNeedsAWitness() throws Exception {
        FakeProxmox lab =
                FakeProxmox.cluster("lab").nodes("pve1", "pve2", "pve3").start();
        try (var site = new Site(lab)) {
            assertThat(site.runtime.inventory().gap()).isPresent();
            assertThat(site.runtime.look("lxc/108")).isInstanceOf(Sighting.Absent.class);
            lab.addContainer(Labs.CANARY, "pve1");
            try (var sure = Labs.to(lab).canary(Labs.CANARY).build()) {
                assertThat(sure.inventory().coverage().proof()).isPresent();
            }
        }
    }

    /** pmxcfs is down: 500 to everything, and another endpoint knows. */
    @Test
    void nodeWithoutItsFilesIsPassedOver() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark(), "pve2");
            site.lab.node("pve1").clusterFilesGoDown();

            assertThat(site.runtime.look(id)).isInstanceOf(Sighting.Present.class);
            try (var alone = Labs.through(site.lab, "pve1").build()) {
                assertThat(alone.look(id)).isInstanceOf(Sighting.Unknown.class);
                assertThat(alone.look("lxc/999")).isInstanceOf(Sighting.Unknown.class);
            }
        }
    }

    /** pvedaemon is down or hangs: what needs it is unknown. */
    @Test
    void daemonThatIsDownHidesNothing() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark());
            for (Runnable trouble :
                    List.<Runnable>of(site.lab.node("pve1")::daemonGoesDown, site.lab.node("pve1")::daemonHangs)) {
                trouble.run();
                assertThat(site.runtime.look(id)).isNotInstanceOf(Sighting.Absent.class);
                assertThat(site.runtime.inventory().sight(id)).isInstanceOf(Sighting.Present.class);
                site.lab.node("pve1").daemonRecovers();
            }
        }
    }

    /** A fresh guest has no name in the list for ten seconds, a stopped one is listed as running: its node knows. */
    @Test
    void staleStatisticsAreNotBelieved() throws Exception {
        var clock = ManualClock.at(Instant.parse("2026-11-22T00:00:00Z"));
        try (var site = new Site(lab(clock))) {
            String id = site.create(103, site.mark(), "pve2");
            assertThat(listed(site.runtime.inventory(), id).names()).contains("app-103", "103");
            site.runtime.start(id);
            clock.advance(Duration.ofSeconds(20));
            site.lab.guest(103).stopped();

            assertThat(listed(site.runtime.inventory(), id).state()).isEqualTo(InstanceState.STOPPED);
        }
    }

    /** A guest in the making has no tags yet: it is unknown, and no stranger. */
    @Test
    void guestInTheMakingIsUnknown() throws Exception {
        try (var site = new Site()) {
            site.lab.tasksHang();
            var maker = new Thread(() -> {
                try {
                    site.create(103, site.mark());
                } catch (Exception ended) {
                    Thread.currentThread().interrupt();
                }
            });
            maker.start();
            Site.await(
                    "the guest to be in the making", () -> site.lab.guest(103).exists());

            assertThat(site.runtime.look("lxc/103")).isInstanceOf(Sighting.Unknown.class);
            assertThat(listed(site.runtime.inventory(), "lxc/103").names()).containsExactly("103");
            assertThat(listed(site.runtime.inventory(), "lxc/103").state()).isEqualTo(InstanceState.UNKNOWN);
            assertThat(site.runtime.remove("lxc/104", site.mark(), Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.WasAbsent.class);
            site.lab.tasksGoOn();
            maker.join();
            assertThat(site.runtime.look("lxc/103").seen().flatMap(Instance::mark))
                    .isPresent();
        }
    }

    /** Scenario 52: an id is a container's or a machine's, never both. */
    @Test
    void machineWithTheIdIsNotTheContainer() throws Exception {
        try (var site = new Site()) {
            site.lab.addMachine(105, "pve2");

            assertThat(site.runtime.look("lxc/105")).isInstanceOf(Sighting.Absent.class);
            assertThat(site.runtime.look("qemu/105")).isInstanceOf(Sighting.Present.class);
            assertThat(site.fault(() -> site.create(105, site.mark())))
                    .isInstanceOfSatisfying(
                            Fault.NameHeld.class,
                            held -> assertThat(held.holder()).contains("qemu/105"));
        }
    }

    /** A clone, or a backup restored under another id, carries our tags and is not ours; restored under its own it is. */
    @Test
    void copyUnderAnotherIdIsAStranger() throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            String id = site.create(103, mark);
            var backup = site.lab.guest(103).config();
            site.lab.guest(120).isRestored("pve2", backup);

            assertThat(listed(site.runtime.inventory(), "lxc/120").mark()).isEmpty();
            assertThat(site.runtime.remove("lxc/120", mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Kept.class);
            site.lab.guest(103).vanishes();
            site.lab.guest(103).isRestored("pve3", backup);
            assertThat(site.runtime.look(id).seen().flatMap(Instance::mark)).contains(mark);
        }
    }

    /** All endpoints off: nothing is known. */
    @Test
    void nobodyReachedIsUnknown() throws Exception {
        try (var site = new Site()) {
            site.lab.nodes().forEach(FakeNode::goesOffline);

            assertThat(site.runtime.look("lxc/100")).isInstanceOf(Sighting.Unknown.class);
            assertThat(site.fault(site.runtime::fingerprint)).isInstanceOf(Fault.Unreachable.class);
            assertThat(Optional.of(site.fault(site.runtime::inventory))).isPresent();
        }
    }
}
