package dev.berth.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the prepared statements of connections from one transaction to the next, for SQLite, whose driver does not: to
 * prepare a statement costs more than to run it. They are prepared on the connection behind the pool's, which would close
 * them with its own. Safe for use by many threads, a connection being used by one at a time.
 */
final class StatementCache {
    private static final Logger LOG = LoggerFactory.getLogger(StatementCache.class);
    private static final int MOST = 64;

    private final IdentityHashMap<Connection, Map<String, PreparedStatement>> kept = new IdentityHashMap<>();

    /** The connection behind that of a pool. */
    static Connection behind(Connection connection) throws SQLException {
        return connection.isWrapperFor(Connection.class) ? connection.unwrap(Connection.class) : connection;
    }

    /** The statements of a connection, by their texts. */
    synchronized Map<String, PreparedStatement> of(Connection behind) throws SQLException {
        Map<String, PreparedStatement> known = kept.get(behind);
        if (known == null) {
            forgetClosed();
            known = new HashMap<>();
            kept.put(behind, known);
        }
        return known;
    }

    private void forgetClosed() throws SQLException {
        for (Connection behind : List.copyOf(kept.keySet())) {
            if (behind.isClosed() || kept.size() > MOST) {
                kept.remove(behind);
            }
        }
    }

    /** Closes and forgets the statements of a connection on which something has failed. */
    void drop(Connection behind) {
        Map<String, PreparedStatement> dropped;
        synchronized (this) {
            dropped = kept.remove(behind);
        }
        if (dropped == null) {
            return;
        }
        for (PreparedStatement statement : dropped.values()) {
            try {
                statement.close();
            } catch (SQLException e) {
                LOG.debug("a statement could not be closed", e);
            }
        }
    }
}
