package dev.berth.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads a store page by page, and fails where a broken one would be paged for ever. */
final class Pages {
    private static final int MOST = 1_000_000;

    private Pages() {}

    /**
     * Reads all pages.
     *
     * @param limit the pages' limit
     * @param read reads the page after the given last element
     */
    static <T> List<T> all(int limit, Function<Optional<T>, List<T>> read) {
        List<T> all = new ArrayList<>();
        List<T> page;
        do {
            Optional<T> last = all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
            page = read.apply(last);
            if (page.size() > limit || (last.isPresent() && page.contains(last.get())) || all.size() > MOST) {
                throw new AssertionError("after " + last + " comes " + page + ": a page of at most " + limit
                        + " begins after the last one's end");
            }
            all.addAll(page);
        } while (page.size() == limit);
        return all;
    }
}
