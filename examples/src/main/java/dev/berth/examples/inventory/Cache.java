package dev.berth.examples.inventory;

import dev.berth.examples.cli.TextTable;
import java.io.Closeable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a scanner writes and people edit: plain SQL on a file of SQLite, as before. Nothing here knows that there is a
 * share. Not safe for use by many threads.
 */
final class Cache implements Closeable {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);

    private final Connection connection;
    private final Clock clock;

    Cache(String url, Clock clock) throws SQLException {
        Tables.create(url);
        this.connection = DriverManager.getConnection(url);
        this.clock = clock;
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA foreign_keys = ON");
            statement.execute("PRAGMA busy_timeout = 10000");
        }
    }

    /** Writes what a scanner has found of a domain; what it has found before is brought up to date. */
    void store(Finding found) throws SQLException {
        transact(() -> {
            write(
                    "INSERT INTO domains (name, registrar, updated_at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                            + " registrar = excluded.registrar, updated_at = excluded.updated_at",
                    found.domain(),
                    found.registrar(),
                    now());
            for (Finding.Host host : found.hosts()) {
                write(
                        "INSERT INTO hosts (domain_id, hostname, address, updated_at) SELECT id, ?, ?, ? FROM domains"
                                + " WHERE name = ? ON CONFLICT (hostname) DO UPDATE SET address = excluded.address,"
                                + " updated_at = excluded.updated_at",
                        host.name(),
                        host.address(),
                        now(),
                        found.domain());
            }
            for (Finding.DnsRecord dns : found.records()) {
                write(
                        "INSERT INTO domain_dns_records (domain_id, type, value, ttl, updated_at) SELECT id, ?, ?, ?, ?"
                                + " FROM domains WHERE name = ? ON CONFLICT (domain_id, type, value) DO UPDATE SET"
                                + " ttl = excluded.ttl, updated_at = excluded.updated_at",
                        dns.type(),
                        dns.value(),
                        dns.ttl(),
                        now(),
                        found.domain());
            }
            write(
                    "INSERT INTO domain_certificates (domain_id, serial_number, issuer, not_after, updated_at) SELECT id,"
                            + " ?, ?, ?, ? FROM domains WHERE name = ? ON CONFLICT (domain_id, serial_number) DO UPDATE"
                            + " SET not_after = excluded.not_after, updated_at = excluded.updated_at",
                    found.serialNumber(),
                    "Example CA",
                    found.notAfter(),
                    now(),
                    found.domain());
        });
    }

    /** Says something about a domain; false if there is none of that name. */
    boolean note(String domain, String text) throws SQLException {
        return write("UPDATE domains SET note = ?, updated_at = ? WHERE name = ?", text, now(), domain) > 0;
    }

    /** Deletes domains and all that belongs to them; says how many there were. */
    int delete(List<String> domains) throws SQLException {
        var deleted = new int[1];
        transact(() -> {
            for (String domain : domains) {
                for (String table : List.of("domain_certificates", "domain_dns_records", "hosts")) {
                    write(
                            "DELETE FROM " + table + " WHERE domain_id = (SELECT id FROM domains WHERE name = ?)",
                            domain);
                }
                deleted[0] += write("DELETE FROM domains WHERE name = ?", domain);
            }
        });
        return deleted[0];
    }

    /** All domains, in the order of their names. */
    String list() throws SQLException {
        var table = TextTable.of("domain", "note", "hosts", "records", "certificates");
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name, note,"
                        + " (SELECT count(*) FROM hosts WHERE domain_id = d.id),"
                        + " (SELECT count(*) FROM domain_dns_records WHERE domain_id = d.id),"
                        + " (SELECT count(*) FROM domain_certificates WHERE domain_id = d.id)"
                        + " FROM domains d ORDER BY name")) {
            while (rows.next()) {
                String note = rows.getString(2);
                table.add(rows.getString(1), note == null ? "" : note, rows.getInt(3), rows.getInt(4), rows.getInt(5));
            }
        }
        return table.toString();
    }

    private String now() {
        return TIME.format(LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC));
    }

    /** What happens in one transaction. */
    private interface Work {
        void run() throws SQLException;
    }

    private void transact(Work work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            work.run();
            connection.commit();
        } catch (SQLException failed) {
            connection.rollback();
            throw failed;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private int write(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException gone) {
            throw new IllegalStateException("the cache cannot be closed", gone);
        }
    }
}
