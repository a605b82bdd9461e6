package dev.berth.examples.appfactory;

import dev.berth.examples.cli.UsageException;
import dev.berth.ledger.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One generated app: the model that wrote it, and its number.
 *
 * @param model the model's name as its provider writes it, slashes and colons included
 * @param number from 1
 */
record App(String model, int number) implements Comparable<App> {
    private static final String TENANT = "generated";
    private static final Pattern OWNER = Pattern.compile("(.+)/app(\\d+)");
    private static final Pattern FOLDER = Pattern.compile("app(\\d+)");

    static App of(String model, String number) {
        try {
            int read = Integer.parseInt(number);
            if (read > 0 && !model.isBlank()) {
                return new App(model, read);
            }
        } catch (NumberFormatException notANumber) {
            // Told below.
        }
        throw new UsageException("\"" + model + "\" \"" + number + "\" is no app; give a model and a number from 1");
    }

    /** Exact, so that app 1 is never taken for app 10 (scenario 12). */
    Owner owner() {
        return Owner.of(TENANT, model + "/app" + number);
    }

    static Optional<App> of(Owner owner) {
        Matcher found = OWNER.matcher(owner.name());
        return owner.tenant().equals(TENANT) && found.matches()
                ? Optional.of(new App(found.group(1), Integer.parseInt(found.group(2))))
                : Optional.empty();
    }

    /** Where the app lives. What a folder cannot be called is escaped, so no two models share one. */
    Path folder(Path apps) {
        return apps.resolve(URLEncoder.encode(model, StandardCharsets.UTF_8)).resolve("app" + number);
    }

    /** All apps whose folders are there, in order. */
    static List<App> in(Path apps) throws IOException {
        if (!Files.isDirectory(apps)) {
            return List.of();
        }
        try (Stream<Path> models = Files.list(apps)) {
            return models.filter(Files::isDirectory)
                    .flatMap(App::ofModel)
                    .sorted()
                    .toList();
        }
    }

    private static Stream<App> ofModel(Path folder) {
        String model = URLDecoder.decode(folder.getFileName().toString(), StandardCharsets.UTF_8);
        try (Stream<Path> apps = Files.list(folder)) {
            return apps
                    .filter(Files::isDirectory)
                    .map(app -> FOLDER.matcher(app.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(named -> new App(model, Integer.parseInt(named.group(1))))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int compareTo(App other) {
        return Comparator.comparing(App::model).thenComparingInt(App::number).compare(this, other);
    }

    @Override
    public String toString() {
        return model + "/app" + number;
    }
}
