package dev.berth.sync;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a sync stands.
 *
 * @param state in a word
 * @param pendingWrites how many captured local changes, and rows that were set aside, wait to go out to this remote
 *     database; a row that was changed twice, or set aside and changed since, counts twice. Empty where they do not tell
 *     all: by {@link Capture#COMPARISON}, before a run has come to its end, when the next one is to compare all rows, when
 *     the capture has ended, and where it is not known which remote database is meant (one that could not be opened since
 *     the start, of several that were met). Then only {@link SyncEngine#pendingWrites} finds them
 * @param last the report of the last run; empty if there was none
 */
public record SyncStatus(State state, OptionalLong pendingWrites, Optional<SyncReport> last) {
    /** How a sync stands, in a word. */
    public enum State {
        /** No run was made yet, the last one was stopped, or changes wait to go out since. */
        PENDING,
        /** A run of this engine is under way. */
        IN_PROGRESS,
        /** The last run saw every row, none is set aside, and no change is known since. */
        SUCCESS,
        /** The last run was refused by a plan or a database. */
        FAILED,
        /** A database was not there at the last run. */
        OFFLINE
    }

    static SyncStatus of(boolean running, OptionalLong pending, Optional<SyncReport> last) {
        return new SyncStatus(running ? State.IN_PROGRESS : state(pending, last), pending, last);
    }

    private static State state(OptionalLong pending, Optional<SyncReport> last) {
        if (last.isEmpty()) {
            return State.PENDING;
        }
        return switch (last.get().status()) {
            case OFFLINE -> State.OFFLINE;
            case FAILED -> State.FAILED;
            case STOPPED -> State.PENDING;
            case SUCCESS -> pending.orElse(0) > 0 ? State.PENDING : State.SUCCESS;
        };
    }
}
