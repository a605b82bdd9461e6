package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each plan that cannot be safe is refused with its reason, before a row moves. */
class SyncRefusalsTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    /**
     * A plan that is refused.
     *
     * @param here the local table
     * @param there the remote one, by PostgreSQL's words
     * @param tables what is synced
     * @param reason what is said
     */
    private record Refused(String here, String there, List<SyncTable> tables, String reason) {}

    private static SyncTable table(String name) {
        return SyncTable.named(name).key("k").version("v");
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void eachReasonIsTold(Engine engine) throws Exception {
        String bytes = engine == Engine.POSTGRESQL ? "bytea" : engine == Engine.MARIADB ? "VARBINARY(20)" : "BLOB";
        String id = "id INTEGER PRIMARY KEY";
        String plain = "k VARCHAR(20) NOT NULL UNIQUE, v INTEGER";
        String parent = "CREATE TABLE parent (" + id + ", k VARCHAR(20) NOT NULL UNIQUE, v INTEGER)";
        List<Refused> all = List.of(
                new Refused(plain, "k " + bytes + " NOT NULL UNIQUE, v INTEGER", List.of(table("t")), "holds bytes"),
                new Refused(plain, "k VARCHAR(20), v INTEGER, UNIQUE (k)", List.of(table("t")), "takes NULL"),
                new Refused(
                        plain, "k VARCHAR(20) NOT NULL, v INTEGER", List.of(table("t")), "no unique key of exactly"),
                new Refused(
                        plain,
                        "k VARCHAR(20) NOT NULL, j INTEGER NOT NULL, v INTEGER, UNIQUE (k, j)",
                        List.of(table("t")),
                        "no unique key of exactly"),
                new Refused(plain, "k VARCHAR(20) NOT NULL UNIQUE", List.of(table("t")), "no version column v"),
                new Refused(
                        plain + ", x TEXT",
                        plain + ", x " + bytes,
                        List.of(table("t")),
                        "no value of the one is sure to be kept by the other"),
                new Refused(
                        plain,
                        plain + ", x INTEGER NOT NULL",
                        List.of(table("t")),
                        "needs a value and does not travel"),
                new Refused(
                        plain,
                        plain + ", p INTEGER, FOREIGN KEY (p) REFERENCES parent (id)",
                        List.of(table("t").columns("k", "v", "p")),
                        "has no column p"),
                new Refused(
                        plain + ", p INTEGER REFERENCES parent (id)",
                        plain + ", p INTEGER, FOREIGN KEY (p) REFERENCES parent (id)",
                        List.of(table("t")),
                        "refers to parent, which is not synced"),
                new Refused(
                        plain + ", p INTEGER",
                        plain + ", p INTEGER",
                        List.of(table("t").reference("p", "parent")),
                        "refers to parent, which is not synced"),
                new Refused(
                        "id INTEGER DEFAULT 1 PRIMARY KEY, " + plain + ", p INTEGER NOT NULL",
                        "id INTEGER DEFAULT 1 PRIMARY KEY, " + plain + ", p INTEGER NOT NULL",
                        List.of(table("t").reference("p", "t")),
                        "refer to each other, and no column of it takes NULL"),
                new Refused(
                        "id INTEGER NOT NULL UNIQUE, k INTEGER NOT NULL PRIMARY KEY, v INTEGER",
                        "id INTEGER NOT NULL UNIQUE, k INTEGER NOT NULL PRIMARY KEY, v INTEGER",
                        List.of(table("t").reference("k", "t")),
                        "its key leads back to itself"));
        for (Refused refused : all) {
            try (var pair = SyncPair.of(engine, directory)) {
                pair.here(parent);
                pair.there(parent);
                pair.here("CREATE TABLE t (" + refused.here() + ")");
                pair.there("CREATE TABLE t (" + refused.there() + ")");
                SyncEngineBuilder builder = SyncEngine.between(pair.local, pair.remote);
                SyncEngine sync = builder.tables(refused.tables()).build();
                assertThatThrownBy(sync::sync)
                        .as(refused.toString())
                        .isInstanceOf(SyncRefusedException.class)
                        .hasMessageContaining(refused.reason());
            }
        }
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine itself = SyncEngine.between(pair.remote, pair.remote)
                    .table(SyncPair.DOMAINS)
                    .build();
            assertThatThrownBy(itself::sync)
                    .isInstanceOf(SyncRefusedException.class)
                    .hasMessageContaining("are one database");
        }
    }
}
