package dev.berth.torture;

import dev.berth.jdbc.Database;
import dev.berth.jdbc.FaultProxy;
import dev.berth.jdbc.OtherProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A place where one worker after the other lives, and its way to the database. */
final class Slot implements AutoCloseable {
    private final String name;
    private final Plan plan;
    private final Path directory;
    private final int port;
    private final Random random;
    private final Database database;
    private final Optional<FaultProxy> proxy;
    private final Map<String, Path> histories = new HashMap<>();
    private final Map<String, Long> deaths = new HashMap<>();
    private OtherProcess process;
    private String living = "";
    private boolean paused;

    Slot(String name, Plan plan, Path directory, int port, Database way, boolean remote, Random random)
            throws IOException {
        this.name = name;
        this.plan = plan;
        this.directory = directory;
        this.port = port;
        this.random = random;
        proxy = remote ? Optional.of(FaultProxy.to(way)) : Optional.empty();
        database = proxy.map(FaultProxy::database).map(Slot::patient).orElse(way);
        start();
    }

    /** With a driver that does not wait for ever for a server that says nothing. */
    private static Database patient(Database way) {
        return way.with("user", way.user())
                .with("password", way.password())
                .with("socketTimeout", way.isPostgres() ? "4" : "4000");
    }

    private void start() throws IOException {
        living = name + "." + histories.size();
        Path history = directory.resolve(living + ".history");
        process = OtherProcess.start(
                directory,
                Worker.class,
                List.of("-Xmx128m"),
                database.url(),
                name,
                Long.toString(random.nextLong()),
                Integer.toString(plan.claimers()),
                Long.toString(plan.pause().toMillis()),
                history.toString(),
                Integer.toString(port),
                plan.flaw().name());
        // Only now is it sure to be there to be read.
        histories.put(living, history);
        process.go();
    }

    /** Kills the worker, and lets another take its place. */
    void replace() throws IOException, InterruptedException {
        process.kill();
        deaths.put(living, System.nanoTime());
        paused = false;
        start();
    }

    void pause() throws IOException, InterruptedException {
        process.signal("STOP");
        paused = true;
    }

    void wake() throws IOException, InterruptedException {
        if (paused) {
            process.signal("CONT");
            paused = false;
        }
    }

    boolean isPaused() {
        return paused;
    }

    Optional<FaultProxy> proxy() {
        return proxy;
    }

    void jump(long millis) throws IOException {
        process.tell("skew " + millis);
    }

    Worker.Sample sample() throws IOException {
        process.tell("sample");
        String line;
        do {
            line = process.next();
            if (line == null) {
                throw new IllegalStateException(living + " has ended by itself: " + process.complaints());
            }
        } while (!line.startsWith("sample "));
        return Worker.Sample.read(line);
    }

    /** Ends the worker in peace. */
    void tellToStop() throws IOException {
        process.tell("stop");
    }

    void awaitEnd() throws IOException, InterruptedException {
        process.finish();
    }

    /** The histories of all that have lived here. */
    Map<String, Path> histories() {
        return histories;
    }

    Map<String, Long> deaths() {
        return deaths;
    }

    @Override
    public void close() throws IOException {
        process.close();
        if (proxy.isPresent()) {
            proxy.get().close();
        }
    }

    static List<Worker.Sample> samples(List<Slot> slots) throws IOException {
        List<Worker.Sample> samples = new ArrayList<>();
        for (Slot slot : slots) {
            if (!slot.isPaused()) {
                samples.add(slot.sample());
            }
        }
        return samples;
    }
}
