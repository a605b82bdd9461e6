package dev.berth.torture;

import dev.berth.jdbc.EngineServer;
import dev.berth.jdbc.FaultProxy;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.runtime.Instance;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Breaks everything around the workers, at random times, by a seed. For one thread. */
final class Nemesis {
    private static final int LONGEST_PAUSE_MILLIS = 4_500;
    private static final int SHORTEST_PAUSE_MILLIS = 2_500;
    private static final int LONGEST_FAULT_MILLIS = 6_000;
    private static final int HOURS = 20;
    private static final Duration STEP = Duration.ofMinutes(4);

    private final Random random;
    private final List<Slot> slots;
    private final Arena arena;
    private final EngineServer engine;
    private final Aging aging;
    private final int settled;
    private final Map<String, Integer> struck = new TreeMap<>();
    private final Map<String, Arena.Blow> blows = new TreeMap<>();
    private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::nanos));
    private int vanished;

    /** Something that is to be done later. */
    private record Due(long nanos, Arena.Blow deed) {}

    Nemesis(Random random, List<Slot> slots, Arena arena, EngineServer engine, Aging aging, int settled) {
        this.random = random;
        this.slots = slots;
        this.arena = arena;
        this.engine = engine;
        this.aging = aging;
        this.settled = settled;
        // The first is spared, to see what one needs that lives for long.
        blows.put(
                "worker killed",
                () -> slots.get(1 + random.nextInt(slots.size() - 1)).replace());
        blows.put("worker stopped", this::pause);
        blows.put("clock jumped", () -> {
            Slot slot = any();
            if (!slot.isPaused()) {
                slot.jump(TimeUnit.HOURS.toMillis(random.nextInt(2 * HOURS) - HOURS));
            }
        });
        blows.put("instance gone", this::vanish);
        blows.put("time passed", this::age);
        if (arena.isRemote()) {
            blows.put("cut", () -> proxy().cut());
            blows.put("request lost", () -> proxy().cutRequest(1 + random.nextInt(5)));
            blows.put("answer lost", () -> proxy().cutAnswer(1 + random.nextInt(5)));
            blows.put("request stalled", this::stall);
            blows.put("half open", this::hold);
            blows.put("slow", this::delay);
            blows.put("refused", this::refuse);
        }
        blows.putAll(arena.blows());
    }

    private Slot any() {
        return slots.get(random.nextInt(slots.size()));
    }

    private FaultProxy proxy() {
        return any().proxy().orElseThrow();
    }

    /** Strikes until a time, with a rest of at most so long between two blows. */
    void rage(long until, Duration rest) throws Exception {
        List<String> names = new ArrayList<>(blows.keySet());
        while (System.nanoTime() < until) {
            String name = names.get(random.nextInt(names.size()));
            blows.get(name).strike();
            struck.merge(name, 1, Integer::sum);
            rest(random.nextInt((int) rest.toMillis()));
        }
    }

    /** Strikes the place itself, in each way once. */
    void strikeArena() throws Exception {
        for (Map.Entry<String, Arena.Blow> blow : arena.blows().entrySet()) {
            blow.getValue().strike();
            struck.merge(blow.getKey(), 1, Integer::sum);
        }
    }

    /** Ends everything that has not ended yet. */
    void relent() throws Exception {
        for (Due one = due.poll(); one != null; one = due.poll()) {
            one.deed().strike();
        }
        for (Slot slot : slots) {
            slot.wake();
            slot.proxy().ifPresent(FaultProxy::disarm);
        }
        arena.mend();
    }

    /** How often what has happened. */
    Map<String, Integer> struck() {
        return struck;
    }

    private void rest(int millis) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        do {
            while (!due.isEmpty() && due.peek().nanos() <= System.nanoTime()) {
                due.remove().deed().strike();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        } while (System.nanoTime() < end);
    }

    private void later(int millis, Arena.Blow deed) {
        due.add(new Due(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), deed));
    }

    private void pause() throws Exception {
        Slot slot = any();
        slot.pause();
        later(SHORTEST_PAUSE_MILLIS + random.nextInt(LONGEST_PAUSE_MILLIS - SHORTEST_PAUSE_MILLIS), slot::wake);
    }

    private void stall() {
        FaultProxy proxy = proxy();
        proxy.stallRequest(1 + random.nextInt(5));
        later(random.nextInt(LONGEST_FAULT_MILLIS), proxy::resume);
    }

    private void hold() {
        FaultProxy proxy = proxy();
        proxy.hold();
        later(random.nextInt(LONGEST_FAULT_MILLIS), proxy::resume);
    }

    private void delay() {
        FaultProxy proxy = proxy();
        proxy.delay(Duration.ofMillis(1 + random.nextInt(80)));
        later(random.nextInt(LONGEST_FAULT_MILLIS), () -> proxy.delay(Duration.ZERO));
    }

    private void refuse() {
        FaultProxy proxy = proxy();
        proxy.refuse();
        later(random.nextInt(LONGEST_FAULT_MILLIS / 3), proxy::admit);
    }

    /** An outsider removes an instance that nobody else would touch; not too many, or the breaker opens. */
    private void vanish() {
        if (vanished >= settled / 3) {
            return;
        }
        List<Instance> there = engine.engine.instances().stream()
                .filter(one -> one.mark()
                        .map(mark -> mark.owner().tenant().equals(World.SETTLED_TENANT))
                        .orElse(false))
                .toList();
        vanished++;
        engine.meddle(all ->
                all.removeInstance(there.get(random.nextInt(there.size())).id()));
    }

    private void age() {
        try {
            aging.pass(World.SETTLED_TENANT, STEP);
        } catch (SQLException | StoreUnavailableException busy) {
            // Time has not passed then.
        }
    }
}
