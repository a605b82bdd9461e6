package dev.berth.benchmarks;

import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Health;
import dev.berth.runtime.Hint;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.runtime.Watch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * An engine with very many instances, that are made anew for each listing as an adapter makes them. Its calls take the time
 * that they are told to: one that costs nothing would make whoever calls it for each row look better than he is.
 */
final class ListedEngine implements ContainerRuntime<Void> {
    static final Scope SCOPE = Scope.of("node-1");
    /** Less than any engine takes that is asked over a socket. */
    static final Duration CALL = Duration.ofNanos(200_000);
    /** What an instance adds to the time of a listing. */
    static final Duration LISTED = Duration.ofNanos(10_000);

    private static final UUID LEDGER = new UUID(1, 1);
    /** As long as the ids of Docker, with the number at its end. */
    private static final String LONG = "f".repeat(56);

    private static final int DIGITS = 8;

    private final int count;
    private final Detail detail;
    private final AtomicLong calls = new AtomicLong();
    private volatile int gone;

    /** How much is told of an instance. */
    enum Detail {
        /** An id of 64 letters, a name, a mark of five labels, a port. */
        FULL,
        /** A short id, which is the name as well. */
        LEAN
    }

    ListedEngine(int count, Detail detail) {
        this.count = count;
        this.detail = detail;
    }

    /** So many of the instances, spread over all, do not exist any more. */
    void lose(int number) {
        gone = number;
    }

    /** How often it was called since it was asked last. */
    long calls() {
        return calls.getAndSet(0);
    }

    static String id(int number, Detail detail) {
        String digits = Integer.toString(100_000_000 + number).substring(1);
        return detail == Detail.FULL ? LONG + digits : digits;
    }

    static String nonce(int number) {
        return "nonce-" + number;
    }

    static UUID claim(int number) {
        return new UUID((0x0190_0000_0000L + number) << 16 | 0x7000, 0x8000_0000_0000_0000L | number);
    }

    static Owner owner(int number) {
        return Owner.of("lab", "app-" + number);
    }

    private Instance instance(int number) {
        String id = id(number, detail);
        if (detail == Detail.LEAN) {
            return Instance.of(id, id, InstanceState.RUNNING, Map.of());
        }
        var mark = new Mark(LEDGER, claim(number), nonce(number), owner(number));
        var port =
                new Publication(ResourceKind.TCP_PORT, 1 + number % Herd.PORTS, 80, java.util.Optional.of("0.0.0.0"));
        return Instance.of(id, "app-" + number, InstanceState.RUNNING, mark.labels())
                .publishing(List.of(port), List.of(port));
    }

    private boolean exists(int number) {
        int lost = gone;
        return number < count && (lost == 0 || number % (count / lost) != 0 || number / (count / lost) >= lost);
    }

    private void took(Duration span) {
        calls.incrementAndGet();
        long until = System.nanoTime() + span.toNanos();
        for (long left = span.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public Scope scope() {
        return SCOPE;
    }

    @Override
    public Fingerprint fingerprint() {
        took(CALL);
        return new Fingerprint(Map.of("engine", "one of benchmarks"));
    }

    @Override
    public Inventory inventory() {
        took(CALL.plus(LISTED.multipliedBy(count)));
        return new Inventory(
                SCOPE,
                Coverage.complete(),
                IntStream.range(0, count)
                        .filter(this::exists)
                        .mapToObj(this::instance)
                        .toList());
    }

    @Override
    public Sighting look(String id) {
        took(CALL);
        int number = Integer.parseInt(id.substring(id.length() - DIGITS));
        return exists(number)
                ? new Sighting.Present(instance(number))
                : new Sighting.Absent("No such container: " + id);
    }

    @Override
    public String create(Deployment<Void> deployment) {
        throw new UnsupportedOperationException("only looked at");
    }

    @Override
    public void start(String id) {
        throw new UnsupportedOperationException("only looked at");
    }

    @Override
    public void stop(String id) {
        throw new UnsupportedOperationException("only looked at");
    }

    @Override
    public Health health(String id) {
        throw new UnsupportedOperationException("only looked at");
    }

    @Override
    public Removal remove(String id, Mark mark, Removal.Mode mode) {
        throw new UnsupportedOperationException("only looked at");
    }

    @Override
    public Fault classify(Throwable failure) {
        return new Fault.Unknown(failure.toString());
    }

    @Override
    public Watch watch(Consumer<Hint> listener) {
        return Watch.none();
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
