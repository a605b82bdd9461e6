package dev.berth.jdbc;

import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** What it takes to connect to a database of a server. */
public record Database(String url, String user, String password) {
    /** The driver's own data source: each connection is a new one. */
    public DataSource dataSource() {
        try {
            if (isPostgres()) {
                PGSimpleDataSource postgres = new PGSimpleDataSource();
                postgres.setUrl(url);
                postgres.setUser(user);
                postgres.setPassword(password);
                return postgres;
            }
            MariaDbDataSource mariadb = new MariaDbDataSource(url);
            mariadb.setUser(user);
            mariadb.setPassword(password);
            return mariadb;
        } catch (SQLException badUrl) {
            throw new IllegalArgumentException(url, badUrl);
        }
    }

    public Connection connect() throws SQLException {
        return dataSource().getConnection();
    }

    public boolean isPostgres() {
        return url.startsWith("jdbc:postgresql:");
    }

    public String host() {
        return address().getHost();
    }

    public int port() {
        int port = address().getPort();
        return port >= 0 ? port : isPostgres() ? 5432 : 3306;
    }

    public String name() {
        return address().getPath().substring(1);
    }

    private URI address() {
        return URI.create(url.substring("jdbc:".length()).split("\\?", 2)[0]);
    }

    /** Another database of the same server. */
    public Database named(String name) {
        return withUrl(url.replaceFirst("(://[^/?]+)(/[^?]*)?", "$1/" + name));
    }

    /** The same database, reached by another address. */
    public Database at(String host, int port) {
        return withUrl(url.replaceFirst("://[^/?]+", "://" + host + ":" + port));
    }

    /** The same database, and one more setting of its driver. */
    public Database with(String setting, String value) {
        return withUrl(url + (url.contains("?") ? "&" : "?") + setting + "=" + value);
    }

    private Database withUrl(String changed) {
        return new Database(changed, user, password);
    }
}
