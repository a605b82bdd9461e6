package dev.berth.jdbc;

import java.sql.SQLException;

/** A database's error on its way out of a transaction's work. */
final class SqlTrouble extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The error. */
    private final SQLException error;

    SqlTrouble(SQLException error) {
        super(error);
        this.error = error;
    }

    SQLException error() {
        return error;
    }
}
