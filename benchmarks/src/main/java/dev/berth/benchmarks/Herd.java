package dev.berth.benchmarks;

import dev.berth.benchmarks.ListedEngine.Detail;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.runtime.Mark;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/** Very many claims of instances, and the rows that applications would have instead. */
final class Herd {
    static final int PORTS = 50_000;

    private static final int STEP = 1_000;
    private static final long HOUR = 3_600_000_000L;

    private Herd() {}

    /** Makes the claims, an hour old. */
    static void fill(LedgerStore store, DataSource source, int count, Detail detail) throws SQLException {
        for (int from = 0; from < count; from += STEP) {
            List<CommitResult> results = store.commit(IntStream.range(from, Math.min(count, from + STEP))
                    .mapToObj(number -> Commit.of(create(number, detail)))
                    .toList());
            results.forEach(result -> {
                if (!(result instanceof CommitResult.Done)) {
                    throw new IllegalStateException("not done: " + result);
                }
            });
        }
        Rows.run(
                source,
                "update berth_claim set created_at = created_at - " + HOUR + ", state_since = state_since - " + HOUR);
    }

    private static Commit.Create create(int number, Detail detail) {
        Scope home = ListedEngine.SCOPE;
        String name = detail == Detail.LEAN ? ListedEngine.id(number, detail) : "app-" + number;
        List<Commit.Take> takes = new ArrayList<>();
        takes.add(take(ResourceKind.CONTAINER_NAME.in(home, name), "container"));
        takes.add(take(ResourceKind.INSTANCE.in(home, ListedEngine.id(number, detail)), Claim.INSTANCE_PART));
        Map<String, String> labels = Map.of();
        if (detail == Detail.FULL) {
            Scope host = Scope.of("host-" + number / PORTS);
            takes.add(take(ResourceKind.TCP_PORT.in(host, 1 + number % PORTS), "port"));
            labels = Map.of(Mark.NONCE, ListedEngine.nonce(number));
        }
        return new Commit.Create(
                ListedEngine.claim(number),
                ListedEngine.owner(number),
                ClaimState.ACTIVE,
                Optional.of(home),
                Optional.empty(),
                Optional.empty(),
                labels,
                takes);
    }

    private static Commit.Take take(dev.berth.ledger.Resource resource, String part) {
        return new Commit.Take(resource, part, part, true);
    }

    /** Makes what an application would have: a table of containers, and one of their ports. */
    static void fillRows(DataSource source, int count) throws SQLException {
        Rows.run(
                source,
                "create table app_container (id int primary key, name varchar(64) not null unique,"
                        + " container_id varchar(64) not null, state varchar(16) not null)",
                "create table app_port (port int primary key, container int not null)",
                "create index app_port_of on app_port (container)");
        Rows.insertAll(source, "insert into app_container values (?, ?, ?, ?)", count, number ->
                new Object[] {number, "app-" + number, ListedEngine.id(number, Detail.FULL), "running"});
        Rows.insertAll(source, "insert into app_port values (?, ?)", count, number -> new Object[] {number, number});
    }
}
