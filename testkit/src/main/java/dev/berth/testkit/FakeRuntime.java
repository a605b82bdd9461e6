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
import dev.berth.runtime.Pacing;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.runtime.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client of a {@link FakeEngine} that keeps every law of {@link ContainerRuntime}, and fails when it is told to. What is
 * told counts from the next call on; "the next" and "the nth" are counted for each method over all threads. Safe for use
 * by many threads.
 *
 * <p>Hints are heard on the thread whose call or deed they come from, or on that of another such call, never twice at
 * once. So a test without threads is the same at every run.
 */
public final class FakeRuntime implements ContainerRuntime<FakeSpec> {
    /** Between two looks after what is being removed. */
    private static final Duration POLL = Duration.ofMillis(20);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Scope scope;
    private final FakeMishaps mishaps = new FakeMishaps();
    private final List<FakeHints.Listening> watches = new ArrayList<>();
    private FakeDaemon daemon;
    private @Nullable Pacing pacing;
    private boolean closed;

    private FakeRuntime(FakeEngine engine, Scope scope) {
        this.daemon = InvalidInputException.requireNonNull("engine", engine).daemon;
        this.scope = InvalidInputException.requireNonNull("scope", scope);
    }

    /**
     * Connects to an engine.
     *
     * @param engine the engine
     * @param scope whose instances they are
     * @return the client
     */
    public static FakeRuntime on(FakeEngine engine, Scope scope) {
        return new FakeRuntime(engine, scope);
    }

    /**
     * Says how to wait for the end of a removal that {@linkplain FakeEngine#removalTaking takes its time}; for at most 30
     * seconds. Without it nothing waits: such a removal is {@link Removal.Unknown}.
     *
     * @param how how to wait
     * @return this client
     */
    public synchronized FakeRuntime pacing(Pacing how) {
        pacing = InvalidInputException.requireNonNull("pacing", how);
        return this;
    }

    /**
     * Puts another engine behind the same client, as when a daemon was replaced. Its watches hear of a gap, and then of the
     * other engine.
     *
     * @param other the other engine
     */
    public void connect(FakeEngine other) {
        InvalidInputException.requireNonNull("engine", other);
        synchronized (this) {
            watches.forEach(daemon.hints::remove);
            daemon = other.daemon;
            watches.forEach(daemon.hints::add);
            daemon.hints.tell(Hint.Kind.GAP, "");
        }
        other.daemon.hints.deliver();
    }

    // ------------------------------------------------------------------ failing

    /**
     * Makes the next call of a method fail; told twice, the next two.
     *
     * @param call the method
     * @param mishap what befalls it
     * @return this client
     */
    public FakeRuntime next(RuntimeCall call, Mishap mishap) {
        mishaps.next(
                InvalidInputException.requireNonNull("call", call),
                InvalidInputException.requireNonNull("mishap", mishap));
        return this;
    }

    /**
     * Makes a later call of a method fail.
     *
     * @param call the method
     * @param nth which call from now on, 1 for the next
     * @param mishap what befalls it
     * @return this client
     */
    public FakeRuntime nth(RuntimeCall call, int nth, Mishap mishap) {
        if (nth < 1) {
            throw InvalidInputException.of("nth", nth, "1 or more");
        }
        mishaps.nth(
                InvalidInputException.requireNonNull("call", call),
                nth,
                InvalidInputException.requireNonNull("mishap", mishap));
        return this;
    }

    /**
     * Makes calls fail at random from now on, each in one of the ways in which a transport or an engine fails: reads are
     * not reached or not answered, writes also happen late, not at all, or meet a busy engine. Without threads, the same
     * seed gives the same mishaps.
     *
     * @param seed the seed
     * @param rate the share of calls that fail, 0 to 1
     * @return this client
     */
    public FakeRuntime chaos(long seed, double rate) {
        if (!(rate >= 0 && rate <= 1)) {
            throw InvalidInputException.of("rate", rate, "0 to 1");
        }
        mishaps.chaos(seed, rate);
        return this;
    }

    /** Makes no call fail any more, neither by plan nor by chance. */
    public void calm() {
        mishaps.calm();
    }

    // ------------------------------------------------------------------ the runtime

    @Override
    public Scope scope() {
        return scope;
    }

    @Override
    public Fingerprint fingerprint() throws FakeEngineException, InterruptedException {
        FakeDaemon asked = daemon();
        return ask(asked, RuntimeCall.FINGERPRINT, "", all -> asked.fingerprint());
    }

    @Override
    public Inventory inventory() throws FakeEngineException, InterruptedException {
        FakeDaemon asked = daemon();
        return ask(asked, RuntimeCall.INVENTORY, "", all -> asked.listing(scope));
    }

