package dev.berth.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class RoundTripsTest {
    @Test
    void statementsBatchesAndEndsAreCounted() throws Exception {
        try (Server server = Engine.SQLITE.start();
                HikariDataSource pool = Engine.pool(server.fresh("trips"), 1)) {
            var trips = new RoundTrips();
            try (Connection connection = trips.counting(pool).getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create table t (n int)");
                connection.setAutoCommit(false);
                try (PreparedStatement insert = connection.prepareStatement("insert into t values (?)")) {
                    for (int i = 0; i < 3; i++) {
                        insert.setInt(1, i);
                        insert.addBatch();
                    }
                    insert.executeBatch();
                    insert.setInt(1, 3);
                    insert.executeUpdate();
                }
                connection.commit();
            }

            assertThat(trips).hasToString("4 (2 statements, 1 batches, 1 ends)");
            assertThat(Rows.count(pool, "select count(*) from t")).isEqualTo(4);
            trips.reset();
            assertThat(trips.sum()).isZero();
        }
    }
}
