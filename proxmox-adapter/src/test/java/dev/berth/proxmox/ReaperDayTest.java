package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ResourceKind;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.Orphan;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.testkit.proxmox.FakeGuest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A day of trouble in a cluster with a reaper: nothing living is ever reaped, and in the end all ghosts are gone. After each
 * sweep a witness compares the ledger with the fake cluster's own state. Scenarios 41, 43, 45, 47, 52.
 */
@Timeout(300)
class ReaperDayTest {
    private static final int APPS = 24;

    @Test
    void dayOfTroubleReapsGhostsAloneAndAllOfThem() {
        try (var estate = new Estate()) {
            estate.settle(APPS);
            // 01:00. All is well.
            assertThat(estate.quiet(3).get(2).present()).isEqualTo(APPS);

            nodeGoesOffAndComesBack(estate);
            minorityIsStale(estate);
            nobodyHasQuorum(estate);
            rightsAreTakenAwayAndGivenBack(estate);
            guestsMove(estate);
            backupsAreRestored(estate);
            numbersAreUsedAgain(estate);
            nodesForget(estate);
            reapedOneReturns(estate);
            int lost = nodeIsLostForGood(estate);

            estate.conclude();
            assertThat(lost).isGreaterThan(3);
            // Destroyed by hand were app-0, app-1, app-2, app-3 and app-11.
            assertThat(estate.reaped()).isEqualTo(5 + lost);
        }
    }

    /** Its guests stay listed, without names and states after five minutes, and without both when it is on again. */
    private static void nodeGoesOffAndComesBack(Estate estate) {
        estate.lab.node("pve3").goesOffline();
        List<ReapReport> off = estate.quiet(10);
        assertThat(off).allSatisfy(report -> {
            assertThat(report.outcome()).isIn(Outcome.SWEPT, Outcome.OBSERVED);
            assertThat(report.present()).isEqualTo(APPS);
            assertThat(report.count(Verdict.Kind.MISSING)).isZero();
        });
        // One that was destroyed by hand meanwhile, on another node, goes all the same.
        estate.guest("app-0").vanishes();
        sweepUntilGone(estate, "app-0");
        estate.lab.node("pve3").comesBack();
        estate.quiet(3);
        estate.lab.statisticsArrive();
        estate.quiet(2);
    }

    /** What the majority has made since is free for the minority, and a reaper that reaches that alone is blind. */
    private static void minorityIsStale(Estate estate) {
        estate.lab.node("pve1").isCutOff();
        estate.app("made-by-the-majority", "pve2");
        estate.clock.advance(Duration.ofMinutes(30));
        for (int i = 0; i < 5; i++) {
            assertThat(estate.sweep(estate.hermit).outcome()).isEqualTo(Outcome.BLIND);
            assertThat(estate.sweep().present()).isEqualTo(APPS);
        }
        estate.guest("app-1").vanishes();
        sweepUntilGone(estate, "app-1");
        estate.lab.node("pve1").rejoins();
        assertThat(estate.sweep(estate.hermit).present()).isEqualTo(APPS - 1);
        estate.quiet(4);
    }

    private static void nobodyHasQuorum(Estate estate) {
        estate.lab.losesQuorum();
        assertThat(estate.quiet(6)).allSatisfy(report -> {
            assertThat(report.outcome()).isEqualTo(Outcome.BLIND);
            assertThat(report.count(Verdict.Kind.UNKNOWN)).isEqualTo(APPS - 1);
        });
        estate.lab.heals();
        estate.quiet(3);
    }

