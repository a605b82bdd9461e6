package dev.berth.runtime;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StaleTokenException;
import dev.berth.ledger.StoreUnavailableException;
import java.time.Duration;

/**
 * An attempt that is kept alive while its caller works. How long it lives is reckoned from before it was asked for, by a
 * clock of this process that only goes forward, so that it never seems to live longer than the store says.
 */
final class Turn implements BoundedRuntime.Beat {
    private static final int BEATS = 3;

    private final ResourceLedger ledger;
    private final Attempt attempt;
    private final Duration span;
    private final Pacing pacing;
    private long renewed;
    private long tried;

    /**
     * Begins the turn.
     *
     * @param begun what the pacing's clock told before the attempt was asked for
     */
    Turn(ResourceLedger ledger, Attempt attempt, Duration span, Pacing pacing, long begun) {
        this.ledger = ledger;
        this.attempt = attempt;
        this.span = span;
        this.pacing = pacing;
        this.renewed = begun;
        this.tried = begun;
    }

    Attempt attempt() {
        return attempt;
    }

    @Override
    public Duration next() {
        long now = pacing.nanos();
        long due = renewed + span.toNanos() / BEATS - now;
        // After one that failed the next comes in a while, not at once.
        long again = tried + span.toNanos() / (BEATS * BEATS) - now;
        return Duration.ofNanos(Math.max(Math.max(due, tried == renewed ? due : again), 1));
    }

    /**
     * Renews the attempt if it is time to.
     *
     * @throws OvertakenException if somebody else has the turn, or may have it
     */
    @Override
    public void beat() {
        long now = pacing.nanos();
        if (now - renewed < span.toNanos() / BEATS) {
            return;
        }
        try {
            tried = now;
            ledger.renew(attempt, span);
            renewed = now;
        } catch (StaleTokenException moved) {
            throw new OvertakenException("attempt " + attempt.number() + " is not the current one any more", moved);
        } catch (StoreUnavailableException unreachable) {
            // As long as it is certain that nobody else was granted one, the work may go on.
            if (now - renewed >= span.toNanos()) {
                throw unreachable;
            }
        }
    }
}
