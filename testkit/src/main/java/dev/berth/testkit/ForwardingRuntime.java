package dev.berth.testkit;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Health;
import dev.berth.runtime.Hint;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.runtime.Watch;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * A runtime that hands every call on to another: the base of fakes. What happens before, after or instead of all calls
 * goes into {@link #around}, what happens to one into an override of its method.
 *
 * @param <S> what the host hands over to say what to create
 */
public abstract class ForwardingRuntime<S> implements ContainerRuntime<S> {
    private final ContainerRuntime<S> next;

    /**
     * Wraps a runtime.
     *
     * @param next the runtime that does the work
     */
    protected ForwardingRuntime(ContainerRuntime<S> next) {
        this.next = InvalidInputException.requireNonNull("runtime", next);
    }

    private interface Step {
        void run() throws Exception;
    }

    /**
     * Surrounds a call that reaches the engine.
     *
     * @param <T> what the call gives
     * @param call which call
     * @param work the call to the next runtime; gives true where the method gives nothing
     * @return what the caller gets
     * @throws Exception what the caller gets instead
     */
    protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
        return work.call();
    }

    private void run(RuntimeCall call, Step step) throws Exception {
        around(call, () -> {
            step.run();
            return true;
        });
    }

    @Override
    public Scope scope() {
        return next.scope();
    }

    @Override
    public Fingerprint fingerprint() throws Exception {
        return around(RuntimeCall.FINGERPRINT, next::fingerprint);
    }

    @Override
    public Inventory inventory() throws Exception {
        return around(RuntimeCall.INVENTORY, next::inventory);
    }

    @Override
    public Sighting look(String instance) throws Exception {
        return around(RuntimeCall.LOOK, () -> next.look(instance));
    }

    @Override
    public String create(Deployment<S> deployment) throws Exception {
        return around(RuntimeCall.CREATE, () -> next.create(deployment));
    }

    @Override
    public void start(String instance) throws Exception {
        run(RuntimeCall.START, () -> next.start(instance));
    }

    @Override
    public void stop(String instance) throws Exception {
        run(RuntimeCall.STOP, () -> next.stop(instance));
    }

    @Override
    public Health health(String instance) throws Exception {
        return around(RuntimeCall.HEALTH, () -> next.health(instance));
    }

    @Override
    public Removal remove(String instance, Mark mark, Removal.Mode mode) throws Exception {
        return around(RuntimeCall.REMOVE, () -> next.remove(instance, mark, mode));
    }

    @Override
    public Fault classify(Throwable failure) {
        return next.classify(failure);
    }

    @Override
    public Watch watch(Consumer<Hint> listener) throws Exception {
        return around(RuntimeCall.WATCH, () -> next.watch(listener));
    }

    /** Closes the next runtime. */
    @Override
    public void close() {
        next.close();
    }
}
