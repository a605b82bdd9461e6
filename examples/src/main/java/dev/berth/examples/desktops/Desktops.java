package dev.berth.examples.desktops;

import dev.berth.examples.cli.ExampleEngine;
import dev.berth.examples.cli.Shell;
import dev.berth.examples.cli.Site;
import dev.berth.examples.cli.TextTable;
import dev.berth.examples.cli.UsageException;
import dev.berth.examples.cli.Variables;
import dev.berth.examples.desktops.DesktopService.Second;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.IdleReport;
import dev.berth.runtime.Provisioned;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Browser desktops at a command line. */
public final class Desktops {
    static final String USAGE = """
            usage: desktops [COMMAND]                         without a command: a tour
              start USER TYPE SESSION [reuse|replace|reject]  a desktop; what a second login does, reuse if not said
              status USER TYPE | touch USER TYPE              how it is; somebody uses it
              stop USER TYPE | remove USER TYPE               keeps name, path and port; frees them
              list | stop-all | cleanup-stopped               of all users
              idle                                            stops what was not used for DESKTOPS_IDLE
              console                                         reads commands, line by line
            environment: BERTH_ENGINE (docker, the address of an engine, or fake), BERTH_DB (a JDBC URL; desktops.db),
              DESKTOPS_IMAGE and DESKTOPS_COMMAND (what runs), DESKTOPS_IDLE (PT6H)""";

    private final DesktopService<?> desktops;
    private final PrintStream out;

    Desktops(DesktopService<?> desktops, PrintStream out) {
        this.desktops = desktops;
        this.out = out;
    }

