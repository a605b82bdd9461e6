package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.util.ArrayList;
import java.util.List;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.database.JdbcBatchItemWriter;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring Batch's writer of upserts, in chunks of a thousand, each a transaction. */
final class SpringWriter implements SyncWay {
    private static final int ROWS = 1_000;

    private final Identity identity;

    SpringWriter(Identity identity) {
        this.identity = identity;
    }

    @Override
    public long carry(String local, HikariDataSource remote) throws Exception {
        var transactions = new TransactionTemplate(new JdbcTransactionManager(remote));
        long count = 0;
        for (SyncTables table : SyncTables.ALL) {
            var writer = new JdbcBatchItemWriter<Object[]>();
            writer.setDataSource(remote);
            writer.setSql(table.upsert(identity));
            writer.setAssertUpdates(false);
            writer.setItemPreparedStatementSetter((row, statement) -> {
                for (int i = 0; i < row.length; i++) {
                    statement.setObject(i + 1, row[i]);
                }
            });
            writer.afterPropertiesSet();
            List<Object[]> rows = new ArrayList<>();
            count += table.each(local, "", row -> {
                rows.add(row);
                if (rows.size() == ROWS) {
                    write(writer, transactions, rows);
                }
            });
            write(writer, transactions, rows);
        }
        return count;
    }

    private static void write(
            JdbcBatchItemWriter<Object[]> writer, TransactionTemplate transactions, List<Object[]> rows) {
        if (!rows.isEmpty()) {
            transactions.executeWithoutResult(status -> {
                try {
                    writer.write(new Chunk<>(rows));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            rows.clear();
        }
    }
}
