package dev.berth.testkit.reaper;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;

/** A client at whose next call of a method something happens, once, before or after the engine has answered. */
final class Hooked extends ForwardingRuntime<FakeSpec> {
    private final Map<RuntimeCall, Runnable> before = new EnumMap<>(RuntimeCall.class);
    private final Map<RuntimeCall, Runnable> after = new EnumMap<>(RuntimeCall.class);

    Hooked(ContainerRuntime<FakeSpec> next) {
        super(next);
    }

    Hooked before(RuntimeCall call, Runnable deed) {
        before.put(call, deed);
        return this;
    }

    Hooked after(RuntimeCall call, Runnable deed) {
        after.put(call, deed);
        return this;
    }

    @Override
    protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
        run(before.remove(call));
        T answer = work.call();
        run(after.remove(call));
        return answer;
    }

    private static void run(Runnable deed) {
        if (deed != null) {
            deed.run();
        }
    }

    @Override
    public void close() {}
}
