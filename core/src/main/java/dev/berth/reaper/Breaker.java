package dev.berth.reaper;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Why a scope's sweeps free nothing: too much is missing, or what was missing came back. It is kept in the ledger, for all
 * processes. {@link GhostReaper#approve} lets the plan go and closes it; else it stays open until just the same claims have
 * been missing for the {@linkplain ReaperPolicy#breakerRest rest}, and then lets those go, no more of them in one run than
 * the cap. What comes back meanwhile opens it anew. One that opened because removals fail holds back removals alone, and is
 * over when it has rested. A dry run may open a breaker, and does nothing else to it.
 *
 * @param cause why it opened
 * @param detail what was seen, for people
 * @param openedAt when it opened, by the ledger's clock
 * @param unchangedSince since when the same claims have been missing
 * @param missing a hash of the claims that are missing
 * @param rest how long it rests at least, by the policy that opened it; one with a longer rest waits longer
 * @param stage whether it holds everything back
 */
public record Breaker(
        Cause cause,
        String detail,
        Instant openedAt,
        Instant unchangedSince,
        String missing,
        Duration rest,
        Stage stage) {
    private static final int LONGEST = 2_000;

    /** Why a breaker opens. */
    public enum Cause {
        /** The runtime lists nothing at all, and claims are waiting to be seen. */
        EMPTY_VIEW,
        /** Of two claims or more not one instance is there. */
        ALL_MISSING,
        /** Too great a part is missing. */
        RATIO,
        /** What was sure to be gone came back: then being missing proves less than it should. */
        REAPPEARANCE,
        /** Several removals of instances in a row did not work: no more are tried; claims are freed all the same. */
        FAILING
    }

    /** Whether a breaker holds everything back. */
    public enum Stage {
        /** It does. */
        OPEN,
        /** It lets go what was missing all the while. */
        DRAINING
    }

    /**
     * Checks the parts.
     *
     * @param cause why it opened
     * @param detail what was seen, for people
     * @param openedAt when it opened
     * @param unchangedSince since when the same claims have been missing
     * @param missing a hash of the claims that are missing
     * @param rest how long it rests at least
     * @param stage whether it holds everything back
     * @throws InvalidInputException if a part is null
     */
    public Breaker {
        InvalidInputException.requireNonNull("cause", cause);
        InvalidInputException.requireNonNull("detail", detail);
        InvalidInputException.requireNonNull("opened at", openedAt);
        InvalidInputException.requireNonNull("unchanged since", unchangedSince);
        InvalidInputException.requireNonNull("missing", missing);
        InvalidInputException.requireNonNull("rest", rest);
        InvalidInputException.requireNonNull("stage", stage);
    }

    /** One line a part, as it is kept in the ledger. */
    String written() {
        return cause + "\n" + openedAt + "\n" + unchangedSince + "\n" + missing + "\n" + stage + "\n" + rest + "\n"
                + plain(detail);
    }

    /** What a record can hold: of any number of instances that came back the first ones tell enough. */
    private static String plain(String text) {
        String line = text.codePoints()
                .map(point -> Character.isISOControl(point) ? ' ' : point)
                .limit(LONGEST)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return line.length() < text.length() ? line + "..." : line;
    }

    static Breaker read(String written) {
        String[] lines = written.split("\n", 7);
        return new Breaker(
                Cause.valueOf(lines[0]),
                lines[6],
                Instant.parse(lines[1]),
                Instant.parse(lines[2]),
                lines[3],
                Duration.parse(lines[5]),
                Stage.valueOf(lines[4]));
    }

    /** Whether it holds back whatever claims are due. */
    boolean holdsClaims() {
        return stage == Stage.OPEN && cause != Cause.FAILING;
    }

    /** Whether it holds back removals of instances. */
    boolean holdsOrphans() {
        return stage == Stage.OPEN;
    }

    /** When something came back, if that is why it opened: a plan from before it is another plan. */
    Optional<Instant> returnedAt() {
        return cause == Cause.REAPPEARANCE ? Optional.of(openedAt) : Optional.empty();
    }
}
