package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which of two rows stays where both sides have changed it. Whatever is decided, the row that does not stay is kept whole
 * with the {@linkplain SyncEngine#lostRows lost rows}.
 */
public final class ConflictPolicy {
    /**
     * The one with the newer version. Versions are compared at the coarser of their precisions, and NULL is the oldest;
     * of equals the row with the greater content digest stays, which every host computes alike.
     *
     * <p>For a table without a version Berth keeps versions in its books: when a row was changed, as captured by triggers
     * or calls, else when a run noticed it. Times of the local database are moved by what its clock differs from the
     * remote one's. A change is newer than what it was made to whatever the clocks say, and never newer than the run that
     * carries it, so that no clock that is wrong wins or loses for longer than it is wrong.
     */
    public static final ConflictPolicy NEWEST = new ConflictPolicy("newest", Optional.empty());

    /** The local one. */
    public static final ConflictPolicy LOCAL = new ConflictPolicy("local", Optional.empty());

    /** The remote one. */
    public static final ConflictPolicy REMOTE = new ConflictPolicy("remote", Optional.empty());

    private final String name;
    private final Optional<Function<Conflict, Map<String, @Nullable Object>>> merge;

    private ConflictPolicy(String name, Optional<Function<Conflict, Map<String, @Nullable Object>>> merge) {
        this.name = name;
        this.merge = merge;
    }

    /**
     * Lets the application merge the two. Its function is called inside a transaction and perhaps more than once for one
     * conflict; it should do nothing but compute. Both rows are kept with the lost ones.
     *
     * @param merge gives the row that is to be on both sides, with every column that the conflict has; the key must stay,
     *     and a foreign key be as one of the two has it
     * @return the policy
     */
    public static ConflictPolicy merging(Function<Conflict, Map<String, @Nullable Object>> merge) {
        return new ConflictPolicy("merge", Optional.of(InvalidInputException.requireNonNull("merge", merge)));
    }

    /**
     * Takes some columns from the remote row, and the others from the local one.
     *
     * @param columns the columns that the remote row decides
     * @return the policy
     */
    public static ConflictPolicy remoteColumns(String... columns) {
        Set<String> remote = Set.copyOf(InvalidInputException.copyOf(
                "columns", Arrays.asList(InvalidInputException.requireNonNull("columns", columns))));
        return merging(conflict -> {
            Map<String, @Nullable Object> merged = new LinkedHashMap<>(conflict.local());
            remote.stream()
                    .filter(merged::containsKey)
                    .forEach(column -> merged.put(column, conflict.remote().get(column)));
            return merged;
        });
    }

    Optional<Function<Conflict, Map<String, @Nullable Object>>> merge() {
        return merge;
    }

    @Override
    public String toString() {
        return name;
    }
}
