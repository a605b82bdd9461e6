package dev.berth.sync;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A row that is kept, by its columns' names: the table may have other columns when it is read again. */
final class NamedRow {
    private final Map<String, Part> parts;

    /** A column's value, or the key of the parent that a link refers to. */
    private record Part(boolean isLink, List<@Nullable Object> values) {}

    private NamedRow(Map<String, Part> parts) {
        this.parts = parts;
    }

    static NamedRow of(TablePlan plan, SyncRow row) {
        Map<String, Part> parts = new LinkedHashMap<>();
        RowShape shape = plan.local().shape();
        for (int i = 0; i < shape.members().size(); i++) {
            RowShape.Member member = shape.members().get(i);
            int from = shape.offset(i);
            parts.put(
                    name(member),
                    new Part(
                            member instanceof RowShape.Link,
                            Arrays.asList(Arrays.copyOfRange(row.values(), from, from + member.width()))));
        }
        return new NamedRow(parts);
    }

    private static String name(RowShape.Member member) {
        return String.join(",", member.columns());
    }

    byte[] encode() {
        List<@Nullable Object> all = new ArrayList<>();
        parts.forEach((name, part) -> {
            all.add(name);
            all.add(part.isLink());
            all.add((long) part.values().size());
            all.addAll(part.values());
        });
        return RowCodec.encode(all.toArray());
    }

    static NamedRow decode(byte[] bytes) {
        Map<String, Part> parts = new LinkedHashMap<>();
        Iterator<@Nullable Object> in = Arrays.asList(RowCodec.decode(bytes)).iterator();
        while (in.hasNext()) {
            String name = String.valueOf(in.next());
            boolean isLink = Boolean.TRUE.equals(in.next());
            List<@Nullable Object> values = new ArrayList<>();
            for (long left = (Long) Objects.requireNonNull(in.next()); left > 0; left--) {
                values.add(in.next());
            }
            parts.put(name, new Part(isLink, values));
        }
        return new NamedRow(parts);
    }

    /** As a caller sees it: a link as the list of its parent's key. */
    Map<String, @Nullable Object> asMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        parts.forEach((name, part) -> map.put(
                name,
                part.isLink()
                        ? Collections.unmodifiableList(part.values())
                        : part.values().get(0)));
        return map;
    }

    /** The row as it is synced now; what it did not have comes from another row, or is NULL. */
    SyncRow in(TablePlan plan, @Nullable SyncRow otherwise) {
        RowShape shape = plan.local().shape();
        @Nullable Object[] values = new @Nullable Object[shape.width()];
        for (int i = 0; i < shape.members().size(); i++) {
            RowShape.Member member = shape.members().get(i);
            Part part = found(member);
            for (int j = 0; j < member.width(); j++) {
                int at = shape.offset(i) + j;
                values[at] = part != null ? part.values().get(j) : otherwise != null ? otherwise.value(at) : null;
            }
        }
        return plan.canonical(SyncRow.of(values));
    }

    /** What it has that is not synced any more, so that it cannot be written. */
    List<String> unknownTo(TablePlan plan) {
        List<String> unknown = new ArrayList<>();
        parts.forEach((name, part) -> {
            boolean says = part.values().stream().anyMatch(Objects::nonNull);
            if (says && plan.local().shape().members().stream().noneMatch(member -> isOf(name, part, member))) {
                unknown.add(name);
            }
        });
        return unknown;
    }

    private @Nullable Part found(RowShape.Member member) {
        for (Map.Entry<String, Part> one : parts.entrySet()) {
            if (isOf(one.getKey(), one.getValue(), member)) {
                return one.getValue();
            }
        }
        return null;
    }

    private static boolean isOf(String name, Part part, RowShape.Member member) {
        return name.toLowerCase(Locale.ROOT).equals(name(member).toLowerCase(Locale.ROOT))
                && part.isLink() == member instanceof RowShape.Link
                && part.values().size() == member.width();
    }
}
