package dev.berth.jdbc;

import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes and upgrades the ledger's tables, and knows which version of them this code understands. Safe where many
 * processes do so at once: each looks again once it has the only right to.
 */
final class Schema {
    static final int VERSION = 2;

    /** A table's name in the schema resources, quoted where the database has quotes for it. */
    private static final Pattern TABLE = Pattern.compile("([\"`])" + Tables.PREFIX + "(\\w+)\\1");

    private static final int LOCK_SECONDS = 30;
    private static final int H2_TRIES = 10;

    /** Of the schema resources the first statement makes the table with the version, and the last makes this. */
    private static final String LAST_TABLE = "tombstone_label";

    private final Dialect dialect;
    private final Tables tables;
    private final MetaRow meta;
    private final String database;

    Schema(Dialect dialect, Tables tables, MetaRow meta, String database) {
        this.dialect = dialect;
        this.tables = tables;
        this.meta = meta;
        this.database = database;
    }

    /** Checks that the tables are there, in the version that this code understands. */
    void check(Session session) throws SQLException {
        Optional<Integer> version = version(session);
        if (version.isEmpty() && isThere(session, LAST_TABLE)) {
            throw refusal(
                    "the ledger's tables " + tables.prefix()
                            + "* are there, but not its own row, with its id and its place: call createSchema(), which writes it");
        }
        if (version.isEmpty()) {
            throw refusal("the ledger's tables " + tables.prefix() + "* are not there: call createSchema(), or run the"
                    + " statements of the schema resources");
        }
        checkKnown(version.get());
        if (version.get() < VERSION) {
            throw refusal("its schema is version " + version.get() + ", and this code needs version " + VERSION
                    + ": call createSchema(), which upgrades it, or run the statements of the schema resources");
        }
    }

    /** Sees to it that the tables are there, in the version that this code understands. */
    void prepare(Session session) throws SQLException {
        Optional<Integer> seen = version(session);
        if (seen.isPresent() && seen.get() == VERSION) {
            return;
        }
        if (dialect == Dialect.SQLITE && seen.isEmpty()) {
            useWriteAheadLog(session);
        }
        lock(session);
        try {
            Optional<Integer> version = version(session);
            if (version.isPresent()) {
                checkKnown(version.get());
                upgrade(session, version.get());
            } else {
                make(session);
            }
            unlock(session);
        } catch (SQLException | RuntimeException | Error first) {
            giveUp(session, first);
            throw first;
        }
    }

    private Optional<Integer> version(Session session) throws SQLException {
        return isThere(session, "meta") ? meta.schemaVersion(session) : Optional.empty();
    }

    private boolean isThere(Session session, String name) throws SQLException {
        String table = tables.prefix() + name;
        return switch (dialect) {
            case SQLITE ->
                session.first(Row::integer, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table)
                        .isPresent();
            case POSTGRESQL ->
                session.first(
                                Row::flag,
                                "SELECT CASE WHEN to_regclass(?) IS NULL THEN 0 ELSE 1 END",
                                tables.quoted(name))
                        .orElse(false);
            case MARIADB ->
                session.first(
                                Row::integer,
                                "SELECT 1 FROM information_schema.tables WHERE table_schema = coalesce(?, database())"
                                        + " AND table_name = ?",
                                tables.schema().orElse(null),
                                table)
                        .isPresent();
            case H2 ->
                session.first(
                                Row::integer,
                                // In capitals, which is what it has where DATABASE_TO_UPPER is off.
                                "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = coalesce("
                                        + "utf8tostring(?), current_schema()) AND TABLE_NAME = utf8tostring(?)",
                                tables.schema().orElse(null),
                                table)
                        .isPresent();
        };
    }

    private void checkKnown(int version) {
        if (version > VERSION) {
            throw refusal("its schema is version " + version + ", and this code knows versions up to " + VERSION
                    + ": take a newer Berth");
        }
        if (version < first()) {
            throw refusal("its schema is version " + version + ", which no Berth has made");
        }
    }

    /** The first version that was ever made in this database. */
    private int first() {
        return dialect == Dialect.SQLITE ? 1 : 2;
    }

