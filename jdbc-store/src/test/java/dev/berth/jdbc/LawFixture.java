package dev.berth.jdbc;

import dev.berth.ledger.LedgerStore;
import dev.berth.testkit.StoreFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * A fresh ledger in a schema of its own. Time passes by telling all handles a later one, which their databases' clocks
 * then have to catch up with; the medium fails by taking the tables away.
 */
final class LawFixture implements StoreFixture {
    private final DataSource source;
    private final List<String> breaking;
    private final List<String> mending;
    private final List<JdbcLedgerStore> handles = new ArrayList<>();
    private final Supplier<JdbcLedgerStore> opening;

    LawFixture(DataSource source, Supplier<JdbcLedgerStore> opening, List<String> breaking, List<String> mending) {
        this.source = source;
        this.opening = opening;
        this.breaking = breaking;
        this.mending = mending;
        open();
    }

    private JdbcLedgerStore open() {
        JdbcLedgerStore handle = opening.get();
        handle.createSchema();
        handles.add(handle);
        return handle;
    }

    @Override
    public LedgerStore store() {
        return handles.get(0);
    }

    @Override
    public Optional<LedgerStore> another() {
        return Optional.of(open());
    }

    @Override
    public void pass(Duration span) {
        Instant then = store().now().plus(span);
        handles.forEach(handle -> handle.tellAtLeast(then));
    }

    @Override
    public int rounds() {
        return 40;
    }

    @Override
    public Optional<Medium> medium() {
        return Optional.of(new Medium() {
            @Override
            public void fail() {
                breaking.forEach(LawFixture.this::run);
            }

            @Override
            public void mend() {
                mending.forEach(LawFixture.this::run);
            }
        });
    }

    private void run(String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    @Override
    public void close() {
        handles.forEach(JdbcLedgerStore::close);
    }
}
