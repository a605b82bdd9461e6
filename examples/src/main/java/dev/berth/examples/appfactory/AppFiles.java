package dev.berth.examples.appfactory;

import dev.berth.BerthException;
import dev.berth.examples.cli.UsageException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.port.PortPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of one app that say what it was assigned.
 *
 * @param folder the app's folder
 */
record AppFiles(Path folder) {
    private static final String EXAMPLE = """
            # Copied to .env, with what stands in braces replaced.
            COMPOSE_PROJECT_NAME={{PROJECT_NAME}}
            PROJECT_NAME={{PROJECT_NAME}}
            BACKEND_PORT={{BACKEND_PORT}}
            FRONTEND_PORT={{FRONTEND_PORT}}
            """;
    private static final String COMPOSE = """
            services:
              backend:
                image: python:3-slim
                container_name: ${PROJECT_NAME:?is set in .env}_backend
                env_file: .env
                ports: ["${BACKEND_PORT:?is set in .env}:5000"]
              frontend:
                image: node:lts-slim
                container_name: ${PROJECT_NAME:?is set in .env}_frontend
                ports: ["${FRONTEND_PORT:?is set in .env}:5173"]
            """;

    static AppFiles of(Path folder) {
        return new AppFiles(folder);
    }

    private Path env() {
        return folder.resolve(".env");
    }

    Map<String, String> values() throws IOException {
        return Files.exists(env()) ? EnvFile.read(env()).values() : Map.of();
    }

    /** Writes what is missing. An {@code .env} that says something else stays, unless overwriting was asked for. */
    void write(Map<String, String> given, boolean overwrite) throws IOException {
        Files.createDirectories(folder);
        writeIfMissing(folder.resolve(".env.example"), EXAMPLE);
        writeIfMissing(folder.resolve("docker-compose.yml"), COMPOSE);
        EnvFile filled = EnvFile.read(folder.resolve(".env.example")).filled(given);
        if (Files.exists(env()) && !values().equals(filled.values())) {
            if (!overwrite) {
                throw new UsageException(env() + " is there and says something else: "
                        + String.join(", ", differences(values(), filled.values()))
                        + "; --overwrite replaces it and keeps the old one as .env.bak");
            }
            keep();
        }
        filled.replace(env());
    }

    /** Brings the assigned values into the {@code .env}, and leaves everything else in it; says what changed. */
    List<String> update(Map<String, String> assigned) throws IOException {
        Map<String, String> wanted = new LinkedHashMap<>(new TreeMap<>(assigned));
        Map<String, String> before = values();
        if (before.containsKey("COMPOSE_PROJECT_NAME")) {
            wanted.put("COMPOSE_PROJECT_NAME", assigned.get("PROJECT_NAME"));
        }
        List<String> changes = differences(before, wanted);
        if (!changes.isEmpty()) {
            EnvFile changed = (Files.exists(env()) ? EnvFile.read(env()) : EnvFile.of("")).with(wanted);
            if (Files.exists(env())) {
                keep();
            }
            changed.replace(env());
        }
        return changes;
    }

    private void keep() throws IOException {
        Files.copy(env(), folder.resolve(".env.bak"), StandardCopyOption.REPLACE_EXISTING);
    }

    /** What the {@code .env} says that the app has, if that can be claimed at all. */
    Optional<ClaimRequest> assigned(Owner owner) throws IOException {
        Map<String, String> values = values();
        Optional<Integer> backend = port(values.getOrDefault("BACKEND_PORT", ""));
        Optional<Integer> frontend = port(values.getOrDefault("FRONTEND_PORT", ""));
        if (backend.isEmpty() || frontend.isEmpty() || backend.equals(frontend)) {
            return Optional.empty();
        }
        var ports = ClaimRequest.by(owner)
                .fixed(
                        "ports",
                        Map.<String, Resource>of(
                                "backend", ResourceKind.TCP_PORT.in(PortPool.LOCALHOST, backend.get()),
                                "frontend", ResourceKind.TCP_PORT.in(PortPool.LOCALHOST, frontend.get())));
        try {
            return Optional.of(ports.fixed(
                    "project",
                    ResourceKind.COMPOSE_PROJECT.in(PortPool.LOCALHOST, values.getOrDefault("PROJECT_NAME", ""))));
        } catch (BerthException noProjectName) {
            return Optional.of(ports);
        }
    }

    static String state(Map<String, String> written, Map<String, String> assigned) {
        if (written.isEmpty()) {
            return "no .env";
        }
        return differences(written, assigned).isEmpty() ? "ok" : "differs from the ledger: fix";
    }

    static Optional<Integer> port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port >= 1 && port <= 65_535 ? Optional.of(port) : Optional.empty();
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    /** A port is used twice, whichever roles it has in the two apps (scenario 35). */
    static List<String> conflicts(Map<String, SortedMap<Integer, List<App>>> users) {
        SortedMap<Integer, List<String>> all = new TreeMap<>();
        SortedMap<Integer, String> roles = new TreeMap<>();
        users.forEach((key, ports) -> ports.forEach((port, apps) -> {
            roles.merge(
                    port, key.startsWith("BACKEND") ? "Backend" : "Frontend", (one, other) -> "Backend and frontend");
            apps.forEach(
                    app -> all.computeIfAbsent(port, none -> new ArrayList<>()).add(app.toString()));
        }));
        List<String> told = new ArrayList<>();
        all.forEach((port, apps) -> {
            if (apps.size() > 1) {
                apps.sort(null);
                told.add(roles.get(port) + " port " + port + " used by multiple apps: " + String.join(", ", apps));
            }
        });
        return told;
    }

    private static List<String> differences(Map<String, String> old, Map<String, String> wanted) {
        List<String> told = new ArrayList<>();
        wanted.forEach((key, value) -> {
            if (!value.equals(old.get(key))) {
                told.add(key + " " + old.getOrDefault(key, "-") + " -> " + value);
            }
        });
        return told;
    }

    private static void writeIfMissing(Path file, String text) throws IOException {
        if (Files.notExists(file)) {
            EnvFile.of(text).replace(file);
        }
    }
}
