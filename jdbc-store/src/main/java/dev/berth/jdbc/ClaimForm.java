package dev.berth.jdbc;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Token;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A claim's own row, without its holdings and labels: how it is read and written.
 *
 * @param token the claim's id and revision
 */
record ClaimForm(
        Token token,
        Owner owner,
        ClaimState state,
        Instant createdAt,
        Instant stateSince,
        Optional<Instant> leaseUntil,
        Optional<Scope> home,
        Optional<Attempt> attempt,
        Optional<String> reason) {

    static ClaimForm of(Claim claim) {
        return new ClaimForm(
                claim.token(),
                claim.owner(),
                claim.state(),
                claim.createdAt(),
                claim.stateSince(),
                claim.leaseUntil(),
                claim.home(),
                claim.attempt(),
                claim.reason());
    }

    /** Reads the columns of {@link Tables#CLAIM_COLUMNS} after the id. */
    static ClaimForm read(UUID id, Row row) throws SQLException {
        return new ClaimForm(
                new Token(id, row.number()),
                row.owner(),
                ClaimState.valueOf(row.text()),
                row.instant(),
                row.instant(),
                row.optionalInstant(),
                row.optionalScope(),
                readAttempt(id, row),
                row.optionalText());
    }

    private static Optional<Attempt> readAttempt(UUID claim, Row row) throws SQLException {
        int number = row.integer();
        if (number == 0) {
            row.skip(3);
            return Optional.empty();
        }
        return Optional.of(new Attempt(claim, number, row.text(), row.instant(), row.instant()));
    }

    /**
     * When a holding began, by its row's time and its claim's. A claim's time is told after all its rows were written, and
     * no holding begins before its claim.
     */
    static Instant beginning(Instant since, Instant createdAt) {
        return since.isBefore(createdAt) ? createdAt : since;
    }

    /** The values of {@link Tables#CLAIM_COLUMNS}. */
    List<@Nullable Object> values() {
        List<@Nullable Object> values = new ArrayList<>();
        values.add(token.claim());
        values.add(token.revision());
        values.add(owner.tenant());
        values.add(owner.name());
        values.add(state.name());
        values.add(Columns.micros(createdAt));
        values.add(Columns.micros(stateSince));
        values.add(Columns.micros(leaseUntil));
        values.add(home.map(Scope::name).orElse(null));
        values.add(attempt.map(Attempt::number).orElse(null));
        values.add(attempt.map(Attempt::nonce).orElse(null));
        values.add(Columns.micros(attempt.map(Attempt::since)));
        values.add(Columns.micros(attempt.map(Attempt::until)));
        values.add(reason.orElse(null));
        return values;
    }

    Claim with(Map<String, String> labels, List<Holding> holdings) {
        return new Claim(
                token, owner, state, createdAt, stateSince, leaseUntil, home, attempt, reason, labels, holdings);
    }
}
