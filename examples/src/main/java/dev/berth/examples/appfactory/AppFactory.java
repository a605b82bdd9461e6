package dev.berth.examples.appfactory;

import dev.berth.examples.cli.Shell;
import dev.berth.examples.cli.TextTable;
import dev.berth.examples.cli.UsageException;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ImportReport;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.name.NameGenerator;
import dev.berth.name.NameRule;
import dev.berth.port.PortPool;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A factory of generated apps. Each gets a pair of ports, backend from 5001 and frontend from 8001, and the name of its
 * compose project; both are written to the {@code .env} that its {@code docker-compose.yml} reads. What is assigned is in
 * the ledger; files are copies of it.
 */
public final class AppFactory implements AutoCloseable {
    static final String USAGE = """
            usage: appfactory [COMMAND]             without a command: a tour in a directory of its own
              allocate MODEL NUMBER [--set NAME=VALUE]... [--overwrite]
                                                    ports, a project name, and the files of an app
              list                                  what is assigned
              check                                 the table of allocations; exits with 1 on a conflict
              fix                                   brings apps that are there already into the ledger, mends conflicts
              cleanup                               frees what apps had whose folder is gone
              release MODEL NUMBER                  frees what one app has
            environment: APPFACTORY_APPS, the apps' directory (apps); BERTH_DB, a JDBC URL (a file of SQLite in there)""";

    private static final PortPool PAIRS = PortPool.named("ports")
            .role("backend", 5001)
            .role("frontend", 8001)
            .step(2)
            .slots(1_500)
            .build();
    private static final NameGenerator PROJECTS =
            NameGenerator.of(NameRule.COMPOSE_PROJECT).leavingRoomFor("_backend", "_frontend");

    private final Path apps;
    private final ResourceLedger ledger;
    private final PrintStream out;

    private AppFactory(Path apps, ResourceLedger ledger, PrintStream out) {
        this.apps = apps;
        this.ledger = ledger;
        this.out = out;
    }

    static AppFactory open(Path apps, Optional<String> url, PrintStream out) throws IOException {
        Files.createDirectories(apps);
        var store = JdbcLedgerStore.open(url.orElse("jdbc:sqlite:" + apps.resolve("berth.db")));
        return new AppFactory(apps, ResourceLedger.on(store), out);
    }

    /**
     * Runs one command, or the tour.
     *
     * @param args see the usage that {@code help} prints
     */
    public static void main(String[] args) throws IOException {
        System.exit(run(List.of(args), System.getenv(), System.out));
    }

    static int run(List<String> args, Map<String, String> environment, PrintStream out) throws IOException {
        if (args.isEmpty()) {
            return Tour.run(out);
        }
        Path apps = Path.of(environment.getOrDefault("APPFACTORY_APPS", "apps"));
        try (var factory = open(apps, Optional.ofNullable(environment.get("BERTH_DB")), out)) {
            return new Shell("appfactory", out, factory::command).run(args);
        }
    }

    int command(List<String> args) throws IOException {
        switch (args.get(0) + "/" + args.size()) {
            case "list/1" -> list();
            case "check/1" -> {
                return check();
            }
            case "fix/1" -> fix();
            case "cleanup/1" -> cleanup();
            case "release/3" -> release(App.of(args.get(1), args.get(2)));
            default -> {
                if (!args.get(0).equals("allocate") || args.size() < 3) {
                    throw new UsageException(USAGE);
                }
                allocate(App.of(args.get(1), args.get(2)), args.subList(3, args.size()));
            }
        }
        return 0;
    }

    private static ClaimRequest request(App app) {
        return ClaimRequest.by(app.owner())
                .in(PortPool.LOCALHOST)
                .name("project", ResourceKind.COMPOSE_PROJECT, PROJECTS, app.model(), "app" + app.number())
                .choose("ports", PAIRS);
    }

    /** Asking again gives the same (scenario 26), also after the process died between the claim and the files. */
    private void allocate(App app, List<String> options) throws IOException {
        Map<String, String> values = new HashMap<>();
        boolean overwrite = options.contains("--overwrite");
        for (int at = 0; at < options.size(); at++) {
            String option = options.get(at);
            if (option.equals("--set")
                    && at + 1 < options.size()
                    && options.get(at + 1).indexOf('=') > 0) {
                String[] pair = options.get(++at).split("=", 2);
                values.put(pair[0], pair[1]);
            } else if (!option.equals("--overwrite")) {
                throw new UsageException("unknown option " + option + "\n" + USAGE);
            }
        }
        boolean known = ledger.find(app.owner()).isPresent();
        Claim claim = ledger.claim(request(app));
        try {
            values.putAll(assigned(claim));
            AppFiles.of(app.folder(apps)).write(values, overwrite);
        } catch (UsageException e) {
            if (!known) {
                ledger.release(claim);
            }
            throw e;
        }
        out.println(app + ": " + claim.value("project") + ", backend " + claim.port("backend") + ", frontend "
                + claim.port("frontend") + (known ? " (as before)" : ""));
    }