    /** Lists are empty with 200 then; or one guest alone is hidden from them. */
    private static void rightsAreTakenAwayAndGivenBack(Estate estate) {
        estate.lab.operator().loses("VM.Audit");
        assertThat(estate.quiet(6))
                .allSatisfy(report -> assertThat(report.outcome()).isEqualTo(Outcome.BLIND));
        estate.lab.operator().losesItsRights();
        assertThat(estate.quiet(6))
                .allSatisfy(report -> assertThat(report.outcome()).isEqualTo(Outcome.BLIND));
        estate.lab.user("berth@pve").mayEverything("/");
        estate.quiet(2);

        estate.lab.user("berth@pve").may("/vms/" + estate.number("app-5"));
        assertThat(estate.quiet(8)).allSatisfy(report -> {
            assertThat(report.count(Verdict.Kind.MISSING)).isZero();
            assertThat(report.count(Verdict.Kind.UNKNOWN)).isEqualTo(1);
        });
        estate.lab.user("berth@pve").mayEverything("/vms/" + estate.number("app-5"));
        estate.quiet(3);

        estate.lab.operator().expiresAt(estate.clock.instant());
        assertThat(estate.quiet(4))
                .allSatisfy(report -> assertThat(report.outcome()).isEqualTo(Outcome.BLIND));
        estate.lab.operator().expiresAt(estate.clock.instant().plus(Duration.ofDays(9)));
        estate.quiet(3);
    }

    /** Nowhere for an instant, which a sweep may meet, and then on another node; three times in a row. */
    private static void guestsMove(Estate estate) {
        for (String node : List.of("pve2", "pve3", "pve1")) {
            estate.guest("app-6").isBetweenNodes();
            estate.sweep();
            estate.guest("app-6").migratesTo(node);
            assertThat(last(estate.quiet(2)).count(Verdict.Kind.MISSING)).isZero();
        }
        // High availability takes the guests of a node that has failed to another, one after the other.
        estate.lab.node("pve2").goesOffline();
        estate.guest("app-7").migratesTo("pve3");
        estate.quiet(1);
        estate.guest("app-10").migratesTo("pve1");
        estate.quiet(2);
        estate.lab.node("pve2").comesBack();
        estate.quiet(3);
    }

    /** Over itself; under another number; and after it was destroyed, in time. */
    private static void backupsAreRestored(Estate estate) {
        var backup = estate.guest("app-8").config();
        estate.guest("app-8").isRestored("pve2", backup);
        estate.quiet(2);
        estate.lab.guest(5_008).isRestored("pve3", backup);
        ReapReport copied = last(estate.quiet(3));
        assertThat(copied.orphans())
                .filteredOn(orphan -> orphan.instance().id().equals("lxc/5008"))
                .singleElement()
                .satisfies(orphan -> assertThat(orphan.kind()).isEqualTo(Orphan.Kind.FOREIGN));

        estate.guest("app-8").vanishes();
        assertThat(last(estate.quiet(2)).count(Verdict.Kind.MISSING)).isEqualTo(1);
        estate.guest("app-8").isRestored("pve1", backup);
        assertThat(last(estate.quiet(6)).count(Verdict.Kind.MISSING)).isZero();
    }

    /**
     * A stranger's container has the number: it might be ours without its tags, and so a person has to say that it is not. A
     * machine cannot be ours if it has a container's number, or was made after ours was there.
     */
    private static void numbersAreUsedAgain(Estate estate) {
        int container = estate.number("app-2");
        estate.guest("app-2").vanishes();
        estate.lab.addContainer(container, "pve2").running();
        assertThat(last(estate.quiet(6)).count(Verdict.Kind.UNKNOWN)).isEqualTo(1);
        estate.lab.guest(container).vanishes();
        estate.lab.addMachine(container, "pve3").running();
        sweepUntilGone(estate, "app-2");
        assertThat(estate.lab.guest(container).isRunning()).isTrue();
        estate.lab.guest(container).vanishes();

        int machine = estate.number("app-3");
        estate.guest("app-3").vanishes();
        FakeGuest somebodys = estate.lab.addMachine(machine, "pve2").running();
        sweepUntilGone(estate, "app-3");
        assertThat(somebodys.isRunning()).isTrue();
    }

