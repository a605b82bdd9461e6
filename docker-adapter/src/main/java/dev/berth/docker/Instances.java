package dev.berth.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.model.Container;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Containers as engines tell them, as instances. Any part may be missing. */
final class Instances {
    private static final Pattern FULL_ID = Pattern.compile("[0-9a-f]{64}");

    private Instances() {}

    /** Engines take a name, or the beginning of an id, for an id as well. */
    static boolean isFullId(String id) {
        return FULL_ID.matcher(id).matches();
    }

    /** From a listing, with what is known already of the ports that it opens when it runs. */
    static Instance of(Container listed, List<Publication> open, List<Publication> configured) {
        Map<String, String> labels = labels(listed.getLabels());
        InstanceState state = state(listed.getState());
        Optional<Instant> created = Optional.ofNullable(listed.getCreated()).map(Instant::ofEpochSecond);
        return new Instance(
                listed.getId(),
                names(listed.getNames()),
                state,
                labels,
                Mark.of(labels),
                open,
                configured,
                created,
                state == InstanceState.CREATED ? created : Optional.empty(),
                Owners.of(labels));
    }

    static Instance of(InspectContainerResponse inspected) {
        Map<String, String> labels = labels(
                inspected.getConfig() == null ? null : inspected.getConfig().getLabels());
        InstanceState state = state(inspected);
        return new Instance(
                inspected.getId(),
                names(inspected.getName()),
                state,
                labels,
                Mark.of(labels),
                state.isLiving() ? open(inspected) : List.of(),
                configured(inspected),
                time(inspected.getCreated()),
                since(state, inspected),
                Owners.of(labels));
    }

    /**
     * Engines tell the last start and the last end, and the year 1 for what never was. When one was paused, or began to be
     * removed, they do not tell.
     */
    private static Optional<Instant> since(InstanceState state, InspectContainerResponse inspected) {
        ContainerState told = inspected.getState();
        return switch (state) {
            case CREATED -> time(inspected.getCreated());
            case RUNNING -> time(told == null ? null : told.getStartedAt());
            case STOPPED -> time(told == null ? null : told.getFinishedAt());
            default -> Optional.empty();
        };
    }

    private static List<Publication> open(InspectContainerResponse inspected) {
        return Publications.of(
                inspected.getNetworkSettings() == null
                        ? null
                        : inspected.getNetworkSettings().getPorts());
    }

    static List<Publication> configured(InspectContainerResponse inspected) {
        return Publications.of(
                inspected.getHostConfig() == null
                        ? null
                        : inspected.getHostConfig().getPortBindings());
    }

    /** Without the leading slash; one with another slash is an alias that another container's link has made. */
    private static List<String> names(String @Nullable ... names) {
        return names == null
                ? List.of()
                : Arrays.stream(names)
                        .filter(Objects::nonNull)
                        .map(name -> name.startsWith("/") ? name.substring(1) : name)
                        .filter(name -> !name.isEmpty() && name.indexOf('/') < 0)
                        .distinct()
                        .toList();
    }

    private static Map<String, String> labels(@Nullable Map<String, String> told) {
        Map<String, String> labels = new LinkedHashMap<>();
        if (told != null) {
            told.forEach((key, value) -> {
                if (key != null) {
                    labels.put(key, value == null ? "" : value);
                }
            });
        }
        return labels;
    }

    private static InstanceState state(InspectContainerResponse inspected) {
        ContainerState state = inspected.getState();
        if (state == null) {
            return InstanceState.UNKNOWN;
        }
        return Boolean.TRUE.equals(state.getDead()) ? InstanceState.BROKEN : state(state.getStatus());
    }

    /** Docker's words, and those that only Podman says: configured, initialized, stopping, stopped. */
    static InstanceState state(@Nullable String told) {
        return switch (told == null ? "" : told.toLowerCase(Locale.ROOT)) {
            case "created", "configured" -> InstanceState.CREATED;
            case "initialized", "restarting" -> InstanceState.STARTING;
            case "running" -> InstanceState.RUNNING;
            case "paused" -> InstanceState.PAUSED;
            case "stopping" -> InstanceState.STOPPING;
            case "exited", "stopped" -> InstanceState.STOPPED;
            case "removing" -> InstanceState.REMOVING;
            case "dead" -> InstanceState.BROKEN;
            default -> InstanceState.UNKNOWN;
        };
    }

    private static Optional<Instant> time(@Nullable String told) {
        if (told == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(told).toInstant()).filter(time -> time.isAfter(Instant.EPOCH));
        } catch (DateTimeException unreadable) {
            return Optional.empty();
        }
    }
}
