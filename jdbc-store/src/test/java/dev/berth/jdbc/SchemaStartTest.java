package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.CommitResult;
import dev.berth.testkit.Race;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many that start at once on an empty database make one ledger. Of SQLite see {@link SqliteProcessesTest}. */
class SchemaStartTest {
    private static final int STARTS = 10;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void tenProcessesMakeOneLedger(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        String url = database.with("user", database.user())
                .with("password", database.password())
                .url();
        List<OtherProcess> processes = new ArrayList<>();
        try {
            for (int i = 0; i < STARTS; i++) {
                processes.add(OtherProcess.start(directory, "open", url));
            }
            for (OtherProcess process : processes) {
                process.go();
            }
            Set<String> ledgers = new HashSet<>();
            for (OtherProcess process : processes) {
                ledgers.addAll(process.finish());
                assertThat(process.complaints()).isEmpty();
            }
            try (JdbcLedgerStore store = Engine.open(database)) {
                assertThat(ledgers).containsExactly(store.identity().ledger().toString());
                assertThat(store.identity().isHome()).isTrue();
            }
        } finally {
            processes.forEach(OtherProcess::close);
        }
    }

    /** Ten more at once, where the tables are those of a migration tool and the ledger has not begun. */
    @ParameterizedTest
    @EnumSource
    void tenThreadsMakeOneLedgerWhereTheTablesAreThere(Engine engine) throws Exception {
        Database database = engine.fresh(directory);
        Race.of(STARTS)
                .rounds(5)
                .run(
                        (round, racer, random) -> {
                            JdbcSettings settings = JdbcSettings.defaults().tablePrefix("round" + round + "_");
                            try (JdbcLedgerStore store = SchemaTest.on(database, settings)) {
                                return store.createSchema().identity().ledger();
                            }
                        },
                        (round, ledgers) -> {
                            assertThat(new HashSet<>(ledgers)).hasSize(1);
                            JdbcSettings settings = JdbcSettings.defaults().tablePrefix("round" + round + "_");
                            Engine.run(
                                    database,
                                    "DELETE FROM "
                                            + engine.quoted(settings.tables().prefix() + "meta"));
                        });
        Race.of(STARTS)
                .rounds(5)
                .run(
                        (round, racer, random) -> {
                            JdbcSettings settings = JdbcSettings.defaults().tablePrefix("round" + round + "_");
                            try (JdbcLedgerStore store = SchemaTest.on(database, settings)) {
                                return store.createSchema().identity().ledger();
                            }
                        },
                        (round, ledgers) -> assertThat(new HashSet<>(ledgers)).hasSize(1));
    }

    @Test
    void tenThreadsMakeOneLedgerInH2() throws Exception {
        for (int round = 0; round < 5; round++) {
            Database database = Engine.H2.fresh(directory);
            Race.of(STARTS)
                    .rounds(1)
                    .run(
                            (none, racer, random) -> {
                                try (JdbcLedgerStore store = Engine.open(database)) {
                                    assertThat(Application.claim(store, "app-" + racer, 100 + racer))
                                            .isInstanceOf(CommitResult.Done.class);
                                    return store.identity().ledger();
                                }
                            },
                            (none, ledgers) ->
                                    assertThat(new HashSet<>(ledgers)).hasSize(1));
        }
    }
}
