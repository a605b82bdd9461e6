package dev.berth.torture;

import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.jdbc.JdbcSettings;
import dev.berth.jdbc.RemoteEngine;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StoreUnavailableException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A process that is a host application: threads that claim, one that provisions, one that sweeps. */
public final class Worker {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int CONNECTIONS = 6;
    private static final int HOSTER_PAUSE_MILLIS = 60;
    private static final int SWEEPER_PAUSE_MILLIS = 700;

    private final SkewedClock clock = new SkewedClock();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    private Worker() {}

    /**
     * Works until it is told to stop.
     *
     * @param arguments the database's URL, the worker's name, its seed, how many threads claim, how long they rest at most
     *     between calls in milliseconds, its history, the engine's port, the store's flaw
     */
    public static void main(String... arguments) throws Exception {
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("ready");
        if (commands.readLine() == null) {
            return;
        }
        var worker = new Worker();
        var seed = new Random(Long.parseLong(arguments[2]));
        try (var history = new HistoryFile(Path.of(arguments[5]));
                JdbcLedgerStore store = open(arguments[0])) {
            int port = Integer.parseInt(arguments[6]);
            ResourceLedger ledger = ResourceLedger.builder(
                            Flaw.valueOf(arguments[7]).on(store))
                    .clock(worker.clock)
                    .build();
            int pause = Integer.parseInt(arguments[4]);
            for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
                String tenant = arguments[1] + "-" + i;
                worker.repeat(
                        new Claimer(ledger, history, tenant, new Random(seed.nextLong())), pause, seed.nextLong());
            }
            worker.repeat(
                    new Hoster(ledger, new RemoteEngine(port, arguments[1]), history, new Random(seed.nextLong())),
                    HOSTER_PAUSE_MILLIS,
                    seed.nextLong());
            worker.repeat(
                    new Sweeper(ledger, new RemoteEngine(port, arguments[1]), history),
                    SWEEPER_PAUSE_MILLIS,
                    seed.nextLong());
            System.out.println("works");
            worker.obey(commands);
        }
    }

    /** The database may just be down. */
    private static JdbcLedgerStore open(String url) {
        while (true) {
            try {
                return JdbcLedgerStore.open(
                        url, JdbcSettings.defaults().patience(PATIENCE).poolSize(CONNECTIONS));
            } catch (StoreUnavailableException down) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    private void repeat(Runnable work, int pauseMillis, long seed) {
        var random = new Random(seed);
        var thread = new Thread(() -> {
            while (!stopped) {
                work.run();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(1 + 1_000 * pauseMillis)));
            }
        });
        threads.add(thread);
        thread.start();
    }

    private void obey(BufferedReader commands) throws Exception {
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ", 2);
            switch (words[0]) {
                case "skew" -> clock.jump(Duration.ofMillis(Long.parseLong(words[1])));
                case "sample" -> System.out.println(sample());
                default -> {
                    stopped = true;
                    for (Thread thread : threads) {
                        thread.join();
                    }
                    return;
                }
            }
        }
        // Whoever had started it is gone.
        Runtime.getRuntime().halt(1);
    }

    /** What it uses: heap after a collection in kB, threads, sockets, open files. */
    private static Sample sample() throws IOException {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1_024;
        int files = 0;
        int sockets = 0;
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path file : open.toList()) {
                files++;
                try {
                    sockets += Files.readSymbolicLink(file).toString().startsWith("socket:") ? 1 : 0;
                } catch (IOException closed) {
                    // It was the list itself.
                }
            }
        }
        return new Sample(heap, ManagementFactory.getThreadMXBean().getThreadCount(), sockets, files);
    }

    /** What a process uses. */
    record Sample(long heapKb, int threads, int sockets, int files) {
        @Override
        public String toString() {
            return "sample " + heapKb + " " + threads + " " + sockets + " " + files;
        }

        static Sample read(String line) {
            String[] words = line.split(" ", -1);
            return new Sample(
                    Long.parseLong(words[1]),
                    Integer.parseInt(words[2]),
                    Integer.parseInt(words[3]),
                    Integer.parseInt(words[4]));
        }
    }
}
