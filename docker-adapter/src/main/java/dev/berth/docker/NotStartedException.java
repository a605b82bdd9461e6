package dev.berth.docker;

import com.github.dockerjava.api.exception.DockerException;
import dev.berth.BerthException;

/** The engine said that it could not start a container, in words that say nothing known, and a look showed that it does not run. */
final class NotStartedException extends BerthException {
    private static final long serialVersionUID = 1L;

    NotStartedException(DockerException said) {
        super("it was not started: " + Faults.detail(said), said);
    }
}
