package dev.berth.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at containers, one or all. A listing lacks ports: Docker's those of containers that do not run, Podman's (before
 * 5.6) all but the first of neighbouring ones. So what a container is configured to open is asked for container by container,
 * once: it never changes as long as the id does not.
 */
final class Looking {
    private static final Logger LOG = LoggerFactory.getLogger(Looking.class);

    private final DockerClient docker;
    private final Map<String, List<Publication>> configured = new ConcurrentHashMap<>();
    private volatile @Nullable Boolean podman;

    Looking(DockerClient docker) {
        this.docker = docker;
    }

    /**
     * What was seen of a container.
     *
     * @param sighting what was seen
     * @param image the id of its image
     */
    record Seen(Sighting sighting, Optional<String> image) {}

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
        }
    }

    /** Lists all containers, whatever their state; no filter of an engine's. */
    List<Instance> list() {
        List<Container> listed = docker.listContainersCmd().withShowAll(true).exec();
        List<Instance> all = new ArrayList<>(listed.size());
        Set<String> ids = new HashSet<>();
        boolean collapses = isPodman();
        for (Container one : listed) {
            ids.add(one.getId());
            all.add(instance(one, collapses));
        }
        configured.keySet().retainAll(ids);
        return all;
    }

    private Instance instance(Container listed, boolean collapses) {
        boolean lives = Instances.state(listed.getState()).isLiving();
        List<Publication> told = Publications.of(listed.getPorts());
        if (lives && (!collapses || told.isEmpty())) {
            return Instances.of(listed, told, told);
        }
        List<Publication> known = configured.get(listed.getId());
        if (known == null) {
            known = ask(listed.getId());
        }
        List<Publication> opens = known == null ? told : known;
        return Instances.of(listed, lives ? opens : List.of(), opens);
    }

    private @Nullable List<Publication> ask(String id) {
        try {
            InspectContainerResponse answer = docker.inspectContainerCmd(id).exec();
            List<Publication> opens = Instances.configured(answer);
            configured.put(id, opens);
            return opens;
        } catch (DockerException gone) {
            // It was listed a moment ago, and that is all there is to say of it.
            LOG.debug("ports of {}: {}", id, Faults.detail(gone));
            return null;
        }
    }

    boolean isPodman() {
        Boolean known = podman;
        return known == null ? isPodman(info()) : known;
    }

    /** Only Podman says with which Buildah it builds ({@code pkg/api/handlers/compat/info.go}; 4.3, run). */
    static boolean isPodman(Info info) {
        return info.getRawValues().containsKey("BuildahVersion");
    }

    /** Asks anew who answers. */
    Info info() {
        Info info = docker.infoCmd().exec();
        podman = isPodman(info);
        return info;
    }

    /** The labels that an image hands down; empty if it is not there any more. */
    Map<String, String> labelsOfImage(String id) {
        try {
            InspectImageResponse answer = docker.inspectImageCmd(id).exec();
            Map<String, String> labels =
                    answer.getConfig() == null ? null : answer.getConfig().getLabels();
            return labels == null ? Map.of() : labels;
        } catch (NotFoundException gone) {
            return Map.of();
        } catch (DockerException failure) {
            throw failure;
        } catch (RuntimeException unreadable) {
            // Ranges of exposed ports are more than docker-java can read (issue 2663); a listing of images has none.
            LOG.debug("image {}: {}", id, Faults.line(unreadable));
            return docker.listImagesCmd().withShowAll(true).exec().stream()
                    .filter(image -> id.equals(image.getId()))
                    .findFirst()
                    .map(image -> image.getLabels() == null ? Map.<String, String>of() : image.getLabels())
                    .orElse(Map.of());
        }
    }

    InstanceState stateOf(String id) {
        return see(id).sighting().seen().map(Instance::state).orElse(InstanceState.UNKNOWN);
    }
}
