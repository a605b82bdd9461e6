package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.Capture;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Triggers are in nobody's way and see what they are to see, and tables elsewhere are left alone. */
class SyncTriggersTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;
    private static final SyncTable DOMAINS = SyncTable.named("domains").key("name");
    private static final SyncTable ITEMS = SyncTable.named("items").key("k");

    @TempDir
    private Path directory;

    private static SyncEngine engine(SyncPair pair, SyncTable table) {
        return builder(pair, table).remoteCapture(Capture.TRIGGERS).build();
    }

    private static SyncEngineBuilder builder(SyncPair pair, SyncTable table) {
        return SyncEngine.between(pair.local, pair.remote).table(table).onConflict(ConflictPolicy.REMOTE);
    }

    /** Whoever may write in the table may go on, wherever Berth's tables are looked for. */
    @Test
    void whoWritesNeedsNothingOfBerths() throws Exception {
        try (var pair = SyncPair.of(Engine.POSTGRESQL, directory)) {
            SyncEngine sync = engine(pair, DOMAINS);
            sync.sync();
            sync.sync();
            String role = "app_" + UUID.randomUUID().toString().replace("-", "");
            pair.there(
                    "CREATE ROLE " + role,
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON domains TO " + role,
                    "GRANT USAGE ON SEQUENCE domains_id_seq TO " + role,
                    "CREATE SCHEMA elsewhere",
                    "CREATE TABLE elsewhere.berth_sync_change (LIKE public.berth_sync_change)");
            try (Connection connection = Engine.connect(pair.remoteBase);
                    Statement statement = connection.createStatement()) {
                statement.execute("SET search_path = elsewhere");
                statement.execute("INSERT INTO public.domains (name) VALUES ('by another path')");
                statement.execute("SET ROLE " + role);
                statement.execute("INSERT INTO public.domains (name) VALUES ('by another role')");
                statement.execute("RESET ROLE");
                statement.execute("SET session_replication_role = replica");
                statement.execute("INSERT INTO public.domains (name) VALUES ('replicated')");
            }
            assertThat(told(sync.pull(), "domains", Direction.PULL)).isEqualTo("INSERTED 3");
            pair.there("TRUNCATE domains CASCADE");
            assertThat(told(sync.pull(), "domains", Direction.PULL)).isEqualTo("DELETED 3");
            pair.there("DROP OWNED BY " + role, "DROP ROLE " + role);
        }
    }

    /** Partitions have copies of the triggers, which are not counted. */
    @Test
    void triggersOfPartitionedTablesStay() throws Exception {
        try (var pair = SyncPair.of(Engine.POSTGRESQL, directory)) {
            pair.here("CREATE TABLE items (id INTEGER PRIMARY KEY, k VARCHAR(20) NOT NULL UNIQUE, v TEXT)");
            pair.there(
                    "CREATE TABLE items (k varchar(20) PRIMARY KEY, v text) PARTITION BY LIST (k)",
                    "CREATE TABLE items_a PARTITION OF items FOR VALUES IN ('a')",
                    "CREATE TABLE items_b PARTITION OF items DEFAULT",
                    "INSERT INTO items VALUES ('a', '1'), ('b', '1')");
            SyncEngine sync = engine(pair, ITEMS);
            sync.sync();
            String made = "SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_trigger WHERE NOT tgisinternal";
            String before = pair.askThere(made);
            pair.there("UPDATE items SET v = '2' WHERE k = 'b'");
            assertThat(told(sync.pull(), "items", Direction.PULL)).isEqualTo("UPDATED 1");
            assertThat(pair.askThere(made)).isEqualTo(before);
        }
    }

    /** What was noted of the old key is nowhere, so all is compared; and from then on the new one is noted. */
    @Test
    void triggersGoWithTheKeyOfTheTable() throws Exception {
        try (var pair = SyncPair.of(Engine.POSTGRESQL, directory)) {
            pair.here("CREATE TABLE items (id INTEGER PRIMARY KEY, k VARCHAR(20) NOT NULL UNIQUE, v TEXT)");
            pair.there(
                    "CREATE TABLE items (id bigserial PRIMARY KEY, k varchar(20) NOT NULL UNIQUE, v text)",
                    "INSERT INTO items (k, v) VALUES ('a', '1'), ('b', '1')");
            SyncEngine sync = engine(pair, ITEMS);
            sync.sync();
            sync.sync();
            pair.there(
                    "ALTER TABLE items DROP CONSTRAINT items_pkey",
                    "ALTER TABLE items ADD PRIMARY KEY (k)",
                    "UPDATE items SET v = '2' WHERE k = 'a'");
            sync.sync();
            assertThat(pair.askHere("SELECT v FROM items WHERE k = 'a'")).isEqualTo("2");
            pair.there("ALTER TABLE items DROP COLUMN id", "UPDATE items SET v = '3' WHERE k = 'b'");
            assertThat(told(sync.pull(), "items", Direction.PULL)).isEqualTo("UPDATED 1");
        }
    }

    /** A place takes whatever a primary key can be. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void longKeysAreNoted(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            String key = "鍵".repeat(250);
            pair.here("CREATE TABLE items (id INTEGER PRIMARY KEY, k VARCHAR(255) NOT NULL UNIQUE, v TEXT)");
            pair.there("CREATE TABLE items (k VARCHAR(255) NOT NULL PRIMARY KEY, v VARCHAR(20))"
                    + (engine == Engine.MARIADB ? " CHARACTER SET utf8mb4" : ""));
            SyncEngine sync = engine(pair, ITEMS);
            sync.sync();
            pair.there("INSERT INTO items VALUES ('" + key + "', '1')");
            assertThat(told(sync.pull(), "items", Direction.PULL)).isEqualTo("INSERTED 1");
            pair.there("DELETE FROM items");
            assertThat(told(sync.pull(), "items", Direction.PULL)).isEqualTo("DELETED 1");
        }
    }

    /** A key's change is one, even where its column takes both spellings for equal. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aChangeOfCaseIsARename(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here("CREATE TABLE items (k VARCHAR(20) COLLATE NOCASE NOT NULL PRIMARY KEY, v TEXT)");
            pair.there("CREATE TABLE items (k VARCHAR(20) NOT NULL PRIMARY KEY, v VARCHAR(20))");
            SyncEngine sync = builder(pair, ITEMS).capture(Capture.TRIGGERS).build();
            pair.here("INSERT INTO items VALUES ('abc', '1')");
            sync.sync();
            pair.here("UPDATE items SET k = 'ABC'");
            sync.sync();
            sync.sync();
            assertThat(pair.askThere("SELECT k FROM items")).isEqualTo("ABC");
            assertThat(pair.askThere("SELECT count(*) FROM items")).isEqualTo("1");
            assertThat(pair.askHere("SELECT k FROM items")).isEqualTo("ABC");
        }
    }

    /** Rows of other schemas that would go with the deleted one keep it where it is. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void whatAnotherSchemaRefersToStays(Engine engine) throws Exception {
        String other = "other_" + UUID.randomUUID().toString().replace("-", "");
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here("INSERT INTO domains (name) VALUES ('a'), ('b')");
            SyncEngine sync = builder(pair, DOMAINS).build();
            sync.sync();
            String home = engine == Engine.MARIADB ? pair.askThere("SELECT database()") : "public";
            pair.there(
                    "CREATE SCHEMA " + other,
                    "CREATE TABLE " + other
                            + ".hosts (name VARCHAR(100), note VARCHAR(20), FOREIGN KEY (name) REFERENCES " + home
                            + ".domains (name) ON DELETE CASCADE)",
                    "INSERT INTO " + other + ".hosts VALUES ('a', 'precious')");
            pair.here("DELETE FROM domains");
            assertThat(told(sync.push(), "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1, DELETED 1");
            assertThat(pair.askThere("SELECT note FROM " + other + ".hosts")).isEqualTo("precious");
            sync.sync();
            assertThat(pair.askHere("SELECT name FROM domains")).isEqualTo("a");
        } finally {
            dropSchema(engine, other);
        }
    }

    private static void dropSchema(Engine engine, String schema) throws SQLException {
        if (engine == Engine.MARIADB) {
            Engine.run(Servers.mariadb().admin(), "DROP SCHEMA IF EXISTS " + schema);
        }
    }

    /** Who opens a store does not wait for those who sync. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void openingWaitsForNobodysBatch(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                Connection connection = Engine.connect(pair.remoteBase);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("UPDATE berth_sync_store SET only_row = 1");
            statement.execute("DELETE FROM berth_sync_note");
            long begin = System.nanoTime();
            SyncPair.open(pair.remoteBase).close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
            connection.rollback();
        }
    }

    /** What is written to a table would be written to its heirs' rows, which have the same keys by chance. */
    @Test
    void aTableWithHeirsIsRefused() throws Exception {
        try (var pair = SyncPair.of(Engine.POSTGRESQL, directory)) {
            pair.there("CREATE TABLE archive () INHERITS (domains)");
            SyncEngine sync = builder(pair, DOMAINS).build();
            assertThatThrownBy(sync::push)
                    .isInstanceOf(SyncRefusedException.class)
                    .hasMessageContaining("archive");
        }
    }

    /** Nobody has noted the other side's change; what won comes all the same. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatWinsAConflictComesBack(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngineBuilder both =
                    builder(pair, DOMAINS).capture(Capture.TRIGGERS).remoteCapture(Capture.TRIGGERS);
            SyncEngine sync = both.build();
            pair.here("INSERT INTO domains (name, note) VALUES ('a', '1')");
            sync.sync();
            sync.sync();
            pair.there("UPDATE domains SET note = 'there'", "DELETE FROM berth_sync_change");
            pair.here("UPDATE domains SET note = 'here'");
            assertThat(told(sync.push(), "domains", Direction.PUSH)).isEqualTo("CONFLICTED 1");
            assertThat(told(sync.pull(), "domains", Direction.PULL)).isEqualTo("UPDATED 1");
            assertThat(pair.here()).isEqualTo(pair.there()).containsExactly("[domain, a, there]");
            SyncEngine mine = both.onConflict(ConflictPolicy.LOCAL).build();
            pair.there("UPDATE domains SET note = 'there again'");
            pair.here("UPDATE domains SET note = 'here again'", "DELETE FROM berth_sync_change");
            assertThat(told(mine.pull(), "domains", Direction.PULL)).isEqualTo("CONFLICTED 1");
            assertThat(told(mine.push(), "domains", Direction.PUSH)).isEqualTo("UPDATED 1");
            assertThat(pair.here()).isEqualTo(pair.there()).containsExactly("[domain, a, here again]");
        }
    }

    /** What the engine itself writes back is noted as the application would note it. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void reappliedRowsAndMergesGoOutWhereCallsAreMade(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngineBuilder calls = builder(pair, DOMAINS).capture(Capture.CALLS);
            SyncEngine sync = calls.build();
            pair.here("INSERT INTO domains (name, note) VALUES ('a', '1')");
            sync.sync();
            pair.there("UPDATE domains SET note = 'theirs'");
            writeHere(pair, "mine");
            sync.sync();
            sync.reapply(sync.lostRows("domains").get(0));
            sync.sync();
            assertThat(pair.here()).isEqualTo(pair.there()).containsExactly("[domain, a, mine]");
            SyncEngine merging = calls.onConflict(ConflictPolicy.merging(conflict -> {
                        var merged = new LinkedHashMap<>(conflict.local());
                        merged.put(
                                "note",
                                conflict.local().get("note") + "+"
                                        + conflict.remote().get("note"));
                        return merged;
                    }))
                    .build();
            pair.there("UPDATE domains SET note = 'r'");
            writeHere(pair, "l");
            merging.pull();
            merging.push();
            assertThat(pair.here()).isEqualTo(pair.there()).containsExactly("[domain, a, l+r]");
        }
    }

    private static void writeHere(SyncPair pair, String note) throws SQLException {
        try (Connection connection = Engine.connect(pair.localBase);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("UPDATE domains SET note = '" + note + "'");
            pair.local.written(connection, "domains", 1L);
            connection.commit();
        }
    }

    /** What came in is no write of this side. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatWasPulledIsNotPending(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = builder(pair, DOMAINS).capture(Capture.TRIGGERS).build();
            sync.sync();
            pair.there("INSERT INTO domains (name) VALUES ('a'), ('b')");
            sync.sync();
            pair.there("UPDATE domains SET note = 'x'");
            sync.sync();
            assertThat(sync.status().pendingWrites()).hasValue(0);
            assertThat(sync.pendingWrites()).isZero();
            pair.here("UPDATE domains SET note = 'y' WHERE name = 'a'");
            assertThat(sync.status().pendingWrites()).hasValue(1);
            assertThat(told(sync.push(), "domains", Direction.PUSH)).isEqualTo("UPDATED 1");
        }
    }

    /** Rows that were compared by fewer columns are compared again. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void anotherDeclarationComparesAgain(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here("INSERT INTO domains (name, note) VALUES ('a', 'x')");
            SyncEngine some = builder(
                            pair, SyncTable.named("domains").key("name").columns("updated_at"))
                    .capture(Capture.TRIGGERS)
                    .remoteCapture(Capture.TRIGGERS)
                    .build();
            some.sync();
            some.sync();
            SyncEngine all = builder(pair, DOMAINS)
                    .capture(Capture.TRIGGERS)
                    .remoteCapture(Capture.TRIGGERS)
                    .onConflict(ConflictPolicy.LOCAL)
                    .build();
            assertThat(all.sync().count(Outcome.CONFLICTED)).isEqualTo(1);
            assertThat(pair.here()).isEqualTo(pair.there()).containsExactly("[domain, a, x]");
            assertThat(all.sync().count(Outcome.CONFLICTED)).isZero();
        }
    }
}
