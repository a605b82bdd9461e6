package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.ledger.LedgerStore;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;

/** What a page of texts is asked for. */
final class Pages {
    private Pages() {}

    static void check(int limit) {
        if (limit < 1 || limit > LedgerStore.PAGE_LIMIT) {
            throw InvalidInputException.of("page size", limit, "1 to " + LedgerStore.PAGE_LIMIT);
        }
    }

    /** The texts that start with the prefix and come after the last one of the page before, by their bytes. */
    static Condition range(Field<String> text, String prefix, Optional<String> after) {
        Condition range = text.ge(prefix);
        Optional<String> end = end(prefix);
        if (end.isPresent()) {
            range = range.and(text.lt(end.get()));
        }
        return after.isPresent() ? range.and(text.gt(after.get())) : range;
    }

    /** The least text that is above all with this prefix; UTF-8 keeps the order of code points. */
    private static Optional<String> end(String prefix) {
        int length = prefix.length();
        while (length > 0) {
            int last = prefix.codePointBefore(length);
            length -= Character.charCount(last);
            if (last < Character.MAX_CODE_POINT) {
                int next = last + 1 == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : last + 1;
                return Optional.of(prefix.substring(0, length) + Character.toString(next));
            }
        }
        return Optional.empty();
    }
}
