package dev.berth.runtime;

import java.time.Duration;
import java.util.List;

/**
 * What a provisioner decides by.
 *
 * @param mine where the owner's own instance lives
 * @param held where other claims hold what is asked for
 * @param strangers where an instance without a claim is in the way, in order
 * @param full where a pool has nothing free
 * @param tries how many instances one call creates at most
 * @param span how long an attempt lives unless renewed
 * @param decline for how long a name or port is passed over that somebody else has
 * @param patience how long a call waits for an attempt of somebody else's
 */
record Policy(
        Mine mine,
        Held held,
        List<Stranger> strangers,
        Full full,
        int tries,
        Duration span,
        Duration decline,
        Duration patience) {
    static Policy defaults() {
        return new Policy(
                Mine.REUSE,
                Held.REFUSE,
                List.of(Stranger.REFUSE),
                Full.REFUSE,
                8,
                Duration.ofSeconds(60),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5));
    }

    Policy mine(Mine other) {
        return new Policy(other, held, strangers, full, tries, span, decline, patience);
    }

    Policy held(Held other) {
        return new Policy(mine, other, strangers, full, tries, span, decline, patience);
    }

    Policy strangers(List<Stranger> other) {
        return new Policy(mine, held, other, full, tries, span, decline, patience);
    }

    Policy full(Full other) {
        return new Policy(mine, held, strangers, other, tries, span, decline, patience);
    }

    Policy tries(int other) {
        return new Policy(mine, held, strangers, full, other, span, decline, patience);
    }

    Policy span(Duration other) {
        return new Policy(mine, held, strangers, full, tries, other, decline, patience);
    }

    Policy decline(Duration other) {
        return new Policy(mine, held, strangers, full, tries, span, other, patience);
    }

    Policy patience(Duration other) {
        return new Policy(mine, held, strangers, full, tries, span, decline, other);
    }
}
