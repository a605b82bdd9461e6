package dev.berth.benchmarks;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** How much of the heap was in use after a collection, at most: what a sweep needs, and what was not collected yet. */
final class HeapPeak {
    private static final double MEGABYTE = 1 << 20;

    private final AtomicLong peak = new AtomicLong();

    HeapPeak() {
        ManagementFactory.getGarbageCollectorMXBeans()
                .forEach(bean -> ((NotificationEmitter) bean)
                        .addNotificationListener(
                                (notification, unused) -> {
                                    if (notification.getUserData() instanceof CompositeData data) {
                                        note(GarbageCollectionNotificationInfo.from(data));
                                    }
                                },
                                null,
                                null));
    }

    private void note(GarbageCollectionNotificationInfo collection) {
        long used = collection.getGcInfo().getMemoryUsageAfterGc().entrySet().stream()
                .filter(pool -> pool.getKey().matches(".*(Eden|Survivor|Tenured|Old).*"))
                .map(java.util.Map.Entry::getValue)
                .mapToLong(MemoryUsage::getUsed)
                .sum();
        peak.accumulateAndGet(used, Math::max);
    }

    void reset() {
        peak.set(0);
    }

    String told() {
        long bytes = peak.get();
        return bytes == 0 ? "no collection" : String.format(Locale.ROOT, "%.0f", bytes / MEGABYTE);
    }
}
