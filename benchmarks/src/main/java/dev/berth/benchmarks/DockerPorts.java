package dev.berth.benchmarks;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import dev.berth.docker.DockerPortProbe;
import dev.berth.docker.DockerRuntime;
import dev.berth.port.Port;
import dev.berth.port.PortSighting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which ports of a pool are busy: one listing for all of them, beside a process of the command line for each. */
record DockerPorts(List<List<String>> rows, List<String> ratios) {
    static final List<String> HEAD = List.of("which of 101 ports are busy", "busy", "ms", "to one listing");
    private static final int FIRST = 25_000;
    private static final int COUNT = 101;
    private static final int BUSY = 10;
    private static final int MOST_ROUNDS = 5;
    private static final double NANOS_PER_MILLI = 1e6;

    static DockerPorts measure(DockerReport.Engine engine, DockerRuntime runtime, int rounds) throws Exception {
        List<String> running = new ArrayList<>();
        Set<Port> pool = new LinkedHashSet<>();
        for (int i = 0; i < COUNT; i++) {
            pool.add(Port.tcp(FIRST + i));
        }
        List<Double> listing = new ArrayList<>();
        List<Double> processes = new ArrayList<>();
        int seen = 0;
        int told = 0;
        try (var probe = DockerPortProbe.on(runtime)) {
            for (int i = 0; i < BUSY; i++) {
                running.add(start(runtime.docker(), FIRST + i * 10));
            }
            probe.probe(DockerReport.NODE, pool);
            for (int round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
                long begun = System.nanoTime();
                Map<Port, PortSighting> sightings = probe.probe(DockerReport.NODE, pool);
                listing.add((System.nanoTime() - begun) / NANOS_PER_MILLI);
                seen = (int) sightings.values().stream()
                        .filter(PortSighting.Busy.class::isInstance)
                        .count();
                begun = System.nanoTime();
                told = 0;
                for (Port port : pool) {
                    told += isTold(engine, port.number()) ? 1 : 0;
                }
                processes.add((System.nanoTime() - begun) / NANOS_PER_MILLI);
            }
        } finally {
            for (String id : running) {
                runtime.docker().removeContainerCmd(id).withForce(true).exec();
            }
        }
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < listing.size(); i++) {
            ratios.add(processes.get(i) / listing.get(i));
        }
        Quartiles ratio = quartiles(ratios);
        return new DockerPorts(
                List.of(
                        List.of(
                                engine.word() + ": one listing (DockerPortProbe)",
                                Integer.toString(seen),
                                millis(listing),
                                ""),
                        List.of(
                                engine.word() + ": a process for each ("
                                        + command(engine, FIRST).get(0) + " ps)",
                                Integer.toString(told),
                                millis(processes),
                                ratio.inWords())),
                List.of(Target.ratio(engine.word() + "-ports-processes-to-listing", ratio.median())));
    }

    private static Quartiles quartiles(List<Double> figures) {
        return Quartiles.of(figures.stream().mapToDouble(Double::doubleValue));
    }

    private static String millis(List<Double> figures) {
        return String.format(Locale.ROOT, "%.1f", quartiles(figures).median());
    }

    private static String start(DockerClient docker, int port) {
        String id = docker.createContainerCmd(DockerReport.IMAGE)
                .withCmd("/bin/sleep", "36000")
                .withExposedPorts(ExposedPort.tcp(80))
                .withHostConfig(HostConfig.newHostConfig().withPortBindings(PortBinding.parse(port + ":80")))
                .exec()
                .getId();
        docker.startContainerCmd(id).exec();
        return id;
    }

    /** Podman has no filter for it: its ports are printed, and looked through. */
    private static List<String> command(DockerReport.Engine engine, int port) {
        String address = engine.address().toString();
        return engine.word().equals("podman")
                ? List.of("podman", "--url", address, "ps", "--format", "{{.Ports}}")
                : List.of("docker", "-H", address, "ps", "-q", "--filter", "publish=" + port);
    }

    private static boolean isTold(DockerReport.Engine engine, int port) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(engine, port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command(engine, port)) + " failed");
        }
        return engine.word().equals("podman") ? told.contains(":" + port + "->") : !told.isBlank();
    }
}
