package dev.berth.jdbc;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Another process that works on a store's database. It says {@code ready} and waits for a line before it begins, so that many
 * begin at once.
 */
public final class OtherProcess implements AutoCloseable {
    private static final int MOST_GIVEN = 60;

    private final Process process;
    private final BufferedReader said;
    private final Path complaints;

    private OtherProcess(Process process, Path complaints) {
        this.process = process;
        this.complaints = complaints;
        said = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts a process that does one of the deeds below, and waits until it is ready. */
    static OtherProcess start(Path directory, String... arguments) throws IOException {
        return start(directory, OtherProcess.class, List.of(), arguments);
    }

    /**
     * Starts a process and waits until it is ready.
     *
     * @param directory where its files go
     * @param program what it runs; it says {@code ready}
     * @param options further options of its virtual machine
     * @param arguments what the program is told
     */
    public static OtherProcess start(Path directory, Class<?> program, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                // The driver unpacks its native library there; a killed process leaves it behind.
                "-Djava.io.tmpdir=" + Files.createTempDirectory(directory, "process"),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of(
                "-classpath",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                program.getName()));
        command.addAll(List.of(arguments));
        Path complaints = Files.createTempFile(directory, "process", ".err");
        var process = new OtherProcess(
                new ProcessBuilder(command)
                        .redirectError(Redirect.to(complaints.toFile()))
                        .start(),
                complaints);
        if (!"ready".equals(process.next())) {
            throw new IOException("the process did not start: " + process.complaints());
        }
        return process;
    }

    public void go() throws IOException {
        tell("go");
    }

    /** Says a line to it. */
    public void tell(String line) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).append(line).append('\n').flush();
    }

    /** The next line that it says, or null at the end. */
    public String next() throws IOException {
        return said.readLine();
    }

    /** All that it says from here to its end, which must be a good one. */
    public List<String> finish() throws IOException, InterruptedException {
        List<String> lines = rest();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError("the process failed: " + complaints());
        }
        return lines;
    }

    /** Kills it with SIGKILL and gives what it said until then. */
    public List<String> kill() throws IOException, InterruptedException {
        // Not by the process itself, which would close what it has said and nobody has read yet.
        process.toHandle().destroyForcibly();
        List<String> lines = rest();
        process.waitFor();
        return lines;
    }

    /** Sends it a signal, such as STOP and CONT. */
    public void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new AssertionError("kill -" + name + " ended with " + status);
        }
    }

    /** Waits for its end; says whether it came. */
    public boolean endsWithin(long time, TimeUnit unit) throws InterruptedException {
        return process.waitFor(time, unit);
    }

    private List<String> rest() {
        try {
            return said.lines().toList();
        } catch (UncheckedIOException closed) {
            return List.of();
        }
    }

    public String complaints() throws IOException {
        return Files.readString(complaints);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /**
     * What the process does.
     *
     * @param arguments the deed, the database's URL, and what the deed asks for
     */
    public static void main(String... arguments) throws Exception {
        System.out.println("ready");
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        if (arguments[0].equals("die")) {
            MortalCycle.run(arguments[1], arguments[2], Integer.parseInt(arguments[3]));
            return;
        }
        if (arguments[0].equals("sync")) {
            SyncProcess.run(arguments);
            return;
        }
        try (JdbcLedgerStore store = JdbcLedgerStore.open(arguments[1])) {
            switch (arguments[0]) {
                case "share" -> share(store, arguments[2], Long.parseLong(arguments[3]));
                case "churn" -> churn(store, arguments[2], Long.parseLong(arguments[3]));
                case "provision" ->
                    Provisioning.churn(
                            store, Integer.parseInt(arguments[2]), arguments[3], Long.parseLong(arguments[4]));
                case "provision-all" -> Provisioning.finish(store, Integer.parseInt(arguments[2]), arguments[3]);
                case "reap" ->
                    Reapers.run(store, Integer.parseInt(arguments[2]), arguments[3], Integer.parseInt(arguments[4]));
                case "open" -> System.out.println(store.identity().ledger());
                case "stream" -> stream(store, arguments[2]);
                case "allocate" ->
                    Allocation.run(store, arguments[2], Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]))
                            .forEach(System.out::println);
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    /** Takes ports until there are no more, gives some back meanwhile, and says which it has at the end. */
    private static void share(JdbcLedgerStore store, String tenant, long seed) {
        var random = new Random(seed);
        var ledger = ResourceLedger.on(store);
        List<Claim> held = new ArrayList<>();
        int given = 0;
        for (int i = 0; ; i++) {
            ClaimOutcome outcome = ledger.tryClaim(ProcessesTest.request(Owner.of(tenant, "app-" + i)));
            if (!(outcome instanceof ClaimOutcome.Granted granted)) {
                break;
            }
            held.add(granted.claim());
            if (given < MOST_GIVEN && random.nextInt(3) == 0) {
                given++;
                if (!ledger.release(held.remove(random.nextInt(held.size())).token())) {
                    throw new AssertionError("somebody else has released it");
                }
            }
        }
        for (Claim claim : held) {
            System.out.println(claim.part("pool").values().iterator().next().value() + " " + claim.id());
        }
    }

    /** Claims and releases until there is a line to read, and says so: before a release, and after a claim. */
    private static void churn(JdbcLedgerStore store, String tenant, long seed) throws IOException {
        var random = new Random(seed);
        var ledger = ResourceLedger.on(store);
        List<Claim> held = new ArrayList<>();
        for (int i = 0; System.in.available() == 0; i++) {
            if (held.size() < 8) {
                Claim claim = ledger.claim(ProcessesTest.request(Owner.of(tenant, "app-" + i)));
                held.add(claim);
                System.out.println("claimed " + claim.id());
            } else {
                Claim claim = held.remove(random.nextInt(held.size()));
                System.out.println("releases " + claim.id());
                ledger.release(claim.token());
            }
        }
    }

    /** Claims without end, and says the id of each claim once it was granted. */
    private static void stream(JdbcLedgerStore store, String tenant) {
        for (int i = 0; ; i++) {
            UUID id = new UUID(i, tenant.hashCode());
            CommitResult result = SqliteStores.commit(
                    store,
                    SqliteStores.reservation(
                            id,
                            Owner.of(tenant, "app-" + i),
                            ResourceKind.COMPOSE_PROJECT.in(SqliteStores.NODE, tenant + "-" + i),
                            ResourceKind.PROXY_PATH.in(SqliteStores.NODE, "/" + tenant + "/" + i)));
            if (!(result instanceof CommitResult.Done)) {
                throw new AssertionError(result);
            }
            System.out.println(id);
            if (System.out.checkError()) {
                return;
            }
        }
    }
}
