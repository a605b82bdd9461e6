package dev.berth.docker;

import static dev.berth.docker.DockerFixture.NODE;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import dev.berth.docker.Told.Answer;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.Port;
import dev.berth.port.PortSighting;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Health;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Sighting;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers of which engines tell what docker-java cannot read: they are there all the same, and blind nobody. */
@Timeout(60)
class UnreadableTest {
    private static final String RANGE = "\"Config\":{\"ExposedPorts\":{\"3000-3010/tcp\":{}}}";

    /** Lists a neighbour that runs and a container in a state, of which nothing can be read. */
    private static Told engine(String state, String ports, String unreadable, String info) throws Exception {
        String listing =
                "[{\"Id\":\"" + ToldEngine.id(1) + "\",\"Names\":[\"/mine\"],\"State\":\"running\",\"Ports\":[]},"
                        + "{\"Id\":\"" + ToldEngine.id(2) + "\",\"Names\":[\"/foreign\"],\"State\":\"" + state
                        + "\",\"Ports\":["
                        + ports + "],\"Status\":\"Up 2 minutes (health: starting)\",\"ImageID\":\"sha256:1\","
                        + "\"Labels\":{\"a\":\"b\"}}]";
        return new Told(asked -> {
            if (asked.path().equals("/containers/json")) {
                return Answer.ok(listing);
            }
            return asked.path().equals("/info")
                    ? Answer.ok(info)
                    : Answer.ok("{\"Id\":\"" + ToldEngine.id(2) + "\"," + unreadable + "}");
        });
    }

    /** L3: what cannot be read is neither gone nor a reason to know nothing of the others. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                RANGE,
                "\"HostConfig\":{\"CapDrop\":[\"all\"]}",
                "\"HostConfig\":{\"PortBindings\":{\"161/udp/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"161\"}]}}"
            })
    void oneThatCannotBeReadIsListedAndSeenAndAskedForOnce(String unreadable) throws Exception {
        try (Told engine = engine("exited", "", unreadable, "{\"ID\":\"e\"}");
                DockerRuntime runtime = DockerFixture.open(engine.uri());
                BoundedRuntime<?> bounded = BoundedRuntime.of(runtime, Deadlines.defaults())) {
            for (int i = 0; i < 3; i++) {
                Inventory listing = bounded.inventory();
                assertThat(listing.coverage().isComplete()).isTrue();
                assertThat(listing.portGap()).isEmpty();
                assertThat(listing.instances())
                        .extracting(Instance::id)
                        .containsExactly(ToldEngine.id(1), ToldEngine.id(2));
            }
            assertThat(engine.asked("GET", ToldEngine.id(2) + "/json")).isEqualTo(1);

            Instance seen = bounded.look(ToldEngine.id(2)).seen().orElseThrow();
            assertThat(seen.state()).isEqualTo(InstanceState.STOPPED);
            assertThat(seen.names()).containsExactly("foreign");
            assertThat(seen.labels()).containsEntry("a", "b");
            assertThat(bounded.look(ToldEngine.id(3)))
                    .as("told of another one, and not listed")
                    .isInstanceOf(Sighting.Unknown.class);
        }
    }

    @Test
    void howOneDoesThatCannotBeReadIsInItsListing() throws Exception {
        try (Told engine = engine("running", "", RANGE, "{\"ID\":\"e\"}");
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            assertThat(runtime.health(ToldEngine.id(2)).verdict()).isEqualTo(Health.Verdict.STARTING);
        }
    }

    /** L3: older Podmans list the first of neighbouring ports only. */
    @ParameterizedTest
    @ValueSource(strings = {"4.3.1", "5.5.2", "dev", "5.6.0", "6.0.0-rc1"})
    void whereAListingMayLackPortsNoneIsFree(String version) throws Exception {
        boolean lacks = version.equals("dev") || version.compareTo("5.6") < 0;
        String info = "{\"BuildahVersion\":\"1\",\"ServerVersion\":\"" + version + "\"}";
        String ports = "{\"PrivatePort\":80,\"PublicPort\":7000,\"Type\":\"tcp\"}";
        try (Told engine = engine("running", ports, RANGE, info);
                DockerRuntime runtime = DockerFixture.open(engine.uri());
                var probe = DockerPortProbe.on(runtime)) {
            var seen = probe.probe(NODE, Set.of(Port.tcp(7_000), Port.tcp(7_001)));

            assertThat(seen.get(Port.tcp(7_000))).isInstanceOf(PortSighting.Busy.class);
            assertThat(seen.get(Port.tcp(7_001)) instanceof PortSighting.Unknown)
                    .isEqualTo(lacks);
            assertThat(runtime.inventory().coverage().isComplete()).isTrue();
        }
    }

