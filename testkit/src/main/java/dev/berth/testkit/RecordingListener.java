package dev.berth.testkit;

import dev.berth.ledger.LedgerEvent;
import dev.berth.ledger.LedgerListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A listener that keeps what it heard, and throws when it is told to. Safe for use by many threads. */
public final class RecordingListener implements LedgerListener {
    private final List<LedgerEvent> events = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    /** Makes a listener that has heard nothing. */
    public RecordingListener() {}

    @Override
    public void on(LedgerEvent event) {
        events.add(event);
        RuntimeException thrown = failure.get();
        if (thrown != null) {
            throw thrown;
        }
    }

    /**
     * Makes it throw at every event from now on, after it has kept the event.
     *
     * @param thrown what it throws, null to stop it
     */
    public void failWith(@Nullable RuntimeException thrown) {
        failure.set(thrown);
    }

    /**
     * Gives what was heard.
     *
     * @return a copy, in the order of hearing
     */
    public List<LedgerEvent> events() {
        return List.copyOf(events);
    }

    /**
     * Gives what was heard of one sort.
     *
     * @param <T> the sort
     * @param sort the sort's class
     * @return a copy, in the order of hearing
     */
    public <T extends LedgerEvent> List<T> events(Class<T> sort) {
        return events.stream().filter(sort::isInstance).map(sort::cast).toList();
    }

    /** Forgets what was heard. */
    public void clear() {
        events.clear();
    }
}
