package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.runtime.Instance;
import dev.berth.runtime.ProvisionException;
import dev.berth.testkit.proxmox.FakeGuest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A person's guest has the number of one of ours that was destroyed past us. A machine tells when it was made, so one that was
 * made after ours was there is another; everything else may be ours without its tags, and keeps all that its claim holds
 * (law L3). Scenario 52.
 */
class TakenNumbersTest {
    /** A machine. */
    private static final String APP = "app-3";

    private final Estate estate = new Estate();

    @BeforeEach
    void settles() {
        estate.settle(4);
        assertThat(estate.isMachine(APP)).isTrue();
    }

    @AfterEach
    void closes() {
        estate.close();
    }

    private ReapReport swept() {
        ReapReport last = estate.sweep();
        for (int i = 0; i < ReaperPolicy.defaults().sweepsUntilGone(); i++) {
            last = estate.sweep();
        }
        return last;
    }

    private void isUnknown() {
        assertThat(swept().count(Verdict.Kind.UNKNOWN)).isEqualTo(1);
        assertThat(estate.reaped()).isZero();
        assertThat(estate.isHeld(APP)).isTrue();
    }

    private Optional<Instant> madeAt(ProxmoxRuntime runtime, int number) throws InterruptedException {
        return runtime.look("qemu/" + number).seen().flatMap(Instance::createdAt);
    }

    @Test
    void machineMadeLongAfterTheClaimHadItsOwnIsAnother() {
        estate.guest(APP).vanishes();
        FakeGuest somebodys = estate.lab
                .addMachine(estate.number(APP), "pve2")
                .named("somebodys")
                .running();

        swept();

        assertThat(estate.reaped()).isEqualTo(1);
        assertThat(estate.isHeld(APP)).isFalse();
        assertThat(somebodys.isRunning()).isTrue();
    }

    /** What is known of it is so to its owner as well: the number is given up, and another is taken. */
    @Test
    void ownerGetsAnotherNumberWhenTheOldOneIsAMachinesOfSomebody() {
        estate.guest(APP).vanishes();
        FakeGuest somebodys = estate.lab.addMachine(estate.number(APP), "pve2").running();

        assertThat(estate.remove(APP)).isTrue();

        assertThat(estate.ledger.find(Estate.owner(APP))).isEmpty();
        assertThat(somebodys.isRunning()).isTrue();
    }

    /** Its tags were taken off, however long ago it was made: it is ours still. */
    @Test
    void ourOwnMachineWithoutItsMarkIsNeverAnother() {
        FakeGuest ours = estate.guest(APP).without("tags");
        estate.clock.advance(Duration.ofDays(3));

        isUnknown();
        assertThat(ours.exists()).isTrue();
    }

    /** Within a minute nobody can say which was first: each node has a clock of its own. */
    @Test
    void machineMadeSoonAfterTheClaimIsInDoubt() {
        estate.app("young", "pve1", GuestType.QEMU);
        int number = estate.number("young");
        estate.guest("young").vanishes();
        estate.clock.advance(Duration.ofSeconds(60));
        estate.lab.addMachine(number, "pve2").running();

        assertThat(swept().count(Verdict.Kind.UNKNOWN)).isEqualTo(1);
        assertThat(estate.isHeld("young")).isTrue();
        assertThatThrownBy(() -> estate.remove("young")).isInstanceOf(ProvisionException.class);
    }

    /** A backup has the time of what it was made from: it may be ours, from before somebody tagged it anew. */
    @Test
    void restoredMachineWithoutAMarkIsInDoubt() {
        var backup = new TreeMap<>(estate.guest(APP).config());
        backup.remove("tags");
        estate.guest(APP).vanishes();
        estate.clock.advance(Duration.ofDays(1));
        estate.guest(APP).isRestored("pve3", backup);

        isUnknown();
    }

    /** Older than 7.1, restored from such a backup, or edited: no time, or none that can be. */
    @ParameterizedTest
    @ValueSource(
            strings = {"", "creation-qemu=6.0.0", "ctime=", "ctime=soon", "ctime=9999999999999", "mtime=1863800000"})
    void machineThatDoesNotTellWhenItWasMadeIsInDoubt(String meta) {
        estate.guest(APP).vanishes();
        estate.lab.addMachine(estate.number(APP), "pve2").with("meta", meta);

        isUnknown();
    }

    /** Nothing of a container tells when it was made. */
    @Test
    void containerIsInDoubtHoweverLateItWasMade() {
        int number = estate.number("app-2");
        estate.guest("app-2").vanishes();
        estate.clock.advance(Duration.ofDays(3));
        estate.lab.addContainer(number, "pve2").running();

        assertThat(swept().count(Verdict.Kind.UNKNOWN)).isEqualTo(1);
        assertThat(estate.isHeld("app-2")).isTrue();
    }

    @Test
    void timeOfCreationIsToldOfMachinesThatAreLookedAt() throws Exception {
        Instant now = estate.clock.instant().truncatedTo(ChronoUnit.SECONDS);
        estate.lab.addMachine(4_000, "pve2");

        assertThat(madeAt(estate.runtime, 4_000)).contains(now);
        assertThat(estate.runtime.look("lxc/" + estate.number("app-2")).seen().flatMap(Instance::createdAt))
                .isEmpty();
        assertThat(estate.runtime.inventory().instances())
                .allMatch(instance -> instance.createdAt().isEmpty());
    }

    /** What a claim remembers is what the nodes said, so it does not matter how wrong their clocks are. */
    @ParameterizedTest
    @ValueSource(ints = {-25, 25})
    void clocksOfNodesMayBeWrong(int hours) {
        try (var wrong = new Estate(ReaperPolicy.defaults(), Duration.ofHours(hours))) {
            wrong.settle(8);
            wrong.guest("app-7").without("tags");
            int number = wrong.number(APP);
            wrong.guest(APP).vanishes();
            FakeGuest somebodys = wrong.lab.addMachine(number, "pve2").running();
            for (int i = 0; i <= ReaperPolicy.defaults().sweepsUntilGone(); i++) {
                wrong.sweep();
            }

            assertThat(wrong.isHeld(APP)).isFalse();
            assertThat(wrong.isHeld("app-7")).isTrue();
            assertThat(wrong.reaped()).isEqualTo(1);
            assertThat(somebodys.isRunning()).isTrue();
        }
    }
}
