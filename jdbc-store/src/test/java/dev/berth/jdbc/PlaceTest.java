package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerIdentity;
import dev.berth.ledger.Owner;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A copied ledger knows that it is not where it was, and one that has stayed knows that, too. */
class PlaceTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void copyInAnotherDatabaseIsNotAtHome(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        Database copy = engine.fresh(directory);
        LedgerIdentity original;
        try (JdbcLedgerStore store = Engine.open(database)) {
            assertThat(Application.claim(store, "app", 1)).isInstanceOf(CommitResult.Done.class);
            original = store.identity();
            assertThat(original.isHome()).isTrue();
        }
        copy(engine, database, copy);
        assertNotAtHome(copy, JdbcSettings.defaults(), original);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE")
    void copyInAnotherSchemaIsNotAtHome(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        LedgerIdentity original;
        try (JdbcLedgerStore store = Engine.open(database)) {
            original = store.identity();
        }
        String name = "copy_" + System.nanoTime();
        Engine.run(database, "CREATE SCHEMA " + engine.quoted(name));
        Database copy = inSchema(engine, database, name);
        try {
            copy(engine, database, copy);
            assertNotAtHome(copy, JdbcSettings.defaults(), original);
            assertNotAtHome(database, JdbcSettings.defaults().schema(name), original);
        } finally {
            Engine.run(database, "DROP SCHEMA " + engine.quoted(name) + (engine == Engine.MARIADB ? "" : " CASCADE"));
        }
    }

    private static void assertNotAtHome(Database database, JdbcSettings settings, LedgerIdentity original) {
        try (JdbcLedgerStore store = SchemaTest.on(database, settings)) {
            assertThat(store.identity().ledger()).isEqualTo(original.ledger());
            assertThat(store.identity().recorded()).isEqualTo(original.current());
            assertThat(store.identity().isHome()).isFalse();
        }
    }

    /** Connections that look in a schema first. */
    private static Database inSchema(Engine engine, Database database, String schema) {
        return switch (engine) {
            case POSTGRESQL -> database.with("currentSchema", schema);
            case MARIADB -> database.named(schema);
            case H2 ->
                new Database(database.url() + ";SCHEMA=\"" + schema + "\"", database.user(), database.password());
            case SQLITE -> throw new AssertionError("SQLite has no schemas");
        };
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE")
    void placeDoesNotDependOnWhereTheConnectionLooksFirst(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        String name = "berth_" + System.nanoTime();
        Engine.run(database, "CREATE SCHEMA " + engine.quoted(name));
        JdbcSettings named = JdbcSettings.defaults().schema(name);
        Database looking = inSchema(engine, database, name);
        try (JdbcLedgerStore one = SchemaTest.on(database, named);
                JdbcLedgerStore two = SchemaTest.on(looking, JdbcSettings.defaults());
                JdbcLedgerStore three = SchemaTest.on(looking, named)) {
            LedgerIdentity identity = one.createSchema().identity();
            assertThat(identity.isHome()).isTrue();
            assertThat(two.identity()).isEqualTo(identity);
            assertThat(three.identity()).isEqualTo(identity);
        } finally {
            Engine.run(database, "DROP SCHEMA " + engine.quoted(name) + (engine == Engine.MARIADB ? "" : " CASCADE"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void placeDoesNotDependOnTheAddressOfTheServer(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        Database byName =
                database.at(database.host().equals("127.0.0.1") ? "localhost" : database.host(), database.port());
        try (JdbcLedgerStore one = Engine.open(database);
                JdbcLedgerStore two = Engine.open(byName)) {
            assertThat(two.identity()).isEqualTo(one.identity());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    @Tag("slow")
    void placeStaysTheSameWhenTheServerIsStartedAgain(String engine) throws Exception {
        Server server = Servers.of(engine);
        Database database = server.freshDatabase();
        LedgerIdentity before;
        try (JdbcLedgerStore store = Engine.open(database)) {
            before = store.identity();
        }
        server.kill();
        server.restart();
        try (JdbcLedgerStore store = Engine.open(database)) {
            assertThat(store.identity()).isEqualTo(before);
            assertThat(before.isHome()).isTrue();
        }
    }

    @Test
    void placeOfAFileOfH2StaysTheSameWhenItIsOpenedAgain() throws Exception {
        Database database = new Database("jdbc:h2:file:" + directory.resolve("ledger"), "sa", "");
        LedgerIdentity before;
        try (JdbcLedgerStore store = Engine.open(database)) {
            before = store.identity();
        }
        try (JdbcLedgerStore store = Engine.open(database)) {
            assertThat(store.identity()).isEqualTo(before);
            assertThat(before.isHome()).isTrue();
        }
    }

    /** Copies all rows, as a dump and its restoration do. */
    private static void copy(Engine engine, Database from, Database to) throws SQLException {
        try (JdbcLedgerStore store = Engine.open(to)) {
            assertThat(store.find(Owner.of("lab", "app"))).isEmpty();
        }
        Engine.run(to, "DELETE FROM " + engine.quoted("berth_meta"));
        for (String table : List.of("meta", "claim", "resource", "label", "record")) {
            copy(engine.quoted("berth_" + table), from, to);
        }
    }

    private static void copy(String table, Database from, Database to) throws SQLException {
        try (Connection reading = Engine.connect(from);
                Connection writing = Engine.connect(to);
                Statement select = reading.createStatement();
                ResultSet rows = select.executeQuery("SELECT * FROM " + table)) {
            int columns = rows.getMetaData().getColumnCount();
            String marks = String.join(", ", Collections.nCopies(columns, "?"));
            try (PreparedStatement insert =
                    writing.prepareStatement("INSERT INTO " + table + " VALUES (" + marks + ")")) {
                while (rows.next()) {
                    List<Object> values = new ArrayList<>();
                    for (int i = 1; i <= columns; i++) {
                        values.add(rows.getObject(i));
                        insert.setObject(i, rows.getObject(i));
                    }
                    assertThat(insert.executeUpdate()).as(table + " " + values).isEqualTo(1);
                }
            }
        }
    }
}
