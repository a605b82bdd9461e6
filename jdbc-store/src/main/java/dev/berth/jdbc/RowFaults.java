package dev.berth.jdbc;

import dev.berth.sync.RowFaultException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which errors are a row's own: a constraint, a type or a trigger refuses it. SQLite's primary result codes
 * (sqlite.org/rescode.html), PostgreSQL's SQLSTATE classes 22, 23, 44 and P0001 (appendix A of its manual), MariaDB's and
 * MySQL's error numbers (mariadb.com/kb/en/mariadb-error-codes).
 */
final class RowFaults {
    /** TOOBIG, CONSTRAINT, MISMATCH. */
    private static final Set<Integer> SQLITE = Set.of(18, 19, 20);

    private static final Set<Integer> MARIADB = Set.of(
            1048, 1062, 1169, 1216, 1217, 1264, 1265, 1292, 1364, 1366, 1406, 1411, 1451, 1452, 1526, 1586, 1644, 1690,
            1761, 3819, 3988, 4025);

    private RowFaults() {}

    /** The fault of a row; empty if it is none. */
    static Optional<RowFaultException> of(Dialect dialect, SQLException error) {
        for (@Nullable SQLException one = error; one != null; one = next(one)) {
            String state = one.getSQLState() == null ? "" : one.getSQLState();
            boolean fault = switch (dialect) {
                case SQLITE -> SQLITE.contains(one.getErrorCode() & 0xff);
                case POSTGRESQL ->
                    state.startsWith("22") || state.startsWith("23") || state.startsWith("44") || state.equals("P0001");
                case MARIADB -> MARIADB.contains(one.getErrorCode()) || state.equals("45000");
                case H2 -> state.startsWith("22") || state.startsWith("23");
            };
            if (fault) {
                String code = dialect == Dialect.POSTGRESQL ? state : Integer.toString(one.getErrorCode());
                return Optional.of(new RowFaultException(code, String.valueOf(one.getMessage()), error));
            }
        }
        return Optional.empty();
    }

    /**
     * The fault of a row that was written; empty if it is known to be the database's. A trigger may fail with any code, a
     * policy for rows with that of missing rights, and an index with one of the server's limits.
     */
    static Optional<RowFaultException> ofWrite(Dialect dialect, SQLException error) {
        Optional<RowFaultException> sure = of(dialect, error);
        if (sure.isPresent()) {
            return sure;
        }
        return switch (Failure.of(dialect, error)) {
            case OTHER, DENIED, NO_TABLES, NO_SCHEMA -> {
                String code = dialect == Dialect.POSTGRESQL && error.getSQLState() != null
                        ? error.getSQLState()
                        : Integer.toString(error.getErrorCode());
                yield Optional.of(new RowFaultException(code, String.valueOf(error.getMessage()), error));
            }
            default -> Optional.empty();
        };
    }

    /** The drivers tell of a statement that failed in a batch by an exception behind the batch's. */
    private static @Nullable SQLException next(SQLException error) {
        if (error.getNextException() != null) {
            return error.getNextException();
        }
        return error instanceof BatchUpdateException && error.getCause() instanceof SQLException cause ? cause : null;
    }
}
