package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.docker.Told.Answer;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Listings that no engine here can be brought to make, told by a server that stands for one. */
class ListingTest {
    private static final int MANY = 5_000;

    private static String id(int number) {
        return String.format("%064x", number);
    }

    private static String listed(int number) {
        String state = number % 2 == 0 ? "running" : "exited";
        String ports = number % 2 == 0
                ? "{\"IP\":\"0.0.0.0\",\"PrivatePort\":80,\"PublicPort\":%d,\"Type\":\"tcp\"}".formatted(1_024 + number)
                        + ",{\"IP\":\"::\",\"PrivatePort\":80,\"PublicPort\":%d,\"Type\":\"tcp\"}"
                                .formatted(1_024 + number)
                        + ",{\"PrivatePort\":90,\"Type\":\"tcp\"}"
                : "";
        return "{\"Id\":\"%s\",\"Names\":[\"/web-%d\",\"/other/alias\"],\"Created\":1700000000,\"State\":\"%s\",\"Ports\":[%s],"
                        .formatted(id(number), number, state, ports)
                + "\"Labels\":{\"app\":\"" + "x".repeat(200) + "\"}}";
    }

    /** An engine that has many containers, and counts how often it is asked for one. */
    private static Told engine(AtomicInteger inspections) throws IOException {
        var all = new StringBuilder("[");
        for (int i = 0; i < MANY; i++) {
            all.append(i == 0 ? "" : ",").append(listed(i));
        }
        Answer listing = Answer.ok(all.append("]").toString());
        return new Told(asked -> {
            if (asked.path().equals("/containers/json")) {
                return listing;
            }
            if (asked.path().equals("/info")) {
                return Answer.ok("{\"ID\":\"engine\"}");
            }
            inspections.incrementAndGet();
            String id = asked.path().split("/", -1)[2];
            return Answer.ok("{\"Id\":\"" + id
                    + "\",\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"9000\"}],"
                    + "\"90/tcp\":null}}}");
        });
    }

    @Test
    void fiveThousandContainersAreListedInBoundedTimeAndThoseThatDoNotRunAreAskedForOnce() throws Exception {
        var inspections = new AtomicInteger();
        try (Told engine = engine(inspections);
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            assertThat(runtime.inventory().instances()).hasSize(MANY);
            assertThat(inspections).hasValue(MANY / 2);
            long begun = System.nanoTime();

            Inventory listing = runtime.inventory();

            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            System.out.println("listing of " + MANY + " containers: " + took.toMillis() + " ms");
            assertThat(took).isLessThan(Duration.ofSeconds(10));
            assertThat(inspections).hasValue(MANY / 2);
            assertThat(listing.coverage().isComplete()).isTrue();
            Instance running = listing.instances().get(2);
            assertThat(running.names()).isEqualTo(List.of("web-2"));
            assertThat(running.published()).hasSize(1).allMatch(one -> one.port() == 1_026);
            Instance stopped = listing.instances().get(3);
            assertThat(stopped.state()).isEqualTo(InstanceState.STOPPED);
            assertThat(stopped.published()).isEmpty();
            assertThat(stopped.configured()).hasSize(1).allMatch(one -> one.port() == 9_000);
        }
    }

    /** It takes long to tell of itself. Another beacon, or none, is another engine. */
    @Test
    void aPodmanIsKnownByItsBeaconAndAskedAnewWhenThatIsAnother() throws Exception {
        var asked = new AtomicInteger();
        var beacon = new AtomicReference<>("first");
        try (var engine = new Told(request -> {
                    if (request.path().equals("/info")) {
                        asked.incrementAndGet();
                        return Answer.ok(
                                "{\"ID\":\"made up " + asked + "\",\"Driver\":\"overlay\",\"DockerRootDir\":\"/data\","
                                        + "\"BuildahVersion\":\"1.28.2\"}");
                    }
                    return Answer.ok(
                            "{\"Name\":\"berth-beacon\",\"Labels\":{\"dev.berth.beacon\":\"" + beacon + "\"}}");
                });
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            Fingerprint first = runtime.fingerprint();
            assertThat(first.parts()).containsEntry("engine", "podman").containsEntry("beacon", "first");
            assertThat(runtime.fingerprint()).isEqualTo(first);
            assertThat(asked).hasValue(1);

            beacon.set("second");

            assertThat(runtime.fingerprint().differences(first)).hasSize(1);
            assertThat(asked).hasValue(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "created, CREATED",
        "configured, CREATED",
        "initialized, STARTING",
        "restarting, STARTING",
        "running, RUNNING",
        "paused, PAUSED",
        "stopping, STOPPING",
        "exited, STOPPED",
        "stopped, STOPPED",
        "removing, REMOVING",
        "dead, BROKEN",
        "dreaming, UNKNOWN",
    })
    void everyStateHasItsWord(String told, InstanceState state) {
        assertThat(Instances.state(told)).isEqualTo(state);
    }
}
