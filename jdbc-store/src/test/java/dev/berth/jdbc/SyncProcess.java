package dev.berth.jdbc;

import dev.berth.sync.Capture;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** A process that syncs a pair, and at one of its statements says where it is and waits for a line, or for its end. */
final class SyncProcess {
    private SyncProcess() {}

    /** What it is started with. */
    static String[] arguments(SyncPair pair, int statement, Lifeline.Moment moment, int runs) {
        return new String[] {
            "sync",
            pair.localBase.url(),
            pair.remoteBase.url(),
            pair.remoteBase.user(),
            pair.remoteBase.password(),
            Integer.toString(statement),
            moment.name(),
            Integer.toString(runs)
        };
    }

    /**
     * Runs in that process.
     *
     * @param arguments as above: at which statement it waits, at none if that is 0; and how many runs it makes
     */
    static void run(String... arguments) {
        var life = new Lifeline();
        var settings = JdbcSettings.defaults().patience(Duration.ofSeconds(2));
        var remote = new Database(arguments[2], arguments[3], arguments[4]);
        try (var here = JdbcSyncStore.on(life.source(new Database(arguments[1], "", "")), settings);
                var there = JdbcSyncStore.on(life.source(remote), settings)) {
            SyncEngine sync = engine(here, there);
            int statement = Integer.parseInt(arguments[5]);
            if (statement > 0) {
                life.happensAt(statement, Lifeline.Moment.valueOf(arguments[6]), () -> {
                    System.out.println(life.isInTransaction() ? "within" : "between");
                    await();
                });
            }
            for (int i = Integer.parseInt(arguments[7]); i > 0; i--) {
                run(sync);
            }
        }
    }

    /** With small batches, so that there are many moments to die at. */
    static SyncEngine engine(JdbcSyncStore here, JdbcSyncStore there) {
        return SyncEngine.between(here, there)
                .table(SyncPair.TAGS)
                .table(SyncPair.HOSTS)
                .table(SyncPair.DOMAINS)
                .capture(Capture.TRIGGERS)
                .remoteCapture(Capture.TRIGGERS)
                .batch(4)
                .build();
    }

    private static void run(SyncEngine sync) {
        try {
            SyncReport report = sync.sync();
            System.out.println(
                    report.status() + report.cause().map(why -> " " + why).orElse(""));
        } catch (SyncUnavailableException unavailable) {
            System.out.println(unavailable.reason());
        }
    }

    private static void await() {
        try {
            if (System.in.read() < 0) {
                throw new IllegalStateException("nobody is there any more");
            }
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
