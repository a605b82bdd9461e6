package dev.berth.docker;

import static dev.berth.docker.DockerFixture.NODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.transport.DockerHttpClient;
import dev.berth.docker.Told.Answer;
import dev.berth.ledger.Owner;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What closing ends, and what an interrupt does: all of it (law L9). */
@Timeout(60)
class ClosingTest {
    private static final Mark MARK = new Mark(UUID.randomUUID(), UUID.randomUUID(), "nonce", Owner.of("lab", "anna"));

    private final CountDownLatch forever = new CountDownLatch(1);

    /** Never answers a request whose path ends so. */
    private Told silentAt(String end) throws Exception {
        return new Told(asked -> {
            if (asked.path().endsWith(end)) {
                try {
                    forever.await();
                } catch (InterruptedException never) {
                    Thread.currentThread().interrupt();
                }
            }
            return asked.path().equals("/containers/json") ? Answer.ok("[]") : Answer.ok("{}");
        });
    }

    private interface Call {
        void run() throws Exception;
    }

    private static Fault faultOf(DockerRuntime runtime, Call call) {
        try {
            call.run();
        } catch (Exception failure) {
            return runtime.classify(failure);
        }
        throw new AssertionError("it should have failed");
    }

    @Test
    void afterItIsClosedNoCallReachesTheEngineThoughTheClientIsTheHosts() throws Exception {
        String id = ToldEngine.id(1);
        try (ToldEngine engine = new ToldEngine();
                DockerRuntime owner = DockerFixture.open(engine.uri())) {
            DockerRuntime guest = DockerRuntime.on(owner.docker(), NODE);
            guest.close();

            List<Call> calls = List.of(
                    guest::fingerprint,
                    guest::inventory,
                    () -> guest.look(id),
                    () -> guest.create(deployment(owner.docker().createContainerCmd("web:1"))),
                    () -> guest.start(id),
                    () -> guest.stop(id),
                    () -> guest.health(id),
                    () -> guest.remove(id, MARK, Removal.Mode.IF_STOPPED),
                    () -> guest.watch(hint -> {}));
            for (Call call : calls) {
                assertThat(faultOf(guest, call)).isInstanceOf(Fault.Unreachable.class);
            }
            assertThat(engine.told().asked()).isEmpty();
            assertThat(owner.inventory().coverage().isComplete()).isTrue();
        }
    }

    private static Deployment<CreateContainerCmd> deployment(CreateContainerCmd command) {
        return new Deployment<>(command, Optional.of("web-1"), List.of(Publication.tcp(7_000, 80)), MARK, Map.of());
    }

    /** Whether the engine answers the ping and then no more, or nothing at all. */
    @Test
    void whoClosesWhileAWatchBeginsEndsItToo() throws Exception {
        for (String silent : List.of("/events", "/_ping")) {
            try (Told engine = silentAt(silent)) {
                DockerRuntime runtime = DockerFixture.open(engine.uri());
                var caller = new Thread(() -> faultOf(runtime, () -> runtime.watch(hint -> {})));
                caller.start();
                until(() -> engine.asked("GET", silent) > 0);

                runtime.close();

                caller.interrupt();
                caller.join(10_000);
                assertThat(caller.isAlive()).isFalse();
                until(() -> listeners() == 0);
                assertThat(listeners())
                        .as("threads that listen, silent at " + silent)
                        .isZero();
            }
        }
    }

    @Test
    void aWatchEndsWhenTheHostClosesItsClient() throws Exception {
        try (ToldEngine engine = new ToldEngine(
                asked -> asked.path().endsWith("/_ping") ? Optional.of(Answer.ok("OK")) : Optional.empty())) {
            DockerRuntime owner = DockerFixture.open(engine.uri());
            DockerRuntime guest = DockerRuntime.on(owner.docker(), NODE);
            guest.watch(hint -> {});
            owner.docker().close();

            until(() -> listeners() == 0);
            assertThat(listeners()).isZero();
        }
    }

    private static long listeners() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("berth-docker-events"))
                .count();
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /** Over TCP, where a read does not hear of it. */
    @Test
    void anInterruptEndsACreateWhoseAnswerStalls() throws Exception {
        try (var engine = new Told(asked -> Answer.stalled(201, "{\"Id\""));
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            var caller = new Thread(() -> faultOf(
                    runtime, () -> runtime.create(deployment(runtime.docker().createContainerCmd("web:1")))));
            caller.start();
            until(() -> !engine.asked().isEmpty());
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());

            caller.interrupt();

            caller.join(10_000);
            assertThat(caller.isAlive()).isFalse();
        }
    }

    @Test
    void anInterruptEndsWaitingForACommandThatAnotherThreadUses() throws Exception {
        try (Told engine = silentAt("/create");
                DockerRuntime runtime = DockerFixture.open(engine.uri())) {
            CreateContainerCmd command = runtime.docker().createContainerCmd("web:1");
            var first = new Thread(() -> faultOf(runtime, () -> runtime.create(deployment(command))));
            first.start();
            until(() -> !engine.asked().isEmpty());
            var second = new Thread(() -> faultOf(runtime, () -> runtime.create(deployment(command))));
            second.start();
            until(() -> second.getState() == Thread.State.WAITING || second.getState() == Thread.State.BLOCKED);

            second.interrupt();

            second.join(10_000);
            assertThat(second.isAlive()).isFalse();
            assertThat(engine.asked()).hasSize(1);
            first.interrupt();
            first.join(10_000);
            assertThat(first.isAlive()).isFalse();
        }
    }

    /** Nobody waits for ever, whatever is thrown on the other thread. */
    @Test
    void anErrorOfTheTransportReachesItsCaller() throws Exception {
        try (var broken = FreshConnections.onDeaf(new DockerHttpClient() {
            @Override
            public Response execute(Request request) {
                throw new NoClassDefFoundError("told to");
            }

            @Override
            public void close() {}
        })) {
            var request = DockerHttpClient.Request.builder()
                    .method("GET")
                    .path("/info")
                    .build();
            assertThatThrownBy(() -> broken.execute(request)).isInstanceOf(NoClassDefFoundError.class);
        }
    }
}
