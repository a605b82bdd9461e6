package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/**
 * The ports that an application handed out before it had a ledger, in a table or view of its own, as requests for
 * {@link dev.berth.ledger.ResourceLedger#importAll}. Any database with a JDBC driver will do.
 *
 * <pre>{@code
 * List<ClaimRequest> ports = PortTable.read(dataSource, """
 *         SELECT 'lab' AS tenant, app_id AS owner, 'previews' AS part, 'node-1' AS scope, port
 *         FROM previews WHERE port IS NOT NULL""");
 * ImportReport report = ledger.importAll(ports);                  // the second time all are unchanged
 * }</pre>
 *
 * <p>A row is one port. The query names its columns as follows, in any order and in upper or lower case.
 *
 * <table>
 * <caption>Columns</caption>
 * <tr><th>column</th><th>what</th><th>where there is none</th></tr>
 * <tr><td>{@code owner}</td><td>the owner's name</td><td>refused</td></tr>
 * <tr><td>{@code scope}</td><td>the host, as in {@code PortPool.onHost}</td><td>refused</td></tr>
 * <tr><td>{@code port}</td><td>1 to 65535, as a number or a text</td><td>refused</td></tr>
 * <tr><td>{@code tenant}</td><td>the owner's tenant</td><td>{@value #TENANT}</td></tr>
 * <tr><td>{@code part}</td><td>the part of the claim: the pool's name, where it is to be found by a pool</td>
 * <td>{@value #PART}</td></tr>
 * <tr><td>{@code role}</td><td>the role within the part; NULL in a part of one port</td><td>NULL</td></tr>
 * <tr><td>{@code protocol}</td><td>{@code tcp} or {@code udp}</td><td>{@code tcp}</td></tr>
 * </table>
 *
 * <p>All rows of one owner are one request, wherever they stand, and the rows of one part are held together. Texts are
 * taken as they are, with the spaces at their end. A NULL elsewhere, a port out of range, a port, role or row that comes
 * twice, and a column of another name are refused, and nothing is claimed: rows that have no port yet are for the query
 * to leave out.
 */
public final class PortTable {
    /** The tenant of owners where the query has no column for it. */
    public static final String TENANT = "default";

    /** The part that holds the ports where the query has no column for it. */
    public static final String PART = "ports";

    private PortTable() {}

    /**
     * Reads assignments. It takes one connection, runs the query and gives the connection back as it was: a data source
     * that is bound to the caller's transaction reads what that transaction sees, and nothing is written, begun or
     * committed.
     *
     * @param dataSource where the table is; it need not be where the ledger is
     * @param query a query with the columns above, run as it is
     * @return one request an owner, in the order in which the owners come first; empty if there are no rows
     * @throws InvalidInputException if a column or a row is not as it should be; the message names the row, counted from
     *     1 in the query's order
     * @throws StoreUnavailableException if the database cannot be reached or refuses the query
     */
    public static List<ClaimRequest> read(DataSource dataSource, String query) {
        InvalidInputException.requireNonNull("data source", dataSource);
        InvalidInputException.requireNonNull("query", query);
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            return PortRows.of(result).requests();
        } catch (SQLException e) {
            boolean passes = e instanceof SQLTransientException || e instanceof SQLRecoverableException;
            throw new StoreUnavailableException(
                    "the port table could not be read (" + e.getMessage() + "); nothing was claimed",
                    Outcome.NOT_DONE,
                    passes ? Retry.LATER : Retry.NEVER,
                    e);
        }
    }
}
