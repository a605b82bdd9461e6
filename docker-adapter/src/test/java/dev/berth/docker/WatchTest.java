package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Hint;
import dev.berth.runtime.Watch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Events of real engines as hints, and what a broken stream of them tells. */
@Timeout(60)
class WatchTest {
    @ParameterizedTest
    @EnumSource
    void whatHappensToAContainerIsHinted(Engine engine) throws Exception {
        try (var site = new Site(engine)) {
            List<Hint> heard = new CopyOnWriteArrayList<>();
            try (Watch watch = site.runtime.watch(heard::add)) {
                assertThat(watch).isNotNull();
                String id = site.stranger(site.prefix);
                site.runtime.docker().removeContainerCmd(id).withForce(true).exec();

                for (Hint.Kind kind :
                        List.of(Hint.Kind.CREATED, Hint.Kind.STARTED, Hint.Kind.ENDED, Hint.Kind.REMOVED)) {
                    until(() -> heard.contains(new Hint(kind, id)));
                    assertThat(heard).contains(new Hint(kind, id));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatBreaksIsBegunAgainAndTellsAGap(Engine engine) throws Exception {
        try (var site = new Site(engine);
                Relay relay = Relay.onUnixSocket(site.engine.socket());
                DockerRuntime client = DockerFixture.open(relay.uri())) {
            List<Hint> heard = new CopyOnWriteArrayList<>();
            try (Watch watch = client.watch(heard::add)) {
                assertThat(watch).isNotNull();
                relay.cut();
                relay.mend();

                until(() -> heard.contains(new Hint(Hint.Kind.GAP, "")));
                String id = site.stranger(site.prefix);

                until(() -> heard.contains(new Hint(Hint.Kind.STARTED, id)));
                assertThat(heard).contains(new Hint(Hint.Kind.GAP, ""), new Hint(Hint.Kind.STARTED, id));
            }
            until(() -> relay.connections() == 0);
            assertThat(relay.connections()).isZero();
        }
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }
}
