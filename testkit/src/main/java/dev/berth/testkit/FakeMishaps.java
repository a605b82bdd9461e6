package dev.berth.testkit;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Which calls of a client are to fail, and how. */
final class FakeMishaps {
    private static final int LATEST_SECONDS = 30;

    private final Map<RuntimeCall, Long> counts = new EnumMap<>(RuntimeCall.class);
    private final Map<RuntimeCall, Map<Long, Mishap>> plan = new EnumMap<>(RuntimeCall.class);
    private Random chaos = new Random(0);
    private double rate;

    /** Plans for the first call to come that has no plan yet. */
    synchronized void next(RuntimeCall call, Mishap mishap) {
        Map<Long, Mishap> planned = plan.computeIfAbsent(call, any -> new HashMap<>());
        long number = counts.getOrDefault(call, 0L) + 1;
        while (planned.containsKey(number)) {
            number++;
        }
        planned.put(number, mishap);
    }

    synchronized void nth(RuntimeCall call, int nth, Mishap mishap) {
        plan.computeIfAbsent(call, any -> new HashMap<>()).put(counts.getOrDefault(call, 0L) + nth, mishap);
    }

    synchronized void chaos(long seed, double share) {
        chaos = new Random(seed);
        rate = share;
    }

    synchronized void calm() {
        plan.clear();
        rate = 0;
    }

    /** Counts a call and says what befalls it. */
    synchronized Optional<Mishap> befalling(RuntimeCall call) {
        long number = counts.merge(call, 1L, Long::sum);
        Mishap planned = plan.computeIfAbsent(call, any -> new HashMap<>()).remove(number);
        if (planned != null) {
            return Optional.of(planned);
        }
        return rate > 0 && chaos.nextDouble() < rate ? Optional.of(any(call)) : Optional.empty();
    }

    private Mishap any(RuntimeCall call) {
        List<Mishap> all = List.of(
                new Mishap.Unreached(),
                new Mishap.LostAnswer(),
                new Mishap.LostQuestion(),
                Mishap.late(Duration.ofSeconds(1L + chaos.nextInt(LATEST_SECONDS))),
                new Mishap.Busy("busy, as chaos has it"));
        return all.get(chaos.nextInt(call.isWrite() ? all.size() : 2));
    }
}
