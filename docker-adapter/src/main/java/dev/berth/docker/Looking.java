package dev.berth.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Info;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Sighting;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at containers, one or all. A listing lacks ports: Docker's those of containers that do not run, Podman's (before
 * 5.6) all but the first of neighbouring ones. So what a container is configured to open is asked for container by container,
 * once: it never changes as long as the id does not.
 *
 * <p>Engines tell of single containers what docker-java cannot read: exposed ranges of ports (docker-java issue 2663),
 * capabilities in lower case (issue 2365). A listing has none of that, so what it tells of such a container is taken then.
 */
final class Looking {
    private static final Logger LOG = LoggerFactory.getLogger(Looking.class);
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?:\\D.*)?");
    private static final Configured NOT_KNOWN = new Configured(List.of(), false);

    private final DockerClient docker;
    private final Map<String, Configured> configured = new ConcurrentHashMap<>();
    private volatile @Nullable Kind kind;

    Looking(DockerClient docker) {
        this.docker = docker;
    }

    /**
     * What an engine is.
     *
     * @param collapses whether its listings tell only the first of neighbouring ports
     */
    private record Kind(boolean podman, boolean collapses) {}

    /**
     * What a container opens when it runs.
     *
     * @param known whether that could be found out
     */
    private record Configured(List<Publication> ports, boolean known) {}

    /**
     * What was seen of a container.
     *
     * @param sighting what was seen
     * @param image the id of its image
     */
    record Seen(Sighting sighting, Optional<String> image) {}

    /**
     * All containers.
     *
     * @param doubtful names of those that may have more ports open than are told
     */
    record Listing(List<Instance> all, List<String> doubtful) {}

    /** Looks at one container. */
    Seen see(String id) {
        if (!Instances.isFullId(id)) {
            return new Seen(
                    new Sighting.Unknown("\"" + id + "\" is no full id, and engines would take it for a name, or for"
                            + " the beginning of an id"),
                    Optional.empty());
        }
        try {
            InspectContainerResponse answer = docker.inspectContainerCmd(id).exec();
            Sighting sighting = id.equals(answer.getId())
                    ? new Sighting.Present(Instances.of(answer))
                    : new Sighting.Unknown("asked for " + id + ", the engine told of " + answer.getId());
            return new Seen(sighting, Optional.ofNullable(answer.getImageId()));
        } catch (DockerException answer) {
            Sighting sighting = Faults.isAbsence(answer, id)
                    ? new Sighting.Absent(Faults.detail(answer))
                    : new Sighting.Unknown(Faults.detail(answer));
            return new Seen(sighting, Optional.empty());
        } catch (RuntimeException failure) {
            Faults.requireUnreadable(failure);
            return listed(id)
                    .map(one -> new Seen(new Sighting.Present(instance(one)), Optional.ofNullable(one.getImageId())))
                    .orElseGet(() -> new Seen(
                            new Sighting.Unknown("the engine told of it what cannot be read, and does not list it: "
                                    + Faults.line(failure)),
                            Optional.empty()));
        }
    }

    private static Instance instance(Container listed) {
        List<Publication> told = Publications.of(listed.getPorts());
        return Instances.of(listed, Instances.state(listed.getState()).isLiving() ? told : List.of(), told);
    }

    /** What a listing tells of one container. That it tells nothing proves nothing. */
    Optional<Container> listed(String id) {
        return docker.listContainersCmd().withShowAll(true).withIdFilter(List.of(id)).exec().stream()
                .filter(one -> id.equals(one.getId()))
                .findFirst();
    }

    /** Lists all containers, whatever their state; no filter of an engine's. */
    Listing list() {
        List<Container> listed = docker.listContainersCmd().withShowAll(true).exec();
        List<Instance> all = new ArrayList<>(listed.size());
        List<String> doubtful = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        boolean collapses = kind().collapses();
        for (Container one : listed) {
            ids.add(one.getId());
            all.add(instance(one, collapses, doubtful));
        }
        configured.keySet().retainAll(ids);
        return new Listing(all, doubtful);
    }

    private Instance instance(Container listed, boolean collapses, List<String> doubtful) {
        boolean lives = Instances.state(listed.getState()).isLiving();
        List<Publication> told = Publications.of(listed.getPorts());
        if (lives && (!collapses || told.isEmpty())) {
            return Instances.of(listed, told, told);
        }
        Configured known = configured.get(listed.getId());
        if (known == null) {
            known = ask(listed.getId());
        }
        List<Publication> opens = known.known() ? known.ports() : told;
        Instance instance = Instances.of(listed, lives ? opens : List.of(), opens);
        if (lives && !known.known()) {
            doubtful.add(instance.name());
        }
        return instance;
    }

    private Configured ask(String id) {
        try {
            InspectContainerResponse answer = docker.inspectContainerCmd(id).exec();
            var opens = new Configured(Instances.configured(answer), true);
            configured.put(id, opens);
            return opens;
        } catch (DockerException gone) {
            // It was listed a moment ago, and that is all there is to say of it.
            LOG.debug("ports of {}: {}", id, Faults.detail(gone));
            return NOT_KNOWN;
        } catch (RuntimeException failure) {
            Faults.requireUnreadable(failure);
            LOG.info("what is told of {} cannot be read, so its listing is all there is: {}", id, Faults.line(failure));
            configured.put(id, NOT_KNOWN);
            return NOT_KNOWN;
        }
    }

    boolean isPodman() {
        return kind().podman();
    }

    /** Whether the one that answered last was a Docker Engine; nothing is asked. */
    boolean isKnownDocker() {
        Kind known = kind;
        return known != null && !known.podman();
    }

    private Kind kind() {
        Kind known = kind;
        return known == null ? kind(info()) : known;
    }

    private static Kind kind(Info info) {
        boolean podman = isPodman(info);
        return new Kind(podman, podman && !isFrom56(info.getServerVersion()));
    }

    /** Podman 5.6 and newer lists each port (src; 5.8, run). */
    private static boolean isFrom56(@Nullable String version) {
        Matcher numbers = VERSION.matcher(version == null ? "" : version);
        if (!numbers.matches()) {
            return false;
        }
        int major = Integer.parseInt(numbers.group(1));
        return major > 5 || (major == 5 && Integer.parseInt(numbers.group(2)) >= 6);
    }

    /** Only Podman says with which Buildah it builds ({@code pkg/api/handlers/compat/info.go}; 4.3, run). */
    static boolean isPodman(Info info) {
        return info.getRawValues().containsKey("BuildahVersion");
    }

    /** Asks anew who answers. */
    Info info() {
        Info info = docker.infoCmd().exec();
        kind = kind(info);
        return info;
    }

    /**
     * The labels that an image hands down; empty if the engine itself says that it has no such image any more. Where it cannot
     * tell of the image, a listing of all images does.
     */
    Map<String, String> labelsOfImage(String id) {
        try {
            InspectImageResponse answer = docker.inspectImageCmd(id).exec();
            Map<String, String> labels =
                    answer.getConfig() == null ? null : answer.getConfig().getLabels();
            return labels == null ? Map.of() : labels;
        } catch (DockerException failure) {
            if (Faults.isNoImage(failure)) {
                return Map.of();
            }
            return labelsOfListed(id, failure);
        } catch (RuntimeException failure) {
            Faults.requireUnreadable(failure);
            return labelsOfListed(id, failure);
        }
    }

    private Map<String, String> labelsOfListed(String id, RuntimeException why) {
        LOG.debug("image {}: {}", id, Faults.line(why));
        return docker.listImagesCmd().withShowAll(true).exec().stream()
                .filter(image -> id.equals(image.getId()))
                .findFirst()
                .map(image -> image.getLabels() == null ? Map.<String, String>of() : image.getLabels())
                .orElseThrow(() -> why);
    }

    InstanceState stateOf(String id) {
        return see(id).sighting().seen().map(Instance::state).orElse(InstanceState.UNKNOWN);
    }
}
