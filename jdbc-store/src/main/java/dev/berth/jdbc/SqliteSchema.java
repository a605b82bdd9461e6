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
import java.util.UUID;

/** Makes the ledger's tables in an SQLite file, and knows which version of them this code understands. */
final class SqliteSchema {
    static final int VERSION = 1;

    private static final String RESOURCE = "schema/sqlite.sql";
    private static final int[] LEAST_SQLITE = {3, 37};

    private final SqliteFile file;
    private final MetaRow meta;

    SqliteSchema(SqliteFile file, MetaRow meta) {
        this.file = file;
        this.meta = meta;
    }

    /**
     * Sees to it that the tables are there. Safe where many processes do so at once: each looks again once it has the
     * only right to write.
     *
     * @throws SQLException if SQLite fails; when it was busy, the whole can be repeated
     */
    void prepare(Session session) throws SQLException {
        checkSqlite(session);
        if (isThere(session)) {
            checkVersion(session);
            return;
        }
        useWriteAheadLog(session);
        session.run("BEGIN EXCLUSIVE");
        boolean made = false;
        try {
            if (isThere(session)) {
                checkVersion(session);
            } else {
                for (String statement : statements()) {
                    session.run(statement);
                }
                meta.insert(session, VERSION, UUID.randomUUID(), file.place());
            }
            session.run("COMMIT");
            made = true;
        } finally {
            if (!made) {
                session.run("ROLLBACK");
            }
        }
    }

    private void checkSqlite(Session session) throws SQLException {
        String version = session.first(Row::text, "SELECT sqlite_version()").orElse("");
        String[] parts = version.split("\\.", -1);
        boolean old = parts.length < 2
                || Integer.parseInt(parts[0]) < LEAST_SQLITE[0]
                || (Integer.parseInt(parts[0]) == LEAST_SQLITE[0] && Integer.parseInt(parts[1]) < LEAST_SQLITE[1]);
        if (old) {
            throw refusal(
                    "the driver brings SQLite " + version + ", and this needs 3.37 or newer: take a newer driver");
        }
    }

    private static boolean isThere(Session session) throws SQLException {
        return session.first(Row::integer, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'berth_meta'")
                .isPresent();
    }

    private void checkVersion(Session session) throws SQLException {
        int version = meta.schemaVersion(session).orElse(0);
        if (version > VERSION) {
            throw refusal("its schema is version " + version + ", and this code knows versions up to " + VERSION
                    + ": take a newer Berth");
        }
        if (version < VERSION) {
            throw refusal("its schema is version " + version + ", which no Berth has made: name another file");
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
        return new StoreUnavailableException(
                "SQLite file " + file.path() + ": " + why, Outcome.NOT_DONE, Retry.NEVER, null);
    }

    private static List<String> statements() {
        try (InputStream resource = SqliteSchema.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException("the resource " + RESOURCE + " is missing from the jar");
            }
            String text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            List<String> statements = new ArrayList<>();
            for (String statement : text.split(";\\s*\n", -1)) {
                if (!statement.isBlank()) {
                    statements.add(statement);
                }
            }
            return statements;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
