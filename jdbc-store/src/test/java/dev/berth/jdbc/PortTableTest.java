package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ImportReport;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.port.PortAllocator;
import dev.berth.port.PortPool;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Scenario 36: the port tables that applications have are imported, and twice changes nothing. */
class PortTableTest {
    private static final Scope NODE = Scope.of("node-1");

    @TempDir
    private Path folder;

    private DataSource source;
    private JdbcLedgerStore store;
    private ResourceLedger ledger;

    private void openOn(String engine) throws SQLException {
        source = switch (engine) {
            case "sqlite" -> new DriverManagerDataSource("jdbc:sqlite:" + folder.resolve("app.db"));
            case "h2" -> h2();
            default -> Servers.of(engine).freshDatabase().dataSource();
        };
        store = JdbcLedgerStore.on(source).createSchema();
        ledger = ResourceLedger.on(store);
    }

    private static DataSource h2() {
        var source = new JdbcDataSource();
        source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        return source;
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
    }

    private void run(String... statements) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Imports twice: what the first made is what the second finds, to the token. */
    private List<Claim> importedTwice(String query) {
        ImportReport first = ledger.importAll(PortTable.read(source, query));
        assertThat(first.created()).hasSize(first.read());

        ImportReport second = ledger.importAll(PortTable.read(source, query));

        assertThat(second.unchanged()).isEqualTo(first.created());
        assertThat(second.read()).isEqualTo(first.read());
        return first.created();
    }