    /** L3: the same where the engine fails to tell. */
    @Test
    void whereAPodmanFailsToTellPortsNoneIsFree() throws Exception {
        try (var engine = new Told(asked -> {
                    if (asked.path().equals("/info")) {
                        return Answer.ok("{\"BuildahVersion\":\"1\",\"ServerVersion\":\"4.3.1\"}");
                    }
                    return asked.path().equals("/containers/json")
                            ? Answer.ok(
                                    "[{\"Id\":\"" + ToldEngine.id(1) + "\",\"Names\":[\"/web\"],\"State\":\"running\","
                                            + "\"Ports\":[{\"PrivatePort\":80,\"PublicPort\":7000,\"Type\":\"tcp\"}]}]")
                            : Answer.error(500, "told to");
                });
                DockerRuntime runtime = DockerFixture.open(engine.uri());
                var probe = DockerPortProbe.on(runtime)) {
            assertThat(probe.probe(NODE, Set.of(Port.tcp(7_001))).get(Port.tcp(7_001)))
                    .isInstanceOfSatisfying(
                            PortSighting.Unknown.class,
                            unknown -> assertThat(unknown.reason()).contains("web"));
        }
    }

    /** An answer that is cut short is no answer. */
    @Test
    void whatIsCutShortIsNotTakenForUnreadable() throws Exception {
        String whole = "{\"Id\":\"" + ToldEngine.id(2) + "\",\"Config\":{\"Labels\":{";
        try (var engine = new Told(asked -> asked.path().equals("/containers/json")
                        ? Answer.ok("[{\"Id\":\"" + ToldEngine.id(2) + "\",\"State\":\"running\"}]")
                        : Answer.ok(whole));
                DockerRuntime runtime = DockerFixture.open(engine.uri());
                BoundedRuntime<?> bounded = BoundedRuntime.of(runtime, Deadlines.defaults())) {
            assertThat(bounded.look(ToldEngine.id(2))).isInstanceOf(Sighting.Unknown.class);
        }
    }

    /** Ours, from an image that exposes a range: it comes up, and goes. */
    @Test
    void oneOfOursThatCannotBeReadComesUpAndGoes() throws Exception {
        try (ToldEngine engine = new ToldEngine().inspectedWith("\"ExposedPorts\":{\"3000-3010/tcp\":{}}");
                DockerRuntime runtime = DockerFixture.open(engine.uri());
                var provisioner = provisioner(runtime)) {
            Owner web = Owner.of("lab", "web");
            Provisioned made = provisioner.provision(
                    named(web, "web"), granted -> runtime.docker().createContainerCmd("web:1"));

            assertThat(made.instance().state()).isEqualTo(InstanceState.RUNNING);
            assertThat(provisioner.remove(web)).isTrue();
            assertThat(engine.states()).isEmpty();
        }
    }

    private static Provisioner<CreateContainerCmd> provisioner(DockerRuntime runtime) {
        var ledger = ResourceLedger.on(new MemoryLedgerStore(Clock.systemUTC(), UUID.randomUUID()));
        return Provisioner.of(ledger, runtime).build();
    }

