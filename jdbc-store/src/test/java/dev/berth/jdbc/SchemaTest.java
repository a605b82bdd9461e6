package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.berth.InvalidInputException;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.StoreUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Which tables a store takes for its ledger's, and what it does with those that are not as they should be. */
class SchemaTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void missingTablesAreNotMadeUnasked(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        try (JdbcLedgerStore store = on(database, JdbcSettings.defaults())) {
            var failure = refusal(() -> store.find(Owner.of("lab", "app")));
            assertThat(failure).hasMessageContaining("createSchema()");
            assertThat(failure.isRetryable()).isFalse();
            assertThat(store.createSchema().find(Owner.of("lab", "app"))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void newerSchemaIsRefusedAndLeftAlone(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        Engine.open(database).close();
        String version = engine.quoted("schema_version");
        String meta = engine.quoted("berth_meta");
        int newer = Schema.VERSION + 5;
        Engine.run(database, "UPDATE " + meta + " SET " + version + " = " + newer);
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> Engine.open(database),
                () -> on(database, JdbcSettings.defaults()).createSchema(),
                () -> on(database, JdbcSettings.defaults()).find(Owner.of("lab", "app")))) {
            var failure = refusal(call);
            assertThat(failure)
                    .hasMessageContaining("version " + newer)
                    .hasMessageContaining("up to " + Schema.VERSION)
                    .hasMessageContaining("newer Berth");
            assertThat(failure.isRetryable()).isFalse();
        }
        assertThat(Engine.ask(database, "SELECT " + version + " FROM " + meta)).isEqualTo(Integer.toString(newer));
    }

    /** A process may die between any two of them; where the database can it takes them all back, but not everywhere. */
    @ParameterizedTest
    @EnumSource
    void createSchemaFinishesWhatWasHalfMade(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        int count = statements(engine, JdbcSettings.defaults()).size();
        for (int done = 1; done <= count; done++) {
            JdbcSettings settings = JdbcSettings.defaults().tablePrefix("half" + done + "_");
            Engine.run(database, statements(engine, settings).subList(0, done).toArray(String[]::new));
            try (JdbcLedgerStore store = on(database, settings)) {
                assertThat(refusal(store::now)).hasMessageContaining("createSchema()");
                store.createSchema();
                assertThat(Application.claim(store, "app", 1)).isInstanceOf(CommitResult.Done.class);
            }
        }
    }

    private static List<String> statements(Engine engine, JdbcSettings settings) {
        Tables tables = settings.tables();
        return new Schema(engine.dialect(), tables, new MetaRow(engine.dialect(), tables), "")
                .statements(engine.dialect().resource());
    }

    @ParameterizedTest
    @EnumSource
    void ledgersOfDifferentPrefixesDoNotSeeEachOther(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        try (JdbcLedgerStore one = on(database, JdbcSettings.defaults().tablePrefix("one_"));
                JdbcLedgerStore two = on(database, JdbcSettings.defaults().tablePrefix("two_"))) {
            assertApart(one.createSchema(), two.createSchema());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE")
    void ledgersOfDifferentSchemasDoNotSeeEachOther(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        String name = "Some berth_$1'\\?{0}%" + System.nanoTime();
        Engine.run(database, "CREATE SCHEMA " + engine.quoted(name));
        try (JdbcLedgerStore one = on(database, JdbcSettings.defaults());
                JdbcLedgerStore two =
                        on(database, JdbcSettings.defaults().schema(name).tablePrefix("two_"))) {
            assertApart(one.createSchema(), two.createSchema());
        } finally {
            Engine.run(database, "DROP SCHEMA " + engine.quoted(name) + (engine == Engine.MARIADB ? "" : " CASCADE"));
        }
    }

    /** H2 finds its own tables by names in capitals, in small letters, or in both. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DATABASE_TO_UPPER=FALSE",
                "DATABASE_TO_LOWER=TRUE",
                "CASE_INSENSITIVE_IDENTIFIERS=TRUE",
                "MODE=PostgreSQL",
                "MODE=MySQL"
            })
    void h2KeepsALedgerHoweverItWritesNames(String option) {
        try (var store = JdbcLedgerStore.open("jdbc:h2:mem:" + System.nanoTime() + ";" + option)) {
            assertThat(Application.claim(store, "app", 1)).isInstanceOf(CommitResult.Done.class);
            assertThat(store.createSchema().identity().isHome()).isTrue();
        }
    }

    private static void assertApart(JdbcLedgerStore one, JdbcLedgerStore two) {
        assertThat(one.identity().ledger()).isNotEqualTo(two.identity().ledger());
        assertThat(one.identity().current()).isNotEqualTo(two.identity().current());
        assertThat(Application.claim(one, "app", 1)).isInstanceOf(CommitResult.Done.class);
        assertThat(two.find(Owner.of("lab", "app"))).isEmpty();
        assertThat(two.occupants(List.of(SqliteStores.port(1)))).isEmpty();
        assertThat(Application.claim(two, "other", 1)).isInstanceOf(CommitResult.Done.class);
        assertThat(one.find(Owner.of("lab", "other"))).isEmpty();
        assertThat(two.prune(Duration.ofDays(1), LedgerStore.PAGE_LIMIT)).isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE")
    void missingSchemaIsNotTakenForMissingTables(Engine engine) throws Exception {
        try (JdbcLedgerStore store =
                on(engine.fresh(directory), JdbcSettings.defaults().schema("nowhere"))) {
            var failure = refusal(store::createSchema);
            assertThat(failure).hasMessageContaining("make it first");
            assertThat(failure.isRetryable()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1st_", "Berth_", "berth-", "b\"; DROP TABLE x; --", "a234567890123456789012345"})
    void badPrefixIsRefused(String prefix) {
        assertThatThrownBy(() -> JdbcSettings.defaults().tablePrefix(prefix))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("table prefix");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\"b", "a`b", "a\nb", "a\0b"})
    void badSchemaIsRefused(String schema) {
        assertThatThrownBy(() -> JdbcSettings.defaults().schema(schema))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("schema");
    }

    @Test
    void sqliteHasNoSchemas() throws Exception {
        Database database = Engine.SQLITE.fresh(directory);
        assertThatThrownBy(() -> on(database, JdbcSettings.defaults().schema("main")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("table prefix");
    }

    static JdbcLedgerStore on(Database database, JdbcSettings settings) {
        return JdbcLedgerStore.on(
                new DriverManagerDataSource(database.url(), database.user(), database.password()), settings);
    }

    private static StoreUnavailableException refusal(ThrowingCallable call) {
        return Optional.ofNullable(catchThrowableOfType(StoreUnavailableException.class, call))
                .orElseThrow(() -> new AssertionError("nothing was refused"));
    }
}
