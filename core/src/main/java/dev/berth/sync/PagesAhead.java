package dev.berth.sync;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All rows of a table in pages, each prepared for its turn: the next one while the one before is being carried, where the
 * store can work for two.
 *
 * @param <P> what a page is prepared to
 */
final class PagesAhead<P> {
    private final PageRoom room;
    private final Reading reading;
    private final Function<List<SyncRow>, P> preparing;
    private Optional<String> after = Optional.empty();

    /** Reads a page. */
    @FunctionalInterface
    interface Reading {
        List<SyncRow> page(Optional<String> after, int limit);
    }

    /** A page; whether it is the last one. */
    private record Page<P>(Optional<P> prepared, boolean isLast) {}

    PagesAhead(int most, Reading reading, Function<List<SyncRow>, P> preparing) {
        this.room = new PageRoom(most);
        this.reading = reading;
        this.preparing = preparing;
    }

    /** Only one thread at a time is here, each after the other has ended. */
    private Page<P> next() {
        int limit = room.next();
        List<SyncRow> rows = reading.page(after, limit);
        room.saw(rows);
        if (!rows.isEmpty()) {
            after = rows.get(rows.size() - 1).locator();
        }
        return new Page<>(rows.isEmpty() ? Optional.empty() : Optional.of(preparing.apply(rows)), rows.size() < limit);
    }

    void each(@Nullable Beside beside, Consumer<P> work) {
        Page<P> page = next();
        while (!page.isLast()) {
            if (beside == null) {
                page.prepared().ifPresent(work);
                page = next();
            } else {
                Future<Page<P>> ahead = beside.read(this::next);
                page.prepared().ifPresent(work);
                page = Beside.await(ahead);
            }
        }
        page.prepared().ifPresent(work);
    }
}
