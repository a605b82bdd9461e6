package dev.berth.reaper;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** What one reaper remembers between its sweeps. Used by one sweep at a time. */
final class Memory {
    private Optional<Instant> lastComplete = Optional.empty();
    /** Instances without a claim that were told of. */
    private final Set<String> known = new HashSet<>();
    /** Instances without a claim with which something was tried that did not work. */
    private final Set<String> failed = new HashSet<>();
    /** The claims that instances without a claim had before they were reaped; empty for those that had none. */
    private final Map<String, Optional<UUID>> pasts = new HashMap<>();

    /**
     * Whether this reaper has lately seen the runtime whole. The first sweep after a start, a long pause, or a sweep that saw
     * less, frees nothing: whatever made the gap may still be going on.
     */
    boolean isWarm(Instant now, ReaperPolicy policy) {
        return lastComplete
                .map(last -> Duration.between(last, now))
                .map(rest ->
                        !rest.isNegative() && rest.compareTo(policy.interval().multipliedBy(2)) <= 0)
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

    /** Remembers that what was tried with an instance did not work; says whether that is new. */
    boolean isFailure(String instance) {
        return failed.add(instance);
    }

    boolean hasFailed(String instance) {
        return failed.contains(instance);
    }

    /** What an instance was before, looked up once. */
    Optional<UUID> past(String instance, Supplier<Optional<UUID>> lookUp) {
        return pasts.computeIfAbsent(instance, unknown -> lookUp.get());
    }

    void forgetAllBut(Set<String> instances) {
        known.retainAll(instances);
        failed.retainAll(instances);
        pasts.keySet().retainAll(instances);
    }
}
