package dev.berth.torture;

import dev.berth.runtime.Instance;
import dev.berth.torture.check.Operation;
import dev.berth.torture.check.Ran;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Writes down when instances run. */
final class Running implements Consumer<List<Instance>> {
    private final Map<String, Ran> now = new HashMap<>();
    private final List<Ran> over = new ArrayList<>();

    @Override
    public synchronized void accept(List<Instance> running) {
        long nanos = System.nanoTime();
        Set<String> ids = new HashSet<>();
        for (Instance instance : running) {
            ids.add(instance.id());
            String owner = instance.mark().map(mark -> mark.owner().toString()).orElse("nobody");
            now.putIfAbsent(instance.id(), new Ran(instance.id(), owner, nanos, Operation.NEVER));
        }
        for (String id : Set.copyOf(now.keySet())) {
            if (!ids.contains(id)) {
                Ran ran = now.remove(id);
                over.add(new Ran(ran.instance(), ran.owner(), ran.from(), nanos));
            }
        }
    }

    synchronized List<Ran> all() {
        List<Ran> all = new ArrayList<>(over);
        all.addAll(now.values());
        return all;
    }
}
