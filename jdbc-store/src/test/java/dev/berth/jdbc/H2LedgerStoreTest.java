package dev.berth.jdbc;

import dev.berth.testkit.LedgerStoreContract;
import dev.berth.testkit.StoreFixture;
import java.util.List;
import java.util.UUID;
import org.h2.jdbcx.JdbcDataSource;

/** The contract of a ledger's store, kept by H2. */
class H2LedgerStoreTest extends LedgerStoreContract {
    @Override
    protected StoreFixture open() {
        var source = new JdbcDataSource();
        source.setURL(
                "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;INIT=CREATE SCHEMA IF NOT EXISTS \"law\"");
        return new LawFixture(
                source,
                () -> JdbcLedgerStore.on(source, JdbcSettings.defaults().schema("law")),
                List.of("ALTER SCHEMA \"law\" RENAME TO \"away\""),
                List.of("DROP SCHEMA \"law\" CASCADE; ALTER SCHEMA \"away\" RENAME TO \"law\""));
    }
}
