package dev.berth.proxmox;

import dev.berth.ledger.Owner;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Mark;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A fake cluster, a runtime on it, and guests of ours. */
final class Site implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final FakeProxmox lab;
    final ProxmoxRuntime runtime;
    private final UUID ledger = UUID.randomUUID();

    Site() {
        this(Labs.three());
    }

    Site(FakeProxmox lab) {
        this(lab, Labs.to(lab).build());
    }

    Site(FakeProxmox lab, ProxmoxRuntime runtime) {
        this.lab = lab;
        this.runtime = runtime;
    }

    /** What a step expects to fail with. */
    interface Step {
        void run() throws Exception;
    }

    Mark mark() {
        return new Mark(ledger, UUID.randomUUID(), UUID.randomUUID().toString(), Owner.of("lab", "anna"));
    }

    Deployment<GuestSpec> deployment(int number, Mark mark) {
        return deployment(number, mark, "pve1");
    }

    Deployment<GuestSpec> deployment(int number, Mark mark, String node) {
        return new Deployment<>(
                Labs.container(lab, node).hostName("app-" + number),
                Optional.of(Integer.toString(number)),
                List.of(),
                mark,
                Map.of("app", "web"));
    }

    String create(int number, Mark mark) throws Exception {
        return create(number, mark, "pve1");
    }

    String create(int number, Mark mark, String node) throws Exception {
        return runtime.create(deployment(number, mark, node));
    }

    Fault fault(Step step) {
        try {
            step.run();
        } catch (Exception failure) {
            return runtime.classify(failure);
        }
        throw new AssertionError("it should have failed, and did not");
    }

    /** Waits until something is so, or the test fails. */
    static void await(String what, BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new AssertionError("waited " + PATIENCE + " in vain for " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    long asked(String method, String pathEnd) {
        return lab.requests().stream()
                .filter(seen -> seen.method().equals(method) && seen.path().endsWith(pathEnd))
                .count();
    }

    @Override
    public void close() {
        runtime.close();
        lab.close();
    }
}
