package dev.berth.examples.inventory;

import dev.berth.examples.cli.Json;
import dev.berth.examples.cli.Shell;
import dev.berth.examples.cli.TextTable;
import dev.berth.examples.cli.UsageException;
import dev.berth.examples.cli.Variables;
import dev.berth.sync.BackgroundSync;
import dev.berth.sync.Divergence;
import dev.berth.sync.LostRow;
import dev.berth.sync.SyncReport;
import dev.berth.sync.Unsent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An inventory of domains at a command line. */
public final class Inventory {
    static final String USAGE = """
            usage: inventory [COMMAND]       without a command: a tour in a directory of its own
              scan DOMAIN...                 writes what the scanner finds to the cache; the scanner makes it up
              note DOMAIN TEXT               says something about a domain
              delete DOMAIN...               with all that belongs to it
              list                           what the cache has
              sync | force                   now; force compares every row anew
              watch                          every INVENTORY_INTERVAL, until a line or the end is typed
              status                         as JSON; asks the cache only
              verify                         what differs between cache and share; exits with 1 if anything does
              lost                           rows that lost a conflict, whole
              clear | clear give-up          empties the cache; what the share has not got yet is kept, or given up
              console                        reads commands, line by line
            environment: INVENTORY_CACHE (a file; inventory.db), INVENTORY_SHARE (a JDBC URL of SQLite, PostgreSQL, MariaDB
              or MySQL; jdbc:sqlite:share.db), INVENTORY_INTERVAL (PT1M; PT10S or more)""";

    private final InventoryService inventory;
    private final Duration interval;
    private final BufferedReader in;
    private final PrintStream out;

    Inventory(InventoryService inventory, Duration interval, BufferedReader in, PrintStream out) {
        this.inventory = inventory;
        this.interval = interval;
        this.in = in;
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
        if (args.isEmpty()) {
            return Tour.run(out);
        }
        String cache = environment.getOrDefault("INVENTORY_CACHE", "inventory.db");
        String share = environment.getOrDefault("INVENTORY_SHARE", "jdbc:sqlite:share.db");
        Duration interval;
        try {
            interval = interval(environment);
        } catch (UsageException wrong) {
            out.println(wrong.getMessage());
            return 2;
        }
        try (var service = new InventoryService("jdbc:sqlite:" + cache, share, Clock.systemUTC(), out::println)) {
            var shell = new Shell("inventory", out, new Inventory(service, interval, in, out)::command);
            if (Shell.isCommand(args)) {
                return shell.run(args);
            }
            out.println("Cache: the file " + cache + ". Share: "
                    + (environment.containsKey("INVENTORY_SHARE")
                            ? "the database of INVENTORY_SHARE"
                            : "the file share.db; INVENTORY_SHARE takes another database")
                    + ".");
            return shell.console(in);
        } catch (SQLException failed) {
            out.println("the cache " + cache + " cannot be opened: " + failed.getMessage());
            return 1;
        }
    }

    private static Duration interval(Map<String, String> environment) {
        Duration interval = new Variables(environment).span("INVENTORY_INTERVAL", Duration.ofMinutes(1));
        if (interval.compareTo(BackgroundSync.SHORTEST) < 0) {
            throw new UsageException("INVENTORY_INTERVAL is \"" + interval + "\"; it has to be PT10S or more");
        }
        return interval;
    }

    int command(List<String> words) throws IOException {
        try {
            return carryOut(words);
        } catch (SQLException failed) {
            out.println("the cache refused it: " + failed.getMessage());
            return 1;
        }
    }

    private int carryOut(List<String> words) throws IOException, SQLException {
        List<String> given = words.subList(1, words.size());
        switch (words.get(0) + "/" + Math.min(given.size(), 2)) {
            case "scan/1", "scan/2" -> {
                for (String domain : given) {
                    inventory.cache().store(Finding.madeUp(domain));
                }
                out.println(given.size() + " scanned");
            }
            case "note/2" -> {
                if (!inventory.cache().note(given.get(0), given.get(1))) {
                    throw new UsageException("there is no domain " + given.get(0) + ": scan it first");
                }
            }
            case "delete/1", "delete/2" -> out.println(inventory.cache().delete(given) + " deleted");
            case "list/0" -> out.print(inventory.cache().list());
            case "sync/0" -> {
                return inventory.sync("user").status() == SyncReport.Status.SUCCESS ? 0 : 1;
            }
            case "force/0" -> {
                return inventory.force("force").status() == SyncReport.Status.SUCCESS ? 0 : 1;
            }
            case "watch/0" -> watch();
            case "status/0" -> out.println(Json.of(inventory.status()));
            case "verify/0" -> {
                return verify();
            }
            case "lost/0" -> lost();
            case "clear/0" -> out.println(inventory.clear(Unsent.KEEP) + " rows removed from the cache");
            case "clear/1" -> {
                if (!given.get(0).equals("give-up")) {
                    throw new UsageException(USAGE);
                }
                out.println(inventory.clear(Unsent.GIVE_UP) + " rows removed from the cache");
            }
            default -> throw new UsageException(USAGE);
        }
        return 0;
    }

    private void watch() throws IOException {
        try (BackgroundSync schedule = inventory.everySo(interval)) {
            out.println("every " + interval + ", until a line is typed");
            in.readLine();
            schedule.stop();
        }
    }

    private int verify() {
        List<Divergence> differing = inventory.verify();
        differing.forEach(one -> out.println(one.table() + " " + one.key() + ": " + one.kind()));
        out.println(differing.isEmpty() ? "cache and share are the same" : differing.size() + " rows differ");
        return differing.isEmpty() ? 0 : 1;
    }

    private void lost() {
        var table = TextTable.of("table", "was in", "row");
        for (LostRow row : inventory.lost()) {
            table.add(
                    row.table(),
                    row.side() == LostRow.Side.LOCAL ? "the cache" : "the share",
                    row.row().entrySet().stream()
                            .filter(one -> one.getValue() != null)
                            .map(Object::toString)
                            .collect(Collectors.joining(", ")));
        }
        out.print(table);
    }
}
