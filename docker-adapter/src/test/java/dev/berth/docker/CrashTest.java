package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.berth.ledger.Owner;
import dev.berth.port.PortPool;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.ForwardingRuntime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Daemons that die, or hang, in the midst of it. */
@Timeout(180)
@Tag("alone")
class CrashTest {
    /** Kills its daemon just before the first start. */
    private static final class Doomed extends ForwardingRuntime<CreateContainerCmd> {
        private final Engine engine;
        private final AtomicInteger starts = new AtomicInteger();

        Doomed(Site site) {
            super(site.runtime);
            this.engine = site.engine;
        }

        @Override
        public void start(String instance) throws Exception {
            if (starts.getAndIncrement() == 0) {
                engine.kill();
            }
            super.start(instance);
        }
    }

    /** SCENARIOS 18, 20: what a dead attempt left is taken away, and the next call has one container and its port. */
    @ParameterizedTest
    @EnumSource
    void aDaemonThatDiesBetweenCreateAndStartLeavesNothingThatTheNextCallDoesNotResolve(Engine engine)
            throws Exception {
        try (var site = new Site(engine)) {
            Owner anna = site.owner("anna");
            PortPool pool = site.pool(2);
            try {
                ProvisionOutcome outcome = site.closing(site.builder(new Doomed(site))
                                .deadlines(Deadlines.all(Duration.ofSeconds(5)))
                                .build())
                        .tryProvision(site.request(anna, pool), site.spec());
                assertThat(outcome).isInstanceOf(ProvisionOutcome.Failed.class);
                assertThat(((ProvisionOutcome.Failed) outcome).kept()).isPresent();
            } finally {
                site.engine.restart();
            }
            assertThat(site.ours()).hasSize(1);

            Provisioned made = site.provisioner().provision(site.request(anna, pool), site.spec());

            assertThat(site.ours())
                    .extracting(Instance::id)
                    .containsExactly(made.instance().id());
            assertThat(made.port("http")).isEqualTo(pool.ports().get(0).number());
        }
    }

    /** SCENARIOS 43. */
    @ParameterizedTest
    @EnumSource
    void aDaemonThatDiesDuringListingsMakesNothingAbsent(Engine engine) throws Exception {
        try (var site = new Site(engine);
                var bounded = BoundedRuntime.of(site.runtime, Deadlines.all(Duration.ofSeconds(5)))) {
            String id = site.stranger(site.prefix + "-stays");
            var done = new AtomicBoolean();
            List<Sighting> seen = new ArrayList<>();
            var lister = new Thread(() -> {
                while (!done.get()) {
                    Inventory listing = bounded.inventory();
                    seen.add(listing.sight(id));
                    seen.add(bounded.look(id));
                }
            });
            lister.start();
            try {
                site.engine.kill();
            } finally {
                site.engine.restart();
                done.set(true);
                lister.join();
            }

            assertThat(seen).noneMatch(Sighting.Absent.class::isInstance);
            assertThat(seen).anyMatch(Sighting.Unknown.class::isInstance);
            assertThat(bounded.look(id)).isInstanceOf(Sighting.Present.class);
        }
    }

    /** L3, SCENARIOS 18, 20. */
    @ParameterizedTest
    @EnumSource
    void aHungDaemonEndsByDeadlineAndWhatCameOfItIsFoundLater(Engine engine) throws Exception {
        try (var site = new Site(engine);
                var relay = relay(site.engine);
                var client = DockerFixture.open(relay.uri())) {
            Owner anna = site.owner("anna");
            PortPool pool = site.pool(2);
            Provisioner<CreateContainerCmd> impatient = site.closing(site.builder(client)
                    .deadlines(Deadlines.all(Duration.ofMillis(300)))
                    .build());
            relay.block();
            long begun = System.nanoTime();

            ProvisionOutcome outcome =
                    impatient.tryProvision(site.request(anna, pool), granted -> DockerFixture.sleeper(client.docker()));

            assertThat(outcome).isInstanceOf(ProvisionOutcome.Failed.class);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
            relay.mend();
            Provisioned made = site.provisioner().provision(site.request(anna, pool), site.spec());
            assertThat(site.seen(made.instance().id()).state()).isEqualTo(InstanceState.RUNNING);
            assertThat(site.ours()).hasSize(1);
        }
    }

    private static Relay relay(Engine engine) throws IOException {
        return Relay.onUnixSocket(engine.socket());
    }
}
