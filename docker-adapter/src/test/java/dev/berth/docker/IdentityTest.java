package dev.berth.docker;

import static dev.berth.docker.DockerFixture.NODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.exception.DockerException;
import dev.berth.docker.Told.Answer;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Fingerprint;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who an engine is, and when it is asked anew. */
class IdentityTest {
    private final AtomicReference<String> id = new AtomicReference<>("e1");
    private final AtomicReference<Answer> networks = new AtomicReference<>(networks("n1", "b1"));
    private final AtomicReference<Answer> volume = new AtomicReference<>(Answer.error(404, "no such volume"));
    private boolean liveRestore;

    private static Answer networks(String none, String bridge) {
        return Answer.ok("[{\"Name\":\"none\",\"Id\":\"" + none + "\",\"Driver\":\"null\"}"
                + (bridge.isEmpty() ? "" : ",{\"Name\":\"bridge\",\"Id\":\"" + bridge + "\",\"Driver\":\"bridge\"}")
                + "]");
    }

    private Told engine() throws Exception {
        return new Told(asked -> switch (asked.path()) {
            case "/info" ->
                Answer.ok("{\"ID\":\"" + id + "\",\"Driver\":\"overlay2\",\"DockerRootDir\":\"/data\","
                        + "\"LiveRestoreEnabled\":" + liveRestore + "}");
            case "/networks" -> networks.get();
            case "/containers/json" -> Answer.ok("[]");
            case "/volumes/create" -> Answer.of(201, "{\"Name\":\"berth-beacon\"}");
            default -> volume.get();
        });
    }

    /** Telling of itself takes an engine eight milliseconds, telling of two networks one. */
    @Test
    void aDockerIsAskedAnewOnlyWhenItWasStartedAnew() throws Exception {
        try (Told engine = engine();
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            Fingerprint first = runtime.fingerprint();
            long asked = engine.asked("GET", "/info");
            for (int i = 0; i < 5; i++) {
                assertThat(runtime.fingerprint()).isEqualTo(first);
            }
            assertThat(engine.asked("GET", "/info")).isEqualTo(asked);

            networks.set(networks("n1", "b2"));
            assertThat(runtime.fingerprint()).isEqualTo(first);
            assertThat(engine.asked("GET", "/info")).isGreaterThan(asked);

            networks.set(networks("n1", "b3"));
            id.set("e2");
            assertThat(runtime.fingerprint().differences(first)).hasSize(1);
        }
    }

    /** L3: before Docker 24 the id is not of the data, so where these are not mounted all else is the same. */
    @Test
    void anEngineThatCameUpOnAnEmptyDirectoryIsAnother() throws Exception {
        try (Told engine = engine();
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            Fingerprint first = runtime.fingerprint();
            assertThat(first.parts()).containsEntry("data", "n1");

            networks.set(networks("n2", "b2"));

            assertThat(runtime.fingerprint().differences(first))
                    .singleElement()
                    .asString()
                    .startsWith("data");
        }
    }

    @Test
    void whereAStartCannotBeSeenItIsAskedEachTime() throws Exception {
        for (Answer answer : new Answer[] {
            networks("n1", ""), Answer.of(403, "<html>Forbidden</html>"), Answer.error(404, "page not found")
        }) {
            networks.set(answer);
            assertAskedEachTime();
        }
        networks.set(networks("n1", "b1"));
        liveRestore = true;
        assertAskedEachTime();
    }

    private void assertAskedEachTime() throws Exception {
        id.set("e1");
        try (Told engine = engine();
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            runtime.fingerprint();
            id.set("e2");
            assertThat(runtime.fingerprint().parts()).containsEntry("id", "e2");
        }
    }

    /** L3: what an engine fails at is not known, and no reason to take it for another. */
    @Test
    void whereTheEngineFailsToTellNobodyKnowsWhoItIs() throws Exception {
        try (Told engine = engine();
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            runtime.fingerprint();
            networks.set(Answer.error(500, "told to"));
            assertThatThrownBy(runtime::fingerprint).isInstanceOf(DockerException.class);
        }
    }

    @Test
    void aBeaconIsReadEachTimeWhereOneIsLeft() throws Exception {
        volume.set(beacon("first"));
        try (Told engine = engine();
                DockerRuntime runtime = DockerRuntime.at(NODE)
                        .host(engine.uri())
                        .beacon(Beacon.EVERYWHERE)
                        .build()) {
            assertThat(runtime.fingerprint().parts()).containsEntry("beacon", "first");
            volume.set(beacon("second"));
            assertThat(runtime.fingerprint().parts()).containsEntry("beacon", "second");
        }
    }

    private static Answer beacon(String value) {
        return Answer.ok("{\"Name\":\"berth-beacon\",\"Labels\":{\"dev.berth.beacon\":\"" + value + "\"}}");
    }

    /** Who made a volume of that name is told once that it is none, and not at each question. */
    @Test
    void aVolumeWithoutTheLabelIsNoBeaconAndSaidOnce() throws Exception {
        volume.set(Answer.ok("{\"Name\":\"berth-beacon\",\"Labels\":null}"));
        try (Told engine = engine();
                DockerRuntime runtime = DockerRuntime.at(NODE)
                        .host(engine.uri())
                        .beacon(Beacon.EVERYWHERE)
                        .build()) {
            List<String> said = new CopyOnWriteArrayList<>();
            PrintStream before = System.err;
            System.setErr(new PrintStream(before, true, StandardCharsets.UTF_8) {
                @Override
                public void println(String line) {
                    said.add(line);
                    super.println(line);
                }
            });
            try {
                for (int i = 0; i < 3; i++) {
                    assertThat(runtime.fingerprint().parts()).containsEntry("beacon", "none");
                }
            } finally {
                System.setErr(before);
            }
            assertThat(said.stream().filter(line -> line.contains("berth-beacon")))
                    .hasSize(1);
        }
    }

    /** A proxy may forbid to ask for volumes; the listing of containers is as good as it was. */
    @ParameterizedTest
    @ValueSource(ints = {403, 500})
    void whoMayNotAskForTheBeaconHasNoProofAndAListing(int status) throws Exception {
        volume.set(Answer.of(status, "<html>Forbidden</html>"));
        try (Told engine = engine();
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            assertThat(runtime.inventory().coverage()).isEqualTo(Coverage.complete());
        }
    }
}
