package dev.berth.torture;

import dev.berth.jdbc.Database;
import dev.berth.jdbc.SqliteStores;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.ResourceLedger;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Makes what a ledger remembers older than it is: the time that reapers wait for, without the waiting. Only what they look
 * at: when a claim was created also says when its holdings began, after those of whoever had them before.
 */
final class Aging {
    private static final String RECORDS = "reaper/" + SqliteStores.NODE + "/";

    /** Who is stopped may hold a row, and is woken up by whoever waits for it here. */
    private static final int PATIENCE_SECONDS = 10;

    private final Database database;
    private final ResourceLedger ledger;

    Aging(Database database, ResourceLedger ledger) {
        this.database = database;
        this.ledger = ledger;
    }

    /** Some time passes for the claims of a tenant, for what sweeps have seen, and for the lease of the one that sweeps. */
    void pass(String tenant, Duration span) throws SQLException {
        run(
                "UPDATE berth_claim SET state_since = state_since - " + micros(span) + " WHERE tenant = '" + tenant
                        + "'",
                "UPDATE berth_record SET until = until - " + micros(span));
        ageMarks(span);
    }

    /** Some time passes for all. */
    void pass(Duration span) throws SQLException {
        String back = " - " + micros(span);
        run(
                "UPDATE berth_claim SET state_since = state_since" + back + ", lease_until = lease_until" + back
                        + ", attempt_until = attempt_until" + back,
                "UPDATE berth_resource SET until = until" + back,
                "UPDATE berth_record SET until = until" + back);
        ageMarks(span);
    }

    private static long micros(Duration span) {
        return span.toNanos() / 1_000;
    }

    private void run(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(PATIENCE_SECONDS);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** A mark begins with two instants, a line each. One that a sweep has just written again stays as it is. */
    private void ageMarks(Duration span) {
        for (String kind : List.of("missing/", "orphan/")) {
            for (LedgerRecord mark : ledger.records().starting(RECORDS + kind).toList()) {
                String[] lines = mark.value().split("\n", 3);
                String older = Instant.parse(lines[0]).minus(span) + "\n"
                        + Instant.parse(lines[1]).minus(span) + "\n" + lines[2];
                ledger.records().put(mark.name(), mark.version(), older);
            }
        }
    }
}
