package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.sync.BackgroundSync;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Syncs in the background: they go on whatever fails, wait longer while it does, and end when they are told to. */
class BackgroundSyncTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    /** Notes how long it is to wait, and does not. */
    private static final class HastyTimer extends ScheduledThreadPoolExecutor {
        private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
        private final int most;

        HastyTimer(int most) {
            super(1);
            this.most = most;
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            pauses.add(Duration.of(delay, unit.toChronoUnit()));
            // After so many the next one comes when it should: never, as far as a test sees.
            return super.schedule(command, pauses.size() > most ? delay : 0, unit);
        }
    }

    private static String domain(String name) {
        return "INSERT INTO domains (name, note, updated_at) VALUES ('" + name + "', 'x', '2026-01-01 10:00:00')";
    }

    private static void isAbout(Duration pause, long seconds) {
        assertThat(pause).isBetween(Duration.ofMillis(seconds * 900), Duration.ofMillis(seconds * 1100));
    }

    /** Scenario 72: it starts offline, reconnects sooner at first and then later, and drains. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void itReconnectsWithPausesThatGrowAndThenKeepsItsInterval(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("written-offline"));
            var tries = new AtomicInteger();
            SyncStore late = SyncStore.opening(() -> {
                if (tries.incrementAndGet() <= 5) {
                    throw new SyncUnavailableException(
                            "not there yet",
                            SyncUnavailableException.Reason.OFFLINE,
                            SyncUnavailableException.Outcome.NOT_DONE,
                            null);
                }
                return SyncPair.open(pair.remoteBase);
            });
            SyncEngine sync =
                    SyncEngine.between(pair.local, late).table(SyncPair.DOMAINS).build();
            var timer = new HastyTimer(7);
            try (BackgroundSync background = sync.inBackground(INTERVAL, timer).start()) {
                Await.until("eight pauses", () -> timer.pauses.size() == 8);
                assertThat(timer.pauses.get(0)).isZero();
                for (int i = 0; i < 7; i++) {
                    isAbout(timer.pauses.get(i + 1), new long[] {1, 2, 4, 8, 10, 10, 10}[i]);
                }
                assertThat(background.failures()).isZero();
                assertThat(pair.there()).isEqualTo(pair.here());
                assertThat(sync.history())
                        .extracting(SyncReport::status)
                        .containsExactly(
                                SyncReport.Status.SUCCESS,
                                SyncReport.Status.SUCCESS,
                                SyncReport.Status.OFFLINE,
                                SyncReport.Status.OFFLINE,
                                SyncReport.Status.OFFLINE,
                                SyncReport.Status.OFFLINE,
                                SyncReport.Status.OFFLINE);
            } finally {
                timer.shutdownNow();
                late.close();
            }
        }
    }

    /** What somebody must mend is tried less and less often; a run that fails ends nothing. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatIsBrokenIsTriedLessAndLessOftenUntilItIsMended(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("a"));
            pair.there("ALTER TABLE domains RENAME TO away");
            SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncPair.DOMAINS)
                    .build();
            var timer = new HastyTimer(3);
            try (BackgroundSync background = sync.inBackground(INTERVAL, timer).start()) {
                Await.until("four pauses", () -> timer.pauses.size() == 4);
                isAbout(timer.pauses.get(1), 20);
                isAbout(timer.pauses.get(2), 40);
                isAbout(timer.pauses.get(3), 80);
                assertThat(background.failures()).isEqualTo(3);
                pair.there("ALTER TABLE away RENAME TO domains");
                // A forced sync does not wait for it.
                assertThat(sync.sync().isClean()).isTrue();
                background.stop();
                background.start();
                Await.until("the run after", () -> timer.pauses.size() == 6);
                isAbout(timer.pauses.get(5), 10);
            } finally {
                timer.shutdownNow();
            }
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void stopEndsARunAfterItsBatchAndCloseLetsItEnd(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            for (int i = 0; i < 10; i++) {
                pair.here(domain("d" + i));
            }
            var holds = new AtomicBoolean(true);
            var inside = new CountDownLatch(1);
            var go = new CountDownLatch(1);
            SyncEngine sync = pair.engine()
                    .batch(2)
                    .listening(table -> {
                        if (holds.getAndSet(false)) {
                            inside.countDown();
                            uninterrupted(go);
                        }
                    })
                    .build();
            BackgroundSync background = sync.inBackground(INTERVAL).start();
            inside.await();
            assertThat(sync.trySync()).isEmpty();
            var stopping = new Thread(background::stop);
            stopping.start();
            Await.until("it waits for the run", () -> stopping.getState() == Thread.State.WAITING);
            go.countDown();
            stopping.join();
            assertThat(sync.history()).extracting(SyncReport::status).containsExactly(SyncReport.Status.STOPPED);
            assertThat(pair.there()).hasSize(2);

            holds.set(true);
            background.start();
            background.close();
            // It was closed at once: either before its first run, or that came to its end.
            int rows = pair.there().size();
            assertThat(rows).isIn(2, 10);
            background.start();
            assertThat(sync.sync().isClean()).isTrue();
            assertThat(sync.history().size()).isLessThanOrEqualTo(3);
            assertThat(pair.there()).isEqualTo(pair.here());
        }
    }

    private static void uninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void anIntervalThatIsTooShortIsRefused(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = pair.engine().build();
            assertThatThrownBy(() -> sync.inBackground(Duration.ofSeconds(9)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("PT10S or more");
        }
    }
}
