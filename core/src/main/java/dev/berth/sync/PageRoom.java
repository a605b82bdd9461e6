package dev.berth.sync;

import java.util.List;

/** How many rows are read at once, so that large ones do not fill the memory: by the size of those that were read. */
final class PageRoom {
    private static final long MOST_BYTES = 16L << 20;
    private static final int FIRST = 200;

    private final int most;
    private long rows;
    private long bytes;

    PageRoom(int most) {
        this.most = most;
    }

    int next() {
        if (rows == 0) {
            return Math.min(most, FIRST);
        }
        long each = Math.max(1, bytes / rows);
        return (int) Math.max(1, Math.min(most, MOST_BYTES / each));
    }

    void saw(List<SyncRow> some) {
        for (SyncRow row : some) {
            for (int i = 0; i < row.width(); i++) {
                Object value = row.value(i);
                bytes += value instanceof String text
                        ? 2L * text.length()
                        : value instanceof byte[] raw ? raw.length : 16;
            }
        }
        rows += some.size();
    }
}
