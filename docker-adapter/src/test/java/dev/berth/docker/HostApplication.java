package dev.berth.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.berth.BerthException;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.ForwardingLedgerStore;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import dev.berth.testkit.StoreCall;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * An application that provisions on an engine with a ledger in a file, in a process of its own. It does what it is told, line
 * by line, and says what came of it. Told where to die, it says {@code dying} there, and neither it nor any of its threads
 * reaches store or engine any more: it waits to be killed.
 */
final class HostApplication {
    /** The call that is any call. */
    static final String ANY = "ANY";

    private final LedgerStore store;
    private final DockerRuntime docker;
    private final Provisioner<CreateContainerCmd> provisioner;
    private final PortPool pool;
    private String deadly = "";
    private int left;
    private boolean dead;

    private HostApplication(LedgerStore store, DockerRuntime docker, PortPool pool) {
        this.store = store;
        this.docker = docker;
        this.pool = pool;
        this.provisioner = Provisioner.of(ResourceLedger.on(new MortalStore()), new MortalRuntime())
                .attemptsLive(Duration.ofSeconds(1))
                .build();
    }

    /** Starts one; its arguments are the ledger's database, the engine, and the first and last port of its pool. */
    static OtherProcess start(Path directory, String url, Engine engine, PortPool pool) throws IOException {
        List<Integer> ports =
                pool.ports().stream().map(port -> port.number()).sorted().toList();
        return OtherProcess.start(
                directory,
                Map.of(),
                HostApplication.class,
                url,
                engine.uri().toString(),
                ports.get(0).toString(),
                ports.get(ports.size() - 1).toString());
    }

    public static void main(String... arguments) throws Exception {
        PortPool pool = PortPool.named("http")
                .onHost(DockerFixture.NODE)
                .range(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]))
                .build();
        try (JdbcLedgerStore store = JdbcLedgerStore.open(arguments[0]);
                DockerRuntime docker = DockerFixture.open(URI.create(arguments[1]))) {
            var application = new HostApplication(store, docker, pool);
            // What is learnt once, such as who the engine is, is learnt.
            docker.fingerprint();
            System.out.println("ready");
            var told = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = told.readLine(); line != null; line = told.readLine()) {
                application.obey(line.split(" ", -1));
            }
        }
    }

    private void obey(String... words) throws Exception {
        switch (words[0]) {
            case "die" -> dieAt(words[1], Integer.parseInt(words[2]));
            case "provision" -> provision(words[1], Integer.parseInt(words[2]));
            case "remove" -> remove(words[1]);
            default -> throw new IllegalArgumentException(String.join(" ", words));
        }
    }

    /** One owner's container, asked for by several threads at once. */
    private void provision(String owner, int threads) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try {
            Callable<String> asking = () -> {
                Provisioned made = provisioner.provision(
                        Site.wish(Owner.of("lab", owner), pool), granted -> DockerFixture.sleeper(docker.docker()));
                return "made " + made.instance().id() + " " + made.claim().id() + " " + made.port("http");
            };
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                answers.add(callers.submit(asking));
            }
            for (Future<String> answer : answers) {
                System.out.println(answer.get());
            }
        } finally {
            callers.shutdownNow();
        }
    }

    private void remove(String owner) {
        String answer;
        try {
            answer = "removed " + provisioner.remove(Owner.of("lab", owner));
        } catch (BerthException othersAreAtIt) {
            answer = "failed " + String.valueOf(othersAreAtIt.getMessage()).replaceAll("\\s+", " ");
        }
        System.out.println(answer);
    }

    private synchronized void dieAt(String call, int before) {
        deadly = call;
        left = before;
    }

    private void step(String call) {
        synchronized (this) {
            if (!dead && (deadly.equals(ANY) || deadly.equals(call)) && left-- == 0) {
                dead = true;
                System.out.println("dying before " + call);
            }
            if (!dead) {
                return;
            }
        }
        while (true) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException notYet) {
                // It is SIGKILL that ends it, no deadline of its own.
            }
        }
    }

    private final class MortalStore extends ForwardingLedgerStore {
        MortalStore() {
            super(store);
        }

        @Override
        protected <T> T around(StoreCall call, Supplier<T> work) {
            step(call.name());
            return work.get();
        }
    }

    private final class MortalRuntime extends ForwardingRuntime<CreateContainerCmd> {
        MortalRuntime() {
            super(docker);
        }

        @Override
        protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
            step(call.name());
            return work.call();
        }
    }
}