    private static Map<String, String> assigned(Claim claim) {
        return Map.of(
                "PROJECT_NAME", claim.value("project"),
                "BACKEND_PORT", Integer.toString(claim.port("backend")),
                "FRONTEND_PORT", Integer.toString(claim.port("frontend")));
    }

    private SortedMap<App, Claim> claims() {
        SortedMap<App, Claim> found = new TreeMap<>();
        try (Stream<Claim> claims = ledger.claims(ClaimQuery.all())) {
            claims.forEach(claim -> App.of(claim.owner()).ifPresent(app -> found.put(app, claim)));
        }
        return found;
    }

    private void list() {
        SortedMap<App, Claim> claims = claims();
        TextTable table = TextTable.of("APP", "PROJECT", "BACKEND", "FRONTEND");
        claims.forEach(
                (app, claim) -> table.add(app, claim.value("project"), claim.port("backend"), claim.port("frontend")));
        out.print(table);
        out.println("Total allocations: " + claims.size());
    }

    /** Lays the ledger beside the files: they are what compose starts from, whoever has written them. */
    private int check() throws IOException {
        SortedMap<App, Claim> claims = claims();
        SortedMap<App, Map<String, String>> written = new TreeMap<>();
        claims.keySet().forEach(app -> written.put(app, Map.of()));
        for (App app : App.in(apps)) {
            written.put(app, AppFiles.of(app.folder(apps)).values());
        }
        TextTable table = TextTable.of("APP", "PROJECT", "BACKEND", "FRONTEND", "FILE");
        Map<String, SortedMap<Integer, List<App>>> users = new TreeMap<>();
        written.forEach((app, values) -> {
            Map<String, String> shown = new HashMap<>(values);
            Optional<Claim> claim = Optional.ofNullable(claims.get(app));
            claim.ifPresent(held -> assigned(held).forEach(shown::putIfAbsent));
            table.add(
                    app,
                    shown.getOrDefault("PROJECT_NAME", "-"),
                    shown.getOrDefault("BACKEND_PORT", "-"),
                    shown.getOrDefault("FRONTEND_PORT", "-"),
                    claim.isEmpty() ? "not in the ledger: fix" : AppFiles.state(values, assigned(claim.get())));
            shown.forEach((key, value) -> AppFiles.port(value)
                    .filter(port -> key.endsWith("_PORT"))
                    .ifPresent(port -> users.computeIfAbsent(key, none -> new TreeMap<>())
                            .computeIfAbsent(port, none -> new ArrayList<>())
                            .add(app)));
        });
        out.print(table);
        out.println("Total allocations: " + written.size());
        List<String> conflicts = AppFiles.conflicts(users);
        conflicts.forEach(out::println);
        if (conflicts.isEmpty()) {
            out.println("No port conflicts detected");
        }
        return conflicts.isEmpty() ? 0 : 1;
    }

    /** Who has ports in a file keeps them if nobody else does; the others get new ones (scenarios 34 and 36). */
    private void fix() throws IOException {
        List<App> there = App.in(apps);
        List<ClaimRequest> requests = new ArrayList<>();
        for (App app : there) {
            AppFiles.of(app.folder(apps)).assigned(app.owner()).ifPresent(requests::add);
        }
        ImportReport imported = ledger.importAll(requests);
        out.println("imported: " + imported);
        for (Refusal refusal : imported.refused()) {
            out.println("  " + refusal);
        }
        int mended = 0;
        for (App app : there) {
            Claim claim = ledger.claim(request(app));
            List<String> changed = AppFiles.of(app.folder(apps)).update(assigned(claim));
            if (!changed.isEmpty()) {
                out.println("  " + app + ": " + String.join(", ", changed));
                mended++;
            }
        }
        out.println("Fixed " + mended + " of " + there.size() + " apps");
    }

    private void cleanup() {
        int freed = 0;
        for (Map.Entry<App, Claim> entry : claims().entrySet()) {
            if (Files.notExists(entry.getKey().folder(apps)) && ledger.release(entry.getValue())) {
                out.println(
                        "  freed " + entry.getKey() + ": " + entry.getValue().value("project") + ", "
                                + entry.getValue().port("backend") + " and "
                                + entry.getValue().port("frontend"));
                freed++;
            }
        }
        out.println("Cleaned up " + freed + " allocations");
    }

    /** The files stay; the {@code .env} is put aside, so that nobody starts the app on ports that are another's now. */
    private void release(App app) throws IOException {
        Optional<Claim> claim = ledger.find(app.owner());
        if (claim.isEmpty()) {
            out.println(app + " has nothing");
            return;
        }
        Path env = app.folder(apps).resolve(".env");
        if (Files.exists(env)) {
            Files.move(env, env.resolveSibling(".env.released"), StandardCopyOption.REPLACE_EXISTING);
        }
        ledger.release(claim.get());
        out.println("released " + app);
    }

    @Override
    public void close() {
        ledger.close();
    }
}
