package dev.berth.jdbc;

import dev.berth.ledger.Commit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * New claims in a block of MariaDB: their rows are inserted, resources first, and the time is told when those are won.
 * What is in the way of one is not asked: a key that is there undoes all of them.
 */
final class MariadbCreates {
    private static final String TRY = """
            SAVEPOINT berth_creates;
            BEGIN
            DECLARE EXIT HANDLER FOR 1062 BEGIN ROLLBACK TO SAVEPOINT berth_creates; SET berth_lost = 1; END;
            """;

    private static final String TIME = "SET berth_begun = " + Dialect.MARIADB.now() + ";\n";
    private static final String LEAST_TIME = TIME.replace("?", "berth_begun");

    private final String takes;
    private final String claims;
    private final String labels;

    MariadbCreates(Tables tables) {
        takes = "INSERT INTO " + MariadbCommits.name(tables.resource)
                + " (kind, scope, value, number, since, claim_id, part, role, confirmed) VALUES\n";
        claims = "INSERT INTO " + MariadbCommits.name(tables.claim)
                + " (id, revision, tenant, name, state, created_at, state_since, lease_until, home, attempt_number,"
                + " attempt_nonce, attempt_since, attempt_until, labelled) VALUES\n";
        labels = "INSERT INTO " + MariadbCommits.name(tables.label) + " (claim_id, label, text) VALUES\n";
    }

    private record Taking(UUID claim, Commit.Take take) {}

    void write(MariadbCommits.Block block, List<Commit.Create> creates) {
        block.add(TRY);
        List<@Nullable Object[]> taken = takes(creates);
        if (!taken.isEmpty()) {
            block.add(takes)
                    .addRows("(?, ?, ?, ?, berth_begun, ?, ?, ?, ?)", taken)
                    .add(";\n" + LEAST_TIME);
        }
        block.add(claims)
                .addRows(
                        "(?, 1, ?, ?, ?, berth_begun, berth_begun, berth_begun + ?, ?, ?, ?, berth_begun + ?,"
                                + " berth_begun + ?, ?)",
                        creates.stream().map(MariadbCreates::values).toList())
                .add(";\n");
        List<@Nullable Object[]> texts = new ArrayList<>();
        for (Commit.Create create : creates) {
            create.labels().forEach((label, text) -> texts.add(new Object[] {create.id(), label, text}));
        }
        if (!texts.isEmpty()) {
            block.add(labels).addRows("(?, ?, ?)", texts).add(";\n");
        }
        block.add("END;\n");
    }

    /** In the order in which all transactions take. */
    private static List<@Nullable Object[]> takes(List<Commit.Create> creates) {
        List<Taking> takings = new ArrayList<>();
        creates.forEach(create -> create.takes().forEach(take -> takings.add(new Taking(create.id(), take))));
        takings.sort(Comparator.comparing(taking -> taking.take().resource(), UnitReads.BY_KEY));
        List<@Nullable Object[]> rows = new ArrayList<>(takings.size());
        for (Taking taking : takings) {
            Commit.Take take = taking.take();
            rows.add(new @Nullable Object[] {
                take.resource().kind(),
                take.resource().scope().name(),
                take.resource().value(),
                ResourceRows.number(take.resource()),
                taking.claim(),
                take.part(),
                take.role(),
                take.confirmed() ? 1 : 0
            });
        }
        return rows;
    }

    private static @Nullable Object[] values(Commit.Create create) {
        boolean attempted = create.attempt().isPresent();
        return new @Nullable Object[] {
            create.id(),
            create.owner().tenant(),
            create.owner().name(),
            create.state().name(),
            create.lease().map(Columns::micros).orElse(null),
            create.home().map(home -> home.name()).orElse(null),
            attempted ? 1 : null,
            create.attempt().map(Commit.NewAttempt::nonce).orElse(null),
            attempted ? 0L : null,
            create.attempt().map(attempt -> Columns.micros(attempt.span())).orElse(null),
            create.labels().isEmpty() ? 0L : 1L
        };
    }
}
