package dev.berth.sync;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalTime;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table as it is synced, checked against both stores.
 *
 * @param table what the caller said
 * @param local how the local store is asked
 * @param remote how the remote store is asked
 * @param digits for each value the digits after the point that both sides keep; -1 if all
 * @param version which value is the version; empty if there is none
 * @param numbers what numbers in the version column mean
 * @param tombstone which value marks a row as deleted, if both sides have that column; empty if none does
 * @param deferred the links that are written last where their parents come later
 */
record TablePlan(
        SyncTable table,
        Side local,
        Side remote,
        List<Integer> digits,
        Optional<Integer> version,
        RowVersion.Numbers numbers,
        Optional<Integer> tombstone,
        Set<Integer> deferred) {
    /**
     * One side.
     *
     * @param shape what of its rows travels
     * @param uniques its unique keys beside the natural key, of which every column travels
     * @param referrers who refers to it
     * @param lengths for each value the most characters; -1 if any
     * @param keeps for each value what is kept as it is
     * @param fidelity whether what is written is read again
     */
    record Side(
            RowShape shape,
            List<UniqueValues> uniques,
            List<StoreTable.Referrer> referrers,
            List<Integer> lengths,
            List<Keeps> keeps,
            Fidelity fidelity) {}

    /** Whether a side stores what is written to it. */
    enum Fidelity {
        /** What fits is stored as it is. */
        EXACT,
        /** Some columns may store it in another form: such a row is undone, and set aside. */
        RESPELT,
        /** Its own triggers may change it, which is theirs to do. */
        TRIGGERED
    }

    /**
     * A unique key, and which values of a row are its.
     *
     * @param unique the key
     * @param values their indexes
     */
    record UniqueValues(StoreTable.Unique unique, List<Integer> values) {}

    String name() {
        return table.name();
    }

    /** Its name as it is compared with others. */
    String folded() {
        return folded(name());
    }

    static String folded(String table) {
        return table.toLowerCase(Locale.ROOT);
    }

    /** Whether it refers to one of some tables, by their folded names. */
    boolean refersTo(Set<String> tables) {
        return local.shape().members().stream()
                .anyMatch(member -> member instanceof RowShape.Link link && tables.contains(folded(link.parent())));
    }

    /** Changes with what travels: rows that were compared by another declaration are to be compared again. */
    byte[] declared() {
        return RowCodec.digest(local.shape().toString(), remote.shape().toString(), digits.toString())
                .bytes();
    }

    Side source(Direction direction) {
        return direction == Direction.PUSH ? local : remote;
    }

    Side target(Direction direction) {
        return direction == Direction.PUSH ? remote : local;
    }

    /** The parents that must be there before. */
    List<String> parents() {
        List<String> parents = new ArrayList<>();
        for (int i = 0; i < local.shape().members().size(); i++) {
            if (local.shape().members().get(i) instanceof RowShape.Link link && !deferred.contains(i)) {
                parents.add(link.parent());
            }
        }
        return parents;
    }

    /**
     * The row as both sides would have it: times cut to the precision that both keep, numbers without zeros at the end, and
     * one zero, since most databases tell -0 from it in no comparison and keep it in few columns.
     */
    SyncRow canonical(SyncRow row) {
        @Nullable Object[] values = row.values();
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof Instant time) {
                values[i] = cut(time, digits.get(i));
            } else if (values[i] instanceof LocalTime time) {
                values[i] = time.minusNanos(time.get(ChronoField.NANO_OF_SECOND) % unit(digits.get(i)));
            } else if (values[i] instanceof Double number && number == 0) {
                values[i] = 0.0;
            } else if (values[i] instanceof BigDecimal number) {
                values[i] = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
            }
        }
        return row;
    }

    private static Instant cut(Instant time, int digits) {
        int rest = time.get(ChronoField.NANO_OF_SECOND) % unit(digits);
        return rest == 0 ? time : time.minusNanos(rest);
    }

    private static int unit(int digits) {
        int unit = 1_000;
        for (int kept = digits; kept >= 0 && kept < 6; kept++) {
            unit *= 10;
        }
        return unit;
    }

    /** What is wrong with a row for a side; empty if it fits. */
    Optional<String> misfit(SyncRow row, Side target) {
        if (row.fault().isPresent()) {
            return row.fault();
        }
        for (int i = 0; i < row.width(); i++) {
            Object value = row.value(i);
            int length = target.lengths().get(i);
            if (value instanceof String text && length >= 0 && text.codePointCount(0, text.length()) > length) {
                return Optional.of("a text of " + text.codePointCount(0, text.length())
                        + " characters, where the other side takes " + length + ": " + nameOf(i));
            }
            Optional<String> changed = target.keeps().get(i).misfit(value);
            if (changed.isPresent()) {
                return Optional.of(changed.get() + ": " + nameOf(i));
            }
            if (value instanceof BigDecimal number && digits.get(i) >= 0 && number.scale() > digits.get(i)) {
                return Optional.of("a number of " + number.scale()
                        + " digits after the point, where the other side keeps " + digits.get(i) + ": " + nameOf(i));
            }
        }
        for (int index : target.shape().keyValues()) {
            if (row.value(index) == null) {
                return Optional.of("NULL in the natural key: " + nameOf(index));
            }
        }
        if (version.isPresent() && versionOf(row).isEmpty()) {
            return Optional.of("the version column has no time: " + nameOf(version.get()));
        }
        return Optional.empty();
    }

    /** The column of a value. */
    String nameOf(int value) {
        RowShape shape = local.shape();
        int member = 0;
        while (member + 1 < shape.members().size() && shape.offset(member + 1) <= value) {
            member++;
        }
        return String.join(",", shape.members().get(member).columns());
    }

    /** Whether a row is marked as deleted, by a column of both sides or by one of the side that it was read from. */
    boolean isDeleted(SyncRow row) {
        return row.isDeleted()
                || tombstone.filter(index -> isSet(row.value(index))).isPresent();
    }

    private static boolean isSet(@Nullable Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        return value instanceof String text ? !text.isEmpty() : value != null;
    }

    Optional<RowVersion> versionOf(SyncRow row) {
        return version.flatMap(index -> RowVersion.of(row.value(index), numbers, digits.get(index)));
    }

    @Nullable
    Object[] keyOf(SyncRow row) {
        RowShape shape = local.shape();
        List<Integer> members = shape.key();
        if (members.size() == 1) {
            int from = shape.offset(members.get(0));
            return Arrays.copyOfRange(
                    row.values(),
                    from,
                    from + shape.members().get(members.get(0)).width());
        }
        List<Integer> indexes = shape.keyValues();
        @Nullable Object[] key = new @Nullable Object[indexes.size()];
        for (int i = 0; i < key.length; i++) {
            key[i] = row.value(indexes.get(i));
        }
        return key;
    }

    /** Whether a row has its whole key, so that it can be told from others on the other side. */
    boolean isNamed(SyncRow row) {
        for (int index : local.shape().keyValues()) {
            if (row.value(index) == null) {
                return false;
            }
        }
        return true;
    }

    /** A row of which only the key is known. */
    SyncRow rowOfKey(@Nullable Object[] key) {
        @Nullable Object[] values = new @Nullable Object[local.shape().width()];
        List<Integer> indexes = local.shape().keyValues();
        for (int i = 0; i < key.length; i++) {
            values[indexes.get(i)] = key[i];
        }
        return SyncRow.of(values);
    }

    /** The row without what some of its links refer to. */
    SyncRow without(List<Integer> links, SyncRow row) {
        @Nullable Object[] values = row.values().clone();
        for (int link : links) {
            int from = local.shape().offset(link);
            Arrays.fill(values, from, from + local.shape().members().get(link).width(), null);
        }
        return row.locator().map(at -> SyncRow.at(at, values)).orElseGet(() -> SyncRow.of(values));
    }

    /** The row by its columns' names; a link as the list of its parent's key. */
    Map<String, @Nullable Object> named(SyncRow row) {
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        RowShape shape = local.shape();
        for (int i = 0; i < shape.members().size(); i++) {
            RowShape.Member member = shape.members().get(i);
            int from = shape.offset(i);
            named.put(
                    String.join(",", member.columns()),
                    member instanceof RowShape.Plain
                            ? row.value(from)
                            : Arrays.asList(Arrays.copyOfRange(row.values(), from, from + member.width())));
        }
        return named;
    }

    /** The reverse of {@link #named}: a row with the columns that are named, for a merge. */
    SyncRow unnamed(Map<String, @Nullable Object> named) {
        @Nullable Object[] values = new @Nullable Object[local.shape().width()];
        RowShape shape = local.shape();
        for (int i = 0; i < shape.members().size(); i++) {
            RowShape.Member member = shape.members().get(i);
            String name = String.join(",", member.columns());
            if (!named.containsKey(name)) {
                throw new IllegalArgumentException("the merged row has no " + name);
            }
            Object value = named.get(name);
            if (member instanceof RowShape.Plain) {
                values[shape.offset(i)] = value instanceof Integer number ? Long.valueOf(number) : value;
            } else if (value instanceof List<?> parent && parent.size() == member.width()) {
                for (int j = 0; j < parent.size(); j++) {
                    values[shape.offset(i) + j] = parent.get(j);
                }
            } else {
                throw new IllegalArgumentException("the merged row's " + name + " is no key of a parent");
            }
        }
        return canonical(SyncRow.of(values));
    }
}
