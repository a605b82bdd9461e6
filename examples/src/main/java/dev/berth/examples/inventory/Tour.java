package dev.berth.examples.inventory;

import dev.berth.examples.cli.Directories;
import dev.berth.examples.cli.Shell;
import dev.berth.sync.BackgroundSync;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;

/** Two scanners, each with a cache of its own, and a share that is not always there. */
final class Tour {
    private final PrintStream out;

    private Tour(PrintStream out) {
        this.out = out;
    }

    static int run(PrintStream out) throws IOException {
        Path directory = Files.createTempDirectory("berth-inventory");
        out.println(
                "Caches and share: files of SQLite in a temporary directory; INVENTORY_SHARE takes another database.");
        try {
            return new Tour(out).walk(directory);
        } catch (SQLException failed) {
            throw new IOException("a file of the tour cannot be used", failed);
        } finally {
            Directories.delete(directory);
        }
    }

    private int walk(Path directory) throws IOException, SQLException {
        // The share is mounted here, later.
        Path mount = directory.resolve("mnt");
        try (var office = open(directory, mount, "office");
                var lab = open(directory, mount, "lab")) {
            Shell atOffice = shell("office", office);
            Shell atLab = shell("lab", lab);
            out.println("\nThe share is not there. Both write all the same, and give their rows the same ids.");
            int failed = atOffice.show("scan", "example.org", "example.net");
            failed += atLab.show("scan", "example.com", "example.org");
            int offline = atOffice.show("sync");
            failed += atOffice.show("status");
            out.println("\nIt is mounted.");
            Files.createDirectory(mount);
            failed += atOffice.show("sync");
            failed += atLab.show("sync");
            failed += atOffice.show("sync");
            out.println("\nBoth say something about one domain. The newer wins, and the other is kept.");
            failed += atOffice.show("note", "example.org", "ours since 2019");
            failed += atLab.show("note", "example.org", "sold, says the registrar");
            failed += atLab.show("sync");
            failed += atOffice.show("sync");
            failed += atOffice.show("lost");
            failed += atOffice.show("delete", "example.net");
            failed += atOffice.show("sync");
            failed += atLab.show("sync");
            failed += atLab.show("list");
            failed += atLab.show("verify");
            failed += atOffice.show("verify");
            boolean same =
                    offline == 1 && office.cache().list().equals(lab.cache().list());
            out.println(
                    "\n" + (failed == 0 && same ? "Both have the same rows, and none is lost." : "NOT AS PROMISED"));
            return failed == 0 && same ? 0 : 1;
        }
    }

    private InventoryService open(Path directory, Path mount, String name) throws SQLException {
        return new InventoryService(
                "jdbc:sqlite:" + directory.resolve(name + ".db"),
                "jdbc:sqlite:" + mount.resolve("share.db"),
                Clock.systemUTC(),
                out::println);
    }

    private Shell shell(String name, InventoryService service) {
        var nobody = new BufferedReader(Reader.nullReader());
        return new Shell(name, out, new Inventory(service, BackgroundSync.SHORTEST, nobody, out)::command);
    }
}
