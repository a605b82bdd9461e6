package dev.berth.testkit;

import dev.berth.runtime.Hint;
import dev.berth.runtime.Watch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Hands out hints in the order in which they were told. One thread at a time delivers, without the engine's lock, so that
 * a listener may call the engine, and listeners of several threads never wait for one another in a circle.
 */
final class FakeHints {
    private final List<Listening> listenings = new CopyOnWriteArrayList<>();
    private final Deque<Hint> queue = new ArrayDeque<>();
    private FakeEngine.Hints mode = FakeEngine.Hints.TOLD;
    private boolean delivering;

    /** One listener, which may move from one engine's hints to another's. */
    static final class Listening implements Watch {
        private final Consumer<Hint> listener;
        // Volatile, since whether it is closed is asked under other monitors: a listener that calls back must not meet
        // them in the opposite order.
        private volatile boolean closed;

        Listening(Consumer<Hint> listener) {
            this.listener = listener;
        }

        // A delivery that is under way ends before close returns; the monitor is this listening's own.
        private synchronized void hear(Hint hint) {
            if (closed) {
                return;
            }
            try {
                listener.accept(hint);
            } catch (RuntimeException | Error failed) {
                closed = true;
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
        }

        boolean isClosed() {
            return closed;
        }
    }

    void add(Listening listening) {
        listenings.removeIf(Listening::isClosed);
        listenings.add(listening);
    }

    void remove(Listening listening) {
        listenings.remove(listening);
    }

    synchronized void mode(FakeEngine.Hints next) {
        mode = next;
    }

    synchronized void tell(Hint.Kind kind, String instance) {
        int times = mode == FakeEngine.Hints.DROPPED ? 0 : mode == FakeEngine.Hints.DOUBLED ? 2 : 1;
        for (int i = 0; i < times; i++) {
            queue.add(new Hint(kind, instance));
        }
    }

    /** Delivers what is waiting, unless another call is at it. */
    void deliver() {
        synchronized (this) {
            if (delivering) {
                return;
            }
            delivering = true;
        }
        for (Optional<Hint> hint = next(); hint.isPresent(); hint = next()) {
            for (Listening listening : listenings) {
                listening.hear(hint.get());
            }
        }
    }

    private synchronized Optional<Hint> next() {
        Optional<Hint> hint = Optional.ofNullable(queue.poll());
        delivering = hint.isPresent();
        return hint;
    }
}
