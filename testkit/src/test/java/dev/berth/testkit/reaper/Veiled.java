package dev.berth.testkit.reaper;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import java.util.HashSet;
import java.util.Set;

/** An engine that lies convincingly: some instances are as if they were gone, whichever way one asks. */
final class Veiled extends ForwardingRuntime<FakeSpec> {
    private final Set<String> hidden = new HashSet<>();
    private boolean dark;

    Veiled(ContainerRuntime<FakeSpec> engine) {
        super(engine);
    }

    void hide(String instance) {
        hidden.add(instance);
    }

    void show(String instance) {
        hidden.remove(instance);
    }

    /** From now on its listings lack something. */
    void darken() {
        dark = true;
    }

    @Override
    public Inventory inventory() throws Exception {
        Inventory all = super.inventory();
        return new Inventory(
                all.scope(),
                dark ? Coverage.partial("some could not be seen") : all.coverage(),
                all.instances().stream()
                        .filter(instance -> !hidden.contains(instance.id()))
                        .toList());
    }

    @Override
    public Sighting look(String instance) throws Exception {
        return hidden.contains(instance) ? new Sighting.Absent("no such instance") : super.look(instance);
    }
}
