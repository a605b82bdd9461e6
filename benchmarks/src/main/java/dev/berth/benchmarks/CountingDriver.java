package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.UUID;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A driver that counts what the one behind it is asked for: known by URLs of its own until it is closed. */
final class CountingDriver implements Driver, AutoCloseable {
    private static final String SCHEME = "jdbc:counted-";
    private static final String JDBC = "jdbc:";

    private final String prefix = SCHEME + UUID.randomUUID() + ":";
    private final RoundTrips trips = new RoundTrips();

    private CountingDriver() {}

    static CountingDriver register() throws SQLException {
        var driver = new CountingDriver();
        DriverManager.registerDriver(driver);
        return driver;
    }

    /** The URL of the driver behind, if it is one of ours; else the URL. */
    static String behind(String url) {
        return url.startsWith(SCHEME) ? JDBC + url.substring(url.indexOf(':', SCHEME.length()) + 1) : url;
    }

    /** The same database, counted. */
    String url(String url) {
        return prefix + url.substring(JDBC.length());
    }

    RoundTrips trips() {
        return trips;
    }

    @Override
    public @Nullable Connection connect(String url, Properties info) throws SQLException {
        return acceptsURL(url) ? trips.counting(DriverManager.getConnection(behind(url), info)) : null;
    }

    @Override
    public boolean acceptsURL(String url) {
        return url.startsWith(prefix);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return 1;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("nothing is logged");
    }

    @Override
    public void close() throws SQLException {
        DriverManager.deregisterDriver(this);
    }
}
