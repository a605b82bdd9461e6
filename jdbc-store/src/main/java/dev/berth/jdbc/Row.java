package dev.berth.jdbc;

import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One row of a result, read column by column from left to right: each call reads the next column. */
final class Row {
    private final ResultSet result;
    private int column;

    Row(ResultSet result) {
        this.result = result;
    }

    /** Goes back to the first column, for the next row. */
    Row rewound() {
        column = 0;
        return this;
    }

    void skip(int columns) {
        column += columns;
    }

    String text() throws SQLException {
        return Objects.requireNonNull(nullableText());
    }

    Optional<String> optionalText() throws SQLException {
        return Optional.ofNullable(nullableText());
    }

    private @Nullable String nullableText() throws SQLException {
        return result.getString(++column);
    }

    long number() throws SQLException {
        return result.getLong(++column);
    }

    int integer() throws SQLException {
        return result.getInt(++column);
    }

    boolean flag() throws SQLException {
        return result.getInt(++column) != 0;
    }

    UUID id() throws SQLException {
        return Columns.uuid(result.getBytes(++column));
    }

    Instant instant() throws SQLException {
        return Columns.instant(number());
    }

    Optional<Instant> optionalInstant() throws SQLException {
        long micros = number();
        return result.wasNull() ? Optional.empty() : Optional.of(Columns.instant(micros));
    }

    Optional<Scope> optionalScope() throws SQLException {
        return optionalText().map(Scope::of);
    }

    Owner owner() throws SQLException {
        String tenant = text();
        return Owner.of(tenant, text());
    }

    Resource resource() throws SQLException {
        String kind = text();
        Scope scope = Scope.of(text());
        return Resource.stored(kind, scope, text());
    }
}