    @Override
    public Sighting look(String instance) throws FakeEngineException, InterruptedException {
        InvalidInputException.requireNonNull("instance id", instance);
        return ask(
                daemon(),
                RuntimeCall.LOOK,
                instance,
                all -> all.find(instance)
                        .<Sighting>map(row -> new Sighting.Present(row.told()))
                        .orElseGet(() -> new Sighting.Absent("No such instance: " + instance)));
    }

    @Override
    public String create(Deployment<FakeSpec> deployment) throws FakeEngineException, InterruptedException {
        InvalidInputException.requireNonNull("deployment", deployment);
        return ask(daemon(), RuntimeCall.CREATE, deployment.name().orElse(""), all -> all.create(deployment).id);
    }

    @Override
    public void start(String instance) throws FakeEngineException, InterruptedException {
        InvalidInputException.requireNonNull("instance id", instance);
        ask(daemon(), RuntimeCall.START, instance, all -> {
            all.start(instance);
            return true;
        });
    }

    @Override
    public void stop(String instance) throws FakeEngineException, InterruptedException {
        InvalidInputException.requireNonNull("instance id", instance);
        ask(daemon(), RuntimeCall.STOP, instance, all -> {
            all.stop(instance);
            return true;
        });
    }

    @Override
    public Health health(String instance) throws FakeEngineException, InterruptedException {
        InvalidInputException.requireNonNull("instance id", instance);
        return ask(
                daemon(),
                RuntimeCall.HEALTH,
                instance,
                all -> all.require(instance).health(all.now()));
    }

    @Override
    public Removal remove(String instance, Mark mark, Removal.Mode mode)
            throws FakeEngineException, InterruptedException {
        InvalidInputException.requireNonNull("instance id", instance);
        InvalidInputException.requireNonNull("mark", mark);
        InvalidInputException.requireNonNull("mode", mode);
        FakeDaemon asked = daemon();
        FakeWorld.Begun begun =
                ask(asked, RuntimeCall.REMOVE, instance, all -> all.remove(instance, mark, mode, scope.name()));
        return begun.ended().isPresent() ? begun.ended().get() : await(asked, begun.serial());
    }

    /** Whatever goes wrong from here on, the removal has begun: it must not look as if nothing had been done. */
    private Removal await(FakeDaemon asked, long serial) throws InterruptedException {
        Pacing pace = pacing();
        long until = pace == null ? 0 : pace.nanos() + PATIENCE.toNanos();
        try {
            while (asked.isThere(serial)) {
                if (pace == null || pace.nanos() >= until) {
                    return new Removal.Unknown("it is still being removed");
                }
                pace.pause(POLL);
            }
            return new Removal.Removed();
        } catch (FakeEngineException failure) {
            return new Removal.Unknown("its removal has begun; then: " + failure.getMessage());
        }
    }

    /** Tells the fault of a {@link FakeEngineException}; everything else is unknown. */
    @Override
    public Fault classify(Throwable failure) {
        if (failure instanceof FakeEngineException known) {
            return known.fault();
        }
        return new Fault.Unknown(
                InvalidInputException.requireNonNull("failure", failure).toString());
    }

    @Override
    public Watch watch(Consumer<Hint> listener) throws FakeEngineException, InterruptedException {
        InvalidInputException.requireNonNull("listener", listener);
        ask(daemon(), RuntimeCall.WATCH, "", all -> true);
        var listening = new FakeHints.Listening(listener);
        synchronized (this) {
            watches.removeIf(FakeHints.Listening::isClosed);
            watches.add(listening);
            daemon.hints.add(listening);
        }
        return listening;
    }

    /** Ends its watches; calls after it fail. The engine lives on. */
    @Override
    public void close() {
        List<FakeHints.Listening> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(watches);
            watches.clear();
            all.forEach(daemon.hints::remove);
        }
        all.forEach(FakeHints.Listening::close);
    }

    private <T> T ask(FakeDaemon asked, RuntimeCall call, String target, FakeDaemon.Question<T> question)
            throws FakeEngineException, InterruptedException {
        return asked.answer(call, target, mishaps.befalling(call), question);
    }

    private synchronized FakeDaemon daemon() throws FakeEngineException {
        if (closed) {
            throw new FakeEngineException(new Fault.Unreachable("this client is closed"));
        }
        return daemon;
    }

    private synchronized @Nullable Pacing pacing() {
        return pacing;
    }

    @Override
    public String toString() {
        return "fake runtime of " + scope;
    }
}
