package dev.berth.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.sync.Divergence;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the ways to carry many rows with few: that they do what is measured, not how fast. */
class UpsertTest {
    private static final int SITES = 200;

    private static PostgresServer server;
    private static SqliteDirectory files;
    private static UpsertDatabases mapped;
    private static UpsertDatabases colliding;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(
                UpsertTest.class.getResource("/postgres-linux-x86_64.txz") != null
                        && System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "no PostgreSQL for this machine is on the class path: -Pservers on Linux, amd64");
        server = PostgresServer.start();
        files = SqliteDirectory.make();
        mapped = UpsertDatabases.fill(server, files, new SyncRows(SITES, SyncRows.Ids.MAPPED), "mapped");
        colliding = UpsertDatabases.fill(server, files, new SyncRows(SITES, SyncRows.Ids.COLLIDING), "colliding");
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (files != null) {
            files.close();
        }
    }

    static List<UpsertContender> ofSpeed() {
        return UpsertContender.ofSpeed(SITES);
    }

    @ParameterizedTest
    @MethodSource("ofSpeed")
    void whereIdsAreMappedAllRowsArrive(UpsertContender contender) throws Exception {
        SyncRows rows = mapped.rows();
        mapped.copied((local, remote) -> {
            Map<String, String> before = UpsertScore.remote(remote);
            assertThat(before).hasSize(rows.rows() - rows.fresh());

            long carried = contender.way().get().carry(local, remote);

            Map<String, String> after = UpsertScore.remote(remote);
            long stale = contender.applies() == UpsertContender.Applies.ALL ? 0 : rows.newer();
            assertThat(carried).isEqualTo(rows.rows());
            assertThat(after).hasSize(rows.rows());
            assertThat(UpsertScore.of(here(local), before, after)).isEqualTo(new UpsertScore(0, 0, stale));
            return true;
        });
    }

    private static Map<String, String> here(String local) throws Exception {
        try (Connection connection = DriverManager.getConnection(local)) {
            return UpsertScore.local(connection);
        }
    }

    @Test
    void sampleIsASampleOfAllKinds() throws Exception {
        for (UpsertContender contender : UpsertContender.ofSpeed(SITES / 2)) {
            if (contender.sites() > 0) {
                long carried = mapped.copied(contender.way().get()::carry);

                assertThat(carried).isEqualTo(mapped.rows().rows() / 2);
            }
        }
    }

    @Test
    void berthKnowsWhatBecameOfEachRowAndHasNothingToDoTheSecondTime() throws Exception {
        SyncRows rows = mapped.rows();
        mapped.copied((local, remote) -> {
            var berth = new BerthPush();
            berth.carry(local, remote);

            assertThat(berth.outcomes())
                    .isEqualTo(Map.of(
                            Outcome.INSERTED,
                            (long) rows.fresh(),
                            Outcome.UPDATED,
                            (long) rows.newer(),
                            Outcome.SKIPPED,
                            (long) rows.rows() - rows.fresh() - rows.newer()));
            assertThat(BerthPush.with(local, remote, BerthPush::skipped)).isEqualTo(rows.rows());
            assertThat(BerthPush.captured(local, remote, BerthPush::skipped)).isEqualTo(rows.rows());
            assertThat(BerthPush.captured(local, remote, BerthPush::skipped)).isZero();
            List<Divergence> differences = BerthPush.with(local, remote, SyncEngine::verify);
            assertThat(differences).isEmpty();
            return true;
        });
    }

    @Test
    void whereIdsCollideOnlyBerthLosesNothing() throws Exception {
        var collisions = new UpsertCollisions(colliding);
        for (UpsertContender contender : UpsertContender.ofCollisions()) {
            UpsertCollisions.End end = collisions.end(contender);
            boolean isBerth = contender.name().equals(UpsertContender.BERTH);

            assertThat(end.score().equals(new UpsertScore(0, 0, 0)))
                    .as("%s: %s", contender.name(), end)
                    .isEqualTo(isBerth);
            assertThat(end.said().isEmpty() || !isBerth).isTrue();
        }
    }

    @Test
    @Tag("deep")
    void reportHasAllItsTablesAndRatios() throws Exception {
        var speed = new UpsertSpeed(mapped, server, SITES / 2);

        speed.run(1);

        assertThat(speed.table()).hasSize(1 + UpsertContender.ofSpeed(SITES / 2).size());
        assertThat(speed.others()).hasSize(6);
        assertThat(speed.ratios()).allMatch(line -> line.matches("RATIO [a-z-]+ [0-9.]+ ([0-9.]+|-)"));
        assertThat(Path.of("..", "docs", "benchmarks.md")).content().contains("<!-- end upsert -->");
    }
}
