package dev.berth.examples.appfactory;

import dev.berth.examples.cli.Directories;
import dev.berth.examples.cli.Shell;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a day with the factory looks like, in a directory of its own. */
final class Tour {
    private static final List<String> MODELS = List.of(
            "anthropic_claude-4.5-haiku-20251001",
            "openai_gpt-5-mini-2025-08-07",
            "deepseek/deepseek-chat-v3-0324:free");

    private final PrintStream out;
    private final AppFactory factory;

    private Tour(PrintStream out, AppFactory factory) {
        this.out = out;
        this.factory = factory;
    }

    static int run(PrintStream out) throws IOException {
        Path apps = Files.createTempDirectory("berth-appfactory");
        try (var factory = AppFactory.open(apps, Optional.empty(), out)) {
            out.println("Files in a temporary directory, ledger in a file of SQLite.");
            return new Tour(out, factory).walk(apps);
        } finally {
            Directories.delete(apps);
        }
    }

    private int walk(Path apps) throws IOException {
        for (String model : MODELS) {
            type("allocate", model, "1");
            type("allocate", model, "2");
        }
        type("check");
        out.println("\nTwo apps from before come along, both with the ports of the first one.");
        for (App old : List.of(new App("old_model", 1), new App("old_model", 2))) {
            Files.createDirectories(old.folder(apps));
            EnvFile.of("PROJECT_NAME=app\nBACKEND_PORT=5001\nFRONTEND_PORT=8001\nSECRET='it stays'")
                    .replace(old.folder(apps).resolve(".env"));
        }
        int found = type("check");
        type("fix");
        int mended = type("check");
        out.println("\nOne app is deleted by hand.");
        Directories.delete(new App("old_model", 2).folder(apps));
        type("cleanup");
        type("release", MODELS.get(0), "2");
        type("list");
        boolean asPromised = found == 1 && mended == 0;
        out.println("\n"
                + (asPromised ? "Conflicts were found and mended; nobody else's ports moved." : "NOT AS PROMISED"));
        return asPromised ? 0 : 1;
    }

    private int type(String... command) throws IOException {
        return new Shell("appfactory", out, factory::command).show(command);
    }
}