    private static ProvisionRequest named(Owner owner, String name) {
        return ProvisionRequest.of(
                        ClaimRequest.by(owner).in(NODE).fixed("container", ResourceKind.CONTAINER_NAME, name))
                .named("container");
    }

    // ------------------------------------------------------------------ on real engines

    /** docker-java issues 2365 and 2663. Podman 4.3 writes capabilities, and what is exposed, in its own way. */
    @ParameterizedTest
    @EnumSource
    void whatOthersMadeInTheirOwnWayBlindsNobody(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            site.stranger(site.prefix + "-neighbour");
            String capped = site.removing(post(
                    engine,
                    "/containers/create?name=" + site.prefix + "-capped",
                    "{\"Image\":\"" + Engine.IMAGE
                            + "\",\"Cmd\":[\"/bin/true\"],\"HostConfig\":{\"CapDrop\":[\"all\"]}}"));
            String exposing = site.removing(post(
                    engine,
                    "/containers/create?name=" + site.prefix + "-exposing",
                    "{\"Image\":\"" + Engine.IMAGE
                            + "\",\"Cmd\":[\"/bin/true\"],\"ExposedPorts\":{\"3000-3010/tcp\":{}}}"));

            Inventory listing = site.runtime.inventory();

            assertThat(listing.coverage().isComplete()).isTrue();
            for (String id : new String[] {capped, exposing}) {
                assertThat(listing.sight(id)).isInstanceOf(Sighting.Present.class);
                assertThat(site.seen(id).state()).isEqualTo(InstanceState.CREATED);
            }
        }
    }

    /** Compose builds such images on Docker up to 28. */
    @ParameterizedTest
    @EnumSource
    void oneFromAnImageThatExposesARangeComesUpAndGoes(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            String base = site.stranger(DockerFixture.sleeper(site.runtime.docker()));
            String image = post(
                    engine,
                    "/commit?container=" + base + "&repo=" + site.prefix + "&tag=1",
                    "{\"Cmd\":[\"/bin/sh\",\"-c\",\"sleep 36000\"],\"ExposedPorts\":{\"3000-3010/tcp\":{}}}");
            try {
                Owner anna = site.owner("anna");
                var provisioner = site.provisioner();
                Provisioned made = provisioner.provision(
                        site.request(anna, site.pool(2)),
                        granted -> site.runtime.docker().createContainerCmd(site.prefix + ":1"));

                assertThat(site.seen(made.instance().id()).state()).isEqualTo(InstanceState.RUNNING);
                assertThat(made.instance().published()).isNotEmpty();
                assertThat(provisioner.remove(anna)).isTrue();
                assertThat(site.ours()).isEmpty();
            } finally {
                site.ours().forEach(one -> remove(site, one.id()));
                site.runtime.docker().removeImageCmd(image).withForce(true).exec();
            }
        }
    }

    private static void remove(Site site, String container) {
        try {
            site.runtime.docker().removeContainerCmd(container).withForce(true).exec();
        } catch (DockerException gone) {
            // Somebody was faster.
        }
    }

    /** Says what docker-java has no words for; gives the id that it is answered with. */
    private static String post(Engine engine, String path, String body) throws Exception {
        var request = DockerHttpClient.Request.builder()
                .method("POST")
                .path(path)
                .putHeader("Content-Type", "application/json")
                .bodyBytes(body.getBytes(StandardCharsets.UTF_8))
                .build();
        try (var client = new ApacheDockerHttpClient.Builder()
                        .dockerHost(engine.orSkip().uri())
                        .build();
                DockerHttpClient.Response response = client.execute(request);
                InputStream answer = response.getBody()) {
            String said = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
            Matcher id = Pattern.compile("(?:sha256:)?[0-9a-f]{64}").matcher(said);
            return Optional.of(id)
                    .filter(Matcher::find)
                    .map(Matcher::group)
                    .orElseThrow(() -> new AssertionError(path + ": " + said));
        }
    }
}
