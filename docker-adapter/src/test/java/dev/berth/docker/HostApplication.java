package dev.berth.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.berth.BerthException;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
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
 * An application that provisions and sweeps on an engine with a ledger in a file, in a process of its own. It does what it is
 * told, line by line, and says what came of it. Told where to die, it says {@code dying} there, and neither it nor any of its
 * threads reaches store or engine any more: it waits to be killed. Told where to halt, it says {@code halting} there and stops
 * itself, with all its threads, until somebody sends it SIGCONT.
 */
final class HostApplication {
    /** The call that is any call. */
    static final String ANY = "ANY";
    /** All that is missing may go in one sweep, if as much again is there. */
    static final ReaperPolicy POLICY = ReaperPolicy.builder().ratio(50).build();

    private static final Duration SOON = Duration.ofMillis(20);

    private final LedgerStore store;
    private final DockerRuntime docker;
    private final Provisioner<CreateContainerCmd> provisioner;
    private final ResourceLedger ledger;
    private final PortPool pool;
    private String fatal = "";
    private int left;
    private int calls;
    private boolean halting;
    private boolean dead;

    private HostApplication(LedgerStore store, DockerRuntime docker, PortPool pool) {
        this.store = store;
        this.docker = docker;
        this.pool = pool;
        this.ledger = ResourceLedger.on(new MortalStore());
        this.provisioner = Provisioner.of(ledger, new MortalRuntime())
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
            case "die", "halt" -> endAt(words[0].equals("halt"), words[1], Integer.parseInt(words[2]));
            case "reap" -> reap(Integer.parseInt(words[1]));
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

    /** So many sweeps, not counting those for which somebody else was too early; each says what it did, and after which call. */
    private void reap(int sweeps) throws InterruptedException {
        try (GhostReaper reaper = GhostReaper.builder(ledger, new MortalRuntime())
                .policy(POLICY)
                .callingOn(Runnable::run)
                .build()) {
            for (int done = 0; done < sweeps; ) {
                ReapReport report = reaper.run();
                if (report.outcome() == ReapReport.Outcome.SKIPPED) {
                    Thread.sleep(SOON.toMillis());
                    continue;
                }
                done++;
                System.out.println(report.outcome() + " " + report.ghostsRemoved() + " " + calls() + " "
                        + report.detail().replaceAll("\\s+", " "));
            }
        }
        System.out.println("reaped");
    }

    private synchronized int calls() {
        return calls;
    }

    private synchronized void endAt(boolean halts, String call, int before) {
        halting = halts;
        fatal = call;
        left = before;
    }

    private void step(String call) {
        synchronized (this) {
            calls++;
            if (!dead && (fatal.equals(ANY) || fatal.equals(call)) && left-- == 0) {
                dead = !halting;
                System.out.println((halting ? "halting" : "dying") + " before " + call);
                if (halting) {
                    halt();
                }
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

    private static void halt() {
        try {
            new ProcessBuilder(
                            "kill",
                            "-STOP",
                            Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
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
