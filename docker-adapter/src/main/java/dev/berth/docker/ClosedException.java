package dev.berth.docker;

import dev.berth.BerthException;

/** The runtime is closed, so the engine was not asked. */
final class ClosedException extends BerthException {
    private static final long serialVersionUID = 1L;

    ClosedException() {
        super("this runtime is closed; open another one");
    }
}
