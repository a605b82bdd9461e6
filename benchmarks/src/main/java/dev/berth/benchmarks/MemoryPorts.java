package dev.berth.benchmarks;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One port by a map of this process under one lock. Where it begins to look is what tells applications, which always begin at
 * the first one, from moby's allocator of ports, which goes on after the one that it gave last
 * ({@code libnetwork/portallocator}, {@code portMap.getPort}).
 */
final class MemoryPorts implements Contender<NaiveSlot> {
    static final String MOBY = "moby";

    private final String name;
    private final int slots;
    private final Map<Integer, String> owners = new HashMap<>();
    private final Map<String, Integer> held = new HashMap<>();
    private int last = -1;

    MemoryPorts(String name, int slots) {
        this.name = name;
        this.slots = slots;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<NaiveSlot> fill(int count) {
        synchronized (owners) {
            IntStream.range(0, count).forEach(slot -> hold(slot, "running-" + slot));
        }
        return IntStream.range(0, count).mapToObj(i -> new NaiveSlot(i, i)).toList();
    }

    private NaiveSlot hold(int slot, String owner) {
        owners.put(slot, owner);
        held.put(owner, slot);
        return new NaiveSlot(slot, slot);
    }

    @Override
    public NaiveSlot take(int caller, String owner) {
        synchronized (owners) {
            int first = name.equals(MOBY) ? last + 1 : 0;
            for (int i = 0; i < slots; i++) {
                int slot = (first + i) % slots;
                if (!owners.containsKey(slot)) {
                    last = slot;
                    return hold(slot, owner);
                }
            }
        }
        throw new IllegalStateException("no free slot of " + slots);
    }

    @Override
    public void giveBack(int caller, NaiveSlot given) {
        synchronized (owners) {
            held.remove(owners.remove(given.slot()));
        }
    }

    @Override
    public NaiveSlot again(int caller, NaiveSlot asked) {
        synchronized (owners) {
            int slot = held.getOrDefault("running-" + asked.slot(), -1);
            return new NaiveSlot(slot, slot);
        }
    }

    @Override
    public int slot(NaiveSlot held) {
        return held.slot();
    }

    @Override
    public long retries() {
        return 0;
    }

    @Override
    public List<String> check(Collection<NaiveSlot> taken) {
        synchronized (owners) {
            return NaiveSlot.check(taken, owners.size());
        }
    }

    @Override
    public double stretch(Collection<NaiveSlot> taken) {
        return NaiveSlot.stretch(taken);
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