    /** Takes the only right to make tables. H2 has none to give; there each statement says IF NOT EXISTS. */
    private void lock(Session session) throws SQLException {
        switch (dialect) {
            case SQLITE -> session.run("BEGIN EXCLUSIVE");
            case POSTGRESQL -> {
                session.run("BEGIN");
                session.first(Row::text, "SELECT pg_advisory_xact_lock(hashtext(?))::text", lockName());
            }
            case MARIADB -> {
                boolean got = session.first(
                                Row::integer, "SELECT coalesce(get_lock(?, ?), 0)", lockName(), LOCK_SECONDS)
                        .map(one -> one == 1)
                        .orElse(false);
                if (!got) {
                    throw new StoreUnavailableException(
                            database + ": another process has been making the tables for " + LOCK_SECONDS
                                    + " s: see whether it still is",
                            Outcome.NOT_DONE,
                            Retry.LATER,
                            null);
                }
            }
            case H2 -> {}
        }
    }

    private String lockName() {
        // MySQL takes 64 characters.
        return "berth schema " + Integer.toHexString((tables.schema().orElse("") + "." + tables.prefix()).hashCode());
    }

    private void unlock(Session session) throws SQLException {
        switch (dialect) {
            case SQLITE, POSTGRESQL -> session.run("COMMIT");
            case MARIADB -> session.first(Row::integer, "SELECT coalesce(release_lock(?), 0)", lockName());
            case H2 -> {}
        }
    }

    /** Where the connection was lost this fails too, but what is told is what failed first. */
    private void giveUp(Session session, Throwable first) {
        try {
            if (dialect == Dialect.MARIADB) {
                unlock(session);
            } else if (dialect != Dialect.H2) {
                session.run("ROLLBACK");
            }
        } catch (SQLException e) {
            first.addSuppressed(e);
        }
    }

    /**
     * A migration tool may have run the statements; the row is what is missing then. A tool or a killed process may have
     * left some of the tables: each statement says IF NOT EXISTS.
     */
    private void make(Session session) throws SQLException {
        if (!isThere(session, LAST_TABLE)) {
            for (String statement : statements(dialect.resource())) {
                make(session, statement);
            }
        }
        meta.insert(session, VERSION, UUID.randomUUID(), Places.of(session, tables));
    }

    /**
     * Makes one thing if it is not there. H2 fails with a general error where another makes the same at this moment (its
     * {@code IF NOT EXISTS} looks before it locks, version 2.5); then it is there when it is looked for again.
     */
    private void make(Session session, String statement) throws SQLException {
        for (int tries = 1; ; tries++) {
            try {
                session.run(statement);
                return;
            } catch (SQLException e) {
                if (dialect != Dialect.H2 || tries == H2_TRIES) {
                    throw e;
                }
            }
        }
    }

    private void upgrade(Session session, int from) throws SQLException {
        for (int version = from; version < VERSION; version++) {
            for (String statement : statements(dialect.resource() + "-" + version + "-to-" + (version + 1))) {
                session.run(statement);
            }
            meta.setSchemaVersion(session, version + 1);
        }
    }

    /** The file remembers its journal mode, so this is needed once; it cannot be done inside a transaction. */
    private void useWriteAheadLog(Session session) throws SQLException {
        String mode = session.first(Row::text, "PRAGMA journal_mode = WAL").orElse("");
        if (!mode.equals("wal")) {
            throw refusal("it cannot keep a write-ahead log (journal mode is " + mode + "): take a local file system");
        }
    }

    private StoreUnavailableException refusal(String why) {
        return new StoreUnavailableException(database + ": " + why, Outcome.NOT_DONE, Retry.NEVER, null);
    }

    /** The statements of a schema resource, with the names that the tables have. */
    List<String> statements(String resource) {
        List<String> statements = new ArrayList<>();
        for (String statement : named(text(resource)).split(";\\s*\n", -1)) {
            if (!statement.isBlank()) {
                statements.add(statement);
            }
        }
        return statements;
    }

    private String named(String text) {
        String where = tables.schema()
                .map(schema -> "$1" + Matcher.quoteReplacement(schema) + "$1.")
                .orElse("");
        // First what has no quotes, such as indexes: a schema's name may look like one of theirs.
        String indexed = text.replace(" " + Tables.PREFIX, " " + tables.prefix());
        return TABLE.matcher(indexed).replaceAll(where + "$1" + tables.prefix() + "$2$1");
    }

    private static String text(String name) {
        String path = "schema/" + name + ".sql";
        try (InputStream resource = Schema.class.getResourceAsStream(path)) {
            if (resource == null) {
                throw new IllegalStateException("the resource " + path + " is missing from the jar");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
