package dev.berth.testkit.proxmox;

import dev.berth.InvalidInputException;
import java.time.Duration;

/**
 * How long clients wait, in the time of the wall, where Proxmox VE makes them wait.
 *
 * @param refusal before a 401, and before a 500 of a node whose cluster file system is dead; 3 s on a real one
 * @param noRoute before a 595 for a node that is known to be away; about 3 s on a real one
 * @param timeout before a 596, and before the first 595 for a node that went away; 30 s on a real one
 */
public record AnswerDelays(Duration refusal, Duration noRoute, Duration timeout) {
    /**
     * Makes delays.
     *
     * @param refusal zero or more
     * @param noRoute zero or more
     * @param timeout zero or more
     */
    public AnswerDelays {
        for (Duration delay : new Duration[] {refusal, noRoute, timeout}) {
            if (InvalidInputException.requireNonNull("delay", delay).isNegative()) {
                throw InvalidInputException.of("delay", delay, "zero or more");
            }
        }
    }

    /**
     * Nobody waits.
     *
     * @return delays of zero
     */
    public static AnswerDelays none() {
        return new AnswerDelays(Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }

    /**
     * As a real cluster has them.
     *
     * @return 3, 3 and 30 seconds
     */
    public static AnswerDelays real() {
        return new AnswerDelays(Duration.ofSeconds(3), Duration.ofSeconds(3), Duration.ofSeconds(30));
    }
}
