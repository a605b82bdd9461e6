package dev.berth.examples.previews;

import dev.berth.examples.cli.ExampleEngine;
import dev.berth.examples.cli.Json;
import dev.berth.examples.cli.Shell;
import dev.berth.examples.cli.Site;
import dev.berth.examples.cli.UsageException;
import dev.berth.examples.cli.Variables;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.IdleReport;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Recovery;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Previews at a command line. */
public final class Previews {
    static final String USAGE = """
            usage: previews [COMMAND]     without a command: a tour
              start APP | touch APP       a preview of app 57; somebody looks at it
              stop APP | remove APP       keeps the port; frees it
              containers | ports | stats  as JSON
              idle                        stops what nobody looked at for PREVIEWS_IDLE
              recover                     takes up the containers dyad-app-* that are there
              console                     reads commands, line by line
            environment: BERTH_ENGINE (docker, the address of an engine, or fake), BERTH_DB (a JDBC URL; previews.db),
              PREVIEWS_IMAGE and PREVIEWS_COMMAND (what runs), PREVIEWS_IDLE (PT15M)""";

    private final PreviewService<?> previews;
    private final PrintStream out;

    Previews(PreviewService<?> previews, PrintStream out) {
        this.previews = previews;
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
            idle = new Variables(environment).span("PREVIEWS_IDLE", Duration.ofMinutes(15));
            engine = ExampleEngine.of(environment, PreviewService.HOST);
            engine.requireLasting(args, USAGE);
        } catch (UsageException e) {
            out.println(e.getMessage());
            return 2;
        }
        try (var site = Site.open("previews", engine, environment);
                var service = service(site.ledger(), engine, environment, idle)) {
            service.recover();
            var shell = new Shell("previews", out, new Previews(service, out)::command);
            if (Shell.isCommand(args)) {
                return shell.run(args);
            }
            out.println(site);
            return args.isEmpty() ? tour(shell) : shell.console(in);
        }
    }

    private static <S> PreviewService<S> service(
            ResourceLedger ledger, ExampleEngine<S> engine, Map<String, String> environment, Duration idle) {
        String command = environment.getOrDefault("PREVIEWS_COMMAND", "npm run dev");
        return new PreviewService<>(
                ledger,
                engine,
                environment.getOrDefault("PREVIEWS_IMAGE", "node:lts-slim"),
                command.isBlank() ? List.of() : List.of(command.split(" ")),
                idle);
    }

    int command(List<String> words) {
        switch (words.get(0) + "/" + words.size()) {
            case "start/2" -> start(words.get(1));
            case "touch/2" -> previews.used(words.get(1));
            case "stop/2" ->
                out.println(
                        previews.stop(words.get(1)) ? "stopped; its port stays its own" : "there is nothing to stop");
            case "remove/2" ->
                out.println(previews.remove(words.get(1)) ? "removed; its port is free" : "there is nothing to remove");
            case "containers/1" -> out.println(Json.of(previews.containers()));
            case "ports/1" -> out.println(Json.of(previews.ports()));
            case "stats/1" -> out.println(Json.of(previews.statistics()));
            case "idle/1" -> idle();
            case "recover/1" -> recover();
            default -> throw new UsageException(USAGE);
        }
        return 0;
    }

    private void start(String app) {
        Provisioned preview = previews.start(app, warning -> out.println("warning: " + warning));
        out.println(preview.instance().name() + ": http://localhost:" + preview.port(PreviewService.PORTS.name()) + " ("
                + preview.origin().name().toLowerCase(java.util.Locale.ROOT) + ")");
    }

    private void idle() {
        IdleReport report = previews.stopIdle();
        report.findings()
                .forEach(one -> out.println(one.claim().owner().name() + ": " + one.fate() + ", " + one.reason()));
        out.println(report.count(IdleReport.Fate.STOPPED) + " stopped");
    }

    private void recover() {
        Recovery found = previews.recover();
        found.unclaimed().forEach(one -> out.println(one.instance() + ": " + one.reason()));
        out.println(found.claimed().size() + " taken up, " + found.unchanged().size() + " known, "
                + found.unclaimed().size() + " not to be had, "
                + found.ignored().size() + " of others");
    }

    private static int tour(Shell shell) throws IOException {
        int failed = shell.show("start", "56");
        failed += shell.show("start", "57");
        failed += shell.show("start", "58");
        failed += shell.show("start", "57");
        failed += shell.show("stop", "57");
        failed += shell.show("containers");
        failed += shell.show("start", "57");
        failed += shell.show("remove", "56");
        failed += shell.show("start", "59");
        failed += shell.show("ports");
        failed += shell.show("stats");
        failed += shell.show("idle");
        failed += shell.show("recover");
        return failed == 0 ? 0 : 1;
    }
}
