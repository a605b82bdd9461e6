package dev.berth.proxmox;

import java.time.Duration;

/**
 * How long is waited for what Proxmox VE sets no limit to.
 *
 * @param node for what one node says beside the verdict of the cluster: well within the 30 s after which the API itself gives
 *     up on a node that hangs
 * @param shown for what was done to be seen, where its answer was lost
 * @param silence for a daemon that follows a task and says nothing: longer than it takes to be restarted, as each upgrade of
 *     its package does
 * @param late for a request without an answer to begin, after which it is not known whether it ever will
 * @param fresh what was seen of a guest may be so old when it is asked to be destroyed or stopped
 * @param asked for so long after one was asked to be destroyed, and did not answer, nobody asks again
 */
record Spans(Duration node, Duration shown, Duration silence, Duration late, Duration fresh, Duration asked) {
    static final Spans USUAL = new Spans(
            Duration.ofSeconds(8),
            Duration.ofSeconds(3),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(2),
            Duration.ofHours(1));

    Spans fresh(Duration other) {
        return new Spans(node, shown, silence, late, other, asked);
    }
}
