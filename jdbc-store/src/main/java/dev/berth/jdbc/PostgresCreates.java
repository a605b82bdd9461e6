package dev.berth.jdbc;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * New claims on PostgreSQL: one statement makes all those that nothing stands in the way of, and tells what does. The
 * time is told from the rows that were taken, thus after the unique keys were waited for: what is taken may have been
 * held until then.
 */
final class PostgresCreates {
    private static final int CLAIMED = 2;
    private static final int OCCUPIED = 1;
    private static final String NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

    /** The columns that tell an occupant, of {@code o}, what is in the way, and {@code c}, its claim if it has one. */
    private static final String OCCUPANT = ResourceRows.columns().stream()
            .map(column -> switch (column.getName()) {
                case "tenant", "name", "id", "revision", "state", "created_at", "lease_until", "home" ->
                    "c." + column.getName();
                default -> "o.\"" + column.getName() + "\"";
            })
            .collect(Collectors.joining(", "));

    /** The same columns where an owner holds a claim already: only id and revision are told. */
    private static final String OWNED = ResourceRows.columns().stream()
            .map(column -> switch (column.getName()) {
                case "id", "revision" -> "k." + column.getName();
                default -> "NULL";
            })
            .collect(Collectors.joining(", "));

    private static final String NOTHING =
            String.join(", ", Collections.nCopies(ResourceRows.columns().size(), "NULL"));

    private final String claim;
    private final String resource;
    private final String label;
    private final Map<String, String> texts = new ConcurrentHashMap<>();

    PostgresCreates(Tables tables) {
        claim = tables.name(tables.claim);
        resource = tables.name(tables.resource);
        label = tables.name(tables.label);
    }

    PostgresCommits.Batch batch(List<Commit.Create> creates) {
        return new Creates(creates);
    }

    private String sql(String wanted, String takes, @Nullable String labels) {
        return """
                WITH %1$s,
                %2$s,%3$s
                claimed AS (
                    SELECT q.id AS wanted_by, c.id, c.revision FROM q JOIN %4$s c
                    ON c.tenant = q.tenant AND c.name = q.name),
                occupied AS (
                    SELECT w.id AS wanted_by, r.* FROM w JOIN %5$s r
                    ON r.kind = w.kind AND r.scope = w.scope AND r.value = w.value),
                free AS (
                    SELECT q.* FROM q
                    WHERE q.id IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM claimed k WHERE k.wanted_by = q.id)
                        AND NOT EXISTS (SELECT 1 FROM occupied o WHERE o.wanted_by = q.id)),
                taken AS (
                    INSERT INTO %5$s (kind, scope, value, number, since, claim_id, part, role, confirmed)
                    SELECT w.kind, w.scope, w.value, w.number, %10$s, w.id, w.part, w.role, w.confirmed
                    FROM w JOIN free ON free.id = w.id
                    ORDER BY w.kind COLLATE "C", w.scope COLLATE "C", w.value COLLATE "C"
                    RETURNING since),
                t AS (SELECT greatest(%10$s, ?::bigint, max(taken.since)) AS at FROM taken),
                made AS (
                    INSERT INTO %4$s (id, revision, tenant, name, state, created_at, state_since, lease_until, home,
                        attempt_number, attempt_nonce, attempt_since, attempt_until, labelled)
                    SELECT f.id, 1, f.tenant, f.name, f.state, t.at, t.at, t.at + f.lease, f.home,
                        CASE WHEN f.nonce IS NOT NULL THEN 1 END, f.nonce,
                        CASE WHEN f.nonce IS NOT NULL THEN t.at END, t.at + f.span, f.labelled
                    FROM free f CROSS JOIN t
                    ORDER BY f.tenant, f.name
                    RETURNING id)%6$s
                SELECT t.at, 1 AS what, o.wanted_by, %7$s
                FROM occupied o CROSS JOIN t LEFT JOIN %4$s c ON c.id = o.claim_id
                UNION ALL SELECT t.at, 2, k.wanted_by, %8$s FROM claimed k CROSS JOIN t
                UNION ALL SELECT t.at, 0, NULL, %9$s FROM t""".formatted(
                        wanted,
                        takes,
                        labels == null ? "" : "\n" + labels + ",",
                        claim,
                        resource,
                        labels == null
                                ? ""
                                : ",\nlabelled AS (INSERT INTO " + label
                                        + " (claim_id, label, text) SELECT l.id, l.label, l.text FROM l JOIN made"
                                        + " ON made.id = l.id)",
                        OCCUPANT,
                        OWNED,
                        NOTHING,
                        NOW);
    }

    private final class Creates implements PostgresCommits.Batch {
        private final List<Commit.Create> creates;
        private final PostgresCommits.ValueTable wanted;

        private final PostgresCommits.ValueTable takes;

        private final PostgresCommits.ValueTable labels;

