package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.port.Protocol;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows of a port table while they are gathered into requests. Not safe for use by many threads. */
final class PortRows {
    private enum Column {
        OWNER,
        SCOPE,
        PORT,
        TENANT,
        PART,
        ROLE,
        PROTOCOL;

        private static final List<Column> REQUIRED = List.of(OWNER, SCOPE, PORT);

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where a row stands and whose it is. */
    private record Seen(int row, Owner owner) {
        @Override
        public String toString() {
            return "row " + row + " (" + owner + ")";
        }
    }

    private final ResultSet result;
    private final Map<Column, Integer> columns;
    private final Map<Owner, Map<String, Map<String, Resource>>> owners = new LinkedHashMap<>();
    private final Map<Resource, Seen> ports = new HashMap<>();
    private int row;

    private PortRows(ResultSet result, Map<Column, Integer> columns) {
        this.result = result;
        this.columns = columns;
    }

    static PortRows of(ResultSet result) throws SQLException {
        var rows = new PortRows(result, columns(result.getMetaData()));
        while (result.next()) {
            rows.row++;
            rows.gather();
        }
        return rows;
    }

    /** One request an owner. */
    List<ClaimRequest> requests() {
        List<ClaimRequest> requests = new ArrayList<>();
        owners.forEach((owner, parts) -> {
            ClaimRequest request = ClaimRequest.by(owner);
            for (var part : parts.entrySet()) {
                request = request.fixed(part.getKey(), part.getValue());
            }
            requests.add(request);
        });
        return List.copyOf(requests);
    }

    private static Map<Column, Integer> columns(ResultSetMetaData about) throws SQLException {
        Map<Column, Integer> columns = new EnumMap<>(Column.class);
        for (int i = 1; i <= about.getColumnCount(); i++) {
            String label = about.getColumnLabel(i);
            Column column = Stream.of(Column.values())
                    .filter(one -> one.toString().equalsIgnoreCase(label))
                    .findFirst()
                    .orElseThrow(() -> InvalidInputException.of("column of the port table", label, allowed()));
            if (columns.put(column, i) != null) {
                throw InvalidInputException.of("column of the port table", label, "each column once");
            }
        }
        for (Column column : Column.REQUIRED) {
            if (!columns.containsKey(column)) {
                throw InvalidInputException.of("columns of the port table", columns.keySet(), allowed());
            }
        }
        return columns;
    }

    private static String allowed() {
        String all = Stream.of(Column.values()).map(Column::toString).collect(Collectors.joining(", "));
        return all + "; the first " + Column.REQUIRED.size() + " are needed";
    }

    private void gather() throws SQLException {
        String tenant = text(Column.TENANT, PortTable.TENANT);
        String name = text(Column.OWNER, null);
        Owner owner = checked("row " + row, name, () -> Owner.of(tenant, name));
        var seen = new Seen(row, owner);
        String scope = text(Column.SCOPE, null);
        Scope host = checked(seen.toString(), scope, () -> Scope.of(scope));
        Resource port = protocol().kind().in(host, number(seen));
        String part = text(Column.PART, PortTable.PART);
        // A request of this part alone finds what is wrong with it while the row is known.
        checked(seen.toString(), part, () -> ClaimRequest.by(owner).fixed(part, port));

        Seen before = ports.putIfAbsent(port, seen);
        if (before != null) {
            throw InvalidInputException.of(
                    seen + ", column " + Column.PORT, port, "a port that no other row has; this one is in " + before);
        }
        put(seen, part, role(seen, part, port), port);
    }

    private String role(Seen seen, String part, Resource port) throws SQLException {
        String role = optional(Column.ROLE);
        if (role == null) {
            return Candidates.SOLE_ROLE;
        }
        if (role.equals(Candidates.SOLE_ROLE)) {
            throw InvalidInputException.of(seen + ", column " + Column.ROLE, role, "NULL for a part's only port");
        }
        checked(seen.toString(), role, () -> ClaimRequest.by(seen.owner()).fixed(part, Map.of(role, port)));
        return role;
    }

    private void put(Seen seen, String part, String role, Resource port) {
        Map<String, Resource> group = owners.computeIfAbsent(seen.owner(), owner -> new LinkedHashMap<>())
                .computeIfAbsent(part, name -> new LinkedHashMap<>());
        boolean alone = role.equals(Candidates.SOLE_ROLE) || group.containsKey(Candidates.SOLE_ROLE);
        if (group.containsKey(role) || (alone && !group.isEmpty())) {
            throw InvalidInputException.of(
                    seen + ", column " + Column.ROLE,
                    role.equals(Candidates.SOLE_ROLE) ? null : role,
                    "a role that no other port of part \"" + part + "\" of this owner has, and NULL for none of them;"
                            + " the part has " + group.values());
        }
        group.put(role, port);
    }

    private Protocol protocol() throws SQLException {
        String given = text(Column.PROTOCOL, Protocol.TCP.toString());
        return Stream.of(Protocol.values())
                .filter(protocol -> protocol.toString().equalsIgnoreCase(given))
                .findFirst()
                .orElseThrow(() ->
                        InvalidInputException.of("row " + row + ", column " + Column.PROTOCOL, given, "tcp or udp"));
    }

    /** Reads text, since a port column is a number in one table and a text in another, or has a scale. */
    private int number(Seen seen) throws SQLException {
        String given = optional(Column.PORT);
        try {
            int number = given == null ? 0 : new BigDecimal(given.strip()).intValueExact();
            if (number >= 1 && number <= 65_535) {
                return number;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // Refused below, as any other that is none.
        }
        throw InvalidInputException.of(
                seen + ", column " + Column.PORT, given, "1 to 65535; leave rows without a port out of the query");
    }

    /** The text of a column that is not NULL; without the column the default, which required ones do not have. */
    private String text(Column column, @Nullable String missing) throws SQLException {
        String given = columns.containsKey(column) ? optional(column) : missing;
        if (given == null) {
            throw InvalidInputException.of("row " + row + ", column " + column, null, "a value that is not NULL");
        }
        return given;
    }

    private @Nullable String optional(Column column) throws SQLException {
        Integer index = columns.get(column);
        return index == null ? null : result.getString(index);
    }

    /** Makes something of a value, or names the row that it is in. */
    private static <T> T checked(String where, String given, Supplier<T> making) {
        try {
            return making.get();
        } catch (InvalidInputException e) {
            throw InvalidInputException.of(where + ", " + e.what(), given, e.allowed());
        }
    }
}
