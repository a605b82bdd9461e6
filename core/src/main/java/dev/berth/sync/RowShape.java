package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What of a table's rows travels, as a store is asked for it. A row's values are those of its members in their order: a
 * plain column has one, and a link to a parent has the values of the parent's natural key in its place, so that no value
 * of a row is a surrogate id.
 *
 * @param table the table in the store that is asked
 * @param locator the columns that tell one row from the others there
 * @param members the columns and links that travel
 * @param key which members are the natural key, by their index
 * @param tombstone the column that marks a row as deleted and does not travel; empty if there is none
 */
public record RowShape(
        String table, List<Plain> locator, List<Member> members, List<Integer> key, Optional<Plain> tombstone) {
    /**
     * Copies the lists.
     *
     * @param table the table in the store that is asked
     * @param locator the columns that tell one row from the others there
     * @param members the columns and links that travel
     * @param key which members are the natural key, by their index
     * @param tombstone the column that marks a row as deleted and does not travel; empty if there is none
     * @throws InvalidInputException if a list or an element is null, or the key names a member that is not there
     */
    public RowShape {
        locator = InvalidInputException.copyOf("locator", locator);
        members = InvalidInputException.copyOf("members", members);
        key = InvalidInputException.copyOf("key", key);
        for (int member : key) {
            if (member < 0 || member >= members.size()) {
                throw InvalidInputException.of("key", member, "indexes of the " + members.size() + " members");
            }
        }
    }

    /** A column, or a link to a parent. */
    public sealed interface Member permits Plain, Link {
        /**
         * Counts the values that it has in a row.
         *
         * @return 1 for a column
         */
        int width();

        /**
         * Names the columns that it is kept in.
         *
         * @return the columns
         */
        List<String> columns();
    }

    /**
     * A column whose value travels as it is.
     *
     * @param column its name in the store that is asked
     * @param type as what it travels
     */
    public record Plain(String column, ValueType type) implements Member {
        @Override
        public int width() {
            return 1;
        }

        @Override
        public List<String> columns() {
            return List.of(column);
        }
    }

    /**
     * A link to a parent, which travels as the parent's natural key.
     *
     * @param columns its columns in the store that is asked
     * @param referenced the parent's columns that they refer to, in the same order
     * @param parent the parent's table
     * @param parentKey the members of the parent's natural key
     */
    public record Link(List<String> columns, List<String> referenced, String parent, List<Member> parentKey)
            implements Member {
        /**
         * Copies the lists.
         *
         * @param columns its columns in the store that is asked
         * @param referenced the parent's columns that they refer to, in the same order
         * @param parent the parent's table
         * @param parentKey the members of the parent's natural key
         */
        public Link {
            columns = InvalidInputException.copyOf("columns", columns);
            referenced = InvalidInputException.copyOf("referenced", referenced);
            parentKey = InvalidInputException.copyOf("parentKey", parentKey);
        }

        @Override
        public int width() {
            return RowShape.width(parentKey, parentKey.size());
        }
    }

    /**
     * Counts the values of a row.
     *
     * @return the number
     */
    public int width() {
        return width(members, members.size());
    }

    private static int width(List<Member> members, int count) {
        int width = 0;
        for (int i = 0; i < count; i++) {
            width += members.get(i).width();
        }
        return width;
    }

    /**
     * Tells as what each value of a row travels.
     *
     * @return the types, in the order of the values
     */
    public List<ValueType> types() {
        List<ValueType> types = new ArrayList<>();
        members.forEach(member -> addTypes(member, types));
        return types;
    }

    private static void addTypes(Member member, List<ValueType> types) {
        if (member instanceof Plain plain) {
            types.add(plain.type());
        } else if (member instanceof Link link) {
            link.parentKey().forEach(one -> addTypes(one, types));
        }
    }

    /**
     * Tells where the values of a member begin.
     *
     * @param member its index
     * @return the index of its first value
     * @throws IndexOutOfBoundsException if there is no such member
     */
    public int offset(int member) {
        return width(members, member);
    }

    /**
     * Tells which values of a row are its natural key.
     *
     * @return their indexes
     */
    public List<Integer> keyValues() {
        List<Integer> values = new ArrayList<>();
        for (int member : key) {
            int from = offset(member);
            for (int i = from; i < from + members.get(member).width(); i++) {
                values.add(i);
            }
        }
        return values;
    }
}
