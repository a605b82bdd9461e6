package dev.berth.reaper;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.Optional;

/**
 * What the sweeps of a scope have done so far, whichever process ran them. Dry runs do not count.
 *
 * @param runs how many sweeps there were that saw the runtime
 * @param ghosts how many ghosts were freed
 * @param errors how many old errors were freed
 * @param ports how many ports became free by it
 * @param lastRun when the last sweep ended, by the ledger's clock
 */
public record ReapTotals(long runs, long ghosts, long errors, long ports, Optional<Instant> lastRun) {
    static final ReapTotals NONE = new ReapTotals(0, 0, 0, 0, Optional.empty());

    /**
     * Checks the time.
     *
     * @param runs how many sweeps there were
     * @param ghosts how many ghosts were freed
     * @param errors how many old errors were freed
     * @param ports how many ports became free by it
     * @param lastRun when the last sweep ended
     * @throws InvalidInputException if it is null
     */
    public ReapTotals {
        InvalidInputException.requireNonNull("last run", lastRun);
    }

    /**
     * Gives the sum of ghosts and errors.
     *
     * @return how many claims were freed
     */
    public long total() {
        return ghosts + errors;
    }

    String written() {
        return runs + "\n" + ghosts + "\n" + errors + "\n" + ports + "\n"
                + lastRun.map(Instant::toString).orElse("");
    }

    static ReapTotals read(String written) {
        String[] lines = written.split("\n", -1);
        return new ReapTotals(
                Long.parseLong(lines[0]),
                Long.parseLong(lines[1]),
                Long.parseLong(lines[2]),
                Long.parseLong(lines[3]),
                lines[4].isEmpty() ? Optional.empty() : Optional.of(Instant.parse(lines[4])));
    }

    ReapTotals plus(long moreGhosts, long moreErrors, long morePorts) {
        return new ReapTotals(runs, ghosts + moreGhosts, errors + moreErrors, ports + morePorts, lastRun);
    }

    ReapTotals ended(Instant at) {
        return new ReapTotals(runs + 1, ghosts, errors, ports, Optional.of(at));
    }
}
