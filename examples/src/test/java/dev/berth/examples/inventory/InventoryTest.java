package dev.berth.examples.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.examples.ExampleProcess;
import dev.berth.examples.cli.Json;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InventoryTest {
    @TempDir
    Path directory;

    private ExampleProcess run(String cache, Map<String, String> environment, String... words)
            throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("INVENTORY_CACHE", cache);
        return ExampleProcess.run(
                directory,
                all,
                "",
                Stream.concat(Stream.of("inventory"), Arrays.stream(words)).toArray(String[]::new));
    }

    @Test
    void theTourRunsAsAProcess() throws IOException, InterruptedException {
        ExampleProcess tour = ExampleProcess.run(directory, Map.of(), "", "inventory");

        assertThat(tour.code()).as(tour.text()).isZero();
        assertThat(tour.text())
                .contains(
                        "Sync #1 offline: the database file",
                        "\"state\" : \"offline\"",
                        "Sync #2 completed: 14 records, 0 conflicts resolved (caller: user)",
                        "Sync #4 completed: 1 records, 1 conflicts resolved (caller: user)",
                        "note=ours since 2019",
                        "cache and share are the same")
                .endsWith("Both have the same rows, and none is lost.\n");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    /** Scenarios 63, 64, 68, 75 and 77: two scanners that have given their rows the same ids, process by process. */
    @Test
    void processesSyncOverPostgres() throws IOException, InterruptedException, SQLException {
        Assumptions.assumeTrue(
                InventoryTest.class.getResource("/postgres-linux-x86_64.txz") != null,
                "skipped: no PostgreSQL for this machine among the test dependencies");
        try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
            Map<String, String> share = Map.of("INVENTORY_SHARE", server.getJdbcUrl("postgres", "postgres"));
            assertThat(run("a.db", share, "scan", "example.org", "example.net").code())
                    .isZero();
            assertThat(run("b.db", share, "scan", "example.com", "example.org").code())
                    .isZero();
            assertThat(run("a.db", share, "clear").text()).contains("push first, or clear with GIVE_UP");
            assertThat(run("a.db", share, "sync").text())
                    .contains("Sync #1 completed: 14 records, 0 conflicts resolved (caller: user)");
            // What both have found is a conflict, whoever wins.
            assertThat(run("b.db", share, "sync").text()).contains("Sync #1 completed: 14 records, 7 conflicts");
            assertThat(run("a.db", share, "force").text()).contains("Sync #2 completed: ", "(caller: force)");
            assertThat(run("a.db", share, "verify").code()).isZero();
            assertThat(run("b.db", share, "verify").code()).isZero();

            assertThat(run("a.db", share, "delete", "example.net", "example.org")
                            .text())
                    .contains("2 deleted");
            assertThat(Json.texts(run("a.db", share, "status").text())).containsEntry("state", "pending");
            assertThat(run("a.db", share, "sync").text()).contains("Sync #3 completed: 14 records");
            assertThat(run("b.db", share, "sync").text()).contains("Sync #2 completed: 14 records");
            assertThat(run("b.db", share, "list").text())
                    .contains("example.com")
                    .doesNotContain("example.org");
            assertThat(run("b.db", share, "clear").text()).contains("7 rows removed");
            assertThat(run("b.db", share, "sync").text()).contains("completed: 7 records");
            assertThat(run("b.db", share, "list").text()).contains("example.com");
        }
    }

    /** Another row of the share is in the way of an id, and in nobody's way: scenario 63. */
    @Test
    void idsOfOthersAreNobodysAffair() throws IOException, InterruptedException, SQLException {
        run("a.db", Map.of(), "scan", "example.org");
        run("a.db", Map.of(), "sync");
        Map<String, String> before = ids();
        run("b.db", Map.of(), "scan", "example.com", "example.net", "example.org");
        assertThat(run("b.db", Map.of(), "sync").code()).isZero();

        assertThat(ids()).containsAllEntriesOf(before).hasSize(3);
    }

    private Map<String, String> ids() throws SQLException {
        Map<String, String> ids = new HashMap<>();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("share.db"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT name, id FROM domains")) {
            while (rows.next()) {
                ids.put(rows.getString(1), rows.getString(2));
            }
        }
        return ids;
    }

    /** Scenario 72: what is written meanwhile waits, and a schedule carries it when the share is back. */
    @Test
    void theScheduleSyncsWhatWasWrittenWhileTheShareWasAway() throws IOException, InterruptedException {
        Map<String, String> away = Map.of("INVENTORY_SHARE", "jdbc:sqlite:" + directory.resolve("mnt/share.db"));
        run("a.db", away, "scan", "example.org");
        ExampleProcess offline = run("a.db", away, "sync");
        assertThat(offline.code()).isOne();
        assertThat(offline.text()).contains("Sync #1 offline: ");
        assertThat(Json.texts(run("a.db", away, "status").text())).containsEntry("last_result", "offline");
        Files.createDirectory(directory.resolve("mnt"));

        // The end of what is typed ends it; a run that has begun comes to its end.
        assertThat(run("a.db", away, "watch").code()).isZero();
        assertThat(run("a.db", away, "sync").text()).contains(" completed: ");
        assertThat(Json.texts(run("a.db", away, "status").text())).containsEntry("pending_writes", "0");
        assertThat(run("a.db", away, "verify").code()).isZero();
    }

    @Test
    void whatCannotBeUnderstoodIsSaid() throws IOException, InterruptedException {
        assertThat(run("a.db", Map.of(), "help").code()).isEqualTo(2);
        assertThat(run("a.db", Map.of("INVENTORY_INTERVAL", "5s"), "sync").text())
                .contains("INVENTORY_INTERVAL is \"5s\"; it has to be a span such as");
        ExampleProcess tooOften = run("a.db", Map.of("INVENTORY_INTERVAL", "PT5S"), "sync");
        assertThat(tooOften.code()).isEqualTo(2);
        assertThat(tooOften.text()).contains("INVENTORY_INTERVAL is \"PT5S\"; it has to be PT10S or more");
        assertThat(run("a.db", Map.of("INVENTORY_SHARE", "jdbc:oracle:thin:@x"), "sync")
                        .text())
                .contains("jdbc:oracle");
        for (List<String> wrong : List.of(List.of("note", "example.org", "x"), List.of("clear", "all"))) {
            assertThat(run("a.db", Map.of(), wrong.toArray(String[]::new)).code())
                    .isEqualTo(2);
        }
    }
}
