package dev.berth.jdbc;

import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.sql.SQLException;
import java.sql.SQLTransientException;

/**
 * What an error of SQLite means, by its primary result code (sqlite.org/rescode.html), which the driver gives as the
 * vendor code. No code is ever taken for an answer about a resource.
 */
final class SqliteErrors {
    private static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int NOMEM = 7;
    private static final int READONLY = 8;
    private static final int IOERR = 10;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int CANTOPEN = 14;
    private static final int PROTOCOL = 15;
    private static final int NOTADB = 26;

    private SqliteErrors() {}

    /** Whether another connection was in the way: nothing was changed, and the whole transaction can be repeated. */
    static boolean isBusy(SQLException error) {
        int code = code(error);
        return code == BUSY || code == LOCKED || code == PROTOCOL;
    }

    static StoreUnavailableException unavailable(SqliteFile file, SQLException error, Outcome outcome) {
        String said = switch (outcome) {
            case NOT_DONE -> "nothing was changed";
            case UNKNOWN -> "whether the change was kept is not known: look it up";
        };
        return new StoreUnavailableException(
                "SQLite file " + file.path() + ": " + meaning(code(error)) + " (" + error.getMessage() + "); " + said,
                outcome,
                retry(error),
                error);
    }

    private static String meaning(int code) {
        return switch (code) {
            case BUSY, LOCKED, PROTOCOL -> "others kept it locked for too long: see who holds a transaction open";
            case NOMEM -> "out of memory";
            case READONLY -> "it cannot be written: see to its permissions and its file system";
            case IOERR -> "the disk failed";
            case CORRUPT -> "it is damaged: restore a copy";
            case FULL -> "the disk is full: make room";
            case CANTOPEN -> "it cannot be opened: see to its directory and to the limit of open files";
            case NOTADB -> "it is no database of SQLite: name another file";
            default -> "failed for a reason that Berth does not know";
        };
    }

    private static Retry retry(SQLException error) {
        if (error instanceof SQLTransientException || error.getCause() instanceof InterruptedException) {
            return Retry.LATER;
        }
        return switch (code(error)) {
            case BUSY, LOCKED, PROTOCOL, NOMEM, IOERR, FULL, CANTOPEN -> Retry.LATER;
            default -> Retry.NEVER;
        };
    }

    private static int code(SQLException error) {
        return error.getErrorCode() & 0xff;
    }
}
