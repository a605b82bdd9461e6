package dev.berth.benchmarks;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import dev.berth.docker.DockerRuntime;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.ForwardingLedgerStore;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import dev.berth.testkit.StoreCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What a provisioning and a removal take beside docker-java's bare create and start, and removal by force. All contenders
 * take turns within a round, in any order, so whatever else the machine does meets all of them.
 */
record DockerOverhead(List<List<String>> rows, List<String> ratios) {
    static final List<String> HEAD = List.of(
            "one container",
            "create and start, ms",
            "to bare",
            "beside the store",
            "store, ms",
            "store's round trips",
            "runtime calls",
            "remove, ms",
            "to bare");
    private static final int WARM_UP = 2;
    private static final int FIRST_PORT = 24_000;
    private static final int BARE_PORT = 23_999;
    private static final double NANOS_PER_MILLI = 1e6;

    /** How long each half of a round took, how much of the first one was the store's, and what was asked for in it. */
    private record Turn(double making, double removing, double store, long reads, long commits, long calls) {}

    /** Makes a container with a name and a port, and removes it. */
    private interface Contender extends AutoCloseable {
        Turn turn();

        @Override
        void close();
    }

    static DockerOverhead measure(DockerReport.Engine engine, DockerRuntime runtime, int rounds) throws Exception {
        Path directory = Files.createTempDirectory("berth-benchmark-docker");
        String url = "jdbc:sqlite:" + directory.resolve("ledger.db");
        List<String> names = List.of("bare docker-java", "Berth, ledger in memory", "Berth, ledger in SQLite");
        List<List<Turn>> turns = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try (var bare = new Bare(engine);
                var memory = new Berth(runtime, new MemoryLedgerStore(Clock.systemUTC(), UUID.randomUUID()), "memory");
                var sqlite = new Berth(runtime, JdbcLedgerStore.open(url), "sqlite")) {
            List<Contender> contenders = List.of(bare, memory, sqlite);
            List<Integer> order = new ArrayList<>(List.of(0, 1, 2));
            var random = new Random(rounds);
            for (int round = -WARM_UP; round < rounds; round++) {
                Collections.shuffle(order, random);
                for (int one : order) {
                    Turn turn = contenders.get(one).turn();
                    if (round >= 0) {
                        turns.get(one).add(turn);
                    }
                }
            }
        } finally {
            SqliteDirectory.deleteAll(directory);
        }
        List<List<String>> rows = new ArrayList<>();
        List<String> ratios = new ArrayList<>();
        for (int one = 0; one < names.size(); one++) {
            rows.add(row(engine.word() + ": " + names.get(one), turns.get(one), turns.get(0), one == 0));
            if (one > 0) {
                ratios.add(Target.ratio(
                        engine.word() + (one == 1 ? "-memory" : "-sqlite") + "-bare-to-berth",
                        1
                                / quartiles(turns.get(one), turns.get(0), turn -> turn.making() - turn.store())
                                        .median()));
            }
        }
        return new DockerOverhead(rows, ratios);
    }

    private static List<String> row(String name, List<Turn> own, List<Turn> bare, boolean isBare) {
        Turn last = own.get(own.size() - 1);
        return List.of(
                name,
                median(own, Turn::making),
                isBare ? "" : quartiles(own, bare, Turn::making).inWords(),
                isBare
                        ? ""
                        : quartiles(own, bare, turn -> turn.making() - turn.store())
                                .inWords(),
                isBare ? "" : median(own, Turn::store),
                isBare ? "" : last.reads() + " reads, " + last.commits() + " commits",
                isBare ? "2" : Long.toString(last.calls()),
                median(own, Turn::removing),
                isBare ? "" : quartiles(own, bare, Turn::removing).inWords());
    }

    private static String median(List<Turn> turns, ToDoubleFunction<Turn> figure) {
        return String.format(
                Locale.ROOT,
                "%.1f",
                Quartiles.of(turns.stream().mapToDouble(figure)).median());
    }

