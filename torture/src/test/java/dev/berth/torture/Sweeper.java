package dev.berth.torture;

import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.torture.HistoryFile.Ask;
import dev.berth.torture.HistoryFile.Told;
import dev.berth.torture.check.Answer;
import dev.berth.torture.check.Deed;
import java.util.Optional;

/** A thread that sweeps, beside those of other processes. */
final class Sweeper implements Runnable {
    private final HistoryFile history;
    private final GhostReaper reaper;

    Sweeper(ResourceLedger ledger, ContainerRuntime<?> engine, HistoryFile history) {
        this.history = history;
        reaper = reaper(ledger, engine);
    }

    static GhostReaper reaper(ResourceLedger ledger, ContainerRuntime<?> engine) {
        return GhostReaper.builder(ledger, engine)
                .policy(World.POLICY)
                .callingOn(Runnable::run)
                .build();
    }

    @Override
    public void run() {
        var ask = new Ask(Deed.REAP, reaper.scope().toString(), Optional.empty(), Optional.empty(), Optional.empty());
        history.tell(ask, () -> {
            ReapReport report = reaper.run();
            boolean swept = report.outcome() == ReapReport.Outcome.SWEPT;
            String how = report.outcome() + (report.totalRemoved() > 0 ? " " + report.totalRemoved() : "");
            return new Told(swept ? Answer.OK : Answer.NOTHING, how, Optional.empty());
        });
    }
}
