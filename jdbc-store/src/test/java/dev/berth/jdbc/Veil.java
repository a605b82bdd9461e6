package dev.berth.jdbc;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An engine some of whose instances are gone, and may come back as they were. */
public final class Veil extends ForwardingRuntime<FakeSpec> {
    private final Set<String> hidden = ConcurrentHashMap.newKeySet();

    Veil(ContainerRuntime<FakeSpec> engine) {
        super(engine);
    }

    public void hide(Collection<String> instances) {
        hidden.addAll(instances);
    }

    public void lift() {
        hidden.clear();
    }

    @Override
    public Inventory inventory() throws Exception {
        Inventory all = super.inventory();
        return new Inventory(
                all.scope(),
                all.coverage(),
                all.instances().stream()
                        .filter(instance -> !hidden.contains(instance.id()))
                        .toList());
    }

    @Override
    public Sighting look(String instance) throws Exception {
        return hidden.contains(instance) ? new Sighting.Absent("the engine says so") : super.look(instance);
    }
}
