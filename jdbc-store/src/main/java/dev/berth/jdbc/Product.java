package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;

/**
 * What a data source is connected to.
 *
 * @param dialect how to speak to it
 * @param major the first number of its version
 * @param runsBlocks whether it is a MariaDB that takes a block of several statements as one
 * @param description the database for people, without secrets
 */
record Product(Dialect dialect, int major, boolean runsBlocks, String description) {
    private static final Map<String, Dialect> SCHEMES = Map.of(
            "jdbc:sqlite:", Dialect.SQLITE,
            "jdbc:postgresql:", Dialect.POSTGRESQL,
            "jdbc:mariadb:", Dialect.MARIADB,
            "jdbc:mysql:", Dialect.MARIADB,
            "jdbc:h2:", Dialect.H2);

    /** Tells by its URL what a database is. */
    static Dialect dialectOf(String url) {
        for (var scheme : SCHEMES.entrySet()) {
            if (url.startsWith(scheme.getKey())) {
                checkForm(scheme.getValue(), url);
                return scheme.getValue();
            }
        }
        // Only how it begins: what follows may carry a password.
        int end = url.startsWith("jdbc:") ? url.indexOf(':', "jdbc:".length()) : -1;
        throw InvalidInputException.of(
                "database url",
                end < 0 ? "(no jdbc url)" : url.substring(0, end + 1) + "...",
                Dialect.SUPPORTED + ", as in jdbc:sqlite:berth.db");
    }

    /** Drivers tell the whole of a URL that they cannot read, and with it the password. */
    private static void checkForm(Dialect dialect, String url) {
        String address = url.split("[?;]", 2)[0];
        if (dialect == Dialect.MARIADB && !address.contains("//")) {
            throw InvalidInputException.of(
                    "database url", "one without //", "one with a host, as in jdbc:mariadb://localhost/berth");
        }
        if (dialect == Dialect.H2 && address.equals("jdbc:h2:mem:")) {
            throw InvalidInputException.of(
                    "database url",
                    address,
                    "a database in memory with a name, as in jdbc:h2:mem:berth: without, each connection has its own");
        }
        if ((dialect == Dialect.POSTGRESQL || dialect == Dialect.MARIADB) && address.contains("@")) {
            throw InvalidInputException.of(
                    "database url",
                    "one with a user before the host",
                    "one without: JdbcSettings take user and password");
        }
    }

    /** Asks a connection what it is to. */
    static Product of(Connections connections) {
        try (Connections.Lent lent = connections.take()) {
            return of(lent.connection().getMetaData());
        } catch (SQLException e) {
            // Which database it is could not be asked, so its codes cannot be known either.
            throw Failure.of(Dialect.POSTGRESQL, e).unavailable("the database", e, Outcome.NOT_DONE);
        }
    }

    private static Product of(DatabaseMetaData about) throws SQLException {
        String product = about.getDatabaseProductName();
        String version = about.getDatabaseProductVersion();
        Dialect dialect = switch (product.toLowerCase(Locale.ROOT)) {
            case "sqlite" -> Dialect.SQLITE;
            case "postgresql" -> Dialect.POSTGRESQL;
            case "mariadb", "mysql" -> Dialect.MARIADB;
            case "h2" -> Dialect.H2;
            default -> throw InvalidInputException.of("database", product + " " + version, Dialect.SUPPORTED);
        };
        String description = product + " " + version.strip() + address(about.getURL());
        int major = about.getDatabaseMajorVersion();
        int minor = about.getDatabaseMinorVersion();
        boolean mysql = dialect == Dialect.MARIADB && !product.equalsIgnoreCase("mariadb");
        if (mysql ? major < 8 : !dialect.supports(major, minor)) {
            throw new StoreUnavailableException(
                    description + " is too old; what is supported is " + Dialect.SUPPORTED,
                    Outcome.NOT_DONE,
                    Retry.NEVER,
                    null);
        }
        if (dialect == Dialect.POSTGRESQL) {
            checkEncoding(about, description);
        }
        boolean blocks = dialect == Dialect.MARIADB && !mysql && !speaksOracle(about);
        return new Product(dialect, major, blocks, description);
    }

    /** Whether the connection's SQL mode is one in which blocks are written otherwise. */
    private static boolean speaksOracle(DatabaseMetaData about) throws SQLException {
        return ask(about, "SELECT @@sql_mode").contains("ORACLE");
    }

    private static String ask(DatabaseMetaData about, String sql) throws SQLException {
        try (Statement statement = about.getConnection().createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getString(1) : "";
        }
    }

    /** Where the database is, without the parameters, which may carry a password. */
    private static String address(String url) {
        if (url == null || url.contains("@")) {
            return "";
        }
        return " (" + url.split("[?;]", 2)[0] + ")";
    }

    private static void checkEncoding(DatabaseMetaData about, String description) throws SQLException {
        String encoding = ask(about, "SHOW server_encoding");
        if (!encoding.equals("UTF8")) {
            throw new StoreUnavailableException(
                    description + ": its encoding is " + encoding
                            + ", which cannot keep every name; make a database with the encoding UTF8",
                    Outcome.NOT_DONE,
                    Retry.NEVER,
                    null);
        }
    }
}
