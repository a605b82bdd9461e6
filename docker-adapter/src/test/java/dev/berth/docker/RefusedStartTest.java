package dev.berth.docker;

import static dev.berth.docker.DockerFixture.NODE;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.HostConfig;
import dev.berth.docker.Told.Answer;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.runtime.Fault;
import dev.berth.runtime.ProvisionFailure.Kind;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Stranger;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an engine refuses in its own words is over soon, and the words are passed on. The deadlines are the usual ones. */
@Timeout(60)
class RefusedStartTest {
    private static final Owner WEB = Owner.of("lab", "web");

    private final ResourceLedger ledger =
            ResourceLedger.on(new MemoryLedgerStore(Clock.systemUTC(), UUID.randomUUID()));

    private static ToldEngine starting(int status, String message) throws Exception {
        return new ToldEngine(
                asked -> asked.is("POST", "/start") ? Optional.of(Answer.error(status, message)) : Optional.empty());
    }

    private ProvisionOutcome.Failed failed(ToldEngine engine, Stranger policy) {
        try (DockerRuntime runtime = DockerFixture.open(engine.uri());
                var provisioner = Provisioner.of(ledger, runtime)
                        .whenStrangerIsInTheWay(policy)
                        .build()) {
            var wish = ProvisionRequest.of(
                            ClaimRequest.by(WEB).in(NODE).name("container", ResourceKind.CONTAINER_NAME, "web"))
                    .named("container");
            long begun = System.nanoTime();
            ProvisionOutcome outcome =
                    provisioner.tryProvision(wish, granted -> runtime.docker().createContainerCmd("web:1"));
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
            assertThat(outcome).isInstanceOf(ProvisionOutcome.Failed.class);
            return (ProvisionOutcome.Failed) outcome;
        }
    }

    @Test
    void aStartThatWasRefusedIsTriedAFewTimesAndTheReasonIsTold() throws Exception {
        String said = "failed to create task: OCI runtime create failed: mount /x: not a directory";
        try (ToldEngine engine = starting(500, said)) {
            ProvisionOutcome.Failed failed = failed(engine, Stranger.REFUSE);

            assertThat(failed.failure().kind()).isEqualTo(Kind.GAVE_UP);
            assertThat(failed.failure().detail()).contains(said);
            assertThat(failed.kept()).isEmpty();
            assertThat(engine.told().asked("POST", "/create")).isBetween(2L, 8L);
            assertThat(engine.states()).isEmpty();
        }
    }

    @Test
    void aStartThatWouldBeRefusedAgainIsNotTriedAgain() throws Exception {
        try (ToldEngine engine = starting(500, "could not select device driver \"\" with capabilities: [[gpu]]")) {
            ProvisionOutcome.Failed failed = failed(engine, Stranger.REFUSE);

            assertThat(failed.failure().kind()).isEqualTo(Kind.REJECTED);
            assertThat(failed.failure().detail()).contains("[[gpu]]");
            assertThat(engine.told().asked("POST", "/create")).isEqualTo(1);
            assertThat(ledger.find(WEB)).isEmpty();
        }
    }

    /** Nothing was made, so nothing is kept. */
    @Test
    void aCreateThatTheEngineDoesNotFindWhatItNeedsForIsRejected() throws Exception {
        try (var engine = new ToldEngine(asked -> asked.is("POST", "/create")
                ? Optional.of(Answer.error(404, "plugin \"nfs\" is not there"))
                : Optional.empty())) {
            ProvisionOutcome.Failed failed = failed(engine, Stranger.REFUSE);

            assertThat(failed.failure().kind()).isEqualTo(Kind.REJECTED);
            assertThat(failed.failure().detail()).contains("plugin \"nfs\"");
            assertThat(failed.kept()).isEmpty();
        }
    }

    /** A gateway's word is not the engine's: the start may be under way. */
    @Test
    void whatAGatewaySaysProvesNothing() throws Exception {
        try (ToldEngine engine = starting(504, "upstream request timeout");
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            String id = made(engine, runtime);
            assertThat(faultOf(runtime, () -> runtime.start(id)).mayHaveHappened())
                    .isTrue();
        }
    }

    private static String made(ToldEngine engine, DockerRuntime runtime) {
        runtime.docker().createContainerCmd("web:1").withName("web").exec();
        return engine.states().keySet().iterator().next();
    }

    private static Fault faultOf(DockerRuntime runtime, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException failure) {
            return runtime.classify(failure);
        }
        throw new AssertionError("it should have failed");
    }

    private static Function<Told.Asked, Optional<Answer>> podNamed(String name) {
        return asked -> asked.is("POST", "/create") && asked.query().contains("name=" + name)
                ? Optional.of(Answer.of(
                        500,
                        "{\"cause\":\"pod already exists\",\"message\":\"container create: name \\\"" + name
                                + "\\\" is in use: pod already exists\",\"response\":500}"))
                : Optional.empty();
    }

    /** Podman issues 2553 and 16476, moby issue 21412: a pod's name, or what a crash has left, is in no listing. */
    @Test
    void aNameThatNobodyListedHasIsHeldAndTheReasonIsTold() throws Exception {
        try (var engine = new ToldEngine(podNamed("web"))) {
            ProvisionOutcome.Failed failed = failed(engine, Stranger.REFUSE);

            assertThat(failed.failure().kind()).isEqualTo(Kind.NAME_HELD);
            assertThat(failed.failure().detail()).contains("pod already exists");
            assertThat(failed.kept()).isEmpty();
        }
    }

    // ------------------------------------------------------------------ on real engines

    /** Docker looks for devices at the start, Podman at the creation. */
    @ParameterizedTest
    @EnumSource
    void whatARealEngineRefusesAtTheStartIsToldSoon(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            long begun = System.nanoTime();
            var outcome = site.closing(site.builder().tries(2).build())
                    .tryProvision(
                            site.request(site.owner("anna"), site.pool(2)),
                            granted -> DockerFixture.sleeper(site.runtime.docker())
                                    .withHostConfig(HostConfig.newHostConfig()
                                            .withDevices(new Device("rwm", "/dev/nope", "/dev/nope"))));

            assertThat(outcome).isInstanceOf(ProvisionOutcome.Failed.class);
            assertThat(((ProvisionOutcome.Failed) outcome).failure().detail()).contains("nope");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(40));
            assertThat(site.ours()).isEmpty();
        }
    }
}
