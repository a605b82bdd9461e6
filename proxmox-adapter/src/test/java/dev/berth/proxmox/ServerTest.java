package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Owner;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The way to a real server, walked on a fake one. */
class ServerTest {
    @ParameterizedTest
    @ValueSource(strings = {"URL", "TOKEN", "FINGERPRINT", "NODE", "TEMPLATE"})
    void withoutAServerTestsAreSkippedAndSayWhy(String missing) {
        try (FakeProxmox lab = Labs.three()) {
            Map<String, String> environment = new HashMap<>(StandIn.environment(lab));
            environment.remove("BERTH_TEST_PROXMOX_" + missing);

            assertThatThrownBy(() -> new Server(environment))
                    .satisfies(
                            skip -> assertThat(skip.getClass().getSimpleName()).isEqualTo("TestAbortedException"))
                    .hasMessageContaining("skipped: no real Proxmox VE")
                    .hasMessageContaining("BERTH_TEST_PROXMOX_" + missing);
        }
    }

    /** What tests have made is gone, on whatever node and in whatever state; what is not theirs in the range is not. */
    @Test
    void cleanUpIsCompleteAndTakesNothingElse() {
        try (FakeProxmox lab = Labs.three()) {
            lab.addContainer(990_001, "pve2").tagged("keep").running();
            lab.addContainer(989_999, "pve1").tagged("test-of-berth").running();
            lab.addContainer(990_002, "pve1")
                    .tagged("test-of-berth-of-another-run")
                    .running();
            var server = new Server(StandIn.environment(lab));
            int first = server.ids(3);
            server.stranger(first, "one");
            assertThat(server.stranger(GuestType.QEMU, first + 2, "machine")).isEqualTo("qemu/" + (first + 2));
            server.stranger(first + 1, "other");
            lab.guest(first + 1).migratesTo("pve3").stopped();
            server.close();

            assertThat(lab.guestIds()).isEqualTo(Set.of(Labs.CANARY, 990_001, 990_002, 989_999));
            assertThat(lab.guest(990_001).isRunning()).isTrue();
        }
    }

    /** Two runs at once, or two classes of one run: each removes what it has made, and nothing of the other's. */
    @Test
    void runsAtOnceTakeNothingOfOneAnother() {
        try (FakeProxmox lab = Labs.three()) {
            var one = new Server(StandIn.environment(lab));
            var other = new Server(StandIn.environment(lab));
            int number = one.ids(1);
            one.stranger(number, "one");
            other.stranger(other.ids(1), "other");
            other.close();

            assertThat(lab.guestIds()).isEqualTo(Set.of(Labs.CANARY, number));
            one.close();
            assertThat(lab.guestIds()).isEqualTo(Set.of(Labs.CANARY));
        }
    }

    /** The command of the guide: its classes in one process, beside one another, on one server that the environment names. */
    @Test
    void documentedClassesRunOnOneServer(@TempDir Path files) throws Exception {
        Path output = files.resolve("output");
        try (FakeProxmox lab = Labs.three()) {
            var builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-Dfile.encoding=UTF-8",
                            "-Djava.io.tmpdir=" + files,
                            "-classpath",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            DocumentedClasses.class.getName())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(StandIn.environment(lab));
            Process run = builder.start();
            try {
                assertThat(run.waitFor(300, TimeUnit.SECONDS)).isTrue();
            } finally {
                run.destroyForcibly();
            }
            String told = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(run.exitValue()).as(told).isZero();
            assertThat(told).contains("ContainersOnServerTest", "MachinesOnServerTest", "RoadTest", "PeopleTest");
            assertThat(lab.guestIds()).containsExactly(Labs.CANARY);
        }
    }

    /** A test may have ended in its midst: what it has protected is cleaned up as well. */
    @ParameterizedTest
    @EnumSource
    void protectedGuestsAreCleanedUpToo(GuestType type) {
        try (FakeProxmox lab = Labs.three()) {
            var server = new Server(StandIn.environment(lab));
            int first = server.ids(1);
            server.stranger(type, first, "one");
            server.person().protect(first);
            server.person().tag(first, "somebody");
            assertThat(lab.guest(first).config().get("protection")).isEqualTo("1");
            server.close();

            assertThat(lab.guestIds()).containsExactly(Labs.CANARY);
        }
    }

    /** What cannot be cleaned up is told, and fails the test that made it. */
    @Test
    void whatIsLeftBehindIsTold() {
        try (FakeProxmox lab = Labs.three()) {
            var server = new Server(StandIn.environment(lab));
            int first = server.ids(1);
            server.stranger(first, "one");
            lab.guest(first).locked("backup");

            assertThatThrownBy(server::close)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining(Integer.toString(first));
        }
    }

    /** The way on which the laws of a runtime reach a real server, for both kinds of guests. */
    @ParameterizedTest
    @EnumSource
    void bothKindsOfGuestsAreMadeRefusedAndCleanedUp(GuestType type) throws Exception {
        try (FakeProxmox lab = Labs.three()) {
            var fixture = new ServerFixture(type, new Server(StandIn.environment(lab)));
            var runtime = fixture.runtime();
            var mark = new Mark(UUID.randomUUID(), UUID.randomUUID(), "n-1", Owner.of("lab", "anna"));
            String id = runtime.create(
                    new Deployment<>(fixture.running(), Optional.of(fixture.name("app")), List.of(), mark, Map.of()));
            runtime.start(id);
            assertThat(id).startsWith(type.word() + "/");
            assertThat(runtime.look(id).seen().map(Instance::state)).contains(InstanceState.RUNNING);
            assertThat(runtime.look(fixture.stranger(fixture.name("other"), List.of()))
                            .seen()
                            .flatMap(Instance::mark))
                    .isEmpty();
            assertThatThrownBy(() -> runtime.create(new Deployment<>(
                            fixture.rejected(), Optional.of(fixture.name("none")), List.of(), mark, Map.of())))
                    .satisfies(no -> assertThat(runtime.classify(no)).isInstanceOf(Fault.Rejected.class));
            fixture.close();

            assertThat(lab.guestIds()).containsExactly(Labs.CANARY);
        }
    }

    @Test
    void idsThatGuestsHaveArePassedOver() {
        try (FakeProxmox lab = Labs.three()) {
            var environment = new HashMap<>(StandIn.environment(lab));
            environment.put("BERTH_TEST_PROXMOX_IDS", "5000-5009");
            lab.addContainer(5_002, "pve2");
            lab.addMachine(5_006, "pve2");
            var server = new Server(environment);
            for (int round = 0; round < 20; round++) {
                assertThat(server.ids(3)).isIn(5_003, 5_007);
            }
            server.close();
        }
    }
}