        private boolean labelled;
        private final Map<UUID, Token> claimed = new HashMap<>();
        private final Map<Resource, ResourceRows.Seen> occupied = new HashMap<>();
        private Instant at = Instant.EPOCH;

        Creates(List<Commit.Create> creates) {
            this.creates = creates;
            wanted = new PostgresCommits.ValueTable(
                    "q",
                    creates.size(),
                    "id",
                    "uuid",
                    "tenant",
                    "text",
                    "name",
                    "text",
                    "state",
                    "text",
                    "lease",
                    "int8",
                    "home",
                    "text",
                    "nonce",
                    "text",
                    "span",
                    "int8",
                    "labelled",
                    "int8");
            takes = new PostgresCommits.ValueTable(
                    "w",
                    creates.size(),
                    "id",
                    "uuid",
                    "kind",
                    "text",
                    "scope",
                    "text",
                    "value",
                    "text",
                    "number",
                    "int4",
                    "part",
                    "text",
                    "role",
                    "text",
                    "confirmed",
                    "int2");
            labels = new PostgresCommits.ValueTable("l", creates.size(), "id", "uuid", "label", "text", "text", "text");
            for (Commit.Create create : creates) {
                wanted.add(
                        create.id(),
                        create.owner().tenant(),
                        create.owner().name(),
                        create.state().name(),
                        create.lease().map(Columns::micros).orElse(null),
                        create.home().map(home -> home.name()).orElse(null),
                        create.attempt().map(Commit.NewAttempt::nonce).orElse(null),
                        create.attempt()
                                .map(attempt -> Columns.micros(attempt.span()))
                                .orElse(null),
                        create.labels().isEmpty() ? 0L : 1L);
                for (Commit.Take take : create.takes()) {
                    takes.add(
                            create.id(),
                            take.resource().kind(),
                            take.resource().scope().name(),
                            take.resource().value(),
                            ResourceRows.number(take.resource()),
                            take.part(),
                            take.role(),
                            take.confirmed() ? 1 : 0);
                }
                create.labels().forEach((label, text) -> labels.add(create.id(), label, text));
                labelled |= !create.labels().isEmpty();
            }
        }

        @Override
        public String sql() {
            String shape = wanted.shape() + " " + takes.shape() + (labelled ? " " + labels.shape() : "");
            return texts.computeIfAbsent(
                    shape,
                    first -> PostgresCreates.this.sql(wanted.sql(), takes.sql(), labelled ? labels.sql() : null));
        }

        @Override
        public List<@Nullable Object> values(long least) {
            List<@Nullable Object> values = new ArrayList<>(wanted.values());
            values.addAll(takes.values());
            if (labelled) {
                values.addAll(labels.values());
            }
            values.add(least);
            return values;
        }

        @Override
        public Session.Reading<?> reading(Session session) {
            return row -> {
                at = session.wrote(row.instant());
                read(row);
                return at;
            };
        }

        private void read(Row row) throws SQLException {
            int what = row.integer();
            Optional<UUID> by = row.optionalId();
            if (what == OCCUPIED) {
                Occupant occupant = ResourceRows.occupant(row, at);
                occupied.put(occupant.resource(), new ResourceRows.Seen(occupant, at));
            } else if (what == CLAIMED) {
                row.skip(ResourceRows.columns().indexOf(Tables.ID));
                claimed.put(by.orElseThrow(), new Token(row.id(), row.number()));
            }
        }

        @Override
        public List<@Nullable CommitResult> results(FreeHints.News news) {
            List<@Nullable CommitResult> results = new ArrayList<>();
            for (Commit.Create create : creates) {
                CommitResult result = result(create);
                results.add(result);
                if (result instanceof CommitResult.Done) {
                    news.done(Commit.of(create));
                } else if (result instanceof CommitResult.Refused refused) {
                    news.refused(refused.violations());
                }
            }
            return results;
        }

        /** A block that lets the owner pass has kept the statement from making the claim, and is no answer. */
        private @Nullable CommitResult result(Commit.Create create) {
            List<Violation> violations = new ArrayList<>();
            Token present = claimed.get(create.id());
            if (present != null) {
                violations.add(new Violation.OwnerClaimed(create.owner(), present));
            }
            boolean passed = false;
            for (Commit.Take take : create.takes()) {
                ResourceRows.Seen seen = occupied.get(take.resource());
                if (seen == null) {
                    continue;
                }
                Optional<Occupant> occupant = seen.current();
                if (occupant.isPresent()
                        && !(occupant.get() instanceof Occupant.Block block && block.lets(create.owner()))) {
                    violations.add(new Violation.Occupied(occupant.get()));
                } else {
                    passed = true;
                }
            }
            if (!violations.isEmpty()) {
                return new CommitResult.Refused(violations);
            }
            return passed ? null : new CommitResult.Done(at);
        }
    }
}
