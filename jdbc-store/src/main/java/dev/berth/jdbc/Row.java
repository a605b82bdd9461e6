package dev.berth.jdbc;

import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import java.nio.charset.StandardCharsets;
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
    private final Dialect dialect;
    private int column;

    Row(ResultSet result, Dialect dialect) {
        this.result = result;
        this.dialect = dialect;
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
        if (!dialect.keepsBytes()) {
            return result.getString(++column);
        }
        byte[] bytes = result.getBytes(++column);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    long number() throws SQLException {
        return result.getLong(++column);
    }

    Optional<Long> optionalNumber() throws SQLException {
        long number = number();
        return result.wasNull() ? Optional.empty() : Optional.of(number);
    }

    int integer() throws SQLException {
        return result.getInt(++column);
    }

    boolean flag() throws SQLException {
        return result.getInt(++column) != 0;
    }

    UUID id() throws SQLException {
        return optionalId().orElseThrow();
    }

    Optional<UUID> optionalId() throws SQLException {
        if (dialect == Dialect.POSTGRESQL) {
            return Optional.ofNullable(result.getObject(++column, UUID.class));
        }
        return Optional.ofNullable(result.getBytes(++column)).map(Columns::uuid);
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
        return resource(text());
    }

    /** Reads the resource of a kind whose name was read. */
    Resource resource(String kind) throws SQLException {
        Scope scope = Scope.of(text());
        return Resource.stored(kind, scope, text());
    }
}
