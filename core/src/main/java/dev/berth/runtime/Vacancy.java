package dev.berth.runtime;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * A name that a runtime would not give, and that nobody has whom it lists. Engines keep a name a moment longer than they list
 * its holder, and reserve it a moment before; what holds it longer is never listed: a pod, or what a crash has left behind.
 */
final class Vacancy {
    private static final Duration MOMENT = Duration.ofSeconds(3);

    /** Since when; by a clock that only goes forward. */
    private OptionalLong since = OptionalLong.empty();

    /** Notes what was found now, and says whether it has lasted for too long to be waited for. */
    boolean lasts(Strangers.How how, long now) {
        if (how != Strangers.How.BY_ITSELF) {
            since = OptionalLong.empty();
        } else if (since.isEmpty()) {
            since = OptionalLong.of(now);
        }
        return since.isPresent() && now - since.getAsLong() > MOMENT.toNanos();
    }

    /** Begins anew: somebody was found, or it is another name. */
    void end() {
        since = OptionalLong.empty();
    }
}