    /** pmxcfs starts anew, the list of guests is lost with 200, a node thinks that it stands alone, daemons hang. */
    private static void nodesForget(Estate estate) {
        var first = estate.lab.node("pve1");
        first.clusterFilesGoDown();
        estate.quiet(2);
        assertThat(estate.sweep(estate.hermit).outcome()).isEqualTo(Outcome.BLIND);
        first.clusterFilesComeBack();
        estate.quiet(3);

        first.losesItsGuestList();
        for (int i = 0; i < 6; i++) {
            assertThat(estate.sweep(estate.hermit).ghostsRemoved()).isZero();
            estate.quiet(1);
        }
        first.findsItsGuestList();
        approveWhatIsHeld(estate);
        estate.quiet(2);

        first.forgetsItsCluster();
        for (int i = 0; i < 4; i++) {
            assertThat(estate.sweep(estate.hermit).outcome()).isEqualTo(Outcome.BLIND);
        }
        first.remembersItsCluster();

        first.daemonHangs();
        estate.quiet(3);
        first.daemonRecovers();
        first.proxyHangs();
        estate.quiet(2);
        first.proxyRecovers();
        estate.lab.nodes().forEach(node -> node.statisticsStop());
        estate.quiet(3);
        estate.lab.nodes().forEach(node -> node.statisticsGoOn());
        estate.quiet(3);
    }

    /** One that was destroyed and reaped in the night is restored from a backup: it gets back what it had. */
    private static void reapedOneReturns(Estate estate) {
        Claim before = estate.ledger.find(Estate.owner("app-11")).orElseThrow();
        var backup = estate.guest("app-11").config();
        estate.clock.advance(Duration.ofHours(2));
        estate.quiet(2);
        estate.guest("app-11").vanishes();
        sweepUntilGone(estate, "app-11");
        estate.guest("app-11").isRestored("pve2", backup);
        for (int i = 0; i < 3 && !estate.isHeld("app-11"); i++) {
            estate.sweep();
        }

        Claim after = estate.ledger.find(Estate.owner("app-11")).orElseThrow();
        assertThat(after.port("http")).isEqualTo(before.port("http"));
        assertThat(after.instance()).isEqualTo(before.instance());
        assertThat(estate.reaper.breaker().map(Breaker::cause)).contains(Breaker.Cause.REAPPEARANCE);
        approveWhatIsHeld(estate);
        estate.quiet(2);
    }

    /** All guests of one node at once: the breaker holds them back until somebody has looked. */
    private static int nodeIsLostForGood(Estate estate) {
        estate.clock.advance(Duration.ofHours(2));
        estate.quiet(2);
        List<String> lost = estate.apps().stream()
                .filter(estate::lives)
                .filter(app -> estate.guest(app).node().equals(Optional.of("pve3")))
                .toList();
        lost.forEach(app -> estate.guest(app).vanishes());
        ReapReport held = last(estate.quiet(8));
        assertThat(held.outcome()).isEqualTo(Outcome.HELD);
        assertThat(held.plan().items()).hasSize(lost.size());

        assertThat(estate.approve(held).ghostsRemoved()).isEqualTo(lost.size());
        estate.check();
        assertThat(lost).noneMatch(estate::isHeld);
        assertThat(estate.ledger.holder(
                        ResourceKind.DNS_NAME.in(estate.runtime.scope(), lost.get(0) + ".example.test")))
                .isEmpty();
        estate.quiet(2);
        return lost.size();
    }

    // ------------------------------------------------------------------ steps

    private static <T> T last(List<T> all) {
        return all.get(all.size() - 1);
    }

    /** No later than the policy promises; the first sweep may only observe. */
    private static void sweepUntilGone(Estate estate, String app) {
        int most = ReaperPolicy.defaults().sweepsUntilGone() + 1;
        for (int i = 0; i < most && estate.isHeld(app); i++) {
            estate.sweep();
        }
        assertThat(estate.isHeld(app)).as("%s after %d sweeps", app, most).isFalse();
    }

    private static void approveWhatIsHeld(Estate estate) {
        ReapReport report = last(estate.quiet(3));
        if (report.breaker().isPresent()) {
            estate.approve(report);
        }
        assertThat(estate.reaper.breaker()).isEmpty();
    }
}
