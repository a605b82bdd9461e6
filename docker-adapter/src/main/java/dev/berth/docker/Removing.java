package dev.berth.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes one container. An engine's force-removal is no mutex, and its answer no proof: several callers are told that it was
 * they, others that somebody is at it, and the name is taken until the container is gone. So: look, compare the mark, remove
 * by full id, look until it is gone. Ids are random, so the full id is compare-and-delete.
 */
final class Removing {
    private static final Logger LOG = LoggerFactory.getLogger(Removing.class);
    private static final Duration GONE_WITHIN = Duration.ofMinutes(2);
    private static final int MOST_FAILURES = 5;
    private static final long FIRST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 250;

    private final DockerClient docker;
    private final Looking looking;

    Removing(DockerClient docker, Looking looking) {
        this.docker = docker;
        this.looking = looking;
    }

    Removal remove(String id, Mark mark, Removal.Mode mode) throws InterruptedException {
        if (!Instances.isFullId(id)) {
            return new Removal.Kept("\"" + id + "\" is no full id");
        }
        long begun = System.nanoTime();
        boolean wasThere = false;
        int failures = 0;
        String last = "";
        for (int round = 0; ; round++) {
            Looking.Seen seen = looking.see(id);
            if (seen.sighting() instanceof Sighting.Absent absent) {
                return wasThere ? new Removal.Removed() : new Removal.WasAbsent(absent.evidence());
            }
            if (seen.sighting() instanceof Sighting.Present present) {
                Instance instance = present.instance();
                Optional<String> objection = objection(instance, mark, mode);
                if (objection.isEmpty() && !wasThere) {
                    objection = inherited(seen, mark);
                }
                if (objection.isPresent()) {
                    return new Removal.Kept(objection.get());
                }
                wasThere = true;
                boolean leaves = instance.state() == InstanceState.REMOVING;
                Optional<Fault> fault = leaves ? Optional.empty() : ask(instance, mode);
                if (fault.isPresent()) {
                    last = fault.get().detail();
                    failures += isPassing(fault.get()) ? 0 : 1;
                } else if (!leaves && round == 0) {
                    // Mostly it is gone by now.
                    continue;
                }
            } else {
                last = ((Sighting.Unknown) seen.sighting()).reason();
            }
            if (failures > MOST_FAILURES || System.nanoTime() - begun > GONE_WITHIN.toNanos()) {
                return new Removal.Unknown(id + " is still there: " + last);
            }
            TimeUnit.MILLISECONDS.sleep(Math.min(FIRST_PAUSE_MILLIS << Math.min(round, 10), LONGEST_PAUSE_MILLIS));
        }
    }

    private Optional<String> objection(Instance instance, Mark mark, Removal.Mode mode) {
        if (!instance.mark().equals(Optional.of(mark))) {
            return Optional.of("it does not carry the mark: " + instance);
        }
        if (instance.guard().isPresent()) {
            return instance.guard();
        }
        return mode == Removal.Mode.IF_STOPPED && instance.state().isLiving()
                ? Optional.of("it runs: " + instance)
                : Optional.empty();
    }

    /** Others are at it, or it is in the midst of something: that passes. */
    private static boolean isPassing(Fault fault) {
        return fault instanceof Fault.Busy || fault instanceof Fault.Missing;
    }

    /** An image that was made of a marked container hands the mark down to whatever is made from it, by whomever. */
    private Optional<String> inherited(Looking.Seen seen, Mark mark) {
        return seen.image()
                .map(looking::labelsOfImage)
                .filter(labels -> mark.nonce().equals(labels.get(Mark.NONCE)))
                .map(labels -> "its mark is its image's, which was made of a marked container: " + seen.sighting());
    }

    /** Asks once; what came of it is for the next look to say. */
    private Optional<Fault> ask(Instance instance, Removal.Mode mode) {
        boolean force = mode == Removal.Mode.EVEN_IF_RUNNING;
        try {
            if (force && instance.state().isLiving() && looking.isPodman()) {
                kill(instance.id());
            }
            docker.removeContainerCmd(instance.id())
                    .withForce(force)
                    .withRemoveVolumes(false)
                    .exec();
            return Optional.empty();
        } catch (DockerException answer) {
            Fault fault = Faults.of(answer);
            LOG.debug("removal of {}: {}", instance.id(), fault);
            return Optional.of(fault);
        }
    }

    /** Podman 5 gives a container that is to be removed its whole stop time-out first, whatever it was told. */
    private void kill(String id) {
        try {
            docker.killContainerCmd(id).exec();
        } catch (DockerException ended) {
            LOG.debug("kill of {}: {}", id, Faults.detail(ended));
        }
    }
}
