package dev.berth.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectVolumeResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Info;
import dev.berth.runtime.Fingerprint;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who an engine is. Docker has a lasting id; with another storage driver the same engine has other containers, so driver and
 * directory belong to it. Podman's id is made up at each call ({@code pkg/api/handlers/compat/info.go}), so there it is the
 * storage, and the beacon.
 *
 * <p>Podman takes long to tell of itself, for it asks the package manager each time (4.3, run). Its volumes are of the same
 * database as its containers, so a beacon that was seen before says that all is as it was. Docker's volumes outlive a change
 * of the storage driver, so it is asked each time.
 */
final class Identity {
    static final String VOLUME = "berth-beacon";
    static final String LABEL = "dev.berth.beacon";
    private static final String BEACON = "beacon";
    private static final Logger LOG = LoggerFactory.getLogger(Identity.class);

    private final DockerClient docker;
    private final Looking looking;
    private final Beacon policy;
    /** Of a Podman, with its beacon. */
    private volatile @Nullable Fingerprint known;

    Identity(DockerClient docker, Looking looking, Beacon policy) {
        this.docker = docker;
        this.looking = looking;
        this.policy = policy;
    }

    Fingerprint fingerprint() {
        Fingerprint before = known;
        if (before != null && beacon().equals(Optional.ofNullable(before.parts().get(BEACON)))) {
            return before;
        }
        Info info = looking.info();
        boolean podman = Looking.isPodman(info);
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("engine", podman ? "podman" : "docker");
        parts.put("driver", plain(info.getDriver()));
        parts.put("root", plain(info.getDockerRootDir()));
        if (!podman) {
            parts.put("id", plain(info.getId()));
        }
        boolean leaves = policy == Beacon.EVERYWHERE || (podman && policy == Beacon.WHERE_NEEDED);
        if (leaves) {
            parts.put(BEACON, beacon().orElseGet(this::leave));
        }
        var now = new Fingerprint(parts);
        known = podman && leaves ? now : null;
        return now;
    }

    private static String plain(@Nullable String told) {
        return told == null ? "" : told.replaceAll("\\p{Cntrl}", " ");
    }

    /** Why an empty listing would be believed; empty if nothing proves it. */
    Optional<String> proof() {
        return policy == Beacon.NOWHERE ? Optional.empty() : beacon().map(id -> "the beacon " + id + " was seen");
    }

    private Optional<String> beacon() {
        try {
            InspectVolumeResponse volume = docker.inspectVolumeCmd(VOLUME).exec();
            return Optional.ofNullable(volume.getLabels())
                    .map(labels -> labels.get(LABEL))
                    .filter(id -> !id.isEmpty())
                    .map(Identity::plain);
        } catch (NotFoundException none) {
            return Optional.empty();
        }
    }

    /** Of several that leave one at once the engine takes the first; what it has then is asked for. */
    private String leave() {
        docker.createVolumeCmd()
                .withName(VOLUME)
                .withLabels(Map.of(LABEL, UUID.randomUUID().toString()))
                .exec();
        String left = beacon().orElse("none");
        LOG.info("left the volume {} as a beacon, {}", VOLUME, left);
        return left;
    }
}
