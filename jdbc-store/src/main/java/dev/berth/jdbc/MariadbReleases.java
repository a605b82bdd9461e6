package dev.berth.jdbc;

import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Releases in a block of MariaDB, of reservations without labels. The claims are read with a lock, and go by that until
 * the block ends: what it then writes picks, by the same condition, those that the reading has shown to end.
 */
final class MariadbReleases {
    private final String read;
    private final String held;
    private final String remember;
    private final String delete;
    private final String ending;

    MariadbReleases(Tables tables) {
        String claim = MariadbCommits.name(tables.claim);
        String resource = MariadbCommits.name(tables.resource);
        // By the key, in its order: a small table would else be read whole, and locked for a moment row by row.
        String joined = claim + " c FORCE INDEX (PRIMARY) LEFT JOIN " + resource + " r ON r.claim_id = c.id\n";
        read = "SELECT c.id, c.revision, c.state, c.labelled, c.state_since, r.kind, r.scope, r.value\nFROM " + joined
                + "WHERE c.id IN (";
        ending = ") AND c.state = 'RESERVED' AND c.labelled = 0";
        held = "FOR held IN (SELECT r.kind, r.scope, r.value, c.tenant, c.name, c.id, r.part, r.role,"
                + " greatest(r.since, c.created_at) since, greatest(r.since, c.state_since, berth_ended) ended\nFROM "
                + claim
                + " c FORCE INDEX (PRIMARY) JOIN " + resource
                + " r ON r.claim_id = c.id\nWHERE (c.id, c.revision) IN (";
        remember = ") DO INSERT INTO " + MariadbCommits.name(tables.history)
                + " (kind, scope, value, tenant, name, claim_id, part, role, since, ended_at, end_reason) VALUES\n"
                + "(held.kind, held.scope, held.value, held.tenant, held.name, held.id, held.part, held.role, held.since,"
                + " held.ended, ?);\nEND FOR;\n";
        delete = "DELETE c, r FROM " + joined + "WHERE (c.id, c.revision) IN (";
    }

    /** Adds what locks the claims and tells them to {@link Seen}. */
    void read(MariadbCommits.Block block, List<Commit.Release> releases) {
        List<@Nullable Object[]> ids = new ArrayList<>();
        releases.forEach(release -> ids.add(new Object[] {release.claim()}));
        block.add(read).addRows("?", ids).add(") FOR UPDATE;\n");
    }

    /**
     * Adds what ends the claims and remembers their holdings, row by row: an {@code INSERT ... SELECT} flushes the log at
     * its end, as if it were a commit (MariaDB 11.4, measured). All of them end for one reason.
     */
    void write(MariadbCommits.Block block, List<Commit.Release> releases) {
        List<@Nullable Object[]> tokens = new ArrayList<>();
        releases.forEach(release ->
                tokens.add(new Object[] {release.claim(), release.expected().revision()}));
        block.add(held).addRows("(?, ?)", tokens).add(ending);
        block.add(remember, releases.get(0).reason().name());
        block.add(delete).addRows("(?, ?)", tokens).add(ending + ";\n");
    }

    /** Claims as they were when they were locked. */
    static final class Seen {
        private final Map<UUID, Found> claims = new HashMap<>();

        private record Found(Token token, boolean endsPlainly, Instant stateSince, List<Resource> resources) {}

        /** Reads a row: a claim and one of its resources, if it has any. */
        Found read(Row row) throws SQLException {
            UUID id = row.id();
            var token = new Token(id, row.number());
            boolean reserved = row.text().equals(ClaimState.RESERVED.name());
            boolean labelled = row.number() != 0;
            Instant since = row.instant();
            Found found = claims.computeIfAbsent(
                    id, first -> new Found(token, reserved && !labelled, since, new ArrayList<>()));
            Optional<String> kind = row.optionalText();
            if (kind.isPresent()) {
                found.resources.add(row.resource(kind.get()));
            }
            return found;
        }

        /** What became of a release in a block that ended claims at a time; null if it was left alone. */
        @Nullable
        CommitResult result(Commit.Release release, Instant ended, FreeHints.News news) {
            Found found = claims.get(release.claim());
            if (found == null || !found.token.equals(release.expected())) {
                return new CommitResult.Refused(List.of(new Violation.Stale(
                        release.expected(), Optional.ofNullable(found).map(Found::token))));
            }
            if (!found.endsPlainly) {
                return null;
            }
            news.gone(Set.copyOf(found.resources));
            return new CommitResult.Done(ended.isAfter(found.stateSince) ? ended : found.stateSince);
        }
    }
}
