package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long resources rest after a release before another owner may have them; their former owner may pass. Immutable.
 */
public final class Quarantine {
    /** None: what is released is free at once. */
    public static final Quarantine NONE = new Quarantine(Map.of());

    private final Map<String, Duration> spans;

    private Quarantine(Map<String, Duration> spans) {
        this.spans = spans;
    }

    /**
     * Lets resources of one kind rest, and those of the other kinds as before.
     *
     * @param kind the kind
     * @param span how long, 1 ms to 36,500 days
     * @return the wider quarantine
     * @throws InvalidInputException if the span is out of range
     */
    public Quarantine and(ResourceKind kind, Duration span) {
        var more = new LinkedHashMap<>(spans);
        more.put(InvalidInputException.requireNonNull("kind", kind).name(), Limits.span("quarantine", span));
        return new Quarantine(Collections.unmodifiableMap(more));
    }

    /**
     * Lets resources of one kind rest.
     *
     * @param kind the kind
     * @param span how long, 1 ms to 36,500 days
     * @return the quarantine
     * @throws InvalidInputException if the span is out of range
     */
    public static Quarantine of(ResourceKind kind, Duration span) {
        return NONE.and(kind, span);
    }

    Map<Resource, Commit.BlockTerms> blocks(Collection<Holding> holdings) {
        Map<Resource, Commit.BlockTerms> blocks = new LinkedHashMap<>();
        for (Holding held : holdings) {
            Duration span = spans.get(held.resource().kind());
            if (span != null) {
                blocks.put(held.resource(), new Commit.BlockTerms(BlockReason.QUARANTINE, "", span));
            }
        }
        return blocks;
    }

    @Override
    public String toString() {
        return "quarantine " + spans;
    }
}
