package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A migration tool makes the tables by the schema resources; what it does not write is the ledger's own row. */
class SchemaResourcesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "h2", "postgresql", "postgresql-old", "mariadb"})
    void tablesOfAMigrationToolAreTakenOver(String engine) throws Exception {
        DataSource source = database(engine);
        migrate(source, engine.replace("-old", ""));
        try (var store = JdbcLedgerStore.on(source)) {
            var ledger = ResourceLedger.on(store);
            var request = ClaimRequest.by(Owner.of("lab", "web-1")).fixed("port", ResourceKind.TCP_PORT, "8080");
            assertThatThrownBy(() -> ledger.claim(request))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("createSchema()");

            store.createSchema();

            assertThat(ledger.claim(request).port("port")).isEqualTo(8080);
            assertThat(ledger.identity().isHome()).isTrue();
            UUID made = ledger.identity().ledger();
            assertThat(store.createSchema().identity().ledger()).isEqualTo(made);
        }
    }

    private DataSource database(String engine) throws SQLException {
        return switch (engine) {
            case "sqlite" -> new DriverManagerDataSource("jdbc:sqlite:" + folder.resolve("app.db"));
            case "h2" -> {
                var source = new JdbcDataSource();
                source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
                yield source;
            }
            default -> Servers.of(engine).freshDatabase().dataSource();
        };
    }

    private static void migrate(DataSource source, String resource) throws IOException, SQLException {
        try (InputStream text = SchemaResourcesTest.class.getResourceAsStream("schema/" + resource + ".sql");
                Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : new String(text.readAllBytes(), StandardCharsets.UTF_8).split(";\\s*\n", -1)) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
    }
}
