package dev.berth.jdbc;

import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a process does that sweeps, until it is killed or has swept often enough. */
final class Reapers {
    /** With a cap that lets one run free more than one commit does. */
    static final ReaperPolicy POLICY = ReaperPolicy.builder().cap(1_000).build();

    private Reapers() {}

    /** Sweeps so often, not counting sweeps for which another process was too early, and says how each went. */
    static void run(JdbcLedgerStore store, int port, String name, int sweeps) throws IOException {
        var engine = new RemoteEngine(port, name);
        try (GhostReaper reaper = GhostReaper.builder(ResourceLedger.on(store), engine)
                .policy(POLICY)
                .callingOn(Runnable::run)
                .build()) {
            for (int left = sweeps; left > 0; ) {
                ReapReport report = reaper.run();
                if (report.outcome() == ReapReport.Outcome.SKIPPED) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                    continue;
                }
                left--;
                System.out.println(report.outcome() + " " + report.ghostsRemoved() + " " + report.detail());
            }
        }
    }
}
