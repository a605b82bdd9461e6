package dev.berth.benchmarks;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import dev.berth.docker.DockerRuntime;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Very many containers, created and never started, listed by a process with 64 MB of memory. */
final class DockerListing {
    static final List<String> HEAD =
            List.of("containers listed, 64 MB", "number", "first listing, ms", "next, ms", "live heap, MB");
    private static final int THREADS = 4;

    private DockerListing() {}

    static List<List<String>> measure(DockerReport.Engine engine, DockerRuntime runtime, int many) throws Exception {
        Queue<String> made = new ConcurrentLinkedQueue<>();
        try {
            all(many, number -> {
                made.add(create(runtime.docker(), number));
            });
            return List.of(listed(engine, many));
        } finally {
            all(
                    made.size(),
                    number -> runtime.docker()
                            .removeContainerCmd(made.remove())
                            .withForce(true)
                            .exec());
        }
    }

    /** One of many like things to do. */
    private interface Deed {
        void run(int number) throws Exception;
    }

    private static void all(int many, Deed deed) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> deeds = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                int number = i;
                deeds.add(() -> {
                    deed.run(number);
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(deeds)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static String create(DockerClient docker, int number) {
        return docker.createContainerCmd(DockerReport.IMAGE)
                .withCmd("/bin/sleep", "36000")
                .withExposedPorts(ExposedPort.tcp(80))
                .withHostConfig(
                        HostConfig.newHostConfig().withPortBindings(PortBinding.parse(26_000 + number % 6_000 + ":80")))
                .exec()
                .getId();
    }

    private static List<String> listed(DockerReport.Engine engine, int many) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Lister.class.getName(),
                        engine.address().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int status = child.waitFor();
        List<String> words = List.of(said.split(" ", -1));
        if (status != 0 || words.size() != 4) {
            return List.of(engine.word() + ": FAILED", said, "status " + status, "", "");
        }
        return List.of(
                engine.word(),
                String.format(Locale.ROOT, "%,d of %,d", Long.parseLong(words.get(0)), many),
                words.get(1),
                words.get(2),
                words.get(3));
    }

    /** The process that lists. */
    public static final class Lister {
        private static final double MEGABYTE = 1 << 20;

        private Lister() {}

        /**
         * Lists twice, and says how many there were, how long each listing took, and how much memory the last one holds.
         *
         * @param args where the engine listens
         */
        public static void main(String[] args) {
            try (DockerRuntime runtime = new DockerReport.Engine("", URI.create(args[0])).connect()) {
                long begun = System.nanoTime();
                runtime.inventory();
                long first = System.nanoTime() - begun;
                begun = System.nanoTime();
                var listing = runtime.inventory();
                long next = System.nanoTime() - begun;
                System.gc();
                Runtime memory = Runtime.getRuntime();
                double live = (memory.totalMemory() - memory.freeMemory()) / MEGABYTE;
                // Only now, so that the listing was in use until here.
                int number = listing.instances().size();
                System.out.printf(Locale.ROOT, "%d %d %d %.1f%n", number, first / 1_000_000, next / 1_000_000, live);
            }
        }
    }
}
