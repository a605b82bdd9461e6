package dev.berth.examples;

import dev.berth.examples.appfactory.AppFactory;
import dev.berth.examples.desktops.Desktops;
import dev.berth.examples.homelab.Homelab;
import dev.berth.examples.inventory.Inventory;
import dev.berth.examples.previews.Previews;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Starts the quick start or one of the example applications. */
public final class Examples {
    private static final String USAGE = """
            usage: EXAMPLE [COMMAND]
              quickstart    two processes, one ledger
              desktops      browser desktops, one per user and type
              homelab       apps in containers of a Proxmox VE cluster, behind an API
              inventory     a scanner's cache, kept in step with a shared database
              previews      dev servers in containers, one per app
              appfactory    generated apps, a pair of ports and a compose project each
            Each says what it can do with the command help.""";

    private Examples() {}

    /**
     * Runs what the first argument names.
     *
     * @param args the example, and what it is to be given
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        // Names are not ASCII; a system without a locale would print question marks.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        String[] given = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        switch (args.length == 0 ? "" : args[0]) {
            case "quickstart" -> QuickStart.main(given);
            case "desktops" -> Desktops.main(given);
            case "homelab" -> Homelab.main(given);
            case "inventory" -> Inventory.main(given);
            case "previews" -> Previews.main(given);
            case "appfactory" -> AppFactory.main(given);
            default -> {
                System.err.println(USAGE);
                System.exit(2);
            }
        }
    }
}
