package dev.berth.jdbc;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Plain changes and renewals on PostgreSQL: one statement changes the rows of all claims whose token and owner are as
 * they should be. A row that another transaction has changed meanwhile is compared anew when that has ended, as READ
 * COMMITTED does.
 */
final class PostgresChanges {
    private final String claim;
    private final Map<Integer, String> texts = new ConcurrentHashMap<>();

    PostgresChanges(Tables tables) {
        claim = tables.name(tables.claim);
    }

    PostgresCommits.Batch batch(List<Commit.ClaimWrite> writes) {
        return new Changes(writes);
    }

    private String sql(String wanted) {
        return """
                WITH %1$s,
                t AS (
                    SELECT q.*, greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, ?::bigint) AS at
                    FROM q WHERE q.id IS NOT NULL),
                changed AS (
                    UPDATE %2$s c SET
                        revision = CASE WHEN t.changes THEN c.revision + 1 ELSE c.revision END,
                        state = CASE WHEN t.changes THEN t.state ELSE c.state END,
                        state_since = CASE WHEN t.changes THEN t.at ELSE c.state_since END,
                        home = CASE WHEN t.changes THEN t.home ELSE c.home END,
                        state_reason = CASE WHEN t.changes THEN t.reason ELSE c.state_reason END,
                        lease_until = CASE t.lease_write
                            WHEN 'KEEP' THEN c.lease_until WHEN 'LIFT' THEN NULL ELSE t.at + t.lease END,
                        attempt_number = CASE t.attempt_write
                            WHEN 'BEGIN' THEN coalesce(c.attempt_number, 0) + 1 ELSE c.attempt_number END,
                        attempt_nonce = CASE t.attempt_write WHEN 'BEGIN' THEN t.nonce ELSE c.attempt_nonce END,
                        attempt_since = CASE t.attempt_write WHEN 'BEGIN' THEN t.at ELSE c.attempt_since END,
                        attempt_until = CASE t.attempt_write
                            WHEN 'BEGIN' THEN t.at + t.span
                            WHEN 'RENEW' THEN CASE WHEN c.attempt_number IS NOT NULL THEN t.at + t.span END
                            WHEN 'END' THEN least(c.attempt_until, t.at)
                            ELSE c.attempt_until END
                    FROM t
                    WHERE c.id = t.id AND c.revision = t.revision
                        AND (NOT t.changes OR (c.tenant = t.tenant AND c.name = t.name))
                        AND (NOT t.guarded OR c.attempt_until IS NULL OR c.attempt_until <= t.at)
                    RETURNING c.id)
                SELECT t.id, t.at, d.id IS NOT NULL, c.revision
                FROM t LEFT JOIN changed d ON d.id = t.id LEFT JOIN %2$s c ON c.id = t.id""".formatted(wanted, claim);
    }

    private final class Changes implements PostgresCommits.Batch {
        private final List<Commit.ClaimWrite> writes;
        private final PostgresCommits.ValueTable wanted;
        private final Map<UUID, Instant> done = new HashMap<>();
        private final Map<UUID, Token> present = new HashMap<>();

        Changes(List<Commit.ClaimWrite> writes) {
            this.writes = writes;
            wanted = new PostgresCommits.ValueTable(
                    "q",
                    writes.size(),
                    "id",
                    "uuid",
                    "revision",
                    "int8",
                    "changes",
                    "bool",
                    "guarded",
                    "bool",
                    "tenant",
                    "text",
                    "name",
                    "text",
                    "state",
                    "text",
                    "home",
                    "text",
                    "reason",
                    "text",
                    "lease_write",
                    "text",
                    "lease",
                    "int8",
                    "attempt_write",
                    "text",
                    "nonce",
                    "text",
                    "span",
                    "int8");
            writes.forEach(this::add);
        }

        private void add(Commit.ClaimWrite write) {
            Token expected = write.seen().orElseThrow();
            if (write instanceof Commit.Change change) {
                Optional<Commit.NewAttempt> begun = change.attempt() instanceof Commit.AttemptWrite.Begin begin
                        ? Optional.of(begin.attempt())
                        : Optional.empty();
                String attempt = begun.isPresent()
                        ? "BEGIN"
                        : change.attempt() instanceof Commit.AttemptWrite.End ? "END" : "LEAVE";
                wanted.add(
                        expected.claim(),
                        expected.revision(),
                        true,
                        change.guard() == Commit.Guard.ATTEMPT_LAPSED,
                        change.owner().tenant(),
                        change.owner().name(),
                        change.state().name(),
                        change.home().map(Scope::name).orElse(null),
                        change.reason().orElse(null),
                        word(change.lease()),
                        span(change.lease()),
                        attempt,
                        begun.map(Commit.NewAttempt::nonce).orElse(null),
                        begun.map(Commit.NewAttempt::span).map(Columns::micros).orElse(null));
            } else if (write instanceof Commit.Touch touch) {
                wanted.add(
                        expected.claim(),
                        expected.revision(),
                        false,
                        false,
                        null,
                        null,
                        null,
                        null,
                        null,
                        word(touch.lease()),
                        span(touch.lease()),
                        touch.attempt().isPresent() ? "RENEW" : "LEAVE",
                        null,
                        touch.attempt().map(Columns::micros).orElse(null));
            }
        }

        private static String word(Commit.LeaseWrite lease) {
            return lease instanceof Commit.LeaseWrite.Run
                    ? "RUN"
                    : lease instanceof Commit.LeaseWrite.Lift ? "LIFT" : "KEEP";
        }

        private static @Nullable Long span(Commit.LeaseWrite lease) {
            return lease instanceof Commit.LeaseWrite.Run run ? micros(run.span()) : null;
        }

        private static @Nullable Long micros(Duration span) {
            return Columns.micros(span);
        }

        @Override
        public String sql() {
            return texts.computeIfAbsent(wanted.shape(), first -> PostgresChanges.this.sql(wanted.sql()));
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
            Instant at = session.wrote(row.instant());
            if (row.truth()) {
                done.put(id, at);
            } else {
                row.optionalNumber().ifPresent(revision -> present.put(id, new Token(id, revision)));
            }
            return id;
        }

        @Override
        public List<@Nullable CommitResult> results(FreeHints.News news) {
            List<@Nullable CommitResult> results = new ArrayList<>();
            writes.forEach(write -> results.add(result(write)));
            return results;
        }

        /** A claim that has the token and was left all the same has another owner, or is guarded: see by the other road. */
        private @Nullable CommitResult result(Commit.ClaimWrite write) {
            Instant at = done.get(write.claim());
            if (at != null) {
                return new CommitResult.Done(at);
            }
            Token expected = write.seen().orElseThrow();
            Optional<Token> now = Optional.ofNullable(present.get(write.claim()));
            return now.equals(Optional.of(expected))
                    ? null
                    : new CommitResult.Refused(List.of(new Violation.Stale(expected, now)));
        }
    }
}
