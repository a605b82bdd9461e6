package dev.berth.reaper;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What one reaper remembers between its sweeps. Used by one sweep at a time. */
final class Memory {
    private Optional<Instant> lastComplete = Optional.empty();
    /** Instances without a claim whose past was looked up, or that were told of. */
    private final Set<String> known = new HashSet<>();

    /**
     * Whether this reaper has lately seen the runtime whole. The first sweep after a start, a long pause, or a sweep that saw
     * less, frees nothing: whatever made the gap may still be going on.
     */
    boolean isWarm(Instant now, ReaperPolicy policy) {
        return lastComplete
                .map(last ->
                        Duration.between(last, now).compareTo(policy.interval().multipliedBy(2)) <= 0)
                .orElse(false);
    }

    void sawAll(Instant now) {
        lastComplete = Optional.of(now);
    }

    void sawLess() {
        lastComplete = Optional.empty();
    }

    boolean isNew(String instance) {
        return known.add(instance);
    }

    void forgetAllBut(Set<String> instances) {
        known.retainAll(instances);
    }
}
