package dev.berth.jdbc;

import dev.berth.testkit.LedgerStoreContract;
import dev.berth.testkit.StoreFixture;
import java.sql.SQLException;

/** The contract of a ledger's store, kept by the newest PostgreSQL. */
class PostgresLedgerStoreTest extends LedgerStoreContract {
    @Override
    protected StoreFixture open() throws SQLException {
        return LawDatabase.of(Servers.postgres()).fixture();
    }
}
