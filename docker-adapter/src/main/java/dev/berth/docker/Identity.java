package dev.berth.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectVolumeResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.Network;
import dev.berth.runtime.Fingerprint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who an engine is. Docker has a lasting id, which is not of its data: before 24 it is in {@code /etc/docker/key.json}. So the
 * storage driver and the directory belong to it, and the id of the network {@code none}, which is made once per directory:
 * where the directory is empty, because what should be mounted there is not, it is another. Podman's id is made up at each
 * call ({@code pkg/api/handlers/compat/info.go}), so there it is the storage, and the beacon.
 *
 * <p>Engines take long to tell of themselves: Docker runs its helpers to ask for their versions, Podman asks the package
 * manager (20.10 and 4.3, run). So what has changed whenever the engine may have is asked for instead. Podman's volumes are of
 * the same database as its containers, so a beacon that was seen before says that all is as it was. Docker makes the network
 * {@code bridge} anew whenever it starts ({@code initBridgeDriver}), unless it has found living containers, which takes
 * live-restore.
 */
final class Identity {
    static final String VOLUME = "berth-beacon";
    static final String LABEL = "dev.berth.beacon";
    private static final String BEACON = "beacon";
    private static final int ROUNDS = 3;
    private static final Logger LOG = LoggerFactory.getLogger(Identity.class);

    private final DockerClient docker;
    private final Looking looking;
    private final Beacon policy;
    private final AtomicBoolean told = new AtomicBoolean();
    private volatile @Nullable Known known;

    Identity(DockerClient docker, Looking looking, Beacon policy) {
        this.docker = docker;
        this.looking = looking;
        this.policy = policy;
    }

    /**
     * Who it was when it was asked.
     *
     * @param networks what was told of its networks before and after; empty of a Podman
     */
    private record Known(Fingerprint fingerprint, Networks networks) {
        boolean podman() {
            return networks.equals(Networks.UNTOLD);
        }
    }

    /**
     * The ids of networks that Docker makes by itself.
     *
     * @param none of the one that is made once per data directory; empty if it was not told
     * @param bridge of the one that is made at each start; empty if there is none, or it was not told
     */
    private record Networks(String none, String bridge) {
        static final Networks UNTOLD = new Networks("", "");

        boolean tellsStarts() {
            return !none.isEmpty() && !bridge.isEmpty();
        }
    }

    Fingerprint fingerprint() {
        Known before = known;
        if (before != null && isSame(before)) {
            return before.fingerprint();
        }
        known = null;
        Networks first = looking.isKnownDocker() ? networks() : Networks.UNTOLD;
        for (int round = 1; ; round++) {
            Info info = looking.info();
            boolean podman = Looking.isPodman(info);
            Networks last = podman ? Networks.UNTOLD : networks();
            if (!first.equals(last) && round < ROUNDS) {
                // It was started anew meanwhile, or is another one, or was not known yet.
                first = last;
                continue;
            }
            boolean leaves = leaves(podman);
            Fingerprint now = fingerprint(info, last, leaves);
            boolean lasting = podman ? leaves : last.tellsStarts() && !keepsContainersAlive(info);
            known = lasting && first.equals(last) ? new Known(now, last) : null;
            return now;
        }
    }

    private boolean isSame(Known before) {
        if (!before.podman() && !networks().equals(before.networks())) {
            return false;
        }
        return !leaves(before.podman())
                || beacon().equals(
                                Optional.ofNullable(before.fingerprint().parts().get(BEACON)));
    }

    private boolean leaves(boolean podman) {
        return policy == Beacon.EVERYWHERE || (podman && policy == Beacon.WHERE_NEEDED);
    }

    private Fingerprint fingerprint(Info info, Networks networks, boolean leaves) {
        boolean podman = Looking.isPodman(info);
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("engine", podman ? "podman" : "docker");
        parts.put("driver", plain(info.getDriver()));
        parts.put("root", plain(info.getDockerRootDir()));
        if (!podman) {
            parts.put("id", plain(info.getId()));
        }
        if (!networks.none().isEmpty()) {
            parts.put("data", networks.none());
        }
        if (leaves) {
            parts.put(BEACON, beacon().orElseGet(this::leave));
        }
        return new Fingerprint(parts);
    }

    /** With live-restore networks stay as they were across a start. */
    private static boolean keepsContainersAlive(Info info) {
        return !Boolean.FALSE.equals(info.getRawValues().get("LiveRestoreEnabled"));
    }

    /** A proxy may forbid to ask; what an engine fails at is not known. */
    private Networks networks() {
        List<Network> all;
        try {
            all = docker.listNetworksCmd()
                    .withFilter("type", List.of("builtin"))
                    .exec();
        } catch (DockerException refusal) {
            if (refusal.getHttpStatus() >= 500) {
                throw refusal;
            }
            return Networks.UNTOLD;
        } catch (RuntimeException failure) {
            Faults.requireUnreadable(failure);
            return Networks.UNTOLD;
        }
        return new Networks(idOf("none", all), idOf("bridge", all));
    }

    private static String idOf(String name, List<Network> all) {
        return all.stream()
                .filter(network -> name.equals(network.getName()))
                .findFirst()
                .map(network -> plain(network.getId()))
                .orElse("");
    }

    private static String plain(@Nullable String told) {
        return told == null ? "" : told.replaceAll("\\p{Cntrl}", " ");
    }

    /** Why an empty listing would be believed; empty if nothing proves it. */
    Optional<String> proof() {
        if (policy == Beacon.NOWHERE) {
            return Optional.empty();
        }
        try {
            return beacon().map(id -> "the beacon " + id + " was seen");
        } catch (DockerException refusal) {
            // A proxy may forbid to ask for volumes.
            LOG.debug("beacon: {}", Faults.detail(refusal));
            return Optional.empty();
        }
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
        Optional<String> left = beacon();
        if (left.isPresent()) {
            LOG.info("left the volume {} as a beacon, {}", VOLUME, left.get());
        } else if (told.compareAndSet(false, true)) {
            LOG.warn(
                    "the volume {} is there without the label {}, so it is no beacon and tells no engine from another;"
                            + " remove it, and then say trustRuntime()",
                    VOLUME,
                    LABEL);
        }
        return left.orElse("none");
    }
}
