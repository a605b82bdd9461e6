package dev.berth.torture.check;

import dev.berth.ledger.Token;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One call of a caller, from its intent to its outcome. Times are of the machine's monotonic clock, in nanoseconds.
 *
 * @param process the process, which lives once
 * @param number which call of the process it is
 * @param deed what was asked for
 * @param owner for whom
 * @param token the token that it named
 * @param part the part that it was about, empty for all
 * @param lease how long the owner's claims live unless renewed, empty for ever
 * @param begun just before the call
 * @param ended just after it; {@link #NEVER} if the process did not live to write it
 * @param answer what the caller was told
 * @param type how a sweep ended, or what was thrown; empty text if nothing
 * @param seen the claim that the caller was shown
 * @param lines what the files say of it
 */
public record Operation(
        String process,
        long number,
        Deed deed,
        String owner,
        Optional<Token> token,
        Optional<String> part,
        Optional<Duration> lease,
        long begun,
        long ended,
        Answer answer,
        String type,
        Optional<Seen> seen,
        List<String> lines) {
    /** After all. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Whether it may have changed something. */
    boolean mayHaveHappened() {
        return answer == Answer.OK || answer == Answer.UNKNOWN;
    }

    /** Whether it is proven to have changed, or confirmed, the token that it named. */
    boolean hasUsedToken() {
        return answer == Answer.OK && deed.namesToken();
    }
}
