package dev.berth.testkit;

import dev.berth.ledger.Scope;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Pacing;
import dev.berth.runtime.Publication;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** What the contract suite needs around a fake engine. */
final class FakeFixture implements RuntimeFixture<FakeSpec> {
    private static final Scope NODE = Scope.of("node-1");

    private final FakeEngine engine;
    private final UnaryOperator<ContainerRuntime<FakeSpec>> wrapping;
    private final AtomicInteger ports = new AtomicInteger(5000);
    private final ContainerRuntime<FakeSpec> runtime;

    FakeFixture(FakeEngine engine) {
        this(engine, runtime -> runtime);
    }

    FakeFixture(FakeEngine engine, UnaryOperator<ContainerRuntime<FakeSpec>> wrapping) {
        this.engine = engine.withoutImage("nope:1");
        this.wrapping = wrapping;
        this.runtime = another();
    }

    static FakeEngine engine() {
        return FakeEngine.of(Clock.systemUTC());
    }

    @Override
    public ContainerRuntime<FakeSpec> runtime() {
        return runtime;
    }

    @Override
    public ContainerRuntime<FakeSpec> another() {
        return wrapping.apply(FakeRuntime.on(engine, NODE).pacing(Pacing.system()));
    }

    @Override
    public FakeSpec running() {
        return FakeSpec.of("web:1");
    }

    @Override
    public FakeSpec exiting() {
        return FakeSpec.of("web:1").exitingAtOnce();
    }

    @Override
    public FakeSpec rejected() {
        return FakeSpec.of("nope:1");
    }

    @Override
    public String stranger(String name, List<Publication> publications) {
        return engine.stranger(name, publications.toArray(Publication[]::new));
    }

    @Override
    public AutoCloseable occupy(int port) {
        engine.occupy(port);
        return () -> engine.vacate(port);
    }

    @Override
    public int freePort() {
        return ports.incrementAndGet();
    }

    @Override
    public Optional<AutoCloseable> guard(String id) {
        engine.guardInstance(id, "a template");
        return Optional.of(() -> engine.unguardInstance(id));
    }

    @Override
    public Optional<Road> road() {
        return Optional.of(new Road() {
            @Override
            public void cut() {
                engine.die();
            }

            @Override
            public void block() {
                engine.hang();
            }

            @Override
            public boolean isWaiting() {
                return engine.hanging() > 0;
            }

            @Override
            public void mend() {
                engine.release();
                engine.comeBack(FakeEngine.Revival.KEPT_RUNNING);
            }
        });
    }

    @Override
    public Duration patience() {
        return Duration.ofMillis(500);
    }

    @Override
    public void close() {
        runtime.close();
    }
}
