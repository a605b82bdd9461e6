package dev.berth.reaper;

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
    /** More than any bound, and far from what a duration can hold. */
    private static final long MOST = 1_000_000_000L;

    private final Map<String, String> environment;
    private final ReaperPolicy.Builder builder = ReaperPolicy.builder();
    private final List<String> warnings = new ArrayList<>();

    EnvironmentPolicy(Map<String, String> environment) {
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
        return !NAMES.contains(name) && (upper.contains("CLEANUP_") || upper.contains("_RETENTION_"));
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
        try {
            return Optional.of(Math.max(-MOST, Math.min(MOST, Long.parseLong(text))));
        } catch (NumberFormatException notOne) {
            return Optional.empty();
        }
    }
}
