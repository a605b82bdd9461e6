package dev.berth.examples.desktops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.examples.cli.ExampleEngine;
import dev.berth.examples.desktops.DesktopService.Second;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.IdleReport;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Publication;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DesktopServiceTest {
    private static final String USER = "julian.kiedaisch";
    private static final String TYPE = "ubuntu-vscode";

    private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeEngine engine = FakeEngine.of(clock);
    private final ResourceLedger ledger = ResourceLedger.inMemory(clock);
    private DesktopService<FakeSpec> desktops = open(ledger);

    private DesktopService<FakeSpec> open(ResourceLedger on) {
        return new DesktopService<>(
                on, ExampleEngine.fake(engine, DesktopService.HOST), "desktop:1", List.of(), Duration.ofHours(6));
    }

    @AfterEach
    void close() {
        desktops.close();
    }

    private static String path(Provisioned desktop) {
        return desktop.claim().value("path");
    }

    private Claim find() {
        return desktops.find(USER, TYPE).orElseThrow();
    }

    /** Scenario 1: one live claim, the same proxy path, the old container gone. */
    @Test
    void aNewSessionTakesOverWhatAStoppedOneLeft() {
        Provisioned first = desktops.start(USER, TYPE, "session-a", Second.REJECT);
        desktops.stop(find());

        Provisioned second = desktops.start(USER, TYPE, "session-b", Second.REJECT);

        assertThat(path(second)).isEqualTo(path(first));
        assertThat(desktops.list()).hasSize(1);
        assertThat(engine.instances())
                .extracting(Instance::name)
                .containsExactly("kasm-julian.kiedaisch-ubuntu-vscode-session-b");
    }

    /** Scenario 2: the engine has a container by that name, left by an attempt that nobody knows of any more. */
    @Test
    void aStaleContainerOfTheSameNameIsRemoved() {
        Provisioned lost = desktops.start(USER, "ubuntu-desktop", "cfe02614", Second.REUSE);
        assertThat(lost.instance().name()).isEqualTo("kasm-julian.kiedaisch-ubuntu-desktop-cfe02614");
        ledger.release(ledger.find(lost.claim().owner()).orElseThrow());

        Provisioned found = desktops.start(USER, "ubuntu-desktop", "cfe02614", Second.REUSE);

        assertThat(found.instance().name()).isEqualTo(lost.instance().name());
        assertThat(found.instance().id()).isNotEqualTo(lost.instance().id());
        assertThat(engine.instances()).hasSize(1);
    }

    /** Scenario 3. */
    @Test
    void sessionsThatBeginAlikeHaveDifferentNames() {
        Provisioned first = desktops.start(USER, TYPE, "0123456789", Second.REPLACE);
        Provisioned second = desktops.start(USER, TYPE, "0123456700", Second.REPLACE);

        assertThat(second.instance().name()).isNotEqualTo(first.instance().name());
        assertThat(engine.instances()).hasSize(1);
    }

    /** Scenario 4: two sessions left a container each, and no claim; a third one starts. */
    @Test
    void leftoversOfOldSessionsAreTakenOver() {
        for (String session : List.of("one", "two")) {
            desktops.start("test.user", TYPE, session, Second.REUSE);
            ledger.release(desktops.find("test.user", TYPE).orElseThrow());
        }
        desktops.start("test.user", "ubuntu-desktop", "other", Second.REUSE);
        desktops.start("another", TYPE, "other", Second.REUSE);

        desktops.start("test.user", TYPE, "three", Second.REUSE);

        assertThat(engine.instances())
                .extracting(Instance::name)
                .containsExactlyInAnyOrder(
                        "kasm-test.user-ubuntu-vscode-three",
                        "kasm-test.user-ubuntu-desktop-other",
                        "kasm-another-ubuntu-vscode-other");
    }

    /** Scenario 5: stable over a restart of the application. */
    @Test
    void usersWhoReadTheSameHavePathsOfTheirOwn() {
        String dotted = path(desktops.start("julian.kiedaisch", TYPE, "1", Second.REUSE));
        String dashed = path(desktops.start("julian-kiedaisch", TYPE, "1", Second.REUSE));
        desktops.close();
        desktops = open(ledger);

        assertThat(dotted).isNotEqualTo(dashed);
        assertThat(path(desktops.start("julian.kiedaisch", TYPE, "2", Second.REPLACE)))
                .isEqualTo(dotted);
        assertThat(path(desktops.start("anna", TYPE, "1", Second.REUSE))).isEqualTo("/anna-ubuntu-vscode");
    }

    /** Scenarios 6 and 8. */
    @Test
    void awkwardUsersAndTypesAllGetADesktop() {
        List<List<String>> awkward = List.of(
                List.of("anna", "b-c"),
                List.of("anna-b", "c"),
                List.of("Müller, Jürgen", "Ubuntu Desktop (VS Code)"),
                List.of("u".repeat(100), "x"),
                List.of("🙂", "x"));
        for (List<String> one : awkward) {
            desktops.start(one.get(0), one.get(1), "s", Second.REUSE);
        }

        assertThat(desktops.list())
                .extracting(claim -> claim.value("path"))
                .doesNotHaveDuplicates()
                .hasSize(5);
        assertThat(engine.running())
                .extracting(Instance::name)
                .doesNotHaveDuplicates()
                .hasSize(5);
    }

    @Test
    void aSecondLoginReusesReplacesOrIsRejected() {
        Provisioned first = desktops.start(USER, TYPE, "first", Second.REUSE);

        assertThat(desktops.start(USER, TYPE, "second", Second.REUSE).instance().id())
                .isEqualTo(first.instance().id());
        assertThatThrownBy(() -> desktops.start(USER, TYPE, "second", Second.REJECT))
                .isInstanceOf(ClaimRefusedException.class)
                .hasMessageContaining("is held by julian.kiedaisch:ubuntu-vscode/first");
        assertThat(engine.running())
                .extracting(Instance::id)
                .containsExactly(first.instance().id());
        Provisioned replaced = desktops.start(USER, TYPE, "second", Second.REPLACE);
        assertThat(engine.running())
                .extracting(Instance::id)
                .containsExactly(replaced.instance().id());
        assertThat(path(replaced)).isEqualTo(path(first));
    }

    /** Scenario 15: whose container has no mark of ours, or another user's. */
    @Test
    void anothersContainerIsNeverTouched() {
        String stranger = engine.stranger("kasm-anna-ubuntu-vscode-1", Publication.tcp(7000, 6901));
        Provisioned other = desktops.start("bob", TYPE, "1", Second.REUSE);

        Provisioned mine = desktops.start("anna", TYPE, "1", Second.REPLACE);

        assertThat(mine.instance().name()).startsWith("kasm-anna-ubuntu-vscode-1-");
        assertThat(mine.port("http")).isNotEqualTo(7000);
        assertThat(engine.running())
                .extracting(Instance::id)
                .containsExactlyInAnyOrder(
                        stranger, other.instance().id(), mine.instance().id());
    }

    @Test
    void whatNobodyUsedForSixHoursIsStoppedAndKeepsItsPlace() {
        Provisioned desktop = desktops.start(USER, TYPE, "1", Second.REUSE);
        clock.advance(Duration.ofHours(5));
        desktops.used(find());
        clock.advance(Duration.ofMinutes(359));
        assertThat(desktops.stopIdle().count(IdleReport.Fate.STOPPED)).isZero();
        clock.advance(Duration.ofMinutes(2));

        assertThat(desktops.stopIdle().count(IdleReport.Fate.STOPPED)).isEqualTo(1);

        assertThat(engine.running()).isEmpty();
        Provisioned again = desktops.start(USER, TYPE, "2", Second.REUSE);
        assertThat(again.port("http")).isEqualTo(desktop.port("http"));
        assertThat(again.instance().id()).isEqualTo(desktop.instance().id());
    }
}
