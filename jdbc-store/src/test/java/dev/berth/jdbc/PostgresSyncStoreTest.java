package dev.berth.jdbc;

import dev.berth.testkit.SyncFixture;
import dev.berth.testkit.SyncStoreContract;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;

/** The contract of a sync's store, kept by PostgreSQL. */
class PostgresSyncStoreTest extends SyncStoreContract {
    @TempDir
    Path directory;

    @Override
    protected SyncFixture open() throws SQLException {
        return SyncLawFixture.of(Engine.POSTGRESQL, directory);
    }
}
