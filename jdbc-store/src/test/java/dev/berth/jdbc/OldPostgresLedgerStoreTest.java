package dev.berth.jdbc;

import dev.berth.testkit.LedgerStoreContract;
import dev.berth.testkit.StoreFixture;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;

/** The contract of a ledger's store, kept by the oldest PostgreSQL. */
@Tag("slow")
class OldPostgresLedgerStoreTest extends LedgerStoreContract {
    @Override
    protected StoreFixture open() throws SQLException {
        return LawDatabase.of(Servers.oldPostgres()).fixture();
    }
}
