package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Callers in several processes ({@link ClaimProcess}) that share a database, each with its part of callers and connections. */
final class ClaimProcesses implements Callers {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String name;
    private final String url;
    private final List<Child> children = new ArrayList<>();
    private final Map<String, Long> errors = new TreeMap<>();
    private final List<NaiveSlot> held = new ArrayList<>();
    private boolean isEnded;

    private record Child(Process process, DataInputStream says) {
        void tell(String line) throws IOException {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        }
    }

    private interface Step {
        void of(Child child) throws IOException;
    }

    private ClaimProcesses(String name, String url) {
        this.name = name;
        this.url = url;
    }

    /** Starts the processes, and returns when each holds its part of the slots. */
    static ClaimProcesses start(Cell cell, String name, String url) throws SQLException {
        // The tables are made once, before several could try.
        Contenders.open(name, cell, url, 0).orElseThrow().close();
        var processes = new ClaimProcesses(name, url);
        try {
            for (int i = 0; i < cell.processes(); i++) {
                processes.children.add(child(cell, name, url, i));
            }
            processes.each(child -> child.says().readBoolean());
        } catch (IOException | RuntimeException e) {
            processes.close();
            throw new IllegalStateException("a process of " + name + " did not start; it has said why", e);
        }
        return processes;
    }

    private static Child child(Cell cell, String name, String url, int number) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClaimProcess.class.getName(),
                        cell.name(),
                        name,
                        url,
                        Integer.toString(number))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new Child(process, new DataInputStream(new BufferedInputStream(process.getInputStream())));
    }

    private void each(Step step) throws IOException {
        for (Child child : children) {
            step.of(child);
        }
    }

    @Override
    public Slice slice(Duration length, QuietGate gate, Server server) {
        long foreign = gate.foreignMicros();
        long serverTime = server.cpuMicros();
        long begin = System.nanoTime();
        List<Slice> parts = new ArrayList<>();
        try {
            each(child -> child.tell(Long.toString(length.toMillis())));
            each(child -> parts.add(Slice.read(child.says())));
        } catch (IOException e) {
            throw new UncheckedIOException("a process of " + name + " has ended; it has said why", e);
        }
        long others = gate.foreignMicros()
                - foreign
                - parts.stream().mapToLong(Slice::clientMicros).sum();
        return Slice.together(
                parts, server.cpuMicros() - serverTime, QuietGate.share(others, System.nanoTime() - begin));
    }

    /** Lets the processes tell what they hold, and end. */
    private void end() {
        if (isEnded) {
            return;
        }
        isEnded = true;
        try {
            each(child -> child.tell(""));
            each(child -> {
                for (int left = child.says().readInt(); left > 0; left--) {
                    errors.merge(child.says().readUTF(), child.says().readLong(), Long::sum);
                }
                for (int left = child.says().readInt(); left > 0; left--) {
                    int slot = child.says().readInt();
                    held.add(new NaiveSlot(slot, slot));
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("a process of " + name + " has ended; it has said why", e);
        }
    }

    /** Ends the processes: they know only then. */
    @Override
    public Map<String, Long> errors() {
        end();
        return Map.copyOf(errors);
    }

    @Override
    public List<String> check() throws SQLException {
        end();
        try (HikariDataSource pool = Engine.pool(url, 1)) {
            return NaiveSlot.check(held, Rows.count(pool, "select count(*) from " + Contenders.table(name)));
        }
    }

    @Override
    public double stretch() {
        end();
        return name.equals(Cell.LIMIT) ? Double.NaN : NaiveSlot.stretch(held);
    }

    /** Those that have been told to end do; the others are ended. */
    @Override
    public void close() {
        for (Child child : children) {
            try {
                if (!isEnded || !child.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    child.process().destroyForcibly();
                }
                child.process().onExit().join();
            } catch (InterruptedException e) {
                child.process().destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
