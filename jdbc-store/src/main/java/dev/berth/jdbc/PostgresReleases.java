package dev.berth.jdbc;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Releases on PostgreSQL, of reservations without labels: one statement ends all those whose token is current. A row that
 * another transaction has changed meanwhile is compared anew when that has ended, as READ COMMITTED does; the time is
 * told after that.
 */
final class PostgresReleases {
    private static final String NOW = "greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, ?::bigint)";

    private final Tables tables;
    private final Map<Integer, String> texts = new ConcurrentHashMap<>();

    PostgresReleases(Tables tables) {
        this.tables = tables;
    }

    PostgresCommits.Batch batch(List<Commit.Release> releases) {
        return new Releases(releases);
    }

    private String sql(String wanted) {
        return """
                WITH %1$s,
                gone AS (
                    DELETE FROM %2$s c USING q
                    WHERE c.id = q.id AND c.revision = q.revision AND c.state = 'RESERVED' AND c.labelled = 0
                        AND NOT q.guarded
                    RETURNING c.id, c.tenant, c.name, c.created_at, q.reason, greatest(c.state_since, %5$s) AS at),
                freed AS (
                    DELETE FROM %3$s r USING gone WHERE r.claim_id = gone.id
                    RETURNING r.kind, r.scope, r.value, r.claim_id, r.part, r.role, r.since),
                remembered AS (
                    INSERT INTO %4$s (kind, scope, value, tenant, name, claim_id, part, role, since, ended_at,
                        end_reason)
                    SELECT f.kind, f.scope, f.value, g.tenant, g.name, g.id, f.part, f.role,
                        greatest(f.since, g.created_at), greatest(f.since, g.at), g.reason
                    FROM freed f JOIN gone g ON g.id = f.claim_id)
                SELECT g.id, g.at, NULL AS revision, f.kind, f.scope, f.value
                FROM gone g LEFT JOIN freed f ON f.claim_id = g.id
                UNION ALL SELECT q.id, NULL, c.revision, NULL, NULL, NULL
                FROM q LEFT JOIN %2$s c ON c.id = q.id
                WHERE q.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.id = q.id)""".formatted(
                wanted, tables.name(tables.claim), tables.name(tables.resource), tables.name(tables.history), NOW);
    }

    private final class Releases implements PostgresCommits.Batch {
        private final List<Commit.Release> releases;
        private final PostgresCommits.ValueTable wanted;

        private final Map<UUID, Instant> gone = new HashMap<>();
        private final Map<UUID, Token> present = new HashMap<>();
        private final Set<Resource> freed = new HashSet<>();

        Releases(List<Commit.Release> releases) {
            this.releases = releases;
            wanted = new PostgresCommits.ValueTable(
                    "q", releases.size(), "id", "uuid", "revision", "int8", "guarded", "bool", "reason", "text");
            for (Commit.Release release : releases) {
                wanted.add(
                        release.claim(),
                        release.expected().revision(),
                        release.guard() != Commit.Guard.NONE,
                        release.reason().name());
            }
        }

        @Override
        public String sql() {
            return texts.computeIfAbsent(wanted.shape(), first -> PostgresReleases.this.sql(wanted.sql()));
        }

        @Override
        public List<@Nullable Object> values(long least) {
            List<@Nullable Object> values = new ArrayList<>(wanted.values());
            values.add(least);
            return values;
        }

        @Override
        public Session.Reading<?> reading(Session session) {
            return row -> read(session, row);
        }

        private UUID read(Session session, Row row) throws SQLException {
            UUID id = row.id();
            Optional<Instant> at = row.optionalInstant();
            Optional<Long> revision = row.optionalNumber();
            at.ifPresent(ended -> gone.put(id, session.wrote(ended)));
            revision.ifPresent(number -> present.put(id, new Token(id, number)));
            Optional<String> kind = row.optionalText();
            if (kind.isPresent()) {
                freed.add(row.resource(kind.get()));
            }
            return id;
        }

        @Override
        public List<@Nullable CommitResult> results(FreeHints.News news) {
            news.gone(freed);
            List<@Nullable CommitResult> results = new ArrayList<>();
            releases.forEach(release -> results.add(result(release)));
            return results;
        }

        /** A claim whose token is current has been left because this statement does not end its kind. */
        private @Nullable CommitResult result(Commit.Release release) {
            Instant at = gone.get(release.claim());
            if (at != null) {
                return new CommitResult.Done(at);
            }
            Optional<Token> now = Optional.ofNullable(present.get(release.claim()));
            return now.equals(Optional.of(release.expected()))
                    ? null
                    : new CommitResult.Refused(List.of(new Violation.Stale(release.expected(), now)));
        }
    }
}