    /** Scenarios 26 and 36. */
    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "h2", "postgresql", "mariadb"})
    void pairsOfAppfactoryAreFoundByTheirPool(String engine) throws SQLException {
        openOn(engine);
        run(
                "CREATE TABLE generated_app (model VARCHAR(100), app INT, backend_port INT, frontend_port INT)",
                "INSERT INTO generated_app VALUES ('anthropic_claude-4.5-haiku-20251001', 1, 5001, 8001)",
                "INSERT INTO generated_app VALUES ('anthropic_claude-4.5-haiku-20251001', 10, 5003, 8003)",
                "INSERT INTO generated_app VALUES ('openai_gpt-5-mini-2025-08-07', 1, 5007, 8007)",
                """
                CREATE VIEW app_ports AS
                SELECT 'lab' AS tenant, CONCAT(model, '/app', app) AS owner, 'apps' AS part, 'backend' AS role,
                    'node-1' AS scope, backend_port AS port FROM generated_app
                UNION ALL
                SELECT 'lab', CONCAT(model, '/app', app), 'apps', 'frontend', 'node-1', frontend_port
                FROM generated_app""");

        List<Claim> made = importedTwice("SELECT * FROM app_ports ORDER BY port");

        assertThat(made).hasSize(3);
        var ports = PortAllocator.on(ledger);
        var pairs = PortPool.named("apps")
                .onHost("node-1")
                .role("backend", 5001)
                .role("frontend", 8001)
                .step(2)
                .slots(500)
                .build();
        var gpt = ports.allocate(Owner.of("lab", "openai_gpt-5-mini-2025-08-07/app1"), pairs);
        assertThat(gpt.port("backend")).isEqualTo(5007);
        assertThat(gpt.port("frontend")).isEqualTo(8007);
        assertThat(ports.allocate(Owner.of("lab", "new/app1"), pairs).port("backend"))
                .isEqualTo(5005);
    }

    /** Scenarios 18, 36 and 58. */
    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "h2", "postgresql", "mariadb"})
    void innerPortsOfHomelabAreNoClaimOnTheHost(String engine) throws SQLException {
        openOn(engine);
        run(
                "CREATE TABLE containers (hostname VARCHAR(63), vmid INT, public_port INT, internal_port INT,"
                        + " container_port INT)",
                "INSERT INTO containers VALUES ('web-a', 108, 30001, 40001, 80)",
                "INSERT INTO containers VALUES ('web-b', 109, 30002, 40002, 80)",
                "INSERT INTO containers VALUES ('existing-nginx-lxc-port80', 201, NULL, NULL, 80)",
                """
                CREATE VIEW container_ports AS
                SELECT hostname AS owner, 'public' AS role, 'gateway' AS scope, public_port AS port
                FROM containers WHERE public_port IS NOT NULL
                UNION ALL
                SELECT hostname, 'internal', 'pve-1', internal_port
                FROM containers WHERE internal_port IS NOT NULL""");

        List<Claim> made = importedTwice("SELECT * FROM container_ports ORDER BY owner, role");

        assertThat(made)
                .extracting(Claim::owner)
                .containsExactly(Owner.of("default", "web-a"), Owner.of("default", "web-b"));
        assertThat(made.get(0).part("ports"))
                .containsEntry("public", ResourceKind.TCP_PORT.in(Scope.of("gateway"), 30001))
                .containsEntry("internal", ResourceKind.TCP_PORT.in(Scope.of("pve-1"), 40001))
                .hasSize(2);
    }

    /** Scenarios 24, 36 and 39. */
    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "h2", "postgresql", "mariadb"})
    void portsOfPreviewsAreKeptAndPassedBy(String engine) throws SQLException {
        openOn(engine);
        run(
                "CREATE TABLE previews (app_id INT, port INT)",
                "INSERT INTO previews VALUES (56, 32100), (57, 32102), (58, NULL)");

        importedTwice("""
                SELECT 'lab' AS tenant, app_id AS owner, 'previews' AS part, 'node-1' AS scope, port
                FROM previews WHERE port IS NOT NULL""");

        var ports = PortAllocator.on(ledger);
        var pool =
                PortPool.named("previews").onHost("node-1").range(32100, 32200).build();
        assertThat(ports.allocate(Owner.of("lab", "57"), pool).port()).isEqualTo(32102);
        assertThat(ports.allocate(Owner.of("lab", "58"), pool).port()).isEqualTo(32101);
        assertThat(ports.allocate(Owner.of("lab", "59"), pool).port()).isEqualTo(32103);
    }

    /** Scenario 36: a taken one is reported, and what differs is kept. */
    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "h2", "postgresql", "mariadb"})
    void whatDiffersIsReportedAndWhatIsTakenIsRefusedWithItsHolder(String engine) throws SQLException {
        openOn(engine);
        Claim stranger = ledger.claim(port(Owner.of("lab", "registry"), 32100));
        Claim moved = ledger.claim(port(Owner.of("lab", "57"), 32190));
        run(
                "CREATE TABLE previews (app_id INT, port INT)",
                "INSERT INTO previews VALUES (56, 32100), (57, 32101), (58, 32102)");

        ImportReport report = ledger.importAll(PortTable.read(source, """
                SELECT 'lab' AS tenant, app_id AS owner, 'previews' AS part, 'node-1' AS scope, port
                FROM previews ORDER BY app_id"""));

        assertThat(report).hasToString("read 3: created 1, extended 0, unchanged 0, differing 1, refused 1");
        assertThat(report.differing()).containsExactly(moved);
        assertThat(report.refused()).singleElement().satisfies(refusal -> {
            assertThat(refusal.owner()).isEqualTo(Owner.of("lab", "56"));
            assertThat(refusal.holders()).containsExactly(stranger.token());
            assertThat(refusal.toString()).contains("tcp-port 32100 in node-1 is held by lab:registry");
        });
    }

    private static ClaimRequest port(Owner owner, int number) {
        return ClaimRequest.by(owner).fixed("previews", ResourceKind.TCP_PORT.in(NODE, number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "h2", "postgresql", "mariadb"})
    void portsAreReadFromColumnsOfAnyType(String engine) throws SQLException {
        openOn(engine);
        run(
                "CREATE TABLE a (port DECIMAL(10, 2), words VARCHAR(10), big BIGINT)",
                "INSERT INTO a VALUES (5001.00, ' 5002 ', 5003)");

        List<ClaimRequest> requests = PortTable.read(source, """
                SELECT 'a' AS Owner, 'one' AS PART, 'node-1' AS scope, port FROM a
                UNION ALL SELECT 'a', 'two', 'node-1', CAST(words AS DECIMAL(10, 0)) FROM a
                UNION ALL SELECT 'a', 'three', 'node-1', big FROM a""");
        List<ClaimRequest> text =
                PortTable.read(source, "SELECT 'b' AS owner, 'node-1' AS scope, words AS port FROM a");

        assertThat(requests)
                .singleElement()
                .satisfies(request -> assertThat(request.parts()).containsExactlyInAnyOrder("one", "two", "three"));
        Claim held = ledger.claim(requests.get(0));
        assertThat(List.of(held.port("one"), held.port("three"))).containsExactly(5001, 5003);
        assertThat(ledger.explain(ResourceKind.TCP_PORT.in(NODE, 5002)).toString())
                .contains("default:a");
        assertThat(ledger.tryClaim(text.get(0)).toString()).contains("5002");
    }

    @Test
    void protocolsAreApart() throws SQLException {
        openOn("h2");

        List<ClaimRequest> requests = PortTable.read(source, """
                SELECT 'dns' AS owner, 'node-1' AS scope, 53 AS port, 'udp' AS role, 'UDP' AS protocol
                UNION ALL SELECT 'dns', 'node-1', 53, 'tcp', 'tcp'""");

        assertThat(requests).hasSize(1);
        assertThat(ledger.claim(requests.get(0)).part("ports"))
                .containsEntry("tcp", ResourceKind.TCP_PORT.in(NODE, 53))
                .containsEntry("udp", ResourceKind.UDP_PORT.in(NODE, 53));
    }

    @Test
    void aTableWithoutRowsIsNoRequest() throws SQLException {
        openOn("h2");

        assertThat(PortTable.read(source, "SELECT 'a' AS owner, 'n' AS scope, 1 AS port WHERE 1 = 0"))
                .isEmpty();
    }

    /** The first row is good; the second is the one that the message names. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            NULL, 'b', 'node-1', 5002, 'ports', NULL, 'tcp'        | row 2, column tenant: given null; allowed: a value that is not NULL
            'lab', NULL, 'node-1', 5002, 'ports', NULL, 'tcp'      | row 2, column owner: given null; allowed: a value that is not NULL
            'lab', ' ', 'node-1', 5002, 'ports', NULL, 'tcp'       | row 2, owner name: given " "; allowed: at least one character
            'lab', 'b', NULL, 5002, 'ports', NULL, 'tcp'           | row 2, column scope: given null
            'lab', 'b', '', 5002, 'ports', NULL, 'tcp'             | row 2 (lab:b), scope: given ""
            'lab', 'b', 'node-1', NULL, 'ports', NULL, 'tcp'       | row 2 (lab:b), column port: given null; allowed: 1 to 65535; leave rows without
            'lab', 'b', 'node-1', 0, 'ports', NULL, 'tcp'          | row 2 (lab:b), column port: given "0"; allowed: 1 to 65535
            'lab', 'b', 'node-1', 65536, 'ports', NULL, 'tcp'      | row 2 (lab:b), column port: given "65536"; allowed: 1 to 65535
            'lab', 'b', 'node-1', 5001, 'ports', NULL, 'tcp'       | row 2 (lab:b), column port: given tcp-port 5001 in node-1; allowed: a port that no other row has; this one is in row 1 (lab:a)
            'lab', 'b', 'node-1', 5002, NULL, NULL, 'tcp'          | row 2, column part: given null
            'lab', 'b', 'node-1', 5002, 'instance', NULL, 'tcp'    | row 2 (lab:b), part: given "instance"
            'lab', 'b', 'node-1', 5002, 'ports', '', 'tcp'         | row 2 (lab:b), role: given ""
            'lab', 'b', 'node-1', 5002, 'ports', '-', 'tcp'        | row 2 (lab:b), column role: given "-"; allowed: NULL
            'lab', 'b', 'node-1', 5002, 'ports', NULL, 'sctp'      | row 2, column protocol: given "sctp"; allowed: tcp or udp
            'lab', 'a', 'node-1', 5002, 'ports', NULL, 'tcp'       | row 2 (lab:a), column role: given null; allowed: a role that no other port of part "ports"
            'lab', 'a', 'node-1', 5002, 'ports', 'web', 'tcp'      | row 2 (lab:a), column role: given "web"; allowed: a role that no other port of part "ports"
            """)
    void aBadRowIsRefusedByItsNumberAndNothingIsClaimed(String row, String message) throws SQLException {
        openOn("h2");
        String query = "SELECT 'lab' AS tenant, 'a' AS owner, 'node-1' AS scope, 5001 AS port, 'ports' AS part,"
                + " NULL AS role, 'tcp' AS protocol UNION ALL SELECT " + row;

        assertThatThrownBy(() -> ledger.importAll(PortTable.read(source, query)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(message);
        assertThat(ledger.find(Owner.of("lab", "a"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            1 AS owner, 'n' AS scope, 1 AS port, 1 AS prot   | "PROT"; allowed: owner, scope, port, tenant, part, role, protocol; the first 3 are needed
            1 AS owner, 'n' AS scope, 1 AS port, 1 AS "Port" | "Port"; allowed: each column once
            1 AS owner, 1 AS port, 'x' AS part               | [owner, port, part]; allowed: owner, scope, port, tenant
            """)
    void aColumnThatIsUnknownTwiceOrMissingIsRefused(String columns, String message) throws SQLException {
        openOn("h2");

        assertThatThrownBy(() -> PortTable.read(source, "SELECT " + columns + " WHERE 1 = 0"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void itReadsInTheCallersTransactionAndLeavesItOpen() throws SQLException {
        openOn("h2");
        run("CREATE TABLE previews (app_id INT, port INT)");
        String query = "SELECT app_id AS owner, 'node-1' AS scope, port FROM previews";
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO previews VALUES (56, 32100)");

            assertThat(PortTable.read(new SingleConnectionDataSource(connection, true), query))
                    .hasSize(1);

            assertThat(connection.isClosed()).isFalse();
            assertThat(connection.getAutoCommit()).isFalse();
            connection.rollback();
        }
        assertThat(PortTable.read(source, query)).isEmpty();
    }

    @Test
    void aQueryThatFailsSaysSoAndThatNothingWasClaimed() throws SQLException {
        openOn("h2");

        assertThatThrownBy(() -> PortTable.read(source, "SELECT owner, scope, port FROM nowhere"))
                .isInstanceOfSatisfying(StoreUnavailableException.class, failure -> {
                    assertThat(failure.outcome()).isEqualTo(StoreUnavailableException.Outcome.NOT_DONE);
                    assertThat(failure.isRetryable()).isFalse();
                })
                .hasMessageContaining("nothing was claimed")
                .hasCauseInstanceOf(SQLException.class);
    }
}
