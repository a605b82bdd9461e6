package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.berth.ledger.Owner;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the groups of laws share: a runtime for each law, names and marks of its own, and an end to what it made. */
abstract class RuntimeLaws<S> {
    private static final long POLL = Duration.ofMillis(10).toNanos();
    static final Map<String, String> LABELS = Map.of("app", "law", "com.example/Ünï", "a=b, c");

    private final ContainerRuntimeContract<S> contract;
    private final UUID ledger = UUID.randomUUID();
    private final String prefix = "berth-law-" + ledger.toString().substring(0, 8) + "-";
    private final List<ContainerRuntime<S>> clients = new ArrayList<>();
    private final Set<Integer> ports = new HashSet<>();
    private final Set<String> names = new HashSet<>();
    private int number;
    RuntimeFixture<S> fixture;
    ContainerRuntime<S> runtime;

    RuntimeLaws(ContainerRuntimeContract<S> contract) {
        this.contract = contract;
    }

    /** An instance that a law has made. */
    record Made(String id, String name, Mark mark) {}

    /** What a law expects to fail. */
    interface Step {
        void run() throws Exception;
    }

    @BeforeEach
    final void openRuntime() throws Exception {
        fixture = contract.open();
        runtime = fixture.runtime();
    }

    @AfterEach
    final void closeRuntime() throws Exception {
        if (fixture == null) {
            // It could not be opened, or the engine is not here and the law is skipped.
            return;
        }
        try {
            fixture.road().ifPresent(RuntimeFixture.Road::mend);
            // Twice, since what an interrupted call asked for may come to be during the first time.
            removeMine();
            removeMine();
        } finally {
            clients.forEach(ContainerRuntime::close);
            fixture.close();
        }
    }

    private void removeMine() throws Exception {
        for (Instance mine : mine(runtime)) {
            runtime.remove(mine.id(), mine.mark().orElseThrow(), Removal.Mode.EVEN_IF_RUNNING);
        }
    }

    /** What carries this law's ledger id. */
    List<Instance> mine(ContainerRuntime<S> asked) throws Exception {
        return asked.inventory().instances().stream()
                .filter(one ->
                        one.mark().filter(mark -> mark.ledger().equals(ledger)).isPresent())
                .toList();
    }

    /** Another client of the same engine, that lives as long as the law. */
    ContainerRuntime<S> anotherClient() throws Exception {
        ContainerRuntime<S> other = fixture.another();
        clients.add(other);
        return other;
    }

    /** As many clients as wanted, the first of which is the runtime. */
    List<ContainerRuntime<S>> clients(int wanted) throws Exception {
        List<ContainerRuntime<S>> all = new ArrayList<>(List.of(runtime));
        while (all.size() < wanted) {
            all.add(anotherClient());
        }
        return all;
    }

    // ------------------------------------------------------------------ things

    synchronized String freshName() {
        String name = fixture.name(prefix + ++number);
        names.add(name);
        return name;
    }

    /** Says whether a name is one of {@link #freshName}. */
    synchronized boolean isMine(String name) {
        return names.contains(name);
    }

    Mark freshMark() {
        return new Mark(ledger, UUID.randomUUID(), UUID.randomUUID().toString(), Owner.of("lab", "anna"));
    }

    Deployment<S> deployment(S spec, String name, Mark mark, Publication... ports) {
        return new Deployment<>(spec, Optional.of(name), List.of(ports), mark, LABELS);
    }

    Made created(Publication... ports) throws Exception {
        return created(fixture.running(), ports);
    }

    Made created(S spec, Publication... ports) throws Exception {
        String name = freshName();
        Mark mark = freshMark();
        return new Made(runtime.create(deployment(spec, name, mark, ports)), name, mark);
    }

    Made started(Publication... ports) throws Exception {
        Made made = created(ports);
        runtime.start(made.id());
        awaitState(made, InstanceState.RUNNING);
        return made;
    }

    /** A TCP port that is free, published; the law is skipped where no ports are. */
    Publication freshPort() throws Exception {
        if (!fixture.publishesPorts()) {
            abort("skipped: this runtime publishes no ports");
        }
        int port = fixture.freePort();
        while (!ports.add(port)) {
            port = fixture.freePort();
        }
        return Publication.tcp(port, 80);
    }

    /** The road to the engine; the law is skipped where it cannot be disturbed. */
    RuntimeFixture.Road road() {
        if (fixture.road().isEmpty()) {
            abort("skipped: the road to this engine cannot be disturbed");
        }
        return fixture.road().orElseThrow();
    }

    // ------------------------------------------------------------------ looking

    Sighting look(Made made) throws Exception {
        return runtime.look(made.id());
    }

    Instance seen(Made made) throws Exception {
        Sighting sighting = look(made);
        assertThat(sighting).isInstanceOf(Sighting.Present.class);
        return sighting.seen().orElseThrow();
    }

    Instance listed(String id) throws Exception {
        return runtime.inventory().instances().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the listing lacks " + id));
    }

    void awaitState(Made made, InstanceState state) throws Exception {
        await(made.name() + " to be " + state, () -> seen(made).state() == state);
    }

    /** Asks again and again until it is so, or the law fails. */
    void await(String what, Callable<Boolean> condition) throws Exception {
        long until = System.nanoTime() + fixture.patience().toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("waited " + fixture.patience() + " in vain for " + what);
            }
            LockSupport.parkNanos(POLL);
        }
    }

    /** What the runtime says about the failure of a step, which must fail. */
    Fault faultOf(Step step) {
        try {
            step.run();
        } catch (Exception failure) {
            return runtime.classify(failure);
        }
        throw new AssertionError("it should have failed, and did not");
    }
}
