package dev.berth.reaper;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Reads a policy from environment variables. In doubt it is a dry run. */
final class EnvironmentPolicy {
    private static final String ENABLED = "CLEANUP_ENABLED";
    private static final String RETENTION = "ERROR_RETENTION_HOURS";
    private static final String GHOSTS = "GHOST_CLEANUP_ENABLED";
    private static final String INTERVAL = "CLEANUP_INTERVAL_MINUTES";
    private static final String DRY_RUN = "CLEANUP_DRY_RUN";
    private static final Set<String> NAMES = Set.of(ENABLED, RETENTION, GHOSTS, INTERVAL, DRY_RUN);
    private static final Set<String> YES = Set.of("true", "1", "yes", "on", "y", "t");
    private static final Set<String> NO = Set.of("false", "0", "no", "off", "n", "f");
    /** So many wrong letters are still taken for a slip. */
    private static final int TYPOS = 2;

    private static final Pattern DIGITS = Pattern.compile("[+-]?[0-9]+");
    /** More than any bound, and far from what a duration can hold. */
    private static final long MOST = 1_000_000_000L;

    private final Map<String, String> environment;
    private final ReaperPolicy.Builder builder = ReaperPolicy.builder();
    private final List<String> warnings = new ArrayList<>();

    EnvironmentPolicy(Map<String, String> environment) {
        environment.keySet().forEach(name -> InvalidInputException.requireNonNull("name of a variable", name));
        this.environment = new TreeMap<>(environment);
    }

    ReaperPolicy read() {
        environment.keySet().stream()
                .filter(EnvironmentPolicy::isMisspelt)
                .forEach(name -> doubt(name + " is not known; there are "
                        + NAMES.stream().sorted().toList()
                        + ", and what is not meant for this library must be left out"));
        read(ENABLED, EnvironmentPolicy::yesOrNo, "yes or no", yes -> {
            if (!yes) {
                builder.disabled();
            }
        });
        read(GHOSTS, EnvironmentPolicy::yesOrNo, "yes or no", yes -> {
            if (!yes) {
                builder.keepingGhosts();
            }
        });
        read(DRY_RUN, EnvironmentPolicy::yesOrNo, "yes or no", yes -> {
            if (yes) {
                builder.dryRun();
            }
        });
        read(
                RETENTION,
                EnvironmentPolicy::number,
                "a whole number of hours",
                hours -> builder.errorRetention(Duration.ofHours(hours)));
        read(
                INTERVAL,
                EnvironmentPolicy::number,
                "a whole number of minutes",
                minutes -> builder.interval(Duration.ofMinutes(minutes)));
        return builder.build(warnings);
    }

    private static boolean isMisspelt(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return !NAMES.contains(name)
                && (upper.contains("CLEANUP")
                        || upper.contains("RETENTION")
                        || NAMES.stream().anyMatch(known -> distance(upper, known) <= TYPOS));
    }

    /** How many letters are to be put in, taken out or changed to make one of the other. */
    private static int distance(String one, String other) {
        if (Math.abs(one.length() - other.length()) > TYPOS) {
            return TYPOS + 1;
        }
        int[] row = IntStream.rangeClosed(0, other.length()).toArray();
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }

    private <T> void read(String name, Function<String, Optional<T>> reading, String allowed, Consumer<T> setting) {
        String given = environment.get(name);
        if (given != null) {
            reading.apply(given.strip())
                    .ifPresentOrElse(setting, () -> doubt(name + " is \"" + given + "\"; allowed is " + allowed));
        }
    }

    private void doubt(String why) {
        warnings.add(why + "; until then it is a dry run");
        builder.dryRun();
    }

    private static Optional<Boolean> yesOrNo(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return YES.contains(lower) ? Optional.of(true) : NO.contains(lower) ? Optional.of(false) : Optional.empty();
    }

    private static Optional<Long> number(String text) {
        if (!DIGITS.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Math.max(-MOST, Math.min(MOST, Long.parseLong(text))));
        } catch (NumberFormatException tooLong) {
            return Optional.empty();
        }
    }
}