    /** Of the rounds' ratios to what the bare one took in the same round. */
    private static Quartiles quartiles(List<Turn> own, List<Turn> bare, ToDoubleFunction<Turn> figure) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < own.size(); round++) {
            ratios.add(figure.applyAsDouble(own.get(round)) / figure.applyAsDouble(bare.get(round)));
        }
        return Quartiles.of(ratios.stream().mapToDouble(Double::doubleValue));
    }

    private static CreateContainerCmd sleeper(DockerClient docker) {
        return docker.createContainerCmd(DockerReport.IMAGE).withCmd("/bin/sleep", "36000");
    }

    private static double millisSince(long begun) {
        return (System.nanoTime() - begun) / NANOS_PER_MILLI;
    }

    /** What an application writes: docker-java as its guide has it, with its pool of connections. */
    private static final class Bare implements Contender {
        private final DockerClient docker;

        Bare(DockerReport.Engine engine) {
            var config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                    .withDockerHost(engine.address().toString())
                    .build();
            docker = DockerClientImpl.getInstance(
                    config,
                    new ApacheDockerHttpClient.Builder()
                            .dockerHost(config.getDockerHost())
                            .build());
        }

        @Override
        public Turn turn() {
            long begun = System.nanoTime();
            String id = sleeper(docker)
                    .withName("berth-bench-bare")
                    .withExposedPorts(ExposedPort.tcp(80))
                    .withHostConfig(HostConfig.newHostConfig().withPortBindings(PortBinding.parse(BARE_PORT + ":80")))
                    .exec()
                    .getId();
            docker.startContainerCmd(id).exec();
            double making = millisSince(begun);
            long removing = System.nanoTime();
            docker.removeContainerCmd(id).withForce(true).exec();
            return new Turn(making, millisSince(removing), 0, 0, 0, 2);
        }

        @Override
        public void close() {
            try {
                docker.close();
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    }

    private static final class Berth implements Contender {
        private final LedgerStore store;
        private final AtomicLong nanos = new AtomicLong();
        private final AtomicLong reads = new AtomicLong();
        private final AtomicLong commits = new AtomicLong();
        private final AtomicLong calls = new AtomicLong();
        private final DockerRuntime docker;
        private final Provisioner<CreateContainerCmd> provisioner;
        private final ProvisionRequest wish;

        Berth(DockerRuntime docker, LedgerStore store, String name) {
            this.store = store;
            this.docker = docker;
            this.provisioner = Provisioner.of(
                            ResourceLedger.on(new CountedLedgerStore(store)), new CountedRuntime(docker))
                    .build();
            this.wish = ProvisionRequest.of(ClaimRequest.by(Owner.of("bench", name))
                            .in(DockerReport.NODE)
                            .name("container", ResourceKind.CONTAINER_NAME, "berth-bench", name)
                            .choose(
                                    "http",
                                    PortPool.named("http")
                                            .onHost(DockerReport.NODE)
                                            .range(FIRST_PORT, FIRST_PORT + 100)
                                            .build()))
                    .named("container")
                    .publish("http", 80);
        }

        @Override
        public Turn turn() {
            nanos.set(0);
            reads.set(0);
            commits.set(0);
            calls.set(0);
            long begun = System.nanoTime();
            provisioner.provision(wish, granted -> sleeper(docker.docker()));
            double making = millisSince(begun);
            var made = new Turn(making, 0, nanos.get() / NANOS_PER_MILLI, reads.get(), commits.get(), calls.get());
            long removing = System.nanoTime();
            if (!provisioner.remove(wish.owner())) {
                throw new IllegalStateException("there was nothing to remove");
            }
            return new Turn(
                    made.making(), millisSince(removing), made.store(), made.reads(), made.commits(), made.calls());
        }

        @Override
        public void close() {
            try (store) {
                provisioner.close();
            }
        }

        private final class CountedLedgerStore extends ForwardingLedgerStore {
            CountedLedgerStore(LedgerStore store) {
                super(store);
            }

            @Override
            protected <T> T around(StoreCall call, Supplier<T> work) {
                (call.isWrite() ? commits : reads).incrementAndGet();
                long begun = System.nanoTime();
                try {
                    return work.get();
                } finally {
                    nanos.addAndGet(System.nanoTime() - begun);
                }
            }
        }

        private final class CountedRuntime extends ForwardingRuntime<CreateContainerCmd> {
            CountedRuntime(ContainerRuntime<CreateContainerCmd> next) {
                super(next);
            }

            @Override
            protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
                calls.incrementAndGet();
                return work.call();
            }
        }
    }
}
