package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Fault;
import dev.berth.runtime.Sighting;
import java.io.File;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A thousand failures leak no connection, no file descriptor and no thread. */
@Timeout(120)
class LeakTest {
    private static final String NOBODY = "0".repeat(64);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("slow")
    void aThousandFailuresLeakNothing(boolean tcp) throws Exception {
        Engine engine = Engine.DOCKERD.orSkip();
        try (Relay relay = tcp ? Relay.onTcp(engine.socket()) : Relay.onUnixSocket(engine.socket());
                DockerRuntime runtime = DockerFixture.open(relay.uri())) {
            fail(runtime, relay, 50);
            settle(relay);
            int files = files();
            int threads = Thread.activeCount();

            fail(runtime, relay, 1_000);

            settle(relay);
            assertThat(relay.connections()).isZero();
            assertThat(files()).isLessThan(files + 20);
            assertThat(Thread.activeCount()).isLessThan(threads + 20);
            assertThat(runtime.inventory().coverage().isComplete()).isTrue();
        }
    }

    /** One after the other: an absence, a refusal, a call that nobody takes, one that is interrupted. */
    private static void fail(DockerRuntime runtime, Relay relay, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            switch (i % 4) {
                case 0 -> assertThat(runtime.look(NOBODY)).isInstanceOf(Sighting.Absent.class);
                case 1 ->
                    assertThat(faultOf(runtime, () -> runtime.start(NOBODY))).isInstanceOf(Fault.Missing.class);
                case 2 -> {
                    relay.cut();
                    assertThat(faultOf(runtime, runtime::inventory)).isInstanceOf(Fault.Unknown.class);
                    relay.mend();
                }
                default -> {
                    relay.block();
                    var caller = new Thread(() -> faultOf(runtime, runtime::inventory));
                    caller.start();
                    until(relay::isWaiting);
                    caller.interrupt();
                    caller.join();
                    relay.mend();
                }
            }
        }
    }

    private static Fault faultOf(DockerRuntime runtime, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException failure) {
            return runtime.classify(failure);
        }
        throw new AssertionError("it should have failed");
    }

    private static void settle(Relay relay) {
        until(() -> relay.connections() == 0);
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }

    private static void until(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
        }
    }

    private static int files() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }
}
