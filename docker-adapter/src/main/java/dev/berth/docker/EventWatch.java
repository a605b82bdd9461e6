package dev.berth.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventType;
import dev.berth.runtime.Hint;
import dev.berth.runtime.Watch;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to an engine's events, on a connection and a thread of its own, and connects again when the stream ends, which
 * tells a {@link Hint.Kind#GAP}: engines keep few events, or none, for those who were away. Everything is filtered here:
 * Podman 4.3 ignores filters by label, and those for {@code die}.
 */
final class EventWatch implements Watch {
    private static final Logger LOG = LoggerFactory.getLogger(EventWatch.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    /** The first events are not to be missed, but a daemon that says nothing must not hold up the one who asks. */
    private static final Duration STARTED_WITHIN = Duration.ofSeconds(2);

    private final DockerClient docker;
    private final Consumer<Hint> listener;
    private final Consumer<Watch> ended;
    private final ReentrantLock telling = new ReentrantLock();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch started = new CountDownLatch(1);
    private volatile boolean closed;
    private volatile @Nullable Stream stream;

    EventWatch(DockerClient docker, Consumer<Hint> listener, Consumer<Watch> ended) {
        this.docker = docker;
        this.listener = listener;
        this.ended = ended;
    }

    /** Begins to listen. What throws here leaves it to be closed. */
    void begin() throws InterruptedException {
        docker.pingCmd().exec();
        if (closed) {
            throw new ClosedException();
        }
        var thread = new Thread(this::run, "berth-docker-events");
        thread.setDaemon(true);
        thread.start();
        if (!started.await(STARTED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.debug("the engine has not begun to tell events within {}", STARTED_WITHIN);
        }
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        for (int round = 0; !closed; round++) {
            var current = new Stream(round > 0);
            stream = current;
            try {
                docker.eventsCmd().exec(current);
                current.over.await();
                pause = current.hasStarted ? FIRST_PAUSE : pause.multipliedBy(2);
                pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
                if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                close();
            } catch (RuntimeException failure) {
                LOG.debug("events: {}", Faults.line(failure));
                close();
            }
        }
    }

    /** One at a time, and none once it is closed; the listener may close it. */
    private void tell(Hint hint) {
        telling.lock();
        try {
            if (!closed) {
                listener.accept(hint);
            }
        } catch (RuntimeException | Error broken) {
            LOG.warn("a listener to events of the engine threw, and hears no more", broken);
            close();
        } finally {
            telling.unlock();
        }
    }

    @Override
    public void close() {
        // Whoever is telling has to finish first, so that no hint comes after.
        telling.lock();
        try {
            closed = true;
        } finally {
            telling.unlock();
        }
        closing.countDown();
        started.countDown();
        Stream current = stream;
        if (current != null) {
            current.close();
        }
        ended.accept(this);
    }

    private static Optional<Hint> hint(Event event) {
        if (event.getType() != EventType.CONTAINER || event.getActor() == null || event.getAction() == null) {
            return Optional.empty();
        }
        String id = event.getActor().getId();
        if (id == null || !Instances.isFullId(id)) {
            return Optional.empty();
        }
        String action = event.getAction();
        Hint.Kind kind = switch (action) {
            case "create" -> Hint.Kind.CREATED;
            case "start" -> Hint.Kind.STARTED;
            case "die", "died" -> Hint.Kind.ENDED;
            case "destroy", "remove" -> Hint.Kind.REMOVED;
            default -> Hint.Kind.CHANGED;
        };
        // Health checks tell three of these each time they run.
        return action.startsWith("exec_") ? Optional.empty() : Optional.of(new Hint(kind, id));
    }

    /** One connection's worth of events. */
    private final class Stream implements ResultCallback<Event> {
        private final boolean tellsGap;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile @Nullable Closeable connection;
        private volatile boolean hasStarted;

        Stream(boolean tellsGap) {
            this.tellsGap = tellsGap;
        }

        @Override
        public void onStart(Closeable opened) {
            connection = opened;
            hasStarted = true;
            started.countDown();
            if (closed) {
                close();
            } else if (tellsGap) {
                tell(new Hint(Hint.Kind.GAP, ""));
            }
        }

        @Override
        public void onNext(Event event) {
            hint(event).ifPresent(EventWatch.this::tell);
        }

        @Override
        public void onError(Throwable failure) {
            if (!closed) {
                LOG.debug("events: {}", Faults.line(failure));
            }
            if (Faults.isOfClosedClient(failure)) {
                // The host has closed its client, and it will not come back.
                EventWatch.this.close();
            }
            over.countDown();
        }

        @Override
        public void onComplete() {
            over.countDown();
        }

        @Override
        public void close() {
            over.countDown();
            Closeable opened = connection;
            if (opened != null) {
                try {
                    opened.close();
                } catch (IOException alreadyClosed) {
                    LOG.debug("events: {}", Faults.line(alreadyClosed));
                }
            }
        }
    }
}