    /**
     * Runs one command, a console, or the tour.
     *
     * @param args see the usage that {@code help} prints
     */
    public static void main(String[] args) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.exit(run(List.of(args), System.getenv(), in, System.out));
    }

    static int run(List<String> args, Map<String, String> environment, BufferedReader in, PrintStream out)
            throws IOException {
        ExampleEngine<?> engine;
        Duration idle;
        try {
            idle = new Variables(environment).span("DESKTOPS_IDLE", Duration.ofHours(6));
            engine = ExampleEngine.of(environment, DesktopService.HOST);
            engine.requireLasting(args, USAGE);
        } catch (UsageException e) {
            out.println(e.getMessage());
            return 2;
        }
        try (var site = Site.open("desktops", engine, environment);
                var service = service(site.ledger(), engine, environment, idle)) {
            var shell = new Shell("desktops", out, new Desktops(service, out)::command);
            if (Shell.isCommand(args)) {
                return shell.run(args);
            }
            out.println(site);
            return args.isEmpty() ? tour(shell) : shell.console(in);
        }
    }

    private static <S> DesktopService<S> service(
            ResourceLedger ledger, ExampleEngine<S> engine, Map<String, String> environment, Duration idle) {
        String command = environment.getOrDefault("DESKTOPS_COMMAND", "");
        return new DesktopService<>(
                ledger,
                engine,
                environment.getOrDefault("DESKTOPS_IMAGE", "kasmweb/ubuntu-jammy-desktop:1.16.0"),
                command.isBlank() ? List.of() : List.of(command.split(" ")),
                idle);
    }

    int command(List<String> words) {
        switch (words.get(0) + "/" + words.size()) {
            case "start/4" -> start(words, Second.REUSE);
            case "start/5" -> start(words, Second.of(words.get(4)));
            case "status/3" -> table(List.of(existing(words)));
            case "touch/3" -> desktops.used(existing(words));
            case "stop/3" -> stop(existing(words));
            case "remove/3" -> remove(words);
            case "list/1" -> table(desktops.list());
            case "stop-all/1" -> stopAll();
            case "cleanup-stopped/1" -> cleanupStopped();
            case "idle/1" -> idle();
            default -> throw new UsageException(USAGE);
        }
        return 0;
    }

    private void start(List<String> words, Second second) {
        Provisioned desktop = desktops.start(words.get(1), words.get(2), words.get(3), second);
        out.println(desktop.claim().value("container") + " "
                + switch (desktop.origin()) {
                    case CREATED -> "was started";
                    default -> "is there (" + desktop.origin().name().toLowerCase(java.util.Locale.ROOT) + ")";
                }
                + ": http://localhost:" + desktop.port("http") + ", path "
                + desktop.claim().value("path"));
    }

    private Claim existing(List<String> words) {
        return find(words).orElseThrow(() -> new UsageException(words.get(1) + " has no " + words.get(2)));
    }

    private Optional<Claim> find(List<String> words) {
        return desktops.find(words.get(1), words.get(2));
    }

    private void stop(Claim claim) {
        desktops.stop(claim);
        out.println("stopped " + claim.value("container") + "; port " + claim.port("http") + " stays its own");
    }

    /** Removing what is not there succeeds (scenario 23). */
    private void remove(List<String> words) {
        find(words).ifPresent(desktops::remove);
        out.println(words.get(1) + " has no " + words.get(2) + " any more");
    }

    private void stopAll() {
        List<Claim> running = desktops.list().stream()
                .filter(claim -> claim.state() == ClaimState.ACTIVE)
                .toList();
        running.forEach(desktops::stop);
        out.println("{\"stopped_count\": " + running.size() + "}");
    }

    private void cleanupStopped() {
        List<Claim> stopped = new ArrayList<>();
        for (Claim claim : desktops.list()) {
            if (claim.state() == ClaimState.STOPPED
                    || desktops.seen(claim)
                            .filter(seen -> seen.state().isAtRest())
                            .isPresent()) {
                desktops.remove(claim);
                stopped.add(claim);
            }
        }
        out.println("{\"removed_count\": " + stopped.size() + "}");
    }

    private void idle() {
        IdleReport report = desktops.stopIdle();
        report.findings()
                .forEach(one -> out.println(one.claim().value("container") + ": " + one.fate() + ", " + one.reason()));
        out.println("{\"stopped_count\": " + report.count(IdleReport.Fate.STOPPED) + "}");
    }

    private void table(List<Claim> claims) {
        TextTable table = TextTable.of("USER", "TYPE", "STATE", "CONTAINER IS", "PORT", "PATH", "CONTAINER");
        for (Claim claim : claims) {
            table.add(
                    claim.owner().tenant(),
                    DesktopService.type(claim),
                    claim.state(),
                    desktops.seen(claim).map(seen -> seen.state().name()).orElse("-"),
                    claim.port("http"),
                    claim.value("path"),
                    claim.value("container"));
        }
        out.print(table);
    }

    private static int tour(Shell shell) throws IOException {
        int failed = shell.show("start", "anna", "ubuntu-vscode", "0815");
        failed += shell.show("start", "julian.kiedaisch", "ubuntu-vscode", "cfe02614-a");
        failed += shell.show("start", "julian-kiedaisch", "ubuntu-vscode", "cfe02614-b");
        failed += shell.show("start", "Müller, Jürgen", "Ubuntu Desktop (VS Code)", "0001");
        failed += shell.show("start", "julian.kiedaisch", "ubuntu-vscode", "another-login", "reuse");
        int refused = shell.show("start", "julian.kiedaisch", "ubuntu-vscode", "another-login", "reject");
        failed += shell.show("start", "julian.kiedaisch", "ubuntu-vscode", "another-login", "replace");
        failed += shell.show("list");
        failed += shell.show("stop", "julian.kiedaisch", "ubuntu-vscode");
        failed += shell.show("start", "julian.kiedaisch", "ubuntu-vscode", "the-day-after", "reject");
        failed += shell.show("idle");
        failed += shell.show("stop-all");
        failed += shell.show("list");
        failed += shell.show("cleanup-stopped");
        failed += shell.show("list");
        return failed == 0 && refused == 1 ? 0 : 1;
    }
}
