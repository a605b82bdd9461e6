package dev.berth.jdbc;

import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;

/**
 * What an error of a database means, by its code and never by its words: SQLite's primary result codes
 * (sqlite.org/rescode.html), PostgreSQL's SQLSTATEs (appendix A of its manual), MariaDB's and MySQL's error numbers
 * (mariadb.com/kb/en/mariadb-error-codes), H2's (org.h2.api.ErrorCode). No error is ever taken for an answer about a
 * resource; one that is not known stays an error.
 */
enum Failure {
    /** Another transaction was quicker: nothing was changed, and the whole can be repeated at once. */
    RACED("others were in the way again and again", Retry.LATER),
    /** Another transaction is in the way: nothing was changed, and the whole can be repeated later. */
    BUSY("others kept it locked for too long: see who holds a transaction open", Retry.LATER),
    /** The connection is gone; what it was doing may have been done if it was at a commit. */
    LOST("the connection was lost, or the server is not there", Retry.LATER),
    /** No connection is to be had. */
    STARVED(
            "no connection was free: the pool is too small, or its connections are held by transactions that wait for"
                    + " this call",
            Retry.LATER),
    FULL("the disk is full, or memory is: make room", Retry.LATER),
    DISK("the disk failed", Retry.LATER),
    CLOSED_PATH("it cannot be opened: see to its directory and to the limit of open files", Retry.LATER),
    READ_ONLY("it cannot be written: see to its permissions, and whether it is a replica", Retry.NEVER),
    DENIED("the user may not do this: see to its password and its rights", Retry.NEVER),
    NO_TABLES(
            "a table is not there: if it is one of Berth's, call createSchema(), or run the statements of the schema"
                    + " resources",
            Retry.NEVER),
    NO_SCHEMA("the database, or the schema in it, is not there: make it first", Retry.NEVER),
    BAD_URL("its URL cannot be used: see to its form and its parameters", Retry.NEVER),
    DAMAGED("it is damaged: restore a copy", Retry.NEVER),
    NO_DATABASE("it is no database of SQLite: name another file", Retry.NEVER),
    OTHER("it failed for a reason that Berth does not know", Retry.NEVER);

    private final String meaning;
    private final Retry retry;

    Failure(String meaning, Retry retry) {
        this.meaning = meaning;
        this.retry = retry;
    }

    static Failure of(Dialect dialect, SQLException error) {
        Failure known = switch (dialect) {
            case SQLITE -> sqlite(error.getErrorCode() & 0xff);
            case POSTGRESQL -> postgresql(state(error));
            case MARIADB -> mariadb(error.getErrorCode());
            case H2 -> h2(error.getErrorCode());
        };
        Failure told = known == OTHER ? general(error) : known;
        // MariaDB's driver tells of a connection that was lost in a batch without code or class, but for the cause.
        return told == OTHER && error instanceof BatchUpdateException && error.getCause() instanceof SQLException cause
                ? of(dialect, cause)
                : told;
    }

    private static String state(SQLException error) {
        return error.getSQLState() == null ? "" : error.getSQLState();
    }

    private static Failure sqlite(int code) {
        return switch (code) {
            case 5, 6, 15 -> BUSY;
            case 7, 13 -> FULL;
            case 8 -> READ_ONLY;
            case 10 -> DISK;
            case 11 -> DAMAGED;
            case 14 -> CLOSED_PATH;
            case 26 -> NO_DATABASE;
            default -> OTHER;
        };
    }

    private static Failure postgresql(String state) {
        return switch (state) {
            case "40001", "40P01", "23505" -> RACED;
            case "55P03", "57014", "55006" -> BUSY;
            case "57P01", "57P02", "57P03", "57P05", "25P03" -> LOST;
            case "53300" -> STARVED;
            case "53100", "53200" -> FULL;
            case "58030" -> DISK;
            case "25006" -> READ_ONLY;
            case "42501" -> DENIED;
            case "42P01" -> NO_TABLES;
            case "3D000", "3F000" -> NO_SCHEMA;
            case "XX001", "XX002" -> DAMAGED;
            default -> OTHER;
        };
    }

    private static Failure mariadb(int code) {
        return switch (code) {
            // 1020: the row has changed since the transaction's snapshot (innodb_snapshot_isolation).
            case 1213, 1062, 1020 -> RACED;
            // 1047: a node of a cluster that has lost its quorum does nothing at all.
            case 1205, 1047, 1317, 1969, 3024 -> BUSY;
            // 1180: an error during COMMIT, as where a cluster loses its quorum: nobody knows.
            case 1053, 1077, 1079, 1152, 1153, 1158, 1159, 1160, 1161, 1180, 1184, 1927, 2006, 2013 -> LOST;
            case 1040, 1203, 1226 -> STARVED;
            case 1021, 1037, 1038, 1041, 1114 -> FULL;
            case 1026, 1030 -> DISK;
            case 1036, 1290, 1792, 1836 -> READ_ONLY;
            case 1044, 1045, 1142, 1143, 1227, 1370 -> DENIED;
            case 1146 -> NO_TABLES;
            case 1049 -> NO_SCHEMA;
            default -> OTHER;
        };
    }

    private static Failure h2(int code) {
        return switch (code) {
            case 40001, 90131, 23505 -> RACED;
            case 50200, 57014 -> BUSY;
            case 90020, 90067, 90098, 90121, 90124 -> LOST;
            case 90100, 90108 -> FULL;
            case 90028, 90031 -> DISK;
            case 90097 -> READ_ONLY;
            case 28000, 90040, 90096 -> DENIED;
            case 42102, 42103, 42104 -> NO_TABLES;
            case 90079, 90149 -> NO_SCHEMA;
            case 90011, 90046, 90113, 90138 -> BAD_URL;
            case 90030 -> DAMAGED;
            default -> OTHER;
        };
    }

    /** By the class of the SQLSTATE, and by what JDBC itself says. */
    private static Failure general(SQLException error) {
        String state = state(error);
        if (state.startsWith("08") || error instanceof SQLRecoverableException) {
            return LOST;
        }
        if (state.startsWith("40")) {
            return RACED;
        }
        if (state.startsWith("28")) {
            return DENIED;
        }
        if (error instanceof SQLNonTransientConnectionException) {
            return LOST;
        }
        // With a code it is a server's, and MariaDB's driver gives this class to every SQLSTATE that it does not know.
        boolean noConnection = error instanceof SQLTransientException && error.getErrorCode() == 0;
        return noConnection || error.getCause() instanceof InterruptedException ? STARVED : OTHER;
    }

    /** Whether the same transaction has a chance if it is begun again. */
    boolean passes() {
        return this == RACED || this == BUSY || this == LOST;
    }

    /**
     * Makes the exception for a caller.
     *
     * @param database where, in words without secrets
     */
    StoreUnavailableException unavailable(String database, SQLException error, Outcome outcome) {
        String said = switch (outcome) {
            case NOT_DONE -> "nothing was changed";
            case UNKNOWN -> "whether the change was kept is not known: look it up";
        };
        return new StoreUnavailableException(
                database + ": " + meaning + " (" + error.getMessage() + "); " + said, outcome, retry, error);
    }
}
